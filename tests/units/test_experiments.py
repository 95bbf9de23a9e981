import json
from dataclasses import replace

import pytest

from cnn_course import experiments, models, readout
from cnn_course.datasets import Dataset, Split, load_drawings
from cnn_course.experiments import RECORDS, SEEDS, checkpoint_path, load_record, run_missing
from cnn_course.recipes import CATS_DOGS_CURES, CATS_DOGS_DRAWN, DEEP_MNIST, DRAWN, DRAWN_SIZE, LENET5_RECIPES


def test_an_interrupted_experiment_goes_on_where_it_stopped(tmp_path):
    done = []

    def task(name, interrupted=False):
        def run():
            if interrupted:
                raise KeyboardInterrupt
            done.append(name)
            return {"result": name}

        return run

    with pytest.raises(KeyboardInterrupt):
        run_missing("trial", {"a": task("a"), "b": task("b", interrupted=True), "c": task("c")}, tmp_path)
    assert done == ["a"]
    record = run_missing("trial", {name: task(name) for name in "abc"}, tmp_path)
    assert done == ["a", "b", "c"]
    assert record["runs"] == {name: {"result": name} for name in "abc"}
    assert [path.name for path in tmp_path.iterdir()] == ["trial.json"]


@pytest.fixture
def few(mnist, monkeypatch):
    """Give so few digits that Deep MNIST is trained at once."""
    monkeypatch.setattr(readout, "DIGITS_READ", {"train": 60, "validation": 20, "test": 40})
    return Dataset(*(Split(part.images[:60], part.labels[:60]) for part in (mnist.train, mnist.validation, mnist.test)))


def test_deep_mnist_goes_on_within_its_run(few, tmp_path, monkeypatch):
    recipe = replace(DEEP_MNIST, batch_size=20, steps=8)  # two epochs and two thirds
    checkpoint = checkpoint_path("deep-mnist", tmp_path)
    tasks = {"run": lambda: experiments._train_deep_mnist(few, recipe, checkpoint)}
    expected = experiments._train_deep_mnist(few, recipe, tmp_path / "other.npz")

    def interrupt(model, history, test):
        history.interrupted = True  # as fit reports it
        return outcome(model, history, test)

    outcome = experiments._outcome
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(experiments, "_outcome", interrupt)
        run_missing("deep-mnist", tasks, tmp_path)
    assert checkpoint.exists()
    assert not (tmp_path / "deep-mnist.json").exists()
    assert run_missing("deep-mnist", tasks, tmp_path)["runs"] == {"run": json.loads(json.dumps(expected))}
    assert not checkpoint.exists()
    assert len(expected["loss"]) == len(expected["validation_accuracy"]) == 3


def test_again_begins_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(experiments, "RECORDS", tmp_path)
    monkeypatch.setattr("sys.argv", ["experiments", "deep-mnist", "--again"])
    monkeypatch.setattr(experiments, "checkpoint_path", lambda name: tmp_path / f"{name}.npz")
    seen = []
    monkeypatch.setattr(experiments, "run_missing", lambda *_: seen.extend(tmp_path.iterdir()))
    for suffix in (".json", ".npz"):
        (tmp_path / f"deep-mnist{suffix}").touch()
    experiments.main()
    assert seen == []


@pytest.mark.parametrize("checkpoint", [True, False])
def test_an_interruption_says_what_is_kept(tmp_path, monkeypatch, checkpoint):
    def interrupted(*_):
        if checkpoint:
            (tmp_path / "deep-mnist.npz").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["experiments", "deep-mnist"])
    monkeypatch.setattr(experiments, "checkpoint_path", lambda name: tmp_path / f"{name}.npz")
    monkeypatch.setattr(experiments, "run_missing", interrupted)
    with pytest.raises(SystemExit, match="the same command goes on from there") as stopped:
        experiments.main()
    assert ("deep-mnist.npz" in str(stopped.value)) is checkpoint


def test_a_missing_record_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m cnn_course\.experiments trial"):
        load_record("trial", tmp_path)


def test_the_shipped_record_was_made_with_the_recipes_of_the_package():
    runs = load_record("lenet5-recipes")["runs"]
    assert set(runs) == {f"{name}, seed {seed}" for name in LENET5_RECIPES for seed in SEEDS}
    for name, (dropout, recipe) in LENET5_RECIPES.items():
        for seed in SEEDS:
            run = runs[f"{name}, seed {seed}"]
            assert run["recipe"] == replace(recipe, seed=seed).settings
            assert run["dropout"] == list(dropout)


def test_the_better_recipe_keeps_what_the_chapter_promises():
    runs = load_record("lenet5-recipes")["runs"]

    def mean(name, key):
        return sum(runs[f"{name}, seed {seed}"][key] for seed in SEEDS) / len(SEEDS)

    assert mean("one cycle, distorted digits", "test_correct") / 10_000 >= 0.9935
    assert mean("one cycle, distorted digits", "seconds") <= mean("tutorial", "seconds")
    assert abs(mean("tutorial", "test_correct") / 10_000 - 0.9889) <= 0.003


def test_deep_mnist_was_recorded_by_the_recipe_of_the_package():
    (run,) = load_record("deep-mnist")["runs"].values()
    assert run["recipe"] == DEEP_MNIST.settings
    assert run["dropout"] == 0.5
    assert len(run["loss"]) == len(run["validation_accuracy"]) == 19  # 20,000 steps, 1,100 to an epoch
    assert run["best_epoch"] == run["validation_accuracy"].index(max(run["validation_accuracy"])) + 1
    assert set(run["readout_correct"]) == {"conv1", "pool1", "conv2", "pool2", "dense1"}


def test_deep_mnist_reaches_what_its_tutorial_names():
    (run,) = load_record("deep-mnist")["runs"].values()
    assert run["test_count"] == 10_000
    assert run["test_correct"] == pytest.approx(9_920, abs=25)


def test_the_cures_were_recorded_with_the_recipes_of_the_package():
    runs = load_record("cats-dogs-drawings")["runs"]
    assert list(runs) == list(CATS_DOGS_CURES)
    for name, (options, recipe) in CATS_DOGS_CURES.items():
        run = runs[name]
        assert (run["options"], run["recipe"]) == (options, recipe.settings)
        assert run["parameters"] == models.cats_dogs(DRAWN_SIZE, **options).count_params()
        assert (run["train_count"], run["test_count"]) == (DRAWN["train"], DRAWN["test"])
        assert len(run["loss"]) == len(run["validation_accuracy"]) == 13  # 2,000 steps, 157 to an epoch


def test_a_cure_is_trained_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(experiments, "checkpoint_path", lambda name: tmp_path / f"{name}.npz")
    data = Dataset(*(load_drawings(12, 16, seed) for seed in range(3)))
    recipe = replace(CATS_DOGS_DRAWN, batch_size=4, steps=4)  # an epoch and a third
    run = experiments._train_drawn(data, {"averaged": True}, recipe)
    assert run["parameters"] == 28_770
    assert len(run["loss"]) == 2
    assert (run["train_count"], run["test_count"]) == (12, 12)
    assert json.loads(json.dumps(run)) == run


def test_records_are_plain_json():
    for path in RECORDS.glob("*.json"):
        assert {"command", "versions", "machine", "runs"} <= set(json.loads(path.read_text()))


def test_the_pictures_of_tf_keras_vis_are_ten_of_784_bytes_each():
    for run in load_record("tf-keras-vis")["runs"].values():
        assert [len(bytes.fromhex(pixels)) for pixels in run["pixels"]] == [28 * 28] * 10
