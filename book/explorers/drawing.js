// From a drawing to a picture as MNIST has them: the digit scaled into a box, its center of mass at the center.
var cnn = cnn || {};

(function () {
  'use strict';
  const BOX = 20; // of the digit in it
  const PAD = 112; // of the raster that is drawn into
  const RADIUS = 4.5; // of the pen
  const { SIDE, PLACES, LETTERS, limit } = cnn.digit;

  const row = (i, width = SIDE) => Math.floor(i / width);

  // Read strokes from the letters that they are written in.
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

  // Return a drawing as a picture, and the steps to it.
  function steps(strokes) {
    const raster = ink(strokes);
    const framed = frame(raster);
    const box = boxed(raster, framed);
    return { raster, side: PAD, frame: framed, box, picture: centered(box) };
  }

  // Show the steps in three figures.
  function show(whole, texts, { raster, frame: framed, box, picture }) {
    const { element } = cnn.widgets;
    if (!whole.firstChild) {
      const names = ['step-frame', 'step-box', 'step-center'];
      const figures = names.map((name) =>
        element('div', { class: 'digit-figure' }, texts[name], element('canvas', { 'aria-hidden': true })));
      whole.append(...figures);
    }
    const [first, second, third] = whole.querySelectorAll('canvas');
    const { showGray, showSquare } = cnn.painting;
    showSquare(first, raster, PAD);
    const context = first.getContext('2d');
    Object.assign(context, { strokeStyle: '#f80', lineWidth: 2 });
    context.strokeRect(framed.left, framed.top, framed.width, framed.height);
    const [height, width] = box.shape;
    showGray(second, BOX, BOX, (y, x) => (y < height && x < width ? box.data[y * width + x] : null));
    showSquare(third, picture, SIDE);
  }

  cnn.drawing = { ink, frame, boxed, centered, steps, show };
})();
