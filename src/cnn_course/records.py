"""What long runs have found out: one file an experiment, written run by run and read by the chapters."""

import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from cnn_course import shipped

RECORDS = shipped.DATA / "records"


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
        ``command``, ``versions``, ``machine`` and ``runs``: one dict per finished run.

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
    """
    path = record_path(name, folder)
    runs = load_record(name, folder)["runs"] if path.exists() else {}
    for number, (key, task) in enumerate(tasks.items(), start=1):
        if key in runs:
            print(f"{number}/{len(tasks)} {key}: recorded")
            continue
        print(f"{number}/{len(tasks)} {key}: running")
        runs[key] = task()
        record = {"command": f"python -m cnn_course.experiments {name}", **_circumstances(), "runs": runs}
        _write_whole(path, json.dumps(record, indent=1) + "\n")
        checkpoint_path(name, folder).unlink(missing_ok=True)
    return load_record(name, folder)


def record_path(name: str, folder: Path | None = None) -> Path:
    """Say where the record of an experiment is kept."""
    return (folder or RECORDS) / f"{name}.json"


def checkpoint_path(name: str, folder: Path | None = None) -> Path:
    """Say where an experiment may keep the state of a run: a file that is removed once the run is recorded."""
    return (folder or RECORDS) / f"{name}.npz"


def put_aside(name: str, folder: Path | None = None) -> None:
    """Make an experiment begin anew: its record stays under a name that ends in ``.old``, its checkpoint goes."""
    path = record_path(name, folder)
    if path.exists():
        path.replace(path.with_suffix(".json.old"))
    checkpoint_path(name, folder).unlink(missing_ok=True)


def _circumstances() -> dict:
    return {
        "versions": {package: version(package) for package in ("keras", "numpy")}
        | {"python": platform.python_version(), "tensorflow": _tensorflow_version()},
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
