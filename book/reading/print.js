// Before a page is printed it turns light, and every figure is fetched; afterwards it is as it was.
(function () {
  'use strict';
  const root = document.documentElement;
  let theme;

  addEventListener('beforeprint', () => {
    theme = root.dataset.theme;
    root.dataset.theme = 'light';
    document.querySelectorAll('img[loading="lazy"]').forEach((image) => (image.loading = 'eager'));
  });
  addEventListener('afterprint', () => {
    root.dataset.theme = theme;
  });
})();
