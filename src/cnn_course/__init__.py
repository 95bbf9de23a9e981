"""What a convolutional network does to a picture: the code that the chapters run.

Call :func:`cnn_course.runtime.make_reproducible` first, then import what you need. A module imports only from those
above it; ``lint-imports`` holds them to it. Those marked * need no TensorFlow, and start at once.

================  ==================================================================  ==================
module            what it does                                                        in chapter
================  ==================================================================  ==================
arrays *          what every door asks of pictures, labels and classes                6
cores *           two cores, used side by side                                        (inside others)
quiet *           silences libraries that write past Python                           (inside others)
runtime *         the same bits on every machine                                      all
shipped *         reads the files that ship with the package                          (inside others)
recipes *         how a network is trained, as data                                   1, 4, 5, 6, 9
records *         what long runs have found out                                       1, 3, 4, 5, 6, 7, 9
notebook *        shows source code, checks exercises                                 all
plots *           draws arrays, and computes nothing                                  all
convolution *     cross-correlation and convolution in NumPy                          1, 2, 3, 7, 8
invariance *      shifted, scaled and scrambled pictures                              1, 3
drawings *        draws one cat or dog                                                6
photos *          reads the reader's own photographs                                  9
datasets *        digits, smiley, drawings, photographs                               all
pooling *         max and average pooling in NumPy                                    3, 6
bitwise *         trains LeNet-5 in NumPy, to the bits of any browser                 1, 4
models            the networks                                                        1, 4, 5, 6, 7, 8, 9
augmentation      training pictures changed by chance                                 4, 6, 8
evaluation *      accuracy with its interval, confusion matrix                        1, 3, 4, 5, 6, 8, 9
checkpoints       the state of an interrupted training                                (inside training)
averaging         running averages of weights, batch statistics anew                  (inside training)
training          trains a network by a recipe                                        1, 4, 5, 6
activations       what the layers make of a picture                                   1, 4, 5, 6, 7, 8, 9
attribution       where a network looks                                               6, 9
maximization      pictures that excite a unit most                                    8
readout           how much a linear probe reads out of a layer                        5, 6, 9
weights           trained networks that ship with the package                         6, 7, 8, 9
experiments       the long runs that make the records: a command                      (command line)
classify          what the shipped network says of your own photographs: a command    (command line)
================  ==================================================================  ==================
"""

from importlib.metadata import version

__version__ = version("cnn-course")
