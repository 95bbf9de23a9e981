"""An environment beside the course's own, with other versions of some packages and everything else as locked."""

import shutil
import subprocess
import sys
from pathlib import Path

from book.sources import BookError
from tools.upgrade import runs, versions

ENVIRONMENT = ".venv-trial"  # ignored by git, and removed by `make clean`
UV = Path(sys.executable).with_name("uv")


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
    overrides, lock, folder = root / runs.FOLDER / "trial.in", root / runs.FOLDER / "trial.lock", root / ENVIRONMENT
    overrides.parent.mkdir(exist_ok=True)
    overrides.write_text("".join(f"{line}\n" for line in both_names(pins)), encoding="utf-8")
    shutil.copy(root / versions.LOCK, lock)  # uv keeps the versions that it finds there, as far as they fit
    if not (folder / "bin" / "python").exists():
        _uv("venv", "-q", "--clear", "--python", sys.executable, folder)
    python = ("--python", folder)
    compiled = ("--generate-hashes", "--override", overrides, "--output-file", lock, root / "pyproject.toml")
    _uv("pip", "compile", "-q", *python, *compiled)
    print(f"{folder.name}: installing {', '.join(pins)}, and the rest as in {versions.LOCK} (1.5 GB)", flush=True)
    _uv("pip", "sync", "-q", *python, "--require-hashes", lock)
    _uv("pip", "install", "-q", *python, "--no-deps", "--editable", root)
    # The first use of matplotlib in an environment writes to stderr that it builds a list of fonts.
    subprocess.run([folder / "bin" / "python", "-c", "import matplotlib.pyplot"], capture_output=True, check=False)
    return folder


def both_names(pins: list[str]) -> list[str]:
    """Return what is asked for, with TensorFlow under the name of its wheel for the CPU alone, too."""
    named = [pin.strip() for pin in pins]
    return named + [pin.replace("tensorflow", "tensorflow-cpu", 1) for pin in named if pin.startswith("tensorflow=")]


def _uv(*arguments) -> None:
    done = subprocess.run([UV, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BookError(f"The environment could not be made:\n{done.stderr.strip()}")
