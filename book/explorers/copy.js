// Copies a text, and says whether that was done.
var cnn = cnn || {};

(function () {
  'use strict';

  // Copy, where the browser allows it. On plain http, in a classroom, only the old way is there.
  async function write(text, button) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = cnn.widgets.element('textarea', {}, text);
    button.after(area);
    area.select();
    const isDone = document.execCommand('copy');
    area.remove();
    button.focus(); // a keyboard goes on from here
    if (!isDone) throw new Error('The browser does not copy.');
  }

  // Copy a text for a button that was pressed; for a moment the button says what became of it.
  cnn.copy = function (text, button, label, region, texts) {
    const tell = (words) => {
      region.say(words);
      button.textContent = words;
      setTimeout(() => (button.textContent = label), 2500);
    };
    return write(text, button).then(() => tell(texts.copied), () => tell(texts.failed));
  };
})();
