"""Find the browser that looks at the site in `make test`, and the fonts it needs; install them where apt can.

``python -m tools.browser`` runs before anything large is installed. Any browser of the Chromium family will do, by any
of its names. Without one the other tests run, and ``python -m tools.browser verdict`` says at the end what was not
tested. With ``CI=true`` in the environment, or the option ``--required``, a missing browser is an error.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
APPLICATIONS = ("Chromium", "Google Chrome", "Microsoft Edge")  # on macOS: NAME.app/Contents/MacOS/NAME
# Below the folder in which Playwright keeps its own browsers.
PLAYWRIGHT = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    "chromium_headless_shell-*/chrome-*/*headless*shell",
)
FAMILY = ("Chromium", "Chrome", "Edge")
LANGUAGES = ("zh-cn", "ja")
PACKAGES = ("chromium", "fonts-noto-cjk", "fontconfig")
FIREFOX = ("firefox-esr", "firefox")  # the explorers are looked at in a second browser, too
OPTIONAL = ("clang", "wasm-ld", "jsc")  # the program of an explorer is compiled anew, and runs in a third engine
PATIENCE = 300  # seconds to wait for another apt


def candidates() -> Iterator[str]:
    """Yield where a browser may be: the one that the variable CHROMIUM names alone, or all usual places."""
    named = os.environ.get("CHROMIUM")
    if named:
        yield from filter(None, [shutil.which(named)])
        return
    yield from filter(None, map(shutil.which, NAMES))
    for folder in ("/Applications", str(Path.home() / "Applications")):
        for name in APPLICATIONS:
            yield f"{folder}/{name}.app/Contents/MacOS/{name}"
    for folder in playwright_folders():
        for pattern in PLAYWRIGHT:
            yield from map(str, sorted(folder.glob(pattern), reverse=True))  # the newest first


def playwright_folders() -> list[Path]:
    """Return where Playwright keeps its own browsers."""
    own = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    usual = [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    return [Path(own)] if own else usual


def find_firefox() -> str | None:
    """Return the path of a Firefox that starts, or None; the variable FIREFOX names one alone."""
    named = os.environ.get("FIREFOX")
    places = filter(None, map(shutil.which, (named,) if named else FIREFOX))
    return next((path for path in places if runs(path, ("Firefox",))), None)


def runs(path: str, family: tuple[str, ...] = FAMILY) -> bool:
    """Tell whether a program is a browser that starts: Ubuntu's `chromium-browser` may only say what to install."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and any(name in done.stdout for name in family)


def find() -> str | None:
    """Return the path of a browser that starts, or None."""
    return next((path for path in candidates() if os.access(path, os.X_OK) and runs(path)), None)


def has_fonts() -> bool:
    """Tell whether there are fonts for Chinese and Japanese; macOS always has them."""
    if sys.platform == "darwin":
        return True
    listing = shutil.which("fc-list")
    return listing is not None and all(
        subprocess.run([listing, f":lang={language}", "family"], capture_output=True, check=False).stdout.strip()
        for language in LANGUAGES
    )


def missing() -> str | None:
    """Say what the browser tests lack; None if nothing."""
    if find() is None:
        named = os.environ.get("CHROMIUM")
        return f"no browser at CHROMIUM={named}" if named else "no Chromium, Chrome or Edge found"
    return None if has_fonts() else "no fonts for Chinese and Japanese found"


def missing_firefox() -> str | None:
    """Say that there is no Firefox; None if there is one."""
    return None if find_firefox() else "no Firefox found"


def required() -> bool:
    """Tell whether a missing browser is an error."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def can_install() -> bool:
    """Tell whether apt may be used: by root, where it exists."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt(*arguments: str) -> bool:
    """Run apt-get, after any other apt has finished; tell whether it succeeded.

    Its own option for waiting leaves out the lock of the package lists.
    """
    command = ["apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={PATIENCE}", *arguments]
    until = time.monotonic() + PATIENCE
    while True:
        done = subprocess.run(
            command,
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return True
        if "Could not get lock" not in done.stderr or time.monotonic() > until:
            print(done.stderr.strip(), flush=True)
            return False
        print("Another program is using apt: waiting for it.", flush=True)
        time.sleep(5)


def prepare(demanded: bool) -> int:
    """Make sure of the browser, or say that its tests are left out; return the exit status."""
    if missing() and can_install():
        print(f"Browser tests: {missing()}. Installing {', '.join(PACKAGES)} with apt.", flush=True)
        apt("update") and apt("install", "-y", "--no-install-recommends", *PACKAGES)
    if find_firefox() is None and can_install():
        print(f"Browser tests: no Firefox found. Installing {FIREFOX[0]} with apt.", flush=True)
        apt("install", "-y", "--no-install-recommends", FIREFOX[0])
    lack = missing() or missing_firefox()
    if lack is None:
        print(f"Browser tests: {find()}, {find_firefox()}", flush=True)
        return 0
    advice = (
        "Install Chromium, Chrome or Edge, Firefox, and fonts with Chinese and Japanese, or name browsers: "
        "CHROMIUM=/path FIREFOX=/path."
    )
    if shutil.which("apt-get"):
        advice += f"\nOn this system: sudo apt-get install {' '.join(PACKAGES)} {FIREFOX[0]}"
    if demanded:
        print(f"Browser tests: {lack}, and they are demanded here.\n{advice}", file=sys.stderr)
        return 1
    print(f"Browser tests: {lack}. Everything else is tested.\n{advice}", flush=True)
    return 0


def verdict() -> str:
    """Write the last line of `make test`, which only runs if everything that was tested has passed."""
    if lack := missing():
        return f"Passed, but NOT tested: the site in a browser ({lack})."
    if lack := missing_firefox():
        return f"Passed, but NOT tested: the explorers in Firefox ({lack})."
    if lack := ", ".join(name for name in OPTIONAL if shutil.which(name) is None):
        return f'Passed; left out is what needs {lack}: see "Explorers" in CONTRIBUTING.md.'
    return "Passed: everything was tested."


def main(arguments: list[str]) -> int:
    """Prepare, or give the verdict; return the exit status."""
    if arguments == ["verdict"]:
        print(verdict())
        return 0
    if arguments not in ([], ["--required"]):
        print("Usage: python -m tools.browser [--required | verdict]", file=sys.stderr)
        return 2
    return prepare(required() or bool(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
