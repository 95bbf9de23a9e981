"""Name the notebooks of the book, one a line, for ``make nbval``: ``python -m book.notebooks``.

They are those that `_toc.yml` lists, in every language, without drafts. A reader's copies and own notebooks beside them
are not tested.
"""

import sys
from pathlib import Path

from book.languages import load_languages
from book.pages import ROOT, pages
from book.sources import BookError, run_command


def notebooks(root: Path) -> list[Path]:
    """Return the notebooks of all languages, those of one language together, as the contents order them.

    Raises
    ------
    BookError
        If there is none, or the table of contents or the languages cannot be read.
    """
    found = [
        path
        for language in load_languages(root)
        for name, path in pages(root, language.code).items()
        if path.suffix == ".ipynb" and not language.has_draft(name)
    ]
    if not found:
        raise BookError("no notebook that _toc.yml lists is in chapters; restore them from git")
    return found


def main(root: Path = ROOT) -> int:
    """Print the paths, as seen from the folder of the book; return the exit status."""

    def name_all() -> int:
        for path in notebooks(root):
            print(path.relative_to(root))
        return 0

    return run_command(name_all, kept="nothing has changed")


if __name__ == "__main__":
    sys.exit(main())
