"""The entry point for pytest: the options, and nothing else that costs time where they are not used."""

import importlib.util
from pathlib import Path

import pytest


def pytest_addoption(parser):
    """Add the options."""
    group = parser.getgroup("nbval-strict", "Jupyter Notebook validation, strict")
    group.addoption(
        "--nbval-strict",
        action="store_true",
        help="run notebooks as --nbval does, and compare pictures, too; fail cells never run, empty, with stderr, or "
        "ignored without a reason; execute notebooks with the same code in sibling folders once",
    )
    group.addoption("--nbval-each", action="store_true", help="execute each notebook by itself")
    group.addoption(
        "--nbval-failures",
        type=Path,
        default=Path(".nbval-failures"),
        metavar="FOLDER",
        help="where pictures that differ are written (default: %(default)s)",
    )
    group.addoption(
        "--nbval-equal",
        choices=("auto", "yes", "no"),
        default="auto",
        help="ask for equal outputs instead of allowing the two tolerances (default: yes on x86-64 with AVX2)",
    )
    group.addoption(
        "--nbval-picture-tolerance",
        type=float,
        default=0.7,
        metavar="LEVELS",
        help="root mean square difference of pixels, 0 to 255, where equality is not asked for (default: %(default)s)",
    )
    group.addoption(
        "--nbval-number-tolerance",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="relative difference of numbers in the text of cells tagged 'trained', where equality is not asked for "
        "(default: %(default)s)",
    )
    group.addoption(
        "--nbval-strict-report",
        type=Path,
        metavar="FILE",
        help="write one HTML page with the stored and the new outputs of each cell that fails",
    )
    group.addoption(
        "--nbval-strict-accept",
        action="store_true",
        help="store the new outputs of each cell that fails only because its outputs differ",
    )
    group.addoption(
        "--nbval-strict-accept-cell",
        action="append",
        default=[],
        metavar="NOTEBOOK::CELL",
        help="the same for the cell with this id; may be repeated",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Turn everything on if it is asked for, nbval itself too."""
    option = config.option
    if not option.nbval_strict:
        for name in ("report", "accept", "accept_cell"):
            if getattr(option, f"nbval_strict_{name}"):
                raise pytest.UsageError(f"--nbval-strict-{name.replace('_', '-')} needs --nbval-strict")
        return
    if not importlib.util.find_spec("nbval") or not hasattr(option, "nbval"):
        raise pytest.UsageError("--nbval-strict needs nbval: run `pip install nbval`, and do not switch it off")
    if option.nbval_lax:
        raise pytest.UsageError("--nbval-strict and --nbval-lax contradict each other")
    option.nbval = True
    from nbval_strict.session import Session

    config.pluginmanager.register(Session(config), "nbval-strict-session")
