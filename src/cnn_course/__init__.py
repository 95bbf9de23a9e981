"""What a convolutional network does to a picture: the code that the chapters run.

Call :func:`cnn_course.runtime.make_reproducible` first, then import what you need. The modules build on each other in
one direction only::

    datasets -> models -> training -> activations, evaluation -> plots

``convolution``, ``pooling``, ``datasets``, ``evaluation`` and ``plots`` need no TensorFlow.
"""
