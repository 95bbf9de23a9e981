// The first page: its explorer is fetched when the reader touches the picture that stands for it, or the button below.
reading.ready(() => {
  'use strict';
  for (const place of document.querySelectorAll('[data-explorer][data-wait]')) {
    const handles = place.querySelectorAll('img, .draw-button');
    const open = () => {
      handles.forEach((each) => each.removeEventListener('click', open));
      cnn.open(place).then(() => place.querySelector('[tabindex="0"]')?.focus({ preventScroll: true }));
    };
    handles.forEach((each) => each.addEventListener('click', open));
  }
});
