"""The command line of `cnn_course.classify`."""

import argparse
from pathlib import Path

from cnn_course import classify
from cnn_course.runtime import make_reproducible


def main() -> None:
    """Classify what is named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m cnn_course.classify", description=classify.__doc__)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="a photograph, or a folder of them")
    paths = parser.parse_args().paths
    make_reproducible()
    from cnn_course.classify.answers import judge  # after make_reproducible, which has to come before NumPy

    try:
        for path in paths:
            print(judge(path))
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
