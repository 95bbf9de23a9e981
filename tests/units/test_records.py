import json
import os
import subprocess
import sys

import pytest

from cnn_course import records
from cnn_course.records import RECORDS, load_record, put_aside, run_missing


def left_in(folder):
    """List the files that can be seen: not those of locks."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


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
    assert left_in(tmp_path) == ["trial.json"]


def test_a_missing_record_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"python -m cnn_course\.experiments trial"):
        load_record("trial", tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"runs": []}', "\x00"])
def test_a_damaged_record_is_refused_with_what_mends_it(tmp_path, content):
    (tmp_path / "trial.json").write_text(content)
    with pytest.raises(ValueError, match=r"trial\.json (is damaged|holds no runs).*Restore it from git"):
        load_record("trial", tmp_path)


def test_what_is_put_aside_is_copied_and_replaced_run_by_run(tmp_path):
    before = run_missing("trial", {"a": lambda: {"result": 1}, "b": lambda: {"result": 2}}, tmp_path)
    (tmp_path / "trial.a.npz").touch()
    (tmp_path / "trial.not-yet-recorded.npz").touch()
    put_aside("trial", tmp_path)
    assert left_in(tmp_path) == ["trial.json", "trial.json.old"]
    assert json.loads((tmp_path / "trial.json.old").read_text()) == before
    marked = load_record("trial", tmp_path)
    assert marked == before | {"outdated": dict.fromkeys("ab", before["versions"])}

    def interrupted():
        assert load_record("trial", tmp_path)["runs"]["b"] == {"result": 2}  # still there
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_missing("trial", {"a": lambda: {"result": 3}, "b": interrupted}, tmp_path)
    half = load_record("trial", tmp_path)
    assert half["runs"] == {"a": {"result": 3}, "b": {"result": 2}}
    assert list(half["outdated"]) == ["b"]
    done = run_missing("trial", {"a": interrupted, "b": lambda: {"result": 4}}, tmp_path)
    assert done["runs"] == {"a": {"result": 3}, "b": {"result": 4}}
    assert "outdated" not in done
    assert json.loads((tmp_path / "trial.json.old").read_text()) == before


def test_a_record_that_is_half_renewed_is_not_copied_over_the_old_one(tmp_path):
    before = run_missing("trial", {"a": lambda: {"result": 1}, "b": lambda: {"result": 2}}, tmp_path)
    put_aside("trial", tmp_path)
    with pytest.raises(ZeroDivisionError):
        run_missing("trial", {"a": lambda: {"result": 3}, "b": lambda: 1 / 0}, tmp_path)
    put_aside("trial", tmp_path)
    assert set(load_record("trial", tmp_path)["outdated"]) == {"a", "b"}
    assert json.loads((tmp_path / "trial.json.old").read_text()) == before


def test_what_is_outdated_and_no_run_any_more_goes_when_all_others_are_renewed(tmp_path):
    run_missing("trial", {key: lambda: {"result": 1} for key in "abc"}, tmp_path)
    put_aside("trial", tmp_path)
    done = run_missing("trial", {key: lambda: {"result": 2} for key in "dca"}, tmp_path)
    assert list(done["runs"]) == ["d", "c", "a"]
    assert "outdated" not in done


def test_nothing_to_put_aside(tmp_path):
    put_aside("trial", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["tensorflow", "keras", "numpy"])
def test_runs_of_other_versions_are_not_mixed(tmp_path, monkeypatch, package):
    run_missing("trial", {"a": lambda: {"result": 1}}, tmp_path)
    before = (tmp_path / "trial.json").read_bytes()
    monkeypatch.setattr(
        records, "installed_versions", lambda: load_record("trial", tmp_path)["versions"] | {package: "0"}
    )
    with pytest.raises(ValueError, match=r"1 runs of trial are missing.* 0.*trial --again"):
        run_missing("trial", {"a": lambda: {}, "b": lambda: {}}, tmp_path)
    assert (tmp_path / "trial.json").read_bytes() == before
    assert run_missing("trial", {"a": lambda: {}}, tmp_path)["runs"] == {"a": {"result": 1}}  # nothing is missing


def test_another_python_makes_no_other_versions(tmp_path):
    record = run_missing("trial", {"a": lambda: {"result": 1}}, tmp_path)
    assert not records.other_versions(record | {"versions": record["versions"] | {"python": "3.99"}})


def test_how_long_a_run_took_is_recorded_unless_it_went_on_from_a_checkpoint(tmp_path):
    def resumed():
        (tmp_path / "trial.b.npz").touch()
        return {"result": 1}

    record = run_missing("trial", {"a": lambda: {"result": 1}}, tmp_path)
    assert record["seconds"]["a"] >= 0
    (tmp_path / "trial.b.npz").touch()
    record = run_missing("trial", {"a": resumed, "b": resumed}, tmp_path)
    assert list(record["seconds"]) == ["a"]


@pytest.mark.parametrize(
    ("run", "seconds"),
    [({}, None), ({"seconds": 3.5}, 3.5), ({"seconds_per_epoch": 2.0, "loss": [1, 1, 1]}, 6.0), ({"loss": [1]}, None)],
)
def test_how_long_a_run_took_is_read_from_records_of_any_age(run, seconds):
    assert records.seconds_of({"runs": {"a": run}}, "a") == seconds
    assert records.seconds_of({"runs": {"a": run}, "seconds": {"a": 9.0}}, "a") == 9.0


def test_no_shipped_record_is_half_renewed():
    for path in RECORDS.glob("*.json"):
        assert "outdated" not in json.loads(path.read_text()), path.name


def test_records_are_plain_json():
    for path in RECORDS.glob("*.json"):
        assert {"command", "versions", "machine", "runs"} <= set(json.loads(path.read_text()))


# Several processes.

WRITER = """
import sys
from pathlib import Path
from cnn_course import records

name, folder = sys.argv[1], Path(sys.argv[2])
records.installed_versions = lambda: {"keras": "1", "numpy": "1", "tensorflow": "1"}
records._devices = lambda: "no GPU"
tasks = {f"{who} {number}": lambda who=who, number=number: {"by": who} for number in range(100) for who in "ab"}
print(flush=True)
sys.stdin.readline()
records.run_missing("trial", tasks, folder, only=f"{name} *")
"""


def test_two_processes_that_write_one_record_100_times_lose_nothing(tmp_path):
    command = [sys.executable, "-c", WRITER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": os.environ}
    writers = [subprocess.Popen([*command, name, str(tmp_path)], **pipes) for name in "ab"]
    for writer in writers:
        writer.stdout.readline()  # both are ready
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=120)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert [text.count(": running") for text in said] == [100, 100]
    runs = load_record("trial", tmp_path)["runs"]
    assert list(runs) == [f"{who} {number}" for number in range(100) for who in "ab"]
    assert all(run == {"by": key[0]} for key, run in runs.items())


def test_what_another_process_has_recorded_meanwhile_is_kept_and_not_made_again(tmp_path):
    def meanwhile():
        run_missing("trial", {"a": lambda: {}, "b": lambda: {"result": 2}}, tmp_path, only="b")
        return {"result": 1}

    record = run_missing("trial", {"a": meanwhile, "b": lambda: 1 / 0}, tmp_path)
    assert record["runs"] == {"a": {"result": 1}, "b": {"result": 2}}


def test_only_the_runs_of_a_pattern_are_made_and_renewed(tmp_path):
    def tasks(result):
        return {f"seed {seed}": lambda: {"result": result} for seed in (1, 2, 12)}

    assert list(run_missing("trial", tasks(1), tmp_path, only="seed 2")["runs"]) == ["seed 2"]
    assert list(run_missing("trial", tasks(1), tmp_path, only="*2")["runs"]) == ["seed 2", "seed 12"]
    run_missing("trial", tasks(1), tmp_path)
    for checkpoint in ("seed-1", "seed-12"):
        (tmp_path / f"trial.{checkpoint}.npz").touch()
    put_aside("trial", tmp_path, only="seed 1")
    assert left_in(tmp_path) == ["trial.json", "trial.json.old", "trial.seed-12.npz"]
    assert list(load_record("trial", tmp_path)["outdated"]) == ["seed 1"]
    found = run_missing("trial", tasks(2), tmp_path)["runs"]
    assert [run["result"] for run in found.values()] == [2, 1, 1]
    with pytest.raises(ValueError, match=r"No run of trial is called 'sed'; there are: seed 1; seed 2; seed 12\."):
        run_missing("trial", tasks(1), tmp_path, only="sed")
