// The parts that explorers are made of: sliders, choices, buttons, grids of numbers, and a voice for screen readers.
var cnn = cnn || {};

(function () {
  'use strict';
  let count = 0; // for ids

  // Make an element. A function as attribute is a listener: {onclick: go}.
  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === 'function') made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Fill the places of a text: fill('row {row}', {row: 2}).
  const fill = (text, values) => text.replace(/\{([a-z]+)\}/g, (_, name) => values[name]);

  // Write a number in few characters: so many digits that count, and a true minus sign.
  function short(number, digits = 4) {
    const rounded = Number(number.toPrecision(digits));
    return String(Math.abs(rounded) < 1e-6 ? 0 : rounded).replace(/-/g, '−');
  }

  // Read what somebody typed, on any keyboard; NaN if it is no number, or too long a one to show.
  function typed(text) {
    const number = Number(text.normalize('NFKC').trim().replace(/[−ー]/, '-').replace(/[,、]/, '.') || NaN);
    return Math.abs(number) < 1e6 ? number : NaN;
  }

  const button = (label, onclick) => element('button', { type: 'button', onclick }, label);

  // A slider with its name and value; `show(value)` writes the value.
  function slider(label, max, onchange, min = 1, show = String) {
    const id = `cnn-${++count}`;
    const input = element('input', { type: 'range', id, min, max, oninput: () => onchange(Number(input.value)) });
    const output = element('output', { for: id });
    const whole = element('div', { class: 'cnn-slider' }, element('label', { for: id }, label), output, input);
    whole.set = (value, most = max) => {
      Object.assign(input, { max: most, value });
      output.textContent = show(value);
      input.setAttribute('aria-valuetext', show(value));
    };
    return whole;
  }

  // A list of which one is chosen. `options`: the value and the text of each.
  function choice(label, options, onchange) {
    const entries = options.map(([value, text]) => element('option', { value }, text));
    const list = element('select', { onchange: () => onchange(list.value) }, ...entries);
    const whole = element('label', { class: 'cnn-choice' }, label, list);
    whole.set = (value) => (list.value = value);
    return whole;
  }

  // Tell changes to those who cannot see them; of what comes fast, the last.
  function voice() {
    const region = element('p', { class: 'cnn-voice', 'aria-live': 'polite' });
    let timer;
    region.say = (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => (region.textContent = text), 400);
    };
    return region;
  }

  // A button that copies what `text()` gives, and says so. On plain http, in a classroom, only the old way is there.
  function copyButton(label, text, region, texts) {
    async function copy() {
      if (navigator.clipboard) return navigator.clipboard.writeText(text());
      const area = element('textarea', {}, text());
      made.after(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      if (!done) throw new Error();
    }
    const tell = (words) => {
      region.say(words);
      made.title = words;
      made.textContent = words;
      setTimeout(() => (made.textContent = label), 2500);
    };
    const made = button(label, () => copy().then(() => tell(texts.copied), () => tell(texts.failed)));
    return made;
  }

  // A grid of numbers that arrows walk through.
  //   name(r, c, value)   what a screen reader says of a cell
  //   onpick(r, c)        a cell was chosen
  //   onedit(r, c, x)     a number was typed; without it, the grid is only read
  //   ondrag(r, c, first) a cell of the class "cnn-window" was dragged so many cells down and across
  // draw(values, look, at) shows rows of numbers (null: an empty cell); look(r, c) gives the classes of a cell, `at` is
  // the one that the Tab key leads to.
  function grid(label, { name, onpick, onedit, ondrag }) {
    const id = `cnn-${++count}`;
    const body = element('div', { role: 'grid', class: 'cnn-grid', 'aria-labelledby': id, 'aria-readonly': !onedit });
    const whole = element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title', id }, label), body);
    let values = [];
    let at = [0, 0];
    let held = null; // where the pointer went down, while it drags the window

    const cell = (row, column) => body.children[row] && body.children[row].children[column];
    const placeOf = (target) => {
      const cells = [...body.querySelectorAll('[role=gridcell]')];
      const index = cells.findIndex((each) => each.contains(target));
      return index < 0 ? null : [Math.floor(index / values[0].length), index % values[0].length];
    };

    whole.draw = function (rows, look = () => '', tabbed = at) {
      whole.hidden = !rows.length;
      if (whole.hidden) return;
      if (values.length !== rows.length || values[0].length !== rows[0].length) {
        const cells = (row) => row.map(() => element('div', { role: 'gridcell' }));
        body.replaceChildren(...rows.map((row) => element('div', { role: 'row' }, ...cells(row))));
        body.style.setProperty('--columns', rows[0].length);
        body.classList.toggle('cnn-wide', rows[0].length > 8);
      }
      values = rows;
      at = [Math.min(tabbed[0], rows.length - 1), Math.min(tabbed[1], rows[0].length - 1)];
      const largest = Math.max(1e-9, ...rows.flat().map(Math.abs));
      rows.forEach((row, r) => row.forEach((value, c) => drawCell(r, c, value / largest, look(r, c))));
    };

    function drawCell(r, c, share, classes) {
      const shown = cell(r, c);
      const value = values[r][c];
      const isWide = values[0].length < 9;
      const text = value === null ? '' : isWide ? short(value, 3) : short(Number(value.toFixed(2))).replace('0.', '.');
      if (!shown.firstElementChild) shown.textContent = text; // else somebody is typing there
      shown.className = `${share < 0 ? 'cnn-minus' : 'cnn-plus'} ${classes}`;
      shown.style.setProperty('--share', `${Math.round(Math.abs(share) * 55)}%`);
      shown.style.setProperty('--length', Math.max(text.length, 2));
      shown.setAttribute('aria-label', name(r, c, value === null ? '' : short(value)));
      shown.setAttribute('aria-selected', /window|chosen/.test(classes));
      shown.tabIndex = r === at[0] && c === at[1] ? 0 : -1;
    }

    function focus(row, column) {
      if (!cell(row, column)) return;
      cell(...at).tabIndex = -1;
      at = [row, column];
      cell(row, column).tabIndex = 0;
      cell(row, column).focus();
      if (onpick) onpick(row, column);
    }

    function edit(start = '') {
      const [row, column] = at;
      const shown = cell(row, column);
      if (!onedit || shown.firstElementChild || shown.classList.contains('cnn-pad')) return;
      const input = element('input', { 'aria-label': name(row, column, '') });
      input.value = start || values[row][column];
      const close = (number, stay) => {
        input.onblur = null;
        shown.textContent = short(values[row][column], 3);
        if (stay) shown.focus();
        if (!Number.isNaN(number)) onedit(row, column, number);
      };
      input.onblur = () => close(typed(input.value));
      input.onkeydown = (event) => {
        event.stopPropagation();
        if (event.key === 'Enter') close(typed(input.value), true);
        if (event.key === 'Escape') close(NaN, true);
      };
      shown.replaceChildren(input);
      input.focus();
      if (!start) input.select();
    }

    body.onkeydown = (event) => {
      const [row, column] = at;
      const moves = {
        ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1], Home: [row, 0], End: [row, values[0].length - 1],
      };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in moves) focus(...moves[event.key]);
      else if (['Enter', ' ', 'F2'].includes(event.key)) edit();
      else if (/^[-.0-9]$/.test(event.key)) edit(event.key);
      else return;
      event.preventDefault();
    };

    body.onclick = (event) => {
      const place = placeOf(event.target);
      if (!place || held === 'dragged' || event.target.tagName === 'INPUT') return;
      focus(...place);
      edit();
    };

    body.onpointerdown = (event) => {
      const start = placeOf(event.target);
      held = start;
      if (!ondrag || !event.target.classList.contains('cnn-window')) return;
      const move = ({ clientX, clientY }) => {
        const to = placeOf(document.elementFromPoint(clientX, clientY));
        if (!to || (held !== 'dragged' && String(to) === String(start))) return;
        ondrag(to[0] - start[0], to[1] - start[1], held !== 'dragged');
        held = 'dragged';
      };
      const stop = () => {
        removeEventListener('pointermove', move);
        ['pointerup', 'pointercancel'].forEach((type) => removeEventListener(type, stop));
      };
      addEventListener('pointermove', move);
      ['pointerup', 'pointercancel'].forEach((type) => addEventListener(type, stop));
    };
    return whole;
  }

  cnn.widgets = { element, fill, short, button, slider, choice, voice, copyButton, grid };
})();
