// The parts that explorers are made of: buttons, choices, a voice for screen readers, and the foot.
var cnn = cnn || {};

(function () {
  'use strict';

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

  const button = (label, onclick) => element('button', { type: 'button', onclick }, label);

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

  const bar = (...parts) => element('div', { class: 'cnn-bar' }, ...parts);

  const titled = (title, ...parts) =>
    element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, title), ...parts);

  // The foot of an explorer: reset, a link to this moment, and lines of Python that give the same numbers. Most readers
  // need no more, so copy.js and the lines, such as those of digit-python.js, come when a reader first asks for them.
  function foot(name, { state, region, texts, python, reset = state.reset, scripts = [] }) {
    const code = element('code', {});
    const first = (act, place) => cnn.load(['copy.js', `${name}-python.js`, ...scripts]).then(act, () => {
      place.textContent = texts.unloaded; // what is asked for in vain is asked for again by the next click
    });
    const copier = (label, text) => {
      const made = button(label, () => first(() => cnn.copy(text(), made, label, region, texts), made));
      return made;
    };
    const draw = () => lines.open && first(() => (code.textContent = python()), code);
    const buttons = [button(texts.reset, reset), copier(texts.link, state.link), copier(texts.python, () => python())];
    const pre = element('pre', { tabindex: 0 }, code);
    const lines = element('details', { ontoggle: draw }, element('summary', {}, texts.lines), pre);
    return Object.assign(element('div', {}, bar(...buttons), lines), { draw });
  }

  // Fill a place in the page with its explorer. If something else came than was sent, such as the page of a network that
  // asks for a password, the figure stands.
  cnn.start = async function (place) {
    if (place.matches('.cnn-open')) return;
    place.classList.add('cnn-open');
    try {
      await cnn.explorers[place.dataset.explorer](place);
    } catch (error) {
      console.warn(error.message);
      place.classList.remove('cnn-open');
      place.querySelectorAll('section').forEach((section) => section.remove());
      if (error.message === 'SHA-256') place.prepend(element('p', { class: 'cnn' }, cnn.texts.shared.damaged));
    }
  };

  cnn.widgets = { element, fill, short, button, choice, voice, bar, titled, foot };
})();
