// Guesses: where the text asks for one, <div data-guess="name"></div> becomes a field. What the reader writes there is
// kept on the device, and stands beside the result: the next output of code, or <div data-guess-result="name"></div>.
reading.ready(() => {
  'use strict';
  const { text, recall, remember, make, page } = reading;
  const outputs = [...document.querySelectorAll('.bd-article .cell_output')];

  const isAfter = (place, other) => place.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;

  function resultOf(place) {
    const named = document.querySelector(`[data-guess-result="${place.dataset.guess}"]`);
    return named || outputs.find((output) => isAfter(place, output));
  }

  function box(place) {
    const key = `${page}/${place.dataset.guess}`;
    const id = `guess-${place.dataset.guess}`;
    const field = make('input', { id, maxlength: 200, autocomplete: 'off', enterkeyhint: 'done' });
    const status = make('span', { role: 'status', class: 'guess-status' });
    const shown = make('p', { class: 'guess-shown' });
    const save = (event) => {
      event.preventDefault();
      remember('guesses', { ...recall('guesses', {}), [key]: field.value.trim() });
      show();
      status.textContent = field.value.trim() ? text('kept') : '';
    };

    function show() {
      const guess = recall('guesses', {})[key] || '';
      shown.hidden = !guess;
      shown.textContent = guess && text('guessed', { guess });
    }

    const label = make('label', { for: id }, text('guess'));
    place.append(make('form', { class: 'guess-box', onsubmit: save }, label, field, make('button', {}, text('keep')), status));
    field.value = recall('guesses', {})[key] || '';
    resultOf(place)?.append(shown);
    show();
  }

  document.querySelectorAll('.bd-article [data-guess]').forEach(box);
});
