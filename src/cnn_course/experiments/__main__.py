"""The command line of the experiments."""

import argparse
from pathlib import Path

from cnn_course import experiments, records
from cnn_course.experiments import renewal
from cnn_course.runtime import make_reproducible

ALL = "all"


def main() -> None:
    """Run the experiment named on the command line, or renew all."""
    options = _parse_arguments()
    make_reproducible()
    try:
        if options.name == ALL:
            renewal.renew(options.photos, options.again)
        else:
            _run(options.name, options.photos or Path("photos"), options.again)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(_what_is_kept(options.name)) from None


def _run(name: str, photos: Path, again: bool) -> None:
    tasks = experiments.tasks(name, photos)  # what is wrong with the photographs is found before anything is marked
    if again:
        records.put_aside(name)
    records.run_missing(name, tasks)


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
    return parser.parse_args()


def _what_is_kept(name: str) -> str:
    kept = "Finished runs are recorded"
    names = [*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS] if name == ALL else [name]
    if found := [str(path) for each in names for path in records.checkpoints_of(each)]:
        kept += f", and the finished epochs of the run that was going on are in {', '.join(found)}"
    return f"\nInterrupted. {kept}; the same command, without --again, goes on from there."


if __name__ == "__main__":
    main()
