// Figures: a click, or the button in the corner, shows one as large as it is or as the window; Esc closes it.
reading.ready(() => {
  'use strict';
  const { text, make } = reading;
  let dialog;

  function close() {
    dialog.close();
  }

  function open(image) {
    if (!dialog) {
      dialog = make('dialog', { class: 'zoom', onclick: (event) => event.target.closest('img') || close() });
      document.body.append(dialog);
    }
    const large = make('img', { src: image.currentSrc || image.src, alt: image.alt, class: image.className });
    large.style.width = `${2 * image.getAttribute('width')}px`;
    const caption = image.closest('figure')?.querySelector('.caption-text')?.textContent || '';
    const shut = make('button', { type: 'button', class: 'zoom-close', 'aria-label': text('close') }, '×');
    const scroller = make('div', { class: 'zoom-picture', tabindex: 0, role: 'group', 'aria-label': image.alt }, large);
    dialog.replaceChildren(shut, scroller, make('p', {}, caption));
    dialog.setAttribute('aria-label', text('enlarge'));
    dialog.showModal(); // the browser gives the focus back when it is closed
  }

  for (const image of document.querySelectorAll('.bd-article figure img')) {
    if (image.closest('[data-explorer]')) continue;
    const button = make('button', { type: 'button', class: 'enlarge', 'aria-label': text('enlarge'), title: text('enlarge') });
    button.append(make('i', { class: 'fa-solid fa-enlarge' }));
    button.addEventListener('click', () => open(image));
    image.addEventListener('click', () => open(image));
    image.after(button);
  }
});
