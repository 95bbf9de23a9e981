// The language switcher leads to the place in the page where the reader is, not only to the page.
//
// Sections go by their labels, which are the same in every language. An address that an explorer wrote (#try=…), and
// the query of a search, are kept as they are.
(function () {
  "use strict";

  // Where a heading stands to which a link led: below the bar, which stays in view.
  const barBottom = () => document.querySelector(".bd-header-article")?.getBoundingClientRect().bottom ?? 0;
  const isInView = (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return bottom >= 0 && top <= innerHeight;
  };

  // The last section whose heading is above what the reader sees; none while the page's own title is in view.
  function sectionAbove() {
    const end = Math.max(barBottom(), 0) + 40;
    const headings = [...document.querySelectorAll("article section[id] > :is(h2, h3, h4)")];
    return headings.filter((heading) => heading.getBoundingClientRect().top <= end).pop()?.parentElement;
  }

  function hash() {
    if (location.hash.startsWith("#try=")) return location.hash;
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const heading = target?.matches?.("section") ? target.firstElementChild : target;
    const section = heading && isInView(heading) ? target.closest("section[id]") : sectionAbove();
    return section ? `#${section.id}` : "";
  }

  function aim(link) {
    link.search = location.search;
    link.hash = hash();
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll(".language-switcher [data-language]")) {
      for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, () => aim(link));
      link.addEventListener("click", () => localStorage.setItem("course-language", link.dataset.language));
    }
  });
})();
