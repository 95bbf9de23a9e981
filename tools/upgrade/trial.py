"""An environment beside the course's own, with other versions of some packages and everything else as locked."""

import shutil
import subprocess
import sys
from pathlib import Path

from book.sources import BookError
from tools.upgrade import runs, versions

ENVIRONMENT = ".venv-trial"  # ignored by git, and removed by `make clean`
BUILDER = "hatchling\neditables\n"  # what installs the course itself


def make(root: Path, pins: list[str]) -> Path:
    """Make the environment, or bring the one that is there to these versions.

    Parameters
    ----------
    root : Path
        The course.
    pins : list of str
        Such as ``tensorflow==2.20.0``; on machines that use the wheel for the CPU alone it is that one.

    Returns
    -------
    Path
        The folder of the environment.

    Raises
    ------
    BookError
        If there are no such versions, or they do not go together.
    """
    kept, folder = root / runs.FOLDER, root / ENVIRONMENT
    lock, overrides, builder = kept / "trial.lock", kept / "trial.in", kept / "builder.in"
    kept.mkdir(exist_ok=True)
    overrides.write_text("".join(f"{line}\n" for line in both_names(pins)), encoding="utf-8")
    builder.write_text(BUILDER, encoding="utf-8")
    shutil.copy(root / versions.LOCK, lock)  # uv keeps the versions that it finds there, as far as they fit
    python = folder / "bin" / "python"
    if not python.exists():
        _run(["uv", "venv", "-q", "--clear", "--python", sys.executable, folder])
    sources = [root / "pyproject.toml", builder, "--override", overrides]
    _run(["uv", "pip", "compile", "-q", "--python", python, *sources, "--generate-hashes", "--output-file", lock])
    print(f"{folder.name}: installing {', '.join(pins)}, and the rest as in {versions.LOCK} (1.5 GB)", flush=True)
    _run(["uv", "pip", "sync", "-q", "--python", python, "--require-hashes", lock])
    _run(["uv", "pip", "install", "-q", "--python", python, "--no-deps", "--no-build-isolation", "--editable", root])
    # The first use of matplotlib in an environment writes to stderr that it builds a list of fonts.
    subprocess.run([python, "-c", "import matplotlib.pyplot"], capture_output=True, check=False)
    return folder


def both_names(pins: list[str]) -> list[str]:
    """Return what is asked for, with TensorFlow under the name of its wheel for the CPU alone, too."""
    named = [pin.strip() for pin in pins]
    return named + [pin.replace("tensorflow", "tensorflow-cpu", 1) for pin in named if pin.startswith("tensorflow=")]


def _run(command: list) -> None:
    """Run uv: that of the course's environment."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BookError(f"The environment could not be made:\n{done.stderr.strip()}")
