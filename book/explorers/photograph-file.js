// What kind of picture a file holds, by its first bytes, and how large it is: before anything is decoded.
var cnn = cnn || {};
cnn.photograph = cnn.photograph || {};

(function () {
  'use strict';
  const letters = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

  // Each format: how its files begin, and what else is to be known of them.
  const formats = [
    { name: 'JPEG', fits: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8, about: jpeg },
    { name: 'PNG', fits: (bytes) => letters(bytes, 1, 4) === 'PNG', about: png },
    { name: 'GIF', fits: (bytes) => letters(bytes, 0, 4) === 'GIF8', about: gif },
    { name: 'WebP', fits: (bytes) => letters(bytes, 0, 4) === 'RIFF' && letters(bytes, 8, 12) === 'WEBP', about: webp },
    { name: 'BMP', fits: (bytes) => letters(bytes, 0, 2) === 'BM', about: () => ({}) },
    { name: 'TIFF', fits: (bytes) => ['II*\0', 'MM\0*'].includes(letters(bytes, 0, 4)), about: () => ({}) },
    { name: 'AVIF', fits: (bytes) => /^ftypavi[fs]$/.test(letters(bytes, 4, 12)), about: () => ({}) },
    { name: 'HEIC', fits: (bytes) => /^ftyp(hei|hev|mif|msf)/.test(letters(bytes, 4, 12)), about: () => ({}) },
  ];

  // A JPEG file is a row of segments: 0xff, a letter, a length. One tells the size, one (EXIF) how the camera was held.
  function jpeg(bytes) {
    const view = new DataView(bytes.buffer);
    const found = { turned: false };
    for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
      const marker = bytes[at + 1];
      if (marker === 0xe1 && letters(bytes, at + 4, at + 8) === 'Exif') found.turned = orientation(view, at + 10) > 1;
      const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
      if (isFrame) return { ...found, height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    return found;
  }

  // EXIF data begin with the order of bytes and the place of a table; entry 0x0112 is 1 for an upright picture.
  function orientation(view, start) {
    const isLittle = view.getUint8(start) === 0x49;
    const table = start + view.getUint32(start + 4, isLittle);
    if (table + 2 > view.byteLength) return 1;
    const count = view.getUint16(table, isLittle);
    for (let at = table + 2; at < table + 2 + 12 * count && at + 12 <= view.byteLength; at += 12) {
      if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle);
    }
    return 1;
  }

  function png(bytes) {
    const view = new DataView(bytes.buffer);
    const isMoving = letters(bytes, 37, 41) === 'acTL'; // an animation
    return { width: view.getUint32(16), height: view.getUint32(20), isMoving };
  }

  // After a head and colors, a GIF file is a row of frames (0x2c) and of notes (0x21), each in small blocks with their
  // lengths before them.
  function gif(bytes) {
    const view = new DataView(bytes.buffer);
    const colors = (flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
    let frames = 0;
    for (let at = 13 + colors(bytes[10]); [0x21, 0x2c].includes(bytes[at]); at++) {
      const isFrame = bytes[at] === 0x2c;
      if (isFrame) frames++;
      at += isFrame ? 11 + colors(bytes[at + 9]) : 2;
      while (bytes[at]) at += bytes[at] + 1;
    }
    return { width: view.getUint16(6, true), height: view.getUint16(8, true), isMoving: frames > 1 };
  }

  function webp(bytes) {
    if (letters(bytes, 12, 16) !== 'VP8X') return {};
    const size = (at) => 1 + bytes[at] + 256 * bytes[at + 1] + 65536 * bytes[at + 2];
    return { width: size(24), height: size(27), isMoving: Boolean(bytes[20] & 2) };
  }

  // Return {format, width, height, turned, isMoving} of a file, as far as they are known; null if it is no picture.
  cnn.photograph.look = function (bytes) {
    const format = bytes.length > 48 && formats.find(({ fits }) => fits(bytes));
    if (!format) return null;
    try {
      return { format: format.name, ...format.about(bytes) };
    } catch (error) {
      return { format: format.name }; // it ends too early, or says nonsense: who decodes it will find out
    }
  };
})();
