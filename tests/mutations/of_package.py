"""Errors in the package and its data: for the unit tests, and for what the package itself checks when it loads."""

import hashlib
from pathlib import Path
from random import Random

import numpy as np

from tests.mutations.seeded import Mutation

LOAD = "cnn_course.datasets"
DATA = "src/cnn_course/data/mnist.npz"


def unit(name: str) -> str:
    """Return the name of the check that a unit test is."""
    return f"tests/units/{name}"


def in_package(module: str, old: str, new: str):
    """Return a mutation of the source of one module."""
    return in_file(f"src/cnn_course/{module}.py", old, new)


def in_file(name: str, old: str, new: str):
    """Return a mutation of a file of the repository."""

    def apply(root: Path, random: Random) -> None:
        path = root / name
        source = path.read_text(encoding="utf-8")
        if source.count(old) != 1:
            raise LookupError(f"{path.name} has {source.count(old)} times {old!r}; write this mutation anew")
        path.write_text(source.replace(old, new), encoding="utf-8")

    return apply


def flip_bit(root: Path, random: Random) -> None:
    path = root / DATA
    content = bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def truncate(root: Path, random: Random) -> None:
    content = (root / DATA).read_bytes()
    (root / DATA).write_bytes(content[: random.randrange(len(content))])


def remove(root: Path, random: Random) -> None:
    (root / DATA).unlink()


def swap_labels(root: Path, random: Random) -> None:
    """Swap the labels of two pictures."""

    def change(labels):
        first, second = random.sample(range(len(labels)), 2)
        labels[[first, second]] = labels[[second, first]]

    edit_labels(root, change)


def exchange_classes(root: Path, random: Random) -> None:
    """Call all 3 an 8 and all 8 a 3, and store the hash of the new file in the package."""
    old = hashlib.sha256((root / DATA).read_bytes()).hexdigest()

    def change(labels):
        threes, eights = labels == 3, labels == 8
        labels[threes], labels[eights] = 8, 3

    edit_labels(root, change)
    in_package("datasets", old, hashlib.sha256((root / DATA).read_bytes()).hexdigest())(root, random)


def edit_labels(root: Path, change) -> None:
    """Change the training labels."""
    with np.load(root / DATA, allow_pickle=False) as archive:
        arrays = dict(archive)
    change(arrays["train_labels"])
    np.savez(root / DATA, **arrays)  # not compressed: that would take a second each time


MUTATIONS = [
    Mutation("a damaged MNIST file", LOAD, "is damaged", flip_bit),
    Mutation("a truncated MNIST file", LOAD, "is damaged", truncate),
    Mutation("a missing MNIST file", LOAD, "is missing", remove),
    Mutation("two swapped MNIST labels", LOAD, "is damaged", swap_labels),
    Mutation(
        "two exchanged classes and a renewed hash",
        unit("test_datasets.py::test_known_label_counts"),
        "test_known_label_counts",
        exchange_classes,
    ),
    Mutation(
        "validation pictures among the training pictures",
        unit("test_datasets.py::test_shapes_and_dtypes"),
        "test_shapes_and_dtypes[train",
        in_package("datasets", "train_images[VALIDATION_SIZE:]", "train_images"),
    ),
    Mutation(
        "a draw of pictures that is not even",
        unit("test_transfer.py::test_what_cannot_be_drawn_evenly_is_refused"),
        "test_what_cannot_be_drawn_evenly_is_refused[3",
        in_package("datasets", "each < 1 or rest or each >", "each < 1 or each >"),
    ),
    Mutation(
        "answers of another task kept by a network that goes on with a new one",
        unit("test_transfer.py::test_taken_over_is_everything_but_the_answers"),
        "test_taken_over_is_everything_but_the_answers",
        in_package("experiments/transfer", 'layer.name == "logits"', 'layer.name == "answers"'),
    ),
    Mutation(
        "padding off by one",
        unit("test_convolution.py::test_source_example_same"),
        "test_source_example_same",
        in_package(
            "convolution", "return total // 2, total - total // 2", "return total // 2 + 1, total - total // 2 - 1"
        ),
    ),
    Mutation(
        "odd padding before instead of after",
        unit("test_convolution.py::test_cross_correlate_equals_tensorflow"),
        "test_cross_correlate_equals_tensorflow",
        in_package("convolution", "return total // 2, total - total // 2", "return total - total // 2, total // 2"),
    ),
    Mutation(
        "a convolution that is not flipped",
        unit("test_convolution.py::test_source_example_true_convolution"),
        "test_source_example_true_convolution",
        in_package("convolution", "as_kernels(kernels)[::-1, ::-1]", "as_kernels(kernels)"),
    ),
    Mutation(
        "strides right and down exchanged",
        unit("test_convolution.py::test_cross_correlate_equals_tensorflow"),
        "test_cross_correlate_equals_tensorflow",
        in_package("convolution", "return int(both[0]), int(both[1])", "return int(both[1]), int(both[0])"),
    ),
    Mutation(
        "average pooling that counts padding",
        unit("test_pooling.py::test_same_averages_only_real_pixels"),
        "test_same_averages_only_real_pixels",
        in_package(
            "pooling",
            "strides, padding, value=0).sum(axis=(4, 5))\n    return",
            "strides, padding, value=1).sum(axis=(4, 5))\n    return",
        ),
    ),
    Mutation(
        "max pooling that pads with 0",
        unit("test_pooling.py::test_max_pool_keeps_whole_numbers"),
        "test_max_pool_keeps_whole_numbers",
        in_package("pooling", "padding, value=_lowest(images.dtype))", "padding, value=0)"),
    ),
    Mutation(
        "shares of a move between pixels exchanged",
        unit("test_invariance.py::test_a_shift_between_pixels_blends_the_two_whole_ones"),
        "test_a_shift_between_pixels_blends_the_two_whole_ones",
        in_package("invariance", "(1 - share) * near + share * far", "share * near + (1 - share) * far"),
    ),
    Mutation(
        "products that forget how many places a map has",
        unit("test_models.py::test_products_of_lenet5"),
        "test_products_of_lenet5",
        in_package("models", "len(weights.shape) == 4 else 1", "len(weights.shape) == 5 else 1"),
    ),
    Mutation(
        "a record of moved digits with up and down exchanged",
        unit("test_experiments.py::test_moved_digits_are_counted_by_direction_and_distance"),
        "test_moved_digits_are_counted_by_direction_and_distance",
        in_package("experiments/runs", '"down": (1, 0), "up": (-1, 0)', '"down": (-1, 0), "up": (1, 0)'),
    ),
    Mutation(
        "a Wilson interval without its correction",
        unit("test_evaluation.py::test_wilson_interval_equals_scipy"),
        "test_wilson_interval_equals_scipy",
        in_package("evaluation", "center = share + z2 / (2 * count)", "center = share + z2 / count"),
    ),
    Mutation(
        "a confusion matrix on its side",
        unit("test_evaluation.py::test_confusion_matrix_has_true_classes_in_rows"),
        "test_confusion_matrix_has_true_classes_in_rows",
        in_package("evaluation", "(labels, predictions), 1)", "(predictions, labels), 1)"),
    ),
    Mutation(
        "an explorer of channels that leaves out the bias",
        "tests/browser/test_channels.py::test_every_step_of_both_layers_is_that_of_keras",
        "test_every_step_of_both_layers_is_that_of_keras",
        in_file("book/explorers/channels.js", "number + bias.data[i % shape[2]]", "number"),
    ),
]
