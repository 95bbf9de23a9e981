// The explorer of channels: how the maps that enter a layer become one map, or stay apart, number by number.
//
// The smiley, or what the reader draws over it, goes through the two layers of chapter 7's network. Settings choose a
// map and a pixel of it, and `paint` shows what that pixel is made of.
var cnn = cnn || {};

(function () {
  'use strict';
  const { array, correlate, addBias, relu } = cnn.arithmetic;
  const SIDE = 25; // pixels of the smiley, down and across
  const before = (kernel) => (kernel.shape[0] - 1) >> 1; // zeros before the first pixel: "same" padding

  // Arithmetic --------------------------------------------------------------------------------------------------

  // Return what of a picture (rows, columns, channels), or of a kernel that reads it, belongs to one channel.
  function channelOf({ data, shape }, channel) {
    const [height, width, channels, ...filters] = shape;
    const inner = filters.length ? filters[0] : 1;
    const own = data.filter((_, i) => Math.floor(i / inner) % channels === channel);
    return array([height, width, 1, ...filters], own);
  }

  // Correlate every channel with its own grid of every filter, and keep the results apart: an array for each channel.
  function partialMaps(input, kernel) {
    const channels = [...Array(input.shape[2]).keys()];
    return channels.map((i) => correlate(channelOf(input, i), channelOf(kernel, i), { padding: 'SAME' }));
  }

  // Add maps up, place by place.
  function added(maps) {
    const sums = maps[0].data.map((_, i) => maps.reduce((sum, { data }) => sum + data[i], 0));
    return array(maps[0].shape, sums);
  }

  // Return every step of a convolutional layer.
  function steps(input, kernel, bias) {
    const partial = partialMaps(input, kernel);
    const sum = added(partial);
    const biased = addBias(sum, bias);
    return { input, kernel, bias, partial, sum, biased, output: relu(biased) };
  }

  function forward(weights, picture) {
    const layer = (name, input) => steps(input, weights[`${name}/kernel`], weights[`${name}/bias`]);
    const conv1 = layer('conv1', picture);
    return { conv1, conv2: layer('conv2', conv1.output) };
  }

  // Return rows of what meets at a place: pixel and weight of a channel; outside the picture the pixel is null.
  function meeting({ input, kernel }, { row, column, channel, filter }) {
    const [height, width, channels, filters] = kernel.shape;
    const shift = before(kernel);
    return Array.from({ length: height }, (_, i) => Array.from({ length: width }, (_, j) => {
      const [r, c] = [row + i - shift, column + j - shift];
      const isInside = r >= 0 && r < SIDE && c >= 0 && c < SIDE;
      const weight = kernel.data[((i * width + j) * channels + channel) * filters + filter];
      return { pixel: isInside ? input.data[(r * SIDE + c) * channels + channel] : null, weight };
    }));
  }

  cnn.channels = { forward };

  // The page ----------------------------------------------------------------------------------------------------

  cnn.explorers.channels = function (place) {
    const { element, fill, short, button, slider, choice, voice, copyButton } = cnn.widgets;
    const texts = { ...cnn.texts.shared, ...cnn.texts.channels };
    const defaults = { layer: 'conv2', filter: 2, channel: 0, row: 9, column: 12, partial: 'added', picture: '' };
    let weights, smiley;
    try {
      [weights, smiley] = [cnn.unpack(cnn.data['smiley-channels']), cnn.bytes(cnn.data.smiley)];
    } catch (error) {
      place.prepend(element('p', { class: 'cnn-text' }, texts.damaged));
      return;
    }
    const sizes = (layer) => weights[`${layer}/kernel`].shape; // rows, columns, channels, filters
    const [, , CHANNELS, FILTERS] = sizes('conv2');
    const isBelow = (number, end) => Number.isInteger(number) && number >= 0 && number < end;
    const isValid = ({ layer, filter, channel, row, column, partial, picture }) =>
      ['conv1', 'conv2'].includes(layer) && ['added', 'kept'].includes(partial) && isBelow(row, SIDE) &&
      isBelow(column, SIDE) && isBelow(channel, sizes(layer)[2]) && isBelow(filter, sizes(layer)[3]) &&
      /^([0-9a-f]{158})?$/.test(picture);

    // The picture ---------------------------------------------------------------------------------------------

    // Return the pixels: the smiley's, or those that the address holds, four in each hexadecimal digit.
    function pixels({ picture }) {
      if (!picture) return smiley;
      const bits = [...picture].flatMap((digit) => [8, 4, 2, 1].map((bit) => (parseInt(digit, 16) & bit ? 1 : 0)));
      return bits.slice(0, SIDE * SIDE);
    }

    // Return the settings in which one pixel is black or white.
    function withPixel(settings, row, column, value) {
      const bits = [...pixels(settings), ...Array(7).fill(0)]; // as many as the digits hold
      bits[row * SIDE + column] = value;
      const isSmiley = smiley.every((pixel, i) => pixel === bits[i]);
      const digit = (i) => (8 * bits[i] + 4 * bits[i + 1] + 2 * bits[i + 2] + bits[i + 3]).toString(16);
      const picture = isSmiley ? '' : Array.from({ length: bits.length / 4 }, (_, i) => digit(4 * i)).join('');
      return { row, column, picture };
    }

    const pixelAt = (settings, row, column) => pixels(settings)[row * SIDE + column];

    // The lines of Python that give the same numbers.
    function python(settings) {
      const { layer, filter, row, column, partial, picture } = settings;
      const isKept = partial === 'kept' && layer === 'conv2';
      const drawn = `packed = bytes.fromhex(
    "${picture.replace(/.{80}/, '$&"\n    "')}"
)
bits = np.unpackbits(np.frombuffer(packed, np.uint8))[:625]
picture = bits.reshape(1, 25, 25, 1).astype(np.float32)`;
      const ending = isKept
        ? `kept = partial.reshape(1, 25, 25, ${CHANNELS * FILTERS})  # as DepthwiseConv2D gives them
print(kept[0, ${row}, ${column}])`
        : `sums = partial.sum(axis=3)
for numbers in (partial, sums, sums + biases, np.maximum(sums + biases, 0)):
    print(numbers[0, ${row}, ${column}, ..., ${filter}])`;
      return `import numpy as np

from cnn_course.runtime import make_reproducible

make_reproducible()
from cnn_course.activations import feature_maps
from cnn_course.convolution import partial_maps
from cnn_course.datasets import load_smiley
from cnn_course.weights import load_smiley_channels

model = load_smiley_channels()
${picture ? drawn : 'picture = load_smiley()[np.newaxis]'}
channels = ${layer === 'conv2' ? 'feature_maps(model, picture, ["conv1"])["conv1"]' : 'picture'}
kernels, biases = model.get_layer("${layer}").get_weights()
partial = partial_maps(channels, kernels, padding="SAME")
${ending}
`;
    }

    // What stands on the page ---------------------------------------------------------------------------------

    const bar = (...parts) => element('div', { class: 'cnn-bar' }, ...parts);
    const titled = (title, ...parts) =>
      element('div', { class: 'cnn-panel' }, element('div', { class: 'cnn-title' }, title), ...parts);

    // A map on a canvas, with a frame around the chosen pixel, or around the window that it looks at.
    function mapOf() {
      const canvas = element('canvas', { width: SIDE, height: SIDE, 'aria-hidden': true });
      const whole = element('span', { class: 'channels-map' }, canvas, element('span', { class: 'channels-frame' }));
      whole.draw = (values, index, frame = 1, isPicture = false) => {
        const count = values.shape[2];
        paintMap(canvas, (i) => values.data[i * count + index], isPicture);
        whole.style.setProperty('--reach', frame);
      };
      return whole;
    }

    // A map that is only looked at, with words below.
    function figure() {
      const [map, words] = [mapOf(), element('figcaption', {})];
      const whole = element('figure', { onclick: choosePixel, onpointermove: choosePixel }, map, words);
      whole.draw = (text, ...values) => {
        words.textContent = text;
        map.draw(...values);
      };
      return whole;
    }

    // Maps to choose from: the Tab key leads to one of them, and arrows to the others.
    function gallery(title, columns, choices) {
      const maps = choices.map(mapOf);
      const buttons = choices.map(({ name, number, ...change }, i) =>
        element('button', { type: 'button', 'aria-label': name, onclick: () => state.set(change) }, maps[i], number));
      const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
      const onkeydown = (event) => {
        const next = buttons[buttons.indexOf(document.activeElement) + steps[event.key]];
        if (!(event.key in steps)) return;
        event.preventDefault();
        if (next) next.focus();
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

    const filters = (layer) => Array.from({ length: sizes(layer)[3] }, (_, filter) => ({
      layer, filter, channel: 0, number: `${filter}`, name: fill(texts.filter, { layer, filter }),
    }));
    const apart = Array.from({ length: CHANNELS * FILTERS }, (_, number) => {
      const [channel, filter] = [Math.floor(number / FILTERS), number % FILTERS];
      const name = fill(texts.number, { number, channel, filter });
      return { layer: 'conv2', channel, filter, number: `${number}`, name };
    });
    const titleOf = (layer) => {
      const [rows, columns, depth, count] = sizes(layer);
      return fill(texts.layer, { layer, count, size: `${rows}×${columns}×${depth}` });
    };
    const galleries = {
      conv1: gallery(titleOf('conv1'), 4, filters('conv1')),
      conv2: gallery(titleOf('conv2'), 6, filters('conv2')),
      kept: gallery(texts.depthwise, FILTERS, apart),
    };

    const pad = mapOf();
    Object.assign(pad, { tabIndex: 0, onkeydown: penKey, onpointerdown: drawPixel, onpointermove: drawPixel });
    pad.classList.add('channels-pad');
    pad.setAttribute('role', 'application');
    pad.setAttribute('aria-label', texts['picture-keys']);

    const cards = Array.from({ length: CHANNELS }, (_, channel) => {
      const [enters, leaves, table] = [figure(), figure(), element('table', {})];
      const whole = element('section', { class: 'channels-card' },
        element('div', { class: 'cnn-title' }, fill(texts.channel, { channel })),
        element('div', { class: 'channels-pair' }, enters, leaves), table);
      return { channel, enters, leaves, table, whole };
    });
    const results = ['sum', 'biased', 'output'].map((step) => ({ step, drawn: figure() }));
    const resultRow = element('div', { class: 'channels-results' }, ...results.map(({ drawn }) => drawn));
    const partial = choice(texts.partial, ['added', 'kept'].map((key) => [key, texts[key]]), (key) =>
      state.set({ partial: key, layer: 'conv2' }));
    const row = slider(texts.row, SIDE - 1, (value) => state.set({ row: value }), 0);
    const column = slider(texts.column, SIDE - 1, (value) => state.set({ column: value }), 0);
    const [sentence, scale] = ['cnn-text channels-sentence', 'cnn-text'].map((name) => element('p', { class: name }));
    const code = element('code', {});
    const region = voice();

    // What the hand does --------------------------------------------------------------------------------------

    const limited = (number) => Math.min(Math.max(number, 0), SIDE - 1);

    // Return the pixel of a map that a pointer is over: {row, column}.
    function placeOf(event, map) {
      const { left, top, width, height } = map.getBoundingClientRect();
      const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
      const [r, c] = [y, x].map((share) => limited(Math.floor(share * SIDE)));
      return { row: r, column: c };
    }

    // A click on a map chooses a pixel, and so does a mouse that is dragged over it; a finger moves the page.
    function choosePixel(event) {
      const map = event.target.closest('.channels-map');
      const isDragged = event.buttons === 1 && event.pointerType === 'mouse';
      if (map && (event.type === 'click' || isDragged)) state.set(placeOf(event, map));
    }

    // The first pixel of a stroke changes from black to white or back, and the others become like it.
    let ink = 0;
    function drawPixel(event) {
      const isFirst = event.type === 'pointerdown';
      if (isFirst ? event.button !== 0 : !pad.hasPointerCapture(event.pointerId)) return;
      const settings = state.get();
      const { row: r, column: c } = placeOf(event, pad);
      if (isFirst) {
        pad.setPointerCapture(event.pointerId);
        ink = 1 - pixelAt(settings, r, c);
      }
      if (pixelAt(settings, r, c) !== ink) state.set(withPixel(settings, r, c, ink));
    }

    function penKey(event) {
      const settings = state.get();
      const { row: r, column: c } = settings;
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const [down, right] = moves[event.key] || [];
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in moves) state.set({ row: limited(r + down), column: limited(c + right) });
      else if ([' ', 'Enter'].includes(event.key)) state.set(withPixel(settings, r, c, 1 - pixelAt(settings, r, c)));
      else return;
      event.preventDefault();
    }

    // Show ----------------------------------------------------------------------------------------------------

    let largest = 1; // of all numbers that are shown: full color
    let colors = [];
    const three = (number) => short(Number(number.toFixed(3)), 6);
    const hexColor = (text) => text.match(/[0-9a-f]{2}/gi).map((hex) => parseInt(hex, 16));
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

    // Paint once before the browser shows the next frame, however much has changed until then.
    let isWaiting = false;
    function paint() {
      if (!isWaiting) requestAnimationFrame(paintNow);
      isWaiting = true;
    }

    function paintNow() {
      isWaiting = false;
      const settings = state.get();
      const { layer, filter } = settings;
      const isKept = settings.partial === 'kept' && layer === 'conv2';
      const picture = array([SIDE, SIDE, 1], pixels(settings));
      const all = forward(weights, picture);
      const shown = all[layer];
      const maps = [all.conv1, all.conv2].flatMap((made) => [...made.partial, made.sum, made.biased, made.output]);
      largest = maps.reduce((most, { data }) => data.reduce((high, x) => Math.max(high, Math.abs(x)), most), 0);
      colors = ['--cnn-plus', '--cnn-minus'].map((name) => hexColor(getComputedStyle(place).getPropertyValue(name)));
      whole.style.setProperty('--row', settings.row);
      whole.style.setProperty('--column', settings.column);
      drawGalleries(all, settings, picture);
      cards.forEach((card) => drawCard(card, shown, settings, isKept));
      resultRow.hidden = isKept;
      const at = (settings.row * SIDE + settings.column) * shown.sum.shape[2] + filter;
      results.forEach(({ step, drawn }) => drawn.draw(says(texts[step], shown[step].data[at]), shown[step], filter));
      sentence.textContent = isKept ? keptText(shown, settings, at) : addedText(shown, settings, at);
      region.say(sentence.textContent);
      scale.textContent = fill(texts.scale, { largest: three(largest) });
      code.textContent = python(settings);
      partial.set(settings.partial);
      row.set(settings.row);
      column.set(settings.column);
      galleries.conv2.hidden = settings.partial === 'kept';
      galleries.kept.hidden = !galleries.conv2.hidden;
    }

    const says = (name, number) => fill(texts.says, { name, value: three(number) });

    function drawGalleries({ conv1, conv2 }, { layer, channel, filter }, picture) {
      const isFirst = layer === 'conv1';
      pad.draw(picture, 0, isFirst ? sizes('conv1')[0] : 1, true);
      const frame = isFirst ? 1 : sizes('conv2')[0];
      galleries.conv1.draw((map, i) => map.draw(conv1.output, i, frame), isFirst ? filter : -1);
      galleries.conv2.draw((map, i) => map.draw(conv2.output, i), isFirst ? -1 : filter);
      galleries.kept.draw(
        (map, i) => map.draw(conv2.partial[Math.floor(i / FILTERS)], i % FILTERS),
        isFirst ? -1 : channel * FILTERS + filter
      );
    }

    // Show a channel: the map that enters, the products at the chosen pixel, and the partial map that these make.
    function drawCard({ channel, enters, leaves, table, whole: card }, shown, settings, isKept) {
      const { layer, filter } = settings;
      const [size, , depth, count] = shown.kernel.shape;
      card.hidden = channel >= depth || (isKept && channel !== settings.channel);
      if (card.hidden) return;
      const at = settings.row * SIDE + settings.column;
      const isPicture = layer === 'conv1';
      const entering = says(isPicture ? texts.picture : texts.enters, shown.input.data[at * depth + channel]);
      enters.draw(entering, shown.input, channel, size, isPicture);
      const made = shown.partial[channel];
      leaves.draw(says(texts.products, made.data[at * count + filter]), made, filter);
      const cells = meeting(shown, { ...settings, channel });
      const most = Math.max(...cells.flat().map(({ pixel, weight }) => Math.abs(pixel * weight)));
      const lines = cells.map((line) => element('tr', {}, ...line.map((each) => product(each, most))));
      table.replaceChildren(element('caption', {}, texts.factors), element('tbody', {}, ...lines));
      table.style.setProperty('--columns', size);
    }

    // A cell of the table: pixel, times weight, is product; the color is strongest for the product that counts most.
    function product({ pixel, weight }, most) {
      const number = Number(pixel) * weight;
      const lines = [three(Number(pixel)), `· ${three(weight)}`, `= ${three(number)}`];
      const style = `--share: ${Math.round((Math.abs(number) / (most || 1)) * 55)}%`;
      const look = `${number < 0 ? 'cnn-minus' : 'cnn-plus'} ${pixel === null ? 'cnn-pad' : ''}`;
      return element('td', { class: look, style }, ...lines.map((text) => element('span', {}, text)));
    }

    function addedText({ partial: maps, sum, bias, biased, output }, settings, at) {
      const { layer, filter } = settings;
      const [total, more, last] = [sum, biased, output].map(({ data }) => three(data[at]));
      const terms = maps.map(({ data }) => signed(data[at])).join(' + ');
      const lines = {
        sum: maps.length > 1 ? `${terms} = ${total}` : total,
        biased: `${total} + ${signed(bias.data[filter])} = ${more}`,
        output: `max(${more}, 0) = ${last}`,
      };
      const chosen = fill(texts.at, { name: fill(texts.filter, { layer, filter }), cell: fill(texts.cell, settings) });
      const named = Object.entries(lines).map(([step, value]) => fill(texts.says, { name: texts[step], value }));
      return [chosen, ...named].join('\n');
    }

    function keptText({ partial: maps }, settings, at) {
      const { channel, filter } = settings;
      const number = channel * FILTERS + filter;
      const name = fill(texts.number, { number, channel, filter });
      const chosen = fill(texts.at, { name, cell: fill(texts.cell, settings) });
      const nothing = fill(texts.nothing, { number: `${FILTERS}·${channel} + ${filter} = ${number}` });
      return [says(chosen, maps[channel].data[at]), nothing].join('\n');
    }

    const whole = element('section', { class: 'cnn channels', 'aria-label': texts.title });
    const state = cnn.state(place, defaults, isValid, paint);
    whole.append(
      bar(partial, row, column),
      element('div', { class: 'channels-network' }, titled(texts.pad, pad), ...Object.values(galleries)),
      sentence,
      element('div', { class: 'channels-cards' }, ...cards.map((card) => card.whole)),
      resultRow, scale,
      bar(
        button(texts.reset, state.reset), copyButton(texts.link, state.link, region, texts),
        copyButton(texts.python, () => code.textContent, region, texts)
      ),
      element('details', {}, element('summary', {}, texts.lines), element('pre', { tabindex: 0 }, code)), region
    );
    place.append(whole);
    new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ['data-theme'] });
    paintNow();
  };
})();
