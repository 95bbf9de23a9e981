import keras
import numpy as np
import pytest

from cnn_course import models

LENET5_SHAPES = {
    "conv1": (24, 24, 6),
    "pool2": (12, 12, 6),
    "conv3": (8, 8, 16),
    "pool4": (4, 4, 16),
    "flatten5": (256,),
    "dropout5": (256,),
    "dense6": (120,),
    "dropout6": (120,),
    "dense7": (84,),
    "logits": (10,),
}


def kernels(model):
    return [weights for weights in model.get_weights() if weights.ndim > 1]


def assert_equal_weights(first, second):
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_lenet5_size():
    model = models.lenet5()
    assert model.count_params() == 44_426
    assert sum(kernel.size for kernel in kernels(model)) == 44_190


def test_lenet5_shapes():
    assert {layer.name: layer.output.shape[1:] for layer in models.lenet5().layers} == LENET5_SHAPES


def test_mlp_size():
    assert models.mlp().count_params() == 44_530


@pytest.mark.parametrize("build", [models.lenet5, models.mlp])
def test_gives_one_logit_per_digit(build):
    logits = build()(np.ones((3, 28, 28, 1), np.float32))
    assert logits.shape == (3, 10)
    assert not np.allclose(np.sum(logits, axis=1), 1)  # no softmax


@pytest.mark.parametrize("build", [models.lenet5, models.mlp])
def test_same_seed_same_weights_whatever_came_before(build):
    first = build(seed=5)
    models.lenet5()
    keras.utils.set_random_seed(1)
    keras.layers.Dense(3).build((None, 4))
    assert_equal_weights(build(seed=5), first)


@pytest.mark.parametrize("build", [models.lenet5, models.mlp])
def test_other_seed_other_weights(build):
    for one, other in zip(kernels(build(seed=5)), kernels(build(seed=6)), strict=True):
        assert not np.any(one == other)


@pytest.mark.parametrize("build", [models.lenet5, models.mlp])
def test_kernels_start_as_a_truncated_normal(build):
    for kernel in kernels(build()):
        assert np.abs(kernel).max() <= 0.2
    largest = max(kernels(build()), key=np.size)
    assert np.abs(largest).max() > 0.19
    assert np.std(largest) == pytest.approx(0.088, abs=0.002)  # 0.1 before the tails were cut


def test_biases_start_at_zero():
    biases = [weights for weights in models.lenet5().get_weights() if weights.ndim == 1]
    assert len(biases) == 5
    assert not any(np.any(bias) for bias in biases)


def test_dropout_works_only_while_training():
    model, images = models.lenet5(dropout=(0.9, 0.9)), np.ones((1, 28, 28, 1), np.float32)
    np.testing.assert_array_equal(model(images, training=False), model(images, training=False))
    assert not np.array_equal(model(images, training=True), model(images, training=False))


def test_dropout_shares():
    model = models.lenet5(dropout=(0.2, 0.1))
    assert [model.get_layer(name).rate for name in ("dropout5", "dropout6")] == [0.2, 0.1]
