"""Training: a recipe is data, and an epoch runs inside TensorFlow's graph.

Keras' own ``model.fit`` returns to Python after every batch, which for a network as small as LeNet-5 costs as much as
the arithmetic. Here Python hands over a tenth of an epoch at a time, and two cores share each batch.
"""

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from cnn_course import checkpoints
from cnn_course.arrays import as_labels, as_training_inputs, class_count
from cnn_course.augmentation import augment
from cnn_course.averaging import RunningAverage
from cnn_course.datasets import Split
from cnn_course.evaluation import accuracy, predict_classes
from cnn_course.messages import message
from cnn_course.recipes import Recipe

CHUNKS_PER_EPOCH = 10  # how often an epoch returns to Python: for the progress bar, and so that Ctrl-C is heard
WARM_UP = 0.2  # the share of a one-cycle schedule that rises


@dataclass
class History:
    """What happened, one entry per completed epoch; the last may be a part of one where steps are counted.

    Attributes
    ----------
    loss : list of float
        Mean training loss while the epoch ran, dropout and penalties included.
    train_accuracy : list of float
        On all training pictures after the epoch, without dropout; empty unless asked for.
    validation_accuracy : list of float
        After the epoch.
    measured : list
        What ``measure`` returned after the epoch; empty without it.
    best_epoch : int
        The epoch (from 1) whose weights the model was left with; 0 if none was completed.
    interrupted : bool
        Whether Ctrl-C ended the training early.
    diverged : bool
        Whether it ended because the loss or a weight was no longer a finite number.
    """

    loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    measured: list = field(default_factory=list)
    best_epoch: int = 0
    interrupted: bool = False
    diverged: bool = False

    def last_line(self) -> str:
        """Describe the last epoch in one line."""
        parts = [message("fit.epoch", number=f"{len(self.loss):2d}"), message("fit.loss", loss=f"{self.loss[-1]:.4f}")]
        if self.train_accuracy:
            parts.append(message("fit.train", share=f"{self.train_accuracy[-1]:.2%}"))
        return "  ".join([*parts, message("fit.validation", share=f"{self.validation_accuracy[-1]:.2%}")])


def fit(
    model: keras.Model,
    train: Split,
    validation: Split,
    recipe: Recipe,
    *,
    score_training: bool = False,
    report: Callable[[str], None] | None = print,
    measure: Callable[[keras.Model, int], object] | None = None,
    checkpoint: Path | None = None,
) -> History:
    """Train a classifier and leave it with the weights of its best epoch.

    Each step averages the loss over the whole batch, though the network sees its two halves side by side, each on a
    core of its own. A network with weights that no gradient changes, such as those of batch normalization, sees the
    batch in one piece.

    Ctrl-C ends the training and loses nothing: the weights of the best completed epoch are put back (the current ones
    stay if none was completed) and the history so far is returned. A training whose loss or weights are no longer
    finite numbers ends, too: with the best epoch before that, or the weights from before the training.

    Parameters
    ----------
    model : keras.Model
        From images to logits.
    train, validation : Split
        The best epoch is the first with the highest accuracy on ``validation``. Images are floats in [0, 1], or uint8
        that stand for shares of 255. Those of a memory-mapped array stay on disk but for a tenth of an epoch.
    recipe : Recipe
    score_training : bool, default False
        Also measure the accuracy on all training pictures after each epoch.
    report : callable, optional
        Is given one line per epoch; None for silence. A progress bar is drawn only where stderr is a terminal.
    measure : callable, optional
        Is given the model, with the weights that the epoch left, and the epoch's number; what it returns is kept in
        the history, and must be what JSON can hold.
    checkpoint : Path, optional
        A file, ending in ``.npz``, that keeps the state after each epoch. If it exists, the training goes on from
        there, to the same bits as if it had never stopped. The file stays.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If there are no pictures to train on, pictures or labels do not fit the model or each other, or the checkpoint
        does not belong to this training.

    Examples
    --------
    >>> from cnn_course.datasets import load_mnist
    >>> from cnn_course.models import mlp
    >>> digits = load_mnist()
    >>> few = Split(digits.train.images[:500], digits.train.labels[:500])
    >>> history = fit(mlp(), few, few, Recipe("adam", 0.01, batch_size=50, epochs=2), report=None)
    >>> len(history.loss), history.validation_accuracy[1] > 0.8
    (2, True)
    """
    if len(train) == 0 or len(validation) == 0:
        raise ValueError(f"Training needs pictures: got {len(train)} to train and {len(validation)} to validate on.")
    train, validation = _checked(train, model), _checked(validation, model)
    steps_per_epoch = math.ceil(len(train) / recipe.batch_size)
    total_steps = recipe.steps or steps_per_epoch * recipe.epochs
    optimizer = _optimizer(recipe, total_steps)
    optimizer.build(model.trainable_variables)
    average = RunningAverage(model, recipe.average) if recipe.average else None
    run_steps = _compile_steps(model, optimizer, average, train, recipe)
    state, history, best_weights = [*model.variables, *optimizer.variables], History(), None
    state += average.means if average else []
    start_weights = model.get_weights()
    data = checkpoints.fingerprint(train, validation) if checkpoint else ""
    if checkpoint and checkpoint.exists():
        recorded, best_weights = checkpoints.restore(checkpoint, state, recipe, data)
        history = History(**recorded)
    shuffler = np.random.default_rng(recipe.seed)
    try:
        for epoch, first_step in enumerate(range(0, total_steps, steps_per_epoch)):
            order = shuffler.permutation(len(train)).astype(np.int32)
            if epoch < len(history.loss):  # done before the interruption; drawn again for the epochs after it
                continue
            order = order[: (total_steps - first_step) * recipe.batch_size]
            losses = [run_steps(chunk, first_step + start) for start, chunk in _chunks(order, recipe.batch_size, epoch)]
            if not _all_finite(losses, model):
                history.diverged = True
                break
            with average.in_place() if average else nullcontext():
                train_scores = [_score(model, train)] if score_training else []
                score = _score(model, validation)
                if score > max(history.validation_accuracy, default=-1):
                    history.best_epoch, best_weights = epoch + 1, model.get_weights()
            history.loss.append(float(sum(losses)) / math.ceil(len(order) / recipe.batch_size))
            history.train_accuracy += train_scores
            history.validation_accuracy.append(score)
            history.measured += [measure(model, epoch + 1)] if measure else []
            if checkpoint:
                checkpoints.save(checkpoint, state, best_weights, recipe, data, history)
            if report:
                report(history.last_line())
    except KeyboardInterrupt:
        history.interrupted = True
        if report:
            report(_ended("interrupted", history))
    if history.diverged:
        best_weights = best_weights or start_weights
        if report:
            report(_ended("stopped", history))
    if best_weights:
        model.set_weights(best_weights)
    return history


def _ended(how: str, history: History) -> str:
    """Say that a training was interrupted or stopped, and which weights the model keeps."""
    return message(f"fit.{how}-best", epoch=history.best_epoch) if history.best_epoch else message(f"fit.{how}")


def _checked(split: Split, model: keras.Model) -> Split:
    """Return pictures and labels that the model can learn from, or say what is wrong with them."""
    images = as_training_inputs(split.images, model)
    return Split(images, as_labels(split.labels, count=len(images), classes=class_count(model)))


def _all_finite(losses: list, model: keras.Model) -> bool:
    return all(np.isfinite(values).all() for values in [*losses, *model.get_weights()])


def _chunks(order: np.ndarray, batch_size: int, epoch: int) -> Iterator[tuple[int, np.ndarray]]:
    """Cut an epoch's order of pictures into parts of whole batches, each with its first step; show progress."""
    steps = math.ceil(len(order) / batch_size)
    size = math.ceil(steps / CHUNKS_PER_EPOCH)
    with tqdm(
        total=steps, desc=f"epoch {epoch + 1}", unit="batch", leave=False, disable=not sys.stderr.isatty()
    ) as bar:
        for start in range(0, steps, size):
            yield start, order[start * batch_size : (start + size) * batch_size]
            bar.update(min(size, steps - start))


def _compile_steps(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    average: RunningAverage | None,
    train: Split,
    recipe: Recipe,
) -> Callable:
    """Return a function that trains on the pictures it is given by index and returns the sum of the losses.

    The pictures are arguments of its graph, because TensorFlow may keep a graph, with all that it captured, for good.
    """
    variables = model.trainable_variables
    specifications = [
        tf.TensorSpec([None, *train.images.shape[1:]], train.images.dtype),
        tf.TensorSpec([None], train.labels.dtype),
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([], tf.int32),
    ]

    @tf.function(input_signature=specifications)
    def run_steps(images, labels, order, first_step):
        total = 0.0
        for step in tf.range(tf.cast(tf.math.ceil(tf.size(order) / recipe.batch_size), tf.int32)):
            chosen = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            targets = _targets(tf.gather(labels, chosen), model.output_shape[-1], recipe)
            batch = _as_floats(tf.gather(images, chosen))
            batch, targets = augment(batch, targets, recipe, [recipe.seed, first_step + step])
            with tf.GradientTape() as tape:
                loss = _loss(targets, _logits(model, batch), variables, recipe)
            optimizer.apply(tape.gradient(loss, variables), variables)
            if average:
                average.follow(first_step + step)
            total += loss
        return total

    if isinstance(train.images, np.memmap):  # on disk, perhaps because memory is too small: fetched as they are needed
        return lambda order, first_step: run_steps(
            train.images[order], train.labels[order], np.arange(len(order), dtype=np.int32), first_step
        )
    return partial(run_steps, tf.constant(train.images), tf.constant(train.labels))


def _logits(model: keras.Model, batch):
    """Let the network see the batch in two halves, which TensorFlow computes side by side, forward and backward.

    Only where a picture's logits do not depend on its neighbors: batch normalization must see all of the batch, and
    would move its running statistics twice. The weights that it keeps for them tell, however deep inside the model.
    """
    if model.non_trainable_weights:
        return model(batch, training=True)
    count = tf.shape(batch)[0]
    # TensorFlow crashes on an empty half. Of a single picture both are that picture, and only the second one counts.
    halves = batch[: tf.maximum(count // 2, 1)], batch[count // 2 :]
    return tf.concat([model(half, training=True) for half in halves], axis=0)[-count:]


def _as_floats(images):
    return tf.cast(images, tf.float32) / 255 if images.dtype == tf.uint8 else images


def _targets(labels, classes: int, recipe: Recipe):
    """Return the shares of the classes that the network is to learn, shape (N, classes)."""
    return tf.one_hot(labels, classes) * (1 - recipe.label_smoothing) + recipe.label_smoothing / classes


def _loss(targets, logits, variables, recipe: Recipe):
    """Mean cross-entropy, plus the penalty on the kernels."""
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
    # Known by name: where nothing is shared, biases have several axes, too.
    kernels = [variable for variable in variables if variable.name.endswith("kernel")]
    if recipe.l2 and kernels:
        loss += recipe.l2 * tf.add_n([tf.reduce_sum(kernel**2) for kernel in kernels])
    return loss


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly from zero to ``peak`` and falls linearly back to zero.

    Parameters
    ----------
    peak : float
    total_steps : int
        The peak comes after a fifth of them.
    """

    def __init__(self, peak: float, total_steps: int) -> None:
        self.peak, self.total_steps = peak, total_steps

    def __call__(self, step):
        """Return the learning rate of a step, counted from 0."""
        done = tf.cast(step, tf.float32) / self.total_steps
        return self.peak * tf.minimum(done / WARM_UP, (1 - done) / (1 - WARM_UP))


def _optimizer(recipe: Recipe, total_steps: int) -> keras.optimizers.Optimizer:
    rates = {"constant": recipe.learning_rate, "one_cycle": OneCycle(recipe.learning_rate, total_steps)}
    optimizers = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW}
    if recipe.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rates[recipe.schedule], weight_decay=recipe.weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        return optimizer
    return optimizers[recipe.optimizer](rates[recipe.schedule])


def _score(model: keras.Model, split: Split) -> float:
    return accuracy(split.labels, predict_classes(model, split.images)).estimate
