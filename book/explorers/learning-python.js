// Lines of Python that train to the same bits as "Watch it learn".
var cnn = cnn || {};
cnn.python = cnn.python || {};

// `steps`: how far the page has come.
cnn.python.learning = function (settings, steps) {
  'use strict';
  const { network, optimizer, rate, batch, seed, scrambled } = settings;
  const values = [
    `network="${network}"`, `optimizer="${optimizer}"`, `learning_rate=${rate}`, `batch_size=${batch}`, `seed=${seed}`,
    ...(scrambled ? ['scrambled=True'] : []),
  ];
  return [
    'from cnn_course.bitwise import train\n',
    `run = train(\n    ${steps || 50},\n    ${values.join(',\n    ')},\n)`,
    'print(run.losses[-1], run.sha256)\n',
  ].join('\n');
};
