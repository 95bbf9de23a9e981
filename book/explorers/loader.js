// The loader: fetches the files of an explorer when the reader scrolls near its place in a page.
//
// A page names an explorer as <div data-explorer="convolution" data-preset="matrix-a">; what stands inside, a figure and
// a sentence, is replaced once all files are here. Without scripts, or if a file is missing, it stays.
var cnn = cnn || {};

(function () {
  'use strict';
  const script = document.currentScript;
  const folder = script.src.replace(/[^/]*$/, '');
  const shared = ['style.css', `texts-${script.dataset.language}.js`, 'arithmetic.js', 'state.js', 'widgets.js'];
  const files = {
    convolution: [...shared, 'convolution.js'],
    channels: [...shared, 'channels.js'],
    digit: [...shared, 'digit.css', 'sha256.js', 'lenet5.js', 'drawing.js', 'digits.js', 'lenet5-trained.js', 'digit.js'],
  };
  const fetched = {}; // file name -> promise

  // Each script adds its explorer here: a function that fills an element.
  cnn.explorers = {};

  // Load scripts and styles, each once; scripts run in the order of the list. Modules and fetch() would be refused
  // where a page is opened from a folder (file://), elements are not.
  cnn.load = function (names) {
    return Promise.all(names.map((name) => fetched[name] || (fetched[name] = insert(name))));
  };

  function insert(name) {
    const isStyle = name.endsWith('.css');
    const element = document.createElement(isStyle ? 'link' : 'script');
    if (isStyle) element.rel = 'stylesheet';
    else element.async = false;
    element[isStyle ? 'href' : 'src'] = folder + name;
    return new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () => {
        delete fetched[name]; // the network may be back when the reader comes by again
        reject(new Error(`${name} cannot be loaded`));
      };
      document.head.append(element);
    });
  }

  function open(place) {
    const { explorer } = place.dataset;
    watcher.unobserve(place);
    return cnn
      .load(files[explorer])
      .then(() => {
        if (place.classList.contains('cnn-open')) return;
        place.classList.add('cnn-open');
        cnn.explorers[explorer](place);
      })
      .catch((error) => {
        console.warn(error.message);
        watcher.observe(place);
      });
  }

  // An address such as #try=matrix-a&stride=2 leads to the explorer of that name; see state.js.
  function follow() {
    const name = new URLSearchParams(location.hash.slice(1)).get('try');
    const place = places.find((each) => cnn.nameOf(each) === name);
    if (place) open(place).then(() => place.scrollIntoView());
  }

  cnn.nameOf = (place) => place.dataset.preset || place.dataset.explorer;

  const places = [...document.querySelectorAll('[data-explorer]')].filter((place) => place.dataset.explorer in files);
  const watcher = new IntersectionObserver(
    (entries) => entries.forEach((entry) => entry.isIntersecting && open(entry.target)),
    { rootMargin: '400px' }
  );
  places.forEach((place) => watcher.observe(place));
  addEventListener('hashchange', follow);
  follow();
})();
