import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnn_course import models, recipes, records, training, weights
from cnn_course.classify import __main__ as classify
from cnn_course.classify import answers
from cnn_course.datasets import load_photos
from cnn_course.evaluation import probabilities
from cnn_course.experiments import __main__ as experiments
from cnn_course.experiments import photographs
from cnn_course.recipes import CATS_DOGS_SOURCE, CATS_DOGS_STEPS, PHOTO_NET, PHOTO_NET_FIRST, PHOTO_NET_SECOND, Recipe
from cnn_course.records import load_record
from cnn_course.training import fit

# Where photographs are for those who have them: CONTRIBUTING.md says so.
REAL = Path(os.environ.get("CNN_COURSE_PHOTOS", "no photographs"))


@pytest.fixture
def photos(write_photos):
    """Write 12 pictures to train on, 8 to validate and 4 to test on: cats are bright, dogs are dark."""
    return write_photos(train=6, validation=4, test=2)


@pytest.fixture
def small(monkeypatch):
    """Make the long runs short."""
    monkeypatch.setattr(photographs, "CATS_DOGS_SIZE", 16)
    monkeypatch.setattr(photographs, "CATS_DOGS_STEPS", (1, 5))
    monkeypatch.setattr(photographs, "CATS_DOGS_SOURCE", replace(CATS_DOGS_SOURCE, batch_size=5))
    for name in ("PHOTO_NET", "PHOTO_NET_FIRST", "PHOTO_NET_SECOND"):
        monkeypatch.setattr(photographs, name, replace(getattr(recipes, name), batch_size=4, epochs=2))
    monkeypatch.setattr(photographs, "PHOTO_NET_FIRST_SIZE", 16)
    short = [replace(recipe, batch_size=4, epochs=2) for recipe in recipes.PHOTO_NET_SWINGS]
    monkeypatch.setattr(photographs, "PHOTO_NET_SWINGS", short)
    monkeypatch.setattr(photographs, "LOOK_EVERY", 2)
    monkeypatch.setattr(photographs, "ONE_SIZE_SEEDS", (9000,))
    for module in (photographs, weights, answers):
        monkeypatch.setattr(module, "PHOTO_NET_SIZE", 16)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep records and weights out of the package."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(records, "RECORDS", folder)
    monkeypatch.setattr(weights, "PHOTO_NET_FILE", folder / "photo_net.npz")
    return folder


def command(monkeypatch, *arguments, program=experiments):
    monkeypatch.setattr("sys.argv", [program.__name__, *map(str, arguments)])
    program.main()


def test_the_source_is_trained_for_each_number_of_steps(photos, small, kept, monkeypatch):
    command(monkeypatch, "cats-dogs-source", "--photos", photos)
    runs = load_record("cats-dogs-source")["runs"]
    assert list(runs) == ["1 steps", "5 steps"]
    assert [run["recipe"]["steps"] for run in runs.values()] == [1, 5]
    assert [run["photographs"] for run in runs.values()] == [[12, 8], [12, 8]]
    assert [path.name for path in kept.iterdir()] == ["cats-dogs-source.json"]
    for run in runs.values():
        assert run["correct_at_the_end"] == run["validation_accuracy"][-1] * 8


def test_the_trained_network_judges_a_folder(photos, small, kept, monkeypatch, capsys):
    command(monkeypatch, "cats-dogs-photos", "--photos", photos)
    runs = load_record("cats-dogs-photos")["runs"]
    run, model = runs[weights.PHOTO_NET_RUN], weights.load_photo_net()
    assert list(runs) == ["one size, seed 9000", "two sizes, seed 9000"]
    assert weights.sha256(model.get_weights()) == run["sha256"]
    capsys.readouterr()
    command(monkeypatch, photos / "validation", program=classify)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"accuracy {run['correct_with_mirror'] / 8:.2%} (95% CI")
    assert [list(map(int, line.split()[1:])) for line in said[2:4]] == run["confusion_with_mirror"]
    assert said[-1] == "cat: 4, dog: 4, skipped: 0"
    assert len(said[4:-1]) == 8 - run["correct_with_mirror"]  # each mistake is named


def test_the_test_photographs_are_scored_once_a_network(photos, small, kept, monkeypatch):
    judged, judge = [], photographs._judge
    monkeypatch.setattr(
        photographs, "_judge", lambda model, part: judged.append((model.name, len(part))) or judge(model, part)
    )
    command(monkeypatch, "cats-dogs-photos", "--photos", photos)
    assert judged == [("photo_net", 8), ("photo_net", 4)] * 2
    for run in load_record("cats-dogs-photos")["runs"].values():
        assert run["test"]["count"] == 4
        assert run["test"]["correct_with_mirror"] == int(np.trace(run["test"]["confusion_with_mirror"]))


def test_weights_beside_their_average_are_scored_in_some_epochs(photos, small, kept, monkeypatch):
    command(monkeypatch, "cats-dogs-photos", "--photos", photos)
    measured = load_record("cats-dogs-photos")["runs"]["two sizes, seed 9000"]["measured"]
    assert measured[0] is None and 0 <= measured[1] <= 8


def test_a_swing_is_scored_in_four_ways(photos, small, kept, monkeypatch):
    command(monkeypatch, "cats-dogs-swing", "--photos", photos)
    runs = load_record("cats-dogs-swing")["runs"]
    assert list(runs) == ["rate 0.002", "rate 0.0002"]
    for run in runs.values():
        assert run["recipe"]["average"] and len(run["validation_accuracy"]) == 2
        assert [each.keys() for each in run["measured"]] == [{"running", "anew", "anew_augmented"}] * 2


def test_the_swing_was_recorded_by_the_recipes_of_the_package():
    runs = load_record("cats-dogs-swing")["runs"]
    assert [Recipe(**run["recipe"]) for run in runs.values()] == list(recipes.PHOTO_NET_SWINGS)
    for run in runs.values():
        assert len(run["measured"]) == len(run["validation_accuracy"]) == 24


def test_a_second_leg_goes_on_from_what_the_first_has_learned(photos, small, kept, monkeypatch):
    starts, fits = [], []

    def watched(model, *arguments, **options):
        starts.append(model.get_weights())
        history = fit(model, *arguments, **options)
        fits.append(model.get_weights())
        return history

    monkeypatch.setattr(photographs, "fit", watched)
    photographs.cats_dogs_photos(photos)["two sizes, seed 9000"]()
    for start, learned in zip(starts[1], fits[0], strict=True):
        np.testing.assert_array_equal(start, learned)
    assert sorted(path.name for path in kept.glob("*.npz")) == [  # until the run is recorded
        "cats-dogs-photos.first.npz",
        "cats-dogs-photos.npz",
    ]
    records.run_missing("cats-dogs-photos", {"done": lambda: {"result": 1}})
    assert records.checkpoints_of("cats-dogs-photos") == []


def test_photographs_that_nobody_has_named_get_an_answer_each(photos, small, kept, monkeypatch, capsys):
    command(monkeypatch, "cats-dogs-photos", "--photos", photos)
    unnamed = photos / "unnamed" / "deeper"
    unnamed.mkdir(parents=True)
    one = photos / "validation" / "dogs" / "dog.0.png"
    (unnamed / "a.png").write_bytes(one.read_bytes())
    (unnamed / "b.heic").write_bytes(b"not read")
    capsys.readouterr()
    command(monkeypatch, one, photos / "unnamed", program=classify)
    single, inside, skipped = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"(cat|dog) +\d+%  {re.escape(str(one))}", single)
    assert inside == single.replace(str(one), str(unnamed / "a.png"))
    assert skipped == f"skipped   {unnamed / 'b.heic'}: HEIC is not read: convert it to JPEG"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("text")])
def test_what_is_no_photograph_is_one_clear_line(make, tmp_path, monkeypatch):
    make(tmp_path / "x.jpg")
    with pytest.raises(SystemExit, match=r"no (photograph|readable picture).*x\.jpg"):
        command(monkeypatch, tmp_path / "x.jpg", program=classify)


def test_an_interrupted_run_goes_on_to_the_same_losses(photos, small, tmp_path, monkeypatch):
    def losses(name):
        monkeypatch.setattr(records, "RECORDS", tmp_path / name)
        loss = photographs.cats_dogs_source(photos)["5 steps"]()["loss"]
        assert records.checkpoint_path("cats-dogs-source").exists()  # until it is recorded
        return loss

    expected, score, calls = losses("whole"), training._score, []

    def score_until_interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return score(*arguments)

    monkeypatch.setattr(training, "_score", score_until_interrupted)
    with pytest.raises(KeyboardInterrupt):
        losses("halved")
    assert losses("halved") == expected
    assert len(expected) == 2


def test_missing_photographs_are_one_clear_line(kept, tmp_path, monkeypatch):
    for arguments in (["cats-dogs-source", "--photos", tmp_path], ["cats-dogs-photos", "--photos", tmp_path]):
        with pytest.raises(SystemExit, match=r"There is no folder .*train"):
            command(monkeypatch, *arguments)


def test_a_picture_and_its_mirror_image_get_the_same_probabilities():
    model = models.photo_net(16)
    images = np.random.default_rng(0).random((64, 16, 16, 3)).astype(np.float32)
    both = probabilities(model, images, mirrored=True)
    np.testing.assert_array_equal(both, probabilities(model, images[:, :, ::-1], mirrored=True))
    assert not np.allclose(probabilities(model, images), probabilities(model, images[:, :, ::-1]))


# What is recorded.


@pytest.mark.parametrize("name", ["cats-dogs-source", "cats-dogs-photos"])
def test_records_were_made_by_the_recipes_of_the_package(name):
    runs = load_record(name)["runs"]
    seeds = {photographs.one_size(seed): replace(PHOTO_NET, seed=seed) for seed in photographs.ONE_SIZE_SEEDS}
    seeds |= {photographs.two_sizes(seed): replace(PHOTO_NET_SECOND, seed=seed) for seed in photographs.TWO_SIZES_SEEDS}
    expected = (
        seeds
        if name == "cats-dogs-photos"
        else {f"{steps:,} steps": replace(CATS_DOGS_SOURCE, steps=steps) for steps in CATS_DOGS_STEPS}
    )
    assert {key: Recipe(**run["recipe"]) for key, run in runs.items()} == expected
    for run in runs.values():
        assert run["photographs"] == [2000, 1000]
        assert len(run["loss"]) == len(run["validation_accuracy"])
        assert run["best_epoch"] == run["validation_accuracy"].index(max(run["validation_accuracy"])) + 1


def test_the_better_network_took_at_most_an_hour_of_two_cores():
    for run in load_record("cats-dogs-photos")["runs"].values():
        legs = [run, run["first"]] if "first" in run else [run]
        assert sum(leg["processor_seconds_per_epoch"] * leg["recipe"]["epochs"] for leg in legs) <= 2 * 3600


def test_the_first_leg_was_made_by_the_recipe_of_the_package():
    for seed in photographs.TWO_SIZES_SEEDS:
        run = load_record("cats-dogs-photos")["runs"][photographs.two_sizes(seed)]
        assert Recipe(**run["first"]["recipe"]) == replace(PHOTO_NET_FIRST, seed=seed)


def test_the_shipped_network_is_the_best_by_the_validation_photographs():
    runs = load_record("cats-dogs-photos")["runs"]
    assert max(runs, key=lambda name: runs[name]["correct_with_mirror"]) == weights.PHOTO_NET_RUN


def test_the_shipped_network_is_the_recorded_one():
    run = load_record("cats-dogs-photos")["runs"][weights.PHOTO_NET_RUN]
    assert weights.sha256(weights.load_photo_net().get_weights()) == run["sha256"]
    assert run["correct_with_mirror"] == int(np.trace(run["confusion_with_mirror"]))


# With the photographs.

with_photographs = pytest.mark.skipif(not (REAL / "train").is_dir(), reason="needs the photographs: CNN_COURSE_PHOTOS")


@with_photographs
def test_sixty_steps_on_photographs_teach_something():
    train, validation = (load_photos(REAL / part, image_size=32) for part in ("train", "validation"))
    assert train.report.skipped == validation.report.skipped == ()
    history = fit(models.cats_dogs(32), train, validation, Recipe("adam", 1e-3, 100, steps=60), report=None)
    assert history.loss[-1] < history.loss[0]
    assert max(history.validation_accuracy) > 0.55


@with_photographs
def test_the_shipped_network_judges_the_photographs_as_recorded():
    run = load_record("cats-dogs-photos")["runs"][weights.PHOTO_NET_RUN]
    photos = load_photos(REAL / "validation", image_size=recipes.PHOTO_NET_SIZE)
    for key, mirrored in (("correct", False), ("correct_with_mirror", True)):
        found = probabilities(weights.load_photo_net(), photos.images, mirrored=mirrored).argmax(axis=-1)
        assert int(np.sum(found == photos.labels)) == run[key]
