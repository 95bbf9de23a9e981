"""One browser and one server for all tests."""

from contextlib import contextmanager

import pytest

from tests.browser import firefox
from tests.browser.demand import demand_browser
from tests.browser.first_view import SITE, browsing, serving
from tools.browser import find_firefox, missing_firefox, required


@pytest.fixture(scope="session")
def server():
    """Serve the site; return its address."""
    if not (SITE / "index.html").is_file():
        pytest.fail("there is no site to look at: run `make book` first")
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    demand_browser()
    with browsing() as running:
        yield running


@pytest.fixture(scope="session")
def fox():
    """A running Firefox; without one, a test is skipped, or fails where CI demands it."""
    if lack := missing_firefox():
        (pytest.fail if required() else pytest.skip)(f"{lack}: see `make browser`")
    with firefox.browsing(find_firefox()) as page:
        yield page


@pytest.fixture
def visit(browser):
    """Return a context manager that opens a fresh reader's page and lists what goes wrong on it."""

    @contextmanager
    def open_page(address, width=1280, within=None, **options):
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        page = context.new_page()
        problems = []
        home = within or address
        page.on("console", lambda line: problems.append(f"console: {line.text}") if line.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("request", lambda request: problems.append(request.url) if not is_own(request.url, home) else None)
        page.on("response", lambda reply: problems.append(f"{reply.status} {reply.url}") if is_bad(reply) else None)
        page.goto(address)
        yield page, problems
        context.close()

    return open_page


@pytest.fixture
def touch():
    """Return a function that sends a page touches: touch(page, "touchMove", [x, y] of each finger)."""
    sessions = {}

    def send(page, kind, *fingers):
        session = sessions.setdefault(page, page.context.new_cdp_session(page))
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return send


def is_bad(reply):
    """Tell whether a reply has not brought what was asked for; 304 says that the browser has it already."""
    return not reply.ok and reply.status != 304


def is_own(url, address):
    """Tell whether a request stays within the site."""
    return url.startswith((address.split("/html/")[0], "data:", "blob:"))
