// When an explorer opens above the line that is being read, as after a jump to a section, the page moves along with it.
reading.ready(() => {
  'use strict';
  const ABOVE = 100; // pixels from the top of the window: the bar, and the space above a heading
  const heights = new Map();
  let settled = scrollY; // where the page stood in the last frame: a browser that moves it by itself needs no help

  function follow({ target }) {
    const { bottom, height } = target.getBoundingClientRect();
    const grown = height - (heights.get(target) ?? height);
    heights.set(target, height);
    if (grown && bottom - grown <= ABOVE && scrollY === settled) scrollBy({ top: grown, behavior: 'instant' });
  }

  const observer = new ResizeObserver((entries) => entries.forEach(follow));
  addEventListener('scroll', () => { settled = scrollY; }, { passive: true });
  document.querySelectorAll('[data-explorer]').forEach((place) => observer.observe(place));
});
