"""Versions and machine class: what a figure depends on, and nothing that names a machine or its owner."""

import os
import platform
import resource
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cnn_course.runtime import cpu_features

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
    best = next((name for name in INSTRUCTION_SETS if cpu_features().get(name)), "no vector instructions known")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores, {best}, {memory:.0f} GiB, {gpus()}"


def gpus() -> str:
    """Return the names of the GPUs, by NVIDIA's tool."""
    tool = shutil.which("nvidia-smi")
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    names = subprocess.run(command, capture_output=True, text=True).stdout.split("\n") if tool else []
    return ", ".join(filter(None, names)) or "no GPU"


class Disturbance:
    """Sees how much of the processor went to other programs than this one and what it started, where Linux tells."""

    STAT = Path("/proc/stat")

    def __init__(self) -> None:
        self.start = self._used()

    def share(self) -> float | None:
        """Return the share of all cores since the start, from 0 to 1; None where it is not known."""
        if self.start is None:
            return None
        own, busy, total = (now - before for now, before in zip(self._used(), self.start, strict=True))
        return max(0.0, busy - own) / total if total else 0.0

    def _used(self) -> tuple[float, float, float] | None:
        """Return seconds of all cores: used by us, used by all, and all there were."""
        if not self.STAT.is_file():
            return None
        ticks = [int(text) for text in self.STAT.read_text().split("\n", 1)[0].split()[1:9]]
        user, nice, system, idle, waiting, *stopped = (count / os.sysconf("SC_CLK_TCK") for count in ticks)
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        busy = user + nice + system + sum(stopped)  # interrupts, and what the host gave to other guests
        return own, busy, busy + idle + waiting
