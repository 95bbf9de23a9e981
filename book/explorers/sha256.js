// SHA-256 (FIPS 180-4), written out: browsers offer theirs on secure pages only, and a school's server may not be one.
var cnn = cnn || {};

(function () {
  'use strict';

  const primes = [];
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  }
  // The first 32 bits of the fractional parts of the square and cube roots of the first primes.
  const START = Uint32Array.from(primes.slice(0, 8), (prime) => (Math.sqrt(prime) % 1) * 2 ** 32);
  const ROUNDS = Uint32Array.from(primes, (prime) => (Math.cbrt(prime) % 1) * 2 ** 32);

  const turn = (word, bits) => (word >>> bits) | (word << (32 - bits));

  // Append a one, zeros, and the length in bits, so that blocks of 64 bytes are filled.
  function padded(bytes) {
    const blocks = new Uint8Array(64 * Math.ceil((bytes.length + 9) / 64));
    blocks.set(bytes);
    blocks[bytes.length] = 0x80;
    new DataView(blocks.buffer).setUint32(blocks.length - 4, bytes.length * 8); // of less than 512 MB
    return blocks;
  }

  // Stretch the 16 words of a block to the 64 that the rounds use.
  function schedule(view, start) {
    const words = new Uint32Array(64);
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(start + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [early, late] = [words[i - 15], words[i - 2]];
      const small = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
      const large = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
      words[i] = words[i - 16] + small + words[i - 7] + large;
    }
    return words;
  }

  function digest(state, words) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + ROUNDS[i] + words[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }

  // Return the SHA-256 of bytes (a Uint8Array) as 64 hexadecimal digits.
  cnn.sha256 = function (bytes) {
    const state = START.slice();
    const blocks = padded(bytes);
    const view = new DataView(blocks.buffer);
    for (let start = 0; start < blocks.length; start += 64) digest(state, schedule(view, start));
    return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
  };
})();
