// LeNet-5 of the course: from a picture of 28 by 28 numbers to ten logits and probabilities.
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

  cnn.lenet5 = { forward };
})();
