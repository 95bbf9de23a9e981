// The explorer of convolution: being written.
var cnn = cnn || {};
cnn.explorers.convolution = function (place) {
  'use strict';
  place.append(cnn.widgets.element('p', {}, cnn.texts.convolution.title));
};
