"""Check the built site as its readers meet it: `make site-check`, or `python -m tests.site_check [PART ...]`.

The parts are lighthouse (speed, accessibility, best practices, search engines), axe (accessibility of all pages in all
their states) and keyboard (a walk with the Tab key). What a part finds is stored as soon as it is finished.
"""

import argparse
import sys
from collections.abc import Callable
from fnmatch import fnmatch

from tqdm import tqdm

from tests.benchmarks.machine import Disturbance, machine
from tests.benchmarks.timing import Stopwatch
from tests.browser.first_view import SITE, browsing
from tests.site_check import axe, keyboard, lighthouse, report
from tests.site_check.host import CheckError
from tools.browser import missing

MODULES = {"lighthouse": lighthouse, "axe": axe, "keyboard": keyboard}


def main(arguments: list[str] | None = None) -> int:
    """Run the parts named on the command line, or all; return 0 if everything is as it should be."""
    parser = argparse.ArgumentParser(prog="python -m tests.site_check", description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"by default all: {', '.join(MODULES)}")
    parser.add_argument("--runs", type=int, default=5, help="of Lighthouse on each page; medians count (default: 5)")
    parser.add_argument("--pages", nargs="+", metavar="PAGE", help="only these, such as 'en/0*'; nothing is stored")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.parts) - set(MODULES)):
        parser.error(f"there is no part {', '.join(unknown)}: choose from {', '.join(MODULES)}")
    if options.runs < 1:
        parser.error(f"--runs {options.runs}: at least one run is needed")
    try:
        if lack := missing():
            raise CheckError(f"{lack}: see `make browser`")
        if not (SITE / "index.html").is_file():
            raise CheckError("there is no site to check: run `make book` first")
        names = [name for name in MODULES if name in options.parts or not options.parts]
        return run_all(names, options.pages, options.runs)
    except CheckError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What finished parts found is stored.", file=sys.stderr)
        return 130


def run_all(names: list[str], patterns: list[str] | None, runs: int) -> int:
    """Run parts one after the other and store what each finds; return 1 if something is not as it should be."""
    wrong = []
    with browsing() as browser:
        version = browser.version
    for name in names:
        watch, others, part = Stopwatch(), Disturbance(), MODULES[name]
        pages = [each for each in part.addresses() if not patterns or any(fnmatch(each, one) for one in patterns)]
        if not pages:
            raise CheckError(f"{name} has no page {' or '.join(patterns)}: there is {', '.join(part.addresses())}")
        with tqdm(desc=name, total=part.count(pages, runs)) as bar:
            found = part.measure(pages, runs, teller(bar))
        where = {
            "machine": machine(),
            "versions": ", ".join(filter(None, [f"Chromium {version}", found.pop("versions")])),
            "seconds": round(watch.read(), 1),
            "others": others.share(),
            "how": part.__doc__,
        }
        results = {name: where | found}
        if patterns:
            print(report.markdown(results))
        else:
            report.store(results)
        wrong += report.problems(name, found)
    for problem in wrong:
        print(problem, file=sys.stderr)
    print(f"{len(wrong)} problems" + ("" if patterns else f": {report.FOLDER / 'RESULTS.md'}"))
    return 1 if wrong else 0


def teller(bar: tqdm) -> Callable[[str], None]:
    """Return a function that shows on a bar what is being done."""

    def say(what: str) -> None:
        bar.set_postfix_str(what, refresh=False)
        bar.update()

    return say


if __name__ == "__main__":
    sys.exit(main())
