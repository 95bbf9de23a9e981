// Code: a button in the header hides it on every page, and remembers that; one in its place shows a single cell again.
// On a phone the code that only draws a figure begins folded. The style does the hiding, by html[data-code].
reading.ready(() => {
  'use strict';
  const { text } = reading;
  const root = document.documentElement;
  const button = document.querySelector('.code-button');

  function label() {
    const name = root.dataset.code === 'hidden' ? 'show-code' : 'hide-code';
    button.title = text(name);
    button.setAttribute('aria-label', text(name));
  }

  button?.addEventListener('click', () => {
    root.dataset.code = root.dataset.code === 'hidden' ? 'shown' : 'hidden';
    document.querySelectorAll('.code-open').forEach((cell) => cell.classList.remove('code-open'));
    label();
    try {
      localStorage.setItem('course-code', root.dataset.code); // plain, as the head of the page reads it
    } catch {
      // Storage is switched off: for this page it holds.
    }
  });
  if (button) label();

  for (const here of document.querySelectorAll('.code-here')) {
    here.addEventListener('click', () => {
      here.parentElement.classList.add('code-open');
      const code = here.parentElement.querySelector('.cell_input');
      code.tabIndex = -1;
      code.focus({ preventScroll: true });
    });
  }
});
