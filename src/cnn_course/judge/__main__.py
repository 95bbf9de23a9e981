"""The command line of `cnn_course.judge`."""

import argparse
import os
import sys
from pathlib import Path

from cnn_course import judge
from cnn_course.kept import write_kept
from cnn_course.messages import languages, message, speak
from cnn_course.runtime import make_reproducible


def main() -> int:
    """Judge what is named on the command line; return the exit status: 1 if something could not be judged."""
    parser = argparse.ArgumentParser(prog="python -m cnn_course.judge", description=judge.__doc__)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="a photograph, or a folder of them")
    parser.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="for what is written; default: .")
    parser.add_argument("--language", choices=languages(), default=_language(), help="default: that of the terminal")
    options = parser.parse_args()
    speak(options.language)
    make_reproducible()
    import matplotlib  # after make_reproducible, which has to come before NumPy

    matplotlib.use("agg")  # it opens no windows
    from cnn_course.weights import load_photo_net

    try:
        model = load_photo_net()
        judged = [_judge_one(model, path.expanduser(), options.into) for path in options.paths]
    except KeyboardInterrupt:
        print(f"\n{message('judge.interrupted')}", file=sys.stderr)
        return 130
    return 0 if all(judged) else 1


def _language() -> str:
    """Return the language that the terminal asks for, or English."""
    asked = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")[:2]
    return asked if asked in languages() else "en"


def _judge_one(model, path: Path, into: Path) -> bool:
    """Judge a photograph or a folder, print it and write what belongs to it; tell whether that could be done."""
    from cnn_course.judge import answers, files

    try:
        judged = answers.judge(model, path)
        if path.is_dir():
            print(answers.tell(judged) if judged.labels is None else answers.score(judged))
            written = write_kept(into / f"{path.resolve().name}-judged.csv", files.table(judged))
            print(message("judge.table", path=written))
        else:
            print(answers.tell(judged))
            print(answers.worth(float(judged.shares.max())))
            written = write_kept(into / f"{path.stem}-map.png", files.picture(model, judged))
            print(message("judge.map", path=written))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
