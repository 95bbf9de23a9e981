"""What the benchmarks compute with and write; no test measures a time."""

import json
import math
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from book import translations
from book.languages import load_languages
from book.notebooks import notebooks as all_notebooks
from cnn_course import models
from cnn_course.datasets import Split
from cnn_course.recipes import LENET5_FAST
from cnn_course.training import Recipe
from tests.benchmarks import __main__ as command
from tests.benchmarks import (
    book,
    correlation,
    gpu,
    machine,
    notebooks,
    report,
    time_to_accuracy,
    timing,
    training,
    workers,
)
from tests.benchmarks.rows import Row, as_data, from_data

# Rows.


@pytest.mark.parametrize(
    ("row", "ratio", "margin", "met"),
    [
        (Row("a", 30, "s"), None, None, None),
        (Row("a", 30, "s", at_most=60), None, 2, True),
        (Row("a", 60, "s", at_most=60), None, 1, True),
        (Row("a", 90, "s", at_most=60), None, 2 / 3, False),
        (Row("a", 30, "1/s", "b", 10), 3, None, None),
        (Row("a", 30, "1/s", "b", 10, at_least=2), 3, 1.5, True),
        (Row("a", 10, "1/s", "b", 10, at_least=2), 1, 0.5, False),
        (Row("a", 10, "s", "b", 40, at_most=0.5), 0.25, 2, True),
        (Row("a", 0, "", at_most=1e-5), None, math.inf, True),
    ],
)
def test_a_row_is_judged_by_its_ratio_or_its_value(row, ratio, margin, met):
    assert (row.ratio, row.margin, row.met) == (ratio, margin, met)


def test_rows_survive_json():
    rows = [Row("a", 0.0, "", at_most=1), Row("b", 2.0, "ms", "c", 3.0, at_least=2.0, curve="k", place=28)]
    assert from_data(json.loads(json.dumps(as_data(rows)))) == rows


# The report.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7530.4, "7,530"),
        (123.4, "123"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (0.1234, "0.123"),
        (1e-3, "0.00100"),
        (3.21e-6, "3.2e-06"),
        (-12.34, "-12.3"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert report.number(value) == text


def group(*rows, how="How."):
    return {
        "how": how,
        "machine": "a machine",
        "versions": "versions",
        "seconds": 3.2,
        "others": 0.25,
        "rows": as_data(rows),
    }


FAST = Row("fast", 30.0, "1/s", "slow", 10.0, at_least=2.0)
LATE = Row("late", 90.0, "s", at_most=60.0)
CURVE = [Row(f"at {n}", 1.0, "ms", "b", 2.0, at_most=2.0, curve="kernel", place=n) for n in (28, 64)]


def test_the_table_puts_ratios_first_and_says_what_is_not_met(tmp_path):
    report.store("training", group(LATE), tmp_path)
    report.store("book", group(FAST), tmp_path)
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    assert lines == [
        "| 3.00 | fast | 30.0 1/s | slow: 10.0 1/s | at least 2.00 | yes |",
        "|  | late | 90.0 s |  | at most 60.0 s | **no** |",
    ]
    assert "1 of 2 targets are met. Not met: late." in text
    assert "## book\n\nHow.\n\nOn a machine, with versions; took 3 s, in which other programs used 25% of" in text


def test_one_group_anew_leaves_the_others(tmp_path):
    report.store("pages", group(LATE), tmp_path)
    report.store("training", group(FAST), tmp_path)
    report.store("pages", group(*CURVE, how="Otherwise."), tmp_path)
    results = report.load(tmp_path)
    assert list(results) == ["training", "pages"]  # in the order of the report, not of the runs
    assert results["training"] == group(FAST)
    assert results["pages"]["how"] == "Otherwise."
    assert "| late |" not in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")


def test_the_same_results_give_the_same_picture(tmp_path):
    pictures = []
    for _ in range(2):
        report.store("training", group(FAST, LATE, *CURVE), tmp_path)
        pictures.append((tmp_path / "results.svg").read_bytes())
    assert pictures[0] == pictures[1]
    assert b"<svg" in pictures[0]


def test_the_stored_report_is_that_of_the_stored_results():
    results = report.load()
    assert results, "run `make bench`"
    assert (report.FOLDER / "RESULTS.md").read_text(encoding="utf-8") == report.markdown(results)
    assert (report.FOLDER / "results.svg").is_file()


def test_the_machine_is_a_class_and_no_place():
    text = machine.machine() + machine.versions()
    assert "cores" in text
    assert "TensorFlow 2." in text
    assert "/" not in text


def test_other_programs_are_seen_and_our_own_are_not(monkeypatch, tmp_path):
    stat = tmp_path / "stat"
    own = iter([10.0, 20.0])  # the processor's seconds of this program; its children have none
    ticks = machine.os.sysconf("SC_CLK_TCK")

    def write(user, idle, stolen):
        numbers = (user, 0, 0, idle, 0, 0, 0, stolen, 999, 999)
        stat.write_text("cpu  " + " ".join(str(number * ticks) for number in numbers) + "\ncpu0 1 2\n")

    def usage(who):
        return SimpleNamespace(ru_utime=next(own) if who == machine.resource.RUSAGE_SELF else 0.0, ru_stime=0.0)

    monkeypatch.setattr(machine.Disturbance, "STAT", stat)
    monkeypatch.setattr(machine.resource, "getrusage", usage)
    write(user=100, idle=50, stolen=0)
    watch = machine.Disturbance()
    write(user=120, idle=65, stolen=5)  # 25 s were used, 10 of them by us, of 40 that there were
    assert watch.share() == pytest.approx(15 / 40)


def test_without_linux_nothing_is_said_of_other_programs(monkeypatch, tmp_path):
    monkeypatch.setattr(machine.Disturbance, "STAT", tmp_path / "missing")
    assert machine.Disturbance().share() is None
    assert report.disturbance(None) == ""


# The command.


@pytest.fixture
def stored(monkeypatch, tmp_path):
    """Let a test say what each group gives; return the folder of the results."""
    store = report.store

    def script(**given):
        def found(name):
            if given[name] is KeyboardInterrupt:
                raise KeyboardInterrupt
            return None if given[name] is None else {"how": "How.", "rows": as_data(given[name])}

        monkeypatch.setattr(command, "in_own_process", found)
        monkeypatch.setattr(report, "store", lambda name, group: store(name, group, tmp_path))
        return tmp_path

    return script


def test_a_failed_group_keeps_its_old_results(stored):
    folder = stored(training=[FAST], pages=[LATE])
    assert command.run_all(["training", "pages"]) == 0
    stored(training=None, pages=[FAST])
    assert command.run_all(["training", "pages"]) == 1
    found = {name: group["rows"] for name, group in report.load(folder).items()}
    assert found == {"training": as_data([FAST]), "pages": as_data([FAST])}


def test_a_group_that_has_nothing_to_measure_with_keeps_its_old_results(stored):
    folder = stored(gpu=[FAST])
    assert command.run_all(["gpu"]) == 0
    stored(gpu=[])
    assert command.run_all(["gpu"]) == 0
    assert report.load(folder)["gpu"]["rows"] == as_data([FAST])


def test_without_a_gpu_nothing_is_measured_and_this_is_said(monkeypatch):
    said = []
    monkeypatch.setattr(gpu, "gpu_names", lambda: [])
    assert gpu.measure(said.append) == []
    assert "no GPU" in said[0]


def test_on_paper_more_workers_pay_until_they_wait_longer_than_they_compute():
    rows = [row for row in workers.on_paper(step=0.5) if "10 Gbit/s" in row.name]
    assert [int(row.name.split()[2]) for row in rows] == [1, 2, 4, 8, 16, 32, 64]
    times = [row.ratio for row in rows]
    assert times[0] == 1
    assert 1.9 < times[1] < 2
    assert times.index(max(times)) == 3
    assert times[-1] < 1  # more workers than pictures: each sees the whole batch


def test_interrupted_it_keeps_what_is_finished(stored, monkeypatch, capsys):
    folder = stored(training=[FAST], correlation=KeyboardInterrupt, pages=[LATE])
    monkeypatch.setattr("sys.argv", ["benchmarks", "pages", "correlation", "training"])
    assert command.main() == 130
    assert list(report.load(folder)) == ["training"]
    assert "Interrupted" in capsys.readouterr().err


def test_an_unknown_group_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["benchmarks", "pages", "speed"])
    with pytest.raises(SystemExit):
        command.main()
    assert "there is no group speed: choose from training, " in capsys.readouterr().err


# Clocks.


@pytest.fixture
def tick(monkeypatch):
    """A clock that moves only when a test moves it."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now.seconds)

    def move(seconds):
        now.seconds += seconds

    return move


def test_a_watch_does_not_count_while_held(tick):
    watch = timing.Stopwatch()
    tick(2)
    watch.hold(lambda: tick(50))
    tick(3)
    assert watch.read() == 5


def test_racers_take_turns_and_their_best_time_counts(tick):
    calls, durations = [], {"a": iter([9, 4, 2, 3]), "b": iter([1, 5, 6, 7])}  # the first is warming up

    def job(name):
        calls.append(name)
        tick(next(durations[name]))

    best = timing.race({name: lambda name=name: job(name) for name in "ab"}, seconds=0, rounds=3)
    assert "".join(calls) == "abababab"
    assert best == {"a": 2, "b": 5}


def test_a_short_job_is_repeated_until_its_turn_is_over(tick):
    calls = []

    def job(name, seconds):
        calls.append(name)
        tick(seconds)

    jobs = {"short": lambda: job("short", timing.TURN / 3.5), "long": lambda: job("long", 2 * timing.TURN)}
    timing.race(jobs, seconds=0, rounds=1)
    assert calls == ["short", "long"] + 4 * ["short"] + ["long"]  # each once to warm up


# What is measured.


def test_products_are_counted():
    assert training.products_per_picture(models.lenet5()) == 24 * 24 * 6 * 25 + 8 * 8 * 16 * 150 + 30_720 + 10_080 + 840
    assert training.products_per_picture(models.mlp()) == 784 * 56 + 56 * 10


def test_both_ways_of_training_give_equal_numbers(mnist):
    recipe = Recipe("sgd", 0.07, batch_size=16, epochs=3)
    split = training.part(mnist.train, 320)
    row = training.equal_numbers("lenet5", models.lenet5, split, recipe)
    assert row.met, row.value
    assert "after 20 batches" in row.name


def test_training_on_other_pictures_would_be_seen(mnist, monkeypatch):
    by_keras = training.by_keras
    monkeypatch.setattr(
        training,
        "by_keras",
        lambda model, split, *rest: by_keras(model, split.__class__(split.images[::-1], split.labels[::-1]), *rest),
    )
    row = training.equal_numbers("mlp", models.mlp, training.part(mnist.train, 64), Recipe("sgd", 0.07, 16, 1))
    assert not row.met


@pytest.mark.parametrize("kernel_size", [3, 4, 5])
def test_every_route_does_the_same_work(kernel_size):
    numbers = np.random.default_rng(0)
    picture = numbers.random((12, 15, 3), np.float32)
    kernel = numbers.random((kernel_size, kernel_size, 3, 2), np.float32)
    assert len(correlation.jobs(picture, kernel, correlation.SCIPY)) == len(correlation.SCIPY) + 2


def test_a_route_that_does_something_else_is_refused():
    picture, kernel = np.ones((8, 8, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    with pytest.raises(AssertionError, match="wrong"):
        correlation.jobs(picture, kernel, {"wrong": lambda p, k: np.zeros((6, 6, 1))})


def test_correlation_has_a_row_against_each():
    rows = correlation.against_libraries(lambda _: None, sizes=(12,), kernels=(3,), channels=((1, 1),))
    assert [row.at_most for row in rows] == [2.0, None]
    assert rows[0].against in correlation.SCIPY
    assert rows[1].against == "tf.nn.conv2d"


def test_a_slow_route_is_given_up_only_where_the_pictures_are_large(monkeypatch):
    tried = []

    def race(jobs, **_):
        tried.append("signal.correlate2d" in jobs)
        return {name: 6.0 if name == "signal.correlate2d" else 1.0 for name in jobs}

    monkeypatch.setattr(correlation, "race", race)
    correlation.against_libraries(lambda _: None, sizes=(28, 64, 128, 256), kernels=(3,), channels=((1, 1),))
    assert tried == [True, True, True, False]


def test_loops_are_timed_against_the_fast_code():
    first, second = correlation.loops(lambda _: None, sizes=(12,), channels=((1, 1), (3, 2)))
    assert (first.name, first.against) == (
        "correlate_by_loops, 12x12, kernel 3x3, channels 1 to 1",
        "cross_correlate",
    )
    assert second.name.endswith("channels 3 to 2")


def test_loops_that_do_something_else_are_refused(monkeypatch):
    monkeypatch.setattr(correlation, "correlate_by_loops", lambda p, k: np.zeros((6, 6)))
    with pytest.raises(AssertionError):
        correlation.loop_jobs(np.ones((8, 8, 1), np.float32), np.ones((3, 3, 1, 1), np.float32))


def judge(monkeypatch, *scores):
    scores = iter(scores)
    monkeypatch.setattr(time_to_accuracy, "predict_classes", lambda model, images: np.arange(1000) >= next(scores))
    found = time_to_accuracy.Judge(models.mlp(), Split(np.zeros(1000), np.ones(1000, int)))
    return found


def test_the_first_epoch_at_the_goal_counts(monkeypatch, tick):
    found = judge(monkeypatch, 11, 10, 20, 0)  # wrong answers of a thousand
    for _ in range(4):
        tick(7)
        found.look()
    assert found.result() == time_to_accuracy.Reached(seconds=14, epochs=2, accuracy=0.99)


def test_a_training_that_misses_the_goal_tells_its_end(monkeypatch, tick):
    found = judge(monkeypatch, 20, 11, 12)
    for _ in range(3):
        tick(7)
        found.look()
    assert found.result() == time_to_accuracy.Reached(seconds=21, epochs=3, accuracy=0.989)
    assert found.result().in_time == math.inf


FAST_RUN, SLOW_RUN, MISSED_RUN = (
    time_to_accuracy.Reached(seconds, epochs, score)
    for seconds, epochs, score in [(6, 3, 0.991), (60, 9, 0.99), (5, 4, 0.98)]
)


def test_a_missed_goal_is_slower_than_any_other_and_is_listed():
    first, *rest = time_to_accuracy.to_rows({"LeNet-5": [MISSED_RUN, FAST_RUN, SLOW_RUN], "Keras example": [SLOW_RUN]})
    assert (first.value, first.against_value, first.met) == (60, 60, False)
    assert rest[0].name == "LeNet-5, seed 1: 98.00% after 4 epochs, the goal is missed"
    assert "missed" not in rest[1].name + rest[2].name


def test_where_most_miss_the_goal_there_is_no_time():
    with pytest.raises(time_to_accuracy.GoalMissedError, match="Too few came to 99%"):
        time_to_accuracy.to_rows({"LeNet-5": [MISSED_RUN, FAST_RUN, MISSED_RUN], "Keras example": [SLOW_RUN]})


def test_the_fast_recipe_is_one_of_a_few_epochs():
    assert LENET5_FAST.recipe.epochs <= 5


def test_every_notebook_is_measured():
    assert set(notebooks.chapters(notebooks.ROOT)) == {path.stem for path in all_notebooks(notebooks.ROOT)}


def test_memory_is_that_of_the_largest_process_of_all():
    large = "b'x' * 200_000_000"
    in_between = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {large!r}])"
    # From a small process: one that is started by a large one counts as large.
    command = [sys.executable, "-c", in_between]
    measure = f"from tests.benchmarks import notebooks; print(notebooks.run({command})[1])"
    done = subprocess.run(
        [sys.executable, "-c", measure], cwd=notebooks.ROOT, capture_output=True, text=True, check=True
    )
    assert 200e6 < int(done.stdout) < 300e6


def test_a_program_that_fails_is_no_measurement():
    with pytest.raises(RuntimeError, match="no such thing"):
        notebooks.run([sys.executable, "-c", "import sys; sys.exit('no such thing')"])


def test_the_changed_chapter_may_be_published(tmp_path):
    for part in ("chapters", "book"):
        shutil.copytree(notebooks.ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("_build"))
    shutil.copy(notebooks.ROOT / "_toc.yml", tmp_path)
    before = translations.check(tmp_path)
    book.change(tmp_path, notebooks.chapters(notebooks.ROOT)[0], 1)
    assert translations.check(tmp_path) == before
    changed = [
        path.name
        for path in tmp_path.rglob("*.ipynb")
        if path.read_bytes() != (notebooks.ROOT / path.relative_to(tmp_path)).read_bytes()
    ]
    assert len(changed) == len(load_languages(tmp_path))
