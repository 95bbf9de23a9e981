"""Let the network of chapter 9, trained on photographs, say what it takes the reader's own photographs for.

``python -m cnn_course.judge`` takes photographs and folders of them. Of a photograph it prints the answer and what that
is worth, and writes a picture with the maps of what the answer hangs on. Of a folder it prints every answer and writes
a table; a folder whose names say what is in it, as for `datasets.load_photos`, is scored.
"""
