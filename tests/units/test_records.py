import json

import pytest

from cnn_course.records import RECORDS, load_record, put_aside, run_missing


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


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"runs": []}', "\x00"])
def test_a_damaged_record_is_refused_with_what_mends_it(tmp_path, content):
    (tmp_path / "trial.json").write_text(content)
    with pytest.raises(ValueError, match=r"trial\.json (is damaged|holds no runs).*Restore it from git"):
        load_record("trial", tmp_path)


def test_a_record_put_aside_is_kept_under_another_name(tmp_path):
    record = run_missing("trial", {"a": lambda: {"result": 1}}, tmp_path)
    (tmp_path / "trial.npz").touch()
    put_aside("trial", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["trial.json.old"]
    assert json.loads((tmp_path / "trial.json.old").read_text()) == record
    put_aside("trial", tmp_path)  # there is nothing to put aside, and nothing is lost
    assert [path.name for path in tmp_path.iterdir()] == ["trial.json.old"]


def test_records_are_plain_json():
    for path in RECORDS.glob("*.json"):
        assert {"command", "versions", "machine", "runs"} <= set(json.loads(path.read_text()))
