import json
import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from cnn_course import experiments, models, readout, records
from cnn_course.datasets import Dataset, Split, load_drawings
from cnn_course.evaluation import predict_classes
from cnn_course.experiments import __main__ as command
from cnn_course.experiments import crew
from cnn_course.experiments import runs as long_runs
from cnn_course.experiments.runs import DRAWN_BY_HEART_SEEDS, DRAWN_SEEDS, SEEDS
from cnn_course.recipes import (
    CATS_DOGS_CURES,
    CATS_DOGS_DRAWN,
    DEEP_MNIST,
    DEEP_MNIST_EPOCH,
    DRAWN,
    DRAWN_BY_HEART,
    DRAWN_SIZE,
    LENET5_FAST,
    LENET5_RECIPES,
    LENET5_SHIPPED,
    MOVED,
    MOVED_LESSONS,
    ONE_EPOCH,
    TILE_SIDES,
    Recipe,
    Training,
)
from cnn_course.records import checkpoint_path, load_record, run_missing
from cnn_course.training import fit
from cnn_course.weights import LENET5_SEEDS, lenet5_run
from cnn_course.workers import WorkerLostError


@pytest.fixture
def few(mnist, monkeypatch):
    """Give so few digits that Deep MNIST is trained at once."""
    monkeypatch.setattr(readout, "DIGITS_READ", {"train": 60, "validation": 20, "test": 40})
    return Dataset(*(Split(part.images[:60], part.labels[:60]) for part in (mnist.train, mnist.validation, mnist.test)))


def test_deep_mnist_goes_on_within_its_run(few, tmp_path, monkeypatch):
    recipe = replace(DEEP_MNIST, batch_size=20, steps=8)  # two epochs and two thirds
    checkpoint = checkpoint_path("deep-mnist", "run", tmp_path)
    tasks = {"run": lambda: long_runs._train_deep_mnist(few, recipe, checkpoint)}
    expected = long_runs._train_deep_mnist(few, recipe, tmp_path / "other.npz")

    def interrupt(model, history, test):
        history.interrupted = True  # as fit reports it
        return outcome(model, history, test)

    outcome = long_runs._outcome
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(long_runs, "_outcome", interrupt)
        run_missing("deep-mnist", tasks, tmp_path)
    assert checkpoint.exists()
    assert not (tmp_path / "deep-mnist.json").exists()
    assert run_missing("deep-mnist", tasks, tmp_path)["runs"] == {"run": json.loads(json.dumps(expected))}
    assert not checkpoint.exists()
    assert len(expected["loss"]) == len(expected["validation_accuracy"]) == 3


def test_tiles_are_laid_by_the_seed_and_the_network_is_trained_on_them(few, monkeypatch):
    seen = []
    monkeypatch.setattr(long_runs, "scramble", lambda images, **order: seen.append(order) or images)
    run = long_runs._train_on_tiles(few, long_runs.COMPARED["unshared"], 14, ONE_EPOCH, 3)
    assert seen == [{"side": 14, "seed": 3}] * 3
    assert run["recipe"] == replace(ONE_EPOCH, seed=3).settings
    assert (run["parameters"], run["test_count"]) == (286_334, 60)


def test_a_network_is_tested_on_moved_and_on_resized_digits(few):
    run = long_runs._train_and_move(few, long_runs.COMPARED["convolutional"], replace(MOVED, epochs=1), 2)
    assert json.loads(json.dumps(run)) == run
    assert run["correct_when_moved"]["0"] == run["correct_when_resized"]["1.0"] == run["test_correct"]
    assert list(run["correct_when_moved"]) == [str(pixels) for pixels in range(9)]
    assert len(run["correct_when_resized"]) == 11
    assert run["correct_when_moved"]["8"] < 60


def test_tiles_were_recorded_with_the_networks_and_the_recipe_of_the_package():
    runs = load_record("scrambled-tiles")["runs"]
    assert set(runs) == {
        f"{network}, tiles of {side}, seed {seed}"
        for network in long_runs.COMPARED
        for side in TILE_SIDES
        for seed in SEEDS
    }
    for key, run in runs.items():
        assert Recipe(**run["recipe"]) == replace(ONE_EPOCH, seed=int(key[-1]))
        assert run["parameters"] == long_runs.COMPARED[key.split(",")[0]]().count_params()
        assert run["test_count"] == 10_000


def test_moved_digits_were_recorded_with_the_recipes_of_the_package():
    runs = load_record("moved-digits")["runs"]
    assert set(runs) == {
        f"{network}, lesson: {lesson}, seed {seed}"
        for network in ("dense", "larger dense", "convolutional")
        for lesson in MOVED_LESSONS
        for seed in SEEDS
    }
    for key, run in runs.items():
        network, lesson, seed = key.split(", ")
        recipe = MOVED_LESSONS[lesson.removeprefix("lesson: ")]
        assert Recipe(**run["recipe"]) == replace(recipe, seed=int(seed[-1]))
        assert run["parameters"] == long_runs.COMPARED[network]().count_params()
        assert run["correct_when_moved"]["0"] == run["correct_when_resized"]["1.0"] == run["test_correct"]


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep records out of the package."""
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    return tmp_path


def run_command(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["experiments", *arguments])
    command.main()


def test_every_experiment_that_is_named_has_a_function_of_its_name():
    for name in (*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS):
        module = import_module(f"cnn_course.experiments.{experiments._module(name)}")
        assert callable(getattr(module, name.replace("-", "_")))


def test_again_begins_anew_and_keeps_the_old_record(kept, monkeypatch):
    tasks = {"a": lambda: {"result": 1}}
    run_missing("deep-mnist", tasks)
    checkpoint_path("deep-mnist", "a").touch()
    monkeypatch.setattr(experiments, "tasks", lambda *_: {"a": lambda: {"result": 2}})
    run_command(monkeypatch, "deep-mnist", "--again")
    assert load_record("deep-mnist")["runs"]["a"] == {"result": 2}
    assert json.loads((kept / "deep-mnist.json.old").read_text())["runs"]["a"] == {"result": 1}


def test_a_pattern_chooses_the_runs_and_an_unknown_one_lists_them(kept, monkeypatch):
    made = []
    tasks = {key: lambda key=key: made.append(key) or {"result": len(made)} for key in ("seed 1", "seed 2", "seed 3")}
    monkeypatch.setattr(experiments, "tasks", lambda *_: tasks)
    run_command(monkeypatch, "deep-mnist", "--run", "seed [13]")
    run_command(monkeypatch, "deep-mnist", "--run", "seed 3", "--again")
    assert made == ["seed 1", "seed 3", "seed 3"]
    assert load_record("deep-mnist")["runs"] == {"seed 1": {"result": 1}, "seed 3": {"result": 3}}
    with pytest.raises(SystemExit, match="No run of deep-mnist is called 'seeds'; there are: seed 1; seed 2; seed 3"):
        run_command(monkeypatch, "deep-mnist", "--run", "seeds")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["all", "--run", "seed 1"], "--run needs the name of one experiment"),
        (["deep-mnist", "--workers", "0"], "--workers must be at least 1"),
        (["deep-mnist", "--workers", "2"], "TF_CONFIG names others"),
    ],
)
def test_options_that_do_not_go_together_are_refused(monkeypatch, capsys, arguments, said):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(SystemExit):
        run_command(monkeypatch, *arguments)
    assert said in capsys.readouterr().err


def test_workers_on_this_machine_get_the_same_command(monkeypatch):
    started = []
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(crew, "start_here", lambda count, arguments: started.append((count, arguments)) or 7)
    with pytest.raises(SystemExit) as ended:
        run_command(monkeypatch, "deep-mnist", "--workers", "3", "--again", "--photos", "pets", "--run", "b")
    assert ended.value.code == 7
    ((count, arguments),) = started
    assert (count, arguments[:3]) == (3, ["-m", "cnn_course.experiments", "deep-mnist"])
    assert sorted(arguments[3:]) == ["--again", "--photos", "--run", "b", "pets"]


def test_a_lost_worker_is_told_with_what_is_kept(kept, monkeypatch):
    def lost():
        checkpoint_path("deep-mnist", "a").touch()
        raise WorkerLostError("Worker 1 (there:2) has ended.")

    monkeypatch.setattr(experiments, "tasks", lambda *_: {"a": lost})
    with pytest.raises(
        SystemExit, match=r"^Worker 1 \(there:2\) has ended\. Finished runs.* goes on from there"
    ) as ended:
        run_command(monkeypatch, "deep-mnist")
    assert "deep-mnist.a.npz" in str(ended.value)


def test_nothing_is_put_aside_before_the_photographs_are_found(kept, monkeypatch):
    run_missing("cats-dogs-photos", {"a": lambda: {"result": 1}})
    checkpoint_path("cats-dogs-photos", "a").touch()
    with pytest.raises(SystemExit, match="There is no folder"):
        run_command(monkeypatch, "cats-dogs-photos", "--again", "--photos", str(kept / "nowhere"))
    assert load_record("cats-dogs-photos")["runs"]["a"] == {"result": 1}
    assert checkpoint_path("cats-dogs-photos", "a").exists()


def fake_experiments(monkeypatch, done, *names):
    """Experiments of two runs each, which note that they ran."""

    def tasks(name, photos):
        return {f"{name} {key}": lambda key=key: done.append(f"{name} {key}") or {"result": 2} for key in "ab"}

    monkeypatch.setattr(experiments, "ON_SHIPPED_DATA", names)
    monkeypatch.setattr(experiments, "tasks", tasks)


def made_with(kept, name, **versions):
    """Record an experiment as made with other versions."""
    record = run_missing(name, {f"{name} {key}": lambda: {"result": 1, "seconds": 60} for key in "ab"})
    record["versions"] |= versions
    (kept / f"{name}.json").write_text(json.dumps(record))


def test_all_renews_what_was_made_with_other_versions(kept, monkeypatch, capsys):
    done = []
    made_with(kept, "old", tensorflow="1.0", python="2.7")
    made_with(kept, "same", python="2.7")
    fake_experiments(monkeypatch, done, "old", "same", "never")
    capsys.readouterr()
    run_command(monkeypatch, "all")
    assert done == ["old a", "old b", "never a", "never b"]
    plan = capsys.readouterr().out.partition("1/3 old")[0]
    assert re.search(r"old +2 runs anew; made with TensorFlow 1\.0, Keras [\d.]+, NumPy [\d.]+; about", plan)
    assert re.search(r"same +up to date", plan)
    assert re.search(r"never +has no record: made now; 1 run of unknown length", plan)
    assert re.search(r"cats-dogs-source +left out: it needs photographs", plan)
    assert "In all" in plan
    assert load_record("old")["runs"] == {"old a": {"result": 2}, "old b": {"result": 2}}
    assert json.loads((kept / "old.json.old").read_text())["versions"]["tensorflow"] == "1.0"
    assert not (kept / "same.json.old").exists()
    run_command(monkeypatch, "all")
    assert len(done) == 4
    run_command(monkeypatch, "all", "--again")
    assert done[4:] == ["old a", "old b", "same a", "same b", "never a", "never b"]


def test_a_renewal_goes_on_after_ctrl_c_and_what_runs_print_is_not_shown(kept, monkeypatch, capsys):
    made_with(kept, "old", tensorflow="1.0")

    def tasks(interrupted):
        def second():
            if interrupted:
                raise KeyboardInterrupt
            return {"result": 4}

        return lambda *_: {"old a": lambda: print("loud") or {"result": 3}, "old b": second}

    monkeypatch.setattr(experiments, "ON_SHIPPED_DATA", ("old",))
    monkeypatch.setattr(experiments, "tasks", tasks(interrupted=True))
    with pytest.raises(SystemExit, match="goes on from there"):
        run_command(monkeypatch, "all")
    assert load_record("old")["runs"]["old b"]["result"] == 1
    monkeypatch.setattr(experiments, "tasks", tasks(interrupted=False))
    run_command(monkeypatch, "all")
    said = capsys.readouterr().out
    assert "loud" not in said
    assert "1 run of 2 left to renew" in said
    assert {key: run["result"] for key, run in load_record("old")["runs"].items()} == {"old a": 3, "old b": 4}


def test_all_looks_for_the_photographs_before_it_begins(kept, monkeypatch):
    done = []
    fake_experiments(monkeypatch, done, "never")
    with pytest.raises(SystemExit, match=r"There is no folder .*train"):
        run_command(monkeypatch, "all", "--photos", str(kept / "nowhere"))
    assert not done
    for part in ("train", "validation", "test"):
        (kept / "photos" / part).mkdir(parents=True)
    run_command(monkeypatch, "all", "--photos", str(kept / "photos"))
    assert done[2:] == [f"{name} {key}" for name in experiments.ON_PHOTOGRAPHS for key in "ab"]


@pytest.mark.parametrize("checkpoint", [True, False])
def test_an_interruption_says_what_is_kept(kept, monkeypatch, checkpoint):
    def interrupted():
        if checkpoint:
            checkpoint_path("deep-mnist", "a").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(experiments, "tasks", lambda *_: {"a": interrupted})
    with pytest.raises(SystemExit, match="the same command, without --again, goes on from there") as stopped:
        run_command(monkeypatch, "deep-mnist")
    assert ("deep-mnist.a.npz" in str(stopped.value)) is checkpoint


def test_the_shipped_record_was_made_with_the_recipes_of_the_package():
    runs = load_record("lenet5-recipes")["runs"]
    assert set(runs) == {f"{name}, seed {seed}" for name in LENET5_RECIPES for seed in SEEDS}
    for name, (options, recipe) in LENET5_RECIPES.items():
        for seed in SEEDS:
            run = runs[f"{name}, seed {seed}"]
            assert Recipe(**run["recipe"]) == replace(recipe, seed=seed)
            assert run["dropout"] == list(options["dropout"])


def test_the_poolings_were_recorded_by_one_recipe_of_the_package():
    runs = load_record("lenet5-pooling")["runs"]
    assert set(runs) == {f"{pooling}, seed {seed}" for pooling in models.LENET5_POOLINGS for seed in SEEDS}
    for name, run in runs.items():
        model = models.lenet5(pooling=run["pooling"])
        assert name == f"{run['pooling']}, seed {run['recipe']['seed']}"
        assert Recipe(**run["recipe"]) == replace(LENET5_FAST.recipe, seed=run["recipe"]["seed"])
        assert run["dropout"] == list(LENET5_FAST.options["dropout"])
        assert (run["parameters"], run["products"]) == (model.count_params(), models.products(model))
        assert run["distances"] == list(long_runs.DISTANCES)
        assert {correct[0] for correct in run["moved_correct"].values()} == {run["test_correct"]}


def test_the_separable_networks_were_recorded_by_the_recipe_of_the_ordinary_ones():
    runs, ordinary = load_record("lenet5-separable")["runs"], load_record("lenet5-pooling")["runs"]
    assert set(runs) == {f"seed {seed}" for seed in SEEDS}
    model = models.lenet5(separable=True)
    for name, run in runs.items():
        assert run["separable"] is True
        assert (run["recipe"], run["dropout"]) == tuple(ordinary[f"max, {name}"][key] for key in ("recipe", "dropout"))
        assert (run["parameters"], run["products"]) == (model.count_params(), models.products(model))


def test_moved_digits_are_counted_by_direction_and_distance(few):
    chosen = Training({"dropout": (0.0, 0.0)}, Recipe(optimizer="adam", learning_rate=0.01, batch_size=20, epochs=3))
    run = long_runs._train_pooled(few, "average", chosen, seed=1)
    model, _ = long_runs._train_lenet5(few, Training({**chosen.options, "pooling": "average"}, chosen.recipe), seed=1)
    moved = np.zeros_like(few.test.images)
    moved[:, :-3] = few.test.images[:, 3:]  # three pixels up
    answers = np.argmax(model(moved), axis=1)
    assert run["moved_correct"]["up"][3] == np.sum(answers == few.test.labels)
    assert run["products"] == 281_640


def test_the_shipped_networks_were_recorded_by_the_recipe_of_the_package():
    recorded, trials = load_record("lenet5-weights")["runs"], load_record("lenet5-recipes")["runs"]
    assert set(recorded) == {lenet5_run(seed, trained) for seed in LENET5_SEEDS for trained in (True, False)}
    for seed in LENET5_SEEDS:
        run, trial = recorded[f"seed {seed}"], trials[f"one cycle, distorted digits, seed {seed}"]
        assert Recipe(**run["recipe"]) == replace(LENET5_SHIPPED.recipe, seed=seed)
        assert (run["validation_accuracy"], run["test_correct"]) == (
            trial["validation_accuracy"],
            trial["test_correct"],
        )


def test_the_better_recipe_keeps_what_the_chapter_promises():
    runs = load_record("lenet5-recipes")["runs"]

    def mean(name, key):
        return sum(runs[f"{name}, seed {seed}"][key] for seed in SEEDS) / len(SEEDS)

    assert mean("one cycle, distorted digits", "test_correct") / 10_000 >= 0.9935
    assert mean("one cycle, distorted digits", "seconds") <= mean("tutorial", "seconds")
    assert abs(mean("tutorial", "test_correct") / 10_000 - 0.9889) <= 0.003


def test_deep_mnist_was_recorded_by_the_recipe_of_the_package():
    (run,) = load_record("deep-mnist")["runs"].values()
    assert Recipe(**run["recipe"]) == DEEP_MNIST
    assert run["dropout"] == 0.5
    assert len(run["loss"]) == len(run["validation_accuracy"]) == 19  # 20,000 steps, 1,100 to an epoch
    assert run["best_epoch"] == run["validation_accuracy"].index(max(run["validation_accuracy"])) + 1
    assert set(run["readout_correct"]) == {"conv1", "pool1", "conv2", "pool2", "dense1"}


def test_deep_mnist_reaches_what_its_tutorial_names():
    (run,) = load_record("deep-mnist")["runs"].values()
    assert run["test_count"] == 10_000
    assert run["test_correct"] == pytest.approx(9_920, abs=25)


def test_the_epochs_of_deep_mnist_were_recorded_by_the_recipe_of_the_package():
    runs = load_record("deep-mnist-seeds")["runs"]
    assert list(runs) == [f"seed {seed}" for seed in SEEDS]
    for seed, run in zip(SEEDS, runs.values(), strict=True):
        assert Recipe(**run["recipe"]) == replace(DEEP_MNIST_EPOCH, seed=seed)
        assert len(run["loss"]) == 1
        for correct in run["readout_correct"].values():
            assert list(correct) == list(long_runs.DEEP_MNIST_READ)
        assert list(run["solved"]) == list(long_runs.DEEP_MNIST_SOLVED)
        for solved in run["solved"].values():
            assert solved["only_solved"] - solved["only_trained"] == solved["correct"] - run["test_correct"]


def test_an_epoch_of_deep_mnist_is_compared_with_its_start(few, monkeypatch):
    read = []

    def predict(model, data, layers, counts=None, values=1024):
        read.append((model.get_weights()[0], counts and counts["train"], values))
        return dict.fromkeys(layers, data.test.labels)

    monkeypatch.setattr(long_runs, "predict_by_layers", predict)
    run = long_runs._train_and_read(few, replace(DEEP_MNIST_EPOCH, batch_size=20, steps=3), seed=2)
    (solved, *whole), (untrained, *some), (trained, *some_again) = read
    np.testing.assert_array_equal(solved, models.deep_mnist(seed=2).get_weights()[0])
    np.testing.assert_array_equal(untrained, solved)
    assert not np.array_equal(trained, solved)
    assert (whole, some, some_again) == ([60, 3136], [None, 1024], [None, 1024])
    solved = {"correct": 60, "only_trained": 0, "only_solved": 60 - run["test_correct"]}
    assert run["solved"] == {"pool2": solved, "dense1": solved}
    assert run["recipe"]["seed"] == 2


def test_the_cures_were_recorded_with_the_recipes_of_the_package():
    runs = load_record("cats-dogs-drawings")["runs"]
    by_heart = [f"{labels} labels, seed {seed}" for seed in DRAWN_BY_HEART_SEEDS for labels in ("true", "shuffled")]
    assert list(runs) == by_heart + [f"{name}, seed {seed}" for seed in DRAWN_SEEDS for name in CATS_DOGS_CURES]
    for seed in DRAWN_SEEDS:
        for name, (options, recipe) in CATS_DOGS_CURES.items():
            run = runs[f"{name}, seed {seed}"]
            assert (run["options"], Recipe(**run["recipe"])) == (options, replace(recipe, seed=seed))
            assert run["parameters"] == models.cats_dogs(DRAWN_SIZE, **options).count_params()
            assert (run["train_count"], run["test_count"]) == (DRAWN["train"], DRAWN["test"])
            assert len(run["loss"]) == len(run["validation_accuracy"]) == 8
            assert len(run["test_wrong"]) == run["test_count"] - run["test_correct"]


@pytest.mark.parametrize("seed", DRAWN_BY_HEART_SEEDS)
@pytest.mark.parametrize("labels", ["true", "shuffled"])
def test_the_control_of_the_kernels_was_recorded_and_has_learned_its_labels_by_heart(labels, seed):
    run = load_record("cats-dogs-drawings")["runs"][f"{labels} labels, seed {seed}"]
    assert Recipe(**run["recipe"]) == replace(CATS_DOGS_DRAWN, seed=seed)
    assert run["drawings"] == DRAWN_BY_HEART
    assert max(run["train_accuracy"]) == run["train_accuracy"][run["best_epoch"] - 1] >= 0.99


def test_a_cure_is_trained_and_judged(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RECORDS", tmp_path)
    data = Dataset(*(load_drawings(12, 16, seed) for seed in range(3)))
    recipe = replace(CATS_DOGS_DRAWN, batch_size=4, steps=4)  # an epoch and a third
    run = long_runs._train_drawn(data, Training({"averaged": True}, recipe), 2, "averaged, seed 2")
    again = models.cats_dogs(16, averaged=True, seed=2)
    fit(again, data.train, data.validation, replace(recipe, seed=2), report=None)
    wrong = np.flatnonzero(predict_classes(again, data.test.images) != data.test.labels)
    assert (run["test_wrong"], run["test_correct"]) == (wrong.tolist(), 12 - len(wrong))
    assert run["train_correct"] == np.sum(predict_classes(again, data.train.images) == data.train.labels)
    assert run["parameters"] == 28_770
    assert len(run["loss"]) == 2
    assert (run["train_count"], run["test_count"]) == (12, 12)
    assert json.loads(json.dumps(run)) == run


@pytest.mark.parametrize("shuffled", [False, True])
def test_drawings_are_learned_with_their_labels_or_with_labels_that_mean_nothing(shuffled, monkeypatch):
    seen = []
    monkeypatch.setattr(long_runs, "fit", lambda model, *rest: seen.append(rest) or fit(model, *rest, report=None))
    drawn = load_drawings(24, 16)
    recipe = replace(CATS_DOGS_DRAWN, batch_size=4, steps=12)
    run = long_runs._learn_by_heart(Split(drawn.images, drawn.labels), recipe, 2, shuffled=shuffled)
    learned, scored = seen[0][:2]
    np.testing.assert_array_equal(learned.images, drawn.images)
    assert learned.labels.sum() == drawn.labels.sum()
    assert (learned.labels != drawn.labels).any() == shuffled
    np.testing.assert_array_equal(scored.labels, learned.labels)
    share = run["gray_share"]
    assert 0.2 < share["before"] < 0.5
    assert share["before"] != share["after"] < share["change"]
    assert run["correlation"] > 0.5
