// The explorer of channels: how the maps that enter a layer become one map, or stay apart, number by number.
//
// The smiley, or what the reader draws over it, goes through the two layers of chapter 7's network. Settings choose a
// map and a pixel of it, and `paint` shows what that pixel is made of.
var cnn = cnn || {};

(function () {
  'use strict';
  const SIDE = 25; // pixels of the smiley, down and across
  const list = (length, make) => Array.from({ length }, (_, i) => make(i));

  // Arithmetic --------------------------------------------------------------------------------------------------
  // As in arithmetic.js, an array is {data, shape}: a picture (rows, columns, channels), a kernel (rows, columns,
  // channels in, filters).

  // Return the numbers of a channel in the window around a place, row by row; outside the picture they are null.
  function windowOf({ data, shape: [, , channels] }, size, row, column, channel) {
    const isInside = (at) => at >= 0 && at < SIDE;
    return list(size * size, (i) => {
      const [r, c] = [row + Math.floor(i / size), column + (i % size)].map((at) => at - (size - 1) / 2);
      return isInside(r) && isInside(c) ? data[(r * SIDE + c) * channels + channel] : null;
    });
  }

  // Return the weights that a filter has for a channel, row by row.
  function gridOf({ data, shape: [size, , channels, filters] }, channel, filter) {
    return list(size * size, (i) => data[(i * channels + channel) * filters + filter]);
  }

  // Correlate every channel with its own grid of every filter, and keep the results apart: an array for each channel.
  function partialMaps(input, kernel) {
    const [size, , channels, filters] = kernel.shape;
    return list(channels, (channel) => {
      const grids = list(filters, (filter) => gridOf(kernel, channel, filter));
      const maps = { data: new Float32Array(SIDE * SIDE * filters), shape: [SIDE, SIDE, filters] };
      for (let at = 0; at < SIDE * SIDE; at++) {
        const window = windowOf(input, size, Math.floor(at / SIDE), at % SIDE, channel);
        const sums = grids.map((grid) => grid.reduce((sum, weight, i) => sum + weight * window[i], 0));
        maps.data.set(sums, at * filters);
      }
      return maps;
    });
  }

  // Return every step of a convolutional layer with same padding.
  function layer(input, kernel, bias) {
    const partial = partialMaps(input, kernel);
    const { shape } = partial[0];
    const sum = partial[0].data.map((_, i) => partial.reduce((all, { data }) => all + data[i], 0));
    const biased = sum.map((number, i) => number + bias.data[i % shape[2]]);
    const output = biased.map((number) => Math.max(number, 0));
    const of = (data) => ({ data, shape });
    return { input, kernel, bias, partial, sum: of(sum), biased: of(biased), output: of(output) };
  }

  function forward(weights, picture) {
    const named = (name, input) => layer(input, weights[`${name}/kernel`], weights[`${name}/bias`]);
    const conv1 = named('conv1', picture);
    return { conv1, conv2: named('conv2', conv1.output) };
  }

  cnn.channels = { forward };

  // The page ----------------------------------------------------------------------------------------------------

  cnn.explorers.channels = function (place) {
    const { element, fill, short, slider, choice, voice, bar, titled, foot } = cnn.widgets;
    const { eachFrame, placeOf, onDrag } = cnn.painting;
    const texts = { ...cnn.texts.shared, ...cnn.texts.channels };
    const defaults = { layer: 'conv2', filter: 2, channel: 0, row: 9, column: 12, partial: 'added', picture: '' };
    const [weights, smiley] = [cnn.unpack(cnn.data['smiley-channels']), cnn.bytes(cnn.data.smiley)];
    const sizes = (layer) => weights[`${layer}/kernel`].shape; // rows, columns, channels, filters
    const [, , CHANNELS, FILTERS] = sizes('conv2');
    const isBelow = ([number, end]) => list(end, (i) => i).includes(number);
    const isValid = ({ layer, filter, channel, row, column, partial, picture }) =>
      ['conv1', 'conv2'].includes(layer) && ['added', 'kept'].includes(partial) && /^([0-9a-f]{158})?$/.test(picture) &&
      [[row, SIDE], [column, SIDE], [channel, sizes(layer)[2]], [filter, sizes(layer)[3]]].every(isBelow);

    const isKept = ({ layer, partial }) => layer === 'conv2' && partial === 'kept'; // conv1 is always shown whole

    // The picture ---------------------------------------------------------------------------------------------

    // Return the pixels: the smiley's, or those that the address holds, four in each hexadecimal digit.
    function pixels({ picture }) {
      if (!picture) return smiley;
      return list(SIDE * SIDE, (i) => (parseInt(picture[i >> 2], 16) >> (3 - (i % 4))) & 1);
    }

    // Return the settings in which one pixel is black or white; the last digits hold zeros that are no pixels.
    function withPixel(settings, { row, column }, value) {
      const bits = [...pixels(settings)];
      bits[row * SIDE + column] = value;
      const digit = (i) => parseInt(list(4, (bit) => bits[4 * i + bit] || 0).join(''), 2).toString(16);
      return { row, column, picture: list(158, digit).join('') };
    }

    const pixelAt = (settings, { row, column }) => pixels(settings)[row * SIDE + column];

    // What stands on the page ---------------------------------------------------------------------------------

    // A map on a canvas, with a frame around the chosen pixel, or around the window that it looks at.
    function mapOf(attributes) {
      const canvas = element('canvas', { width: SIDE, height: SIDE, 'aria-hidden': true });
      const frame = element('span', { class: 'channels-frame' });
      const whole = element('span', { class: 'channels-map', ...attributes }, canvas, frame);
      whole.draw = (values, index, reach = 1, isPicture) => {
        const count = values.shape[2];
        paintMap(canvas, (i) => values.data[i * count + index], isPicture);
        whole.style.setProperty('--reach', reach);
      };
      return whole;
    }

    // A map that is only looked at, with words below.
    function figure() {
      const [map, words] = [mapOf({ onclick: choosePixel, onpointermove: choosePixel }), element('figcaption', {})];
      const whole = element('figure', {}, map, words);
      whole.draw = (text, ...values) => {
        words.textContent = text;
        map.draw(...values);
      };
      return whole;
    }

    // Maps to choose from: the Tab key leads to one of them, and arrows to the others.
    function gallery(title, columns, choices) {
      const maps = choices.map(() => mapOf());
      const buttons = choices.map(({ text, ...change }, number) => {
        const name = fill(text, { number, ...change });
        const onclick = () => state.set(change);
        return element('button', { type: 'button', 'aria-label': name, onclick }, maps[number], `${number}`);
      });
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
      const onkeydown = (event) => {
        const next = buttons[buttons.indexOf(document.activeElement) + steps[event.key]];
        if (!next) return;
        event.preventDefault();
        next.focus();
      };
      const style = `--columns: ${columns}`;
      const about = { role: 'toolbar', 'aria-label': title, class: 'channels-gallery', style, onkeydown };
      const whole = titled(title, element('div', about, ...buttons));
      whole.draw = (draw, chosen) => {
        buttons.forEach((each, i) => {
          draw(maps[i], i);
          each.setAttribute('aria-pressed', i === chosen);
          each.tabIndex = i === Math.max(chosen, 0) ? 0 : -1;
        });
      };
      return whole;
    }

    function galleryOf(layer) {
      const [size, , depth, count] = sizes(layer);
      const title = fill(texts.layer, { layer, count, size: `${size}×${size}×${depth}` });
      return gallery(title, count, list(count, (filter) => ({ layer, channel: 0, filter, text: texts.filter })));
    }
    const apart = list(CHANNELS * FILTERS, (number) => (
      { layer: 'conv2', channel: Math.floor(number / FILTERS), filter: number % FILTERS, text: texts.number }));
    const kept = gallery(texts.depthwise, FILTERS, apart);
    const galleries = { conv1: galleryOf('conv1'), conv2: galleryOf('conv2'), kept };

    const pad = mapOf({
      class: 'channels-map channels-pad', role: 'application', tabindex: 0, 'aria-label': texts['picture-keys'],
      onkeydown: penKey,
    });

    const cards = list(CHANNELS, (channel) => {
      const [enters, leaves, table] = [figure(), figure(), element('table', {})];
      const pair = element('div', { class: 'channels-pair' }, enters, leaves);
      return { channel, enters, leaves, table, whole: titled(fill(texts.channel, { channel }), pair, table) };
    });
    const results = { sum: figure(), biased: figure(), output: figure() };
    const resultRow = element('div', { class: 'channels-results' }, ...Object.values(results));
    const partial = choice(texts.partial, ['added', 'kept'].map((key) => [key, texts[key]]), (key) =>
      state.set({ partial: key, layer: 'conv2' }));
    const sliders = {};
    for (const axis of ['row', 'column']) {
      sliders[axis] = slider(texts[axis], SIDE - 1, (value) => state.set({ [axis]: value }), 0);
    }
    const [sentence, scale] = list(2, () => element('p', { class: 'cnn-text' }));
    const region = voice();

    // What the hand does --------------------------------------------------------------------------------------

    const limited = (number) => Math.min(Math.max(number, 0), SIDE - 1);

    // A click on a map chooses a pixel, and so does a mouse that is dragged over it; a finger moves the page.
    function choosePixel(event) {
      if (event.type !== 'click' && !(event.buttons && event.pointerType === 'mouse')) return;
      const at = placeOf(event, event.currentTarget, SIDE);
      if (at) state.set({ row: at[1], column: at[0] });
    }

    // The first pixel of a stroke changes from black to white or back, and the others become like it.
    // Between two events, a fast hand passes over several.
    let ink, last;
    function drawPixel(at, isFirst, event) {
      if (event.type === 'pointerdown') ink = 1 - pixelAt(state.get(), { row: at[1], column: at[0] });
      const from = isFirst ? at : last;
      for (let i = 1; i <= SIDE; i++) {
        const [column, row] = at.map((to, axis) => Math.round(from[axis] + ((to - from[axis]) * i) / SIDE));
        state.set(withPixel(state.get(), { row, column }, ink));
      }
      last = at;
    }

    function penKey(event) {
      const settings = state.get();
      const steps = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };
      const axis = /Up|Down/.test(event.key) ? 'row' : 'column';
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in steps) state.set({ [axis]: limited(settings[axis] + steps[event.key]) });
      else if (event.key === ' ') state.set(withPixel(settings, settings, 1 - pixelAt(settings, settings)));
      else return;
      event.preventDefault();
    }

    // Show ----------------------------------------------------------------------------------------------------

    // The steps of both layers for the picture last `seen`, the largest of their numbers, and its two colors
    let all, seen, largest, colors;
    const three = (number) => short(Number(number.toFixed(3)), 6);
    const signed = (number) => (number < 0 ? `(${three(number)})` : three(number));

    function paintMap(canvas, value, isPicture) {
      const image = new ImageData(SIDE, SIDE);
      for (let i = 0; i < SIDE * SIDE; i++) {
        const number = value(i);
        const gray = 255 * number;
        const color = [...colors[number < 0 ? 1 : 0], (255 * Math.abs(number)) / largest];
        image.data.set(isPicture ? [gray, gray, gray, 255] : color, 4 * i);
      }
      canvas.getContext('2d').putImageData(image, 0, 0);
    }

    function paintNow() {
      const settings = state.get();
      const { layer, filter } = settings;
      if (seen !== settings.picture) {
        seen = settings.picture;
        all = forward(weights, { data: pixels(settings), shape: [SIDE, SIDE, 1] });
        const maps = Object.values(all).flatMap(({ partial: parts, sum, biased }) => [...parts, sum, biased]);
        largest = Math.max(...maps.map(({ data }) => Math.max(...data.map(Math.abs))));
      }
      const shown = all[layer];
      colors = ['--cnn-plus', '--cnn-minus'].map((name) =>
        getComputedStyle(place).getPropertyValue(name).match(/[0-9a-f]{2}/gi).map((hex) => parseInt(hex, 16)));
      Object.keys(sliders).forEach((axis) => {
        whole.style.setProperty(`--${axis}`, settings[axis]);
        sliders[axis].set(settings[axis]);
      });
      drawGalleries(settings);
      cards.forEach((card) => drawCard(card, shown, settings));
      resultRow.hidden = isKept(settings);
      const at = (settings.row * SIDE + settings.column) * shown.sum.shape[2] + filter;
      Object.keys(results).forEach((step) =>
        results[step].draw(says(texts[step], shown[step].data[at]), shown[step], filter));
      sentence.textContent = isKept(settings) ? keptText(shown, settings, at) : addedText(shown, settings, at);
      region.say(sentence.textContent);
      scale.textContent = fill(texts.scale, { largest: three(largest) });
      below.draw();
      partial.set(settings.partial);
      galleries.conv2.hidden = settings.partial === 'kept';
      galleries.kept.hidden = !galleries.conv2.hidden;
    }

    const says = (name, number) => fill(texts.says, { name, value: three(number) });

    function drawGalleries({ layer, channel, filter }) {
      const { conv1, conv2 } = all;
      const isFirst = layer === 'conv1';
      pad.draw(conv1.input, 0, isFirst ? sizes('conv1')[0] : 1, true);
      const frame = isFirst ? 1 : sizes('conv2')[0];
      galleries.conv1.draw((map, i) => map.draw(conv1.output, i, frame), isFirst ? filter : -1);
      galleries.conv2.draw((map, i) => map.draw(conv2.output, i), isFirst ? -1 : filter);
      galleries.kept.draw(
        (map, i) => map.draw(conv2.partial[Math.floor(i / FILTERS)], i % FILTERS),
        isFirst ? -1 : channel * FILTERS + filter
      );
    }

    // Show a channel: the map that enters, the products at the chosen pixel, and the partial map that these make.
    function drawCard({ channel, enters, leaves, table, whole: card }, shown, settings) {
      const { layer, filter, row, column } = settings;
      const [size, , depth, count] = shown.kernel.shape;
      card.hidden = channel >= depth || (isKept(settings) && channel !== settings.channel);
      if (card.hidden) return;
      const at = row * SIDE + column;
      const isPicture = layer === 'conv1';
      const entering = says(isPicture ? texts.picture : texts.enters, shown.input.data[at * depth + channel]);
      enters.draw(entering, shown.input, channel, size, isPicture);
      const made = shown.partial[channel];
      leaves.draw(says(texts.products, made.data[at * count + filter]), made, filter);
      const window = windowOf(shown.input, size, row, column, channel);
      const grid = gridOf(shown.kernel, channel, filter);
      const most = Math.max(...grid.map((weight, i) => Math.abs(window[i] * weight)));
      const cells = grid.map((weight, i) => product(window[i], weight, most));
      const lines = list(size, (i) => element('tr', {}, ...cells.slice(i * size, (i + 1) * size)));
      table.replaceChildren(element('caption', {}, texts.factors), element('tbody', {}, ...lines));
      table.style.setProperty('--columns', size);
    }

    // A cell of the table: pixel, times weight, is product; the color is strongest for the product that counts most.
    function product(pixel, weight, most) {
      const number = Number(pixel) * weight;
      const lines = [three(Number(pixel)), `· ${three(weight)}`, `= ${three(number)}`];
      const style = `--share: ${(Math.abs(number) / (most || 1)) * 55}%`;
      const look = `${number < 0 ? 'cnn-minus' : 'cnn-plus'} ${pixel === null ? 'cnn-pad' : ''}`;
      return element('td', { class: look, style }, ...lines.map((text) => element('span', {}, text)));
    }

    const chosenText = (text, values) => fill(texts.at, { name: fill(text, values), cell: fill(texts.cell, values) });

    function addedText({ partial: maps, sum, bias, biased, output }, settings, at) {
      const [total, more, last] = [sum, biased, output].map(({ data }) => three(data[at]));
      const terms = maps.map(({ data }) => signed(data[at]));
      const lines = {
        sum: terms[1] ? `${terms.join(' + ')} = ${total}` : total,
        biased: `${total} + ${signed(bias.data[settings.filter])} = ${more}`,
        output: `max(${more}, 0) = ${last}`,
      };
      const chosen = chosenText(texts.filter, settings);
      const named = Object.entries(lines).map(([step, value]) => fill(texts.says, { name: texts[step], value }));
      return [chosen, ...named].join('\n');
    }

    function keptText({ partial: maps }, settings, at) {
      const { channel, filter } = settings;
      const number = channel * FILTERS + filter;
      const chosen = chosenText(texts.number, { ...settings, number });
      const nothing = fill(texts.nothing, { number: `${FILTERS}·${channel} + ${filter} = ${number}` });
      return [says(chosen, maps[channel].data[at]), nothing].join('\n');
    }

    const whole = element('section', { class: 'cnn channels', 'aria-label': texts.title });
    const paint = eachFrame(paintNow);
    const state = cnn.state(place, defaults, isValid, paint);
    const below = foot('channels', { state, region, texts, python: () => cnn.python.channels(state.get()) });
    onDrag(pad, SIDE, drawPixel);
    whole.append(
      bar(partial, ...Object.values(sliders)),
      element('div', { class: 'channels-network' }, titled(texts.pad, pad), ...Object.values(galleries)),
      sentence,
      element('div', { class: 'channels-cards' }, ...cards.map((card) => card.whole)),
      resultRow, scale,
      below, region
    );
    place.append(whole);
    new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ['data-theme'] });
    paintNow();
  };
})();
