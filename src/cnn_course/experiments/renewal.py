"""Renew the records of all experiments, and with them the shipped weights: what to do, how long, and one by one."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cnn_course import experiments, records


@dataclass(frozen=True)
class Plan:
    """What will be done about one experiment.

    Attributes
    ----------
    name : str
    words : str
        What, and why.
    put_aside : bool
        Whether all of its runs are made again.
    left_out : bool
        Whether it cannot be run.
    seconds : float
        How long the runs took whose time is recorded.
    unknown : int
        How many runs have no such record.
    """

    name: str
    words: str
    put_aside: bool = False
    left_out: bool = False
    seconds: float = 0.0
    unknown: int = 0


def plan(name: str, photos: Path | None, again: bool) -> Plan:
    """Say what is to be done about an experiment.

    Parameters
    ----------
    name : str
        One of ``ON_SHIPPED_DATA`` or ``ON_PHOTOGRAPHS``.
    photos : Path or None
        Where photographs are; without them what needs them is left out.
    again : bool
        Whether to renew what was made with the installed versions, too.
    """
    if name in experiments.ON_PHOTOGRAPHS and photos is None:
        return Plan(name, "left out: it needs photographs (--photos FOLDER)", left_out=True)
    if not records.record_path(name).exists():
        return Plan(name, "has no record: made now", unknown=1)  # or more: only the code knows
    record = records.load_record(name)
    made = f"made with {records.in_words(record.get('versions', {}))}"
    if again or records.other_versions(record):
        return Plan(name, f"{_runs(record['runs'])} anew; {made}", put_aside=True, **_times(record, record["runs"]))
    if outdated := record.get("outdated"):
        return Plan(name, f"{_runs(outdated)} of {len(record['runs'])} left to renew", **_times(record, outdated))
    return Plan(name, "up to date; only what is missing is run")


def _runs(keys) -> str:
    return f"{len(keys)} run{'s' * (len(keys) != 1)}"


def _times(record: dict, keys) -> dict:
    times = [records.seconds_of(record, key) for key in keys]
    return {"seconds": sum(filter(None, times)), "unknown": times.count(None)}


def announce(plans: list[Plan]) -> None:
    """Print what will be done, and about how long it takes."""
    print(f"Installed: {records.in_words(records.installed_versions())}")
    for each in plans:
        print(f"  {each.name:{max(len(other.name) for other in plans)}}  {each.words}{_time(each)}")
    total = Plan("", "", seconds=sum(each.seconds for each in plans), unknown=sum(each.unknown for each in plans))
    if total.seconds or total.unknown:
        print(f"In all{_time(total).removeprefix(';')}. Old records are kept as NAME.json.old, until the next renewal.")
        print("Ctrl-C keeps every finished run; the same command, without --again, goes on.", flush=True)


def _time(of: Plan) -> str:
    known = f" {records.about(of.seconds)}" if of.seconds else ""
    unknown = f" {_runs(range(of.unknown))} of unknown length" if of.unknown else ""
    return f";{known}{' and' if known and unknown else ''}{unknown}" if known or unknown else ""


def renew(photos: Path | None, again: bool) -> None:
    """Run every experiment whose record was made with other versions, or all of them again.

    Parameters
    ----------
    photos : Path or None
        As for `plan`.
    again : bool
        As for `plan`.

    Raises
    ------
    FileNotFoundError, ValueError
        If there are no such photographs, or a record is damaged; what was finished before is recorded.
    """
    _refuse_missing(photos)
    names = [*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS]
    plans = [plan(name, photos, again) for name in names]
    announce(plans)
    chosen = [each for each in plans if not each.left_out]
    for number, each in enumerate(chosen, start=1):
        print(f"{number}/{len(chosen)} {each.name}", flush=True)
        tasks = experiments.tasks(each.name, photos)
        if each.put_aside:
            records.put_aside(each.name)
        records.run_missing(each.name, {key: _quiet(task) for key, task in tasks.items()})


def _refuse_missing(photos: Path | None) -> None:
    """Refuse a folder without photographs now: the experiments that read it come last, after hours."""
    for part in ("train", "validation", "test") if photos else ():
        if not (photos / part).is_dir():
            raise FileNotFoundError(f"There is no folder {photos / part}. Name one with --photos, or leave that out.")


def _quiet(task: Callable[[], dict]) -> Callable[[], dict]:
    """Keep what a run prints from the screen; the bar of a training, on stderr, is shown."""

    def run() -> dict:
        with contextlib.redirect_stdout(io.StringIO()):
            return task()

    return run
