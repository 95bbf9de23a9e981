// LeNet-5 of the course: from a picture of 28 by 28 numbers to ten logits, and what each unit adds to one of them.
var cnn = cnn || {};

(function () {
  'use strict';
  const { correlate, maxPool, addBias, relu, dense, softmax } = cnn.arithmetic;

  // Return what every layer gives for a picture, by the names of the layers.
  function forward(weights, picture) {
    const of = (layer) => [weights[`${layer}/kernel`], weights[`${layer}/bias`]];
    const convolve = (image, [kernel, bias]) => relu(addBias(correlate(image, kernel), bias));
    const conv1 = convolve(picture, of('conv1'));
    const pool2 = maxPool(conv1);
    const conv3 = convolve(pool2, of('conv3'));
    const pool4 = maxPool(conv3);
    const dense6 = relu(dense(pool4, ...of('dense6')));
    const dense7 = relu(dense(dense6, ...of('dense7')));
    const logits = dense(dense7, ...of('logits'));
    return { conv1, pool2, conv3, pool4, dense6, dense7, logits, probabilities: softmax(logits) };
  }

  // Return how much each unit of the two last hidden layers adds to the logit of a class. A unit adds its value times
  // how steeply the logit rises with it. Where no ReLU changes sides, logits are sums, so what the units of a layer
  // add, and the biases behind it, make up the whole logit.
  function contributions(weights, layers, digit) {
    const steepness = (kernel, after) => {
      const [units, next] = kernel.shape;
      return Float64Array.from({ length: units }, (_, unit) =>
        after.reduce((sum, slope, i) => sum + kernel.data[unit * next + i] * slope, 0)
      );
    };
    const chosen = Array.from(layers.logits.data, (_, i) => (i === digit ? 1 : 0));
    const slope7 = steepness(weights['logits/kernel'], chosen);
    const open7 = Array.from(slope7, (slope, unit) => (layers.dense7.data[unit] > 0 ? slope : 0));
    const slope6 = steepness(weights['dense7/kernel'], open7);
    return {
      dense6: slope6.map((slope, unit) => slope * layers.dense6.data[unit]),
      dense7: slope7.map((slope, unit) => slope * layers.dense7.data[unit]),
    };
  }

  cnn.lenet5 = { forward, contributions };
})();
