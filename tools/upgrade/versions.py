"""The versions behind the stored outputs, behind new ones, and those that are locked."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from book.sources import BookError

# What decides about the outputs of a chapter, with the distributions that may bring it.
PACKAGES = {
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "keras": ("keras",),
    "numpy": ("numpy",),
    "matplotlib": ("matplotlib",),
    "pillow": ("pillow",),
    "ipykernel": ("ipykernel",),
}
LOCK = "requirements.lock"
# Run by the interpreter in question: it imports none of the packages, and prints JSON.
ASK = """
import importlib.metadata, json, platform, sys
def version(names):
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
print(json.dumps({"python": platform.python_version()} | {k: version(v) for k, v in json.loads(sys.argv[1]).items()}))
"""


def interpreter(given: str | Path | None) -> Path:
    """Return the interpreter that was asked for: by its path, or by the folder of its environment.

    Raises
    ------
    BookError
        If there is none.
    """
    if not given:
        return Path(sys.executable)
    path = Path(given).expanduser()
    if path.is_dir():
        path /= "bin/python"
    if not path.is_file():
        raise BookError(f"There is no Python at {path}; name an environment, or its bin/python.")
    return path.absolute()  # not resolved: a link into an environment must stay one


def installed(python: Path) -> dict[str, str]:
    """Return the versions in the environment of an interpreter, with its own as ``python``.

    Raises
    ------
    BookError
        If it cannot be run, or has no ipykernel to run chapters with.
    """
    try:
        done = subprocess.run([python, "-c", ASK, json.dumps(PACKAGES)], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise BookError(f"{python} is no Python that runs: {said.strip()}") from error
    if not found["ipykernel"]:
        raise BookError(f"{python} cannot run chapters: install ipykernel and what else the course needs there.")
    return {name: version for name, version in found.items() if version}


def locked(root: Path) -> dict[str, str]:
    """Return the versions in the lock file; none if there is no such file."""
    path = root / LOCK
    return in_lock(path.read_text(encoding="utf-8")) if path.exists() else {}


def stored(root: Path) -> tuple[dict[str, str], str]:
    """Return the versions that the stored outputs were made with, and where that is known from.

    Nothing in a notebook tells. The lock file of the last commit that changed a chapter does: the tests hold the
    chapters to it.
    """
    commit = _git(root, "log", "-1", "--format=%h", "--", "chapters/en").strip()
    text = _git(root, "show", f"{commit}:{LOCK}") if commit else ""
    if text:
        return in_lock(text), f"{LOCK} of {commit}, the last commit that changed chapters/en"
    return locked(root), LOCK


def in_lock(text: str) -> dict[str, str]:
    """Return the versions of ``PACKAGES`` in the text of a lock file."""
    pins = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))
    found = {name: [pins[each] for each in names if each in pins] for name, names in PACKAGES.items()}
    return {name: versions[0] for name, versions in found.items() if versions}


def of_package(root: Path) -> str:
    """Return a hash of the course's package with its data: what the chapters import and read."""
    files = [path for path in sorted((root / "src").rglob("*")) if path.suffix in (".py", ".json", ".npz", ".txt")]
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(root)} {path.stat().st_size}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _git(root: Path, *arguments: str) -> str:
    """Return what git prints; nothing where there is no git, or no repository."""
    if not shutil.which("git"):
        return ""
    done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
