"""Measure what the course promises about speed and size: `make bench`, or `python -m tests.benchmarks [GROUP ...]`.

Each group runs in a process of its own, and its results are stored as soon as it is finished.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cnn_course.runtime import ENVIRONMENT, make_reproducible
from tests.benchmarks import machine, report
from tests.benchmarks.rows import as_data
from tests.benchmarks.timing import Stopwatch

# With the settings of the notebooks.
COMPUTING = ("training", "time_to_accuracy", "correlation", "photograph", "workers", "gpu")
PHOTOS = "CNN_COURSE_PHOTOS"  # the variable that tests know, too


def main() -> int:
    """Run the groups named on the command line, or all; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"by default all: {', '.join(report.GROUPS)}")
    parser.add_argument("--photos", metavar="FOLDER", help="holds validation, with cats and dogs: for photograph")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # in the process of one group
    options = parser.parse_args()
    unknown = sorted(set(options.groups) - set(report.GROUPS))
    if unknown:
        parser.error(f"there is no group {', '.join(unknown)}: choose from {', '.join(report.GROUPS)}")
    if options.photos:
        os.environ[PHOTOS] = options.photos
    if options.into:
        measure(options.groups[0], options.into)
        return 0
    try:
        return run_all([name for name in report.GROUPS if name in options.groups or not options.groups])
    except KeyboardInterrupt:
        print("\nInterrupted. The results of finished groups are stored.", file=sys.stderr)
        return 130


def run_all(names: list[str]) -> int:
    """Run groups one after the other and store what each finds; return 1 if one failed."""
    failed = []
    for place, name in enumerate(names, start=1):
        print(f"[{place}/{len(names)}] {name}", flush=True)
        watch, others = Stopwatch(), machine.Disturbance()
        found = in_own_process(name)
        if found is None:
            failed.append(name)
            continue
        if not found["rows"]:  # it has said why
            continue
        where = {
            "machine": machine.machine(),
            "versions": machine.versions(),
            "seconds": round(watch.read(), 1),
            "others": others.share(),
        }
        report.store(name, where | found)
    print(f"results: {report.FOLDER / 'RESULTS.md'}")
    if failed:
        print(f"failed, their old results stay: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def in_own_process(name: str) -> dict | None:
    """Run one group in a fresh process, so that nothing of another is in memory; None if it failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "found.json"
        command = [sys.executable, "-m", "tests.benchmarks", name, "--into", str(path)]
        done = subprocess.run(command, env=os.environ | ENVIRONMENT)
        return json.loads(path.read_text(encoding="utf-8")) if done.returncode == 0 else None


def measure(name: str, path: Path) -> None:
    """Run one group in this process and write to a file what it found, and how."""
    if name in COMPUTING:
        make_reproducible()
    group = importlib.import_module(f"tests.benchmarks.{name}")
    rows = group.measure(lambda what: print(f"  {what}", flush=True))
    path.write_text(json.dumps({"how": group.__doc__, "rows": as_data(rows)}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
