"""The walk of `make site-check` with the Tab key finds what would stop a reader."""

import pytest

from tests.site_check.keyboard import walk

FOCUS = "<style>button:focus { outline: 3px solid } .bare:focus { outline: none }</style>"
GOOD = "<button>One</button><button>Two</button>"


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def problems(page, html):
    page.set_content(FOCUS + html)
    stops, end = walk(page)
    return [(stop.name, *stop.problems()) for stop in stops if stop.problems()], end


def test_a_page_that_is_good_is_gone_through_to_its_end(page):
    assert problems(page, GOOD) == ([], "")
    stops, _ = walk(page)
    assert [(stop.role, stop.name, stop.ring) for stop in stops] == [("button", "One", 3), ("button", "Two", 3)]


@pytest.mark.parametrize(
    ("html", "name", "problem"),
    [
        ("<button></button>", "", "has no name"),
        ("<button style='opacity: 0'>Pale</button>", "Pale", "cannot be seen"),
        ("<button style='position: fixed; left: -99px; width: 50px'>Far</button>", "Far", "cannot be seen"),
        ("<div style='position: fixed; inset: 0; background: red'></div>", "One", "cannot be seen"),
        ("<button class='bare'>Bare</button>", "Bare", "shows the focus with 0 px"),
        ("<button class='bare' style='box-shadow: 0 0 3px'>Shadow</button>", "Shadow", "shows the focus with 0 px"),
    ],
)
def test_a_stop_that_a_reader_would_miss_is_found(page, html, name, problem):
    assert (name, problem) in problems(page, GOOD + html)[0]


@pytest.mark.parametrize(
    "script", ["event.preventDefault()", "event.preventDefault(); document.querySelector('#back').focus()"]
)
def test_a_trap_is_found(page, script):
    trap = f'<button>First</button><button id="back">Back</button><button onkeydown="{script}">Trap</button>'
    assert problems(page, trap)[1].startswith("a trap")
