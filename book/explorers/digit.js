// The explorer "Draw a digit": the reader's own digit, or a test digit, in every layer of LeNet-5.
//
// One function goes from the settings to a picture, one from the picture to all layers, and `paint` shows them. Nothing
// is kept but the settings, so an address, a reset and a drawing hand are one and the same: new settings.
var cnn = cnn || {};

cnn.explorers.digit = function (place) {
  'use strict';
  const { element, fill, short, button, choice, voice, copyButton } = cnn.widgets;
  const { SIDE, PAD, PLACES, ...drawing } = cnn.drawing;
  const words = { ...cnn.texts.shared, ...cnn.texts.digit };
  const SQUARE = 7; // pixels that the gray square covers, down and across
  const KINDS = (place.dataset.networks || 'trained untrained').split(' ');
  const PRESETS = { 'scrambled-digit': { scrambled: 1 }, 'untrained-digit': { network: 'untrained' } };
  const UNCHANGED = { size: 100, turn: 0, down: 0, right: 0, scrambled: 0, row: -1, column: -1 };
  const LAYERS = { conv1: 6, pool2: 6, conv3: 8, pool4: 8, dense6: 30, dense7: 42 }; // maps in a row
  const LIMITS = { size: [40, 160], turn: [0, 345], down: [-20, 20], right: [-20, 20], scrambled: [0, 1], row: [-1, 21], column: [-1, 21] };
  const defaults = { digit: 18, strokes: '', network: KINDS[0], ...UNCHANGED, ...PRESETS[cnn.nameOf(place)] };
  const { places, labels, order } = cnn.data.digits;
  let pixels;
  const networks = {};

  function isValid(settings) {
    const within = ([name, [least, most]]) => Number.isInteger(settings[name]) && settings[name] >= least && settings[name] <= most;
    return Object.entries(LIMITS).every(within) && places.includes(settings.digit) && KINDS.includes(settings.network) && drawing.isWritten(settings.strokes);
  }

  // From settings to a picture ------------------------------------------------------------------------------------

  function testDigit(at) {
    const start = places.indexOf(at) * SIDE * SIDE;
    return Float32Array.from(pixels.subarray(start, start + SIDE * SIDE), (byte) => byte / 255);
  }

  // Return the picture before any change and, of a drawing, the steps to it.
  function begin({ strokes, digit }) {
    const raster = drawing.ink(drawing.read(strokes));
    const frame = drawing.frame(raster);
    if (!frame) return { picture: strokes ? new Float32Array(SIDE * SIDE) : testDigit(digit) };
    const box = drawing.boxed(raster, frame);
    return { raster, frame, box, picture: drawing.centered(box) };
  }

  function change(picture, settings) {
    let changed = picture;
    if (settings.size !== 100) changed = drawing.scale(changed, settings.size / 100);
    if (settings.turn) changed = drawing.turn(changed, settings.turn);
    if (settings.down || settings.right) changed = drawing.shift(changed, settings.down, settings.right);
    if (settings.scrambled) changed = drawing.scramble(changed, order);
    if (settings.row >= 0) changed = drawing.cover(changed, settings.row, settings.column, SQUARE);
    return changed;
  }

  // The lines of Python that give the same numbers.
  function python() {
    const settings = state.get();
    const bytes = Array.from(begin(settings).picture, (value) => Math.round(255 * value).toString(16).padStart(2, '0'));
    const changes = [
      [settings.size !== 100, 'scale', settings.size / 100],
      [settings.turn, 'turn', settings.turn],
      [settings.down || settings.right, 'shift', `${settings.down}, ${settings.right}`],
      [settings.scrambled, 'scramble', ''],
    ].filter(([made]) => made);
    const models = { trained: 'load_lenet5(seed=1)', untrained: 'load_lenet5(seed=1, trained=False)' };
    const { row, column } = settings;
    return [
      'from cnn_course.runtime import make_reproducible\n',
      'make_reproducible()',
      'import numpy as np\n',
      ...(settings.strokes ? [] : ['from cnn_course.datasets import load_mnist']),
      ...(changes.length ? [`from cnn_course.invariance import ${changes.map(([, name]) => name).sort().join(', ')}`] : []),
      'from cnn_course.weights import load_lenet5\n',
      settings.strokes
        ? `pixels = bytes.fromhex(\n    "${bytes.join('').match(/.{1,80}/g).join('"\n    "')}"\n)\npicture = np.frombuffer(pixels, np.uint8).reshape(1, 28, 28, 1) / np.float32(255)`
        : `picture = load_mnist().test.images[${settings.digit}:${settings.digit + 1}].copy()`,
      ...changes.map(([, name, value]) => `picture = ${name}(picture${value === '' ? '' : `, ${value}`})`),
      ...(row < 0 ? [] : [`picture[:, ${row}:${row + SQUARE}, ${column}:${column + SQUARE}] = 0.5`]),
      models[settings.network] ? `model = ${models[settings.network]}` : '# model: the network that you saved',
      'logits = model.predict(picture, verbose=0)[0]',
      'print(logits.argmax(), np.round(np.exp(logits) / np.exp(logits).sum(), 4))\n',
    ].join('\n');
  }

  // What is on the page -------------------------------------------------------------------------------------------

  const canvas = (side, attributes) => element('canvas', { width: side, height: side, class: 'cnn-picture', ...attributes });
  const panel = (title, ...children) => element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, title), ...children);
  const keyed = (label, attributes) => ({ tabindex: 0, role: 'application', 'aria-label': label, ...attributes });

  const pad = canvas(PAD, keyed(words['pad-keys'], { class: 'cnn-picture cnn-pad' }));
  const seen = canvas(SIDE, keyed(words['picture-keys']));
  const steps = ['step-frame', 'step-box', 'step-center'].map((name) => {
    const shown = canvas(SIDE, { 'aria-hidden': 'true' });
    return { shown, whole: element('figure', { class: 'cnn-step' }, shown, element('figcaption', {}, words[name])) };
  });
  const how = element('div', { class: 'cnn-steps' }, ...steps.map((step) => step.whole));
  const about = element('p', { class: 'cnn-note' });
  const thumbnails = places.map((at, i) => element('button', { type: 'button', 'aria-label': fill(words['test-digit'], { label: labels[i], place: at }), tabindex: -1, onclick: () => choose(at) }, canvas(SIDE, { 'aria-hidden': 'true' })));
  const gallery = element('div', { class: 'cnn-gallery', role: 'toolbar', 'aria-label': words.choose, onkeydown: walk }, ...thumbnails);
  const network = choice(words.network, KINDS.map((name) => [name, words[name]]), (name) => state.set({ network: name }));
  const answer = element('p', { class: 'cnn-answer' });
  const before = element('p', { class: 'cnn-note' });
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [bar, share] = [element('span', { class: 'cnn-bar' }), element('span', { class: 'cnn-share' })];
    return { bar, share, whole: element('li', {}, element('span', {}, String(digit)), element('span', { class: 'cnn-track' }, bar), share) };
  });
  const layers = Object.keys(LAYERS).map((name) => {
    const [title, shown] = [element('figcaption'), element('canvas', { class: 'cnn-maps', 'aria-hidden': 'true' })];
    return { name, title, shown, whole: element('figure', {}, title, shown) };
  });
  const units = ['dense7', 'dense6'].map((name) => {
    const [title, drawn] = [element('figcaption'), element('div', { class: 'cnn-units', 'aria-hidden': 'true' })];
    return { name, title, drawn, whole: element('figure', {}, title, drawn) };
  });
  const tools = [
    ['←', words.left, 'ArrowLeft'], ['→', words.right, 'ArrowRight'], ['↑', words.up, 'ArrowUp'], ['↓', words.down, 'ArrowDown'],
    ['−', words.smaller, '-'], ['+', words.larger, '+'], ['R', words.turn, 'r'], ['S', words.scramble, 's'], ['■', words.cover, 'c'],
  ].map(([sign, label, key]) => {
    const made = button(sign, () => press(key));
    made.setAttribute('aria-label', label);
    made.title = label;
    return made;
  });
  const region = voice();

  // Settings that the hand changes --------------------------------------------------------------------------------

  const choose = (digit) => state.set({ ...UNCHANGED, digit, strokes: '' });
  const clamp = (name, value) => Math.min(LIMITS[name][1], Math.max(LIMITS[name][0], value));
  const STEPS = { ArrowUp: ['down', -1], ArrowDown: ['down', 1], ArrowLeft: ['right', -1], ArrowRight: ['right', 1] };

  // A key on the picture, or the button of the same name.
  function press(key, shift) {
    const settings = state.get();
    const covered = settings.row >= 0;
    if (key in STEPS && shift && covered) {
      const [name, step] = STEPS[key];
      const axis = name === 'down' ? 'row' : 'column';
      state.set({ [axis]: Math.max(0, clamp(axis, settings[axis] + step)) });
    } else if (key in STEPS) state.set({ [STEPS[key][0]]: clamp(STEPS[key][0], settings[STEPS[key][0]] + STEPS[key][1]) });
    else if (key === '+' || key === '=') state.set({ size: clamp('size', settings.size + 10) });
    else if (key === '-') state.set({ size: clamp('size', settings.size - 10) });
    else if (key === 'r') state.set({ turn: (settings.turn + 15) % 360 });
    else if (key === 's') state.set({ scrambled: 1 - settings.scrambled });
    else if (key === 'c') state.set(covered ? { row: -1, column: -1 } : { row: 10, column: 10 });
    else if (key === 'escape') state.set(UNCHANGED);
    else return false;
    return true;
  }

  function walk(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = thumbnails[(thumbnails.indexOf(document.activeElement) + step + thumbnails.length) % thumbnails.length];
    thumbnails.forEach((each) => (each.tabIndex = each === next ? 0 : -1));
    next.focus();
  }

  function onKeys(target, act) {
    target.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (act(key === 'Escape' ? 'escape' : key, event.shiftKey)) event.preventDefault();
    });
  }

  // Where a pointer is on a canvas, in steps from 0 to `count` - 1.
  function at(event, target, count) {
    const { left, top, width, height } = target.getBoundingClientRect();
    const steps = (from, size) => Math.min(count - 1, Math.max(0, Math.floor((from / size) * count)));
    return [steps(event.clientX - left, width), steps(event.clientY - top, height)];
  }

  function onDrag(target, start, move) {
    target.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || start(event) === false) return;
      target.focus({ preventScroll: true });
      target.setPointerCapture(event.pointerId);
      target.onpointermove = (moved) => (moved.getCoalescedEvents ? moved.getCoalescedEvents() : [moved]).forEach(move);
      target.onpointerup = target.onpointercancel = () => (target.onpointermove = null);
      event.preventDefault();
    });
  }

  // The pen: a first stroke takes a test digit's place; later ones are added.
  const pen = { at: [PLACES / 2, PLACES / 2], isDown: false };

  function begins(to) {
    const { strokes } = state.get();
    state.set({ strokes: (strokes ? `${strokes}.` : '') + drawing.write([[to]]), ...(strokes ? {} : UNCHANGED) });
  }

  function goes(to) {
    const { strokes } = state.get();
    const next = strokes + drawing.write([[to]]);
    if (!strokes.endsWith(drawing.write([[to]])) && drawing.isWritten(next)) state.set({ strokes: next });
  }

  function penKey(key, fast) {
    if (key in STEPS) {
      const [name, step] = STEPS[key];
      const axis = name === 'right' ? 0 : 1;
      pen.at = pen.at.slice();
      pen.at[axis] = Math.min(PLACES - 1, Math.max(0, pen.at[axis] + step * (fast ? 8 : 2)));
      if (pen.isDown) goes(pen.at);
      else paint();
    } else if (key === ' ' || key === 'Enter') {
      pen.isDown = !pen.isDown;
      if (pen.isDown) begins(pen.at);
      region.say(pen.isDown ? words['pen-down'] : words['pen-up']);
      paint();
    } else if (key === 'Backspace' || key === 'Delete' || key === 'escape') clear();
    else return false;
    return true;
  }

  function clear() {
    pen.isDown = false;
    state.set({ strokes: '', ...UNCHANGED });
  }

  // Show ----------------------------------------------------------------------------------------------------------

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const gray = (context, width, height, value) => {
    const image = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const tone = value(Math.floor(i / width), i % width);
      if (tone !== null) image.data.set([tone, tone, tone, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  };

  function show(target, data, side) {
    gray(target.getContext('2d'), side, side, (y, x) => 255 * data[y * side + x]);
  }

  // All maps of a layer side by side, on one scale from black (zero) to white (the largest number of all).
  function mosaic(target, { data, shape }, columns, largest) {
    const [height, width, count] = shape.length === 3 ? shape : [1, 1, shape[0]];
    const gap = shape.length === 3 ? 1 : 0;
    const size = (side, times) => times * (side + gap) - gap;
    const [across, down] = [size(width, columns), size(height, Math.ceil(count / columns))];
    if (target.width !== across || target.height !== down) Object.assign(target, { width: across, height: down });
    gray(target.getContext('2d'), across, down, (row, column) => {
      const [y, x] = [row % (height + gap), column % (width + gap)];
      const map = Math.floor(row / (height + gap)) * columns + Math.floor(column / (width + gap));
      return y < height && x < width && map < count ? (255 * data[(y * width + x) * count + map]) / largest : null;
    });
  }

  function showSteps({ raster, frame, box, picture }) {
    how.hidden = !frame;
    if (!frame) return;
    const [first, second, third] = steps.map((step) => step.shown);
    const { top, left, bottom, right } = frame;
    first.width = first.height = PAD;
    show(first, raster, PAD);
    const pen = first.getContext('2d');
    pen.strokeStyle = '#f80';
    pen.lineWidth = 3;
    pen.strokeRect(left, top, right - left, bottom - top);
    const [height, width] = box.shape;
    Object.assign(second, { width: 20, height: 20 });
    gray(second.getContext('2d'), 20, 20, (y, x) => (y < height && x < width ? 255 * box.data[y * width + x] : null));
    show(third, picture, SIDE);
  }

  function showPad({ raster, picture }) {
    const context = pad.getContext('2d');
    pad.width = pad.height = raster ? PAD : SIDE;
    pad.classList.toggle('cnn-smooth', Boolean(raster));
    show(pad, raster || picture, pad.width);
    if (document.activeElement !== pad || !pad.matches(':focus-visible')) return;
    const [x, y] = pen.at.map((each) => ((each + 0.5) * pad.width) / PLACES);
    context.fillStyle = pen.isDown ? '#f80' : '#08f';
    context.fillRect(x - pad.width / 56, y - pad.width / 56, pad.width / 28, pad.width / 28);
  }

  function showAnswer(weights, picture, changed) {
    const found = cnn.lenet5.forward(weights, { data: changed, shape: [SIDE, SIDE, 1] });
    const best = (shares) => shares.reduce((most, share, digit) => (share > shares[most] ? digit : most), 0);
    const reading = (shares) => ({ digit: best(shares), share: percent(shares[best(shares)]) });
    const shares = found.probabilities.data;
    const winner = best(shares);
    bars.forEach(({ bar, share, whole }, digit) => {
      bar.style.width = `${100 * shares[digit]}%`;
      share.textContent = percent(shares[digit]);
      whole.classList.toggle('cnn-best', digit === winner);
    });
    answer.textContent = fill(words.answer, reading(shares));
    before.hidden = picture === changed;
    if (!before.hidden) {
      const first = cnn.lenet5.forward(weights, { data: picture, shape: [SIDE, SIDE, 1] });
      before.textContent = fill(words.before, reading(first.probabilities.data));
    }
    region.say(answer.textContent);
    layers.forEach(({ name, title, shown }) => {
      const { data, shape } = found[name];
      const largest = data.reduce((most, value) => Math.max(most, value), 0);
      const [rows, , maps] = shape;
      title.textContent = fill(shape.length === 3 ? words.maps : words.units, { layer: name, count: maps || rows, size: rows, largest: short(largest) });
      mosaic(shown, found[name], LAYERS[name], largest || 1);
    });
    const added = cnn.lenet5.contributions(weights, found, winner);
    const most = Math.max(...added.dense6.map(Math.abs), ...added.dense7.map(Math.abs), 1e-9);
    units.forEach(({ name, title, drawn }) => {
      const values = added[name];
      const sum = values.reduce((all, value) => all + value, 0);
      const strongest = values.reduce((top, value, unit) => (value > values[top] ? unit : top), 0);
      const logit = found.logits.data[winner];
      title.textContent = fill(words.added, { layer: name, count: values.length, digit: winner, logit: short(logit), sum: short(sum), rest: short(logit - sum), unit: strongest, most: short(values[strongest]) });
      const path = (wanted) => [...values].map((value, unit) => (wanted(value) ? `M${unit + 0.5} 0V${(-value / most).toFixed(4)}` : '')).join('');
      drawn.innerHTML = `<svg viewBox="0 -1.05 ${values.length} 2.1" preserveAspectRatio="none"><path class="cnn-line" d="M0 0H${values.length}"/><path class="cnn-adds" d="${path((value) => value > 0)}"/><path class="cnn-takes" d="${path((value) => value < 0)}"/></svg>`;
    });
  }

  let waiting = false;
  function paint() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const settings = state.get();
      const made = begin(settings);
      const changed = change(made.picture, settings);
      showPad(made);
      showSteps(made);
      show(seen, changed, SIDE);
      about.textContent = settings.strokes ? words['about-drawing'] : fill(words['about-test'], { label: labels[places.indexOf(settings.digit)], place: settings.digit });
      thumbnails.forEach((each, i) => each.setAttribute('aria-pressed', String(!settings.strokes && places[i] === settings.digit)));
      tools[7].setAttribute('aria-pressed', String(Boolean(settings.scrambled)));
      tools[8].setAttribute('aria-pressed', String(settings.row >= 0));
      network.set(settings.network);
      withNetwork(settings.network, (weights) => showAnswer(weights, made.picture, changed));
    });
  }

  // Call `use` with the weights of a network: at once if they are here, else when they are, and only if still wanted.
  function withNetwork(name, use) {
    const script = `lenet5-${name}`;
    if (networks[name]) return use(networks[name]);
    if (cnn.data[script]) return use((networks[name] = cnn.lenet5.unpack(cnn.data[script])));
    return cnn.load([`${script}.js`]).then(paint, () => (answer.textContent = words.unloaded));
  }

  const state = cnn.state(place, defaults, isValid, paint);
  onKeys(seen, press);
  onKeys(pad, penKey);
  pad.addEventListener('focus', paint);
  pad.addEventListener('blur', paint);
  onDrag(pad, (event) => begins(at(event, pad, PLACES)), (event) => goes(at(event, pad, PLACES)));
  const coverAt = (event) => {
    const [column, row] = at(event, seen, SIDE).map((each) => Math.min(SIDE - SQUARE, Math.max(0, each - 3)));
    state.set({ row, column });
  };
  onDrag(seen, (event) => (state.get().row < 0 ? false : coverAt(event)), coverAt);

  const whole = element('div', { class: 'cnn-explorer cnn-digit', role: 'group', 'aria-label': words.title },
    element('p', { class: 'cnn-invitation' }, words.invitation),
    element('div', { class: 'cnn-row' },
      panel(words.draw, pad, element('div', { class: 'cnn-tools' }, button(words.clear, clear))),
      panel(words.seen, seen, element('div', { class: 'cnn-tools' }, ...tools)),
      panel(words.reads, ...(KINDS.length > 1 ? [network] : []), answer, before, element('ol', { class: 'cnn-bars' }, ...bars.map((bar) => bar.whole)))),
    about, how,
    panel(words.choose, gallery),
    element('div', { class: 'cnn-panel cnn-layers' }, element('div', { class: 'cnn-title' }, words.layers), ...layers.map((layer) => layer.whole)),
    element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, words.adds), ...units.map((each) => each.whole)),
    element('div', { class: 'cnn-tools' }, button(words.reset, state.reset), copyButton(words.link, state.link, region, words), copyButton(words.python, python, region, words)),
    region);

  try {
    pixels = cnn.lenet5.bytes(cnn.data.digits);
    if (cnn.data[`lenet5-${KINDS[0]}`]) networks[KINDS[0]] = cnn.lenet5.unpack(cnn.data[`lenet5-${KINDS[0]}`]);
  } catch (error) {
    place.prepend(element('p', { class: 'cnn-note' }, words.damaged));
    return;
  }
  thumbnails.forEach((each, i) => show(each.firstChild, testDigit(places[i]), SIDE));
  thumbnails[0].tabIndex = 0;
  place.replaceChildren(whole);
  paint();
};
