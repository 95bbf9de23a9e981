"""A server, a browser, and what a page's first view costs: for the browser tests and the benchmark."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import find

SITE = Path(__file__).parents[2] / "book/_build/html"
BUDGET = 150_000  # bytes of one page's first view, compressed, without its own figures
SEARCH_BUDGET = 200_000  # that of the page of a search, which loads the index of all pages
FETCHED = "[location.href, ...performance.getEntriesByType('resource').map((entry) => entry.name)]"
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


@contextmanager
def serving() -> Iterator[str]:
    """Serve the site below a path of its own, as a project's page is; give its address."""
    handler = partial(QuietHandler, directory=SITE.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/{SITE.name}"
        running.shutdown()


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=QUIET)
        yield browser
        browser.close()


def first_view(page: Page, server: str) -> dict[str, int]:
    """Return the address of everything that an open page has fetched, and the bytes that would be sent for it."""
    return {url: compressed_size(server, url) for url in page.evaluate(FETCHED)}


def is_figure(url: str) -> bool:
    """Tell whether an address is that of one of the page's own figures."""
    return "/_images/" in url


def compressed_size(server: str, url: str) -> int:
    """Return how many bytes a server that compresses would send for this address."""
    path = urlsplit(url.removeprefix(f"{server}/")).path
    return len(gzip.compress((SITE / path).read_bytes()))


def budget_of(name):
    """Return how many bytes the first view of a page, such as ``en/search.html``, may take."""
    return SEARCH_BUDGET if name.endswith("search.html") else BUDGET
