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

# The shortest way to 99 % of the test digits that we found, in the same form.
LENET5_FAST = ((0.0, 0.0), replace(ONE_CYCLE, epochs=4))

# The 20,000 steps of TensorFlow's tutorial "Deep MNIST for experts", which names 99.2 % as its test accuracy.
DEEP_MNIST = Recipe(optimizer="adam", learning_rate=1e-4, batch_size=50, steps=20_000)

# The source of chapter 6: its network sees 128 x 128 pixels and is looked at after so many steps.
CATS_DOGS_SOURCE = Recipe(optimizer="adam", learning_rate=1e-4, batch_size=32, steps=10_000)
CATS_DOGS_STEPS = (1, 100, 1_000, 10_000)
CATS_DOGS_SIZE = 128

# What chapter 6 trains the same network with on drawings of 64 x 64 pixels, where there is less time: larger steps.
CATS_DOGS_DRAWN = Recipe(optimizer="adam", learning_rate=1e-3, batch_size=32, steps=1_000)
DRAWN_SIZE = 64
DRAWN = {"train": 5_000, "validation": 2_000, "test": 2_000}  # drawings; each part has a seed of its own: 0, 1, 2

# For each name the options of `models.cats_dogs` and how to train it: what helps the big dense layer.
DRAWN_LONGER = replace(CATS_DOGS_DRAWN, steps=2_000)
CATS_DOGS_CURES = {
    "as it is": ({}, DRAWN_LONGER),
    "mirrored": ({}, replace(DRAWN_LONGER, flip=True)),
    "averaged, mirrored": (
        {"averaged": True, "normalized": True},
        replace(DRAWN_LONGER, flip=True, learning_rate=0.004, schedule="one_cycle"),
    ),
}

# The network of chapter 6 that is to make the most of 2,000 photographs in an hour of two cores.
PHOTO_NET_SIZE = 96
PHOTO_NET = Recipe(
    optimizer="adamw",
    learning_rate=0.002,
    schedule="one_cycle",
    batch_size=32,
    epochs=120,
    weight_decay=0.05,
    label_smoothing=0.1,
    shift=8.0,
    rotation=12.0,
    zoom=0.2,
    fill="reflect",
    flip=True,
    brightness=0.2,
    contrast=0.3,
    mixup=0.2,
)
