"""Compile the arithmetic of the explorer "Watch it learn", which is C, to WebAssembly: ``python -m tools.compiler``.

Two files come of it, with the same bits in every result: one for processors that take several numbers at a time (SIMD),
as all of today's browsers do, and a plain one. Both are kept beside the source, so that only who changes it needs a
compiler: Debian's clang and lld, which are installed with apt where that is allowed. A test compiles it anew where it
finds them.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tools.browser import apt, can_install

FOLDER = Path(__file__).parents[1] / "book/explorers"
SOURCE = FOLDER / "learning.c"
PACKAGES = ("clang", "lld")
PROGRAMS = ("clang", "wasm-ld")
# What the page calls and reads.
EXPORTS = ("start", "step", "score", "pixels", "labels", "answers", "weights", "gradient", "alive")
# No fused multiply-add, which rounds once instead of twice; no library.
FLAGS = (
    "--target=wasm32 -O3 -mbulk-memory -ffp-contract=off -nostdlib -Wall -Wextra -Werror -Wl,--no-entry -Wl,--strip-all"
)
KINDS = {"learning-simd": ("-msimd128",), "learning-plain": ()}


def missing() -> str | None:
    """Say what is not there; None if nothing."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"no {' and no '.join(lacking)} found" if lacking else None


def build(folder: Path) -> list[Path]:
    """Compile the source into a folder; return the files.

    Raises
    ------
    subprocess.CalledProcessError
        If the compiler finds a fault; it has said which.
    """
    exports = [f"-Wl,--export={name}" for name in EXPORTS]
    files = [folder / f"{name}.wasm" for name in KINDS]
    for file, flags in zip(files, KINDS.values(), strict=True):
        subprocess.run(["clang", *FLAGS.split(), *flags, *exports, "-o", str(file), str(SOURCE)], check=True)
        file.chmod(0o644)
    return files


def main() -> int:
    """Compile, after the compiler has been installed if it may be; return the exit status."""
    if missing() and can_install():
        print(f"{missing()}: installing {', '.join(PACKAGES)} with apt.", flush=True)
        apt("update") and apt("install", "-y", "--no-install-recommends", *PACKAGES)
    if lack := missing():
        print(f"{lack}. On Debian and Ubuntu: sudo apt-get install {' '.join(PACKAGES)}", file=sys.stderr)
        return 1
    for file in build(FOLDER):
        print(f"{file.relative_to(FOLDER.parents[1])}: {file.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
