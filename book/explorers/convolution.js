// The explorer of convolution and pooling: a window moves over a picture, and every number of the map opens its sum.
var cnn = cnn || {};

(function () {
  'use strict';
  const plain = {
    operation: 'correlate', beside: 'none', picture: [[0]], kernel: [[1]], size: 2, stride: 1, dilation: 1,
    padding: 'VALID', flip: 0, row: 0, column: 0, layer: 0,
  };
  const limits = { size: [1, 5], stride: [1, 4], dilation: [1, 3], flip: [0, 1], row: [0, 13], column: [0, 13], layer: [0, 1] };
  const choices = {
    operation: ['correlate', 'max', 'average'], beside: ['none', 'normalized', 'second'], padding: ['VALID', 'SAME'],
  };
  // The arrays of chapters 2 and 3, written as the address of a page writes them
  const square = '0,0,0,0,0,0,0_0,0,0,0,0,0,0_0,0,1,1,1,0,0_0,0,1,1,1,0,0_0,0,1,1,1,0,0_0,0,0,0,0,0,0_0,0,0,0,0,0,0';
  const empty = '0,0,0,0,0,0,0,0,0,0,0,0,0,0';
  const scene = `${empty}_${empty}_0,0,.25,0,0,0,0,0,0,1,1,1,0,0_0,0,0,.25,0,0,0,0,0,1,1,1,0,0_0,0,0,0,.25,0,0,0,0,1,1,1,0,0_${empty}_${empty}`;
  const examples = {
    'matrix-a': 'picture=1,2,3,4_4,5,6,7_7,8,9,10_1,3,5,7&kernel=1,0,0_0,1,0_0,0,0',
    'five-by-five': 'picture=1,2,0,0,0_3,0,0,1,2_0,0,0,3,0_1,0,0,1,0_0,0,0,0,0&kernel=1,2_3,0',
    point: 'picture=0,0,0,0,0_0,0,0,0,0_0,0,1,0,0_0,0,0,0,0_0,0,0,0,0&kernel=1,2,3_4,5,6_7,8,9',
    edges: `picture=${square}&kernel=-.25,0,.25_-.5,0,.5_-.25,0,.25&padding=SAME&row=3&column=1`,
    blur: `picture=${square}&kernel=.0625,.125,.0625_.125,.25,.125_.0625,.125,.0625&padding=SAME&row=2&column=2`,
    brightness: `picture=${scene}&kernel=1,0,0_0,1,0_0,0,1&padding=SAME&beside=normalized&row=3&column=10`,
    receptive: `picture=${square.replace(/0/g, 1)}&kernel=1,1,1_1,1,1_1,1,1&beside=second&row=1&column=1&layer=1`,
    pooling: 'operation=max&stride=2&picture=1,2,0,0_3,0,0,1_0,0,0,3_1,0,0,1',
    sixes: `operation=average&stride=2&padding=SAME&picture=${'6,6,6,6,6_'.repeat(5).slice(0, -1)}&row=2&column=2`,
  };

  // Arithmetic --------------------------------------------------------------------------------------------------

  const add = (sum, x) => sum + x;
  const table = (rows, columns, value) =>
    Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));

  // Return settings with the weights as they are applied: turned by 180 degrees, or none but ones.
  function applied(settings) {
    const { operation, size, kernel, flip } = settings;
    if (operation !== 'correlate') return { ...settings, pooling: true, dilation: 1, weights: table(size, size, () => 1) };
    return { ...settings, weights: flip ? kernel.map((row) => [...row].reverse()).reverse() : kernel };
  }

  // Return, for rows and for columns, how many windows fit, and how many places lie before and after the pixels.
  function sides(rows, { weights, stride, padding, dilation }) {
    return [[rows.length, weights.length], [rows[0].length, weights[0].length]].map(([n, k]) => {
      const reach = dilation * (k - 1) + 1;
      if (padding === 'VALID') return { n, k, reach, count: Math.max(Math.floor((n - reach) / stride) + 1, 0), before: 0, after: 0 };
      const count = Math.ceil(n / stride);
      const zeros = Math.max((count - 1) * stride + reach - n, 0);
      return { n, k, reach, count, before: zeros >> 1, after: zeros - (zeros >> 1) };
    });
  }

  // Return the pixels under one window, each with its place and its weight; outside the picture it is null.
  function under(rows, settings, row, column) {
    const { weights, stride, dilation } = settings;
    const [down, across] = sides(rows, settings);
    return table(weights.length, weights[0].length, (i, j) => {
      const [r, c] = [row * stride - down.before + i * dilation, column * stride - across.before + j * dilation];
      return { r, c, weight: weights[i][j], pixel: r in rows && c in rows[r] ? rows[r][c] : null };
    }).flat();
  }

  const real = (window) => window.map(({ pixel }) => pixel).filter((pixel) => pixel !== null);
  const answers = {
    correlate: (window) => window.map(({ pixel, weight }) => pixel * weight).reduce(add),
    max: (window) => Math.max(...real(window)),
    average: (window) => real(window).reduce(add) / real(window).length,
    normalized: (window) => likeness(window).result,
  };

  // Compare the pattern of a window with that of the kernel, whatever its brightness and contrast: from −1 to 1.
  function likeness(window) {
    const centered = (numbers) => numbers.map((x) => x - numbers.reduce(add) / numbers.length);
    const pixels = centered(window.map(({ pixel }) => Number(pixel)));
    const weights = centered(window.map(({ weight }) => weight));
    const fit = pixels.map((pixel, i) => pixel * weights[i]).reduce(add);
    const [contrast, length] = [Math.hypot(...pixels), Math.hypot(...weights)];
    return { fit, contrast, length, result: contrast * length > 1e-9 ? fit / contrast / length : 0 };
  }

  // Return the map of a picture; it has no rows if the kernel does not fit.
  function map(rows, settings, answer = answers[settings.operation]) {
    const [down, across] = rows.length ? sides(rows, settings) : [{}, {}];
    return table(across.count ? down.count : 0, across.count, (r, c) => answer(under(rows, settings, r, c)));
  }

  function compute(settings) {
    const now = applied(settings);
    const first = map(now.picture, now);
    const normalized = now.beside === 'normalized' && !now.pooling ? map(now.picture, now, answers.normalized) : [];
    return { now, first, normalized, second: now.beside === 'second' ? map(first, now) : [] };
  }

  // An address may hold anything: tell whether it can be shown.
  function isValid(settings) {
    const isGrid = (rows, largest) =>
      Math.max(rows.length, rows[0].length) <= largest &&
      rows.every((row) => row.length === rows[0].length && row.every((x) => Math.abs(x) < 1e6));
    return (
      isGrid(settings.picture, 14) && isGrid(settings.kernel, 5) &&
      Object.keys(choices).every((key) => choices[key].includes(settings[key])) &&
      Object.entries(limits).every(([key, [least, most]]) =>
        Number.isInteger(settings[key]) && settings[key] >= least && settings[key] <= most)
    );
  }

  // Return lines that give the same numbers.
  function python({ now }) {
    const array = (rows) => `np.array([${rows.map((row) => `[${row.join(', ')}]`).join(', ')}])`;
    const name = now.pooling ? `${now.operation}_pool` : now.flip ? 'convolve' : 'cross_correlate';
    const call = now.pooling
      ? `    return ${name}(images, ${now.size}, ${now.stride}, "${now.padding}")`
      : `    kernels = kernel[:, :, np.newaxis, np.newaxis]
    return ${name}(images, kernels, strides=${now.stride}, padding="${now.padding}", dilation=${now.dilation})`;
    const kernel = now.pooling ? 'None' : array(now.kernel);
    const beside = {
      none: '', second: 'print(layer(layer(picture)))\n',
      normalized: `weights, ones = kernel - kernel.mean(), np.ones(kernel.shape)
squares = layer(picture**2, ones) - layer(picture, ones) ** 2 / ones.size
contrast = np.sqrt(np.maximum(squares, 0)) * np.linalg.norm(weights)
fit = layer(picture, weights)
print(np.divide(fit, contrast, out=0.0 * fit, where=contrast > 1e-9))\n`,
    };
    return `import numpy as np

from cnn_course.${now.pooling ? 'pooling' : 'convolution'} import ${name}

picture = ${array(now.picture)}
kernel = ${kernel}


def layer(picture, kernel=kernel):
    images = picture[np.newaxis, :, :, np.newaxis]
${call}[0, :, :, 0]


print(layer(picture))
${now.pooling && now.beside === 'normalized' ? '' : beside[now.beside]}`;
  }

  // What stands on the page -------------------------------------------------------------------------------------

  cnn.explorers.convolution = function (place) {
    const { element, fill, short, button, slider, choice, voice, copyButton, grid } = cnn.widgets;
    const texts = { ...cnn.texts.shared, ...cnn.texts.convolution };
    const preset = cnn.settings(examples[place.dataset.preset], plain);
    const state = cnn.state(place, preset, isValid, draw);
    const region = voice();
    let maps, rows, at, grabbed, timer, drawn; // `rows`: the map in which a place, `at`, is chosen

    // Grids
    const say = (name, value) => fill(texts.says, { name, value });
    const name = (row, column, value) => {
      const cell = fill(texts.cell, { row, column }); // counted from 0, as the chapters do
      return value === undefined ? cell : say(cell, value);
    };
    const before = () => sides(maps.now.picture, maps.now).map((side) => side.before);
    const edit = (key, r, c, x) => state.set({ [key]: state.get()[key].map((row, i) => row.map((old, j) => (i === r && j === c ? x : old))) });
    const pick = (layer) => (row, column) => state.set({ row, column, layer });
    const grids = {
      picture: grid(texts.picture, {
        name: (r, c, value) => name(r - before()[0], c - before()[1], value),
        onedit: (r, c, x) => edit('picture', r - before()[0], c - before()[1], x),
        ondrag: drag,
      }),
      kernel: grid(texts.kernel, { name, onedit: (r, c, x) => edit('kernel', r, c, x) }),
      first: grid(texts.map, { name, onpick: pick(0) }),
      normalized: grid(texts.normalized, { name, onpick: pick(0) }),
      second: grid(texts.second, { name, onpick: pick(1) }),
    };

    function drag(down, across, first) {
      if (first) grabbed = at;
      const moved = [down, across].map((by, axis) => grabbed[axis] + Math.round(by / maps.now.stride));
      const inside = moved.map((to, axis) => Math.min(Math.max(to, 0), (axis ? rows[0] : rows).length - 1));
      state.set({ row: inside[0], column: inside[1] });
    }

    // Controls
    const select = (key, change = (value) => ({ [key]: value })) =>
      choice(texts[key], choices[key].map((value) => [value, texts[value.toLowerCase()]]), (value) => state.set(change(value)));
    const resized = (old, size) => table(size, size, (r, c) => (old[r] && old[r][c]) || 0);
    const controls = {
      operation: select('operation', (operation) => ({ operation, stride: operation === 'correlate' ? 1 : state.get().size })),
      beside: select('beside', (beside) => ({ beside, layer: Number(beside === 'second') })),
      padding: select('padding'),
      flip: choice(texts.flip, [[0, texts.no], [1, texts.yes]], (value) => state.set({ flip: Number(value) })),
      side: slider(texts.side, 14, (size) => state.set({ picture: resized(state.get().picture, size) })),
      size: slider(texts.size, limits.size[1], (size) =>
        state.set(maps.now.pooling ? { size, stride: Math.min(size, limits.stride[1]) } : { kernel: resized(state.get().kernel, size) })),
      stride: slider(texts.stride, limits.stride[1], (stride) => state.set({ stride })),
      dilation: slider(texts.dilation, limits.dilation[1], (dilation) => state.set({ dilation })),
    };
    const example = choice(texts.example, [['', '–'], ...Object.keys(examples).map((key) => [key, texts[key]])], (key) =>
      state.set(cnn.settings(examples[key], plain)));

    // Scrub, step and play
    const go = (index) => state.set({ row: Math.floor(index / rows[0].length), column: index % rows[0].length });
    const index = () => at[0] * rows[0].length + at[1];
    const last = () => rows.length * rows[0].length - 1;
    const position = slider(texts.position, 0, (to) => (stop(), go(to)), 0, () => name(...at));
    const step = (by) => () => (stop(), go(Math.min(Math.max(index() + by, 0), last())));
    const play = button(texts.play, () => (timer ? stop() : start()));
    function stop() {
      timer = clearInterval(timer);
      play.textContent = texts.play;
      place.classList.remove('cnn-playing');
    }
    function start() {
      if (index() === last()) go(0);
      timer = setInterval(() => (rows.length && index() < last() ? go(index() + 1) : stop()), 700);
      play.textContent = texts.pause;
      place.classList.add('cnn-playing'); // what is still to come is pale
    }

    const bar = (...parts) => element('div', { class: 'cnn-bar' }, ...parts);
    const player = bar(button(texts.back, step(-1)), play, button(texts.forward, step(1)), position);
    const [sum, formula, code] = ['p', 'p', 'code'].map((tag) => element(tag, { class: 'cnn-text' }));
    place.append(element(
      'section', { class: 'cnn', 'aria-label': `${texts.title} (${texts[cnn.nameOf(place)]})` },
      bar(example, controls.operation, controls.beside),
      element('div', { class: 'cnn-panels' }, ...Object.values(grids)), sum, player, formula,
      bar(controls.side, controls.size, controls.stride, controls.dilation, controls.padding, controls.flip),
      bar(
        button(texts.reset, () => (stop(), state.reset())), copyButton(texts.link, state.link, region, texts),
        copyButton(texts.python, () => code.textContent, region, texts)
      ),
      element('details', {}, element('summary', {}, texts.lines), element('pre', { tabindex: 0 }, code)), region
    ));
    draw(state.get());

    // Drawing
    function draw(settings) {
      maps = compute(settings);
      const layer = settings.layer && maps.second.length;
      rows = layer ? maps.second : maps.first;
      at = rows.length ? [Math.min(settings.row, rows.length - 1), Math.min(settings.column, rows[0].length - 1)] : null;
      drawGrids(layer);
      drawControls(settings);
      code.textContent = python(maps);
      sum.textContent = at ? name(...at, sumText(layer)) : texts.unfit;
      formula.textContent = formulaText(layer);
      if (drawn && !timer) region.say(sum.textContent.length < 150 ? sum.textContent : name(...at, short(rows[at[0]][at[1]])));
      drawn = true;
    }

    function drawGrids(layer) {
      const { picture, kernel, pooling } = maps.now;
      const [down, across] = sides(picture, maps.now);
      const window = at ? under(layer ? maps.first : picture, maps.now, ...at) : [];
      const field = layer ? window.filter(({ pixel }) => pixel !== null).flatMap(({ r, c }) => under(picture, maps.now, r, c)) : [];
      const holds = (cells, r, c) => cells.some((cell) => cell.r === r && cell.c === c);
      const inside = (r, c) => r in picture && c in picture[r];
      const padded = table(down.before + down.n + down.after, across.before + across.n + across.after, (i, j) => {
        const [r, c] = [i - down.before, j - across.before];
        return inside(r, c) ? picture[r][c] : pooling ? null : 0;
      });
      grids.picture.draw(padded, (i, j) => {
        const [r, c] = [i - down.before, j - across.before];
        const mark = holds(field, r, c) ? 'cnn-field' : !layer && holds(window, r, c) ? 'cnn-window' : '';
        return inside(r, c) ? mark : `cnn-pad ${mark}`;
      });
      grids.kernel.draw(pooling ? [] : kernel);
      const chosen = (r, c) => (String(at) === String([r, c]) ? 'cnn-chosen' : r * rows[0].length + c > index() ? 'cnn-later' : '');
      grids.first.draw(maps.first, layer ? (r, c) => (holds(window, r, c) ? 'cnn-window' : '') : chosen, layer ? [0, 0] : at);
      grids.normalized.draw(maps.normalized, layer ? undefined : chosen, at);
      grids.second.draw(maps.second, layer ? chosen : undefined, layer ? at : [0, 0]);
    }

    function drawControls(settings) {
      const { pooling, picture, weights } = maps.now;
      const isLike = (key) => ['picture', 'kernel', 'operation'].every((part) => String(cnn.settings(examples[key], plain)[part]) === String(settings[part]));
      example.set(Object.keys(examples).find(isLike) || '');
      for (const key of ['operation', 'beside', 'padding', 'flip', 'stride', 'dilation']) controls[key].set(settings[key]);
      controls.side.set(picture.length);
      controls.size.set(weights.length);
      controls.side.hidden = picture.length !== picture[0].length;
      controls.dilation.hidden = controls.flip.hidden = Boolean(pooling);
      player.hidden = !at;
      if (at) position.set(index(), last());
    }

    function sumText(layer) {
      const window = under(layer ? maps.first : maps.now.picture, maps.now, ...at);
      const result = short(rows[at[0]][at[1]]);
      const numbers = real(window).map((x) => short(x));
      if (maps.now.operation === 'max') return `max(${numbers.join(', ')}) = ${result}`;
      if (maps.now.operation === 'average') return `(${numbers.join(' + ')}) ÷ ${numbers.length} = ${result}`;
      const signed = (x) => (x < 0 ? `(${short(x)})` : short(x));
      const text = `${window.map(({ pixel, weight }) => `${signed(Number(pixel))}·${signed(weight)}`).join(' + ')} = ${result}`;
      if (!maps.normalized.length) return text;
      const like = likeness(window);
      const share = `${short(like.fit)} ÷ (${short(like.contrast)} · ${short(like.length)}) = ${short(like.result)}`;
      return `${text}\n${say(texts.normalized, share)}`;
    }

    // The size formula with today's numbers, and the receptive field of two layers.
    function formulaText(layer) {
      const { stride: s, dilation: d, padding, picture } = maps.now;
      const [down, across] = sides(picture, maps.now).map(({ n, k, count }) => padding === 'SAME'
        ? `⌈n ÷ s⌉ = ⌈${n} ÷ ${s}⌉ = ${count}`
        : `⌊(n − d(k − 1) − 1) ÷ s⌋ + 1 = ⌊(${n} − ${d}·${k - 1} − 1) ÷ ${s}⌋ + 1 = ${count || '–'}`);
      const text = down === across ? say(texts.both, down) : `${say(texts.rows, down)}\n${say(texts.columns, across)}`;
      const steps = sides(picture, maps.now)[0].reach - 1;
      return layer ? `${text}\n${say(texts.field, `1 + ${steps} + ${steps}·${s} = ${1 + steps + steps * s}`)}` : text;
    }
  };

  cnn.convolution = { examples, plain, compute, python };
})();
