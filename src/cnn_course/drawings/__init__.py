"""Cats and dogs drawn by chance: `animals` on what `scenery` paints around them, with the pencils of `sketch`."""

from cnn_course.drawings.animals import CAT as CAT
from cnn_course.drawings.animals import DOG as DOG
from cnn_course.drawings.animals import draw as draw
