// From a file to what the network sees: upright, and squashed to 96 x 96 pixels, with the arithmetic of `load_photos`
// (cnn_course/photos.py, and Pillow, which it uses): what is much too large is averaged in blocks, the rest is filtered.
var cnn = cnn || {};
cnn.photograph = cnn.photograph || {};

(function () {
  'use strict';
  const SIDE = 96;
  const GAP = 3; // averaging leaves at least 3 times the wanted size to the filter
  const MOST = 89478485; // pixels of a picture, as Pillow has it
  const SUPPORT = 2; // the filter reaches over two pixels to each side
  const BITS = 22; // its factors are whole numbers of so many bits, since all pixels are

  // A picture: its numbers are red, green and blue of each pixel, row by row.
  const picture = (width, height) => ({ width, height, data: new Uint8ClampedArray(3 * width * height) });

  // Average blocks of fx by fy pixels; blocks at the edges may be smaller. Rounding is that of Pillow, in 32 bits.
  function average(from, fx, fy) {
    if (fx === 1 && fy === 1) return from;
    const to = picture(Math.ceil(from.width / fx), Math.ceil(from.height / fy));
    for (let y = 0; y < to.height; y++) {
      for (let x = 0; x < to.width; x++) {
        const [right, bottom] = [Math.min((x + 1) * fx, from.width), Math.min((y + 1) * fy, from.height)];
        const count = (right - x * fx) * (bottom - y * fy);
        const factor = Math.floor(2 ** 24 / count);
        for (let color = 0; color < 3; color++) {
          let sum = Math.floor(count / 2);
          for (let row = y * fy; row < bottom; row++) {
            for (let column = x * fx; column < right; column++) sum += from.data[3 * (row * from.width + column) + color];
          }
          to.data[3 * (y * to.width + x) + color] = Math.floor((sum * factor) / 2 ** 24);
        }
      }
    }
    return to;
  }

  // The cubic of Catmull and Rom.
  function cubic(x) {
    const far = Math.abs(x);
    if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
    return far < 2 ? (((far - 5) * far + 8) * far - 4) * -0.5 : 0;
  }

  // For each of SIDE pixels of a row: where its sum begins, and the factors of the pixels from there on. The filter is as
  // much wider than two pixels as the row is too long. `length` may end within the last pixel, if blocks were averaged.
  function factors(count, length) {
    const scale = length / SIDE;
    const wide = Math.max(1, scale);
    return Array.from({ length: SIDE }, (_, at) => {
      const center = (at + 0.5) * scale;
      const start = Math.max(0, Math.trunc(center - SUPPORT * wide + 0.5));
      const end = Math.min(count, Math.trunc(center + SUPPORT * wide + 0.5));
      const found = Array.from({ length: end - start }, (__, i) => cubic((i + start - center + 0.5) * (1 / wide)));
      const sum = found.reduce((all, each) => all + each, 0);
      return { start, found: found.map((each) => Math.trunc((each / sum) * 2 ** BITS + (each / sum < 0 ? -0.5 : 0.5))) };
    });
  }

  // Filter all rows, or all columns, to SIDE pixels. `data` cuts off what is below 0 or above 255.
  function filter(from, length, isDown) {
    const to = isDown ? picture(from.width, SIDE) : picture(SIDE, from.height);
    const step = 3 * (isDown ? from.width : 1);
    factors(isDown ? from.height : from.width, length).forEach(({ start, found }, at) => {
      for (let line = 0; line < (isDown ? from.width : from.height); line++) {
        const [source, target] = isDown ? [3 * line, 3 * (at * to.width + line)] : [3 * line * from.width, 3 * (line * SIDE + at)];
        for (let color = 0; color < 3; color++) {
          let sum = 2 ** (BITS - 1);
          for (let i = 0; i < found.length; i++) sum += from.data[source + (start + i) * step + color] * found[i];
          to.data[target + color] = Math.floor(sum / 2 ** BITS);
        }
      }
    });
    return to;
  }

  // Squash to SIDE x SIDE what was averaged from a picture of width x height in blocks of fx by fy. The two filters are
  // not quite the same in the other order, since pixels are rounded in between: Pillow begins with the columns of pictures
  // that are much too tall.
  function squash(small, width, height, fx, fy) {
    const filters = [[width / fx, false], [height / fy, true]];
    const [wide, tall] = [small.width - SIDE, small.height - SIDE]; // by how much it is too large
    if (tall > 0 && tall > 2 * wide) filters.reverse();
    return filters.reduce((from, [length, isDown]) => filter(from, Math.fround(length), isDown), small);
  }

  // The pixels of a decoded picture, averaged strip by strip, so that a large one is never in memory as numbers.
  function shrink(bitmap, first, fx, fy) {
    const { width, height } = bitmap;
    const step = first * fy * Math.ceil(256 / (first * fy));
    const canvas = document.createElement('canvas');
    const parts = [];
    for (let top = 0; top < height; top += step) {
      const tall = Math.min(step, height - top);
      Object.assign(canvas, { width, height: tall });
      const context = canvas.getContext('2d', { willReadFrequently: true });
      context.fillStyle = '#fff'; // what is transparent lies on white
      context.fillRect(0, 0, width, tall);
      context.drawImage(bitmap, 0, top, width, tall, 0, 0, width, tall);
      const { data } = context.getImageData(0, 0, width, tall);
      const strip = picture(width, tall);
      for (let from = 0, to = 0; from < data.length; from += 4) {
        for (let color = 0; color < 3; color++) strip.data[to++] = data[from + color]; // without the opacity
      }
      parts.push(average(average(strip, first, first), fx, fy));
    }
    const small = picture(parts[0].width, parts.reduce((rows, part) => rows + part.height, 0));
    parts.reduce((at, part) => small.data.set(part.data, at) || at + part.data.length, 0);
    return small;
  }

  // Some browsers, against those who would know a reader again by a canvas, change what is read from it.
  function isHonest() {
    const context = Object.assign(document.createElement('canvas'), { width: 16, height: 16 }).getContext('2d');
    context.fillStyle = '#369';
    context.fillRect(0, 0, 16, 16);
    return context.getImageData(0, 0, 16, 16).data.every((value, i) => value === [0x33, 0x66, 0x99, 255][i % 4]);
  }

  // Decode a file; what cannot be is an error whose message names a text for the reader.
  async function decode(file, about) {
    try {
      return await createImageBitmap(file, { colorSpaceConversion: 'none' }); // upright, as EXIF data say
    } catch (error) {
      throw new Error({ HEIC: 'heic', TIFF: 'other-format' }[about && about.format] || (about ? 'broken-file' : 'no-picture'));
    }
  }

  // Return what the network gets of a file, the pixels of 96 x 96, with the steps to it.
  cnn.photograph.read = async function (file) {
    if (!file.size) throw new Error('empty');
    const about = cnn.photograph.look(new Uint8Array(await file.arrayBuffer()));
    if (about && about.width * about.height > MOST) throw new Error('pixels');
    const bitmap = await decode(file, about);
    const { width, height } = bitmap;
    if (width * height > MOST) throw new Error('pixels');
    if (!isHonest()) throw new Error('noise');
    // Pillow decodes a large JPEG at a half, a quarter or an eighth of its size.
    const isJpeg = about && about.format === 'JPEG';
    const first = [8, 4, 2].find((each) => isJpeg && Math.min(width, height) / (GAP * SIDE) >= each) || 1;
    const [wide, tall] = [width, height].map((length) => Math.ceil(length / first));
    const [fx, fy] = [wide, tall].map((length) => Math.max(1, Math.floor(length / SIDE / GAP)));
    const small = shrink(bitmap, first, fx, fy);
    bitmap.close();
    return { ...about, width, height, small, pixels: squash(small, wide, tall, fx, fy).data };
  };
})();
