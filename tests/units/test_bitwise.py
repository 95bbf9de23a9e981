"""The reference of "Watch it learn": it learns as TensorFlow does, and refuses what it cannot train with."""

from cnn_course.runtime import make_reproducible

make_reproducible()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
import tensorflow as tf  # noqa: E402

from cnn_course import bitwise, models  # noqa: E402
from cnn_course.bitwise import Settings  # noqa: E402

BUILDERS = {"lenet5": lambda: models.lenet5(dropout=(0.0, 0.0)), "mlp": models.mlp}
OPTIMIZERS = {
    "sgd": keras.optimizers.SGD,
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
    "adam": keras.optimizers.Adam,
}


def losses_of_tensorflow(settings, steps):
    """Train in TensorFlow from the same weights, on the same batches."""
    random = bitwise.random_bits(settings.seed)
    digits, model = bitwise.training_digits(settings), BUILDERS[settings.network]()
    model.set_weights(bitwise.first_weights(settings.network, random))
    optimizer = OPTIMIZERS[settings.optimizer](settings.learning_rate)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(images, labels):
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        optimizer.apply(tape.gradient(loss, model.trainable_variables))
        return loss

    batches = bitwise.batches(len(digits), settings.batch_size, random)
    chosen = (next(batches) for _ in range(steps))
    return [float(step(digits.images[each], digits.labels[each])) for each in chosen]


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        (Settings(), 200),
        (Settings(optimizer="sgd", learning_rate=0.05), 50),
        (Settings(optimizer="momentum", learning_rate=0.01, seed=2), 50),
        (Settings(network="mlp", scrambled=True), 200),
    ],
    ids=["adam", "sgd", "momentum", "mlp"],
)
def test_the_losses_are_those_of_tensorflow(settings, steps):
    run, expected = bitwise.train(steps, settings), losses_of_tensorflow(settings, steps)
    np.testing.assert_allclose(run.losses, expected, rtol=0, atol=1e-4)
    assert np.mean(run.losses[-10:]) < np.mean(run.losses[:10])


def test_exp_and_log_are_right_to_the_last_digits():
    x = -np.linspace(0, 100, 10_001, dtype=np.float32)
    np.testing.assert_allclose(bitwise.exponential(x), np.exp(x.astype(float)), rtol=2e-7, atol=1e-37)
    x = np.linspace(1, 1000, 10_001, dtype=np.float32)
    np.testing.assert_allclose(bitwise.logarithm(x), np.log(x.astype(float)), rtol=2e-7, atol=1e-7)


def test_a_batch_is_a_part_of_a_shuffled_round():
    batches = bitwise.batches(10, 3, bitwise.random_bits(3))
    first, second = (sorted(i for _ in range(3) for i in next(batches)) for _ in range(2))
    assert len(set(first)) == len(set(second)) == 9 and first != second  # one is left out, each time another


@pytest.mark.parametrize(
    "fault",
    [
        {"network": "resnet"},
        {"optimizer": "rmsprop"},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"learning_rate": "1"},
        {"batch_size": 0},
        {"batch_size": 257},
        {"batch_size": True},
        {"seed": -1},
        {"seed": 2**32},
    ],
    ids=str,
)
def test_a_setting_that_is_none_is_refused(fault):
    (name,) = fault
    with pytest.raises(ValueError, match=rf"^{name} must be "):
        bitwise.train(1, **fault)


@pytest.mark.parametrize("steps", [-1, 1.5])
def test_steps_are_counted(steps):
    with pytest.raises(ValueError, match=r"^steps must be "):
        bitwise.train(steps)
