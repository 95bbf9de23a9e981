// The explorer "Draw a digit": the reader's digit, or a test digit, in every layer of LeNet-5.
//
// Settings give a picture, the picture gives all layers, and `paint` shows them. Nothing else is kept: a drawing hand,
// an address and the reset button all do the same, they change the settings.
var cnn = cnn || {};

cnn.explorers.digit = function (place) {
  'use strict';
  const { element, fill, short, button, choice, voice, copyButton } = cnn.widgets;
  const { SIDE, BOX, PAD, PLACES, limit, ...drawing } = cnn.drawing;
  const texts = { ...cnn.texts.shared, ...cnn.texts.digit };
  const { places, labels, order } = cnn.data.digits;
  const kinds = (place.dataset.networks || 'trained untrained').split(' ');
  const presets = { 'scrambled-digit': { scrambled: 1 }, 'untrained-digit': { network: 'untrained' } };
  const square = 7; // pixels down and across that the gray square covers
  const unchanged = { size: 100, turn: 0, down: 0, right: 0, scrambled: 0, row: -1, column: -1 };
  const limits = { size: [40, 160], turn: [0, 345], down: [-20, 20], right: [-20, 20], scrambled: [0, 1] };
  Object.assign(limits, { row: [-1, SIDE - square], column: [-1, SIDE - square] });
  const defaults = { digit: 18, strokes: '', network: kinds[0], ...unchanged, ...presets[cnn.nameOf(place)] };
  const columns = { conv1: 6, pool2: 6, conv3: 8, pool4: 8, dense6: 30, dense7: 42 }; // maps, or units, in a row
  const networks = {};
  let bytes; // the pixels of the test digits

  const isValid = (settings) =>
    places.includes(settings.digit) &&
    kinds.includes(settings.network) &&
    drawing.isWritten(settings.strokes) &&
    (settings.row < 0) === (settings.column < 0) &&
    Object.entries(limits).every(([name, range]) => settings[name] === limit(Math.round(settings[name]), ...range));

  // From settings to a picture ------------------------------------------------------------------------------------

  function testDigit(at) {
    const start = places.indexOf(at) * SIDE * SIDE;
    return Float32Array.from(bytes.subarray(start, start + SIDE * SIDE), (byte) => byte / 255);
  }

  // Return a picture as MNIST has them and, of a drawing, the steps to it.
  function begin({ strokes, digit }) {
    const raster = drawing.ink(strokes);
    const frame = drawing.frame(raster);
    if (!frame) return { picture: testDigit(digit) };
    const box = drawing.boxed(raster, frame);
    return { raster, frame, box, picture: drawing.centered(box) };
  }

  // Which functions change the picture, and with which arguments; in Python they have the same names.
  function changes({ size, turn, down, right, scrambled }) {
    const all = [[size !== 100, 'scale', size / 100], [turn, 'turn', turn], [down || right, 'shift', down, right]];
    return [...all, [scrambled, 'scramble']].filter(([isMade]) => isMade).map(([, ...call]) => call);
  }

  function changed(picture, settings) {
    const { row, column } = settings;
    const call = (before, [name, ...values]) => drawing[name](before, ...(name === 'scramble' ? [order] : values));
    const after = changes(settings).reduce(call, picture);
    return row < 0 ? after : drawing.cover(after, row, column, square);
  }

  // The lines of Python that give the same numbers.
  function python() {
    const settings = state.get();
    const { strokes, digit, row, column, network } = settings;
    const calls = changes(settings);
    const hex = Array.from(begin(settings).picture, (value) => Math.round(255 * value).toString(16).padStart(2, '0'));
    const loads = { trained: 'load_lenet5(seed=1)', untrained: 'load_lenet5(seed=1, trained=False)' }[network];
    const drawn = [
      `pixels = bytes.fromhex(\n    "${hex.join('').replace(/.{80}/g, '$&"\n    "')}"\n)`,
      'picture = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28, 1) / np.float32(255)',
    ];
    return [
      'import numpy as np\n\nfrom cnn_course.runtime import make_reproducible\n\nmake_reproducible()',
      strokes ? '' : 'from cnn_course.datasets import load_mnist',
      calls.length ? `from cnn_course.invariance import ${calls.map(([name]) => name).sort().join(', ')}` : '',
      loads ? 'from cnn_course.weights import load_lenet5' : '',
      ...(strokes ? drawn : [`picture = load_mnist().test.images[${digit} : ${digit + 1}].copy()`]),
      ...calls.map(([name, ...values]) => `picture = ${name}(${['picture', ...values].join(', ')})`),
      row < 0 ? '' : `picture[:, ${row} : ${row + square}, ${column} : ${column + square}] = 0.5`,
      loads ? `model = ${loads}` : '# model: the network that you saved',
      'logits = model.predict(picture, verbose=0)[0]',
      'print(logits.argmax(), (np.exp(logits) / np.exp(logits).sum()).round(3))\n',
    ].filter(Boolean).join('\n');
  }

  // What stands on the page ---------------------------------------------------------------------------------------

  const canvas = (attributes) => element('canvas', { width: SIDE, height: SIDE, ...attributes });
  const titled = (title, ...parts) =>
    element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, title), ...parts);
  const bar = (...parts) => element('div', { class: 'cnn-bar' }, ...parts);
  const figure = (caption = '', attributes = { 'aria-hidden': true }) => {
    const [shown, words] = [canvas(attributes), element('div', {}, caption)];
    return { shown, words, whole: element('div', { class: 'digit-figure' }, words, shown) };
  };
  const all = (parts) => parts.map((part) => part.whole);

  const note = (name, text = '') => element('p', { class: name }, text);
  const keyed = (name, label) =>
    canvas({ class: `digit-picture ${name}`, tabindex: 0, role: 'application', 'aria-label': label });
  const [pad, seen] = [keyed('digit-pad', texts['pad-keys']), keyed('digit-seen', texts['picture-keys'])];
  const steps = ['step-frame', 'step-box', 'step-center'].map((name) => figure(texts[name]));
  const how = element('div', { class: 'digit-steps' }, ...all(steps));
  const [answer, before, about] = ['digit-reads digit-answer', 'digit-note', 'digit-note'].map((name) => note(name));
  const shares = Array.from({ length: 10 }, (_, digit) => {
    const [length, text] = [element('span', {}), element('span', {})];
    const track = element('span', { class: 'digit-share' }, length);
    return { length, text, whole: element('li', {}, `${digit}`, track, text) };
  });
  const thumbnails = places.map((at, i) => {
    const label = fill(texts['test-digit'], { label: labels[i], place: at });
    const pick = () => state.set({ ...unchanged, digit: at, strokes: '' });
    return element('button', { type: 'button', 'aria-label': label, tabindex: i ? -1 : 0, onclick: pick }, canvas({}));
  });
  const row = { role: 'toolbar', 'aria-label': texts.choose, class: 'digit-gallery', onkeydown: walk };
  const gallery = element('div', row, ...thumbnails);
  const layers = Object.keys(columns).map((name) => ({ name, ...figure() }));
  const units = ['dense7', 'dense6'].map((name) => {
    const [words, drawn] = [element('div', {}), element('div', { class: 'digit-units', 'aria-hidden': true })];
    return { name, words, drawn, whole: element('div', { class: 'digit-figure' }, words, drawn) };
  });
  const named = kinds.map((kind) => [kind, texts[kind]]);
  const network = choice(texts.network, named, (kind) => state.set({ network: kind }));
  network.hidden = kinds.length < 2;
  const tool = (key, text, label) => {
    const made = button(text, () => press(key));
    if (label) made.setAttribute('aria-label', label);
    return made;
  };
  const signs = [
    ['ArrowLeft', '←', 'left'], ['ArrowRight', '→', 'right'], ['ArrowUp', '↑', 'up'], ['ArrowDown', '↓', 'down'],
    ['-', '−', 'smaller'], ['+', '+', 'larger'],
  ].map(([key, sign, name]) => tool(key, sign, texts[name]));
  const [turner, scrambler, coverer] = [tool('r', texts.turn), tool('s', texts.scramble), tool('c', texts.cover)];
  const code = element('code', {});
  const lines = element('details', {}, element('summary', {}, texts.lines), element('pre', { tabindex: 0 }, code));
  const region = voice();

  // What the hand does --------------------------------------------------------------------------------------------

  const directions = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  // A key on the picture, or the button that stands for it; false if the key means nothing here.
  function press(key, withShift) {
    const settings = state.get();
    const add = (name, step) => ({ [name]: limit(settings[name] + step, ...limits[name]) });
    const [down, right] = directions[key] || [];
    if (directions[key] && withShift && settings.row >= 0) coverAt(settings.row + down, settings.column + right);
    else if (directions[key]) state.set({ ...add('down', down), ...add('right', right) });
    else if (key === '+' || key === '=') state.set(add('size', 10));
    else if (key === '-') state.set(add('size', -10));
    else if (key === 'r') state.set({ turn: (settings.turn + 15) % 360 });
    else if (key === 's') state.set({ scrambled: 1 - settings.scrambled });
    else if (key === 'c' && settings.row >= 0) state.set({ row: -1, column: -1 });
    else if (key === 'c') coverAt(10, 10);
    else if (key === 'Escape') state.set(unchanged);
    else return false;
    return true;
  }

  const coverAt = (...corner) => {
    const [row, column] = corner.map((at) => limit(at, 0, SIDE - square));
    state.set({ row, column });
  };

  // The pen. The first stroke takes the place of what was there, the others are added to it.
  let pen = [PLACES / 2, PLACES / 2];
  let isDown = false;

  function draw(isFirst) {
    const { strokes } = state.get();
    if (!isFirst && strokes.endsWith(drawing.write(pen))) return;
    const text = (isFirst && strokes ? `${strokes}.` : strokes) + drawing.write(pen);
    if (drawing.isWritten(text)) state.set({ ...(strokes ? {} : unchanged), strokes: text });
  }

  function clear() {
    isDown = false;
    state.set({ strokes: '', ...unchanged });
  }

  function penKey(key, isFast) {
    if (directions[key]) {
      const [down, right] = directions[key].map((step) => step * (isFast ? 8 : 2));
      pen = [pen[0] + right, pen[1] + down].map((at) => limit(at, 0, PLACES - 1));
      if (isDown) draw(false);
    } else if (key === ' ' || key === 'Enter') {
      isDown = !isDown;
      if (isDown) draw(true);
      region.say(isDown ? texts['pen-down'] : texts['pen-up']);
    } else if (['Delete', 'Backspace', 'Escape'].includes(key)) clear();
    else return false;
    paint();
    return true;
  }

  function walk(event) {
    const [down, right] = directions[event.key] || [0, 0];
    const from = thumbnails.indexOf(document.activeElement);
    const next = thumbnails[(from + down + right + thumbnails.length) % thumbnails.length];
    if (!directions[event.key]) return;
    event.preventDefault();
    thumbnails.forEach((each) => (each.tabIndex = each === next ? 0 : -1));
    next.focus();
  }

  function onKeys(target, act) {
    target.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (act(event.key.length === 1 ? event.key.toLowerCase() : event.key, event.shiftKey)) event.preventDefault();
    };
  }

  // Where a pointer is on a canvas: [x, y], each from 0 to `count` - 1.
  function placeOf(event, count) {
    const { left, top, width, height } = event.target.getBoundingClientRect();
    const shares = [(event.clientX - left) / width, (event.clientY - top) / height];
    return shares.map((share) => limit(Math.floor(share * count), 0, count - 1));
  }

  // Call act(event, isFirst) while a finger or a button is down on a canvas.
  function onDrag(target, act) {
    target.onpointerdown = (event) => {
      if (event.button !== 0 || !event.isPrimary) return; // of several fingers, the first
      target.setPointerCapture(event.pointerId);
      target.onpointermove = (moved) => {
        if (!moved.isPrimary) return;
        const events = moved.getCoalescedEvents ? moved.getCoalescedEvents() : [moved]; // all since the last frame
        events.forEach((each) => act(each, false));
      };
      target.onpointerup = target.onpointercancel = (ended) => {
        if (ended.isPrimary) target.onpointermove = null;
      };
      act(event, true);
    };
  }

  // Show ----------------------------------------------------------------------------------------------------------

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const best = (values) => values.indexOf(Math.max(...values));

  // Paint numbers from 0 (black) to 1 (white) on a canvas; null leaves it empty.
  function show(target, height, width, value) {
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

  const showSquare = (target, data, side) => show(target, side, side, (y, x) => data[y * side + x]);

  // Paint all maps of a layer on one scale, from black (zero) to white (the largest number of all).
  function showMaps(target, { data, shape }, across, largest) {
    const [height, width, count] = shape.length === 3 ? shape : [1, 1, shape[0]];
    const gap = shape.length === 3 ? 1 : 0;
    const [down, right] = [height + gap, width + gap];
    show(target, Math.ceil(count / across) * down - gap, across * right - gap, (row, column) => {
      const [y, x] = [row % down, column % right];
      const map = Math.floor(row / down) * across + Math.floor(column / right);
      return y < height && x < width ? data[(y * width + x) * count + map] / largest : null;
    });
  }

  function showPad({ raster, picture }) {
    const side = raster ? PAD : SIDE;
    pad.classList.toggle('digit-smooth', Boolean(raster));
    showSquare(pad, raster || picture, side);
    if (!pad.matches(':focus-visible')) return;
    const context = pad.getContext('2d');
    context.fillStyle = isDown ? '#f80' : '#29f';
    context.fillRect(...pen.map((at) => ((at - 0.5) * side) / PLACES), (3 * side) / PLACES, (3 * side) / PLACES);
  }

  function showSteps({ raster, frame, box, picture }) {
    how.hidden = !frame;
    if (!frame) return;
    const [first, second, third] = steps.map((step) => step.shown);
    showSquare(first, raster, PAD);
    const context = first.getContext('2d');
    Object.assign(context, { strokeStyle: '#f80', lineWidth: 2 });
    context.strokeRect(frame.left, frame.top, frame.width, frame.height);
    const [height, width] = box.shape;
    show(second, BOX, BOX, (y, x) => (y < height && x < width ? box.data[y * width + x] : null));
    showSquare(third, picture, SIDE);
  }

  const read = (weights, data) => cnn.lenet5.forward(weights, { data, shape: [SIDE, SIDE, 1] });
  const sentence = (text, { data }) => fill(text, { digit: best(data), share: percent(Math.max(...data)) });

  function showAnswer(weights, picture, after) {
    const found = read(weights, after);
    const winner = best(found.probabilities.data);
    answer.textContent = sentence(texts.answer, found.probabilities);
    region.say(answer.textContent);
    before.hidden = picture === after;
    if (picture !== after) before.textContent = sentence(texts.before, read(weights, picture).probabilities);
    shares.forEach(({ length, text, whole }, digit) => {
      text.textContent = percent(found.probabilities.data[digit]);
      length.style.width = `${100 * found.probabilities.data[digit]}%`;
      whole.className = digit === winner ? 'digit-best' : '';
    });
    layers.forEach(({ name, words, shown }) => {
      const { data, shape } = found[name];
      const largest = data.reduce((most, value) => Math.max(most, value));
      const [size, , count] = shape;
      const values = { layer: name, size, count: count || size, largest: short(largest, 3) };
      words.textContent = fill(count ? texts.maps : texts.units, values);
      showMaps(shown, found[name], columns[name], largest || 1);
    });
    showUnits(cnn.lenet5.contributions(weights, found, winner), winner, found.logits.data[winner]);
  }

  // What the units of the last layers add to the winning logit: lines up, or down, on one scale.
  function showUnits(added, winner, logit) {
    const most = Math.max(...[...added.dense6, ...added.dense7].map(Math.abs)) || 1;
    units.forEach(({ name, words, drawn }) => {
      const values = [...added[name]];
      const sum = values.reduce((total, value) => total + value);
      const numbers = { logit, sum, rest: logit - sum, most: Math.max(...values) };
      Object.keys(numbers).forEach((key) => (numbers[key] = short(numbers[key], 3)));
      const count = values.length;
      words.textContent = fill(texts.added, { ...numbers, layer: name, count, digit: winner, unit: best(values) });
      const line = (value, i) => `M${i + 0.5} 0V${(-value / most).toFixed(3)}`;
      const lines = (sign) => values.map((value, i) => (value * sign > 0 ? line(value, i) : '')).join('');
      drawn.innerHTML = `<svg viewBox="0 -1 ${count} 2" preserveAspectRatio="none"><path d="M0 0H${count}"/>
        <path class="digit-plus" d="${lines(1)}"/><path class="digit-minus" d="${lines(-1)}"/></svg>`;
    });
  }

  // Paint once before the browser shows the next frame, however much has changed until then.
  let isWaiting = false;
  function paint() {
    if (!isWaiting) requestAnimationFrame(paintNow);
    isWaiting = true;
  }

  function paintNow() {
    isWaiting = false;
    const settings = state.get();
    const made = begin(settings);
    const after = changed(made.picture, settings);
    showPad(made);
    showSteps(made);
    showSquare(seen, after, SIDE);
    const at = places.indexOf(settings.digit);
    const origin = made.frame ? texts['about-drawing'] : texts['about-test'];
    about.textContent = fill(origin, { label: labels[at], place: places[at] });
    thumbnails.forEach((each, i) => each.setAttribute('aria-pressed', !made.frame && i === at));
    scrambler.setAttribute('aria-pressed', settings.scrambled === 1);
    coverer.setAttribute('aria-pressed', settings.row >= 0);
    seen.style.touchAction = settings.row < 0 ? 'auto' : 'none'; // a finger drags the square, or else the page
    network.set(settings.network);
    if (lines.open) code.textContent = python();
    const weights = weightsOf(settings.network);
    if (weights) showAnswer(weights, made.picture, after);
  }

  // Return the weights of a network; if they are not here yet, fetch them, and paint again when they are.
  function weightsOf(kind) {
    const name = `lenet5-${kind}`;
    const arrived = () => {
      networks[kind] = networks[kind] || cnn.unpack(cnn.data[name]); // throws if something else came
      paint();
    };
    if (!networks[kind]) cnn.load([`${name}.js`]).then(arrived).catch(() => (answer.textContent = texts.unloaded));
    return networks[kind];
  }

  const state = cnn.state(place, defaults, isValid, paint);
  try {
    bytes = cnn.bytes(cnn.data.digits);
    networks[kinds[0]] = cnn.unpack(cnn.data[`lenet5-${kinds[0]}`]);
  } catch {
    place.classList.remove('cnn-open'); // the figure stands
    place.prepend(note('cnn', texts.damaged));
    return;
  }
  const copies = [[texts.link, state.link], [texts.python, python]].map((copy) => copyButton(...copy, region, texts));
  thumbnails.forEach((each, i) => showSquare(each.firstChild, testDigit(places[i]), SIDE));
  onKeys(seen, press);
  onKeys(pad, penKey);
  pad.onfocus = lines.ontoggle = paint;
  pad.onblur = () => {
    isDown = false; // who comes back does not draw at once
    paint();
  };
  onDrag(pad, (event, isFirst) => {
    pen = placeOf(event, PLACES);
    draw(isFirst);
  });
  onDrag(seen, (event) => {
    const [x, y] = placeOf(event, SIDE);
    if (state.get().row >= 0) coverAt(y - 3, x - 3);
  });
  place.append(
    element('section', { class: 'cnn digit', 'aria-label': texts.title },
      note('digit-answer', texts.invitation),
      element('div', { class: 'cnn-panels' },
        titled(texts.draw, pad, bar(button(texts.clear, clear))),
        titled(texts.reads, network, answer, before, element('ol', { class: 'digit-bars' }, ...all(shares))),
        titled(texts.seen, seen, note('digit-note', texts.hint), bar(...signs), bar(turner, scrambler, coverer))),
      titled(texts.choose, gallery),
      about, how,
      titled(texts.layers, ...all(layers)),
      titled(texts.adds, ...all(units)),
      bar(button(texts.reset, state.reset), ...copies),
      lines, region)
  );
  paint();
};
