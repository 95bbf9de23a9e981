import json
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from book import networks
from book.sources import BookError
from cnn_course import explorer, models
from cnn_course.evaluation import predict_classes
from cnn_course.invariance import scramble
from cnn_course.weights import load_lenet5, sha256

ROOT = Path(__file__).parents[2]


@pytest.fixture
def build():
    """The scripts that the build of the site writes."""
    return networks.network_scripts(ROOT, "digit")


def test_the_page_holds_the_network(tmp_path):
    model = load_lenet5(seed=2)
    page = explorer.save(model, tmp_path / "new folder" / "page.html")
    assert sha256(model.get_weights()) in page.read_text("utf-8")
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]


def test_the_page_asks_for_nothing_from_elsewhere(tmp_path):
    page = explorer.save(models.lenet5(), tmp_path / "page.html").read_text("utf-8")
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!\$)[^"']+|url\(|@import|https?://(?!www\.w3\.org)""", page)


def test_a_page_that_is_there_is_kept(tmp_path):
    first, second = (explorer.page(models.lenet5(seed=seed)) for seed in (1, 2))
    path = tmp_path / "page.html"
    for seed in (1, 1, 2, 1):  # the same network again needs no copy
        explorer.save(models.lenet5(seed=seed), path)
    found = {each.name: each.read_text("utf-8") for each in tmp_path.iterdir()}
    assert found == {"page.html": first, "page-1.html": first, "page-2.html": second}


def other_activation():
    model = models.lenet5()
    model.get_layer("conv3").activation = np.tanh
    return model


def diverged():
    model = models.lenet5()
    model.set_weights([np.full_like(values, np.nan) for values in model.get_weights()])
    return model


@pytest.mark.parametrize(
    ("build_model", "words"),
    [
        (models.mlp, r"mlp has other weights than LeNet-5: array 0 has the shape \(784, 56\), not \(5, 5, 1, 6\)"),
        (lambda: models.lenet5(pooling="none"), "other weights than LeNet-5: array 4"),
        (models.unshared_lenet5, "other weights"),
        (lambda: models.lenet5(pooling="average"), "weights of LeNet-5 but gives other answers"),
        (lambda: models.lenet5(pooling="stride"), "weights of LeNet-5 but gives other answers"),
        (other_activation, "an activation or a pooling is another"),
        (diverged, "its training diverged"),
        (lambda: "lenet5", "A Keras model is needed, got str"),
    ],
)
def test_other_models_are_refused_and_nothing_is_written(tmp_path, build_model, words):
    with pytest.raises(ValueError, match=words):
        explorer.save(build_model(), tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.html, got 'page\.keras'"):
        explorer.save(models.lenet5(), tmp_path / "page.keras")


def test_missing_scripts_are_named(tmp_path, monkeypatch):
    shutil.copytree(explorer.CLONE, tmp_path / "explorers")
    (tmp_path / "explorers" / "lenet5.js").unlink()
    monkeypatch.setattr(explorer, "INSTALLED", tmp_path / "explorers")
    with pytest.raises(FileNotFoundError, match=r"lenet5\.js is missing\. Reinstall"):
        explorer.save(models.lenet5(), tmp_path / "page.html")


def test_package_and_build_write_the_same_scripts(build):
    assert explorer.digits_script().encode() == build["digits.js"]
    for trained in (True, False):
        name = "lenet5-trained" if trained else "lenet5-untrained"
        assert explorer.network_script(name, load_lenet5(1, trained=trained)).encode() == build[f"{name}.js"]


def test_the_chosen_digits_are_what_they_are_said_to_be(mnist):
    chosen = json.loads((ROOT / networks.CHOSEN).read_text("utf-8"))
    labels = mnist.test.labels
    assert chosen["first"] == [np.flatnonzero(labels == digit)[0] for digit in range(10)]
    assert [labels[place] for place in chosen["misread"]] == list(range(10))
    answers = predict_classes(load_lenet5(1), mnist.test.images[chosen["misread"]])
    assert np.all(answers != np.arange(10))
    assert chosen["order"] == scramble(np.arange(784).reshape(1, 28, 28, 1)).ravel().tolist()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(arrays.arrays(st.sampled_from(["<f4", "|u1", "<i8"]), arrays.array_shapes(min_dims=0)))
def test_arrays_are_read_as_numpy_wrote_them(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("arrays") / "a.npz"
    np.savez_compressed(path, name=array)
    ((shape, dtype, content),) = networks.read_npz(path).values()
    np.testing.assert_array_equal(np.frombuffer(content, dtype).reshape(shape), array)


def other_number(path):
    with np.load(path, allow_pickle=False) as archive:
        found = dict(archive)
    found["lenet5/conv1/bias"][0] += 1e-6
    np.savez(path, **found)


def fortran_order(path):
    np.savez(path, a=np.asfortranarray(np.ones((2, 3), np.float32)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (other_number, "numbers are not those that were recorded"),
        (fortran_order, "in another order, or cut off"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "cannot be read"),
        (lambda path: zipfile.ZipFile(path, "w").writestr("a.npy", b"text"), "not an array that NumPy wrote"),
    ],
)
def test_the_build_refuses_weights_that_changed(tmp_path, damage, words):
    shutil.copytree(ROOT / networks.DATA / "weights", tmp_path / networks.DATA / "weights")
    shutil.copytree(ROOT / networks.DATA / "records", tmp_path / networks.DATA / "records")
    damage(tmp_path / networks.DATA / "weights" / "lenet5-1.npz")
    with pytest.raises(BookError, match=rf"lenet5-1\.npz: .*{words}"):
        networks.weights_script(tmp_path, "lenet5-trained")


def test_the_build_refuses_a_calibration_of_another_network(tmp_path):
    shutil.copytree(ROOT / networks.DATA, tmp_path / networks.DATA)
    path = tmp_path / networks.DATA / "records/cats-dogs-calibration.json"
    record = json.loads(path.read_text("utf-8"))
    record["runs"]["validation"]["sha256"] = "0" * 64
    path.write_text(json.dumps(record), "utf-8")
    with pytest.raises(BookError, match="of another network"):
        networks.photo_script(tmp_path)


def test_the_wheel_brings_the_scripts(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = zipfile.ZipFile(wheel).namelist()
    needed = [*explorer.STYLES, *explorer.SCRIPTS, "texts.yml", "digits.json"]
    assert {f"cnn_course/explorers/{name}" for name in needed} <= set(names)
