// The parts that explorers are made of: grids of numbers, sliders, choices, buttons, and a voice for screen readers.
var cnn = cnn || {};

(function () {
  'use strict';

  // Make an element. Attributes that begin with "on" are listeners; null and false leave an attribute out.
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Fill the places of a text: fill('row {row}', {row: 2}).
  const fill = (text, values = {}) => text.replace(/\{([a-z]+)\}/g, (place, name) => (name in values ? values[name] : place));

  // Write a number in few characters: four digits that count, a true minus sign.
  function short(number) {
    return String(Number(number.toPrecision(4))).replace('-', '−').replace(/e\+?/, 'e');
  }

  // Read what somebody typed; null if it is no number of a reasonable size.
  function number(text) {
    const typed = text.trim().replace(/[−ー－]/, '-').replace(/[,，]/, '.');
    return typed !== '' && Math.abs(typed) < 1e6 ? Number(typed) : null;
  }

  const button = (label, onclick) => element('button', { type: 'button', onclick }, label);

  let count = 0; // for ids

  // A slider with its name and value. `show(value)`: how the value is written.
  function slider(label, { min = 1, max, step = 1, show = String }, onchange) {
    const id = `cnn-${++count}`;
    const output = element('output', { for: id });
    const input = element('input', { type: 'range', id, min, max, step, oninput: () => onchange(Number(input.value)) });
    const whole = element('div', { class: 'cnn-slider' }, element('label', { for: id }, label), output, input);
    whole.set = (value, most = max) => {
      input.max = most;
      input.value = value;
      output.textContent = show(value);
      input.setAttribute('aria-valuetext', show(value));
    };
    return whole;
  }

  // A list of which one is chosen. `options`: [value, text] of each.
  function choice(label, options, onchange) {
    const list = element('select', { onchange: () => onchange(list.value) });
    for (const [value, text] of options) list.append(element('option', { value }, text));
    const whole = element('label', { class: 'cnn-choice' }, element('span', {}, label), list);
    whole.set = (value) => (list.value = value);
    whole.disable = (value) => (list.disabled = value);
    return whole;
  }

  // Tell changes to those who cannot see them; what comes fast is told once.
  function voice() {
    const region = element('p', { class: 'cnn-voice', 'aria-live': 'polite' });
    let timer;
    region.say = (text) => {
      clearTimeout(timer);
      timer = setTimeout(() => (region.textContent = text), 400);
    };
    return region;
  }

  // Copy a text; without a secure address (http in a classroom) the old way is the only one.
  function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = element('textarea', { class: 'cnn-voice' }, text);
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error('not copied'));
  }

  // A button that copies what `text()` gives, and says so.
  function copyButton(label, text, region, words) {
    return button(label, () => copy(text()).then(() => region.say(words.copied), () => region.say(words.failed)));
  }

  // A grid of numbers that arrows walk through. Each cell may be picked, dragged over and edited.
  //   label            its name, which stands above it
  //   name(r, c)       how a screen reader calls a cell, before its value
  //   onpick(r, c)     a cell has got the focus
  //   onedit(r, c, x)  a number was typed; without it the grid is only read
  //   ondrag(r, c)     a cell of the class "cnn-window" was dragged to this place
  // `draw(values, look)` shows rows of numbers; `look(r, c)` gives the classes of a cell.
  function grid(label, { name, onpick, onedit, ondrag }) {
    const id = `cnn-${++count}`;
    const body = element('div', { role: 'grid', class: 'cnn-grid', 'aria-labelledby': id, 'aria-readonly': String(!onedit) });
    const whole = element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title', id }, label), body);
    let values = [[]];
    let at = [0, 0];
    let editing = false;

    const cell = (row, column) => body.children[row] && body.children[row].children[column];

    function build(rows, columns) {
      body.style.setProperty('--columns', columns);
      body.replaceChildren(
        ...Array.from({ length: rows }, () =>
          element('div', { role: 'row' }, ...Array.from({ length: columns }, () => element('div', { role: 'gridcell' })))
        )
      );
    }

    function draw(rows, look = () => '') {
      values = rows;
      const [height, width] = [rows.length, rows.length && rows[0].length];
      whole.hidden = !height;
      if (!height) return;
      if (body.children.length !== height || body.firstChild.children.length !== width) build(height, width);
      at = [Math.min(at[0], height - 1), Math.min(at[1], width - 1)];
      const largest = Math.max(1e-9, ...rows.flat().map(Math.abs));
      rows.forEach((row, r) => row.forEach((value, c) => drawCell(cell(r, c), r, c, value / largest, look(r, c))));
    }

    function drawCell(shown, row, column, share, classes) {
      const text = short(values[row][column]);
      if (!shown.firstElementChild) shown.textContent = text;
      shown.className = `${share < 0 ? 'cnn-minus' : 'cnn-plus'} ${classes}`;
      shown.style.setProperty('--share', `${Math.round(Math.abs(share) * 60)}%`);
      shown.style.setProperty('--length', text.length);
      shown.setAttribute('aria-label', `${name(row, column)}: ${text}`);
      shown.tabIndex = row === at[0] && column === at[1] ? 0 : -1;
    }

    function focus(row, column) {
      if (!cell(row, column)) return;
      cell(...at).tabIndex = -1;
      at = [row, column];
      cell(row, column).tabIndex = 0;
      cell(row, column).focus({ preventScroll: false });
      if (onpick) onpick(row, column);
    }

    function edit(start) {
      if (!onedit || editing) return;
      const shown = cell(...at);
      const old = String(Number(values[at[0]][at[1]].toPrecision(6)));
      const input = element('input', { value: start || old, 'aria-label': shown.getAttribute('aria-label'), size: 1 });
      const close = (keep, stay) => {
        if (!editing) return;
        editing = false;
        const typed = keep ? number(input.value) : null;
        input.remove();
        shown.textContent = short(values[at[0]][at[1]]);
        if (stay) shown.focus();
        if (typed !== null) onedit(...at, typed);
      };
      editing = true;
      input.addEventListener('blur', () => close(true, false));
      input.addEventListener('keydown', (event) => {
        event.stopPropagation();
        if (event.key === 'Enter' || event.key === 'Escape') close(event.key === 'Enter', true);
      });
      shown.replaceChildren(input);
      input.focus();
      if (!start) input.select();
    }

    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    body.addEventListener('keydown', (event) => {
      const { key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (key in moves) focus(at[0] + moves[key][0], at[1] + moves[key][1]);
      else if (key === 'Home') focus(at[0], 0);
      else if (key === 'End') focus(at[0], values[0].length - 1);
      else if (onedit && (key === 'Enter' || key === 'F2' || key === ' ')) edit();
      else if (onedit && /^[-−.0-9]$/.test(key)) edit(key);
      else return;
      event.preventDefault();
    });

    function place(target) {
      const shown = target && target.closest('[role=gridcell]');
      return shown && body.contains(shown) ? [[...body.children].indexOf(shown.parentNode), [...shown.parentNode.children].indexOf(shown)] : null;
    }

    let held = null; // where the pointer went down
    body.addEventListener('pointerdown', (event) => {
      held = editing ? null : place(event.target);
      if (held && ondrag && event.target.classList.contains('cnn-window')) {
        event.target.releasePointerCapture(event.pointerId);
        body.dragged = false;
        const move = (moved) => {
          const to = place(document.elementFromPoint(moved.clientX, moved.clientY));
          if (!to || String(to) === String(held)) return;
          ondrag(to[0] - held[0], to[1] - held[1]);
          held = to;
          body.dragged = true;
        };
        const stop = () => {
          removeEventListener('pointermove', move);
          removeEventListener('pointerup', stop);
          removeEventListener('pointercancel', stop);
        };
        addEventListener('pointermove', move);
        addEventListener('pointerup', stop);
        addEventListener('pointercancel', stop);
      }
    });
    body.addEventListener('click', (event) => {
      const to = place(event.target);
      if (to && !editing && !body.dragged) {
        focus(...to);
        edit();
      }
      body.dragged = false;
    });
    whole.draw = draw;
    whole.go = (row, column) => (at = [row, column]);
    return whole;
  }

  cnn.widgets = { element, fill, short, button, slider, choice, voice, copyButton, grid };
})();
