// Terms: what the glossary says of a word, when the pointer rests on its link, when the link has the focus, or at a first
// tap; a second one follows the link. All terms come in one script, fetched when the first is asked for.
reading.ready(() => {
  'use strict';
  const { text, make } = reading;
  const root = document.documentElement.dataset.content_root || './';
  const preview = make('div', { class: 'term-preview', role: 'tooltip', id: 'term-preview' });
  let shown = null; // the link whose term is shown
  let timer;
  let touched = false; // whether the last pointer was a finger
  let fetched;

  function load() {
    fetched ||= new Promise((resolve, reject) => {
      const script = make('script', { src: `${root}_static/terms.js` });
      Object.assign(script, { onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return fetched;
  }

  const linkAt = (event) => event.target.closest?.('.bd-article a[href*="glossary.html#term-"]');
  const later = (run, time) => {
    clearTimeout(timer);
    timer = setTimeout(run, time);
  };

  async function show(link) {
    await load().catch(() => {});
    const entry = reading.terms?.[link.hash.replace('#term-', '')];
    if (!entry) return; // the link leads there all the same
    hide();
    const [term, definition] = entry;
    preview.replaceChildren(make('strong', {}, term), make('span', {}, definition));
    if (touched) preview.append(make('a', { href: link.href }, text('more')));
    document.body.append(preview);
    const place = link.getClientRects()[0];
    const left = Math.min(place.left, document.documentElement.clientWidth - preview.offsetWidth - 8);
    const below = place.bottom + 6;
    const fits = below + preview.offsetHeight < innerHeight;
    preview.style.left = `${Math.max(8, left) + scrollX}px`;
    preview.style.top = `${(fits ? below : place.top - preview.offsetHeight - 6) + scrollY}px`;
    link.setAttribute('aria-describedby', preview.id);
    shown = link;
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute('aria-describedby');
    shown = null;
    preview.remove();
  }

  document.addEventListener('pointerdown', (event) => {
    touched = event.pointerType === 'touch';
    if (shown && !linkAt(event) && !preview.contains(event.target)) hide();
  });
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'touch') return;
    const link = linkAt(event);
    if (link) later(() => link === shown || show(link), 250);
    else if (preview.contains(event.target)) clearTimeout(timer); // the pointer may go there to read
    else if (shown) later(hide, 300);
    else clearTimeout(timer);
  });
  document.addEventListener('focusin', (event) => {
    const link = linkAt(event);
    if (link && link.matches(':focus-visible')) show(link);
    else if (shown && !preview.contains(event.target)) hide();
  });
  document.addEventListener('click', (event) => {
    const link = linkAt(event);
    if (!link || !touched || link === shown || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(link);
  });
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hide());
});
