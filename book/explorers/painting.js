// What explorers that paint on canvases share: when they paint, and what a hand does to a canvas.
var cnn = cnn || {};

(function () {
  'use strict';

  const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }; // down and to the right

  // Return a function that calls paint() once before the browser shows the next frame, however often it is called.
  function eachFrame(paint) {
    let asked;
    return () => {
      cancelAnimationFrame(asked);
      asked = requestAnimationFrame(() => paint());
    };
  }

  // Return the place of a pointer on an element, [x, y], where `count` places lie along each side. Beyond the element
  // there is none: null.
  function placeOf(event, target, count) {
    const { left, top, width, height } = target.getBoundingClientRect();
    const shares = [(event.clientX - left) / width, (event.clientY - top) / height];
    const place = shares.map((share) => Math.floor(share * count));
    return place.every((at) => at >= 0 && at < count) ? place : null;
  }

  // Call act(place, isFirst, event) while a finger or a button is down on an element. A line that leaves the element
  // ends there, and where it comes back, another begins.
  function onDrag(target, count, act) {
    let isFirst;
    const go = (event) => {
      const place = placeOf(event, target, count);
      if (place) act(place, isFirst, event);
      isFirst = !place;
    };
    target.onpointerdown = (event) => {
      if (event.button || !event.isPrimary) return; // of several fingers, the first
      target.setPointerCapture(event.pointerId);
      isFirst = true;
      go(event);
    };
    target.onpointermove = (event) => {
      if (!event.isPrimary || !target.hasPointerCapture(event.pointerId)) return;
      (event.getCoalescedEvents ? event.getCoalescedEvents() : [event]).forEach(go); // all since the last frame
    };
  }

  // Paint numbers from 0 (black) to 1 (white) on a canvas; null leaves it empty.
  function showGray(target, height, width, value) {
    Object.assign(target, { height, width }); // this clears it, too
    const image = new ImageData(width, height);
    const { data } = image; // red, green, blue and opacity of each pixel
    for (let i = 0; i < height * width; i++) {
      const gray = value(Math.floor(i / width), i % width);
      if (gray !== null) data[4 * i] = data[4 * i + 1] = data[4 * i + 2] = 255 * gray;
      data[4 * i + 3] = gray === null ? 0 : 255;
    }
    target.getContext('2d').putImageData(image, 0, 0);
  }

  const showSquare = (target, data, side) => showGray(target, side, side, (y, x) => data[y * side + x]);

  // Paint all maps of a layer on one scale, from black (zero) to white (the largest number of all), which is returned.
  function showMaps(target, { data, shape }, across) {
    const [height, width, count, gap] = shape.length === 3 ? [...shape, 1] : [1, 1, shape[0], 0];
    const [down, right] = [height + gap, width + gap];
    const largest = data.reduce((most, value) => Math.max(most, value));
    showGray(target, Math.ceil(count / across) * down - gap, across * right - gap, (row, column) => {
      const [y, x] = [row % down, column % right];
      const map = Math.floor(row / down) * across + Math.floor(column / right);
      return y < height && x < width ? data[(y * width + x) * count + map] / (largest || 1) : null;
    });
    return largest;
  }

  cnn.painting = { arrows, eachFrame, placeOf, onDrag, showGray, showMaps, showSquare };
})();
