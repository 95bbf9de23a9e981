import json
import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from cnn_course import models, recipes, records, weights
from cnn_course.datasets import choose_evenly, load_drawings
from cnn_course.evaluation import accuracy
from cnn_course.experiments import __main__ as experiments
from cnn_course.experiments import shared, transfer
from cnn_course.recipes import LITE0_FINE_TUNING, LITE0_READ, REUSED, REUSED_DRAWINGS, Recipe
from cnn_course.records import load_record
from tools import convert_efficientnet


@pytest.fixture
def photos(write_photos):
    """Write 12 pictures to train on, 8 to validate on and 8 to test on: cats are bright, dogs are dark."""
    return write_photos(train=6, validation=4, test=4)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Make the long runs short, and keep records out of the package."""
    (tmp_path / "kept").mkdir()
    monkeypatch.setattr(records, "RECORDS", tmp_path / "kept")
    monkeypatch.setattr(transfer, "LITE0_SIZE", 32)
    monkeypatch.setattr(transfer, "LITE0_READ", (4, 12))
    monkeypatch.setattr(transfer, "LITE0_FINE_TUNING", replace(LITE0_FINE_TUNING, batch_size=6, epochs=1))


@pytest.fixture
def pretrained(photos, monkeypatch):
    """Save a network of random numbers as if it had seen ImageNet."""
    model = models.efficientnet_lite0(32, seed=1)
    weights.save(model, photos / transfer.WEIGHTS_FILE)
    monkeypatch.setattr(transfer, "WEIGHTS_SHA256", weights.sha256(model.get_weights()))
    return model


def command(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["experiments", *map(str, arguments)])
    experiments.main()


def test_photographs_are_read_out_and_fine_tuned_and_the_test_is_scored_once_a_network(
    photos, small, pretrained, monkeypatch
):
    scored = []
    for module in (transfer, shared):  # read out, fine-tuned
        monkeypatch.setattr(module, "accuracy", lambda *arguments: scored.append(arguments) or accuracy(*arguments))
    command(monkeypatch, "cats-dogs-transfer", "--photos", photos)
    runs = load_record("cats-dogs-transfer")["runs"]
    assert list(runs) == ["read out", "fine-tuned"]
    assert {count: len(correct) for count, correct in runs["read out"]["test_correct"].items()} == {"4": 5, "12": 1}
    assert runs["fine-tuned"]["photographs"] == runs["read out"]["photographs"] == [12, 8, 8]
    assert runs["fine-tuned"]["recipe"]["epochs"] == 1
    assert len(scored) == 5 + 1 + 1


def test_only_the_last_blocks_are_trained(photos, small, pretrained, monkeypatch):
    seen = []
    fit = transfer.fit
    monkeypatch.setattr(transfer, "fit", lambda model, *rest, **more: seen.append(model) or fit(model, *rest, **more))
    transfer.cats_dogs_transfer(photos)["fine-tuned"]()
    [model] = seen
    assert {layer.name.split("_")[0] for layer in model.layers if layer.trainable_weights} == {
        *(f"block{number}" for number in range(11, 16)),
        "head",
        "logits",
    }
    for layer in model.layers:
        if layer.weights and not layer.trainable_weights:
            for kept, before in zip(layer.get_weights(), pretrained.get_layer(layer.name).get_weights(), strict=True):
                np.testing.assert_array_equal(kept, before, err_msg=layer.name)


def test_missing_and_damaged_weights_are_one_clear_line(photos, small, monkeypatch):
    for content, said in (
        (None, r"There is no file .*efficientnet_lite0\.npz.*convert_efficientnet\.py"),
        (b"no arrays", "cannot be read"),
    ):
        if content:
            (photos / transfer.WEIGHTS_FILE).write_bytes(content)
        with pytest.raises(SystemExit, match=said):
            command(monkeypatch, "cats-dogs-transfer", "--photos", photos)
    weights.save(models.efficientnet_lite0(32, seed=2), photos / transfer.WEIGHTS_FILE)
    with pytest.raises(SystemExit, match="holds other numbers"):
        command(monkeypatch, "cats-dogs-transfer", "--photos", photos)


def test_the_photo_network_goes_on_with_drawings_and_keeps_its_statistics(monkeypatch):
    short = replace(REUSED["fine-tuned"], epochs=1)
    monkeypatch.setattr(transfer, "REUSED", dict.fromkeys(REUSED, short))
    monkeypatch.setattr(transfer, "REUSED_EPOCH", 128)  # four steps: the first two move the answers only
    pool = load_drawings(12, 64)
    seen, fit = [], transfer.fit
    monkeypatch.setattr(
        transfer, "fit", lambda model, train, *rest: seen.append((model, train)) or fit(model, train, *rest)
    )
    chosen = choose_evenly(pool.labels, 4, seed=1)
    run = transfer._train_few("fine-tuned", chosen, pool, pool, pool)
    transfer._train_few("from scratch", chosen, pool, pool, pool)
    assert json.loads(json.dumps(run)) == run
    (tuned, train), (scratch, _) = seen
    assert len(train.labels) == 128
    assert len(np.unique(train.images, axis=0)) == 4
    shipped = weights.load_photo_net()
    for name, trainable in (("stem_norm", False), ("stem", True)):
        assert tuned.get_layer(name).trainable is trainable
        same = np.array_equal(tuned.get_layer(name).get_weights()[0], shipped.get_layer(name).get_weights()[0])
        assert same is not trainable
    assert all(layer.momentum == 0.9 for layer in transfer._normalizations(scratch))


def test_taken_over_is_everything_but_the_answers():
    trained, model = models.photo_net(32, seed=1), models.photo_net(16, seed=2)
    transfer._take_over(model, trained)
    for ours, theirs in zip(model.get_weights()[:-2], trained.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not any(np.any(values) for values in model.get_layer("logits").get_weights())
    assert not any(layer.trainable for layer in transfer._normalizations(model))


# The network and its converted weights.


def test_efficientnet_lite0():
    model = models.efficientnet_lite0(32, classes=2)
    assert model(np.zeros((1, 32, 32, 3), np.float32)).shape == (1, 2)
    assert model.get_layer("means").output.shape == (None, 1280)
    blocks = [layer for layer in model.layers if layer.name.endswith("_depthwise")]
    assert len(blocks) == 16
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == 9
    assert math.prod(model.get_layer("block15_narrow").output.shape[1:]) == 320  # five halvings: 1 x 1


def test_efficientnet_lite0_needs_room_for_five_halvings():
    with pytest.raises(ValueError, match="image_size must be at least 32, got 31"):
        models.efficientnet_lite0(31)


def test_every_variable_of_the_network_has_a_place_in_the_converted_file():
    """By PyTorch's names for the network, as the package that holds its weights has them."""
    norm, block = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"), {}
    for number in range(16):
        parts = [
            *([("_expand_conv", "_bn0")] if number else []),
            ("_depthwise_conv", "_bn1"),
            ("_project_conv", "_bn2"),
        ]
        block |= {f"_blocks.{number}.{conv}.weight": None for conv, _ in parts}
        block |= {f"_blocks.{number}.{each}.{name}": None for _, each in parts for name in norm}
    outer = {f"{each}.weight": None for each in ("_conv_stem", "_conv_head", "_fc")} | {"_fc.bias": None}
    outer |= {f"{each}.{name}": None for each in ("_bn0", "_bn1") for name in norm}
    named = [path for name in block | outer if (path := convert_efficientnet.keras_path(name))]
    assert sorted(named) == sorted(variable.path for variable in models.efficientnet_lite0(32).weights)


def test_a_converted_convolution_gives_what_the_original_gives():
    random = np.random.default_rng(0)
    image, original = random.normal(size=(5, 5, 3)), random.normal(size=(4, 3, 3, 3))  # outputs, inputs, rows, columns
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3), axis=(0, 1))  # rows, columns, inputs, 3, 3
    expected = np.einsum("yxcij,ocij->yxo", windows, original)
    kernel = convert_efficientnet.keras_layout("stem/kernel", original)
    found = keras.ops.conv(image[np.newaxis].astype("float32"), kernel.astype("float32"))
    np.testing.assert_allclose(found[0], expected, atol=1e-5)


# Drawing evenly.


@pytest.mark.parametrize(
    ("count", "labels"), [(3, [0, 1, 0, 1]), (6, [0, 1, 0, 1]), (0, [0, 1]), (2, []), (4, [0, 0, 0, 1])]
)
def test_what_cannot_be_drawn_evenly_is_refused(count, labels):
    with pytest.raises(ValueError, match="count must be a multiple of"):
        choose_evenly(labels, count, seed=0)


def test_drawing_evenly_draws_none_twice_and_other_seeds_draw_others():
    labels = np.random.default_rng(0).integers(0, 3, 90)
    first, again, other = (choose_evenly(labels, 30, seed) for seed in (1, 1, 2))
    assert len(set(first)) == 30
    assert np.bincount(labels[first]).tolist() == [10, 10, 10]
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


# What is recorded.


def test_transfer_was_recorded_with_the_recipe_of_the_package():
    runs = load_record("cats-dogs-transfer")["runs"]
    assert list(runs["read out"]["test_correct"]) == [str(count) for count in LITE0_READ]
    assert {key: Recipe(**run["recipe"]) for key, run in runs.items() if "recipe" in run} == {
        key: LITE0_FINE_TUNING for key in runs if key != "read out"
    }
    for run in runs.values():
        assert run["photographs"] == [2000, 1000, 1000]
        assert run["image_size"] == recipes.LITE0_SIZE


def test_drawings_were_learned_with_the_recipes_of_the_package_from_the_network_that_ships():
    runs = load_record("cats-dogs-reused")["runs"]
    assert set(runs) == {
        f"{name}, {count:,} drawings, draw {draw}"
        for name in REUSED
        for count in REUSED_DRAWINGS
        for draw in transfer.REUSED_DRAWS
    }
    for key, run in runs.items():
        assert Recipe(**run["recipe"]) == REUSED[key.split(",")[0]]
        assert run["photo_net"] == weights.sha256(weights.load_photo_net().get_weights())
