"""What long runs have found out: one file an experiment, written run by run and read by the chapters."""

import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from cnn_course import shipped

RECORDS = shipped.DATA / "records"
COMPARED = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}


def load_record(name: str, folder: Path | None = None) -> dict:
    """Return what an experiment has recorded.

    Parameters
    ----------
    name : str
        Of the experiment, such as ``"lenet5-recipes"``.
    folder : Path, optional
        Where records are kept; the package's own by default.

    Returns
    -------
    dict
        ``command``, ``versions``, ``machine``, ``seconds`` by run, and ``runs``: one dict per finished run. While it
        is being renewed, also ``outdated``: the runs still to be made again, with the versions that made them.

    Raises
    ------
    FileNotFoundError
        If there is no such record.
    ValueError
        If the file is damaged.

    Examples
    --------
    >>> run = load_record("deep-mnist")["runs"]["20,000 steps"]
    >>> run["test_count"]
    10000
    """
    path = record_path(name, folder)
    make = f"Make it: python -m cnn_course.experiments {name}"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no record {path}. {make}") from None
    except ValueError as error:
        raise ValueError(
            f"The record {path} is damaged ({error}). Restore it from git, or move it away. {make}"
        ) from None
    if not isinstance(record, dict) or not isinstance(record.get("runs"), dict):
        raise ValueError(f"The record {path} holds no runs. Restore it from git, or move it away. {make}")
    return record


def run_missing(name: str, tasks: dict[str, Callable[[], dict]], folder: Path | None = None) -> dict:
    """Run every task that the record does not hold yet and save after each, so that Ctrl-C loses one run at most.

    Runs that `put_aside` has marked are made again, and replaced one by one.

    Parameters
    ----------
    name : str
        Of the experiment.
    tasks : dict of str to callable
        Each run's key in the record, and the function that does it and returns its result.
    folder : Path, optional
        Where to keep the record; the package's own by default.

    Returns
    -------
    dict
        The complete record.

    Raises
    ------
    ValueError
        If runs are missing, and those that are there were made with other versions.
    """
    path = record_path(name, folder)
    record = load_record(name, folder) if path.exists() else {"runs": {}}
    to_do = _to_do(record, tasks)
    _refuse_mixture(name, record, to_do)
    for number, (key, task) in enumerate(tasks.items(), start=1):
        if key not in to_do:
            print(f"{number}/{len(tasks)} {key}: recorded")
            continue
        print(f"{number}/{len(tasks)} {key}: running{_about(record, key)}", flush=True)
        start, resumed = time.perf_counter(), bool(checkpoints_of(name, folder))
        run = task()
        seconds = {} if resumed else {key: round(time.perf_counter() - start, 1)}
        record = _with_run(name, record, tasks, key, run, seconds)
        _write_whole(path, json.dumps(record, indent=1) + "\n")
        _remove_checkpoints(name, folder)
    return load_record(name, folder)


def _to_do(record: dict, tasks: dict) -> list[str]:
    return [key for key in tasks if key not in record["runs"] or key in record.get("outdated", {})]


def _about(record: dict, key: str) -> str:
    seconds = seconds_of(record, key)
    return f", {about(seconds)} when it was last made" if seconds else ""


def _refuse_mixture(name: str, record: dict, to_do: list[str]) -> None:
    """Refuse to add runs to others that were made with other versions: they could not be compared."""
    kept = record["runs"].keys() - record.get("outdated", {})
    if to_do and kept and other_versions(record):
        raise ValueError(
            f"{len(to_do)} runs of {name} are missing, and the others were made with {in_words(record['versions'])}, "
            f"not {in_words(installed_versions())}. Make all anew: python -m cnn_course.experiments {name} --again"
        )


def _with_run(name: str, record: dict, tasks: dict, key: str, run: dict, seconds: dict) -> dict:
    """Return a record with one more run, in the order of the tasks; what is outdated and no task goes with the last."""
    runs, times = record["runs"] | {key: run}, record.get("seconds", {}) | seconds
    outdated = {other: versions for other, versions in record.get("outdated", {}).items() if other != key}
    if not outdated.keys() & tasks.keys():
        runs, outdated = {other: each for other, each in runs.items() if other not in outdated}, {}
    order = [*(other for other in tasks if other in runs), *(other for other in runs if other not in tasks)]
    return {
        "command": f"python -m cnn_course.experiments {name}",
        **_circumstances(),
        "seconds": {other: times[other] for other in order if other in times},
        **({"outdated": outdated} if outdated else {}),
        "runs": {other: runs[other] for other in order},
    }


def seconds_of(record: dict, key: str) -> float | None:
    """Return how long a recorded run took, as far as the record tells."""
    run = record["runs"].get(key, {})
    epochs = run.get("seconds_per_epoch", 0) * len(run.get("loss", ()))
    return record.get("seconds", {}).get(key) or run.get("seconds") or epochs or None


def about(seconds: float) -> str:
    """Say a time in words.

    >>> about(40), about(500), about(9000)
    ('about 40 s', 'about 8 min', 'about 2.5 h')
    """
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def record_path(name: str, folder: Path | None = None) -> Path:
    """Say where the record of an experiment is kept."""
    return (folder or RECORDS) / f"{name}.json"


def checkpoint_path(name: str, folder: Path | None = None, leg: str = "") -> Path:
    """Say where an experiment may keep the state of a run, or of a leg: files that go once the run is recorded."""
    return (folder or RECORDS) / f"{name}{leg and '.' + leg}.npz"


def checkpoints_of(name: str, folder: Path | None = None) -> list[Path]:
    """Return the checkpoints that an interrupted run of an experiment has left."""
    return sorted((folder or RECORDS).glob(f"{name}.*npz"))


def _remove_checkpoints(name: str, folder: Path | None) -> None:
    for path in checkpoints_of(name, folder):
        path.unlink()


def put_aside(name: str, folder: Path | None = None) -> None:
    """Make an experiment begin anew, without losing anything before its replacement.

    The record is copied to a name that ends in ``.old``, and stays in its place with all its runs marked as
    ``outdated``: `run_missing` makes them again. A record that is being renewed is marked, but not copied again. The
    checkpoint goes.
    """
    path = record_path(name, folder)
    if path.exists():
        record = load_record(name, folder)
        outdated = record.get("outdated", {})
        if not outdated:
            shutil.copy2(path, path.with_suffix(".json.old"))
        marks = {key: outdated.get(key, record.get("versions", {})) for key in record["runs"]}
        _write_whole(path, json.dumps(record | {"outdated": marks}, indent=1) + "\n")
    _remove_checkpoints(name, folder)


def other_versions(record: dict) -> bool:
    """Tell whether a record was made with other versions than the installed ones; Python's own do not count."""
    made, here = record.get("versions", {}), installed_versions()
    return any(made.get(name) != here[name] for name in COMPARED)


def installed_versions() -> dict[str, str]:
    """Return the versions that decide about results."""
    return {package: version(package) for package in ("keras", "numpy")} | {
        "python": platform.python_version(),
        "tensorflow": _tensorflow_version(),
    }


def in_words(versions: dict[str, str]) -> str:
    """Name the versions that are compared."""
    return ", ".join(f"{title} {versions.get(name, 'unknown')}" for name, title in COMPARED.items())


def _circumstances() -> dict:
    return {
        "versions": installed_versions(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, no GPU",
    }


def _tensorflow_version() -> str:
    import tensorflow as tf  # here, so that reading a record does not wait for it; the package's name varies

    return tf.__version__


def _write_whole(path: Path, text: str) -> None:
    """Write beside the file and rename, so that an interruption leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
