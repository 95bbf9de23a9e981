// Where the photo network works beside the page: a worker (see workers.js). The arithmetic is in photograph.c.
var cnn = cnn || {};

cnn.photographWorker = function () {
  'use strict';
  const SIDE = 96;
  const [SQUARE, STRIDE] = [16, 8]; // of the occlusion map
  const ACROSS = 1 + (SIDE - SQUARE) / STRIDE; // squares in a row
  const shapes = {
    stem_relu: [48, 48, 32], block1: [48, 48, 32], block2: [24, 24, 64], block3: [12, 12, 128], block4: [6, 6, 192],
  };
  const names = Object.keys(shapes);
  let wasm, count, picture; // the program, how many weights it has, and the picture that was judged

  const floats = (name, length) => new Float32Array(wasm.memory.buffer, wasm[name].value, length);

  async function load({ program, weights }) {
    wasm = (await WebAssembly.instantiate(program)).instance.exports;
    new Uint8Array(wasm.memory.buffer, wasm.halves.value, weights.length).set(weights);
    count = weights.length / 2;
    wasm.unpack();
    return {};
  }

  function look(values) {
    floats('picture', values.length).set(values);
    wasm.forward();
    return floats('logits', 2).slice();
  }

  // Judge a picture, given as bytes: its logits, the maps of the layers, and by how much each of the last maps speaks for
  // a dog: its weight for that answer, minus the one for a cat. The last layer's weights are (192, 2), then two biases.
  function judge(pixels) {
    picture = Float32Array.from(pixels, (byte) => byte / 255);
    const logits = look(picture);
    const maps = {};
    for (const name of names) {
      const length = shapes[name].reduce((all, each) => all * each);
      maps[name] = { data: floats(name, length).slice(), shape: shapes[name] };
    }
    const kernel = floats('weights', count).subarray(count - 386, count - 2);
    return { logits, maps, speaks: Float32Array.from({ length: 192 }, (_, map) => kernel[2 * map + 1] - kernel[2 * map]) };
  }

  // By how much the log-odds of "dog" drop when a gray square covers a part of the picture.
  function cover({ square }) {
    const covered = picture.slice();
    const [top, left] = [Math.floor(square / ACROSS), square % ACROSS].map((at) => at * STRIDE);
    for (let row = top; row < top + SQUARE; row++) {
      covered.fill(0.5, 3 * (row * SIDE + left), 3 * (row * SIDE + left + SQUARE));
    }
    const [cat, dog] = look(covered);
    return { odds: dog - cat };
  }

  onmessage = async ({ data: [name, given] }) => {
    try {
      postMessage(await { load, judge, cover }[name](given));
    } catch (error) {
      postMessage({ failed: error.message });
    }
  };
};
