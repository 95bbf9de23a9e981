"""The command line of the upgrade report."""

import argparse
import sys
from pathlib import Path

import tools.upgrade
from book import evidence
from book.pages import ROOT
from book.sources import BookError
from tools.upgrade import accept, chapters, page, runs, trial, versions


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run chapters and write the page, or accept cells; return the exit status: differences are no failure."""
    options = parse_arguments(arguments)
    try:
        if options.accept:
            return accepted(root, options.accept)
        paths = chapters.notebooks(root, options.only)
        environment = trial.make(root, options.versions) if options.versions else options.python
        return reported(root, paths, versions.interpreter(environment))
    except BookError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"cannot write {error.filename}: {error.strerror}", file=sys.stderr)
    return 1


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.upgrade", description=tools.upgrade.__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="CHAPTER", help="such as 02_convolution; all else")
    environment = parser.add_mutually_exclusive_group()
    environment.add_argument(
        "--with",
        nargs="+",
        dest="versions",
        metavar="VERSION",
        help=f"such as tensorflow==2.20.0: run in {trial.ENVIRONMENT}, with these and all else as locked",
    )
    environment.add_argument("--python", metavar="ENVIRONMENT", help="run with the Python of another environment")
    parser.add_argument(
        "--accept",
        nargs="+",
        metavar="CELL",
        help="run nothing; store the new outputs of these cells, such as 02_convolution::size-check, or of all",
    )
    options = parser.parse_args(arguments)
    if options.accept and (options.only or options.python or options.versions):
        parser.error("--accept takes the outputs of the run that was made: it goes with no other option")
    return options


def reported(root: Path, paths: dict[str, Path], python: Path) -> int:
    """Run chapters, and write the page anew after each."""
    status = 0
    try:
        for ran in runs.run(root, paths, python):
            found = page.changes(root)
            page.write(root, found)
            print(page.line(next(each for each in found if each.ran.name == ran.name)), flush=True)
    except KeyboardInterrupt:
        print("\nInterrupted; what was run is kept.", file=sys.stderr)
        status = 130
    tell(root)
    return status


def accepted(root: Path, names: list[str]) -> int:
    """Accept cells, write the page anew, and say what was done."""
    lines = accept.accept(root, names)
    print("\n".join(lines) if lines else "There is nothing to accept.")
    tell(root)
    if lines and (problems := evidence.check(root)):
        print("\n".join(["Now the text has numbers that no output holds:", *problems]))
    return 0


def tell(root: Path) -> None:
    """Write the page and say what it shows, and where it is."""
    found = page.changes(root)
    path = page.write(root, found)
    print(page.note(found))
    print(f"The page: {path.relative_to(root)}")


if __name__ == "__main__":
    sys.exit(main())
