// What the settings of "Draw a digit" may be: strokes, and what happens to the picture before the network sees it.
var cnn = cnn || {};

(function () {
  'use strict';
  const SIDE = 28; // pixels of the picture, down and across
  const SQUARE = 7; // pixels of the gray square, down and across
  const PLACES = 64; // along each side of the pad, where a stroke may go through
  const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~';

  // A place [x, y] as two letters of the address. Strokes are written one after the other, with a dot between them.
  const write = (place) => place.map((at) => LETTERS[at]).join('');
  const isWritten = (text) => text.length < 8000 && /^([\w~]{2})*(\.([\w~]{2})+)*$/.test(text);

  // Size in percent, turn in degrees, and the corner of the gray square, -1 if there is none: at first, least and most.
  const ranges = {
    size: [100, 40, 160], turn: [0, 0, 345], down: [0, -20, 20], right: [0, -20, 20], scrambled: [0, 0, 1],
    row: [-1, -1, SIDE - SQUARE], column: [-1, -1, SIDE - SQUARE],
  };
  const names = Object.keys(ranges);
  const unchanged = Object.fromEntries(names.map((name) => [name, ranges[name][0]]));
  const isChanged = (settings) => names.some((name) => settings[name] !== unchanged[name]);
  const limit = (value, least, most) => Math.min(most, Math.max(least, value));
  const limited = (name, value) => limit(value, ...ranges[name].slice(1));
  const isAllowed = (settings) =>
    isWritten(settings.strokes) &&
    (settings.row < 0) === (settings.column < 0) &&
    names.every((name) => settings[name] === limited(name, Math.round(settings[name])));

  cnn.digit = { SIDE, SQUARE, PLACES, LETTERS, write, isWritten, unchanged, isChanged, isAllowed, limit, limited };
})();
