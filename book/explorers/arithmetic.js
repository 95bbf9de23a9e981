// The arithmetic of a convolutional network: correlation, pooling, ReLU, dense layers and softmax, as in Keras.
//
// An array is {data, shape}: `data` is a Float32Array in row order, the last axis fastest. A picture has the shape
// (rows, columns) or (rows, columns, channels), a kernel (rows, columns) or (rows, columns, channels in, channels out).
// Sums are added up in one fixed order, in double precision, and rounded once: every browser gives the same numbers.
var cnn = cnn || {};

(function () {
  'use strict';

  const isCount = (number) => Number.isInteger(number) && number >= 1;

  function demand(holds, sentence) {
    if (!holds) throw new RangeError(sentence);
  }

  // Return an array of this shape, filled with `values` or with zeros.
  function array(shape, values) {
    demand(shape.length && shape.every(isCount), `A shape is a list of whole numbers of at least 1, got [${shape}].`);
    const size = shape.reduce((all, each) => all * each);
    const data = values ? Float32Array.from(values) : new Float32Array(size);
    demand(data.length === size, `Shape [${shape}] needs ${size} numbers, got ${data.length}.`);
    return { data, shape };
  }

  // Return a shape with the axes for channels that it may leave out.
  function full(what, shape, axes) {
    demand(shape.length === 2 || shape.length === axes, `A ${what} has 2 or ${axes} axes, got the shape [${shape}].`);
    return [...shape, 1, 1].slice(0, axes);
  }

  // Return how many windows fit along one side, and how many zeros lie before its first pixel. `padding` is "VALID",
  // "SAME" (an odd zero goes after the last pixel), or a number of zeros on both sides.
  function windows(size, kernelSize, { stride = 1, padding = 'VALID', dilation = 1 }) {
    const numbers = [size, kernelSize, stride, dilation];
    demand(numbers.every(isCount), `Size, kernel, stride and dilation must be at least 1, got ${numbers}.`);
    const reach = dilation * (kernelSize - 1) + 1;
    if (padding === 'SAME') {
      const count = Math.ceil(size / stride);
      return { count, before: Math.floor(Math.max((count - 1) * stride + reach - size, 0) / 2) };
    }
    const before = padding === 'VALID' ? 0 : padding;
    demand(before === 0 || isCount(before), `padding is "VALID", "SAME" or a number of zeros, got ${padding}.`);
    const room = size + 2 * before;
    demand(reach <= room, `A kernel that reaches over ${reach} pixels does not fit into ${room}.`);
    return { count: Math.floor((room - reach) / stride) + 1, before };
  }

  // The size formula: the number of windows along one side.
  const outputSize = (size, kernelSize, options = {}) => windows(size, kernelSize, options).count;

  // Lay a kernel over every window of a picture, multiply number by number, and add up: cross-correlation, which
  // deep learning calls convolution. With `flip` the kernel is turned by 180 degrees before: mathematics' convolution.
  function correlate(image, kernel, options = {}) {
    const { stride = 1, dilation = 1, flip = false } = options;
    const [height, width, channels] = full('picture', image.shape, 3);
    const [kernelHeight, kernelWidth, depth, filters] = full('kernel', kernel.shape, 4);
    demand(depth === channels, `The picture has ${channels} channels, the kernel [${kernel.shape}] reads ${depth}.`);
    const [down, across] = [windows(height, kernelHeight, options), windows(width, kernelWidth, options)];
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
            const place = i * kernelWidth + j;
            let weight = (flip ? kernelHeight * kernelWidth - 1 - place : place) * channels * filters;
            let pixel = (y * width + x) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const value = image.data[pixel++];
              for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel.data[weight++];
            }
          }
        }
        for (let filter = 0; filter < filters; filter++) answer.data[at++] = sums[filter];
      }
    }
    return alike(image, answer);
  }

  // Make one number of every window, in each map by itself; padding does not count.
  function pool(image, { size = 2, stride = size, padding = 'VALID' } = {}, summary) {
    const [height, width, channels] = full('picture', image.shape, 3);
    const [down, across] = [height, width].map((side) => windows(side, size, { stride, padding }));
    const answer = array([down.count, across.count, channels]);
    answer.data.forEach((_, i) => {
      const [row, column] = [Math.floor(i / channels / across.count), Math.floor(i / channels) % across.count];
      const [top, left] = [row * stride - down.before, column * stride - across.before];
      const values = [];
      for (let y = Math.max(top, 0); y < Math.min(top + size, height); y++) {
        for (let x = Math.max(left, 0); x < Math.min(left + size, width); x++) {
          values.push(image.data[(y * width + x) * channels + (i % channels)]);
        }
      }
      answer.data[i] = summary(values);
    });
    return alike(image, answer);
  }

  const maxPool = (image, options) => pool(image, options, (values) => Math.max(...values));
  const averagePool = (image, options) =>
    pool(image, options, (values) => values.reduce((sum, value) => sum + value) / values.length);

  // Leave out the third axis where the picture left it out.
  function alike(image, { data, shape }) {
    return { data, shape: image.shape.length === 2 && shape[2] === 1 ? shape.slice(0, 2) : shape };
  }

  // Add to every number the bias of its channel.
  function addBias({ data, shape }, bias) {
    const channels = shape[shape.length - 1];
    demand(bias.data.length === channels, `There are ${channels} channels, but ${bias.data.length} biases.`);
    return { data: data.map((value, i) => value + bias.data[i % channels]), shape };
  }

  // Set negative numbers to zero.
  const relu = ({ data, shape }) => ({ data: data.map((value) => Math.max(value, 0)), shape });

  // Give each unit the sum of all inputs, each times a weight of its own, and a bias. Maps are written in one row.
  function dense({ data }, kernel, bias) {
    const [count, units] = kernel.shape;
    demand(data.length === count, `There are ${data.length} inputs, but the kernel has the shape [${kernel.shape}].`);
    const sums = new Float64Array(units);
    let weight = 0;
    for (let input = 0; input < count; input++) {
      for (let unit = 0; unit < units; unit++) sums[unit] += data[input] * kernel.data[weight++];
    }
    return addBias(array([units], sums), bias);
  }

  // Turn scores into shares that add up to 1.
  function softmax({ data, shape }) {
    const largest = Math.max(...data);
    const powers = Array.from(data, (logit) => Math.exp(logit - largest)); // of the largest it is 1: no overflow
    const sum = powers.reduce((all, power) => all + power);
    return array(shape, powers.map((power) => power / sum));
  }

  cnn.arithmetic = { array, outputSize, correlate, maxPool, averagePool, addBias, relu, dense, softmax };
})();
