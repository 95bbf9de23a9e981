// The parts that explorers are made of: sliders, choices, buttons, and a voice for screen readers.
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
      made.focus(); // a keyboard goes on from here
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

  cnn.widgets = { element, fill, short, button, slider, choice, voice, copyButton };
})();
