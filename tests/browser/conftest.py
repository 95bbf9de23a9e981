"""One browser and one server for all tests."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[2] / "book/_build/html"
# A browser that asks for nothing that a page did not ask for.
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def server():
    """Serve the site below a path of its own, as a project's page is; return its address."""
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no site to look at: run `make book` first")
    handler = partial(QuietHandler, directory=SITE.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/{SITE.name}"
        running.shutdown()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser):
    """Return a context manager that opens a fresh reader's page and lists what goes wrong on it."""

    @contextmanager
    def open_page(address, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        page = context.new_page()
        problems = []
        page.on("console", lambda line: problems.append(f"console: {line.text}") if line.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("request", lambda request: problems.append(request.url) if not is_own(request.url, address) else None)
        page.on("response", lambda reply: problems.append(f"{reply.status} {reply.url}") if not reply.ok else None)
        page.goto(address)
        yield page, problems
        context.close()

    return open_page


def is_own(url, address):
    """Tell whether a request stays within the site."""
    return url.startswith((address.split("/html/")[0], "data:", "blob:"))
