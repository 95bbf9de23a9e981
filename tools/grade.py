"""Grade hand-ins: ``python -m tools.grade FOLDER`` (or ``make grade HANDINS=folder``).

Below the folder lies a folder for each student, or a notebook for each, with any file names. nbgrader, in an
environment of its own, runs each hand-in from the top in a process that has no network, no files but a copy of the
hand-in, and limits of time and memory; then come the checks of the exercises, a point each. The points are in
`grades.csv`, beside the notebooks as they were run.

What runs in the process of a hand-in may change what the check does there, so a point is no proof: look at a notebook
that surprises you.
"""

import argparse
import csv
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat.v4
from nbformat import NotebookNode
from tqdm import tqdm

from book.course import Course, load_course
from book.edition import EXERCISE
from book.grading import KERNEL, exercises, gradable, page_of
from book.pages import ENGLISH, ROOT, pages, read
from book.sources import BookError, run_command
from tools import sandbox

STUDENT = "student"  # nbgrader grades one at a time
COURSE, GRADER = ".venv", ".venv-grade"
ONE = "tools/grade_one.py"
ENDING = "-graded"
DESK = "desk"  # where a hand-in runs, with a copy of the files that lie beside it
OF_CELL = 1 / 6  # of the time of a hand-in, that one cell may take: then it is interrupted, and the next one runs
WITHOUT = (
    "With SANDBOX=no hand-ins are run without: only for those that you trust, or in a container or virtual machine."
)


@dataclass
class Row:
    """What one student handed in."""

    name: str
    points: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def hand_ins(folder: Path) -> dict[str, list[Path]]:
    """Return the notebooks of each student: those of a folder, or one that lies by itself.

    Raises
    ------
    BookError
        If there is none.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") for part in parts):
            found.setdefault(parts[0] if len(parts) > 1 else path.stem, []).append(path)
    if not found:
        raise BookError(f"{folder}: no notebook is there; put a folder for each student there, with the hand-ins in it")
    return found


def tests_of(course: Course) -> dict[str, dict[str, str]]:
    """Return the test of each exercise, by chapter; what has no check is for a person to judge."""
    book = pages(course.root, ENGLISH)
    files = {each.name: book.get(each.name) or next(iter(each.files.values())) for each in course.chapters}
    found = {name: exercises(read(path)) for name, path in files.items()}
    return {name: each for name, each in found.items() if each}


class Grader:
    """Grades hand-ins of a course, one after the other.

    Parameters
    ----------
    course
        The course.
    folder
        The hand-ins.
    limits
        For each hand-in of a chapter.
    is_wrapped
        Whether network and files are kept from hand-ins.
    """

    def __init__(self, course: Course, folder: Path, limits: sandbox.Limits, is_wrapped: bool):
        self.course, self.folder, self.limits, self.is_wrapped = course, folder, limits, is_wrapped
        self.tests = tests_of(course)

    def grade(self, row: Row, path: Path, kept: Path) -> None:
        """Grade one notebook; write points and notes into the row, and the notebook as it was run into a folder."""
        try:
            chapter, notebook = page_of(path, list(self.tests))
        except BookError as error:
            row.notes.append(str(error))
            return
        row.points |= {f"{chapter} {name.removeprefix(EXERCISE)}": 0 for name in self.tests[chapter]}
        with tempfile.TemporaryDirectory(prefix="grade-") as place:
            folder = Path(place)
            self.prepare(folder, chapter, notebook, path)
            stopped = sandbox.run(self.command(folder, chapter), self.limits, folder, self.environment(folder))
            result = folder / "result.json"
            found = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {"points": {}, "log": "?"}
            for name, points in found["points"].items():
                row.points[f"{chapter} {name.removeprefix('test-').removeprefix(EXERCISE)}"] = points
            if stopped or found["log"]:
                row.notes.append(f"{chapter}: {stopped or explained(found['log'], folder)}")
            ran = folder / "autograded" / STUDENT / chapter / f"{chapter}.ipynb"
            if ran.is_file():
                kept.mkdir(parents=True, exist_ok=True)
                shutil.copy(ran, kept)

    def command(self, folder: Path, chapter: str) -> list[str]:
        """Return the command that grades what `prepare` wrote."""
        root, seconds = self.course.root, max(1, int(self.limits.seconds * OF_CELL))
        return [str(root / GRADER / "bin" / "python"), "-Es", str(root / ONE), str(folder), chapter, str(seconds)]

    def prepare(self, folder: Path, chapter: str, notebook: NotebookNode, path: Path) -> None:
        """Write a course of one chapter and one hand-in, as nbgrader wants it, with a kernel that is kept in."""
        nothing = nbformat.v4.new_notebook()
        made = {"source": nothing, f"submitted/{STUDENT}": notebook}
        for place, each in made.items():
            file = folder / place / chapter / f"{chapter}.ipynb"
            file.parent.mkdir(parents=True)
            file.write_text(nbformat.v4.writes(gradable(each, self.tests[chapter])), encoding="utf-8")
        for name in ("runtime", "scratch"):
            (folder / name).mkdir()
        if path.parent == self.folder:
            (folder / DESK).mkdir()
        else:
            shutil.copytree(path.parent, folder / DESK, symlinks=True)
        kernel = folder / "kernels" / KERNEL / "kernel.json"
        kernel.parent.mkdir(parents=True)
        spec = {"argv": self.kernel(folder), "display_name": KERNEL, "language": "python", "interrupt_mode": "message"}
        kernel.write_text(json.dumps(spec), encoding="utf-8")

    def kernel(self, folder: Path) -> list[str]:
        """Return the command that starts the process in which a hand-in runs: only that is kept in, not nbgrader."""
        root, desk = self.course.root, str(folder / DESK)
        python = [str(root / COURSE / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        command = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", desk, *python]
        if not self.is_wrapped:
            return command
        readable = [root / COURSE, root / "src", Path(home_of(root / COURSE))]
        return sandbox.wrapped(
            command, [folder / "scratch", folder / "runtime", folder / DESK], readable, folder / DESK
        )

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the variables of the process: none of the teacher's but the path of programs."""
        return {
            "PATH": f"{self.course.root / GRADER / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(folder / DESK),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.course.root / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "JUPYTER_PATH": str(folder),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "IPYTHONDIR": str(folder / "scratch" / "ipython"),
            "MPLCONFIGDIR": str(folder / "scratch" / "matplotlib"),
        }


def home_of(environment: Path) -> str:
    """Return the folder of the Python that an environment was made with."""
    settings = (environment / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    home = next(line.partition("=")[2].strip() for line in settings if line.startswith("home"))
    return str(Path(home).resolve().parent)


def explained(log: str, folder: Path) -> str:
    """Return in a few words why nbgrader gave up."""
    if "DeadKernelError" in log or "Kernel died" in log:
        return "the process ended before its time: it was killed, perhaps for want of memory, or ended itself"
    kept = (folder / "log").read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in f"{kept}\n{log}".splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return f"not graded: {next(iter([*errors, *lines[-1:]]), 'no reason was given')}"


# The table ------------------------------------------------------------------------------------------------------------


def write_table(path: Path, rows: list[Row], columns: list[str]) -> None:
    """Write the points, a row for each student; what was not handed in stays empty."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # with the mark by which spreadsheets know UTF-8
        writer = csv.writer(file)
        writer.writerow(["name", "points", "of", *columns, "notes"])
        for row in rows:
            points = [f"{row.points[column]:g}" if column in row.points else "" for column in columns]
            writer.writerow(
                [safe(row.name), f"{sum(row.points.values()):g}", len(row.points), *points, safe("; ".join(row.notes))]
            )


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("Ada")
    ("'=1+1", 'Ada')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def new_folder(handins: Path) -> Path:
    """Return a new folder beside the hand-ins; earlier results are left alone."""
    for number in range(1, 1000):
        folder = handins.with_name(f"{handins.name}{ENDING}" + (f"-{number}" if number > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise BookError(f"{handins}{ENDING}: too many results; tidy up there")


def grade_all(grader: Grader, folder: Path) -> None:
    """Grade all hand-ins of a folder; the table is written after each, so that Ctrl-C loses only one."""
    every, results = hand_ins(folder), new_folder(folder)
    rows: list[Row] = []
    columns = [f"{chapter} {name.removeprefix(EXERCISE)}" for chapter, own in grader.tests.items() for name in own]
    with tqdm(total=sum(map(len, every.values())), unit="notebook", disable=None) as bar:
        for name, paths in every.items():
            rows.append(Row(name))
            for path in paths:
                bar.set_postfix_str(name)
                grader.grade(rows[-1], path, results / name)
                used = {column for row in rows for column in row.points}
                write_table(results / "grades.csv", rows, [column for column in columns if column in used])
                bar.update()
    for row in rows:
        print(
            f"{row.name}: {sum(row.points.values()):g} of {len(row.points)}"
            + "".join(f"; {note}" for note in row.notes)
        )
    print(f"{results / 'grades.csv'}; beside it, each hand-in as it was run")


# The command line -----------------------------------------------------------------------------------------------------


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.grade", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder for each student, or a notebook for each")
    parser.add_argument("--seconds", type=float, default=900, help="for a hand-in of one chapter (default: 900)")
    parser.add_argument("--memory", type=float, default=4, help="in GB, for a hand-in (default: 4)")
    parser.add_argument("--sandbox", choices=["yes", "no"], default="yes", help="no: trust the hand-ins")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Grade a folder of hand-ins; return the exit status."""
    options = parse_arguments(arguments)

    def run() -> int:
        folder = options.folder.resolve()
        if not folder.is_dir():
            raise BookError(f"{options.folder} is no folder; write: make grade HANDINS=folder")
        is_wrapped = options.sandbox == "yes"
        with tempfile.TemporaryDirectory() as place:
            fault = sandbox.works(Path(place)) if is_wrapped else ""
        if fault:
            raise BookError(f"{fault}. {WITHOUT}")
        if not is_wrapped:
            print("Without a sandbox: a hand-in may read, change and delete all that you may, and use the network.")
        limits = sandbox.Limits(options.seconds, options.memory)
        grade_all(Grader(load_course(root), folder, limits, is_wrapped), folder)
        return 0

    return run_command(run, kept="the rows that were finished are in the table")


if __name__ == "__main__":
    sys.exit(main())
