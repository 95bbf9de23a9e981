// Lines of Python that give the numbers of the explorer of convolution.
var cnn = cnn || {};
cnn.python = cnn.python || {};

cnn.python.convolution = function (settings) {
  'use strict';
  const { operation, picture, kernel, size, stride, padding, dilation, flip, beside, pools } = settings;
  const array = (rows) => `np.array([${rows.map((row) => `[${row.join(', ')}]`).join(', ')}])`;
  const name = pools ? `${operation}_pool` : flip === 'yes' ? 'convolve' : 'cross_correlate';
  const options = pools
    ? `${size}, ${stride}, "${padding}"`
    : `kernel[:, :, np.newaxis, np.newaxis], strides=${stride}, padding="${padding}", dilation=${dilation}`;
  const more = {
    none: '',
    second: 'print(layer(layer(picture)))',
    normalized: pools ? '' : `weights, ones = kernel - kernel.mean(), np.ones(kernel.shape)
squares = layer(picture**2, ones) - layer(picture, ones) ** 2 / ones.size
contrast = np.sqrt(np.maximum(squares, 0)) * np.linalg.norm(weights)
fit = layer(picture, weights)
print(np.divide(fit, contrast, out=0.0 * fit, where=contrast > 1e-9))`,
  };
  return `import numpy as np

from cnn_course.${pools ? 'pooling' : 'convolution'} import ${name}

picture = ${array(picture)}
kernel = ${pools ? 'None' : array(kernel)}


def layer(picture, kernel=kernel):
    images = picture[np.newaxis, :, :, np.newaxis]
    return ${name}(images, ${options})[0, :, :, 0]


print(layer(picture))
${more[beside]}`;
};
