"""Drawn cats and dogs: the same bits everywhere, ears where the masks say, and no label to be read from colors."""

import hashlib

import numpy as np
import pytest

from cnn_course import datasets, drawings
from cnn_course.drawings import scenery, sketch

SHA256_OF_64 = "72a1872c7b1b8c43230be4f186ff40d32b746ace8807daf784aee8f6ddfab24f"
CHANCE, TOLERANCE = 0.5, 0.03


@pytest.fixture(scope="module")
def some():
    return datasets.load_drawings(400)


@pytest.fixture(scope="module")
def many():
    return datasets.load_drawings(4_000, image_size=24, seed=11)


def test_shapes_and_dtypes(some):
    assert len(some) == 400
    assert (some.images.shape, some.images.dtype) == ((400, 64, 64, 3), np.uint8)
    assert (some.labels.shape, some.labels.dtype) == ((400,), np.int64)
    assert (some.ears.shape, some.ears.dtype) == ((400, 64, 64), bool)


def test_the_same_bits_on_every_machine(some):
    digest = hashlib.sha256()
    for array in (some.images[:64], some.labels[:64].astype("<i8"), some.ears[:64]):
        digest.update(array.tobytes())
    assert digest.hexdigest() == SHA256_OF_64


@pytest.mark.parametrize("count", [1, 7])
def test_a_picture_does_not_depend_on_the_count(some, count):
    few = datasets.load_drawings(count)
    np.testing.assert_array_equal(few.images, some.images[:count])
    np.testing.assert_array_equal(few.labels, some.labels[:count])
    np.testing.assert_array_equal(few.ears, some.ears[:count])


def test_no_two_pictures_are_alike(some):
    other = datasets.load_drawings(50, seed=1)
    pictures = {image.tobytes() for image in (*some.images, *other.images)}
    assert len(pictures) == len(some) + len(other)


def test_a_larger_picture_shows_the_same_scene(some):
    large = datasets.load_drawings(20, image_size=128)
    halved = large.images.reshape(20, 64, 2, 64, 2, 3).mean((2, 4))
    np.testing.assert_array_equal(large.labels, some.labels[:20])
    assert np.abs(halved - some.images[:20]).mean() < 10
    assert np.abs(halved - some.images[20:40]).mean() > 40


def test_half_of_them_are_cats(many):
    assert set(many.labels) == {0, 1}
    assert abs(many.labels.mean() - 0.5) < TOLERANCE


def test_nearly_every_picture_shows_an_ear(some):
    shares = some.ears.mean((1, 2))
    assert np.mean(shares > 0.005) > 0.97
    assert shares.max() < 0.2


def test_the_ears_of_both_take_as_much_room(many):
    cats, dogs = (many.ears[many.labels == label].mean() for label in (drawings.CAT, drawings.DOG))
    assert 0.02 < cats < 0.09
    assert 0.8 < cats / dogs < 1.25


@pytest.mark.parametrize("number", range(30))
def test_the_masks_are_where_the_animals_differ(number):
    """The same dice, but the other animal: only ears, muzzle, nose and pupils may change."""
    cat, cat_ears, _ = drawings.draw(5, number, 64, label=drawings.CAT)
    dog, dog_ears, _ = drawings.draw(5, number, 64, label=drawings.DOG)
    differ = (cat != dog).any(axis=-1)
    rows, columns = np.nonzero(cat_ears | dog_ears)
    assert differ.mean() < 0.25
    assert differ[cat_ears ^ dog_ears].mean() > 0.8
    # The face is no farther from the ears than the animal's head is wide.
    reach = np.ones((64, 64), bool)
    reach[max(0, rows.min() - 20) : rows.max() + 20, max(0, columns.min() - 20) : columns.max() + 20] = False
    assert not differ[reach].any()


def test_what_is_in_front_of_an_ear_hides_it():
    canvas = sketch.Canvas(32, (9, 9, 9))
    canvas.fill(sketch.Frame(), np.array([(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]), (9, 9, 9), ear=True)
    whole = canvas.finish()[1]
    canvas.fill(sketch.Frame(), np.array([(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]), (5, 5, 5))
    picture, ears = canvas.finish()
    assert whole[8:24, 8:24].all() and whole.sum() < 18**2
    assert ears.sum() == pytest.approx(whole.sum() / 2, rel=0.15)
    assert (picture[ears] >= 7).all()  # at least half of such a pixel shows the ear


def mean_colors(images):
    return images.mean((1, 2))


def borders(images):
    sides = images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]
    return np.concatenate(sides, axis=1).reshape(len(images), -1).astype(float)


@pytest.mark.parametrize("features", [mean_colors, borders])
def test_neither_color_nor_background_tells_the_animal(many, features):
    for classify in (linear, neighbors):
        assert abs(both_halves(classify, features(many.images), many.labels) - CHANCE) < TOLERANCE


@pytest.mark.parametrize("features", [mean_colors, borders])
def test_a_small_difference_in_color_would_be_noticed(many, features):
    tinted = many.images.astype(float)
    tinted[many.labels == drawings.DOG] += (0, 0, 15)
    assert both_halves(linear, features(tinted), many.labels) > CHANCE + TOLERANCE


def both_halves(classify, features, labels):
    """Return the accuracy on each half of what was learned from the other."""
    features = (features - features.mean(0)) / features.std(0)
    half = len(labels) // 2
    one, other = (features[:half], labels[:half]), (features[half:], labels[half:])
    return np.mean([(classify(*a, b[0]) == b[1]).mean() for a, b in ((one, other), (other, one))])


def linear(known, labels, unknown):
    """Fisher's linear discriminant, slightly regularized."""
    difference = known[labels == 1].mean(0) - known[labels == 0].mean(0)
    direction = np.linalg.solve(np.cov(known.T) + 0.01 * np.eye(known.shape[1]), difference)
    return (unknown - known.mean(0)) @ direction > 0


def neighbors(known, labels, unknown, count=15):
    """The majority of the 15 nearest neighbors."""
    distances = (known**2).sum(1) - 2 * unknown @ known.T
    return labels[np.argpartition(distances, count, axis=1)[:, :count]].mean(1) > 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count must be at least 1, got 0"),
        ({"count": -3}, "count must be at least 1, got -3"),
        ({"count": 1, "image_size": 15}, "image_size must be at least 16, got 15"),
        ({"count": 1, "seed": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.load_drawings(**arguments)


def test_no_progress_bar_where_stderr_is_no_terminal(capsys):
    datasets.load_drawings(3, image_size=16)
    assert capsys.readouterr() == ("", "")


def test_light_keeps_black_and_follows_its_direction():
    gray = np.full((32, 32, 3), 120, np.uint8)
    lit = [scenery.cast_light(gray, sketch.Dice([0, number])).astype(int) for number in range(40)]
    slopes = [abs(picture[:, -8:].mean() - picture[:, :8].mean()) for picture in lit]
    assert max(slopes) > 15 > min(slopes)
    assert np.std([picture.mean() for picture in lit]) > 10


def test_a_frame_inside_a_frame_composes():
    outer = sketch.Frame().inner(0.5, 0.5, turn=sketch.TURN // 4, width=0.1, height=0.1)
    inner = outer.inner(1, 0, turn=-sketch.TURN // 4, width=-2)
    np.testing.assert_allclose(outer.place(np.array([(1.0, 0.0), (0.0, 1.0)])), [(0.5, 0.6), (0.4, 0.5)])
    np.testing.assert_allclose(
        inner.place(np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])), [(0.5, 0.6), (0.3, 0.6), (0.5, 0.7)]
    )
