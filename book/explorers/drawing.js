// From a drawing to a picture as MNIST has them, and what may happen to it then: moved, resized, turned, scrambled.
var cnn = cnn || {};

(function () {
  'use strict';
  const SIDE = 28; // of the network's picture
  const BOX = 20; // of the digit in it
  const PAD = 112; // of the raster that is drawn into
  const PLACES = 64; // along the pad, where a stroke may go through: two letters of the address for each
  const RADIUS = 4.5; // of the pen
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_';

  // Strokes: lists of places [x, y], written as letters, a dot between two strokes.
  const write = (strokes) => strokes.map((stroke) => stroke.flat().map((at) => LETTERS[at]).join('')).join('.');
  const isWritten = (text) => text.length < 6000 && text.split('.').every((each) => each.length % 2 === 0 && [...each].every((letter) => LETTERS.includes(letter)));

  function read(text) {
    const stroke = (letters) => (letters.match(/../g) || []).map((pair) => [...pair].map((each) => LETTERS.indexOf(each)));
    return text === '' ? [] : text.split('.').map(stroke);
  }

  // Return the ink of strokes, PAD by PAD numbers from 0 to 1: a pixel is as black as it lies within the pen's reach.
  function ink(strokes) {
    const raster = new Float32Array(PAD * PAD);
    for (const stroke of strokes) stroke.forEach((to, i) => line(raster, stroke[Math.max(i - 1, 0)], to));
    return raster;
  }

  function line(raster, from, to) {
    const scale = (at) => ((at + 0.5) * PAD) / PLACES;
    const [[x0, y0], [x1, y1]] = [from.map(scale), to.map(scale)];
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const range = (a, b) => [Math.max(0, Math.floor(Math.min(a, b) - RADIUS)), Math.min(PAD, Math.ceil(Math.max(a, b) + RADIUS) + 1)];
    const [[left, right], [top, bottom]] = [range(x0, x1), range(y0, y1)];
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const [dx, dy] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = length && Math.min(1, Math.max(0, (dx * (x1 - x0) + dy * (y1 - y0)) / length));
        const away = Math.sqrt((dx - along * (x1 - x0)) ** 2 + (dy - along * (y1 - y0)) ** 2);
        const black = Math.min(1, Math.max(0, RADIUS + 0.5 - away));
        raster[y * PAD + x] = Math.max(raster[y * PAD + x], black);
      }
    }
  }

  // The frame of a drawing: the smallest rectangle with all its ink; null if there is none.
  function frame(raster) {
    let [top, left, bottom, right] = [PAD, PAD, 0, 0];
    raster.forEach((value, i) => {
      if (value < 0.5) return;
      const [y, x] = [Math.floor(i / PAD), i % PAD];
      [top, left, bottom, right] = [Math.min(top, y), Math.min(left, x), Math.max(bottom, y + 1), Math.max(right, x + 1)];
    });
    return bottom ? { top, left, bottom, right } : null;
  }

  // Scale what is in the frame to the box: its longer side becomes BOX pixels, each the mean of what it covers.
  function boxed(raster, { top, left, bottom, right }) {
    const step = Math.max(bottom - top, right - left) / BOX;
    const [height, width] = [bottom - top, right - left].map((side) => Math.max(1, Math.round(side / step)));
    const shares = (from, to) => {
      const found = [];
      for (let i = Math.floor(from); i < Math.min(to, PAD); i++) found.push([i, Math.min(i + 1, to) - Math.max(i, from)]);
      return found;
    };
    const data = new Float32Array(height * width);
    for (let y = 0; y < height; y++) {
      const rows = shares(top + ((bottom - top) / height) * y, top + ((bottom - top) / height) * (y + 1));
      for (let x = 0; x < width; x++) {
        const columns = shares(left + ((right - left) / width) * x, left + ((right - left) / width) * (x + 1));
        let [sum, area] = [0, 0];
        for (const [i, down] of rows) {
          for (const [j, across] of columns) {
            sum += raster[i * PAD + j] * down * across;
            area += down * across;
          }
        }
        data[y * width + x] = Math.round((255 * sum) / area) / 255;
      }
    }
    return { data, shape: [height, width] };
  }

  // Put the box into the picture so that its center of mass comes to lie at the center, as nearly as whole pixels can.
  function centered({ data, shape: [height, width] }) {
    const mass = data.reduce((sum, value) => sum + value, 0);
    const center = (place) => data.reduce((sum, value, i) => sum + value * place(i), 0) / mass;
    const offset = (at, size) => Math.min(SIDE - size, Math.max(0, Math.round(SIDE / 2 - at)));
    const down = offset(center((i) => Math.floor(i / width)), height);
    const across = offset(center((i) => i % width), width);
    const picture = new Float32Array(SIDE * SIDE);
    data.forEach((value, i) => (picture[(down + Math.floor(i / width)) * SIDE + across + (i % width)] = value));
    return picture;
  }

  // Return what lies between pixels of a picture, at the place `from(y, x)` for each pixel, measured from the center.
  function sampled(picture, from) {
    const middle = (SIDE - 1) / 2;
    const at = (y, x) => (y < 0 || x < 0 || y >= SIDE || x >= SIDE ? 0 : picture[y * SIDE + x]);
    return picture.map((_, i) => {
      const [row, column] = from(Math.floor(i / SIDE) - middle, (i % SIDE) - middle).map((place) => place + middle);
      const [y, x] = [Math.floor(row), Math.floor(column)];
      const [down, across] = [row - y, column - x];
      return (1 - down) * ((1 - across) * at(y, x) + across * at(y, x + 1)) + down * ((1 - across) * at(y + 1, x) + across * at(y + 1, x + 1));
    });
  }

  // The functions of cnn_course.invariance, by the same names. `order`: where each pixel of a scrambled one comes from.
  const scale = (picture, factor) => sampled(picture, (y, x) => [y / factor, x / factor]);

  function turn(picture, degrees) {
    const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return sampled(picture, (y, x) => [cosine * y + sine * x, cosine * x - sine * y]);
  }

  const shift = (picture, down, right) => sampled(picture, (y, x) => [y - down, x - right]);
  const scramble = (picture, order) => picture.map((_, i) => picture[order[i]]);

  // Lay a gray square over a picture, with its upper left corner at (row, column).
  function cover(picture, row, column, size) {
    const inside = (at, start) => at >= start && at < start + size;
    return picture.map((value, i) => (inside(Math.floor(i / SIDE), row) && inside(i % SIDE, column) ? 0.5 : value));
  }

  cnn.drawing = { SIDE, PAD, PLACES, write, isWritten, read, ink, line, frame, boxed, centered, scale, turn, shift, scramble, cover };
})();
