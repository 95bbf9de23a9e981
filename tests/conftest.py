"""Settings that must be in place before any test module imports NumPy.

Only the environment is set here, at no cost, so that tests without TensorFlow stay fast; ``tests/units/conftest.py``
calls ``make_reproducible`` itself.
"""

import os

try:
    from cnn_course.runtime import ENVIRONMENT  # imports neither NumPy nor TensorFlow
except ModuleNotFoundError:  # the book's own environment has no cnn_course, and needs none
    ENVIRONMENT = {}

os.environ.update(ENVIRONMENT)
