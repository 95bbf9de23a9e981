"""Lighthouse on a page of each kind in each language: scores, what is painted last, and how much it shifts.

A phone of the middle class on a slow 4G network, as Lighthouse simulates both (`--throttling-method=simulate`), in the
system's Chromium, on the site with an address configured, compressed by gzip, from this machine. Each figure is the
median of the runs. Chromium's times grow with what else the machine has to do, and the simulation multiplies them by
four: only figures from a quiet machine tell anything about the pages.
"""

import json
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from book.languages import load_languages
from tests.browser.accessibility import QUERIES
from tests.site_check.host import BASE, REPORTS, ROOT, CheckError, addressed_site, debugged_browser, hosting

FOLDER = Path(__file__).parent
INSTALLED = FOLDER / "node_modules"
PROGRAM = INSTALLED / "lighthouse/cli/index.js"
INSTALL = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]  # what the lock file names, by hash
NODE = (18, 16)  # the oldest that the pinned Lighthouse runs on
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
GOAL = 95  # of each category
SLOW = {"06_cats_and_dogs.html": 2000}  # milliseconds until the largest part is painted: photographs
SOON = 1500  # of any other page
PATIENCE = 180  # seconds for one run


def addresses() -> list[str]:
    """Return a page of each kind in each language, by its address within the site."""
    kinds = ("index.html", "03_pooling.html", "06_cats_and_dogs.html", "glossary.html", "search.html?q=")
    codes = [language.code for language in load_languages(ROOT)]
    own = [f"{code}/{kind}{QUERIES[code] if kind.endswith('=') else ''}" for kind in kinds for code in codes]
    return ["./", *own]  # the root by the address that its canonical link names


def install() -> None:
    """Install Lighthouse, if the lock file has changed since that was done.

    Raises
    ------
    CheckError
        If Node is missing or too old, or the packages cannot be fetched.
    """
    lock = (FOLDER / "package-lock.json").read_bytes()
    stamp = INSTALLED / ".installed-from"
    if stamp.is_file() and stamp.read_bytes() == lock and PROGRAM.is_file():
        return
    version = node_version()
    if version < NODE or shutil.which("npm") is None:
        raise CheckError(
            f"Lighthouse needs Node {'.'.join(map(str, NODE))} or later with npm (on Debian: nodejs and npm). "
            'Without it: make site-check ONLY="axe keyboard"'
        )
    print("Installing Lighthouse into tests/site_check/node_modules: about 190 MB, once.", flush=True)
    done = subprocess.run(INSTALL, cwd=FOLDER, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CheckError(f"npm could not install Lighthouse; is the network there?\n{done.stderr.strip()[-500:]}")
    stamp.write_bytes(lock)


def node_version() -> tuple[int, ...]:
    """Return the version of Node, such as (20, 20, 2); (0,) without Node."""
    if shutil.which("node") is None:
        return (0,)
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split(".") if part.isdigit())


def count(pages: list[str], runs: int) -> int:
    """Return how often `measure` will say what it does."""
    return len(pages) * runs


def measure(pages: list[str], runs: int, say: Callable[[str], None]) -> dict:
    """Measure pages; return a row for each, and the versions that were used."""
    install()
    site = addressed_site()
    reports = REPORTS / "lighthouse"
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    rows, version = [], ""
    with hosting(site) as port, debugged_browser(port) as debugging:
        for address in pages:
            found = []
            for number in range(1, runs + 1):
                say(f"{address}, run {number} of {runs}")
                name = address.partition("?")[0].removesuffix(".html").strip("./").replace("/", "-") or "root"
                found.append(run(address, debugging, reports / f"{name}-{number}.json"))
            rows.append(row(address, found))
            version = found[0]["lighthouseVersion"]
    return {"rows": rows, "versions": f"Lighthouse {version}", "runs": runs}


def run(address: str, debugging: int, report: Path) -> dict:
    """Run Lighthouse once on a page; return its report."""
    options = [f"--port={debugging}", "--output=json", f"--output-path={report}", "--quiet"]
    options += [f"--only-categories={','.join(CATEGORIES)}", "--form-factor=mobile", "--throttling-method=simulate"]
    command = ["node", str(PROGRAM), BASE + address, *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise CheckError(f"Lighthouse did not finish {address} within {PATIENCE} s; try again") from error
    if done.returncode or not report.is_file():
        raise CheckError(f"Lighthouse failed on {address}: {done.stderr.strip()[-500:]}")
    found = json.loads(report.read_text("utf-8"))
    if error := found.get("runtimeError"):
        raise CheckError(f"Lighthouse failed on {address}: {error['message']}")
    return found


def row(address: str, reports: list[dict]) -> dict:
    """Return the medians of several reports on one page."""

    def median(value: Callable[[dict], float]) -> float:
        return statistics.median(map(value, reports))

    scores = {each: median(lambda report, each=each: 100 * report["categories"][each]["score"]) for each in CATEGORIES}
    times = {"paint": "largest-contentful-paint", "shift": "cumulative-layout-shift", "bytes": "total-byte-weight"}
    times |= {"blocking": "total-blocking-time"}
    values = {
        name: median(lambda report, audit=audit: report["audits"][audit]["numericValue"])
        for name, audit in times.items()
    }
    slower = sorted({audit for report in reports for audit in lost(report)})
    return {"page": address, **{name: round(value, 3) for name, value in {**scores, **values}.items()}, "lost": slower}


def lost(report: dict) -> Iterator[str]:
    """Yield the audits that cost a page points outside its performance."""
    for name in CATEGORIES[1:]:
        for audit in report["categories"][name]["auditRefs"]:
            score = report["audits"][audit["id"]]["score"]
            if audit["weight"] and score is not None and score < 1:
                yield audit["id"]


def misses(row: dict) -> list[str]:
    """Return what a page's figures miss."""
    found = [f"{name} {row[name]:.0f} is under {GOAL}" for name in CATEGORIES if row[name] < GOAL]
    limit = paint_limit(row["page"])
    if row["paint"] > limit:
        found.append(f"the largest part is painted after {row['paint'] / 1000:.1f} s, not {limit / 1000:.1f} s")
    if row["shift"] > 0:
        found.append(f"the layout shifts by {row['shift']:g}")
    return [f"{row['page']}: {problem}" for problem in found]


def paint_limit(address: str) -> int:
    """Return the milliseconds after which a page's largest part has to be painted."""
    return SLOW.get(address.rpartition("/")[2], SOON)
