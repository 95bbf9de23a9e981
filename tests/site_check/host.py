"""The site as a host on the web serves it: with an address of its own, compressed, and with connections that stay."""

import gzip
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path

from book.course import FILE as COURSE
from tests.browser.first_view import QuietHandler
from tools.browser import find

ROOT = Path(__file__).parents[2]
REPORTS = ROOT / "book/_build/site-check"
NAME = "course.localhost"  # which a browser trusts as it trusts https
BASE = f"http://{NAME}/"
PACKED = (".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".xml")
PATIENCE = 60  # seconds that a browser may take to start


class CheckError(Exception):
    """A check could not be made; the message says why and what to do."""


def addressed_site() -> Path:
    """Build the site once more, with an address in `course.yml`; return its folder.

    Everything else is that of the course: links lead to it.
    """
    root = REPORTS / "root"
    (root / "book").mkdir(parents=True, exist_ok=True)
    outer = [path for path in ROOT.iterdir() if path.name not in (COURSE, "book")]
    inner = [path for path in (ROOT / "book").iterdir() if path.name not in ("_build", "__pycache__")]
    for path in (path for path in [*outer, *inner] if not path.name.startswith(".")):
        link = root / path.relative_to(ROOT)
        if not link.is_symlink():
            link.symlink_to(path)
    course = (ROOT / COURSE).read_text("utf-8")
    addressed, count = re.subn(r"^address:.*$", f"address: {BASE}", course, flags=re.MULTILINE)
    if count != 1:
        raise CheckError(f"{COURSE} has no line that begins with `address:`; write one, empty or not")
    (root / COURSE).write_text(addressed, encoding="utf-8")
    if subprocess.run([sys.executable, "-m", "book.build", "--root", str(root)], cwd=ROOT, check=False).returncode:
        raise CheckError("the site could not be built: see above")
    return root / "book/_build/html"


class PackedHandler(QuietHandler):
    """Serves files as hosts do: text compressed, and one connection for many files."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: N802
        """Send a file."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        is_packed = path.suffix in PACKED
        body = packed(path) if is_packed else path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        if is_packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)


@cache
def packed(path: Path) -> bytes:
    """Return a file compressed; a host has done that before anybody asks."""
    return gzip.compress(path.read_bytes())


@contextmanager
def hosting(site: Path) -> Iterator[int]:
    """Serve a site; give its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(PackedHandler, directory=site)) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_port
        running.shutdown()


@contextmanager
def debugged_browser(port: int) -> Iterator[int]:
    """Start a browser that finds the site at `BASE`; give the port at which other programs direct it."""
    with tempfile.TemporaryDirectory() as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        options += ["--remote-debugging-port=0", f"--user-data-dir={profile}"]
        options += [f"--host-resolver-rules=MAP {NAME} 127.0.0.1:{port}"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([find(), *options, "about:blank"], **quiet)
        try:
            yield debugging_port(Path(profile) / "DevToolsActivePort", process)
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(profile, ignore_errors=True)  # what the browser's last children still write
            Path(profile).mkdir()


def debugging_port(file: Path, process: subprocess.Popen) -> int:
    """Wait for the port that a browser chose."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if file.is_file() and (text := file.read_text()):
            return int(text.split()[0])
        time.sleep(0.1)
    raise CheckError("the browser did not start; try again, or name another one in the variable CHROMIUM")
