// The explorer "Watch it learn": a network that trains in the page, to the bits that the book prints.
//
// Settings begin a training, and the worker (learning-worker.js) goes on with it for a moment whenever it is asked to.
// What comes back is kept: the loss of each batch, and now and then an account of everything that is shown, so that the
// reader can go back to any of these moments.
var cnn = cnn || {};

cnn.explorers.learning = function (place) {
  'use strict';
  const { element, fill, short, button, choice, slider, voice, bar, titled, foot } = cnn.widgets;
  const { eachFrame, showGray } = cnn.painting;
  const texts = { ...cnn.texts.shared, ...cnn.texts.learning };
  const rates = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
  const allowed = {
    network: ['lenet5', 'mlp'], optimizer: ['sgd', 'momentum', 'adam'], rate: rates, batch: [1, 8, 32, 128, 256],
    seed: Array.from({ length: 20 }, (_, i) => i + 1), scrambled: [0, 1], until: [50, 250, 1000, 5000],
  };
  const presets = { 'learn-scrambled': { scrambled: 1 } };
  const defaults = { network: 'lenet5', optimizer: 'adam', rate: 0.002, batch: 32, seed: 1, scrambled: 0, until: 1000 };
  const layers = { lenet5: ['conv1', 'conv3', 'dense6', 'dense7', 'logits'], mlp: ['hidden', 'logits'] };
  const turn = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 100; // milliseconds between two pictures
  const printed = 50; // the step whose SHA-256 stands in the book

  let worker; // a promise: what answers, once the digits are here
  let run = 0; // the training whose answers count; settings that change begin another
  let isAlive, isRunning; // a training that pauses is alive until its last answer has come
  let hasDiverged, losses, accounts, shown, speed, problem, key;

  // Training ------------------------------------------------------------------------------------------------------

  async function open() {
    await cnn.load('sha256.js weights.js learning-worker.js learning-simd.js learning-digits.js'.split(' '));
    const { order } = cnn.data['learning-digits'];
    let program = cnn.bytes(cnn.data['learning-simd']);
    slow.hidden = WebAssembly.validate(program);
    if (!slow.hidden) {
      await cnn.load(['learning-plain.js']);
      program = cnn.bytes(cnn.data['learning-plain']);
    }
    const made = new Worker(URL.createObjectURL(new Blob([`(${cnn.learningWorker})()`])));
    let last = Promise.resolve();
    const ask = (name, given) => {
      const answer = () => new Promise((resolve, reject) => {
        made.onmessage = ({ data }) => (data.failed ? reject(new Error(data.failed)) : resolve(data));
        made.onerror = (event) => reject(new Error(event.message));
        made.postMessage([name, given]);
      });
      return (last = last.then(answer, answer));
    };
    await ask('load', { program, packed: cnn.bytes(cnn.data['learning-digits']), places: order });
    return ask;
  }

  const step = () => losses.length;

  function note(account) {
    if (!account) return;
    const { weights, ...rest } = account;
    accounts.push({ ...rest, sha256: hasDiverged ? '' : cnn.sha256(weights) }); // what is no number has no bits of its own
    shown = accounts.length - 1;
  }

  const forget = () => ([hasDiverged, losses, accounts, shown, speed] = [false, [], [], 0, 0]);

  // Begin a training anew; nothing is loaded for it that was not asked for.
  async function begin() {
    const mine = ++run;
    isRunning = isAlive = false;
    forget();
    paint();
    if (!worker) return;
    try {
      const { account } = await (await worker)('start', state.get());
      if (mine === run) note(account);
    } catch (error) {
      give(error);
    }
    paint();
  }

  // Train until a step, or until the reader pauses.
  async function train(until) {
    const mine = run;
    problem = '';
    isRunning = isAlive = true;
    paint();
    try {
      const isNew = !worker;
      if (isNew) forget();
      worker = worker || open();
      const ask = await worker;
      if (isNew && mine === run) note((await ask('start', state.get())).account);
      while (mine === run && isRunning && !hasDiverged && step() < until) {
        const [start, before] = [performance.now(), step()];
        const found = await ask('train', { ...state.get(), until, milliseconds: turn });
        if (mine !== run) return; // what was learned belongs to other settings
        losses.push(...found.losses);
        hasDiverged = !Number.isFinite(losses[step() - 1]);
        const now = (1000 * state.get().batch * (step() - before)) / (performance.now() - start);
        speed = speed ? 0.8 * speed + 0.2 * now : now;
        note(found.account);
        paint();
      }
      if (mine !== run) return;
      region.say(`${describe()} ${told()}`);
    } catch (error) {
      give(error);
    }
    isRunning = isAlive = false;
    paint();
  }

  // Say that something is missing; the next click asks for it again.
  function give(error) {
    console.warn(error.message);
    problem = error.message === 'SHA-256' ? texts.damaged : fill(texts.broken, { reason: error.message });
    worker = null;
    isRunning = isAlive = false;
  }

  // The step that the start button leads to: the next multiple of the one that is chosen.
  const goal = () => (Math.floor(step() / state.get().until) + 1) * state.get().until;

  // The reader's hand ---------------------------------------------------------------------------------------------

  function toggle() {
    if (!isAlive) return train(goal());
    isRunning = !isRunning; // a training that waits for its last answer goes on
    paint();
  }

  const starter = button('', toggle);
  const single = button(texts.step, () => isAlive || train(step() + 1));
  const again = button(texts.again, begin);
  const list = (name, options, read = String) =>
    choice(texts[name], options, (value) => state.set({ [name]: read(value) }));
  const numbers = (name) => allowed[name].map((value) => [value, value.toLocaleString('en')]);
  const controls = {
    network: list('network', allowed.network.map((name) => [name, texts[name]])),
    scrambled: list('scrambled', [[0, texts.no], [1, texts.yes]], Number),
    optimizer: list('optimizer', [['sgd', 'SGD'], ['momentum', texts.momentum], ['adam', 'Adam']]),
    batch: list('batch', numbers('batch'), Number),
    until: list('until', numbers('until'), Number),
  };
  const rate = slider(texts.rate, rates.length - 1, (at) => state.set({ rate: rates[at] }), 0, (at) => `${rates[at]}`);
  const seed = slider(texts.seed, 20, (value) => state.set({ seed: value }));
  const past = slider(texts.past, 0, (at) => {
    shown = at;
    paint();
    region.say(`${describe()} ${told()}`);
  }, 0, (at) => (accounts[at] ? accounts[at].step.toLocaleString('en') : '0'));

  // What stands on the page ---------------------------------------------------------------------------------------

  const text = (name) => element('p', { class: `cnn-text ${name}` });
  const [status, hash, slow, dead, scale, wrong] =
    ['learning-status', 'learning-hash', 'learning-slow', '', '', ''].map(text);
  slow.textContent = texts.slow;
  slow.hidden = true;
  const chart = element('div', { class: 'learning-chart', 'aria-hidden': true });
  const [chartText, kernels, misread, sizes] =
    [text(''), ...['learning-row', 'learning-row learning-misread', ''].map((name) => element('div', { class: name }))];
  const region = voice();

  const count = (number) => Math.round(number).toLocaleString('en');
  const percent = (account) => `${(account.right / 10).toFixed(1)} %`;

  function describe() {
    const { step: at, right } = accounts[shown];
    const loss = at ? short(losses[at - 1], 3) : '–';
    return fill(texts.status, { step: count(at), loss, right, share: percent({ right }) });
  }

  const told = () => (hasDiverged ? texts.diverged : '');

  function paintChart() {
    const columns = Math.max(1, Math.min(300, step()));
    const all = Array.from({ length: columns }, (_, i) => {
      const part = losses.slice(Math.floor((i * step()) / columns), Math.floor(((i + 1) * step()) / columns));
      return [Math.max(...part), Math.min(...part)];
    });
    const height = (loss) => (Number.isFinite(loss) ? 100 * Math.min(1, Math.max(0, (1 - Math.log10(loss)) / 4)) : 0);
    const x = (at) => ((100 * at) / Math.max(1, step())).toFixed(2);
    const ends = ([most, least], i) => [most, least].map((loss) => `${x(((i + 1) * step()) / columns)} ${height(loss)}`);
    const line = step() ? `M${all.flatMap(ends).join('L')}` : '';
    const shares = accounts.length ? `M${accounts.map((each) => `${x(each.step)} ${100 - each.right / 10}`).join('L')}` : '';
    const mark = accounts[shown] ? `M${x(accounts[shown].step)} 0V100` : '';
    chart.innerHTML = `<svg viewBox="0 0 100 100" preserveAspectRatio="none"><path class="learning-mark" d="${mark}"/>
      <path class="learning-loss" d="${line}"/><path class="learning-share" d="${shares}"/></svg>`;
  }

  const picture = (side, value, attributes, ...caption) => {
    const canvas = element('canvas', attributes);
    showGray(canvas, side, side, (y, x) => value(y * side + x));
    return element('div', {}, canvas, ...caption);
  };

  const misreading = ({ pixels, label, answer }) => {
    const words = { role: 'img', 'aria-label': fill(texts.read, { label, answer }) };
    const caption = element('div', { 'aria-hidden': true }, `${label} → ${answer}`);
    return picture(28, (i) => pixels[i] / 255, words, caption);
  };

  function paintAccount(account) {
    const most = Math.max(...account.kernels.map((kernel) => Math.max(...kernel.map(Math.abs)))) || 1;
    const side = Math.sqrt(account.kernels[0].length);
    const hidden = { 'aria-hidden': true };
    kernels.replaceChildren(...account.kernels.map((each) => picture(side, (i) => 0.5 + each[i] / most / 2, hidden)));
    scale.textContent = fill(texts.scale, { largest: short(most, 3) });
    sizes.replaceChildren(...account.sizes.map((size, i) => {
      const width = 100 * Math.min(1, Math.max(0, 1 + Math.log10(size || 1e-9) / 6)); // a millionth is nothing
      const track = element('span', { class: 'learning-size' }, element('span', { style: `width: ${width}%` }));
      const number = size ? size.toExponential(1).replace('-', '−') : '0';
      return element('div', { class: 'learning-layer' }, layers[state.get().network][i], track, number);
    }));
    dead.textContent = fill(texts.dead, { dead: account.dead, hidden: account.hidden });
    misread.replaceChildren(...account.misread.map(misreading));
    wrong.textContent = fill(texts.wrong, { wrong: 1000 - account.right, some: account.misread.length });
  }

  function hashes() {
    const at = accounts.find((account) => account.step === printed);
    const here = accounts[shown];
    const line = (account) => fill(texts.hash, { step: count(account.step), hash: account.sha256 });
    return [...new Set([at, here])].filter((account) => account && account.sha256).map(line).join('\n');
  }

  const paint = eachFrame(() => {
    const settings = state.get();
    starter.textContent = isRunning ? texts.pause : fill(texts.start, { step: count(goal()) });
    single.disabled = isAlive;
    Object.entries(controls).forEach(([name, control]) => control.set(settings[name]));
    rate.set(rates.indexOf(settings.rate));
    seed.set(settings.seed);
    past.set(shown, Math.max(0, accounts.length - 1));
    const account = accounts[shown];
    views.hidden = !account;
    const waits = isRunning ? texts.loading : texts.invitation;
    const pace = speed ? fill(texts.speed, { speed: count(speed) }) : '';
    status.textContent = problem || (account ? [describe(), told(), pace].filter(Boolean).join(' ') : waits);
    below.draw();
    if (!account) return;
    hash.textContent = hashes();
    chartText.textContent = texts.chart;
    paintChart();
    paintAccount(account);
  });

  // Only what decides the bits begins a training anew.
  function changed({ until, ...others }) {
    const before = key;
    key = JSON.stringify(others);
    if (before === key) paint();
    else begin();
  }

  const isValid = (settings) => Object.entries(settings).every(([name, value]) => allowed[name].includes(value));
  const begins = { ...defaults, ...presets[cnn.nameOf(place)] };
  const state = cnn.state(place, begins, isValid, changed);
  const below = foot('learning', { state, region, texts, python: () => cnn.python.learning(state.get(), step()) });
  const views = element('div', { class: 'cnn-panels' },
    titled(texts.losses, chart, chartText, past),
    titled(texts.kernels, kernels, scale),
    titled(texts.sizes, sizes, dead),
    titled(texts.misread, misread, wrong));
  place.append(
    element('section', { class: 'cnn learning', 'aria-label': texts.title },
      titled(texts.title),
      bar(controls.network, controls.scrambled, controls.optimizer, controls.batch),
      bar(rate, seed, controls.until),
      bar(starter, single, again),
      status, slow, hash, views, below, region)
  );
  changed(state.get());
};
