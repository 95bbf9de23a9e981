// Weights and pictures as the site's scripts bring them: bytes written in base64, used only if their SHA-256 is right.
var cnn = cnn || {};

(function () {
  'use strict';

  // Return the bytes that a data script holds, or throw if they are not those of its SHA-256.
  cnn.bytes = function (packed) {
    const text = atob(packed.base64);
    const found = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    if (cnn.sha256(found) !== packed.sha256) throw new Error('SHA-256');
    return found;
  };

  // Return the weights of a network by their names, such as "conv1/kernel".
  cnn.unpack = function (packed) {
    const numbers = new DataView(cnn.bytes(packed).buffer);
    const weights = {};
    let at = 0;
    for (const [name, shape] of packed.arrays) {
      const length = shape.reduce((all, each) => all * each);
      weights[name] = { data: Float32Array.from({ length }, () => numbers.getFloat32(4 * at++, true)), shape };
    }
    return weights;
  };
})();
