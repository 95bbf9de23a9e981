"""Every door that takes pictures, labels, classes or a model asks the same of them."""

import keras
import numpy as np
import pytest

from cnn_course import activations, attribution, evaluation, invariance, maximization, models, pooling, readout
from cnn_course.arrays import LARGEST_INPUT, as_floats, as_inputs, as_labels, as_pictures, class_count
from cnn_course.datasets import Split
from cnn_course.recipes import Recipe
from cnn_course.training import fit

IMAGES = np.random.default_rng(0).random((6, 28, 28, 1), np.float32)
LABELS = np.arange(6)
ONCE = Recipe("sgd", 0.1, 6, steps=1)


@pytest.fixture(scope="module")
def model():
    return models.lenet5()


def not_finite(value):
    images = IMAGES.copy()
    images[2, 3, 4, 0] = value
    return images


# Doors to a network: each is given a model, pictures and classes.

LOOKING = {
    "predict_classes": lambda model, images, labels: evaluation.predict_classes(model, images),
    "probabilities": lambda model, images, labels: evaluation.probabilities(model, images),
    "feature_maps": lambda model, images, labels: activations.feature_maps(model, images, ["conv1"]),
    "sample_activations": lambda model, images, labels: activations.sample_activations(model, images, ["conv1"]),
    "log_odds": attribution.log_odds,
    "grad_cam": lambda model, images, labels: attribution.grad_cam(model, images, "conv3", labels),
    "hires_cam": lambda model, images, labels: attribution.hires_cam(model, images, "conv3", labels),
    "occlusion_map": lambda model, images, labels: attribution.occlusion_map(model, images, labels, size=14, stride=14),
}
TRAINING = {
    "train": lambda model, images, labels: fit(model, Split(images, labels), Split(IMAGES, LABELS), ONCE, report=None),
    "validate": lambda model, images, labels: fit(
        model, Split(IMAGES, LABELS), Split(images, labels), ONCE, report=None
    ),
}
ASKING = {name: LOOKING[name] for name in ("log_odds", "grad_cam", "hires_cam", "occlusion_map")} | TRAINING


def doors(named):
    return pytest.mark.parametrize("door", named.values(), ids=named.keys())


@doors(LOOKING | TRAINING)
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES[..., 0], r"lenet5 takes images of shape \(N, 28, 28, 1\), got \(6, 28, 28\)"),
        (IMAGES[:, :27], r"takes images of shape"),
        (np.repeat(IMAGES, 3, axis=3), r"takes images of shape"),
        (not_finite(np.nan), r"images must be finite: there is nan at \(2, 3, 4, 0\)"),
        (not_finite(-np.inf), r"images must be finite: there is -inf at"),
        ((IMAGES * 255).astype(np.int64), r"floats in \[0, 1\] or bytes \(uint8\), got int64"),
    ],
    ids=["no channels", "other rows", "colored", "nan", "inf", "whole numbers"],
)
def test_pictures_that_no_network_can_see(model, door, images, message):
    with pytest.raises(ValueError, match=message):
        door(model, images, LABELS)


@doors(ASKING)
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.eye(10)[LABELS], r"argmax\(axis=1\)"),
        (LABELS[:, np.newaxis], r"Take \w+\[:, 0\]"),
        (LABELS[:5], "for each picture: got 5 for 6 pictures"),
        (np.arange(7), "for each picture: got 7 for 6 pictures"),
        (LABELS + 5, "must be between 0 and 9, got 5 to 10"),
        (LABELS - 1, "must be between 0 and 9, got -1 to 4"),
        (LABELS.astype(float), "must be whole numbers"),
        (np.array([LABELS.astype(str)] * 1)[0], "must be whole numbers"),
    ],
    ids=["one-hot", "a column", "too few", "too many", "too large", "negative", "floats", "text"],
)
def test_labels_that_no_classifier_can_learn(model, door, labels, message):
    with pytest.raises(ValueError, match=message):
        door(model, IMAGES, labels)


@doors(TRAINING)
def test_bytes_given_as_floats_are_not_learned_from(model, door):
    with pytest.raises(ValueError, match="Divide by 255, or give bytes"):
        door(model, IMAGES * 255, LABELS)
    door(model, IMAGES * LARGEST_INPUT, LABELS)


@doors(LOOKING)
def test_bytes_mean_the_same_at_every_door(model, door):
    pixels = (IMAGES * 255).astype(np.uint8)
    by_bytes, by_shares = door(model, pixels, LABELS), door(model, as_floats(pixels), LABELS)
    for one, other in zip(*map(values, (by_bytes, by_shares)), strict=True):
        np.testing.assert_array_equal(one, other)


def values(answer):
    return [np.asarray(each) for each in (answer.values() if isinstance(answer, dict) else [answer])]


@doors(ASKING)
@pytest.mark.parametrize("output", [keras.layers.Dense(1), keras.layers.Reshape((2, 392))], ids=["one", "a grid"])
def test_a_model_that_tells_no_classes_apart(door, output):
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), output])
    with pytest.raises(ValueError, match="one score for each of at least two classes"):
        door(model, IMAGES, np.zeros(6, int))


def test_a_photograph_of_another_size_says_how_to_read_it():
    with pytest.raises(ValueError, match=r"load_photos\(\.\.\., image_size=16\)"):
        evaluation.predict_classes(models.photo_net(16), np.zeros((2, 32, 32, 3), np.uint8))


# A model inside a model.


def nested():
    inner = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(2, 3, name="deep")], name="inner")
    return keras.Sequential([keras.Input((28, 28, 1)), inner, keras.layers.Flatten(), keras.layers.Dense(3)])


@pytest.mark.parametrize(
    "look",
    [
        lambda model: activations.feature_maps(model, IMAGES, ["inner"]),
        lambda model: activations.kernels(model, "inner"),
        lambda model: attribution.grad_cam(model, IMAGES, "inner", LABELS % 3),
        lambda model: attribution.hires_cam(model, IMAGES, "inner", LABELS % 3),
        lambda model: maximization.activation(model, "inner", [0]),
    ],
)
def test_a_model_inside_a_model_is_refused_with_what_to_do(look):
    with pytest.raises(ValueError, match=r"inner is a model inside .* look at model\.get_layer\('inner'\)"):
        look(nested())


# Pictures in NumPy.


@pytest.mark.parametrize(
    "work",
    [
        as_pictures,
        pooling.max_pool,
        pooling.average_pool,
        lambda images: invariance.shift(images, 1, 0),
        lambda images: invariance.scale(images, 0.5),
        invariance.scramble,
    ],
)
@pytest.mark.parametrize("images", [IMAGES[0], IMAGES[..., 0], np.zeros((1, 0, 3, 1)), np.full((1, 2, 2, 1), "a")])
def test_arrays_that_are_no_pictures(work, images):
    with pytest.raises(ValueError, match=r"images .*must (have shape|not be empty|be numbers|be floats)"):
        work(images)


def test_booleans_are_pooled():
    images = IMAGES > 0.5
    np.testing.assert_array_equal(pooling.max_pool(images), pooling.max_pool(images * 1) > 0)
    np.testing.assert_array_equal(pooling.max_pool(images, 3, 2, "SAME"), pooling.max_pool(images * 1, 3, 2, "SAME"))


def test_bytes_are_not_averaged_into_bytes():
    with pytest.raises(ValueError, match=r"Turn bytes into shares with arrays\.as_floats"):
        invariance.scale(np.zeros((1, 4, 4, 1), np.uint8), 0.5)


@pytest.mark.parametrize("offsets", [(np.nan, 0), (0, np.inf), ("1", 0)])
def test_pictures_move_by_numbers(offsets):
    with pytest.raises(ValueError, match="a finite number of pixels"):
        invariance.shift(IMAGES, *offsets)


# Parallel lists.


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: as_labels([1, 2], count=3), "got 2 for 3 pictures"),
        (lambda: evaluation.accuracy([1, 2], [1]), "got 2 and 1"),
        (lambda: evaluation.confusion_matrix([1, 2], [1], 3), "got 2 and 1"),
        (lambda: readout.fit_readouts(np.eye(4), [1, 2, 3]), "got 3 for 4 pictures"),
        (lambda: maximization.activation(models.lenet5(), "conv1", [0, 1])(IMAGES), "got 2 for 6"),
    ],
)
def test_lists_of_unequal_length_are_refused_with_both_lengths(work, message):
    with pytest.raises(ValueError, match=message):
        work()


@pytest.mark.parametrize("features", [np.ones(4), np.full((4, 2), np.nan), np.full((4, 2), np.inf)])
def test_features_that_cannot_be_read(features):
    with pytest.raises(ValueError, match="features must be finite numbers"):
        readout.fit_readouts(features, [0, 1, 2, 3])


def test_a_memory_mapped_array_stays_on_disk(tmp_path):
    images = np.memmap(tmp_path / "images", np.uint8, "w+", shape=(4, 2, 2, 1))
    assert as_inputs(images) is images


def test_two_classes_are_enough(model):
    assert class_count(model) == 10
    assert class_count(models.photo_net(16)) == 2
