// What trains beside the page, so that the page can be used meanwhile: a worker, made of this function's own text,
// because a page at file:// may load no worker. The arithmetic is in learning.c.
//
// It does one order at a time and answers each: {load}, {start}, {train}. While it trains, it comes back after some
// milliseconds, at the latest at the next step of which it is to give an account.
var cnn = cnn || {};

cnn.learningWorker = function () {
  'use strict';
  const [TRAIN, TEST, PIXELS, SHOWN] = [8000, 1000, 784, 12]; // SHOWN: misread digits of an account
  const optimizers = ['sgd', 'momentum', 'adam'];
  const ends = { lenet5: [156, 2572, 33412, 43576, 44426], mlp: [43960, 44530] }; // of the layers, among the weights
  const hidden = { lenet5: 226, mlp: 56 }; // maps and units
  let wasm, digits, order, network, count, step;

  const bytes = (name, length) => new Uint8Array(wasm.memory.buffer, wasm[name].value, length);
  const floats = (name) => new Float32Array(wasm.memory.buffer, wasm[name].value, count);

  async function load({ program, packed, places }) {
    order = places;
    wasm = (await WebAssembly.instantiate(program)).instance.exports;
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    digits = new Uint8Array(await new Response(unpacked).arrayBuffer());
    bytes('labels', TRAIN + TEST).set(digits.subarray(PIXELS * (TRAIN + TEST)));
  }

  function start({ network: chosen, seed, scrambled }) {
    const pixels = bytes('pixels', PIXELS * (TRAIN + TEST));
    if (scrambled) pixels.forEach((_, i) => (pixels[i] = digits[i - (i % PIXELS) + order[i % PIXELS]]));
    else pixels.set(digits.subarray(0, pixels.length));
    network = chosen;
    count = wasm.start(['lenet5', 'mlp'].indexOf(network), seed);
    step = 0;
    return { account: account() };
  }

  // The steps of which an account is given: often at first, where much happens.
  const isNoted = (at) => at % (at < 50 ? 10 : at < 500 ? 50 : 100) === 0;

  function train({ optimizer, rate, batch, until, milliseconds }) {
    const losses = [];
    const end = performance.now() + milliseconds;
    do {
      losses.push(wasm.step(optimizers.indexOf(optimizer), rate, batch));
      step++;
    } while (step < until && !isNoted(step) && Number.isFinite(losses[losses.length - 1]) && performance.now() < end);
    const isOver = step === until || !Number.isFinite(losses[losses.length - 1]);
    return { losses, account: isOver || isNoted(step) ? account() : null };
  }

  // The root of the mean square of the gradient of each layer's weights.
  function sizes() {
    const gradient = floats('gradient');
    return ends[network].map((end, i, all) => {
      const part = gradient.subarray(all[i - 1] || 0, end);
      return Math.sqrt(part.reduce((sum, slope) => sum + slope * slope, 0) / part.length);
    });
  }

  // The kernels of six maps or units, each as a picture.
  function kernels() {
    const [side, units] = network === 'lenet5' ? [5, 6] : [28, 56];
    const weights = floats('weights');
    return Array.from({ length: 6 }, (_, unit) =>
      Float32Array.from({ length: side * side }, (_, i) => weights[i * units + unit])
    );
  }

  function account() {
    const right = wasm.score();
    const [answers, labels, alive] = [bytes('answers', TEST), bytes('labels', TRAIN + TEST), bytes('alive', 226)];
    const misread = [...answers.keys()].filter((i) => answers[i] !== labels[TRAIN + i]).slice(0, SHOWN);
    const pictureAt = (i) => bytes('pixels', PIXELS * (TRAIN + TEST)).slice(PIXELS * i, PIXELS * (i + 1));
    return {
      step, right, kernels: kernels(), sizes: sizes(), hidden: hidden[network],
      dead: hidden[network] - alive.reduce((sum, one) => sum + one),
      misread: misread.map((i) => ({ pixels: pictureAt(TRAIN + i), label: labels[TRAIN + i], answer: answers[i] })),
      weights: bytes('weights', 4 * count).slice(),
    };
  }

  onmessage = async ({ data: [name, given] }) => {
    try {
      postMessage((await { load, start, train }[name](given)) || {});
    } catch (error) {
      postMessage({ failed: error.message });
    }
  };
};
