// From a drawing to a picture as MNIST has them, and what may happen to it: resized, turned, moved, scrambled, covered.
var cnn = cnn || {};

(function () {
  'use strict';
  const SIDE = 28; // of the network's picture
  const BOX = 20; // of the digit in it
  const PAD = 112; // of the raster that is drawn into
  const PLACES = 64; // along the pad, where a stroke may go through: two letters of the address for each
  const RADIUS = 4.5; // of the pen
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~';

  const middle = (SIDE - 1) / 2;
  const limit = (value, least, most) => Math.min(most, Math.max(least, value));
  const row = (i, width = SIDE) => Math.floor(i / width);

  // A place [x, y] as two letters. Strokes are written one after the other, with a dot between them.
  const write = (place) => place.map((at) => LETTERS[at]).join('');
  const isWritten = (text) => text.length < 8000 && /^([\w~]{2})*(\.([\w~]{2})+)*$/.test(text);
  const place = (letters) => [...letters].map((letter) => LETTERS.indexOf(letter));
  const read = (text) => text.split('.').map((stroke) => (stroke.match(/../g) || []).map(place));

  // Return the ink of strokes, PAD by PAD numbers from 0 to 1: pixels within the pen's reach are 1.
  function ink(text) {
    const raster = new Float32Array(PAD * PAD);
    for (const stroke of read(text)) stroke.forEach((to, i) => line(raster, stroke[Math.max(i - 1, 0)], to));
    return raster;
  }

  function line(raster, ...ends) {
    const [[x0, y0], [x1, y1]] = ends.map((end) => end.map((at) => ((at + 0.5) * PAD) / PLACES));
    const [across, down] = [x1 - x0, y1 - y0];
    const first = (a, b) => limit(Math.floor(Math.min(a, b) - RADIUS), 0, PAD);
    const last = (a, b) => limit(Math.ceil(Math.max(a, b) + RADIUS), 0, PAD);
    for (let y = first(y0, y1); y < last(y0, y1); y++) {
      for (let x = first(x0, x1); x < last(x0, x1); x++) {
        const [dx, dy] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = limit((dx * across + dy * down) / (across ** 2 + down ** 2) || 0, 0, 1); // the nearest point
        const away = Math.sqrt((dx - along * across) ** 2 + (dy - along * down) ** 2);
        raster[y * PAD + x] = Math.max(raster[y * PAD + x], limit(RADIUS + 0.5 - away, 0, 1));
      }
    }
  }

  // The frame of a drawing: the smallest rectangle around its ink; null if there is none.
  function frame(raster) {
    let [top, left, bottom, right] = [PAD, PAD, 0, 0];
    raster.forEach((value, i) => {
      if (value < 0.5) return;
      const [y, x] = [row(i, PAD), i % PAD];
      [top, left] = [Math.min(top, y), Math.min(left, x)];
      [bottom, right] = [Math.max(bottom, y + 1), Math.max(right, x + 1)];
    });
    return bottom ? { top, left, height: bottom - top, width: right - left } : null;
  }

  // Scale what is in the frame so that its longer side becomes BOX pixels; each is the mean of what it covers.
  function boxed(raster, { top, left, height, width }) {
    const step = Math.max(height, width) / BOX;
    const shape = [height, width].map((side) => Math.max(1, Math.round(side / step)));
    // Which pixels lie between two places, and how much of each.
    const covered = (from, to) => {
      const first = Math.floor(from);
      return Array.from({ length: Math.ceil(to - 1e-9) - first }, (_, i) => [
        first + i,
        Math.min(first + i + 1, to) - Math.max(first + i, from),
      ]);
    };
    const part = (start, side, count, i) => covered(start + (side / count) * i, start + (side / count) * (i + 1));
    const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => {
      const columns = part(left, width, shape[1], i % shape[1]);
      let [sum, area] = [0, 0];
      for (const [y, down] of part(top, height, shape[0], row(i, shape[1]))) {
        for (const [x, across] of columns) {
          sum += raster[y * PAD + x] * down * across;
          area += down * across;
        }
      }
      return Math.round((255 * sum) / area) / 255; // MNIST's pixels are bytes
    });
    return { data, shape };
  }

  // Put a box into the picture, its center of mass as near to the center as whole pixels allow.
  function centered({ data, shape: [height, width] }) {
    const mass = data.reduce((sum, value) => sum + value);
    const mean = (place) => data.reduce((sum, value, i) => sum + value * place(i, width), 0) / mass;
    const top = limit(Math.round(SIDE / 2 - mean(row)), 0, SIDE - height);
    const left = limit(Math.round(SIDE / 2 - mean((i) => i % width)), 0, SIDE - width);
    const picture = new Float32Array(SIDE * SIDE);
    data.forEach((value, i) => (picture[(top + row(i, width)) * SIDE + left + (i % width)] = value));
    return picture;
  }

  // Return what lies in a picture at the place from(y, x) for each pixel (y, x), both measured from the center: between
  // pixels, the mean of the four around it, weighted by nearness; beyond the picture, zero.
  function sampled(picture, from) {
    const at = (y, x) => (Math.min(y, x) < 0 || Math.max(y, x) >= SIDE ? 0 : picture[y * SIDE + x]);
    return picture.map((_, i) => {
      const [y, x] = from(row(i) - middle, (i % SIDE) - middle).map((place) => place + middle);
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const [down, right] = [y - top, x - left];
      const between = (line) => (1 - right) * at(line, left) + right * at(line, left + 1);
      return (1 - down) * between(top) + down * between(top + 1);
    });
  }

  // As the functions of cnn_course.invariance. `order`: where each pixel of a scrambled picture comes from.
  const scale = (picture, factor) => sampled(picture, (y, x) => [y / factor, x / factor]);
  const shift = (picture, down, right) => sampled(picture, (y, x) => [y - down, x - right]);
  const scramble = (picture, order) => picture.map((_, i) => picture[order[i]]);
  function turn(picture, degrees) {
    const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return sampled(picture, (y, x) => [cosine * y + sine * x, cosine * x - sine * y]);
  }

  // Lay a gray square over a picture.
  function cover(picture, top, left, size) {
    const isInside = (at, start) => at >= start && at < start + size;
    return picture.map((value, i) => (isInside(row(i), top) && isInside(i % SIDE, left) ? 0.5 : value));
  }

  const moves = { scale, shift, turn, scramble, cover };
  cnn.drawing = { SIDE, BOX, PAD, PLACES, limit, write, isWritten, ink, frame, boxed, centered, ...moves };
})();
