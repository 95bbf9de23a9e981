"""The command line of the experiments."""

import argparse
from pathlib import Path

from cnn_course import experiments, records
from cnn_course.runtime import make_reproducible


def main() -> None:
    """Run the experiment named on the command line."""
    options = _parse_arguments()
    make_reproducible()
    try:
        # What is wrong with the photographs is found before the old record is put aside.
        tasks = experiments.tasks(options.name, options.photos)
        if options.again:
            records.put_aside(options.name)
        records.run_missing(options.name, tasks)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(_what_is_kept(options.name)) from None


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cnn_course.experiments", description=experiments.__doc__)
    names = [*experiments.ON_SHIPPED_DATA, *experiments.ON_PHOTOGRAPHS]
    parser.add_argument("name", choices=names, help="what to run")
    parser.add_argument("--again", action="store_true", help="put the record aside and run everything anew")
    parser.add_argument(
        "--photos",
        type=Path,
        default=Path("photos"),
        help="for cats-dogs-…: a folder with train and validation, each with cats and dogs (default: photos)",
    )
    return parser.parse_args()


def _what_is_kept(name: str) -> str:
    kept = "Finished runs are recorded"
    if records.checkpoint_path(name).exists():
        kept += f", and the finished epochs of the run that was going on are in {records.checkpoint_path(name)}"
    return f"\nInterrupted. {kept}; the same command, without --again, goes on from there."


if __name__ == "__main__":
    main()
