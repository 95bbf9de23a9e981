"""Recipes: what decides how a network is trained, as data that `training.fit`, the tests and the experiments share."""

import math
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral, Real
from typing import NamedTuple

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "one_cycle")
FILLS = ("constant", "reflect")
SHARES = ("label_smoothing", "zoom", "average")  # of a whole: below 1
COUNTS = ("batch_size", "epochs", "steps")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a network is trained, apart from the network and the data.

    Attributes
    ----------
    optimizer : {"sgd", "adam", "adamw"}
        With Keras' other settings.
    learning_rate : float
        Constant, or the peak of the schedule.
    schedule : {"constant", "one_cycle"}
        "one_cycle" rises linearly over the first fifth of the steps, then falls linearly to zero.
    batch_size : int
    epochs, steps : int or None
        How long, in passes over all training pictures or in batches: one of the two, the other is None.
    l2 : float
        Adds ``l2 * sum(kernel ** 2)`` over all kernels to the loss.
    label_smoothing : float
        Share of the target that is spread evenly over all classes.
    shift, rotation, zoom : float
        Move every training picture by up to this many pixels, turn it by up to this many degrees and resize it by up
        to this share, anew each time.
    fill : {"constant", "reflect"}
        What moves in from outside a moved picture: zeros, or its mirror image.
    flip : bool
        Mirror half of the training pictures left to right, drawn anew each time.
    brightness, contrast : float
        Add up to this much to all of a picture's values, and stretch them about their mean by up to this share.
    mixup : float
        Blend every training picture, and its target, with another one of its batch; the share comes from the beta
        distribution with this parameter twice.
    weight_decay : float
        Of "adamw": after each step kernels shrink by this share of the learning rate.
    average : float
        If not 0: the network that is scored and kept is the running average of its weights, of which this share stays
        at each step.
    seed : int
        Fixes the order of the pictures and their distortions.

    References
    ----------
    L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    2018. H. Zhang et al., "mixup: beyond empirical risk minimization", 2018. I. Loshchilov and F. Hutter, "Decoupled
    weight decay regularization", 2019.

    Examples
    --------
    >>> recipe = Recipe(optimizer="adam", learning_rate=1e-3, batch_size=32, epochs=2)
    >>> replace(recipe, epochs=5).epochs
    5
    """

    optimizer: str
    learning_rate: float
    batch_size: int
    epochs: int | None = None
    steps: int | None = None
    schedule: str = "constant"
    l2: float = 0.0
    label_smoothing: float = 0.0
    shift: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    fill: str = "constant"
    flip: bool = False
    brightness: float = 0.0
    contrast: float = 0.0
    mixup: float = 0.0
    weight_decay: float = 0.0
    average: float = 0.0
    seed: int = 9000

    def __post_init__(self) -> None:
        """Refuse what cannot be trained with."""
        if (self.epochs is None) == (self.steps is None):
            raise ValueError(f"Give either epochs or steps, got epochs={self.epochs} and steps={self.steps}.")
        for field in fields(self):
            if fault := _fault(field.name, getattr(self, field.name)):
                raise ValueError(f"{field.name} must be {fault}, got {getattr(self, field.name)!r}.")
        if self.weight_decay and self.optimizer != "adamw":
            raise ValueError(f"weight_decay goes with optimizer 'adamw', got {self.weight_decay}, {self.optimizer!r}.")

    @property
    def settings(self) -> dict:
        """All attributes but the one of epochs and steps that is None: what a record keeps."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def _fault(name: str, value) -> str:
    """Say what the value of an attribute of a recipe must be, if it is something else; else an empty string."""
    choices = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES, "fill": FILLS, "flip": (False, True)}
    if name in choices:
        return "" if value in choices[name] else f"one of {', '.join(map(repr, choices[name]))}"
    if name in COUNTS:
        return "" if value is None or (_is_whole(value) and value >= 1) else "a whole number of at least 1"
    if name == "seed":
        return "" if _is_whole(value) and 0 <= value < 2**32 else "a whole number from 0 to 2**32 - 1"
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        return "a finite number"
    if name == "learning_rate":
        return "" if value > 0 else "positive"
    if name in SHARES:
        return "" if 0 <= value < 1 else "at least 0 and below 1"
    return "" if value >= 0 else "at least 0"


def _is_whole(value) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


class Training(NamedTuple):
    """A network's options, as its function in `models` takes them, and the recipe to train it with."""

    options: dict
    recipe: Recipe


LENET5_WEIGHTS = 44_190
ONE_CYCLE = Recipe(
    optimizer="adam",
    learning_rate=0.008,
    schedule="one_cycle",
    batch_size=128,
    epochs=11,
    label_smoothing=0.05,
)

# Chapter 1: once through the digits, which are cut into tiles with these sides; and the lesson that moves and resizes.
ONE_EPOCH = replace(ONE_CYCLE, epochs=1, batch_size=64)
TILE_SIDES = (28, 14, 7, 4, 2, 1)
MOVED = replace(ONE_EPOCH, epochs=2, shift=8.0, zoom=0.5)
MOVED_LESSONS = {"none": ONE_EPOCH, "2 epochs": MOVED, "10 epochs": replace(MOVED, epochs=10)}

LENET5_RECIPES = {
    # As published with 98.89 % test accuracy; its penalty is 0.1 times half the mean of the squared weights.
    "tutorial": Training(
        {"dropout": (0.2, 0.1)},
        Recipe(optimizer="sgd", learning_rate=0.07, batch_size=32, epochs=10, l2=0.1 / 2 / LENET5_WEIGHTS),
    ),
    "one cycle": Training({"dropout": (0.0, 0.0)}, ONE_CYCLE),
    "one cycle, distorted digits": Training(
        {"dropout": (0.0, 0.0)}, replace(ONE_CYCLE, shift=1.5, rotation=10.0, zoom=0.1)
    ),
}

# Two networks trained by it, of seeds 1 and 2, ship with the package.
LENET5_SHIPPED = LENET5_RECIPES["one cycle, distorted digits"]

# The shortest way to 99 % of the test digits that we found.
LENET5_FAST = Training({"dropout": (0.0, 0.0)}, replace(ONE_CYCLE, epochs=4))

# The 20,000 steps of TensorFlow's tutorial "Deep MNIST for experts", which names 99.2 % as its test accuracy.
DEEP_MNIST = Recipe(optimizer="adam", learning_rate=1e-4, batch_size=50, steps=20_000)
DEEP_MNIST_EPOCH = replace(DEEP_MNIST, steps=1_100)  # each training digit once

# The source of chapters 6 and 9: its network sees 128 x 128 pixels and is looked at after these steps.
CATS_DOGS_SOURCE = Recipe(optimizer="adam", learning_rate=1e-4, batch_size=32, steps=10_000)
CATS_DOGS_STEPS = (1, 100, 1_000, 10_000)
CATS_DOGS_SIZE = 128

# What chapter 6 trains the same network with on drawings of 64 x 64 pixels, where there is less time: larger steps.
CATS_DOGS_DRAWN = Recipe(optimizer="adam", learning_rate=1e-3, batch_size=32, steps=1_000)
DRAWN_SIZE = 64
DRAWN = {"train": 5_000, "validation": 2_000, "test": 2_000}  # drawings; each part has a seed of its own: 0, 1, 2

# What is to help the big dense layer of `models.cats_dogs`: one recipe, and one change at a time.
DRAWN_CYCLE = replace(CATS_DOGS_DRAWN, steps=None, epochs=8, learning_rate=0.002, schedule="one_cycle")
DRAWN_MIRRORED = replace(DRAWN_CYCLE, flip=True)
CATS_DOGS_CURES = {
    "as it is": Training({}, DRAWN_CYCLE),
    "mirrored": Training({}, DRAWN_MIRRORED),
    "normalized": Training({"normalized": True}, DRAWN_MIRRORED),
    "He start": Training({"he": True}, DRAWN_MIRRORED),
    "averaged": Training({"averaged": True}, DRAWN_MIRRORED),
    "averaged, normalized": Training({"averaged": True, "normalized": True}, DRAWN_MIRRORED),
    "averaged, He start": Training({"averaged": True, "he": True}, DRAWN_MIRRORED),
}
DRAWN_BY_HEART = 500  # drawings that are learned with their labels, and with labels that mean nothing

# The network of chapter 9 that is to make the most of 2,000 photographs in an hour of two cores.
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

# The same network, taught in two legs, of which the first sees smaller pictures.
PHOTO_NET_FIRST_SIZE = 64
PHOTO_NET_FIRST = replace(
    PHOTO_NET, epochs=90, rotation=15.0, zoom=0.3, brightness=0.3, contrast=0.4, mixup=0.3, average=0.998
)
PHOTO_NET_SECOND = replace(PHOTO_NET_FIRST, epochs=75, learning_rate=0.0015, shift=12.0)

# Why its validation accuracy swings from epoch to epoch: at a constant rate, and at a tenth of it.
_SWING = replace(PHOTO_NET, epochs=24, schedule="constant", average=0.998)
PHOTO_NET_SWINGS = (_SWING, replace(_SWING, learning_rate=0.0002))

# Chapter 9: how the last blocks of a network that has seen ImageNet are trained on photographs, briefly.
LITE0_SIZE = 160
LITE0_TRAINED_FROM = "block11_widen"  # the layers from here on: five of sixteen blocks, and most of the weights
LITE0_READ = (50, 200, 2_000)  # photographs that its last maps are read out from
LITE0_FINE_TUNING = replace(PHOTO_NET, learning_rate=3e-4, epochs=3, shift=12.0, mixup=0.0)

# Chapter 9: the photo network goes on with few drawings, or learns them from nothing, which takes more and
# larger steps. An epoch is 1,000 pictures, so that each of 50 drawings comes twenty times.
REUSED_DRAWINGS = (50, 200, 1_000)
REUSED_EPOCH = 1_000
REUSED_FINE_TUNING = Recipe(
    optimizer="adamw",
    learning_rate=5e-4,
    schedule="one_cycle",
    batch_size=32,
    epochs=2,
    shift=6.0,
    zoom=0.1,
    flip=True,
)
REUSED = {
    "fine-tuned": REUSED_FINE_TUNING,
    "from scratch": replace(REUSED_FINE_TUNING, learning_rate=2e-3, epochs=4),
}
