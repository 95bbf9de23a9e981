// What the scripts of this folder share: the words of the page, and a memory on the reader's device.
//
// The files are joined in the order of their names into one, which every page loads. Nothing is sent anywhere.
var reading = {};

(function () {
  'use strict';
  const words = JSON.parse(document.getElementById('reading-words').textContent);
  const prefix = 'course-';
  const visit = {}; // what is remembered where storage is switched off: as long as the page is open

  // Return a text, with values in the places of {names}.
  reading.text = (name, values = {}) => words[name].replace(/\{([a-z]+)\}/g, (place, key) => values[key]);

  reading.recall = function (name, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(prefix + name)) ?? visit[name] ?? otherwise;
    } catch {
      return visit[name] ?? otherwise; // storage is switched off, or what it holds is damaged
    }
  };

  reading.remember = function (name, value) {
    visit[name] = value;
    try {
      localStorage.setItem(prefix + name, JSON.stringify(value));
    } catch {
      // Storage is switched off, or full: for this visit it is remembered.
    }
  };

  reading.forget = function (...names) {
    for (const name of names) {
      delete visit[name];
      try {
        localStorage.removeItem(prefix + name);
      } catch {
        // Nothing was stored.
      }
    }
  };

  // Make an element: make('button', { class: 'x', onclick: f }, 'text', child).
  reading.make = function (tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === 'function') element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  reading.page = location.pathname.replace(/^.*\//, '').replace(/\.html$/, '') || 'index';
  reading.ready = (run) => document.addEventListener('DOMContentLoaded', run);
})();
