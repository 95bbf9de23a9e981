"""What a reader's browser fetches for the first view of each page, compressed by gzip, in the largest language.

The page's own figures are counted apart. The same code counts in the browser tests.
"""

from collections.abc import Callable

from tests.benchmarks.rows import Row
from tests.browser.first_view import SITE, browsing, budget_of, first_view, is_figure, serving


def measure(say: Callable[[str], None]) -> list[Row]:
    """Return two rows for each page."""
    rows = []
    languages = sorted(path.name for path in SITE.iterdir() if path.is_dir())
    with serving() as server, browsing() as browser:
        for name in sorted(path.name for path in (SITE / "en").glob("*.html")):
            say(name)
            views = []
            for language in languages:
                with browser.new_context() as context:
                    page = context.new_page()
                    page.goto(f"{server}/{language}/{name}")
                    views.append(first_view(page, server))
            bare = max(sum(size for url, size in view.items() if not is_figure(url)) for view in views)
            figures = max(sum(size for url, size in view.items() if is_figure(url)) for view in views)
            rows.append(Row(f"{name}: first view", bare / 1e3, "KB", at_most=budget_of(name) / 1e3))
            if figures:
                rows.append(Row(f"{name}: figures in it", figures / 1e3, "KB"))
    return rows
