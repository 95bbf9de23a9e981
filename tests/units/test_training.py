import gc
import math
import sys
import weakref
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from cnn_course import datasets, models, training
from cnn_course.datasets import Split
from cnn_course.training import OneCycle, Recipe, fit

CALM = Recipe("sgd", 0.07, batch_size=16, epochs=3)


@pytest.fixture(scope="module")
def train(mnist):
    return Split(mnist.train.images[:320], mnist.train.labels[:320])


@pytest.fixture(scope="module")
def validation(mnist):
    return Split(mnist.validation.images[:100], mnist.validation.labels[:100])


@pytest.fixture
def scores(monkeypatch):
    """Let a test write the validation accuracies itself; an entry may also be an error to raise.

    Gives the list of the models' weights when they were scored.
    """

    def script(*values):
        seen, values = [], iter(values)

        def score(model, _):
            seen.append(model.get_weights())
            value = next(values)
            if isinstance(value, type):
                raise value
            return value

        monkeypatch.setattr(training, "_score", score)
        return seen

    return script


def assert_equal_weights(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def differ(found, expected):
    return any(not np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


# The same numbers as Keras.


def train_by_keras(model, split, recipe, rates):
    """Train for one epoch with Keras' own ``train_on_batch`` on the same pictures in the same order."""
    optimizer = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    for layer in model.layers:
        if recipe.l2 and hasattr(layer, "kernel"):
            layer.kernel.regularizer = keras.regularizers.L2(recipe.l2)
    model.compile(
        optimizer[recipe.optimizer](rates[0]),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing),
    )
    order = np.random.default_rng(recipe.seed).permutation(len(split))
    losses = []
    for step, rate in enumerate(rates):
        chosen = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        losses.append(model.train_on_batch(split.images[chosen], np.eye(10, dtype=np.float32)[split.labels[chosen]]))
    return np.mean(losses)


def constant(rate, steps):
    return [rate] * steps


def up_and_down(peak, steps):
    return np.interp(np.arange(steps), [0, steps / 5, steps], [0, peak, 0])


@pytest.mark.parametrize(
    ("recipe", "count", "rates"),
    [
        (Recipe("sgd", 0.07, 16, 1), 320, constant(0.07, 20)),
        (Recipe("sgd", 0.07, 16, 1, l2=0.01), 320, constant(0.07, 20)),
        (Recipe("sgd", 0.07, 16, 1, label_smoothing=0.1), 320, constant(0.07, 20)),
        (Recipe("sgd", 0.07, 16, 1, seed=1), 100, constant(0.07, 7)),  # the last batch holds four pictures
        (Recipe("sgd", 0.07, 500, 1), 320, constant(0.07, 1)),  # one batch, larger than the data
        (Recipe("sgd", 0.1, 16, 1, schedule="one_cycle"), 320, up_and_down(0.1, 20)),
        (Recipe("adam", 0.001, 16, 1), 320, constant(0.001, 20)),
    ],
    ids=["plain", "l2", "label-smoothing", "partial-batch", "one-batch", "one-cycle", "adam"],
)
def test_fit_equals_a_plain_keras_loop(train, validation, recipe, count, rates):
    part = Split(train.images[:count], train.labels[:count])
    expected, model = models.lenet5(dropout=(0, 0)), models.lenet5(dropout=(0, 0))  # Keras draws other masks
    loss = train_by_keras(expected, part, recipe, rates)
    history = fit(model, part, validation, recipe, report=None)
    assert history.loss == [pytest.approx(loss, abs=1e-5)]
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_the_penalty_leaves_the_biases_of_unshared_kernels_alone(train, validation):
    """They have as many axes as a picture, and yet are no kernels."""
    part, recipe = Split(train.images[:48], train.labels[:48]), Recipe("sgd", 0.05, 16, 1, l2=0.1)
    expected, model = models.unshared_lenet5(), models.unshared_lenet5()
    loss = train_by_keras(expected, part, recipe, constant(0.05, 3))
    history = fit(model, part, validation, recipe, report=None)
    assert history.loss == [pytest.approx(loss, rel=1e-6)]
    biases = [model.get_layer("local1").bias.numpy(), expected.get_layer("local1").bias.numpy()]
    assert np.abs(biases[1]).max() > 1e-4
    np.testing.assert_allclose(*biases, rtol=0, atol=1e-6)


# Two halves of a batch.


def gradients_by_keras(model, images, labels):
    with tf.GradientTape() as tape:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, model(images, training=True))
    return tape.gradient(loss, model.trainable_variables)


@pytest.mark.parametrize("count", [32, 7, 3, 2, 1])
def test_one_step_follows_the_gradient_of_the_whole_batch(train, validation, count):
    """With plain gradient descent at rate 1 the step is the gradient."""
    part = Split(train.images[:count], train.labels[:count])
    model = models.lenet5(dropout=(0, 0))
    before, expected = model.get_weights(), gradients_by_keras(model, part.images, part.labels)
    fit(model, part, validation, Recipe("sgd", 1.0, count, steps=1), report=None)
    for one, other, gradient in zip(before, model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(one - other, gradient, rtol=0, atol=1e-6)


@pytest.mark.parametrize("count", [32, 7, 1])
def test_dropout_draws_for_each_half(count):
    """All pictures are the same, so that only their masks can tell them apart."""
    model = keras.Sequential([keras.Input((1000,)), keras.layers.Dropout(0.5, seed=1)])
    seen = tf.function(training._logits)(model, tf.ones((count, 1000))).numpy()
    assert seen.shape == (count, 1000)
    assert len(np.unique(seen, axis=0)) == count
    np.testing.assert_allclose((seen == 0).mean(axis=1), 0.5, atol=0.1)


def normalizing(kind):
    """A network with batch normalization between its layers, inside a model inside it, or inside another layer."""
    norm = keras.layers.BatchNormalization(momentum=0.5)
    if kind == "nested":
        norm = keras.Sequential([keras.Sequential([norm])])
    if kind == "wrapped":
        norm = keras.layers.TimeDistributed(norm)
    dense = keras.layers.Dense(10, kernel_initializer=keras.initializers.GlorotUniform(seed=1))
    conv = keras.layers.Conv2D(4, 5, strides=2, kernel_initializer=keras.initializers.GlorotUniform(seed=0))
    return keras.Sequential([keras.Input((28, 28, 1)), conv, norm, keras.layers.Flatten(), dense])


@pytest.mark.parametrize("kind", ["plain", "nested", "wrapped"])
@pytest.mark.parametrize("count", [96, 95])
def test_batch_normalization_sees_the_whole_batch(train, validation, kind, count):
    part, recipe = Split(train.images[:count], train.labels[:count]), Recipe("sgd", 0.07, 32, 1)
    model, expected = normalizing(kind), normalizing(kind)
    fit(model, part, validation, recipe, report=None)
    train_by_keras(expected, part, recipe, constant(0.07, 3))
    assert len(model.get_weights()) == 8  # moving mean and variance among them
    for one, other in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("count", "expected"), [(32, [16, 16]), (7, [3, 4]), (2, [1, 1])])
def test_the_halves_are_the_batch(train, count, expected):
    seen, pictures = [], train.images[:count]

    class Watched(keras.Sequential):
        def call(self, half, **settings):
            seen.append(half)
            return super().call(half, **settings)

    model = Watched([keras.layers.Flatten()])
    np.testing.assert_array_equal(training._logits(model, tf.constant(pictures)), pictures.reshape(count, -1))
    assert [len(half) for half in seen] == expected
    np.testing.assert_array_equal(np.concatenate(seen), pictures)


def test_the_same_recipe_gives_the_same_bits(train, validation):
    distortion = {"shift": 2, "rotation": 5, "zoom": 0.1}
    recipe = Recipe("adam", 0.003, 64, 2, schedule="one_cycle", l2=1e-6, label_smoothing=0.1, **distortion)
    first, second = models.lenet5(), models.lenet5()
    assert fit(first, train, validation, recipe, report=None) == fit(second, train, validation, recipe, report=None)
    assert_equal_weights(first.get_weights(), second.get_weights())


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"shift": 1},
        {"rotation": 5},
        {"zoom": 0.1},
        {"l2": 0.1},
        {"label_smoothing": 0.1},
        {"flip": True},
        {"brightness": 0.2},
        {"contrast": 0.2},
        {"mixup": 0.2},
    ],
)
def test_every_part_of_a_recipe_counts(train, validation, change):
    plain, changed = models.mlp(), models.mlp()
    fit(plain, train, validation, Recipe("sgd", 0.07, 32, 1), report=None)
    fit(changed, train, validation, Recipe("sgd", 0.07, 32, 1, **change), report=None)
    assert differ(plain.get_weights(), changed.get_weights())


def test_what_comes_in_from_outside_counts(train, validation):
    zeros, mirrored = models.mlp(), models.mlp()
    fit(zeros, train, validation, Recipe("sgd", 0.07, 32, 1, shift=4), report=None)
    fit(mirrored, train, validation, Recipe("sgd", 0.07, 32, 1, shift=4, fill="reflect"), report=None)
    assert differ(zeros.get_weights(), mirrored.get_weights())


def test_a_recipe_that_sets_all_gives_the_same_bits(train, validation):
    light = {"flip": True, "brightness": 0.2, "contrast": 0.2, "mixup": 0.2, "fill": "reflect", "shift": 2}
    recipe = Recipe("adamw", 0.003, 64, 2, schedule="one_cycle", weight_decay=0.05, **light)
    first, second = models.lenet5(), models.lenet5()
    assert fit(first, train, validation, recipe, report=None) == fit(second, train, validation, recipe, report=None)
    assert_equal_weights(first.get_weights(), second.get_weights())


def test_weight_decay_shrinks_kernels_only(train, validation):
    plain, decayed = models.lenet5(dropout=(0, 0)), models.lenet5(dropout=(0, 0))
    one_step = {"learning_rate": 1e-3, "batch_size": 32, "steps": 1}
    fit(plain, train, validation, Recipe("adam", **one_step), report=None)
    start = models.lenet5(dropout=(0, 0)).get_weights()
    fit(decayed, train, validation, Recipe("adamw", weight_decay=0.5, **one_step), report=None)
    for first, one, other in zip(start, plain.get_weights(), decayed.get_weights(), strict=True):
        shrunk = one - 1e-3 * 0.5 * first if first.ndim > 1 else one
        np.testing.assert_allclose(other, shrunk, rtol=0, atol=1e-7)


def test_bytes_are_shares_of_255(train, validation):
    """The graph multiplies by 1 / 255, which differs from NumPy's quotient in a pixel's last bit."""
    pictures, labels = np.round(train.images * 255).astype(np.uint8), train.labels
    shares = pictures * np.float32(1 / 255)
    np.testing.assert_allclose(shares, train.images, rtol=2e-7)
    numbers, pixels = models.lenet5(), models.lenet5()
    expected = fit(numbers, Split(shares, labels), validation, CALM, report=None)
    assert fit(pixels, Split(pictures, labels), validation, CALM, report=None) == expected
    assert_equal_weights(pixels.get_weights(), numbers.get_weights())


@pytest.mark.parametrize("change", [{}, {"shift": 1.0, "flip": True, "mixup": 0.2}])
def test_pictures_on_disk_give_the_same_bits(train, validation, tmp_path, change):
    pictures = np.round(train.images * 255).astype(np.uint8)
    pictures.tofile(tmp_path / "pictures")
    on_disk = np.memmap(tmp_path / "pictures", np.uint8, "r", shape=pictures.shape)
    recipe = replace(CALM, batch_size=7, **change)  # 46 batches, the last one smaller
    first, second = models.lenet5(), models.lenet5()
    fit(first, Split(pictures, train.labels), validation, recipe, report=None)
    fit(second, Split(on_disk, train.labels), validation, recipe, report=None)
    assert_equal_weights(first.get_weights(), second.get_weights())


def test_photographs_of_a_folder_train_as_those_read_ahead(write_photos, tmp_path, monkeypatch):
    folder = write_photos(pets=8) / "pets"
    loaded, opened = datasets.load_photos(folder, 16), datasets.open_photos(folder, 16)
    recipe, asked = Recipe("sgd", 0.01, batch_size=3, epochs=2), []
    monkeypatch.setattr(training, "BYTES_AT_ONCE", 2 * 3 * 16 * 16 * 3)
    monkeypatch.setattr(training, "CHUNKS_PER_EPOCH", 1)
    found = []
    get = type(opened.images).__getitem__
    monkeypatch.setattr(type(opened.images), "__getitem__", lambda self, at: asked.append(np.size(at)) or get(self, at))
    for part in (loaded, opened):
        model = models.cats_dogs(16)
        history = fit(model, part, part, recipe, report=None, checkpoint=tmp_path / f"{len(found)}.npz")
        found.append((history, model.get_weights()))
    assert found[0][0] == found[1][0]
    assert_equal_weights(found[0][1], found[1][1])
    assert max(asked) == 16  # to score; to learn from, two batches at a time
    assert asked.count(6) == 4


def test_each_epoch_has_an_order_of_its_own(train, monkeypatch):
    orders = []
    chunks = training._chunks
    monkeypatch.setattr(training, "_chunks", lambda order, *rest: orders.append(order) or chunks(order, *rest))
    fit(models.mlp(), train, train, CALM, report=None)
    assert all(sorted(order) == list(range(320)) for order in orders)
    assert not np.array_equal(orders[0], orders[1])


def test_shifts_are_drawn_anew_in_every_step(train, monkeypatch):
    first_steps = []
    compile_steps = training._compile_steps

    def spy(*arguments):
        run_steps = compile_steps(*arguments)
        return lambda chunk, step: first_steps.append((step, len(chunk))) or run_steps(chunk, step)

    monkeypatch.setattr(training, "_compile_steps", spy)
    fit(models.mlp(), train, train, CALM, report=None)
    steps = [step + offset for step, pictures in first_steps for offset in range(pictures // CALM.batch_size)]
    assert steps == list(range(60))  # each seeds its own shifts


@pytest.mark.parametrize(("count", "batch_size"), [(320, 16), (100, 16), (5, 16), (33, 3), (1, 1)])
def test_chunks_hold_every_picture_once_in_whole_batches(count, batch_size):
    order = np.random.default_rng(0).permutation(count)
    chunks = list(training._chunks(order, batch_size, epoch=0, most=count))
    np.testing.assert_array_equal(np.concatenate([chunk for _, chunk in chunks]), order)
    done = np.cumsum([0, *(len(chunk) for _, chunk in chunks)])
    assert [start * batch_size for start, _ in chunks] == done[:-1].tolist()


def test_it_learns(mnist):
    model, part = models.lenet5(), Split(mnist.train.images[:2000], mnist.train.labels[:2000])
    held_out = Split(mnist.validation.images[:1000], mnist.validation.labels[:1000])
    history = fit(model, part, held_out, Recipe("adam", 0.003, 32, 3), report=None)
    assert history.loss[0] > history.loss[1] > history.loss[2]
    assert max(history.validation_accuracy) > 0.85


# The best epoch.


def test_the_best_epoch_is_kept(train, validation, scores):
    seen, model = scores(0.5, 0.9, 0.7), models.mlp()
    history = fit(model, train, validation, CALM, report=None)
    assert history.best_epoch == 2
    assert_equal_weights(model.get_weights(), seen[1])
    assert differ(seen[1], seen[2])


def test_of_equal_epochs_the_first_is_kept(train, validation, scores):
    scores(0.5, 0.9, 0.9)
    assert fit(models.mlp(), train, validation, CALM, report=None).best_epoch == 2


def test_training_scores_are_of_the_training_pictures(train, validation):
    history = fit(models.mlp(), train, validation, CALM, score_training=True, report=None)
    assert len(history.loss) == len(history.train_accuracy) == len(history.validation_accuracy) == 3
    assert all(score * 320 == round(score * 320) for score in history.train_accuracy)


# Ctrl-C.


def test_interrupted_later_it_keeps_the_best_epoch(train, validation, scores):
    seen, model = scores(0.9, 0.5, KeyboardInterrupt), models.mlp()
    lines = []
    history = fit(model, train, validation, CALM, report=lines.append)
    assert history.interrupted
    assert (len(history.loss), history.validation_accuracy, history.best_epoch) == (2, [0.9, 0.5], 1)
    assert_equal_weights(model.get_weights(), seen[0])
    anew = "To train anew, make the network again first."
    assert lines[-1] == f"Interrupted: the model keeps the weights of epoch 1. {anew}"


@pytest.mark.parametrize("score_training", [True, False])
def test_interrupted_in_the_first_epoch_it_keeps_the_current_weights(train, validation, scores, score_training):
    seen, model = scores(*[0.5] * score_training, KeyboardInterrupt), models.mlp()
    lines = []
    history = fit(model, train, validation, CALM, score_training=score_training, report=lines.append)
    assert history == training.History(interrupted=True)
    assert_equal_weights(model.get_weights(), seen[0])
    assert differ(model.get_weights(), models.mlp().get_weights())
    anew = "To train anew, make the network again first."
    assert lines == [f"Interrupted: the model keeps its current weights. {anew}"]


def test_interrupted_between_batches_the_model_is_usable(train, validation, monkeypatch):
    chunks = training._chunks

    def impatient(order, batch_size, epoch, most):
        for number, chunk in enumerate(chunks(order, batch_size, epoch, most)):
            if (epoch, number) == (1, 3):
                raise KeyboardInterrupt
            yield chunk

    monkeypatch.setattr(training, "_chunks", impatient)
    model = models.mlp()
    history = fit(model, train, validation, CALM, report=None)
    assert (history.interrupted, len(history.loss), history.best_epoch) == (True, 1, 1)
    assert training._score(model, validation) == history.validation_accuracy[0]
    monkeypatch.undo()
    assert not fit(model, train, validation, CALM, report=None).interrupted


# Running averages, and what is measured.


def test_averaging_changes_what_is_kept_and_not_how_it_is_trained(train, validation, scores):
    """One step an epoch, so that the weights measured after each epoch are all there are to average."""
    recipe = Recipe("adam", 0.01, batch_size=320, epochs=6)
    own, kept, model = [], [], models.mlp()
    start = model.get_weights()
    fit(models.mlp(), train, validation, recipe, report=None, measure=lambda net, _: kept.append(net.get_weights()))
    scores(0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
    averaged = replace(recipe, average=0.5)
    fit(model, train, validation, averaged, report=None, measure=lambda net, _: own.append(net.get_weights()))
    for one, other in zip(own, kept, strict=True):
        assert_equal_weights(one, other)
    expected = start
    for step, weights in enumerate(own):
        share = min(0.5, (1 + step) / (10 + step))
        expected = [share * mean + (1 - share) * weight for mean, weight in zip(expected, weights, strict=True)]
    for one, other in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)


def test_what_is_measured_is_kept_epoch_by_epoch(train, validation):
    history = fit(models.mlp(), train, validation, CALM, report=None, measure=lambda model, epoch: [model.name, epoch])
    assert history.measured == [["mlp", 1], ["mlp", 2], ["mlp", 3]]
    assert fit(models.mlp(), train, validation, CALM, report=None).measured == []


# Checkpoints.

THOROUGH = Recipe(
    "adam", 0.003, batch_size=16, steps=50, schedule="one_cycle", shift=1.0, label_smoothing=0.1, average=0.9
)


def test_resumed_training_ends_with_the_same_bits(train, validation, monkeypatch, tmp_path):
    path, whole, model = tmp_path / "state.npz", models.lenet5(), models.lenet5()  # LeNet-5 has dropout
    expected = fit(whole, train, validation, THOROUGH, report=None)
    chunks = training._chunks

    def impatient(order, batch_size, epoch, most):
        if epoch == 2:
            raise KeyboardInterrupt
        return chunks(order, batch_size, epoch, most)

    monkeypatch.setattr(training, "_chunks", impatient)
    assert fit(model, train, validation, THOROUGH, report=None, checkpoint=path).interrupted
    monkeypatch.undo()
    model = models.lenet5(seed=1)  # as after a restart; even its weights come from the file
    assert fit(model, train, validation, THOROUGH, report=None, checkpoint=path) == expected
    assert_equal_weights(model.get_weights(), whole.get_weights())
    assert [file.name for file in tmp_path.iterdir()] == ["state.npz"]


def test_a_finished_checkpoint_gives_the_result_at_once(train, validation, scores, tmp_path):
    seen = scores(0.5, 0.75, 0.25)
    fit(models.mlp(), train, validation, CALM, report=None, checkpoint=tmp_path / "state.npz")
    model = models.mlp(seed=1)
    history = fit(model, train, validation, CALM, report=None, checkpoint=tmp_path / "state.npz")
    assert (history.validation_accuracy, history.best_epoch) == ([0.5, 0.75, 0.25], 2)
    assert_equal_weights(model.get_weights(), seen[1])


@pytest.mark.parametrize(
    ("build", "recipe", "message"),
    [
        (models.mlp, replace(CALM, learning_rate=0.05), "was written by another recipe"),
        (models.lenet5, CALM, "was written for another model"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(train, validation, tmp_path, build, recipe, message):
    path = tmp_path / "state.npz"
    fit(models.mlp(), train, validation, CALM, report=None, checkpoint=path)
    with pytest.raises(ValueError, match=f"{message}. Delete state.npz"):
        fit(build(), train, validation, recipe, report=None, checkpoint=path)


@pytest.mark.parametrize("part", ["train", "validation"])
@pytest.mark.parametrize("change", ["a pixel", "a label", "fewer"])
def test_a_checkpoint_knows_its_data(train, validation, tmp_path, part, change):
    fit(models.mlp(), train, validation, CALM, report=None, checkpoint=tmp_path / "state.npz")
    splits = {"train": train, "validation": validation}
    images, labels = splits[part].images.copy(), splits[part].labels.copy()
    if change == "a pixel":
        images[-1, 3, 4, 0] = 0.77
    elif change == "a label":
        labels[-1] = (labels[-1] + 1) % 10
    else:
        images, labels = images[:-1], labels[:-1]
    splits[part] = Split(images, labels)
    with pytest.raises(ValueError, match="was written from other pictures or labels"):
        fit(models.mlp(), **splits, recipe=CALM, report=None, checkpoint=tmp_path / "state.npz")


def test_a_damaged_checkpoint_is_refused(train, validation, tmp_path):
    path = tmp_path / "state.npz"
    fit(models.mlp(), train, validation, CALM, report=None, checkpoint=path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="is no checkpoint, or a damaged one"):
        fit(models.mlp(), train, validation, CALM, report=None, checkpoint=path)


# So many steps instead of epochs.


def test_steps_end_within_an_epoch(train, validation):
    lines = []
    history = fit(models.mlp(), train, validation, replace(CALM, epochs=None, steps=45), report=lines.append)
    assert len(history.loss) == len(history.validation_accuracy) == len(lines) == 3  # 20, 20 and 5 batches


def test_steps_that_fill_the_epochs_are_the_same_training(train, validation):
    by_epochs, by_steps = models.mlp(), models.mlp()
    expected = fit(by_epochs, train, validation, CALM, report=None)
    assert fit(by_steps, train, validation, replace(CALM, epochs=None, steps=60), report=None) == expected
    assert_equal_weights(by_steps.get_weights(), by_epochs.get_weights())


# Memory.


def test_a_finished_training_keeps_no_copy_of_its_pictures(train, validation, monkeypatch):
    copies, constant = [], training.tf.constant

    def watched(value, *arguments, **settings):
        tensor = constant(value, *arguments, **settings)
        if value is train.images:
            copies.append(weakref.ref(tensor))
        return tensor

    monkeypatch.setattr(training.tf, "constant", watched)
    fit(models.mlp(), train, validation, replace(CALM, epochs=1), report=None)
    gc.collect()
    assert [copy() for copy in copies] == [None]


# What it says.


def test_one_line_per_epoch(train, validation, scores):
    scores(0.25, 0.5, 0.1234)
    lines = []
    history = fit(models.mlp(), train, validation, CALM, report=lines.append)
    expected = [
        f"epoch {epoch:2d}  loss {loss:.4f}  valid. {score}"
        for epoch, loss, score in zip((1, 2, 3), history.loss, ("25.00%", "50.00%", "12.34%"), strict=True)
    ]
    assert lines == expected


def test_line_with_the_training_score():
    history = training.History(loss=[0.5], train_accuracy=[0.975], validation_accuracy=[0.9])
    assert history.last_line() == "epoch  1  loss 0.5000  train 97.50%  valid. 90.00%"


def test_lines_go_to_stdout_and_nothing_to_stderr(train, validation, capfd):
    fit(models.mlp(), train, validation, CALM)
    captured = capfd.readouterr()
    assert captured.out.count("\n") == 3
    assert captured.err == ""


def test_progress_is_drawn_on_a_terminal_only(train, validation, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    fit(models.mlp(), train, validation, CALM, report=None)
    captured = capsys.readouterr()
    assert "epoch 1" in captured.err
    assert captured.out == ""


# Numbers that are no longer finite.


class Exploding(keras.layers.Layer):
    """Gives infinity from a number of batches on, as a training does whose rate is too large."""

    def __init__(self, batches):
        super().__init__()
        start = keras.initializers.Constant(batches)
        self.left = self.add_weight(shape=(), dtype="int32", initializer=start, trainable=False)

    def call(self, values, training=False):
        if training:
            self.left.assign_sub(1)
        return tf.where(tf.logical_and(training, self.left < 0), np.inf, 1.0) * values


def exploding(batches):
    head = [keras.layers.Dense(10, kernel_initializer=keras.initializers.GlorotUniform(1))]
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), *head, Exploding(batches)])


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_a_training_that_diverges_stops_and_keeps_the_best_epoch(train, validation, epochs):
    steps = math.ceil(len(train) / CALM.batch_size)
    model, said = exploding(epochs * steps + 1), []
    before = model.get_weights()
    history = fit(model, train, validation, replace(CALM, epochs=5), report=said.append)
    assert history.diverged and len(history.loss) == epochs
    assert all(np.isfinite(weights).all() for weights in model.get_weights())
    assert said[-1].startswith("Stopped: the loss or a weight is no finite number; the model keeps")
    if epochs == 0:
        assert_equal_weights(model.get_weights(), before)
        assert "the weights it began with" in said[-1]


def test_a_rate_that_is_far_too_large_ends_early(train, validation):
    model = models.lenet5()
    history = fit(model, train, validation, Recipe("sgd", 1e20, 32, 3), report=None)
    assert history.diverged and history.loss == []
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


# What is refused.


@pytest.mark.parametrize("empty", ["train", "validation"])
def test_empty_splits(train, empty):
    nothing = Split(train.images[:0], train.labels[:0])
    splits = {"train": train, "validation": train} | {empty: nothing}
    with pytest.raises(ValueError, match=f"got {len(splits['train'])} to train and {len(splits['validation'])} to"):
        fit(models.mlp(), **splits, recipe=CALM)


# The schedule.


@pytest.mark.parametrize(("step", "expected"), [(0, 0), (10, 0.15), (20, 0.3), (60, 0.15), (100, 0)])
def test_one_cycle(step, expected):
    assert float(OneCycle(peak=0.3, total_steps=100)(step)) == pytest.approx(expected, abs=1e-7)
