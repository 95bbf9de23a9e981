// The settings of an explorer, which the address of the page can hold: a teacher sends a link to a moment.
//
// The address names what differs from the preset, #try=matrix-a&stride=2&kernel=1,0_0,1, and is written only when the
// reader changes something: a page that is only read keeps its address, and links to sections work as ever.
var cnn = cnn || {};

(function () {
  'use strict';
  const encode = (value) => (Array.isArray(value) ? value.map((row) => row.join(',')).join('_') : String(value));

  function decode(text, like) {
    if (Array.isArray(like)) return text.split('_').map((row) => row.split(',').map((x) => (x ? Number(x) : NaN)));
    return typeof like === 'number' ? Number(text) : text;
  }

  // Read settings (numbers, texts, rows of numbers) from words such as "stride=2&kernel=1,0_0,1"; the others are as in
  // `defaults`.
  cnn.settings = function (words, defaults) {
    const given = new URLSearchParams(words);
    const names = Object.keys(defaults).filter((name) => given.has(name));
    return names.reduce((all, name) => ({ ...all, [name]: decode(given.get(name), defaults[name]) }), defaults);
  };

  // Keep the settings of the explorer at `place`, and call `draw` after each change. An address may hold anything:
  // `isValid(settings)` tells whether it can be shown.
  cnn.state = function (place, defaults, isValid, draw) {
    const name = cnn.nameOf(place);
    let settings = defaults;
    let timer;

    function read() {
      const words = location.hash.slice(1);
      const found = new URLSearchParams(words).get('try') === name && cnn.settings(words, defaults);
      if (found && isValid(found)) settings = found;
      return Boolean(found);
    }

    function address() {
      const changed = Object.keys(defaults).filter((key) => encode(settings[key]) !== encode(defaults[key]));
      return [`#try=${name}`, ...changed.map((key) => `${key}=${encode(settings[key])}`)].join('&');
    }

    function set(changes) {
      settings = { ...settings, ...changes };
      clearTimeout(timer); // browsers allow only so many changes of the address in a second
      timer = setTimeout(() => history.replaceState(history.state, '', address()), 300);
      draw(settings);
    }

    addEventListener('hashchange', () => read() && draw(settings));
    read();
    return {
      get: () => settings,
      set,
      reset: () => set(defaults),
      link: () => location.href.replace(/#.*/, '') + address(),
    };
  };
})();
