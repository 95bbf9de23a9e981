// The explorer "Your own photograph": a picture of the reader's, judged by the photo network, in the page.
//
// A file becomes the 96 x 96 pixels that the network gets (photograph-pixels.js), the worker makes logits and maps of them
// (photograph-worker.js), and `paint` shows what is there. Nothing is sent anywhere.
var cnn = cnn || {};

cnn.explorers.photograph = function (place) {
  'use strict';
  const { element, fill, short, button, choice, voice, bar, titled, foot } = cnn.widgets;
  const { eachFrame, showMaps } = cnn.painting;
  const texts = { ...cnn.texts.shared, ...cnn.texts.photograph };
  const SIDE = 96;
  const TILES = 12; // of the occlusion map, in a row; a square covers 2 x 2 of them
  const SQUARES = (TILES - 1) ** 2;
  const animals = ['cat', 'dog'];
  const samples = ['chelsea', 'drawn-cat', 'drawn-dog', 'coffee'];
  const layers = { stem_relu: 8, block1: 8, block2: 8, block3: 16, block4: 24 }; // maps in a row
  const defaults = { picture: '', about: 'answer', layer: 'stem_relu' };
  const isValid = ({ picture, about, layer }) =>
    ['', ...samples].includes(picture) && ['answer', ...animals].includes(about) && Object.keys(layers).includes(layer);

  let worker; // a promise: what answers, once the network is here
  let run = 0; // the picture whose results count
  let name = ''; // of the reader's file
  let path; // of a sample, in the package
  let seen, judged, odds, isCovering, problem, isBusy; // what the network gets, what it says, and with each square covered

  // The network ---------------------------------------------------------------------------------------------------

  async function open() {
    await cnn.load('sha256.js weights.js workers.js photograph-worker.js photograph-network.js'.split(' '));
    const { program, isFast } = await cnn.program('photograph');
    slow.hidden = isFast;
    const ask = cnn.employ(cnn.photographWorker);
    await ask('load', { program, weights: cnn.bytes(cnn.data['photograph-network']) });
    return ask;
  }

  // What a reader is told of what went wrong. The next picture asks again for what could not be loaded.
  function reasonOf(error) {
    if (texts[error.message]) return texts[error.message];
    console.warn(error.message);
    worker = null;
    return error.message === 'SHA-256' ? texts.damaged : fill(texts.broken, { reason: error.message });
  }

  function forget() {
    run++;
    seen = judged = problem = null;
    odds = [];
    isCovering = false;
  }

  // Judge a file, or what a promise of one brings.
  async function judge(file) {
    forget();
    const mine = run;
    isBusy = true;
    paint();
    try {
      await cnn.load(['photograph-file.js', 'photograph-pixels.js']);
      const found = await cnn.photograph.read(await file);
      if (mine !== run) return;
      seen = found;
      paint();
      const ask = await (worker = worker || open());
      const said = await ask('judge', seen.pixels);
      if (mine !== run) return;
      judged = said;
    } catch (error) {
      const reason = reasonOf(error);
      if (mine !== run) return;
      problem = reason;
      shown = ''; // the same button tries again
    }
    isBusy = false;
    paint();
    region.say(problem || sentence());
  }

  // Cover one place after the other, until all are done or the reader stops it.
  async function cover() {
    const mine = run;
    isCovering = true;
    if (odds.length === SQUARES) odds = [];
    paintCovered();
    try {
      const ask = await worker;
      while (mine === run && isCovering && odds.length < SQUARES) {
        const found = await ask('cover', { square: odds.length });
        if (mine !== run) return;
        odds.push(found.odds);
        paintCovered();
      }
    } catch (error) {
      problem = reasonOf(error);
    }
    if (mine !== run) return;
    stop();
    region.say(occlusionText());
  }

  // What the numbers say ------------------------------------------------------------------------------------------

  const percent = (share) => `${(100 * share).toFixed(1)} %`;

  function shares() {
    const [cat, dog] = judged.logits;
    const one = 1 / (1 + Math.exp(cat - dog));
    return [1 - one, one];
  }

  const answer = () => (shares()[1] > 0.5 ? 1 : 0);
  const label = () => (state.get().about === 'answer' ? answer() : animals.indexOf(state.get().about));
  const sentence = () => fill(texts.answer, { animal: texts[animals[answer()]], share: percent(shares()[answer()]) });

  // Of validation photographs with an answer as sure as this one: how many were right.
  function worth() {
    const { ranges, count } = cnn.data['photograph-network'].worth;
    const range = ranges.filter((each) => shares()[answer()] >= each.from).pop();
    const values = { low: 100 * range.from, high: 100 * range.to, count: range.count, right: range.right };
    return fill(texts.worth, { ...values, all: count.toLocaleString('en'), share: percent(range.right / range.count) });
  }

  // The mean drop of the log-odds over the squares that cover a tile, as far as there are any.
  function drops() {
    const [cat, dog] = judged.logits;
    const sign = label() ? 1 : -1;
    return Array.from({ length: TILES * TILES }, (_, tile) => {
      const [row, column] = [Math.floor(tile / TILES), tile % TILES];
      const covering = [[row - 1, column - 1], [row - 1, column], [row, column - 1], [row, column]]
        .filter((place) => place.every((at) => at >= 0 && at < TILES - 1))
        .map(([y, x]) => y * (TILES - 1) + x)
        .filter((square) => square < odds.length);
      const sum = covering.reduce((all, square) => all + sign * (dog - cat - odds[square]), 0);
      return covering.length ? sum / covering.length : null;
    });
  }

  // Grad-CAM: the last maps, each times its gradient, which is its weight over the number of its places.
  function cam() {
    const { data, shape: [rows, columns, count] } = judged.maps.block4;
    const sign = label() ? 1 : -1;
    return Array.from({ length: rows * columns }, (_, at) => {
      const sum = judged.speaks.reduce((all, weight, map) => all + sign * weight * data[at * count + map], 0);
      return Math.max(0, sum / (rows * columns));
    });
  }

  function occlusionText() {
    const found = drops();
    const done = found.filter((value) => value !== null);
    if (!done.length) return texts['not-covered'];
    const [least, most] = [Math.min(...done), Math.max(...done)];
    const [row, column] = [Math.floor(found.indexOf(most) / TILES), found.indexOf(most) % TILES].map((at) => at + 1);
    const animal = texts[animals[label()]];
    return fill(texts.covered, { animal, row, column, most: short(most, 2), least: short(least, 2) });
  }

  // What stands on the page ---------------------------------------------------------------------------------------

  const note = (text = '', kind = '') => element('p', { class: `cnn-text ${kind}` }, text);
  const canvas = (kind = '') => element('canvas', { class: kind, 'aria-hidden': true });
  const [status, about, calibrated, shrunk, coveredText, camText, layerText] = Array.from({ length: 7 }, () => note());
  const reply = note('', 'photograph-answer');
  const slow = note(texts.slow);
  slow.hidden = true;
  const [small, squashed, coveredMap, camMap, layerMaps] = ['photograph-small', '', '', '', ''].map(canvas);
  const region = voice();
  const input = (attributes) =>
    element('input', { type: 'file', accept: 'image/*', hidden: '', ...attributes, onchange: ({ target }) => {
      take(target.files);
      target.value = ''; // the same file may be chosen again
    } });
  const file = input({ 'aria-label': texts.choose });
  const camera = input({ 'aria-label': texts.camera, capture: 'environment' });
  const chooser = button(texts.choose, () => file.click());
  const shutter = button(texts.camera, () => camera.click());
  shutter.hidden = !matchMedia('(pointer: coarse)').matches; // elsewhere it would only choose a file, too
  const picks = samples.map((each) => button(texts[each], () => state.set({ picture: each })));
  const bars = animals.map((each) => {
    const [length, text] = [element('span', {}), element('span', {})];
    return { length, text, parts: [texts[each], element('span', { class: 'photograph-share' }, length), text] };
  });
  const coverer = button('', () => (isCovering ? stop() : cover()));
  coverer.classList.add('photograph-covers');
  const done = element('progress', { max: SQUARES, value: 0, 'aria-label': texts.occlusion });
  const asked = choice(texts.about, [['answer', texts['the-answer']], ...animals.map((each) => [each, texts[each]])],
    (value) => state.set({ about: value }));
  const chosen = choice(texts.layer, Object.keys(layers).map((each) => [each, each]), (layer) => state.set({ layer }));

  function stop() {
    isCovering = false;
    paint();
  }

  // Paint the picture that the network gets, in gray under the colors of a map of `across` x `across` numbers, if one is
  // given: red speaks for the answer, blue against it.
  function showPicture(target, map, across) {
    const { pixels } = seen;
    Object.assign(target, { width: SIDE, height: SIDE });
    const image = new ImageData(SIDE, SIDE);
    const most = map && Math.max(1e-9, ...map.map(Math.abs));
    for (let i = 0; i < SIDE * SIDE; i++) {
      const color = Array.from(pixels.subarray(3 * i, 3 * i + 3));
      const gray = (color[0] + color[1] + color[2]) / 3;
      const [row, column] = [Math.floor(i / SIDE), i % SIDE].map((at) => Math.floor((at * across) / SIDE));
      const value = map ? map[row * across + column] : null;
      const ink = value > 0 ? [178, 24, 43] : [33, 102, 172];
      const share = 0.85 * Math.abs(value / most);
      const mixed = value === null ? color : ink.map((each) => share * each + (1 - share) * gray);
      image.data.set([...mixed, 255], 4 * i);
    }
    target.getContext('2d').putImageData(image, 0, 0);
  }

  function showSmall() {
    const { width, height, data } = seen.small;
    Object.assign(small, { width, height });
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) image.data.set([...data.subarray(3 * i, 3 * i + 3), 255], 4 * i);
    small.getContext('2d').putImageData(image, 0, 0);
  }

  function stepsText() {
    const count = (number) => number.toLocaleString('en');
    const { width, height, small: { width: wide, height: tall } } = seen;
    const sizes = { width: count(width), height: count(height), wide, tall };
    const isSmaller = wide !== width || tall !== height;
    return [
      fill(isSmaller ? texts.averaged : texts.whole, sizes),
      seen.turned ? texts.turned : '',
      seen.isMoving ? texts.moving : '',
    ].filter(Boolean).join(' ');
  }

  function showCovered() {
    showPicture(coveredMap, drops(), TILES);
    coveredText.textContent = occlusionText();
    coverer.textContent = isCovering ? texts.stop : odds.length % SQUARES ? texts.continue : texts.start;
    done.value = odds.length;
  }
  const paintCovered = eachFrame(() => judged && showCovered()); // a new tile changes nothing else

  function paintMaps() {
    const { layer } = state.get();
    showCovered();
    const grad = cam();
    showPicture(camMap, grad, 6);
    camText.textContent = fill(texts['cam-text'], { animal: texts[animals[label()]], most: short(Math.max(...grad), 2) });
    const [size, , count] = judged.maps[layer].shape;
    const largest = showMaps(layerMaps, judged.maps[layer], layers[layer]);
    layerText.textContent = fill(texts['layer-text'], { count, size, largest: short(largest, 3) });
  }

  const paint = eachFrame(() => {
    const { picture, about: who, layer } = state.get();
    picks.forEach((each, i) => each.setAttribute('aria-pressed', samples[i] === picture));
    asked.set(who);
    chosen.set(layer);
    below.hidden = !seen;
    views.hidden = !seen;
    results.forEach((each) => (each.hidden = !judged));
    status.textContent = problem || (isBusy ? texts[seen ? 'loading' : 'reading'] : '');
    status.hidden = !status.textContent;
    if (!seen) return;
    about.textContent = stepsText();
    shrunk.textContent = texts.squashed;
    showSmall();
    showPicture(squashed);
    below.draw();
    if (!judged) return;
    reply.textContent = sentence();
    calibrated.textContent = worth();
    bars.forEach(({ length, text }, i) => {
      text.textContent = percent(shares()[i]);
      length.style.width = `${100 * shares()[i]}%`;
    });
    paintMaps();
  });

  // What comes in -------------------------------------------------------------------------------------------------

  function take(files) {
    if (!files.length) return;
    shown = '';
    state.set({ picture: '' });
    name = files[0].name;
    path = null;
    judge(files[0]);
  }

  async function sample(which) {
    await cnn.load(['sha256.js', 'weights.js', 'photograph-samples.js']);
    const { sizes, files } = cnn.data['photograph-samples'];
    const bytes = cnn.bytes(cnn.data['photograph-samples']);
    const names = Object.keys(sizes);
    const start = names.slice(0, names.indexOf(which)).reduce((at, each) => at + sizes[each], 0);
    path = files[which];
    return new File([bytes.subarray(start, start + sizes[which])], path);
  }

  const drop = element('div', { class: 'photograph-drop' }, bar(chooser, shutter), note(texts.drop));
  const over = (isOver) => (event) => {
    event.preventDefault();
    drop.classList.toggle('photograph-over', isOver);
  };
  drop.ondragover = over(true);
  drop.ondragleave = over(false);
  drop.ondrop = (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files);
    else judge(Promise.reject(new Error('no-picture'))); // a picture dragged out of a page is a link, not a file
  };

  let shown = ''; // the sample that was judged last
  function changed({ picture }) {
    if (picture && picture !== shown) judge(sample((shown = picture)));
    else paint();
  }

  function reset() {
    forget();
    isBusy = false;
    shown = name = '';
    state.reset();
  }

  const state = cnn.state(place, defaults, isValid, changed);
  const python = () => cnn.python.photograph({
    path: path || name, isShipped: Boolean(path), label: judged ? label() : 0, layer: state.get().layer,
  });
  const below = foot('photograph', { state, region, texts, python, reset });
  const answers = titled(texts.says, reply,
    element('div', { class: 'photograph-bars' }, ...bars.flatMap(({ parts }) => parts)), calibrated, note(texts.neither));
  const maps = [
    titled(texts.occlusion, coveredMap, bar(coverer), done, coveredText),
    titled('Grad-CAM', camMap, camText),
    titled(texts.layers, chosen, layerText, layerMaps),
  ];
  maps[2].classList.add('photograph-layers');
  const results = [answers, asked, ...maps];
  const panels = (...parts) => element('div', { class: 'cnn-panels' }, ...parts);
  const views = element('div', {},
    panels(titled(texts.upright, small, about), titled(texts.gets, squashed, shrunk), answers), bar(asked), panels(...maps));
  place.append(
    element('section', { class: 'cnn photograph', 'aria-label': texts.title },
      titled(texts.title),
      note(texts.private),
      drop, file, camera,
      titled(texts.begin, bar(...picks)),
      status, slow, views, below, region)
  );
  changed(state.get());
};
