// Lines of Python that give the numbers of "Draw a digit".
var cnn = cnn || {};
cnn.python = cnn.python || {};

// `picture`: what was drawn, as the network would see it without further changes.
cnn.python.digit = function (settings, picture) {
  'use strict';
  const { strokes, digit, row, column, network } = settings;
  const { SQUARE } = cnn.digit;
  const calls = cnn.moves.calls(settings);
  const hex = Array.from(picture, (value) => Math.round(255 * value).toString(16).padStart(2, '0'));
  const loads = { trained: 'load_lenet5(seed=1)', untrained: 'load_lenet5(seed=1, trained=False)' }[network];
  const drawn = [
    `pixels = bytes.fromhex(\n    "${hex.join('').replace(/.{80}/g, '$&"\n    "')}"\n)`,
    'picture = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28, 1) / np.float32(255)',
  ];
  return [
    'import numpy as np\n\nfrom cnn_course.runtime import make_reproducible\n\nmake_reproducible()',
    strokes ? '' : 'from cnn_course.datasets import load_mnist',
    calls.length ? `from cnn_course.invariance import ${calls.map(([name]) => name).sort().join(', ')}` : '',
    loads ? 'from cnn_course.weights import load_lenet5' : '',
    ...(strokes ? drawn : [`picture = load_mnist().test.images[${digit} : ${digit + 1}].copy()`]),
    ...calls.map(([name, ...values]) => `picture = ${name}(${['picture', ...values].join(', ')})`),
    row < 0 ? '' : `picture[:, ${row} : ${row + SQUARE}, ${column} : ${column + SQUARE}] = 0.5`,
    loads ? `model = ${loads}` : '# model: the network that you saved',
    'logits = model.predict(picture, verbose=0)[0]',
    'print(logits.argmax(), (np.exp(logits) / np.exp(logits).sum()).round(3))\n',
  ].filter(Boolean).join('\n');
};
