"""Start the course from the archive that the site offers: ``start.sh`` and ``start.ps1`` there call this.

It makes the environment where it is missing or old, puts the notebooks where there are none, and opens a chapter in
JupyterLab. Until the environment is there it has only what Python brings.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

from tools.environment import MB, Environment, make_ready, say
from tools.installing import InstallError, download, program
from tools.messages import message, speak

COURSE = Path(__file__).parents[1]  # the folder `course` of the archive
ABOUT, LOCK = "course.json", "requirements.lock"
ENVIRONMENT, NOTEBOOKS, WHEELS = ".venv", "my", "wheels"  # beside it
COMMAND = "powershell -ExecutionPolicy Bypass -File start.ps1" if os.name == "nt" else "sh start.sh"
# Measured on Linux, x86-64, with Python 3.11; the texts of the site say the same.
DOWNLOAD, DISK = 450 * MB, 1900 * MB
SUPPORTED = {("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "amd64")}
CHAPTER = re.compile(r"0*([0-9]+[a-z]?)(_.*)?")
OPTIONS = ("fresh", "no-browser", "port", "only-install", "wheels")


class StartError(Exception):
    """The course cannot be started; the message says why and what to do."""


def main(arguments: list[str] | None = None, course: Path = COURSE) -> int:
    """Start the course whose folder is `course`; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that lacks Chinese must not end the program
    try:
        return start(sys.argv[1:] if arguments is None else arguments, course)
    except (InstallError, StartError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{message('environment.interrupted')}", file=sys.stderr)
        return 130


def start(arguments: list[str], course: Path) -> int:
    """Do what the arguments ask for."""
    about = read_about(course)
    options, others = parse(arguments)
    if options.help:
        say(described())
        return 0
    chapter = chosen(options.chapter, about["notebooks"])
    if options.fresh and not options.chapter:
        raise StartError(message("start.which"))
    top = course.parent
    python = ready(top, course, about)
    if options.wheels:
        download(top / ENVIRONMENT, course / LOCK, top / WHEELS)
        say(message("start.filled", version=".".join(map(str, sys.version_info[:2]))))
        return 0
    command = [str(python), "-Es", "-m", "book.desk", f"{COMMAND} --fresh {{number}}"]
    command += ["--fresh", chapter] if options.fresh else []
    if status := subprocess.run(command, cwd=course, check=False).returncode:
        raise StartError(message("start.ended")) if status > 0 else KeyboardInterrupt
    return 0 if options.only_install else open_lab(python, top, f"{about['language']}/{chapter}.ipynb", options, others)


def read_about(course: Path) -> dict[str, object]:
    """Read what the archive says of itself, and speak its language.

    Raises
    ------
    StartError
        If the archive was not unpacked as a whole.
    """
    try:
        about = json.loads((course / ABOUT).read_text(encoding="utf-8"))
        speak(about["language"])
        needed = [LOCK, about["wheel"], *(f"notebooks/{name}.ipynb" for name in about["notebooks"])]
    except (OSError, ValueError, KeyError) as error:
        raise StartError(message("start.torn")) from error
    if not all((course / name).is_file() for name in needed):
        raise StartError(message("start.torn"))
    return about


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Read the command line; what is not known is for JupyterLab."""
    parser = argparse.ArgumentParser(prog=COMMAND, add_help=False, allow_abbrev=False)
    parser.add_argument("chapter", nargs="?", default="")
    parser.add_argument("-h", "--help", action="store_true")
    for name in OPTIONS:
        parser.add_argument(f"--{name}", **({} if name == "port" else {"action": "store_true"}))
    return parser.parse_known_args(arguments)


def described() -> str:
    """Return what the program does, and each of its options, in the reader's language."""
    rows = [("02", "chapter"), *((f"--{name}", name) for name in OPTIONS)]
    lines = [f"  {given:16}{message(f'start.{name}')}" for given, name in rows]
    return "\n".join([message("start.describe"), "", *lines, "", message("start.others")])


def chosen(asked: str, names: list[str]) -> str:
    """Return the notebook that is asked for, by its name or by its number as readers write it: 2, 02, 4a.

    Raises
    ------
    StartError
        If there is none.
    """
    wanted = CHAPTER.fullmatch(asked.lower().removesuffix(".ipynb"))
    for name in names:
        own = CHAPTER.fullmatch(name)
        if asked.removesuffix(".ipynb") == name or (wanted and own and not wanted[2] and wanted[1] == own[1]):
            return name
    if not asked:
        return names[0]
    raise StartError(message("start.unknown", name=asked, known=", ".join(names)))


def ready(top: Path, course: Path, about: dict[str, object]) -> Path:
    """Make the environment, if it is missing or does not fit any more; return its Python.

    Raises
    ------
    InstallError, StartError
        If that cannot be done.
    """
    wheels = top / WHEELS
    holds = message("start.holds")
    brought = {"project": f"{course.name}/{about['wheel']}", "wheels": wheels if wheels.is_dir() else None}
    environment = Environment(f"{course.name}/{LOCK}", holds, DOWNLOAD, DISK, **brought)
    if not program(top / ENVIRONMENT).exists():
        check_machine(course)
        if environment.wheels:
            say(message("start.offline"))
    try:
        make_ready(top / ENVIRONMENT, environment)
    except InstallError as error:
        raise InstallError(f"{error}\n{message('start.no-wheel')}" if environment.wheels else str(error)) from error
    return program(top / ENVIRONMENT)


def check_machine(course: Path) -> None:
    """Refuse a machine that TensorFlow has no package for, before anything is downloaded.

    Raises
    ------
    StartError
        If this is one.
    """
    system, machine = sys.platform, platform.machine()
    musl = "musl" in (sysconfig.get_config_var("SOABI") or "")
    if (system, machine.lower()) in SUPPORTED and not musl and sys.maxsize > 2**32:
        return
    version = re.search(r"^tensorflow==([\w.]+)", (course / LOCK).read_text(encoding="utf-8"), re.MULTILINE)
    described = f"{system}, {machine}{', musl' if musl else ''}, {64 if sys.maxsize > 2**32 else 32} bit"
    raise StartError(message("start.machine", version=version[1] if version else "", machine=described))


def open_lab(python: Path, top: Path, notebook: str, options: argparse.Namespace, others: list[str]) -> int:
    """Open a notebook in JupyterLab, and stay until that ends."""
    command = [
        str(python),
        "-Es",
        "-m",
        "jupyterlab",
        str(top / NOTEBOOKS),
        f"--LabApp.default_url=/lab/tree/{notebook}",
    ]
    command += ["--no-browser"] if options.no_browser else []
    command += [f"--port={options.port}"] if options.port else []
    # Jupyter does not start for root without being told to; in a container root is the usual user.
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    say(message("start.opening", folder=top / NOTEBOOKS / Path(notebook).parent))
    command += others
    if os.name != "nt":
        return os.execv(command[0], command)  # JupyterLab takes the place of this program
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:  # JupyterLab got it, too, and has ended
        return 0


if __name__ == "__main__":
    sys.exit(main())
