// What each unit of LeNet-5's last layers adds to one of the ten logits, and how the page shows it.
var cnn = cnn || {};

(function () {
  'use strict';

  // Return how much each unit of the two last hidden layers adds to the logit of a class. A unit adds its value times
  // how steeply the logit rises with it. Where no ReLU changes sides, logits are sums, so what the units of a layer
  // add, and the biases behind it, make up the whole logit.
  function contributions(weights, layers, digit) {
    const steepness = (kernel, after) => {
      const [units, next] = kernel.shape;
      return Float64Array.from({ length: units }, (_, unit) =>
        after.reduce((sum, slope, i) => sum + kernel.data[unit * next + i] * slope, 0)
      );
    };
    const chosen = Array.from(layers.logits.data, (_, i) => (i === digit ? 1 : 0));
    const slope7 = steepness(weights['logits/kernel'], chosen);
    const open7 = Array.from(slope7, (slope, unit) => (layers.dense7.data[unit] > 0 ? slope : 0));
    const slope6 = steepness(weights['dense7/kernel'], open7);
    return {
      dense6: slope6.map((slope, unit) => slope * layers.dense6.data[unit]),
      dense7: slope7.map((slope, unit) => slope * layers.dense7.data[unit]),
    };
  }

  // Add a line for each unit to the page, up or down on one scale; show(found, winner) shows them for an answer.
  function figures(place, texts) {
    const { element, fill, short } = cnn.widgets;
    const layers = ['dense7', 'dense6'].map((name) => {
      const [words, drawn] = [element('div', {}), element('div', { class: 'digit-units', 'aria-hidden': true })];
      place.append(element('div', { class: 'digit-figure' }, words, drawn));
      return { name, words, drawn };
    });

    function describe(name, values, digit, logit) {
      const [sum, most] = [values.reduce((total, value) => total + value), Math.max(...values)];
      const numbers = Object.entries({ logit, sum, rest: logit - sum, most });
      const written = Object.fromEntries(numbers.map(([key, number]) => [key, short(number, 3)]));
      const unit = values.indexOf(most);
      return fill(texts.added, { ...written, layer: name, count: values.length, digit, unit });
    }

    return function (weights, found, winner) {
      const added = contributions(weights, found, winner);
      const largest = Math.max(...[...added.dense6, ...added.dense7].map(Math.abs)) || 1;
      layers.forEach(({ name, words, drawn }) => {
        const values = [...added[name]];
        words.textContent = describe(name, values, winner, found.logits.data[winner]);
        const line = (value, i) => `M${i + 0.5} 0V${(-value / largest).toFixed(3)}`;
        const path = (sign) => values.map((value, i) => (value * sign > 0 ? line(value, i) : '')).join('');
        drawn.innerHTML = [
          `<svg viewBox="0 -1 ${values.length} 2" preserveAspectRatio="none"><path d="M0 0H${values.length}"/>`,
          `<path class="digit-plus" d="${path(1)}"/><path class="digit-minus" d="${path(-1)}"/></svg>`,
        ].join('');
      });
    };
  }

  cnn.contributions = { of: contributions, figures };
})();
