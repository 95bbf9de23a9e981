// The search field, in the dialog and on the page search.html: results while typing, `/` to open, arrows to move.
//
// The engine (book/search/engine.js) and the index are loaded when a reader goes to a field, and only then.
var courseSearch = courseSearch || {};

(function () {
  "use strict";
  const IN_DIALOG = 8; // results there; the page shows all
  const LENGTH = { en: 160 }; // of an excerpt, in characters; Chinese and Japanese ones say more
  const root = document.documentElement.dataset.content_root;
  let texts;
  let loading;

  function load() {
    const insert = (src) =>
      new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), { src, async: false });
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${src} cannot be loaded`));
        document.head.append(script);
      });
    loading ||= Promise.all([`${root}../search/engine.js`, `${root}searchindex.js`].map(insert));
    loading.catch(() => (loading = undefined)); // the network may be back at the next letter
    return loading;
  }

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function make(tag, className, pieces) {
    const element = Object.assign(document.createElement(tag), { className });
    for (const [text, isMarked] of pieces) {
      element.append(isMarked ? Object.assign(document.createElement("mark"), { textContent: text }) : text);
    }
    return element;
  }

  function item(section, words) {
    const length = LENGTH[document.documentElement.lang] || 90;
    const title = courseSearch.excerpt(section.title, words, Infinity);
    const excerpt = courseSearch.excerpt(section.text, words, length);
    const link = make("a", "search-title", title);
    link.href = `${root}${section.page}#${section.anchor}`;
    link.addEventListener("click", () => {
      const marked = [...title, ...excerpt].filter(([, isMarked]) => isMarked).map(([text]) => text);
      link.search = new URLSearchParams({ highlight: [...new Set(marked)].join(" ") }); // for sphinx_highlight.js
    });
    const entry = document.createElement("li");
    entry.append(link, make("p", "context", excerpt));
    if (!section.isPage) link.after(make("span", "search-page", [[section.pageTitle]]));
    return entry;
  }

  function show(input, status, list, most) {
    const { results, instead, words } = courseSearch.find(input.value);
    const said = instead.map(([typed, meant]) => fill(texts.instead, { typed, meant }));
    if (input.value.trim()) said.push(fill(results.length ? texts.found : texts.nothing, { count: results.length }));
    status.textContent = said.join(" ");
    list.replaceChildren(...results.slice(0, most).map((section) => item(section, words)));
  }

  // Up and down move through the field and the links; Enter follows a link, or sends the form, by itself.
  function move(event, input, list) {
    const stops = [input, ...list.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  }

  function equip(place, most) {
    const input = place.querySelector("input[name=q]");
    const [status, list] = [place.querySelector(".search-status"), place.querySelector(".search-list")];
    const answer = () =>
      load().then(
        () => show(input, status, list, most),
        () => (status.textContent = texts.failed)
      );
    input.addEventListener("focus", load);
    input.addEventListener("input", answer);
    place.addEventListener("keydown", (event) => move(event, input, list));
    return { input, answer };
  }

  function openByKey(event) {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.altKey || event.metaKey || typing) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // Sphinx's own would ask for a field that is hidden
    if (!document.querySelector("dialog[open]")) document.querySelector(".search-button__button").click();
  }

  document.addEventListener("keydown", openByKey, true);
  document.addEventListener("DOMContentLoaded", () => {
    texts = JSON.parse(document.getElementById("script-messages").textContent).search;
    equip(document.getElementById("pst-search-dialog"), IN_DIALOG);
    const page = document.querySelector(".bd-search-container");
    if (!page) return;
    const { input, answer } = equip(page, Infinity);
    input.value = new URLSearchParams(location.search).get("q") || "";
    input.addEventListener("input", () => history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`));
    if (input.value) answer();
    input.focus();
  });
})();
