import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_course.convolution import cross_correlate
from cnn_course.invariance import scale, scramble, shift, shift_each_way, turn

PICTURES = np.random.default_rng(0).normal(size=(2, 7, 9, 3))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(down=st.integers(-9, 9), right=st.integers(-9, 9))
def test_shift_moves_every_pixel_that_stays_in_the_frame(down, right):
    moved = shift(PICTURES, down, right)
    for row, column in np.ndindex(7, 9):
        inside = 0 <= row - down < 7 and 0 <= column - right < 9
        expected = PICTURES[:, row - down, column - right] if inside else 0
        assert np.array_equal(moved[:, row, column], np.broadcast_to(expected, (2, 3)))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(down=st.floats(-8.5, 8.5), right=st.floats(-8.5, 8.5))
def test_a_shift_moves_a_linear_slope_by_any_distance(down, right):
    rows, columns = np.mgrid[0:7, 0:9]
    slope = (3.0 * rows - 2.0 * columns)[np.newaxis, :, :, np.newaxis]
    moved = shift(slope, down, right)[0, :, :, 0]
    inside = (rows >= down) & (rows <= 6 + down) & (columns >= right) & (columns <= 8 + right)
    np.testing.assert_allclose(moved[inside], (3.0 * (rows - down) - 2.0 * (columns - right))[inside], atol=1e-9)


def test_a_shift_between_pixels_blends_the_two_whole_ones():
    expected = 0.75 * shift(PICTURES, 0, -2) + 0.25 * shift(PICTURES, 0, -1)
    np.testing.assert_allclose(shift(PICTURES, 0, -1.75), expected, atol=1e-12)
    assert shift(PICTURES.astype(np.float32), 0.5, 0.5).dtype == np.float32


def test_pictures_of_bytes_move_by_whole_pixels_only():
    pixels = np.full((1, 3, 3, 1), 255, np.uint8)
    assert shift(pixels, 1, 0)[0, :, 0, 0].tolist() == [0, 255, 255]
    with pytest.raises(ValueError, match="uint8 move by whole pixels only"):
        shift(pixels, 0, 0.5)


@given(pixels=st.integers(-3, 3))
def test_every_fourth_picture_is_moved_the_same_way(pixels):
    pictures = np.random.default_rng(0).normal(size=(6, 7, 9, 2))
    moved = shift_each_way(pictures, pixels)
    ways = [(0, pixels), (pixels, 0), (0, -pixels), (-pixels, 0), (0, pixels), (pixels, 0)]
    for number, (down, right) in enumerate(ways):
        assert np.array_equal(moved[number], shift(pictures[[number]], down, right)[0])


def test_convolution_follows_a_shift_away_from_the_border():
    kernel = np.random.default_rng(1).normal(size=(3, 3, 3, 2))
    shifted_map = cross_correlate(shift(PICTURES, 1, 2), kernel)
    np.testing.assert_allclose(shifted_map[:, 1:, 2:], cross_correlate(PICTURES, kernel)[:, :-1, :-2], atol=1e-12)


def test_scale_one_changes_nothing():
    np.testing.assert_allclose(scale(PICTURES, 1.0), PICTURES, atol=1e-12)


def test_scale_two_doubles_a_square_about_the_center():
    square = np.zeros((1, 9, 9, 1), np.float32)
    square[:, 3:6, 3:6] = 1
    large = scale(square, 2.0)
    assert large.dtype == np.float32
    assert np.array_equal(large[0, :, :, 0] == 1, np.pad(np.ones((5, 5), bool), 2))


@pytest.mark.parametrize("factor", [0, -0.5])
def test_scale_refuses_what_is_no_size(factor):
    with pytest.raises(ValueError, match="must be positive"):
        scale(PICTURES, factor)


NUMBERED = np.arange(6 * 8).reshape(1, 6, 8, 1)


@pytest.mark.parametrize("seed", range(100))
def test_scramble_never_leaves_pictures_as_they_were_unless_they_are_one_tile(seed):
    two, one = NUMBERED[:, :2, :4], NUMBERED[:, :2, :2]
    assert not np.array_equal(scramble(two, side=2, seed=seed), two)
    np.testing.assert_array_equal(scramble(one, side=2, seed=seed), one)


@pytest.mark.parametrize("side", [1, 2])
def test_scramble_has_one_order_for_all_pictures_and_channels(side):
    pictures = np.random.default_rng(2).normal(size=(3, 6, 8, 2)).astype(np.float32)
    order = scramble(NUMBERED, side=side, seed=5).ravel()
    scrambled = scramble(pictures, side=side, seed=5)
    assert scrambled.dtype == np.float32
    assert np.array_equal(scrambled.reshape(3, -1, 2), pictures.reshape(3, -1, 2)[:, order])
    assert np.array_equal(scrambled.reshape(3, -1, 2)[:, np.argsort(order)], pictures.reshape(3, -1, 2))


def test_scramble_moves_whole_tiles():
    corners = np.add.outer([0, 16, 32], [0, 2, 4, 6]).ravel()
    scrambled = scramble(NUMBERED, side=2)[0, :, :, 0]
    found = scrambled[::2, ::2]
    assert sorted(found.ravel()) == list(corners) and list(found.ravel()) != list(corners)
    assert np.array_equal(scrambled, np.kron(found, np.ones((2, 2), int)) + np.tile([[0, 1], [8, 9]], (3, 4)))


def test_scramble_follows_its_seed():
    assert np.array_equal(scramble(NUMBERED, seed=3), scramble(NUMBERED, seed=3))
    assert not np.array_equal(scramble(NUMBERED, seed=3), scramble(NUMBERED, seed=4))


def test_one_tile_stays_where_it_is():
    square = NUMBERED[:, :6, :6]
    assert np.array_equal(scramble(square, side=6), square)


@pytest.mark.parametrize("side", [0, 4, 5])
def test_scramble_refuses_tiles_that_do_not_fit(side):
    with pytest.raises(ValueError, match="do not fill pictures of 6×8"):
        scramble(NUMBERED, side=side)


def test_no_pictures_are_no_error():
    nothing = PICTURES[:0]
    for result in (shift(nothing, 1, 1), scale(nothing, 2.0), scramble(nothing)):
        assert result.shape == nothing.shape


@pytest.mark.parametrize("quarters", range(-5, 6))
def test_quarter_turns_move_every_pixel_to_its_place(quarters):
    square = np.random.default_rng(0).normal(size=(2, 6, 6, 3))
    np.testing.assert_allclose(turn(square, 90 * quarters), np.rot90(square, quarters, axes=(1, 2)), atol=1e-12)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(degrees=st.floats(-400, 400), size=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_turn_equals_scipys_rotation(degrees, size):
    # Zeros lie around the picture, as they do around a digit: SciPy cuts off what is half outside.
    picture = np.pad(np.random.default_rng(0).normal(size=size), 2)
    expected = scipy.ndimage.rotate(picture, degrees, reshape=False, order=1)
    np.testing.assert_allclose(turn(picture[np.newaxis, :, :, np.newaxis], degrees)[0, :, :, 0], expected, atol=1e-9)


def test_turn_keeps_the_dtype_and_refuses_what_cannot_turn():
    assert turn(PICTURES.astype(np.float32), 15).dtype == np.float32
    with pytest.raises(ValueError, match="must be floats, got uint8"):
        turn(np.zeros((1, 3, 3, 1), np.uint8), 15)
    with pytest.raises(ValueError, match="finite number of degrees, got nan"):
        turn(PICTURES, float("nan"))
