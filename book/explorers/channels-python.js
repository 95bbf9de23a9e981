// Lines of Python that give the numbers of the explorer of channels.
var cnn = cnn || {};
cnn.python = cnn.python || {};

cnn.python.channels = function (settings) {
  'use strict';
  const { layer, filter, row, column, partial, picture } = settings;
  const drawn = `packed = bytes.fromhex(
    "${picture.replace(/.{80}/, '$&"\n    "')}"
)
bits = np.unpackbits(np.frombuffer(packed, np.uint8))[:625]
picture = bits.reshape(1, 25, 25, 1).astype(np.float32)`;
  const ending = layer === 'conv2' && partial === 'kept'
    ? `print(partial[0, ${row}, ${column}].ravel())  # in the order of DepthwiseConv2D`
    : `sums = partial.sum(axis=3)
for numbers in (partial, sums, sums + biases, np.maximum(sums + biases, 0)):
    print(numbers[0, ${row}, ${column}, ..., ${filter}])`;
  return `import numpy as np

from cnn_course.runtime import make_reproducible

make_reproducible()
from cnn_course.activations import feature_maps
from cnn_course.convolution import partial_maps
from cnn_course.datasets import load_smiley
from cnn_course.weights import load_smiley_channels

model = load_smiley_channels()
${picture ? drawn : 'picture = load_smiley()[np.newaxis]'}
channels = ${layer === 'conv2' ? 'feature_maps(model, picture, ["conv1"])["conv1"]' : 'picture'}
kernels, biases = model.get_layer("${layer}").get_weights()
partial = partial_maps(channels, kernels, padding="SAME")
${ending}
`;
};
