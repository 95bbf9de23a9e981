import json
from dataclasses import asdict, replace

import pytest

from cnn_course.experiments import RECORDS, SEEDS, load_record, run_missing
from cnn_course.recipes import LENET5_RECIPES


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


def test_a_missing_record_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m cnn_course\.experiments trial"):
        load_record("trial", tmp_path)


def test_the_shipped_record_was_made_with_the_recipes_of_the_package():
    runs = load_record("lenet5-recipes")["runs"]
    assert set(runs) == {f"{name}, seed {seed}" for name in LENET5_RECIPES for seed in SEEDS}
    for name, (dropout, recipe) in LENET5_RECIPES.items():
        for seed in SEEDS:
            run = runs[f"{name}, seed {seed}"]
            assert run["recipe"] == asdict(replace(recipe, seed=seed))
            assert run["dropout"] == list(dropout)


def test_the_better_recipe_keeps_what_the_chapter_promises():
    runs = load_record("lenet5-recipes")["runs"]

    def mean(name, key):
        return sum(runs[f"{name}, seed {seed}"][key] for seed in SEEDS) / len(SEEDS)

    assert mean("one cycle, distorted digits", "test_correct") / 10_000 >= 0.9935
    assert mean("one cycle, distorted digits", "seconds") <= mean("tutorial", "seconds")
    assert abs(mean("tutorial", "test_correct") / 10_000 - 0.9889) <= 0.003


def test_records_are_plain_json():
    for path in RECORDS.glob("*.json"):
        assert {"command", "versions", "machine", "runs"} <= set(json.loads(path.read_text()))


def test_the_pictures_of_tf_keras_vis_are_ten_of_784_bytes_each():
    for run in load_record("tf-keras-vis")["runs"].values():
        assert [len(bytes.fromhex(pixels)) for pixels in run["pixels"]] == [28 * 28] * 10
