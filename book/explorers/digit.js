// The explorer "Draw a digit": the reader's digit, or a test digit, in every layer of LeNet-5.
//
// Settings give a picture, the picture gives all layers, and `paint` shows them. Nothing else is kept: a drawing hand,
// an address and the reset button all do the same, they change the settings.
var cnn = cnn || {};

cnn.explorers.digit = function (place) {
  'use strict';
  const { element, fill, short, button, choice, voice, bar, titled, foot } = cnn.widgets;
  const { arrows, eachFrame, onDrag, showMaps, showSquare } = cnn.painting;
  const { SIDE, PLACES, write, isWritten, unchanged, isChanged, isAllowed, limit } = cnn.digit;
  const texts = { ...cnn.texts.shared, ...cnn.texts.digit };
  const { places, labels, order } = cnn.data.digits;
  const kinds = (place.dataset.networks || 'trained untrained').split(' ');
  const presets = { 'scrambled-digit': { scrambled: 1 }, 'untrained-digit': { network: 'untrained' } };
  const defaults = { digit: 18, strokes: '', network: kinds[0], ...unchanged, ...presets[cnn.nameOf(place)] };
  const columns = { conv1: 6, pool2: 6, conv3: 8, pool4: 8, dense6: 30, dense7: 42 }; // maps, or units, in a row
  const networks = {};
  const bytes = cnn.bytes(cnn.data.digits); // the pixels of the test digits

  const isValid = (settings) =>
    places.includes(settings.digit) && kinds.includes(settings.network) && isAllowed(settings);

  // From settings to a picture ------------------------------------------------------------------------------------

  function testDigit(at) {
    const start = places.indexOf(at) * SIDE * SIDE;
    return Float32Array.from(bytes.subarray(start, start + SIDE * SIDE), (byte) => byte / 255);
  }

  // Return a picture as MNIST has them and, of a drawing, the steps to it.
  const begin = ({ strokes, digit }) => (strokes ? cnn.drawing.steps(strokes) : { picture: testDigit(digit) });

  const changed = (picture, settings) => (isChanged(settings) ? cnn.moves.changed(picture, settings, order) : picture);

  // The scripts that these settings need: a reader who neither draws nor moves anything loads none for that.
  const needed = (settings) => [
    `lenet5-${settings.network}.js`,
    ...(settings.strokes ? ['drawing.js'] : []),
    ...(isChanged(settings) ? ['moves.js'] : []),
  ];

  // What stands on the page ---------------------------------------------------------------------------------------

  const canvas = (attributes) => element('canvas', { width: SIDE, height: SIDE, ...attributes });
  const all = (parts) => parts.map((part) => part.whole);

  const note = (name, text = '') => element('p', { class: name }, text);
  const keyed = (name, label) =>
    canvas({ class: `digit-picture ${name}`, tabindex: 0, role: 'application', 'aria-label': label });
  const [pad, seen] = [keyed('digit-pad', texts['pad-keys']), keyed('digit-seen', texts['picture-keys'])];
  const how = element('div', { class: 'digit-steps' }); // a drawing becomes a picture
  const [answer, before, about] = ['digit-reads digit-answer', 'digit-note', 'digit-note'].map((name) => note(name));
  const shares = [...'0123456789'].map((digit) => {
    const [length, text] = [element('span', {}), element('span', {})];
    const whole = element('li', {}, digit, element('span', { class: 'digit-share' }, length), text);
    return { length, text, whole };
  });
  const thumbnails = places.map((at, i) => {
    const label = fill(texts['test-digit'], { label: labels[i], place: at });
    const pick = () => state.set({ ...unchanged, digit: at, strokes: '' });
    return element('button', { type: 'button', 'aria-label': label, tabindex: i ? -1 : 0, onclick: pick }, canvas({}));
  });
  const row = { role: 'toolbar', 'aria-label': texts.choose, class: 'digit-gallery', onkeydown: walk };
  const gallery = element('div', row, ...thumbnails);
  const layers = Object.keys(columns).map((name) => {
    const [words, shown] = [element('div', {}), canvas({ 'aria-hidden': true })];
    return { name, words, shown, whole: element('div', { class: 'digit-figure' }, words, shown) };
  });
  const adds = titled(texts.adds);
  const network = choice(texts.network, kinds.map((kind) => [kind, texts[kind]]), (kind) => state.set({ network: kind }));
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
  const region = voice();

  // What the hand does --------------------------------------------------------------------------------------------

  const unloaded = (error) => {
    console.warn(error.message);
    answer.textContent = texts.unloaded;
  };

  // A key on the picture, or the button that stands for it. What it changes, moves.js knows, which comes with the first.
  function press(key, withShift) {
    if (!/^(Arrow|Escape$|[-+=rsc]$)/.test(key)) return false;
    cnn.load(['moves.js']).then(() => state.set(cnn.moves.pressed(state.get(), key, withShift)), unloaded);
    return true;
  }

  // The pen. The first stroke takes the place of what was there, the others are added to it.
  let pen = [PLACES / 2, PLACES / 2];
  let isDown = false;

  function draw(isFirst) {
    const { strokes } = state.get();
    if (!isFirst && strokes.endsWith(write(pen))) return;
    const text = (isFirst && strokes ? `${strokes}.` : strokes) + write(pen);
    if (isWritten(text)) state.set({ ...(strokes ? {} : unchanged), strokes: text });
  }

  function clear() {
    isDown = false;
    state.set({ strokes: '', ...unchanged });
  }

  function penKey(key, isFast) {
    if (arrows[key]) {
      const [down, right] = arrows[key].map((step) => step * (isFast ? 8 : 2));
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
    const [down, right] = arrows[event.key] || [0, 0];
    const from = thumbnails.indexOf(document.activeElement);
    const next = thumbnails[(from + down + right + thumbnails.length) % thumbnails.length];
    if (!arrows[event.key]) return;
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

  // Show ----------------------------------------------------------------------------------------------------------

  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const best = (values) => values.indexOf(Math.max(...values));

  function showPad({ raster, side = SIDE, picture }) {
    pad.classList.toggle('digit-smooth', Boolean(raster));
    showSquare(pad, raster || picture, side);
    if (!pad.matches(':focus-visible')) return;
    const context = pad.getContext('2d');
    context.fillStyle = isDown ? '#f80' : '#29f';
    context.fillRect(...pen.map((at) => ((at - 0.5) * side) / PLACES), (3 * side) / PLACES, (3 * side) / PLACES);
  }

  function showSteps(steps) {
    how.hidden = !steps.frame;
    if (steps.frame) cnn.drawing.show(how, texts, steps);
  }

  const read = (weights, data) => cnn.lenet5.forward(weights, { data, shape: [SIDE, SIDE, 1] });
  const sentence = (text, odds) => fill(text, { digit: best(odds), share: percent(Math.max(...odds)) });

  function showAnswer(weights, picture, after) {
    const found = read(weights, after);
    const { data: odds } = found.probabilities;
    const winner = best(odds);
    answer.textContent = sentence(texts.answer, odds);
    region.say(answer.textContent);
    before.hidden = picture === after;
    if (picture !== after) before.textContent = sentence(texts.before, read(weights, picture).probabilities.data);
    shares.forEach(({ length, text, whole }, digit) => {
      text.textContent = percent(odds[digit]);
      length.style.width = `${100 * odds[digit]}%`;
      whole.className = digit === winner ? 'digit-best' : '';
    });
    layers.forEach(({ name, words, shown }) => {
      const [size, , count] = found[name].shape;
      const largest = showMaps(shown, found[name], columns[name]);
      const values = { layer: name, size, count: count || size, largest: short(largest, 3) };
      words.textContent = fill(count ? texts.maps : texts.units, values);
    });
    if (showUnits) showUnits(weights, found, winner);
  }

  // What each unit adds stands far below, and its script comes when the reader does.
  let showUnits;
  const watcher = new IntersectionObserver(([{ isIntersecting }]) => {
    if (!isIntersecting) return;
    cnn.load(['contributions.js']).then(() => {
      watcher.disconnect();
      showUnits = showUnits || cnn.contributions.figures(adds, texts);
      paint();
    }, unloaded);
  }, { rootMargin: '200px' });
  watcher.observe(adds);

  const here = []; // the scripts that have come
  function paintNow() {
    const settings = state.get();
    const missing = needed(settings).filter((name) => !here.includes(name));
    if (!missing.length) return showAll(settings);
    return cnn.load(missing).then(() => {
      networks[settings.network] = cnn.unpack(cnn.data[`lenet5-${settings.network}`]); // throws if something else came
      here.push(...missing);
      if (settings === state.get()) showAll(settings); // else it is painted again anyway
    });
  }

  function showAll(settings) {
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
    below.draw();
    showAnswer(networks[settings.network], made.picture, after);
  }

  const paint = eachFrame(() => Promise.resolve(paintNow()).catch(unloaded));
  const state = cnn.state(place, defaults, isValid, paint);
  const python = () => cnn.python.digit(state.get(), begin(state.get()).picture);
  const below = foot('digit', { state, region, texts, python, scripts: ['moves.js'] });
  thumbnails.forEach((each, i) => showSquare(each.firstChild, testDigit(places[i]), SIDE));
  onKeys(seen, press);
  onKeys(pad, penKey);
  pad.onfocus = paint;
  pad.onpointerenter = () => cnn.load(['drawing.js']).catch(() => {}); // before the first stroke; else with it
  pad.onblur = () => {
    isDown = false; // who comes back does not draw at once
    paint();
  };
  onDrag(pad, PLACES, (at, isFirst) => {
    pen = at;
    draw(isFirst);
  });
  onDrag(seen, SIDE, ([x, y]) => {
    if (state.get().row >= 0) state.set(cnn.moves.covered(y - 3, x - 3));
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
      adds, below, region)
  );
  return paintNow();
};
