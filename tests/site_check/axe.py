"""axe over all pages: both themes, three widths, and with whatever a reader can open.

Each page is looked at as it is, in each width and theme; then what can be opened is opened, one after the other
(search, menu, contents, an enlarged figure, solutions, explorers), and that part is looked at in each theme.
"""

from collections.abc import Callable

from playwright.sync_api import Browser, Page

from book.languages import load_languages
from tests.browser.accessibility import QUERIES, THEMES, WIDTHS, opened, violations
from tests.browser.first_view import SITE, browsing, serving
from tests.site_check.host import REPORTS, ROOT

HEIGHT = 844


def addresses() -> list[str]:
    """Return all pages of the site, the search with something found."""
    codes = [language.code for language in load_languages(ROOT)]
    own = [f"{code}/{path.name}" for code in codes for path in sorted((SITE / code).glob("*.html"))]
    found = [f"{each}?q={QUERIES[each[:2]]}" if each.endswith("search.html") else each for each in own]
    return ["index.html", "404.html", *found]


def count(pages: list[str], _: int) -> int:
    """Return how often `measure` will say what it does."""
    return len(pages) * len(WIDTHS)


def measure(pages: list[str], _: int, say: Callable[[str], None]) -> dict:
    """Look at pages; return how often, and what was found, which also goes into a report."""
    looks, problems, version = 0, [], ""
    REPORTS.mkdir(parents=True, exist_ok=True)
    with serving() as server, browsing() as browser, (REPORTS / "axe.txt").open("w", encoding="utf-8") as report:
        for address in pages:
            for width in WIDTHS:
                say(f"{address} at {width} px")
                looked, found, version = look(browser, server, address, width)
                looks += looked
                problems += found
                print(f"{address} at {width} px: {looked} looks", *found, sep="\n", file=report, flush=True)
    return {"pages": len(pages), "looks": looks, "problems": problems, "versions": f"axe {version}"}


def look(browser: Browser, server: str, address: str, width: int) -> tuple[int, list[str], str]:
    """Look at a page in one width; return how often, what was found, and the version of axe."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{server}/{address}")
    if "search.html" in address:
        page.locator("#search-results a").first.wait_for()
    looks, problems = 0, []

    def note(what: str, within: str | None) -> None:
        nonlocal looks
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            looks += 1
            found = violations(page, within)
            problems.extend(f"{address}, {width} px, {theme}, {what}: {rule} x {n}: {html}" for rule, n, html in found)

    note("as it is", None)
    if has_header(page):
        for what, within in opened(page, QUERIES[address[:2]]):
            note(f"with open {what}", within)
    version = page.evaluate("axe.version")
    context.close()
    return looks, problems, version


def has_header(page: Page) -> bool:
    """Tell whether a page has the buttons of the course: all but the choice of a language and the page for errors."""
    return page.locator(".bd-header-article").count() > 0
