import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_course import models, readout
from cnn_course.activations import sample_activations
from cnn_course.datasets import Dataset, Split
from cnn_course.evaluation import accuracy


def drawn(count, features=6, seed=0):
    """Draw features of which three add up to the class, and two more that say nothing."""
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, 3, count)
    features = numbers.normal(size=(count, features)).astype(np.float32)
    features[:, :3] += 4 * np.eye(3, dtype=np.float32)[labels]
    return features, labels


def parts_of(data):
    return data.train, data.validation, data.test


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(1e-3, 10))
def test_a_fit_is_where_the_penalized_error_is_smallest(seed, strength):
    features, labels = drawn(40, seed=seed)
    ((weights, offsets),) = readout.fit_readouts(features, labels, [strength], classes=3)
    centered = features - features.mean(axis=0, dtype=np.float64)
    penalty = strength * np.mean(np.sum(centered**2, axis=0))
    errors = features @ weights + offsets - np.eye(3)[labels]
    slope = features.T.astype(float) @ errors + penalty * weights
    np.testing.assert_allclose(slope, 0, atol=1e-5)  # of the penalized squared error, along each weight
    np.testing.assert_allclose(errors.sum(axis=0), 0, atol=1e-5)  # and along each offset


def test_without_a_penalty_it_is_least_squares():
    features, labels = drawn(40)
    ((weights, offsets),) = readout.fit_readouts(features, labels, [0.0], classes=3)
    expected, *_ = np.linalg.lstsq(np.c_[features, np.ones(40)], np.eye(3)[labels])
    np.testing.assert_allclose(np.vstack([weights, offsets]), expected, atol=1e-6)


def test_the_scale_of_the_features_makes_no_difference():
    features, labels = drawn(40)
    for (weights, _), (small, _) in zip(
        readout.fit_readouts(features, labels), readout.fit_readouts(features / 8, labels), strict=True
    ):
        np.testing.assert_allclose(small, 8 * weights, rtol=1e-5, atol=1e-9)


def test_more_penalty_makes_smaller_weights():
    sizes = [np.linalg.norm(weights) for weights, _ in readout.fit_readouts(*drawn(40))]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == len(readout.STRENGTHS)


def test_features_that_never_differ_are_refused():
    with pytest.raises(ValueError, match="nothing to read out"):
        readout.fit_readouts(np.ones((5, 3)), np.arange(5))


def test_what_is_there_is_read_out():
    train, validation, test = drawn(200), drawn(100, seed=1), drawn(300, seed=2)
    assert readout.read_out(train, validation, test).estimate > 0.95
    features, labels = test
    nothing = (np.random.default_rng(3).normal(size=features.shape), labels)
    assert readout.read_out(train, validation, nothing).estimate < 0.5


def test_the_strength_is_chosen_by_the_validation_part(monkeypatch):
    wrong, right = (np.zeros((6, 3)), np.array([1.0, 0, 0])), (np.eye(6, 3), np.zeros(3))
    monkeypatch.setattr(readout, "fit_readouts", lambda *_: [wrong, right, wrong])
    part, zeros = drawn(100), (drawn(100)[0], np.zeros(100, int))
    assert readout.read_out(part, part, part) == accuracy(part[1], part[0][:, :3].argmax(axis=1))
    assert readout.read_out(part, zeros, part).correct == np.sum(part[1] == 0)  # whatever the test part would prefer


def test_layers_are_read_by_the_parts_they_are_meant_for(mnist, monkeypatch):
    monkeypatch.setattr(readout, "DIGITS_READ", {"train": 60, "validation": 20, "test": 40})
    model = models.deep_mnist()
    monkeypatch.setattr(readout, "predict_by_readout", lambda *parts: parts)  # what is read, in place of the result
    for counts in (None, {"train": 30, "validation": 10, "test": 20}):
        found = readout.predict_by_layers(model, mnist, ["pool2", "dense1"], counts)
        assert list(found) == ["pool2", "dense1"]
        sizes = (counts or readout.DIGITS_READ).values()
        splits = [Split(part.images[:n], part.labels[:n]) for part, n in zip(parts_of(mnist), sizes, strict=True)]
        for layer, (train, validation, test) in found.items():
            for features, split in zip((train[0], validation[0], test), splits, strict=True):
                expected = sample_activations(model, split.images, [layer])[layer]
                np.testing.assert_allclose(features, expected, atol=1e-5)
            np.testing.assert_array_equal(train[1], splits[0].labels)
            np.testing.assert_array_equal(validation[1], splits[1].labels)


def test_a_random_network_beats_the_pixels_of_its_digits(mnist, monkeypatch):
    monkeypatch.setattr(readout, "DIGITS_READ", {"train": 1000, "validation": 500, "test": 1000})
    few = Dataset(*(Split(part.images[:1000], part.labels[:1000]) for part in parts_of(mnist)))
    parts = [(part.images.reshape(len(part), -1), part.labels) for part in parts_of(few)]
    found = readout.predict_by_layers(models.deep_mnist(), few, ["pool2"])["pool2"]
    assert accuracy(few.test.labels, found).interval[0] > readout.read_out(*parts).interval[1]
