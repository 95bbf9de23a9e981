import shutil

import numpy as np
import pytest

from cnn_course import datasets

SIZES = {"train": 55_000, "validation": 5_000, "test": 10_000}
# How many of each digit, 0 to 9: the published counts of the 60,000 and the 10,000.
ORIGINAL_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(("part", "size"), SIZES.items())
def test_shapes_and_dtypes(mnist, part, size):
    split = getattr(mnist, part)
    assert len(split) == size
    assert split.images.shape == (size, 28, 28, 1)
    assert split.images.dtype == np.float32
    assert split.labels.shape == (size,)
    assert split.labels.dtype == np.int64


@pytest.mark.parametrize("part", SIZES)
def test_ranges(mnist, part):
    split = getattr(mnist, part)
    assert (split.images.min(), split.images.max()) == (0, 1)
    assert set(split.labels) == set(range(10))


def test_validation_is_the_first_5000_of_the_60000(mnist):
    with np.load(datasets.MNIST_FILE, allow_pickle=False) as archive:
        images, labels = archive["train_images"], archive["train_labels"]
    np.testing.assert_array_equal(as_bytes(mnist.validation), images[:5_000])
    np.testing.assert_array_equal(mnist.validation.labels, labels[:5_000])
    np.testing.assert_array_equal(as_bytes(mnist.train)[[0, -1]], images[[5_000, -1]])
    np.testing.assert_array_equal(mnist.train.labels, labels[5_000:])


def test_known_label_counts(mnist):
    original = np.concatenate([mnist.validation.labels, mnist.train.labels])
    assert np.bincount(original).tolist() == ORIGINAL_COUNTS
    assert np.bincount(mnist.test.labels).tolist() == TEST_COUNTS


def test_known_first_digits(mnist):
    assert mnist.validation.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_sum_of_all_pixels(mnist):
    sums = {part: int(as_bytes(getattr(mnist, part)).sum(dtype=np.int64)) for part in SIZES}
    assert sums["train"] + sums["validation"] == 1_567_298_545
    assert sums["test"] == 264_923_200


def test_smiley():
    smiley = datasets.load_smiley()
    assert (smiley.shape, smiley.dtype) == ((25, 25, 1), np.float32)
    assert (int(np.sum(smiley == 1)), int(np.sum(smiley == 0))) == (431, 194)
    assert smiley[1, :, 0].tolist() == [1] * 9 + [0] * 7 + [1] * 9


def test_a_damaged_smiley_is_refused(tmp_path, monkeypatch):
    damaged = tmp_path / "smiley.txt"
    damaged.write_bytes(datasets.SMILEY_FILE.read_bytes().replace(b"0", b"1", 1))
    monkeypatch.setattr(datasets, "SMILEY_FILE", damaged)
    with pytest.raises(ValueError, match="damaged"):
        datasets.load_smiley()


def test_cat():
    cat = datasets.load_cat()
    assert (cat.shape, cat.dtype) == ((170, 256, 3), np.float32)
    assert (cat.min(), cat.max()) == (0, np.float32(213 / 255))


def test_the_cat_is_upright_and_its_channels_are_in_order():
    red, green, blue = np.moveaxis(datasets.load_cat(), 2, 0)
    reddest = np.unravel_index((red - green).argmax(), red.shape)
    greenest = np.unravel_index((green - (red + blue) / 2).argmax(), red.shape)
    assert (128 < reddest[0] < 140) and (135 < reddest[1] < 165)  # the nose
    assert (50 < greenest[0] < 85) and (78 < greenest[1] < 118)  # the eye on the left


def test_a_damaged_cat_is_refused(tmp_path, monkeypatch):
    damaged = tmp_path / "cat.png"
    damaged.write_bytes(datasets.CAT_FILE.read_bytes()[:-1])
    monkeypatch.setattr(datasets, "CAT_FILE", damaged)
    with pytest.raises(ValueError, match="damaged"):
        datasets.load_cat()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Give the tests a data file of their own to damage."""
    path = tmp_path / "mnist.npz"
    shutil.copy(datasets.MNIST_FILE, path)
    monkeypatch.setattr(datasets, "MNIST_FILE", path)
    return path


def assert_refused(path, error=ValueError, problem="is damaged"):
    with pytest.raises(error, match=problem) as caught:
        datasets.load_mnist()
    assert str(path) in str(caught.value)
    assert "git checkout -- src/cnn_course/data" in str(caught.value)


@pytest.mark.parametrize("place", [0, 5_000_000, -1])
def test_one_flipped_bit_is_refused(copy, place):
    content = bytearray(copy.read_bytes())
    content[place] ^= 1
    copy.write_bytes(content)
    assert_refused(copy)


@pytest.mark.parametrize("size", [0, 1_000, -1])
def test_a_truncated_file_is_refused(copy, size):
    copy.write_bytes(copy.read_bytes()[:size])
    assert_refused(copy)


def test_another_data_set_is_refused(copy):
    tiny = {"images": np.zeros((2, 28, 28), np.uint8), "labels": np.zeros(2, np.uint8)}
    np.savez(copy, **{f"{part}_{kind}": tiny[kind] for part in ("train", "test") for kind in tiny})
    assert_refused(copy)


def test_swapped_parts_are_refused(copy):
    with np.load(copy, allow_pickle=False) as archive:
        labels = archive["train_labels"][::-1]
        arrays = {**archive, "train_labels": labels}
    np.savez(copy, **arrays)
    assert_refused(copy)


def test_a_missing_file_is_refused(copy):
    copy.unlink()
    assert_refused(copy, FileNotFoundError, "is missing")


def test_an_intact_copy_is_accepted(copy):
    assert len(datasets.load_mnist().test) == 10_000


def test_nothing_is_unpickled(monkeypatch):
    calls = []
    load = np.load
    monkeypatch.setattr(np, "load", lambda *args, **options: calls.append(options) or load(*args, **options))
    datasets.load_mnist()
    assert calls == [{"allow_pickle": False}]


def as_bytes(split):
    """Return the original bytes (N, 28, 28), which the floats must hold exactly."""
    bytes_ = np.rint(split.images[..., 0] * 255).astype(np.uint8)
    assert np.array_equal(bytes_ / np.float32(255), split.images[..., 0])
    return bytes_
