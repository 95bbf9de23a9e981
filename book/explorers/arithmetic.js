// The arithmetic of a convolutional network: correlation, pooling, ReLU, dense layers and softmax, as in Keras.
//
// An array is an object {data, shape}: `data` is a Float32Array in row order, the last axis fastest; `shape` lists the
// lengths of the axes. A picture is (rows, columns) or (rows, columns, channels); a kernel is (rows, columns) or
// (rows, columns, channels of the picture, channels of the answer). Sums are added up in one fixed order, in double
// precision, and rounded once, so every browser gives the same numbers.
var cnn = cnn || {};

(function () {
  'use strict';

  // Arrays ------------------------------------------------------------------------------------------------------

  const product = (numbers) => numbers.reduce((all, each) => all * each, 1);

  // Return an array of this shape, filled with `values` or with zeros.
  function array(shape, values) {
    demand(
      Array.isArray(shape) && shape.length > 0 && shape.every(isCount),
      `A shape is a list of whole numbers of at least 1, got [${shape}].`
    );
    const size = product(shape);
    const data = values === undefined ? new Float32Array(size) : Float32Array.from(values);
    demand(data.length === size, `Shape [${shape}] needs ${size} numbers, got ${data.length}.`);
    return { data, shape: shape.slice() };
  }

  // Return a picture with its channels as a third axis, which a picture of two axes leaves out.
  function asPicture(picture) {
    const { data, shape } = picture;
    demand(
      shape.length === 2 || shape.length === 3,
      `A picture has the shape (rows, columns) or (rows, columns, channels), got [${shape}].`
    );
    demand(data.length === product(shape), `Shape [${shape}] needs ${product(shape)} numbers, got ${data.length}.`);
    return shape.length === 3 ? picture : { data, shape: [...shape, 1] };
  }

  function asKernel(kernel, channels) {
    const { data, shape } = kernel;
    demand(
      shape.length === 2 || shape.length === 4,
      `A kernel has the shape (rows, columns) or (rows, columns, channels in, channels out), got [${shape}].`
    );
    const full = shape.length === 4 ? shape : [...shape, 1, 1];
    demand(full[2] === channels, `The picture has ${channels} channels, but the kernel [${shape}] reads ${full[2]}.`);
    demand(data.length === product(full), `Shape [${shape}] needs ${product(full)} numbers, got ${data.length}.`);
    return { data, shape: full };
  }

  // Where windows lie -------------------------------------------------------------------------------------------

  // Return how many windows fit along one side, and how many zeros lie before the first pixel.
  // `padding` is "VALID", "SAME" (an odd zero goes after), or a number of zeros on both sides.
  function windows(size, reach, stride, padding) {
    if (padding === 'SAME') {
      const count = Math.ceil(size / stride);
      const zeros = Math.max((count - 1) * stride + reach - size, 0);
      return { count, before: Math.floor(zeros / 2) };
    }
    const before = padding === 'VALID' ? 0 : padding;
    demand(
      before === 0 || isCount(before),
      `padding is "VALID", "SAME" or a whole number of at least 0, got ${padding}.`
    );
    demand(
      reach <= size + 2 * before,
      `A kernel that reaches over ${reach} pixels does not fit into ${size + 2 * before}.`
    );
    return { count: Math.floor((size + 2 * before - reach) / stride) + 1, before };
  }

  // Return the number of windows along one side: the size formula.
  function outputSize(size, kernelSize, { stride = 1, padding = 'VALID', dilation = 1 } = {}) {
    demand(
      [size, kernelSize, stride, dilation].every(isCount),
      `Size, kernel, stride and dilation are whole numbers of at least 1, got ${[size, kernelSize, stride, dilation]}.`
    );
    return windows(size, dilation * (kernelSize - 1) + 1, stride, padding).count;
  }

  // Return the windows of a picture down and across.
  function placed(shape, sides, { stride = 1, padding = 'VALID', dilation = 1 }) {
    return [0, 1].map((axis) => {
      outputSize(shape[axis], sides[axis], { stride, padding, dilation });
      return windows(shape[axis], dilation * (sides[axis] - 1) + 1, stride, padding);
    });
  }

  // Layers ------------------------------------------------------------------------------------------------------

  // Lay a kernel over every window of a picture, multiply number by number, and add up: cross-correlation, which
  // deep learning calls convolution. With `flip` the kernel is turned by 180 degrees before: mathematics' convolution.
  function correlate(image, kernel, options = {}) {
    const { data: pixels, shape } = asPicture(image);
    const [height, width, channels] = shape;
    const { data: weights, shape: sides } = asKernel(kernel, channels);
    const [kernelHeight, kernelWidth, , filters] = sides;
    const { stride = 1, dilation = 1, flip = false } = options;
    const [down, across] = placed(shape, sides, options);
    const answer = array([down.count, across.count, filters]);
    const sums = new Float64Array(filters);
    let at = 0;
    for (let row = 0; row < down.count; row++) {
      for (let column = 0; column < across.count; column++) {
        sums.fill(0);
        for (let i = 0; i < kernelHeight; i++) {
          const y = row * stride - down.before + i * dilation;
          if (y < 0 || y >= height) continue; // padding: zeros add nothing
          for (let j = 0; j < kernelWidth; j++) {
            const x = column * stride - across.before + j * dilation;
            if (x < 0 || x >= width) continue;
            const place = flip ? (kernelHeight - 1 - i) * kernelWidth + kernelWidth - 1 - j : i * kernelWidth + j;
            let weight = place * channels * filters;
            for (let channel = 0; channel < channels; channel++) {
              const value = pixels[(y * width + x) * channels + channel];
              for (let filter = 0; filter < filters; filter++) sums[filter] += value * weights[weight++];
            }
          }
        }
        for (let filter = 0; filter < filters; filter++) answer.data[at++] = sums[filter];
      }
    }
    return alike(image, answer);
  }

  // Keep the largest number of every window, in each map by itself.
  function maxPool(image, options) {
    return pool(image, options, (values) => values.reduce((most, each) => (each > most ? each : most)));
  }

  // Keep the mean of every window; padding is not counted.
  function averagePool(image, options) {
    return pool(image, options, (values) => values.reduce((sum, each) => sum + each) / values.length);
  }

  function pool(image, { size = 2, stride = size, padding = 'VALID' } = {}, summary) {
    const { data: pixels, shape } = asPicture(image);
    const [height, width, channels] = shape;
    const [down, across] = placed(shape, [size, size], { stride, padding });
    const answer = array([down.count, across.count, channels]);
    let at = 0;
    for (let row = 0; row < down.count; row++) {
      for (let column = 0; column < across.count; column++) {
        const [top, left] = [row * stride - down.before, column * stride - across.before];
        for (let channel = 0; channel < channels; channel++) {
          const values = [];
          for (let y = Math.max(top, 0); y < Math.min(top + size, height); y++) {
            for (let x = Math.max(left, 0); x < Math.min(left + size, width); x++) {
              values.push(pixels[(y * width + x) * channels + channel]);
            }
          }
          answer.data[at++] = summary(values);
        }
      }
    }
    return alike(image, answer);
  }

  // Add to every number the bias of its channel.
  function addBias(values, bias) {
    const channels = values.shape[values.shape.length - 1];
    demand(bias.data.length === channels, `There are ${channels} channels, but ${bias.data.length} biases.`);
    return { data: values.data.map((value, index) => value + bias.data[index % channels]), shape: values.shape };
  }

  // Set negative numbers to zero.
  function relu(values) {
    return { data: values.data.map((value) => (value > 0 ? value : 0)), shape: values.shape };
  }

  // Give each unit the sum of all inputs, each times a weight of its own, and a bias. Maps are written in one row.
  function dense(inputs, kernel, bias) {
    const [count, units] = kernel.shape;
    demand(
      kernel.shape.length === 2 && inputs.data.length === count,
      `There are ${inputs.data.length} inputs, but the kernel has the shape [${kernel.shape}].`
    );
    const sums = new Float64Array(units);
    let weight = 0;
    for (let input = 0; input < count; input++) {
      const value = inputs.data[input];
      for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel.data[weight++];
    }
    return addBias(array([units], sums), bias);
  }

  // Turn scores into shares that add up to 1.
  function softmax(logits) {
    const largest = Math.max(...logits.data);
    const powers = Array.from(logits.data, (logit) => Math.exp(logit - largest));
    const sum = powers.reduce((all, each) => all + each);
    return { data: Float32Array.from(powers, (power) => power / sum), shape: logits.shape };
  }

  // Helpers -----------------------------------------------------------------------------------------------------

  // Leave the third axis out where the picture left it out.
  function alike(image, answer) {
    return image.shape.length === 2 && answer.shape[2] === 1
      ? { data: answer.data, shape: answer.shape.slice(0, 2) }
      : answer;
  }

  function isCount(number) {
    return Number.isInteger(number) && number >= 1;
  }

  function demand(holds, sentence) {
    if (!holds) throw new RangeError(sentence);
  }

  cnn.arithmetic = { array, outputSize, correlate, maxPool, averagePool, addBias, relu, dense, softmax };
})();
