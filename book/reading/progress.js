// Progress: which chapters were read to their end, and where the reader was last. All languages share it.
reading.ready(() => {
  'use strict';
  const { text, recall, remember, forget, make, page } = reading;
  const article = document.querySelector('.bd-article');
  const isChapter = Boolean(document.querySelector('.chapter-place'));
  const headings = [...document.querySelectorAll('.bd-article :is(h2, h3)')];
  const read = () => recall('read', []);

  // A chapter has been read when its end has been in view.
  function watchEnd() {
    const end = document.querySelector('.prev-next-footer') || article;
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      remember('read', [...new Set([...read(), page])]);
      mark();
    });
    watcher.observe(end);
  }

  // Where the reader is: the section whose heading was the last to go by. Its label is the same in every language.
  function section() {
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
    return passed.length ? passed[passed.length - 1].parentElement.id : '';
  }

  function watchPlace() {
    let timer;
    const keep = () => remember('last', { page, section: section() });
    keep();
    addEventListener('scroll', () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 400);
    }, { passive: true });
    addEventListener('pagehide', keep); // who leaves at once has not been standing still
  }

  // Tick the chapters that were read: in the sidebar, and on the cards of the first page.
  function mark() {
    for (const link of document.querySelectorAll('.bd-sidenav a, .chapter-card .chapter-title')) {
      const name = link.pathname.replace(/^.*\//, '').replace(/\.html$/, '');
      const number = link.querySelector('.chapter-number');
      if (!number || !read().includes(name) || number.matches('.been-read')) continue;
      number.classList.add('been-read');
      number.title = text('been-read');
      number.append(make('span', { class: 'visually-hidden' }, ` (${text('been-read')})`));
    }
  }

  // On the first page: go on where the reader was, how far that is, and a way to forget it.
  function resume() {
    const titles = [...document.querySelectorAll('.chapter-card .chapter-title')];
    const last = recall('last');
    const link = last && titles.find((title) => title.pathname.endsWith(`/${last.page}.html`));
    const start = document.querySelector('.start');
    if (!start || !link) return;
    const title = [...link.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data);
    const number = link.querySelector('.chapter-number').firstChild.data;
    const href = last.section ? `${link.href}#${last.section}` : link.href;
    const button = start.querySelector('.start-button');
    button.textContent = text('continue', { title: `${number}. ${title.join('').trim()}` });
    button.href = href;
    const names = titles.map((each) => each.pathname.replace(/^.*\//, '').replace(/\.html$/, ''));
    const count = names.filter((name) => read().includes(name)).length;
    const erase = () => {
      forget('read', 'last', 'guesses');
      location.reload();
    };
    const list = document.querySelector('.chapter-cards');
    list.after(make('p', { class: 'progress-note' }, text('progress', { count, all: names.length }), ' · ',
      make('button', { type: 'button', class: 'as-link', onclick: erase }, text('forget'))));
  }

  mark();
  resume();
  if (isChapter) {
    watchEnd();
    watchPlace();
  }
});
