"""From chapters to site: build, translations, execution. It never imports `cnn_course`."""
