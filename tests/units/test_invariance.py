import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_course.convolution import cross_correlate
from cnn_course.invariance import scale, shift

PICTURES = np.random.default_rng(0).normal(size=(2, 7, 9, 3))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(down=st.integers(-9, 9), right=st.integers(-9, 9))
def test_shift_moves_every_pixel_that_stays_in_the_frame(down, right):
    moved = shift(PICTURES, down, right)
    for row, column in np.ndindex(7, 9):
        inside = 0 <= row - down < 7 and 0 <= column - right < 9
        expected = PICTURES[:, row - down, column - right] if inside else 0
        assert np.array_equal(moved[:, row, column], np.broadcast_to(expected, (2, 3)))


def test_convolution_follows_a_shift_away_from_the_border():
    kernel = np.random.default_rng(1).normal(size=(3, 3, 3, 2))
    shifted_map = cross_correlate(shift(PICTURES, 1, 2), kernel)
    np.testing.assert_allclose(shifted_map[:, 1:, 2:], cross_correlate(PICTURES, kernel)[:, :-1, :-2], atol=1e-12)


def test_scale_one_changes_nothing():
    np.testing.assert_allclose(scale(PICTURES, 1.0), PICTURES, atol=1e-12)


def test_scale_two_doubles_a_square_about_the_centre():
    square = np.zeros((1, 9, 9, 1), np.float32)
    square[:, 3:6, 3:6] = 1
    large = scale(square, 2.0)
    assert large.dtype == np.float32
    assert np.array_equal(large[0, :, :, 0] == 1, np.pad(np.ones((5, 5), bool), 2))


@pytest.mark.parametrize("factor", [0, -0.5])
def test_scale_refuses_what_is_no_size(factor):
    with pytest.raises(ValueError, match="must be positive"):
        scale(PICTURES, factor)
