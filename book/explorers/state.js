// The state of an explorer, which the address of the page can hold: a teacher sends a link to a moment.
//
// The address names what differs from the preset: #try=matrix-a&stride=2&kernel=1,0_0,1. It is written when the reader
// changes something, so a page that is only read keeps its address, and links to sections work as ever.
var cnn = cnn || {};

(function () {
  'use strict';

  // Keep the settings of the explorer at `place`; call `draw` after each change.
  // `defaults`: the value of each setting (number, text, or rows of numbers), by its name.
  // `isValid(settings)`: whether such settings can be shown. An address may hold anything.
  cnn.state = function (place, defaults, isValid, draw) {
    const name = cnn.nameOf(place);
    let settings = { ...defaults };
    let timer;

    // Return what the address says, or null if it speaks of something else.
    function fromAddress() {
      const words = new URLSearchParams(location.hash.slice(1));
      if (words.get('try') !== name) return null;
      const found = { ...defaults };
      for (const key of Object.keys(defaults)) if (words.has(key)) found[key] = decode(words.get(key), defaults[key]);
      return found;
    }

    function address() {
      const changed = Object.keys(defaults).filter((key) => encode(settings[key]) !== encode(defaults[key]));
      return ['#try=' + name, ...changed.map((key) => `${key}=${encode(settings[key])}`)].join('&');
    }

    function write() {
      clearTimeout(timer); // browsers allow only so many changes a second
      timer = setTimeout(() => {
        try {
          history.replaceState(history.state, '', address());
        } catch (error) {
          location.replace(address());
        }
      }, 300);
    }

    function follow() {
      const found = fromAddress();
      if (found && isValid(found)) draw((settings = found));
    }

    const state = {
      get: () => settings,
      set(changes) {
        settings = { ...settings, ...changes };
        write();
        draw(settings);
      },
      reset: () => state.set(defaults),
      link: () => location.href.replace(/#.*/, '') + address(),
    };
    addEventListener('hashchange', follow);
    const found = fromAddress();
    if (found && isValid(found)) settings = found;
    return state;
  };

  const encode = (value) => (Array.isArray(value) ? value.map((row) => row.join(',')).join('_') : String(value));

  function decode(text, like) {
    if (Array.isArray(like)) return text.split('_').map((row) => row.split(',').map(Number));
    return typeof like === 'number' ? Number(text) : text;
  }
})();
