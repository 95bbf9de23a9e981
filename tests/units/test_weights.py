import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest

from cnn_course import weights
from cnn_course.evaluation import predict_classes
from cnn_course.experiments.runs import lenet5_weights, smiley_weights
from cnn_course.models import lenet5
from cnn_course.recipes import LENET5_SHIPPED
from cnn_course.records import load_record
from cnn_course.weights import LENET5_SEEDS

CHAPTER_7 = Path(__file__).parents[2] / "chapters/en/07_keras_channels.ipynb"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the tests files of their own to damage."""
    shutil.copytree(weights.FOLDER, tmp_path / "weights")
    monkeypatch.setattr(weights, "FOLDER", tmp_path / "weights")
    return tmp_path / "weights"


@pytest.mark.parametrize("seed", LENET5_SEEDS)
def test_shipped_weights_are_what_their_recipe_gives(seed, folder):
    """Every bit: the shipped networks are the recipe's, and training repeats itself. Half a minute for each."""
    weights.lenet5_file(seed).unlink()
    run, recorded = lenet5_weights()[f"seed {seed}"](), load_record("lenet5-weights")["runs"][f"seed {seed}"]
    for key in ("sha256", "validation_accuracy", "test_correct"):
        assert run[key] == recorded[key]
    weights.load_lenet5(seed)  # from the file that the run has written


@pytest.mark.parametrize("seed", LENET5_SEEDS)
def test_shipped_untrained_weights_are_what_training_begins_with(seed, folder):
    weights.lenet5_file(seed, trained=False).unlink()
    key = f"seed {seed}, untrained"
    assert lenet5_weights()[key]() == {
        "dropout": (0.0, 0.0),
        "sha256": load_record("lenet5-weights")["runs"][key]["sha256"],
    }
    loaded, built = weights.load_lenet5(seed, trained=False), lenet5(**LENET5_SHIPPED.options, seed=seed)
    for saved, first in zip(loaded.get_weights(), built.get_weights(), strict=True):
        np.testing.assert_array_equal(saved, first)


def test_the_shipped_smiley_network_is_that_of_chapter_7(folder, monkeypatch):
    monkeypatch.setattr(weights, "SMILEY_FILE", folder / "smiley-channels.npz")
    weights.SMILEY_FILE.unlink()
    (run,) = smiley_weights().values()
    assert run()["sha256"] == load_record("smiley-weights")["runs"][weights.SMILEY_RUN]["sha256"]
    cells = nbformat.read(CHAPTER_7, as_version=4).cells
    (source,) = [cell.source for cell in cells if "conv2.bias.assign" in cell.source]
    names = {}
    exec(source.partition("\nmaps = ")[0], names)
    for shipped, shown in zip(weights.load_smiley_channels().weights, names["model"].weights, strict=True):
        np.testing.assert_array_equal(shipped, shown)


@pytest.mark.parametrize("seed", LENET5_SEEDS)
def test_loaded_networks_read_as_many_digits_as_recorded(mnist, seed):
    correct = np.sum(predict_classes(weights.load_lenet5(seed), mnist.test.images) == mnist.test.labels)
    recorded = load_record("lenet5-weights")["runs"][f"seed {seed}"]
    assert correct == recorded["test_correct"]


def test_an_unknown_seed_names_those_there_are():
    with pytest.raises(ValueError, match="no trained LeNet-5 of seed 3; there are 1, 2"):
        weights.load_lenet5(3)


def test_a_missing_file_is_named(folder):
    (folder / "lenet5-1.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"lenet5-1\.npz is missing. Reinstall"):
        weights.load_lenet5(1)


def damage(content):
    return content[:1000] + bytes([content[1000] ^ 1]) + content[1001:]


@pytest.mark.parametrize("change", [damage, lambda content: content[:-100], lambda content: b""])
def test_a_damaged_file_is_refused(folder, change):
    path = folder / "lenet5-1.npz"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=r"lenet5-1\.npz is damaged: .*Reinstall"):
        weights.load_lenet5(1)


def test_other_numbers_are_refused(folder):
    path = folder / "lenet5-1.npz"
    with np.load(path, allow_pickle=False) as archive:
        arrays = dict(archive)
    arrays["lenet5/conv1/bias"][0] += 1e-6
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match="is damaged: its numbers have changed"):
        weights.load_lenet5(1)
