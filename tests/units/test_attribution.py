import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from cnn_course import models
from cnn_course.attribution import grad_cam, hires_cam, log_odds, occlusion_map, ratio_with_interval, share_inside

NUMBERS = np.random.default_rng(0)
IMAGES = NUMBERS.uniform(0, 1, size=(3, 8, 12, 2)).astype(np.float32)
CLASSES = np.array([0, 1, 1])
WEIGHTS = NUMBERS.normal(size=(8 * 12 * 2, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def linear():
    """Each logit is a known weighted sum of the pixels."""
    model = keras.Sequential([keras.Input((8, 12, 2)), layers.Flatten(), layers.Dense(2, name="logits")])
    model.get_layer("logits").set_weights([WEIGHTS, np.array([0.3, -0.2], np.float32)])
    return model


@pytest.fixture(scope="module")
def averaging():
    """One convolution, the mean of each map, one dense layer."""
    return _small_network(layers.GlobalAveragePooling2D(name="means"))


@pytest.fixture(scope="module")
def flattening():
    return _small_network(layers.Flatten(name="flatten"))


def _small_network(head):
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((8, 12, 2)),
            layers.Conv2D(5, 3, padding="same", activation="relu", name="conv"),
            head,
            layers.Dense(2, name="logits"),
        ]
    )


def signed_weights():
    """How much each pixel counts for the class that each picture is asked about, shape (3, 8, 12, 2)."""
    differences = WEIGHTS[:, CLASSES] - WEIGHTS[:, 1 - CLASSES]
    return differences.T.reshape(IMAGES.shape)


def assert_close(found, expected, tolerance=1e-4):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def test_log_odds_are_those_of_the_softmax():
    model = models.lenet5()
    digits = NUMBERS.uniform(0, 1, size=(4, 28, 28, 1)).astype(np.float32)
    classes = np.array([0, 3, 9, 3])
    shares = np.asarray(keras.ops.softmax(model(digits)))[np.arange(4), classes]
    assert_close(log_odds(model, digits, classes), np.log(shares / (1 - shares)))


def test_log_odds_of_two_classes_are_the_difference_of_the_logits(linear):
    logits = np.asarray(linear(IMAGES))
    assert_close(log_odds(linear, IMAGES, CLASSES), logits[range(3), CLASSES] - logits[range(3), 1 - CLASSES])


# Occlusion.


@settings(max_examples=10, deadline=None)
@given(size=st.sampled_from([1, 2, 4]), gray=st.floats(0, 1))
def test_squares_side_by_side_take_from_a_linear_model_what_their_pixels_gave(linear, size, gray):
    found = occlusion_map(linear, IMAGES, CLASSES, size=size, stride=size, gray=gray)
    given_by_pixel = np.sum((IMAGES - gray) * signed_weights(), axis=-1)
    blocks = given_by_pixel.reshape(3, 8 // size, size, 12 // size, size).sum(axis=(2, 4))
    assert_close(found, blocks.repeat(size, axis=1).repeat(size, axis=2))
    assert found.dtype == np.float32


def test_a_pixel_gets_the_mean_of_the_squares_that_cover_it(linear):
    found = occlusion_map(linear, IMAGES, CLASSES, size=4, stride=2)
    taken = np.sum((IMAGES - 0.5) * signed_weights(), axis=-1)
    assert_close(found[:, 0, 0], taken[:, :4, :4].sum(axis=(1, 2)))
    tops, lefts = (0, 2), (4, 6)
    squares = [taken[:, top : top + 4, left : left + 4].sum(axis=(1, 2)) for top in tops for left in lefts]
    assert_close(found[:, 3, 7], np.mean(squares, axis=0))


def test_covering_gray_with_gray_changes_nothing(flattening):
    gray = np.full_like(IMAGES, 0.25)
    assert_close(occlusion_map(flattening, gray, CLASSES, size=4, stride=4, gray=0.25), 0)


def test_many_positions_are_run_in_parts(linear, monkeypatch):
    whole = occlusion_map(linear, IMAGES, CLASSES, size=2, stride=1)
    monkeypatch.setattr("cnn_course.attribution.PICTURES_PER_PASS", 7)
    assert_close(occlusion_map(linear, IMAGES, CLASSES, size=2, stride=1), whole)


@pytest.mark.parametrize(("size", "stride"), [(9, 1), (0, 1), (4, 0), (2, 4), (4, 3), (-1, -1)])
def test_squares_that_do_not_cover_the_picture_are_refused(linear, size, stride):
    with pytest.raises(ValueError, match="do not cover a picture of 8x12"):
        occlusion_map(linear, IMAGES, CLASSES, size=size, stride=stride)


def test_there_must_be_a_class_for_each_picture(linear):
    with pytest.raises(Exception, match=r"."):
        occlusion_map(linear, IMAGES, CLASSES[:2], size=4, stride=4)


# Grad-CAM and HiResCAM.


@pytest.mark.parametrize("method", [grad_cam, hires_cam])
def test_after_global_averaging_the_map_is_known(averaging, method):
    maps = np.asarray(keras.Model(averaging.inputs[0], averaging.get_layer("conv").output)(IMAGES))
    kernel = np.asarray(averaging.get_layer("logits").kernel)
    weights = (kernel[:, CLASSES] - kernel[:, 1 - CLASSES]).T[:, np.newaxis, np.newaxis] / (8 * 12)
    assert_close(method(averaging, IMAGES, "conv", CLASSES), np.maximum(0, np.sum(maps * weights, axis=-1)), 1e-6)


def test_after_flattening_only_hires_cam_adds_up_to_the_log_odds(flattening):
    kernel = np.asarray(flattening.get_layer("logits").kernel).reshape(8, 12, 5, 2)
    maps = np.asarray(keras.Model(flattening.inputs[0], flattening.get_layer("conv").output)(IMAGES))
    differences = np.stack([kernel[..., c] - kernel[..., 1 - c] for c in CLASSES])
    by_place = np.sum(maps * differences, axis=-1)
    assert_close(by_place.sum(axis=(1, 2)), log_odds(flattening, IMAGES, CLASSES))  # its biases are zero
    assert_close(hires_cam(flattening, IMAGES, "conv", CLASSES), np.maximum(0, by_place), 1e-5)
    averaged = np.sum(maps * differences.mean(axis=(1, 2), keepdims=True), axis=-1)
    assert_close(grad_cam(flattening, IMAGES, "conv", CLASSES), np.maximum(0, averaged), 1e-5)
    assert np.abs(averaged - by_place).max() > 0.1


@pytest.mark.parametrize("method", [grad_cam, hires_cam])
def test_the_other_class_gets_what_was_negative(flattening, method):
    one, other = (method(flattening, IMAGES, "conv", classes) for classes in (CLASSES, 1 - CLASSES))
    assert one.max() > 0 and other.max() > 0
    assert_close(np.minimum(one, other), 0, 1e-6)


def test_the_network_of_the_chapter_gives_maps_of_a_quarter_of_its_pictures():
    pictures = NUMBERS.uniform(0, 1, size=(2, 64, 64, 3)).astype(np.float32)
    assert grad_cam(models.cats_dogs(64), pictures, "conv3", [0, 1]).shape == (2, 16, 16)


def test_layers_without_maps_are_refused(flattening):
    with pytest.raises(ValueError, match="logits gives no feature maps"):
        grad_cam(flattening, IMAGES, "logits", CLASSES)
    with pytest.raises(ValueError, match="has no layer 'conv9'; its layers are conv, flatten, logits"):
        hires_cam(flattening, IMAGES, "conv9", CLASSES)


def test_a_layer_that_was_called_before_the_model_was_complete_is_refused():
    model = keras.Sequential([keras.Input((8, 12, 2))])
    for layer in (layers.Conv2D(2, 3, name="conv"), layers.Flatten(), layers.Dense(2)):
        model.add(layer)  # every time, Keras calls all layers anew
    with pytest.raises(ValueError, match="The logits come from another output of conv"):
        grad_cam(model, IMAGES, "conv", CLASSES)


# Shares.

MAPS = NUMBERS.normal(size=(4, 6, 9))
MASKS = NUMBERS.uniform(size=(4, 6, 9)) < 0.3


@pytest.mark.parametrize(("value", "share"), [(True, 1.0), (False, 0.0)])
def test_masks_that_are_the_same_everywhere(value, share):
    shares, areas = share_inside(MAPS, np.full(MAPS.shape, value))
    np.testing.assert_array_equal([shares, areas], np.full((2, 4), share))


def test_a_map_that_is_the_same_everywhere_has_the_share_of_the_area():
    shares, areas = share_inside(np.full((4, 2, 3), 7.5), MASKS)
    assert_close(shares, areas, 1e-12)
    assert_close(areas, MASKS.reshape(4, -1).mean(axis=1), 1e-12)


def test_a_mask_and_its_complement_share_the_mass():
    inside, outside = (share_inside(MAPS, masks)[0] for masks in (MASKS, ~MASKS))
    assert_close(inside + outside, 1, 1e-12)


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-6, 1e6))
def test_only_the_positive_part_counts_whatever_its_scale(scale):
    expected = share_inside(np.where(MAPS > 0, MAPS, -1e9), MASKS)[0]
    assert_close(share_inside(scale * MAPS, MASKS)[0], expected, 1e-9)


def test_a_coarse_map_stands_for_blocks_of_pixels():
    coarse = NUMBERS.normal(size=(4, 3, 3))
    fine = coarse.repeat(2, axis=1).repeat(3, axis=2)
    np.testing.assert_allclose(share_inside(coarse, MASKS), share_inside(fine, MASKS), rtol=0, atol=1e-12)


def test_without_positive_values_there_is_no_share():
    maps = MAPS.copy()
    maps[2] = -1
    assert np.isnan(share_inside(maps, MASKS)[0]).tolist() == [False, False, True, False]


@pytest.mark.parametrize("shape", [(4, 5, 9), (4, 12, 9), (3, 6, 9), (6, 9)])
def test_shapes_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match="maps must have shape"):
        share_inside(np.ones(shape), MASKS)


def test_the_ratio_of_a_map_that_knows_nothing_is_one():
    ratio, low, high = ratio_with_interval(*share_inside(np.ones_like(MAPS), MASKS))
    assert_close([ratio, low, high], 1, 1e-12)


def test_the_interval_holds_the_ratio_and_shrinks_with_more_pictures():
    areas = NUMBERS.uniform(0.02, 0.06, size=900)
    shares = areas * NUMBERS.uniform(1, 5, size=900)
    few, many = (ratio_with_interval(shares[:count], areas[:count]) for count in (100, 900))
    assert few[1] < few[0] < few[2]
    assert many[1] < 3 < many[2]
    assert 2 < (few[2] - few[1]) / (many[2] - many[1]) < 4.5
    assert few[0] == pytest.approx(shares[:100].mean() / areas[:100].mean())


def test_pictures_without_a_share_are_left_out():
    found = ratio_with_interval([0.4, np.nan, 0.2], [0.1, 0.9, 0.1])
    assert found[0] == pytest.approx(3)
    with pytest.raises(ValueError, match="No picture"):
        ratio_with_interval([np.nan], [0.1])
