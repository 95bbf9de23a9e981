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
    return [np.asarray(weights) for weights in model.weights if weights.name == "kernel"]


def assert_equal_weights(first, second):
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_lenet5_size():
    model = models.lenet5()
    assert model.count_params() == 44_426
    assert sum(kernel.size for kernel in kernels(model)) == 44_190


def test_lenet5_shapes():
    assert {layer.name: layer.output.shape[1:] for layer in models.lenet5().layers} == LENET5_SHAPES


def test_lenet5_strided_keeps_the_shapes_and_the_weights_of_the_pooled_one():
    pooled, strided = models.lenet5(seed=3), models.lenet5(pooling="stride", seed=3)
    assert_equal_weights(pooled, strided)
    halved = {name: LENET5_SHAPES[pool] for name, pool in {"conv1": "pool2", "conv3": "pool4"}.items()}
    left = {name: shape for name, shape in LENET5_SHAPES.items() if not name.startswith("pool")}
    assert shapes(strided) == left | halved


def test_lenet5_strided_is_the_one_without_pooling_seen_at_every_second_place():
    digits = np.random.default_rng(0).random((2, 28, 28, 1), np.float32)
    full, strided = (models.lenet5(pooling=kind).get_layer("conv1")(digits) for kind in ("none", "stride"))
    np.testing.assert_allclose(full[:, ::2, ::2], strided, atol=1e-5)


def test_lenet5_pools_by_the_mean_if_asked():
    averaged = models.lenet5(pooling="average")
    assert shapes(averaged) == LENET5_SHAPES
    window = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    assert np.ravel(averaged.get_layer("pool2")(window)).tolist() == [2.5, 4.5, 10.5, 12.5]


def test_lenet5_without_pooling_is_large():
    model = models.lenet5(pooling="none")
    assert model.get_layer("flatten5").output.shape == (None, 20 * 20 * 16)
    assert model.count_params() == 44_426 + (6400 - 256) * 120


def test_lenet5_separable_differs_in_its_second_convolution_only():
    ordinary, separable = models.lenet5(seed=3), models.lenet5(separable=True, seed=3)
    assert shapes(separable) == LENET5_SHAPES
    assert separable.get_layer("conv3").count_params() == 25 * 6 + 6 * 16 + 16
    for layer in ordinary.layers:
        if layer.name != "conv3":
            for ours, theirs in zip(layer.get_weights(), separable.get_layer(layer.name).get_weights(), strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_the_sums_of_a_separable_layer_start_as_large_as_those_of_an_ordinary_one():
    noise = np.random.default_rng(0).normal(size=(8, 12, 12, 6)).astype(np.float32)

    def spread(separable):
        layers = [models.lenet5(separable=separable, seed=seed).get_layer("conv3") for seed in range(20)]
        for layer in layers:
            layer.activation = keras.activations.linear
        return np.std([layer(noise) for layer in layers])

    assert spread(separable=True) == pytest.approx(spread(separable=False), rel=0.1)


def test_lenet5_refuses_another_pooling():
    with pytest.raises(ValueError, match="one of max, average, stride, none, got 'median'"):
        models.lenet5(pooling="median")


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        (keras.layers.Conv2D(3, 5), 4 * 3 * 25 * 2 * 3),
        (keras.layers.Conv2D(3, 5, strides=2, padding="same"), 4 * 4 * 25 * 2 * 3),
        (keras.layers.DepthwiseConv2D(3, depth_multiplier=2), 6 * 5 * 9 * 2 * 2),
        (keras.layers.SeparableConv2D(3, 5), 4 * 3 * (25 * 2 + 2 * 3)),
        (keras.layers.Dense(3), 2 * 3),
    ],
)
def test_products_are_counted_place_by_place(layer, count):
    shape = (2,) if isinstance(layer, keras.layers.Dense) else (8, 7, 2)
    assert models.products(keras.Sequential([keras.Input(shape), layer, keras.layers.BatchNormalization()])) == count


def test_products_of_lenet5():
    assert models.products(models.lenet5()) == 24 * 24 * 150 + 8 * 8 * 2400 + 256 * 120 + 120 * 84 + 840
    assert models.products(models.lenet5(pooling="stride")) == 12 * 12 * 150 + 4 * 4 * 2400 + 256 * 120 + 120 * 84 + 840


def unshared_by_loops(images, kernel, bias):
    rows, columns, size, _, _, filters = kernel.shape
    maps = np.zeros((len(images), rows, columns, filters))
    for n, y, x, f in np.ndindex(maps.shape):
        window = images[n, y : y + size, x : x + size]
        maps[n, y, x, f] = np.sum(window * kernel[y, x, ..., f]) + bias[y, x, f]
    return maps


@pytest.mark.parametrize("shape", [(2, 7, 6, 1), (1, 6, 9, 3), (3, 4, 4, 2)])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_locally_connected_layer_weighs_each_place_by_itself(shape, size):
    numbers = np.random.default_rng(0)
    images = numbers.normal(size=shape).astype(np.float32)
    layer = models.LocallyConnected2D(5, size)
    layer.build(shape)
    layer.set_weights([numbers.normal(size=weights.shape) for weights in layer.get_weights()])
    np.testing.assert_allclose(layer(images), unshared_by_loops(images, *layer.get_weights()), atol=1e-4)


def test_a_convolution_is_a_locally_connected_layer_with_equal_kernels():
    images = np.random.default_rng(0).normal(size=(2, 9, 8, 3)).astype(np.float32)
    shared = keras.layers.Conv2D(4, 3, activation="relu", bias_initializer="glorot_uniform")
    expected = shared(images)
    unshared = models.LocallyConnected2D(4, 3, activation="relu")
    unshared.build(images.shape)
    pairs = zip(shared.get_weights(), unshared.get_weights(), strict=True)
    unshared.set_weights([np.broadcast_to(one, every.shape) for one, every in pairs])
    np.testing.assert_allclose(unshared(images), expected, atol=1e-5)


def test_a_window_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="No window of 5×5 fits into a picture of 4×9"):
        models.LocallyConnected2D(1, 5).build((None, 4, 9, 1))


def test_the_unshared_lenet5_has_the_sizes_of_the_shared_one():
    shared, unshared = models.lenet5(dropout=(0, 0)), models.unshared_lenet5()
    ours, theirs = (
        [layer.output.shape for layer in model.layers if not layer.name.startswith("dropout")]
        for model in (unshared, shared)
    )
    assert ours == theirs
    assert [layer.count_params() for layer in unshared.layers[:4]] == [89_856, 0, 154_624, 0]
    assert unshared.count_params() == 286_334
    assert models.products(unshared) == models.products(shared)


def test_mlp_size():
    assert models.mlp().count_params() == 44_530


def shapes(model):
    return {layer.name: layer.output.shape[1:] for layer in model.layers}


def test_deep_mnist_size():
    assert models.deep_mnist().count_params() == 3_274_634


def test_deep_mnist_shapes():
    assert shapes(models.deep_mnist()) == {
        "conv1": (28, 28, 32),
        "pool1": (14, 14, 32),
        "conv2": (14, 14, 64),
        "pool2": (7, 7, 64),
        "flatten": (3136,),
        "dense1": (1024,),
        "dropout": (1024,),
        "logits": (10,),
    }


def test_cats_dogs_size():
    model = models.cats_dogs()
    assert model.count_params() == 2_126_178
    assert model.get_layer("dense1").count_params() == 2_097_280


def test_cats_dogs_shapes():
    assert shapes(models.cats_dogs()) == {
        "conv1": (128, 128, 32),
        "pool1": (64, 64, 32),
        "relu1": (64, 64, 32),
        "conv2": (64, 64, 32),
        "pool2": (32, 32, 32),
        "relu2": (32, 32, 32),
        "conv3": (32, 32, 64),
        "pool3": (16, 16, 64),
        "relu3": (16, 16, 64),
        "flatten": (16_384,),
        "dense1": (128,),
        "logits": (2,),
    }


def test_cats_dogs_takes_other_sizes_but_none_that_vanishes():
    assert models.cats_dogs(64)(np.zeros((1, 64, 64, 3), np.float32)).shape == (1, 2)
    with pytest.raises(ValueError, match="image_size must be at least 8, got 7"):
        models.cats_dogs(7)


def test_cats_dogs_with_means_does_not_grow_with_the_picture():
    for size in (64, 128):
        model = models.cats_dogs(size, averaged=True)
        assert model.count_params() == 896 + 9_248 + 18_496 + 64 * 2 + 2
        assert [layer.name for layer in model.layers[-2:]] == ["means", "logits"]


def test_cats_dogs_normalized_differs_only_by_its_normalizations():
    plain, normalized = models.cats_dogs(64), models.cats_dogs(64, normalized=True)
    assert normalized.count_params() == plain.count_params() + 4 * (32 + 32 + 64)
    assert [layer.name for layer in normalized.layers[:4]] == ["conv1", "norm1", "pool1", "relu1"]
    for name in ("conv1", "conv2", "conv3", "dense1", "logits"):
        assert_equal_weights(plain.get_layer(name), normalized.get_layer(name))


def test_cats_dogs_of_he_start_differs_only_by_larger_kernels_that_maps_keep_their_size_with():
    plain, larger = models.cats_dogs(64), models.cats_dogs(64, he=True)
    for name in ("dense1", "logits"):
        assert_equal_weights(plain.get_layer(name), larger.get_layer(name))
    for name in ("conv1", "conv2", "conv3"):
        kernel, bias = larger.get_layer(name).get_weights()
        np.testing.assert_array_equal(bias, plain.get_layer(name).get_weights()[1])
        assert kernel.std() == pytest.approx(np.sqrt(2 / np.prod(kernel.shape[:3])), rel=0.05)


def test_smiley_channels_size_and_shapes():
    model = models.smiley_channels()
    assert [layer.count_params() for layer in model.layers] == [104, 222]
    assert shapes(model) == {"conv1": (25, 25, 4), "conv2": (25, 25, 6)}


@pytest.mark.parametrize("build", [models.lenet5, models.unshared_lenet5, models.mlp, models.deep_mnist])
def test_gives_one_logit_per_digit(build):
    logits = build()(np.ones((3, 28, 28, 1), np.float32))
    assert logits.shape == (3, 10)
    assert not np.allclose(np.sum(logits, axis=1), 1)  # no softmax


EVERY = [
    models.lenet5,
    models.unshared_lenet5,
    models.mlp,
    models.deep_mnist,
    models.cats_dogs,
    models.photo_net,
    models.smiley_channels,
]


@pytest.mark.parametrize("build", EVERY)
def test_same_seed_same_weights_whatever_came_before(build):
    first = build(seed=5)
    models.lenet5()
    keras.utils.set_random_seed(1)
    keras.layers.Dense(3).build((None, 4))
    assert_equal_weights(build(seed=5), first)


@pytest.mark.parametrize("build", EVERY)
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


@pytest.mark.parametrize(("build", "value"), [(models.deep_mnist, 0.1), (models.cats_dogs, 0.05)])
def test_biases_start_as_in_the_sources(build, value):
    assert all(np.all(weights == np.float32(value)) for weights in build().get_weights() if weights.ndim == 1)


def test_photo_net():
    model = models.photo_net()
    assert model.count_params() == 888_930
    assert model(np.ones((2, 96, 96, 3), np.float32)).shape == (2, 2)
    assert models.photo_net(50)(np.ones((1, 50, 50, 3), np.float32)).shape == (1, 2)  # odd sizes on the way down
    convolutions = [layer for layer in model.layers if "Conv2D" in type(layer).__name__ and layer.kernel_size == (3, 3)]
    assert len(convolutions) == 9


def test_photo_net_needs_room_for_four_halvings():
    with pytest.raises(ValueError, match="image_size must be at least 16, got 15"):
        models.photo_net(15)
