"""The training recipes of the chapters: data that `training.fit`, the tests and the experiments share."""

from dataclasses import replace

from cnn_course.training import Recipe

LENET5_WEIGHTS = 44_190
ONE_CYCLE = Recipe(
    optimizer="adam",
    learning_rate=0.008,
    schedule="one_cycle",
    batch_size=128,
    epochs=11,
    label_smoothing=0.05,
)

# For each name LeNet-5's two shares of dropout and how to train it.
LENET5_RECIPES = {
    # As published with 98.89 % test accuracy; its penalty is 0.1 times half the mean of the squared weights.
    "tutorial": (
        (0.2, 0.1),
        Recipe(optimizer="sgd", learning_rate=0.07, batch_size=32, epochs=10, l2=0.1 / 2 / LENET5_WEIGHTS),
    ),
    "one cycle": ((0.0, 0.0), ONE_CYCLE),
    "one cycle, distorted digits": ((0.0, 0.0), replace(ONE_CYCLE, shift=1.5, rotation=10.0, zoom=0.1)),
}

# The 20,000 steps of TensorFlow's tutorial "Deep MNIST for experts", which names 99.2 % as its test accuracy.
DEEP_MNIST = Recipe(optimizer="adam", learning_rate=1e-4, batch_size=50, steps=20_000)
