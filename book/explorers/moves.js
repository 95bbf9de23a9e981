// What may happen to a digit before the network sees it: it is resized, turned, moved, scrambled, or covered in part.
var cnn = cnn || {};

(function () {
  'use strict';
  const { SIDE, SQUARE, unchanged, limit, limited } = cnn.digit;
  const middle = (SIDE - 1) / 2;
  const row = (i) => Math.floor(i / SIDE);

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
  function cover(picture, top, left, size = SQUARE) {
    const isInside = (at, start) => at >= start && at < start + size;
    return picture.map((value, i) => (isInside(row(i), top) && isInside(i % SIDE, left) ? 0.5 : value));
  }

  // Which functions change the picture, and with which arguments; in Python they have the same names.
  function calls({ size, turn: degrees, down, right, scrambled }) {
    const all = [[size !== 100, 'scale', size / 100], [degrees, 'turn', degrees], [down || right, 'shift', down, right]];
    return [...all, [scrambled, 'scramble']].filter(([isMade]) => isMade).map(([, ...call]) => call);
  }

  // Return the picture that the network sees with these settings.
  function changed(picture, settings, order) {
    const call = (before, [name, ...values]) => cnn.moves[name](before, ...(name === 'scramble' ? [order] : values));
    const after = calls(settings).reduce(call, picture);
    return settings.row < 0 ? after : cover(after, settings.row, settings.column);
  }

  // Return the settings that put the gray square to a place, or as near as the picture allows.
  function covered(...corner) {
    const [top, left] = corner.map((at) => limit(at, 0, SIDE - SQUARE));
    return { row: top, column: left };
  }

  // Return what a key changes in the settings: nothing if it means nothing.
  function pressed(settings, key, withShift) {
    const add = (name, step) => ({ [name]: limited(name, settings[name] + step) });
    const isCovered = settings.row >= 0;
    const [down, right] = cnn.painting.arrows[key] || [0, 0];
    if (withShift && isCovered) return covered(settings.row + down, settings.column + right);
    const changes = {
      '+': add('size', 10),
      '=': add('size', 10),
      '-': add('size', -10),
      r: { turn: (settings.turn + 15) % 360 },
      s: { scrambled: 1 - settings.scrambled },
      c: isCovered ? { row: -1, column: -1 } : covered(10, 10),
      Escape: unchanged,
    };
    return changes[key] || { ...add('down', down), ...add('right', right) };
  }

  cnn.moves = { scale, shift, turn, scramble, cover, calls, changed, covered, pressed };
})();
