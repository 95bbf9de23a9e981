"""Versions and machine class: what a figure depends on, and nothing that names a machine or its owner."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("numpy", "scipy", "keras", "nbval", "jupyter-book")
INSTRUCTION_SETS = ("AVX512F", "AVX2", "ASIMD")  # the first that the processor has


def versions() -> str:
    """Return the versions of Python and of the packages that set the pace."""
    found = {"Python": platform.python_version(), "TensorFlow": version_of("tensorflow_cpu", "tensorflow")}
    found |= {name: version(name) for name in PACKAGES}
    return ", ".join(f"{name} {number}" for name, number in found.items())


def version_of(*names: str) -> str:
    """Return the version of the first package of these that is installed."""
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "missing"


def machine() -> str:
    """Return the class of this machine: processor family, cores, instruction set, memory."""
    from numpy._core._multiarray_umath import __cpu_features__

    best = next((name for name in INSTRUCTION_SETS if __cpu_features__.get(name)), "no vector instructions known")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores, {best}, {memory:.0f} GiB, no GPU"
