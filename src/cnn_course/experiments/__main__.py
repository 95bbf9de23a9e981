"""The command line of the experiments."""

import argparse
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cnn_course import experiments, records
from cnn_course.experiments import crew, renewal
from cnn_course.runtime import make_reproducible

ALL = "all"
PHOTOS = Path("photos")


def main() -> None:
    """Run the experiment named on the command line, or renew all: alone, or as one of several workers."""
    options = _parse_arguments()
    if options.workers > 1:
        raise SystemExit(crew.start_here(options.workers, _arguments_of_a_worker(options)))
    make_reproducible()
    from cnn_course import workers  # here: TensorFlow comes with it, and has to come after its settings

    try:
        strategy = workers.join()
        with strategy.scope():
            _take_part(options, workers.Team(strategy))
    except workers.WorkerLostError as error:
        raise SystemExit(f"{error} {_what_is_kept(options.name)}") from None
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(f"\nInterrupted. {_what_is_kept(options.name)}") from None


def _take_part(options: argparse.Namespace, team) -> None:
    """Lead the others, or follow the one that leads."""
    photos = options.photos or (None if options.name == ALL else PHOTOS)
    tasks_of = cache(lambda name: experiments.tasks(name, photos))
    if not team.is_chief:
        crew.follow(team, tasks_of)
        return

    def lead(name: str) -> dict[str, Callable[[], dict]]:
        return crew.led(team, name, tasks_of(name))

    if options.name == ALL:
        renewal.renew(photos, options.again, lead)
    else:
        tasks = lead(options.name)  # what is wrong with the photographs is found before anything is marked
        if options.again:
            records.put_aside(options.name, only=options.run)
        records.run_missing(options.name, tasks, only=options.run)
    crew.dismiss(team)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cnn_course.experiments", description=experiments.__doc__)
    names = [*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS]
    parser.add_argument("name", choices=[ALL, *names], help="what to run")
    parser.add_argument("--again", action="store_true", help="keep a copy of the record, run all anew")
    parser.add_argument(
        "--photos",
        type=Path,
        help="for cats-dogs-… and all: a folder with train, validation and test, each with cats and dogs "
        "(default: photos, for cats-dogs-… only)",
    )
    parser.add_argument(
        "--run",
        metavar="PATTERN",
        default="*",
        help='only the runs whose names match, such as "*, seed 3": other machines can make the others meanwhile',
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=int,
        default=1,
        help="let so many processes on this machine train together; several machines: docs/many-machines.md",
    )
    options = parser.parse_args()
    if options.name == ALL and options.run != "*":
        parser.error("--run needs the name of one experiment")
    if options.workers < 1:
        parser.error(f"--workers must be at least 1, got {options.workers}")
    if options.workers > 1 and "TF_CONFIG" in os.environ:
        parser.error("--workers starts workers of its own, and TF_CONFIG names others: leave one of them out")
    return options


def _arguments_of_a_worker(options: argparse.Namespace) -> list[str]:
    photos = ["--photos", str(options.photos)] if options.photos else []
    again = ["--again"] if options.again else []
    return ["-m", "cnn_course.experiments", options.name, "--run", options.run, *again, *photos]


def _what_is_kept(name: str) -> str:
    kept = "Finished runs are recorded"
    names = [*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS] if name == ALL else [name]
    if found := [str(path) for each in names for path in records.checkpoints_of(each)]:
        kept += f", and the finished epochs of the run that was going on are in {', '.join(found)}"
    return f"{kept}; the same command, without --again, goes on from there."


if __name__ == "__main__":
    main()
