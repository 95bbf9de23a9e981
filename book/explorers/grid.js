// Grids of numbers: to read, to walk through with arrows, to type into, and to drag a window over.
var cnn = cnn || {};

(function () {
  'use strict';
  const { element, short } = cnn.widgets;

  // Read what somebody typed, on any keyboard; NaN if it is no number, or too long a one to show.
  function typed(text) {
    const x = Number(text.normalize('NFKC').trim().replace(/[−ー]/, '-').replace(/[,、]/, '.') || NaN);
    return Math.abs(x) < 1e6 ? x : NaN;
  }

  // A grid of numbers that arrows walk through.
  //   name(r, c, value)   what a screen reader says of a cell
  //   onpick(r, c)        a cell was chosen
  //   onedit(r, c, x)     a number was typed; without it, the grid is only read
  //   ondrag(r, c, first) a cell of the class "cnn-window" was dragged so many cells down and across
  // draw(values, look, at) shows rows of numbers (null: an empty cell); look(r, c) gives the classes of a cell, `at` is
  // the one that the Tab key leads to.
  cnn.widgets.grid = function (label, { name, onpick, onedit, ondrag }) {
    const body = element('div', { role: 'grid', class: 'cnn-grid', 'aria-label': label, 'aria-readonly': !onedit });
    const whole = element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, label), body);
    let values = [];
    let at = [0, 0];
    let start, pointer, isDragged; // where a pointer went down; the one that holds the window; whether it moved it

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
        body.querySelectorAll('input').forEach((input) => (input.onblur = null)); // what it was typed for goes away
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
      const text = value === null ? '' : isWide ? short(value, 3) : short(Number(value.toFixed(2))).replace(/\b0\./, '.');
      if (!shown.firstElementChild) shown.textContent = text; // else somebody is typing there
      shown.className = `${share < 0 ? 'cnn-minus' : 'cnn-plus'} ${classes}`;
      shown.style.setProperty('--share', `${Math.round(Math.abs(share) * 55)}%`);
      shown.style.setProperty('--length', Math.max(text.length, 2));
      const exact = value === null ? '' : short(value);
      shown.setAttribute('aria-label', name(r, c, text === exact ? text : `${exact} ≈ ${text}`)); // what is seen, is heard
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
      if (!onedit || shown.firstElementChild || shown.matches('.cnn-pad')) return;
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
      if (!place || isDragged || event.target.tagName === 'INPUT') return;
      focus(...place);
      edit();
    };

    body.onpointerdown = ({ target, pointerId, button, isPrimary }) => {
      if (button || !isPrimary) return; // of several fingers, the first
      start = placeOf(target);
      isDragged = false;
      pointer = ondrag && target.matches('.cnn-window') && pointerId;
    };

    body.onpointermove = ({ pointerId, buttons, clientX, clientY }) => {
      const to = buttons && pointerId === pointer && placeOf(document.elementFromPoint(clientX, clientY));
      if (!to || (!isDragged && String(to) === String(start))) return;
      ondrag(to[0] - start[0], to[1] - start[1], !isDragged);
      isDragged = true;
    };
    return whole;
  };
})();
