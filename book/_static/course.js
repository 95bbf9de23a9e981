// Texts that other scripts show, in the language of the page.
const scriptMessages = JSON.parse(document.getElementById("script-messages").textContent);
Object.assign(messages.en, scriptMessages.copybutton); // what sphinx-copybutton falls back to

// Formulas that are too wide scroll, and so must take the focus, for who has no mouse; the theme sees to code. To ask for
// their widths before the page is laid out would hold it up.
for (const event of ["load", "resize"]) {
  addEventListener(event, () => {
    const formulas = [...document.querySelectorAll("div.math, p:has(> span.math)")];
    const wide = new Set(formulas.filter((formula) => formula.scrollWidth > formula.clientWidth));
    for (const formula of formulas) {
      if (wide.has(formula)) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  });
}

document.addEventListener("DOMContentLoaded", () => {
  // On a phone the contents of a page open over it: a tap on a heading leads there and closes them.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target.closest("a[href^='#']") && dialog.close());
  }
});
