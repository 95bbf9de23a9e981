// Texts that other scripts show, in the language of the page.
const scriptMessages = JSON.parse(document.getElementById("script-messages").textContent);
Object.assign(Documentation.TRANSLATIONS, scriptMessages.sphinx);
Object.assign(messages.en, scriptMessages.copybutton); // what sphinx-copybutton falls back to

// A browser reads no other page from file://, so search results there come without their excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

document.addEventListener("DOMContentLoaded", () => {
  // On a phone the contents of a page open over it: a tap on a heading leads there and closes them.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target.closest("a[href^='#']") && dialog.close());
  }
  for (const link of document.querySelectorAll(".language-switcher [data-language]")) {
    link.addEventListener("click", () => {
      link.search = location.search; // the search page keeps its query,
      link.hash = location.hash; //     and labels are the same in every language
      try {
        localStorage.setItem("course-language", link.dataset.language);
      } catch {
        // Storage is switched off: the link works all the same.
      }
    });
  }
});
