// The arithmetic of LeNet-5: correlation, max pooling, ReLU, dense layers and softmax, as in Keras.
//
// An array is {data, shape}: `data` is a Float32Array in row order, the last axis fastest. A picture has the shape
// (rows, columns, channels), a kernel (rows, columns, channels in, channels out). Sums are added up in one fixed order,
// in double precision, and rounded once: every browser gives the same numbers.
var cnn = cnn || {};

(function () {
  'use strict';

  function demand(holds, sentence) {
    if (!holds) throw new RangeError(sentence);
  }

  // Return an array of this shape, filled with `values` or with zeros.
  function array(shape, values) {
    const isCount = (number) => Number.isInteger(number) && number >= 1;
    demand(shape.length && shape.every(isCount), `A shape is a list of whole numbers of at least 1, got [${shape}].`);
    const size = shape.reduce((all, each) => all * each);
    const data = values ? Float32Array.from(values) : new Float32Array(size);
    demand(data.length === size, `Shape [${shape}] needs ${size} numbers, got ${data.length}.`);
    return { data, shape };
  }

  // Lay a kernel over every window of a picture, multiply number by number, and add up: cross-correlation, which
  // deep learning calls convolution.
  function correlate(image, kernel) {
    const [height, width, channels] = image.shape;
    const [down, across, depth, filters] = kernel.shape;
    const fits = depth === channels && down <= height && across <= width;
    demand(fits, `A kernel of the shape [${kernel.shape}] does not fit a picture of the shape [${image.shape}].`);
    const answer = array([height - down + 1, width - across + 1, filters]);
    const sums = new Float64Array(filters);
    for (let at = 0; at < answer.data.length; at += filters) {
      const row = Math.floor(at / filters / answer.shape[1]);
      const column = (at / filters) % answer.shape[1];
      sums.fill(0);
      let weight = 0;
      for (let i = 0; i < down; i++) {
        let pixel = ((row + i) * width + column) * channels;
        for (let j = 0; j < across * channels; j++) {
          const value = image.data[pixel++];
          for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel.data[weight++];
        }
      }
      answer.data.set(sums, at);
    }
    return answer;
  }

  // Keep of every window of 2 by 2 pixels the largest number, in each map by itself; what is left over does not count.
  function maxPool({ data, shape: [height, width, channels] }) {
    const answer = array([height >> 1, width >> 1, channels]);
    const line = width * channels;
    for (let at = 0; at < answer.data.length; at++) {
      const place = Math.floor(at / channels);
      const [row, column] = [Math.floor(place / answer.shape[1]), place % answer.shape[1]];
      const first = 2 * row * line + 2 * column * channels + (at % channels);
      const below = first + line;
      answer.data[at] = Math.max(data[first], data[first + channels], data[below], data[below + channels]);
    }
    return answer;
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

  cnn.arithmetic = { array, correlate, maxPool, addBias, relu, dense, softmax };
})();
