// Texts that other scripts show, in the language of the page.
const scriptMessages = JSON.parse(document.getElementById("script-messages").textContent);
Object.assign(messages.en, scriptMessages.copybutton); // what sphinx-copybutton falls back to

document.addEventListener("DOMContentLoaded", () => {
  // Formulas that are too wide scroll, and so must take the focus, for who has no mouse; the theme sees to code.
  const wide = () => {
    for (const formula of document.querySelectorAll("div.math, p:has(> span.math)")) {
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", wide);
  addEventListener("load", wide);
  wide();

  // On a phone the contents of a page open over it: a tap on a heading leads there and closes them.
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target.closest("a[href^='#']") && dialog.close());
  }
});
