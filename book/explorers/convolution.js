// The explorer of convolution and pooling: a window moves over a picture, and every number of the map opens its sum.
var cnn = cnn || {};

(function () {
  'use strict';
  const plain = {
    operation: 'correlate', beside: 'none', picture: [[0]], kernel: [[1]], size: 2, stride: 1, dilation: 1,
    padding: 'VALID', flip: 'no', row: 0, column: 0, layer: 1,
  };
  const places = [...Array(14).keys()];
  const allowed = {
    operation: ['correlate', 'max', 'average'], beside: ['none', 'normalized', 'second'], padding: ['VALID', 'SAME'],
    flip: ['no', 'yes'], size: [1, 2, 3, 4, 5], stride: [1, 2, 3, 4], dilation: [1, 2, 3], layer: [1, 2],
    row: places, column: places,
  };
  // The arrays of chapters 2 and 3, as the address of a page writes them
  const square = '0,0,0,0,0,0,0_0,0,0,0,0,0,0_0,0,1,1,1,0,0_0,0,1,1,1,0,0_0,0,1,1,1,0,0_0,0,0,0,0,0,0_0,0,0,0,0,0,0';
  const scene = square.split('_').map((row, r) => `${places.slice(0, 7).map((c) => (c === r && r > 1 && r < 5 ? 0.25 : 0))},${row}`);
  const examples = {
    'matrix-a': 'picture=1,2,3,4_4,5,6,7_7,8,9,10_1,3,5,7&kernel=1,0,0_0,1,0_0,0,0',
    'five-by-five': 'picture=1,2,0,0,0_3,0,0,1,2_0,0,0,3,0_1,0,0,1,0_0,0,0,0,0&kernel=1,2_3,0',
    point: 'picture=0,0,0,0,0_0,0,0,0,0_0,0,1,0,0_0,0,0,0,0_0,0,0,0,0&kernel=1,2,3_4,5,6_7,8,9',
    edges: `picture=${square}&kernel=-.25,0,.25_-.5,0,.5_-.25,0,.25&padding=SAME&row=3&column=1`,
    blur: `picture=${square}&kernel=.0625,.125,.0625_.125,.25,.125_.0625,.125,.0625&padding=SAME&row=2&column=2`,
    brightness: `picture=${scene.join('_')}&kernel=1,0,0_0,1,0_0,0,1&padding=SAME&beside=normalized&row=3&column=10`,
    receptive: `picture=${square.replace(/0/g, 1)}&kernel=1,1,1_1,1,1_1,1,1&beside=second&row=1&column=1&layer=2`,
    pooling: 'operation=max&stride=2&picture=1,2,0,0_3,0,0,1_0,0,0,3_1,0,0,1',
    sixes: 'operation=average&stride=2&picture=6,6,6,6,6_6,6,6,6,6_6,6,6,6,6_6,6,6,6,6_6,6,6,6,6&padding=SAME',
  };
  const example = (name) => cnn.settings(examples[name], plain);

  // Arithmetic --------------------------------------------------------------------------------------------------

  const total = (numbers) => numbers.reduce((sum, x) => sum + x, 0);
  const table = (rows, columns, value) =>
    Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (_, c) => value(r, c)));

  // Return the settings with the weights as they are applied: turned by 180 degrees, or, for pooling, all alike.
  function applied(settings) {
    const { operation, size, kernel, flip } = settings;
    if (operation !== 'correlate') return { ...settings, pools: true, dilation: 1, weights: table(size, size, () => 1) };
    return { ...settings, weights: flip === 'yes' ? kernel.map((row) => [...row].reverse()).reverse() : kernel };
  }

  // Return, for rows and for columns, how many windows fit and how many places lie before and after the pixels.
  function sides(rows, { weights, stride, padding, dilation }) {
    return [[rows.length, weights.length], [rows[0].length, weights[0].length]].map(([n, k]) => {
      const reach = dilation * (k - 1) + 1;
      const count = padding === 'SAME' ? Math.ceil(n / stride) : Math.max(Math.floor((n - reach) / stride) + 1, 0);
      const zeros = padding === 'SAME' ? Math.max((count - 1) * stride + reach - n, 0) : 0;
      return { n, k, reach, count, before: zeros >> 1, after: (zeros + 1) >> 1 };
    });
  }

  // Return the pixels under one window, each with its place and its weight; outside the picture a pixel is null.
  function under(rows, now, row, column) {
    const [down, across] = sides(rows, now);
    const pixels = table(down.k, across.k, (i, j) => {
      const r = row * now.stride - down.before + i * now.dilation;
      const c = column * now.stride - across.before + j * now.dilation;
      return { r, c, weight: now.weights[i][j], pixel: rows[r] && c in rows[r] ? rows[r][c] : null };
    });
    return pixels.flat();
  }

  const inside = (window) => window.map(({ pixel }) => pixel).filter((pixel) => pixel !== null);
  const answers = {
    correlate: (window) => total(window.map(({ pixel, weight }) => pixel * weight)),
    max: (window) => Math.max(...inside(window)),
    average: (window) => total(inside(window)) / inside(window).length,
    normalized: (window) => likeness(window).result,
  };

  // Compare the pattern of a window with that of the kernel, whatever its brightness and contrast: from −1 to 1.
  function likeness(window) {
    const centered = (numbers) => numbers.map((x) => x - total(numbers) / numbers.length);
    const pixels = centered(window.map(({ pixel }) => Number(pixel)));
    const weights = centered(window.map(({ weight }) => weight));
    const fit = total(pixels.map((pixel, i) => pixel * weights[i]));
    const [contrast, length] = [Math.hypot(...pixels), Math.hypot(...weights)];
    return { fit, contrast, length, result: contrast * length > 1e-9 ? fit / contrast / length : 0 };
  }

  // Return the map of a picture; it has no rows if the kernel does not fit.
  function map(rows, now, answer = answers[now.operation]) {
    if (!rows.length) return [];
    const [down, across] = sides(rows, now);
    return table(across.count && down.count, across.count, (r, c) => answer(under(rows, now, r, c)));
  }

  // An address may hold anything: tell whether it can be shown.
  function isValid(settings) {
    const isGrid = (rows, most) =>
      Math.max(rows.length, rows[0].length) <= most &&
      rows.every((row) => row.length === rows[0].length && row.every((x) => Math.abs(x) < 1e6));
    const isAllowed = Object.keys(allowed).every((key) => allowed[key].includes(settings[key]));
    return isAllowed && isGrid(settings.picture, 14) && isGrid(settings.kernel, 5);
  }

  // The page ----------------------------------------------------------------------------------------------------

  cnn.explorers.convolution = function (place) {
    const { element, fill, short, button, slider, choice, voice, bar, foot, grid } = cnn.widgets;
    const texts = { ...cnn.texts.shared, ...cnn.texts.convolution };
    const state = cnn.state(place, example(place.dataset.preset), isValid, draw);
    const region = voice();
    let now, first, second, rows, at, grabbed, timer; // `rows`: the map in which a place, `at`, is chosen

    const says = (name, value) => fill(texts.says, { name, value });
    const cellName = (row, column) => fill(texts.cell, { row, column }); // counted from 0, as in the chapters
    const name = (r, c, value) => says(cellName(r, c), value);
    const before = () => sides(now.picture, now).map((side) => side.before);
    const edit = (key, row, column, x) => {
      const edited = state.get()[key].map((old) => [...old]);
      edited[row][column] = x;
      state.set({ [key]: edited });
    };
    const pick = (layer) => (row, column) => state.set({ row, column, layer });
    const grids = {
      picture: grid(texts.picture, {
        name: (r, c, value) => name(r - before()[0], c - before()[1], value),
        onedit: (r, c, x) => edit('picture', r - before()[0], c - before()[1], x),
        ondrag: drag,
      }),
      kernel: grid(texts.kernel, { name, onedit: (r, c, x) => edit('kernel', r, c, x) }),
      first: grid(texts.map, { name, onpick: pick(1) }),
      normalized: grid(texts.normalized, { name, onpick: pick(1) }),
      second: grid(texts.second, { name, onpick: pick(2) }),
    };

    function drag(down, across, isNew) {
      if (isNew) grabbed = at;
      const to = [down, across].map((by, axis) => grabbed[axis] + Math.round(by / now.stride));
      const [row, column] = to.map((x, axis) => Math.min(Math.max(x, 0), (axis ? rows[0] : rows).length - 1));
      state.set({ row, column });
    }

    // Controls: what each changes, besides its own setting
    const resized = (old, size) => table(size, size, (r, c) => (old[r] && old[r][c]) || 0);
    const also = {
      operation: (operation) => ({ stride: operation === 'correlate' ? 1 : Math.min(now.size, 4) }),
      beside: (beside) => ({ layer: beside === 'second' ? 2 : 1 }),
      size: (size) => ({ kernel: resized(now.kernel, size), stride: now.pools ? Math.min(size, 4) : now.stride }),
      side: (side) => ({ picture: resized(now.picture, side) }),
    };
    const controls = {};
    for (const key of ['operation', 'beside', 'side', 'size', 'stride', 'dilation', 'padding', 'flip']) {
      const options = allowed[key] || places;
      const change = (value) => state.set({ [key]: value, ...(also[key] && also[key](value)) });
      controls[key] = typeof options[0] === 'string'
        ? choice(texts[key], options.map((value) => [value, texts[value.toLowerCase()]]), change)
        : slider(texts[key], options.length, change);
    }
    const names = Object.keys(examples);
    const list = choice(texts.example, [['', '–'], ...names.map((key) => [key, texts[key]])], (key) =>
      state.set(key ? example(key) : {}));

    // Scrub, step and play
    const last = () => rows.length * rows[0].length - 1;
    const index = () => at[0] * rows[0].length + at[1];
    function go(to) {
      const inRange = Math.min(Math.max(to, 0), last());
      state.set({ row: Math.floor(inRange / rows[0].length), column: inRange % rows[0].length });
    }
    function stop() {
      timer = clearInterval(timer);
      play.textContent = texts.play;
      place.classList.remove('cnn-playing');
    }
    function start() {
      if (index() === last()) go(0);
      timer = setInterval(() => (at && index() < last() ? go(index() + 1) : stop()), 700);
      play.textContent = texts.pause;
      place.classList.add('cnn-playing'); // what is still to come is pale
    }
    const stopped = (action) => (value) => (stop(), action(value));
    const play = button(texts.play, () => (timer ? stop() : start()));
    const position = slider(texts.position, 0, stopped(go), 0, () => cellName(...at));
    const player = bar(
      button(texts.back, stopped(() => go(index() - 1))), play, button(texts.forward, stopped(() => go(index() + 1))), position
    );
    const [sum, formula] = ['p', 'p'].map((tag) => element(tag, { class: 'cnn-text' }));
    const python = () => cnn.python.convolution(now);
    const below = foot('convolution', { state, region, texts, python, reset: stopped(state.reset) });
    const { operation, beside, ...others } = controls;
    place.append(element(
      'section', { class: 'cnn', 'aria-label': `${texts.title} (${texts[cnn.nameOf(place)]})` },
      bar(list, operation, beside), element('div', { class: 'cnn-panels' }, ...Object.values(grids)), sum, player, formula,
      bar(...Object.values(others)),
      below, region
    ));
    draw(state.get());

    // Drawing
    function draw(settings) {
      now = applied(settings);
      first = map(now.picture, now);
      second = now.beside === 'second' ? map(first, now) : [];
      const isSecond = now.layer === 2 && second.length;
      rows = isSecond ? second : first;
      at = rows.length ? [Math.min(now.row, rows.length - 1), Math.min(now.column, rows[0].length - 1)] : null;
      const window = at ? under(isSecond ? first : now.picture, now, ...at) : [];
      drawGrids(isSecond, window);
      drawControls();
      below.draw();
      formula.textContent = formulaText(isSecond);
      sum.textContent = at ? name(...at, sumText(window)) : texts.unfit;
      if (!timer) region.say(sum.textContent.length < 150 ? sum.textContent : name(...at, short(rows[at[0]][at[1]])));
    }

    function drawGrids(isSecond, window) {
      const { picture, kernel, pools } = now;
      const [down, across] = sides(picture, now);
      const field = isSecond ? window.filter(({ pixel }) => pixel !== null).flatMap(({ r, c }) => under(picture, now, r, c)) : [];
      const holds = (cells, r, c) => cells.some((cell) => cell.r === r && cell.c === c);
      const isPixel = (r, c) => picture[r] && c in picture[r];
      const padded = (value) => (i, j) => value(i - down.before, j - across.before);
      grids.picture.draw(
        table(down.before + down.n + down.after, across.before + across.n + across.after,
          padded((r, c) => (isPixel(r, c) ? picture[r][c] : pools ? null : 0))),
        padded((r, c) => {
          const mark = isSecond ? holds(field, r, c) && 'cnn-field' : holds(window, r, c) && 'cnn-window';
          return `${mark || ''} ${isPixel(r, c) ? '' : 'cnn-pad'}`;
        })
      );
      grids.kernel.draw(pools ? [] : kernel);
      const chosen = (r, c) => (String([r, c]) === String(at) ? 'cnn-chosen' : r * rows[0].length + c > index() ? 'cnn-later' : '');
      const seen = (r, c) => (holds(window, r, c) ? 'cnn-window' : '');
      const normalized = now.beside === 'normalized' && !pools ? map(picture, now, answers.normalized) : [];
      grids.first.draw(first, isSecond ? seen : chosen, isSecond ? undefined : at);
      grids.normalized.draw(normalized, chosen, at);
      grids.second.draw(second, isSecond ? chosen : undefined, isSecond ? at : undefined);
    }

    function drawControls() {
      const isLike = (key) => ['picture', 'kernel', 'operation'].every((part) => String(example(key)[part]) === String(now[part]));
      list.set(names.find(isLike) || '');
      for (const [key, control] of Object.entries(controls)) control.set(now[key]);
      controls.side.set(now.picture.length);
      controls.size.set(now.weights.length);
      controls.side.hidden = now.picture.length !== now.picture[0].length;
      controls.dilation.hidden = controls.flip.hidden = Boolean(now.pools);
      player.hidden = !at;
      if (at) position.set(index(), last());
    }

    function sumText(window) {
      const result = short(rows[at[0]][at[1]]);
      const numbers = inside(window).map((x) => short(x));
      if (now.operation === 'max') return `max(${numbers.join(', ')}) = ${result}`;
      if (now.operation === 'average') return `(${numbers.join(' + ')}) ÷ ${numbers.length} = ${result}`;
      const signed = (x) => (x < 0 ? `(${short(x)})` : short(x));
      const products = window.map(({ pixel, weight }) => `${signed(Number(pixel))}·${signed(weight)}`).join(' + ');
      if (now.beside !== 'normalized') return `${products} = ${result}`;
      const [fit, contrast, length, like] = Object.values(likeness(window)).map((x) => short(x));
      return `${products} = ${result}\n${says(texts.normalized, `${fit} ÷ (${contrast} · ${length}) = ${like}`)}`;
    }

    // The size formula with today's numbers, and the receptive field of two layers.
    function formulaText(isSecond) {
      const { stride: s, dilation: d } = now;
      const both = sides(now.picture, now);
      const [down, across] = both.map(({ n, k, count }) => now.padding === 'SAME'
        ? `⌈n ÷ s⌉ = ⌈${n} ÷ ${s}⌉ = ${count}`
        : `⌊(n − d(k − 1) − 1) ÷ s⌋ + 1 = ⌊(${n} − ${d}·${k - 1} − 1) ÷ ${s}⌋ + 1 = ${count || '–'}`);
      const lines = down === across ? [says(texts.both, down)] : [says(texts.rows, down), says(texts.columns, across)];
      const steps = both[0].reach - 1;
      if (isSecond) lines.push(says(texts.field, `1 + ${steps} + ${steps}·${s} = ${1 + steps + steps * s}`));
      return lines.join('\n');
    }
  };
})();
