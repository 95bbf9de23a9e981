// The loader: fetches the files of an explorer when the reader scrolls near its place in a page.
//
// A page names an explorer as <div data-explorer="convolution" data-preset="matrix-a">, around a figure and a sentence.
// They give way once all files are here; without scripts, or if a file is missing, they stay. What most readers do not
// need, an explorer loads itself when it is first used.
var cnn = cnn || {};

(function () {
  'use strict';
  const { src, dataset } = document.currentScript;
  const shared = `style.css texts-${dataset.language}.js state.js widgets.js`;
  const files = {
    convolution: 'slider.js grid.js convolution.js',
    channels: 'channels.css sha256.js weights.js slider.js painting.js smiley.js smiley-channels.js channels.js',
    learning: 'learning.css slider.js painting.js learning.js',
    digit: 'digit.css sha256.js weights.js arithmetic.js lenet5.js painting.js digits.js lenet5-trained.js digit-settings.js digit.js',
  };
  const fetched = {}; // name of a file -> promise

  cnn.explorers = {}; // each explorer's script adds a function that fills its place
  cnn.nameOf = (place) => place.dataset.preset || place.dataset.explorer;

  // Load scripts and styles, each once; scripts run in the order of the list. Opened from a folder (file://), a browser
  // refuses modules and fetch(), but not elements.
  cnn.load = (names) => Promise.all(names.map((name) => fetched[name] || (fetched[name] = insert(name))));

  function insert(name) {
    const url = src.replace(/[^/]*$/, name);
    const element = document.createElement(name.endsWith('.css') ? 'link' : 'script');
    Object.assign(element, name.endsWith('.css') ? { rel: 'stylesheet', href: url } : { async: false, src: url });
    document.head.append(element);
    return new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () => {
        delete fetched[name]; // the network may be back when the reader comes by again
        reject(new Error(`${url} cannot be loaded`));
      };
    });
  }

  function open(place) {
    watcher.unobserve(place);
    return cnn
      .load(`${shared} ${files[place.dataset.explorer]}`.split(' '))
      .then(() => cnn.start(place))
      .catch((error) => {
        console.warn(error.message);
        setTimeout(() => watcher.observe(place), 5000); // who is still here does not ask without a pause
      });
  }

  // An address such as #try=matrix-a&stride=2 leads to an explorer, by its preset; see state.js.
  function follow() {
    const name = new URLSearchParams(location.hash.slice(1)).get('try');
    const place = places.find((each) => cnn.nameOf(each) === name);
    if (place) open(place).then(() => place.scrollIntoView());
  }

  const places = [...document.querySelectorAll('[data-explorer]')];
  const watcher = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => open(entry.target)),
    { rootMargin: '400px' }
  );
  // One that waits, on a page whose first view is to be light, opens when the reader asks for it: see start.js.
  cnn.open = open;
  places.forEach((place) => 'wait' in place.dataset || watcher.observe(place));
  addEventListener('hashchange', follow);
  follow();
})();
