import numpy as np
import pytest
import tensorflow as tf

from cnn_course.augmentation import augment, distort_randomly, flip_randomly, light_randomly, mix_randomly
from cnn_course.training import Recipe

# Distortions.

STILL = {"shift": 0, "rotation": 0, "zoom": 0}
BLOB = np.zeros((1, 21, 21, 1), np.float32)
BLOB[0, 9:14, 8:11] = 1  # off the center (10, 10), not square


def distorted(picture, count=400, seed=(3, 4), **amounts):
    """Distort one picture `count` times."""
    copies = np.repeat(picture, count, axis=0)
    return np.asarray(distort_randomly(copies, **{**STILL, **amounts}, seed=list(seed)))


def centers(images):
    """Return the centers of mass: rows (down, right)."""
    places = np.stack(np.meshgrid(np.arange(21), np.arange(21), indexing="ij"), axis=-1)
    return np.einsum("nyxc,yxd->nd", images, places) / images.sum(axis=(1, 2))


def test_no_distortion_changes_nothing():
    images = np.random.default_rng(0).random((1, 6, 7, 2)).astype(np.float32)
    np.testing.assert_array_equal(distorted(images, count=3), np.repeat(images, 3, axis=0))


def test_shifts_stay_within_reach_and_use_all_of_it():
    moves = centers(distorted(BLOB, shift=2.5)) - centers(BLOB)
    assert np.abs(moves).max() <= 2.5 + 1e-4
    assert np.all(moves.max(axis=0) > 2.3) and np.all(moves.min(axis=0) < -2.3)
    assert np.all(np.abs(moves.mean(axis=0)) < 0.25)  # no direction is favored


def test_turns_keep_the_centre_of_the_picture_and_stay_within_reach():
    before, after = centers(BLOB) - 10, centers(distorted(BLOB, rotation=30)) - 10
    np.testing.assert_allclose(np.hypot(*after.T), np.hypot(*before[0]), atol=0.15)
    turns = np.degrees(np.arctan2(*after.T) - np.arctan2(*before[0]))
    assert 27 < turns.max() < 32 and -32 < turns.min() < -27


def test_zooms_stay_within_reach():
    areas = distorted(BLOB, zoom=0.2).sum(axis=(1, 2, 3)) / BLOB.sum()
    assert 1.3 < areas.max() < 1.5 and 0.6 < areas.min() < 0.72


def test_what_leaves_the_frame_is_lost_and_zeros_come_in():
    results = distorted(np.ones((1, 9, 9, 1), np.float32), shift=3)
    assert results.min() == 0 and results.max() == 1


def test_the_seed_fixes_the_distortions():
    amounts = {"shift": 2, "rotation": 10, "zoom": 0.1}
    np.testing.assert_array_equal(distorted(BLOB, **amounts), distorted(BLOB, **amounts))
    assert not np.array_equal(distorted(BLOB, **amounts), distorted(BLOB, seed=(3, 5), **amounts))


def test_channels_move_together():
    picture = np.random.default_rng(0).random((1, 9, 9, 1)).astype(np.float32)
    result = distorted(np.concatenate([picture, -picture], axis=3), shift=2, rotation=10, zoom=0.1)
    np.testing.assert_array_equal(result[..., 0], -result[..., 1])


def test_reflected_edges_bring_in_no_zeros():
    results = distorted(np.ones((1, 9, 9, 1), np.float32), shift=3, rotation=20, zoom=0.2, fill="reflect")
    np.testing.assert_allclose(results, 1, atol=1e-6)


# Mirror, light, mixup.


def many(count=400):
    return np.random.default_rng(0).random((count, 5, 6, 3)).astype(np.float32)


def test_about_half_are_mirrored_and_the_others_left_alone():
    images = many()
    results = np.asarray(flip_randomly(images, seed=[1, 2]))
    mirrored = np.all(results == images[:, :, ::-1], axis=(1, 2, 3))
    np.testing.assert_array_equal(results[~mirrored], images[~mirrored])
    assert 150 < mirrored.sum() < 250


def test_brightness_moves_all_of_a_picture_by_one_number_within_reach():
    images = 0.4 + 0.2 * many()
    moves = np.asarray(light_randomly(images, brightness=0.3, contrast=0.0, seed=[1, 2])) - images
    np.testing.assert_allclose(moves, np.broadcast_to(moves[:, :1, :1, :1], moves.shape), atol=1e-6)
    assert 0.28 < moves.max() <= 0.3 + 1e-6 and -0.3 - 1e-6 <= moves.min() < -0.28


def test_contrast_keeps_the_mean_and_stretches_within_reach():
    images = 0.4 + 0.2 * many()
    results = np.asarray(light_randomly(images, brightness=0.0, contrast=0.5, seed=[1, 2]))
    np.testing.assert_allclose(results.mean(axis=(1, 2, 3)), images.mean(axis=(1, 2, 3)), atol=1e-6)
    growth = results.std(axis=(1, 2, 3)) / images.std(axis=(1, 2, 3))
    assert 1.45 < growth.max() <= 1.5 + 1e-4 and 0.5 - 1e-4 <= growth.min() < 0.55


def test_light_stays_between_black_and_white():
    results = np.asarray(light_randomly(many(), brightness=0.5, contrast=0.5, seed=[1, 2]))
    assert results.min() == 0 and results.max() == 1


@pytest.mark.parametrize("parameter", [0.05, 0.2, 1.0])
def test_mixup_blends_pictures_and_targets_alike(parameter):
    images, targets = many(), np.eye(400, dtype=np.float32)
    mixed, mixed_targets = (
        np.asarray(part) for part in mix_randomly(images, targets, parameter=parameter, seed=[1, 2])
    )
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed, np.einsum("nm,myxc->nyxc", mixed_targets, images), atol=1e-5)
    assert np.all(mixed_targets >= 0) and np.all((mixed_targets > 0).sum(axis=1) <= 2)


def test_mixup_shares_follow_the_beta_distribution():
    _, targets = mix_randomly(
        np.zeros((4000, 1, 1, 1), np.float32), np.eye(4000, dtype=np.float32), parameter=0.2, seed=[1, 2]
    )
    shares = np.diag(targets)
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / (4 * 1.4), abs=0.01)  # of the beta distribution: 1 / (4 (2a + 1))


def test_augment_leaves_alone_what_a_recipe_does_not_set():
    images, targets = tf.constant(many(8)), tf.eye(8)
    same, same_targets = augment(images, targets, Recipe("sgd", 0.1, 8, 1), [1, 2])
    np.testing.assert_array_equal(same, images)
    np.testing.assert_array_equal(same_targets, targets)


def test_kinds_of_change_are_drawn_independently():
    """Which pictures are mirrored must not say how bright they are."""
    images = tf.fill([2000, 2, 2, 1], 0.5) + tf.constant([-0.1, 0.1])[None, None, :, None]
    results = np.asarray(augment(images, tf.eye(2000), Recipe("sgd", 0.1, 8, 1, flip=True, brightness=0.1), [3, 4])[0])
    mirrored = results[:, 0, 0, 0] > results[:, 0, 1, 0]
    brightness = results.mean(axis=(1, 2, 3))
    assert abs(np.corrcoef(mirrored, brightness)[0, 1]) < 0.07
