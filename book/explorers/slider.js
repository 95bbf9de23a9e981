// A slider with its name and its value.
var cnn = cnn || {};

(function () {
  'use strict';
  const { element } = cnn.widgets;
  let count = 0; // for ids

  // Return a slider from `min` to `max`; `show(value)` writes the value.
  cnn.widgets.slider = function (label, max, onchange, min = 1, show = String) {
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
  };
})();
