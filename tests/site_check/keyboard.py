"""A walk through a page of each kind with the Tab key alone, every stop of it written down.

Of each stop: its role and name as a screen reader hears them, the ring that shows the focus, and the size of the
element. A stop that cannot be seen, has no name or no ring, or lets the focus go no further, is a problem. Explorers
are open.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

from book.languages import load_languages
from tests.browser.accessibility import QUERIES, open_explorers
from tests.browser.first_view import browsing, serving
from tests.site_check.host import REPORTS, ROOT

WIDTHS = (390, 1280)
MOST = 600  # stops; a page has fewer
RING = 2  # pixels
KINDS = ("index.html", "02_convolution.html", "04_lenet5.html", "07_keras_channels.html", "glossary.html")
# The next Tab leads to the first stop; these are the shadows of all elements without the focus.
START = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  window.rest = new Map([...document.querySelectorAll('*')].map((each) => [each, getComputedStyle(each).boxShadow]));
}"""
# What stands where the focus is: a number for the element, what can be seen of it, and what shows the focus.
STOP = """async () => {
  await new Promise(requestAnimationFrame);
  const moving = document.getAnimations().map((each) => each.finished);
  await Promise.race([Promise.allSettled(moving), new Promise((resolve) => setTimeout(resolve, 1000))]);
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  window.walked ||= new Map();
  if (!walked.has(element)) walked.set(element, walked.size + 1);
  const { width, height } = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const parts = [0.5, 0.15, 0.85];
  const places = [...element.getClientRects()].flatMap((line) =>
    parts.flatMap((x) => parts.map((y) => [line.left + x * line.width, line.top + y * line.height])));
  const isSeen = places.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit && (element.contains(hit) || (hit.contains(element) && style.pointerEvents === 'none'));
  });
  return {
    number: walked.get(element), width, height, isSeen,
    isVisible: element.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    isShadowed: !['none', rest.get(element)].includes(style.boxShadow),
    tag: element.tagName.toLowerCase(),
  };
}"""


@dataclass(frozen=True)
class Stop:
    """Where the focus stood: what a screen reader says, and what can be seen."""

    number: int
    role: str
    name: str
    width: float
    height: float
    ring: float
    is_visible: bool

    def problems(self) -> list[str]:
        """Return what is wrong with the stop."""
        found = [] if self.is_visible else ["cannot be seen"]
        found += [] if self.name.strip() else ["has no name"]
        return found if self.ring >= RING else [*found, f"shows the focus with {self.ring:g} px"]

    def line(self) -> str:
        """Return the stop as a line of the report."""
        wrong = "".join(f"  <- {problem}" for problem in self.problems())
        size = f"{self.width:.0f}x{self.height:.0f}"
        return (
            f"{self.number:4}  {self.role:<14} {self.ring:3g} px  {size:>9}  {' '.join(self.name.split())[:90]}{wrong}"
        )


def addresses() -> list[str]:
    """Return a page of each kind in each language."""
    codes = [language.code for language in load_languages(ROOT)]
    own = [f"{code}/{kind}" for code in codes for kind in (*KINDS, f"search.html?q={QUERIES[code]}")]
    return ["index.html", *own]


def count(pages: list[str], _: int) -> int:
    """Return how often `measure` will say what it does."""
    return len(pages) * len(WIDTHS)


def measure(pages: list[str], _: int, say: Callable[[str], None]) -> dict:
    """Walk through pages; return stops and problems, which also go into a report, stop by stop."""
    rows, problems = [], []
    REPORTS.mkdir(parents=True, exist_ok=True)
    with serving() as server, browsing() as browser, (REPORTS / "keyboard.txt").open("w", encoding="utf-8") as report:
        for address in pages:
            for width in WIDTHS:
                where = f"{address} at {width} px"
                say(where)
                context = browser.new_context(viewport={"width": width, "height": 844}, reduced_motion="reduce")
                page = context.new_page()
                page.goto(f"{server}/{address}")
                stops, end = walk(page)
                context.close()
                lines = [
                    f"## {where}: {len(stops)} stops",
                    *(stop.line() for stop in stops),
                    *([end] if end else []),
                    "",
                ]
                print(*lines, sep="\n", file=report, flush=True)
                smallest = min((stop.ring for stop in stops), default=0)
                rows.append({"page": address, "width": width, "stops": len(stops), "ring": smallest})
                wrong = [(f"stop {stop.number}, {stop.role} “{stop.name}”", stop.problems()) for stop in stops]
                problems += [f"{where}, {which}: {each}" for which, found in wrong for each in found]
                problems += [f"{where}: {end}"] if end else []
    return {"rows": rows, "problems": problems, "versions": ""}


def walk(page: Page) -> tuple[list[Stop], str]:
    """Press Tab until the focus has gone round; return the stops, and what kept it from going round, if anything."""
    if "search.html" in page.url:
        page.locator("#search-results a").first.wait_for()
    open_explorers(page)
    page.evaluate(START)
    session, stops, seen = page.context.new_cdp_session(page), [], set()
    while len(stops) < MOST:
        page.keyboard.press("Tab")
        stop = stop_at(page, session)
        if stop is None or (stops and stop.number == stops[0].number):
            return stops, ""
        if stop.number in seen:
            return stops, f"a trap: from stop {stops[-1].number} the focus goes to stop {stop.number}"
        seen.add(stop.number)
        stops.append(stop)
    return stops, f"more than {MOST} stops"


def stop_at(page: Page, session: CDPSession) -> Stop | None:
    """Return where the focus is; None if on nothing."""
    found = page.evaluate(STOP)
    if found is None:
        return None
    role, name = heard(session)
    is_visible = found["isVisible"] and found["isSeen"] and found["width"] * found["height"] > 0
    ring = max(found["outline"], RING * found["isShadowed"])  # some of the theme's rings are shadows
    return Stop(found["number"], role or found["tag"], name, found["width"], found["height"], ring, is_visible)


def heard(session: CDPSession) -> tuple[str, str]:
    """Return role and name of what has the focus, as the browser gives them to a screen reader."""
    element = session.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]["objectId"]
    order = {"objectId": element, "fetchRelatives": False}
    node = session.send("Accessibility.getPartialAXTree", order)["nodes"][0]
    return node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "")
