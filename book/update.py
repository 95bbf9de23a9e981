"""Get the newest version of the course and keep what a reader did to the notebooks: ``python -m book.update``.

``git pull`` refuses as soon as a notebook that changed upstream differs here, if only because it was opened in an
editor. This looks first whether there is something new; then it copies each such page to ``my/kept``, if more than an
editor's traces would be lost, puts the committed one back, and moves on. Pages that did not change upstream stay
as the reader left them.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from book.kept import Kept, committed, git
from book.pages import ROOT, SUFFIXES, read, render
from book.sources import BookError, run_command


def names(answer: bytes | None) -> set[str]:
    """Return the file names that git listed, each ended by a null."""
    return {name.decode() for name in (answer or b"").split(b"\0") if name}


def in_the_way(root: Path) -> list[str]:
    """Return the files that changed both here and upstream.

    Raises
    ------
    BookError
        If there is nothing to follow, or commits of one's own, or a file in the way is no page.
    """
    if git(root, "rev-parse", "--verify", "HEAD@{upstream}") is None:
        raise BookError("this folder follows no repository; clone the course with git, then this command can update it")
    if git(root, "merge-base", "--is-ancestor", "HEAD", "HEAD@{upstream}") is None:
        raise BookError("there are commits here that are not upstream; use `git pull --rebase`, and git's own commands")
    # Without renames, a page that was renamed upstream counts under its old name, too.
    new = names(git(root, "diff", "--name-only", "--no-renames", "-z", "HEAD", "HEAD@{upstream}"))
    own = names(git(root, "diff", "--name-only", "--no-renames", "-z", "HEAD"))
    untracked = names(git(root, "ls-files", "--others", "-z"))
    found = sorted(new & (own | untracked))
    others = [name for name in found if not name.startswith("chapters/") or not name.endswith(SUFFIXES)]
    if others:
        raise BookError(f"changed both here and upstream: {', '.join(others)}; commit that, then `git pull --rebase`")
    return found


def only_opened(path: Path) -> bool:
    """Tell whether a page differs from the committed one in an editor's traces only."""
    before = committed(path)
    try:
        return before is not None and render(path, before) == render(path, read(path))
    except BookError:
        return False


def update(root: Path = ROOT) -> Iterator[str]:
    """Bring the course up to date; yield a line for each thing that is done, as soon as it is.

    Raises
    ------
    BookError
        If that is not possible; nothing but what was said has changed then.
    """
    fetched = subprocess.run(["git", "fetch", "--quiet"], cwd=root, capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise BookError(f"git cannot fetch: {fetched.stderr.strip()}; nothing has changed here")
    kept = Kept(root)
    for name in in_the_way(root):
        path = root / name
        if path.exists() and not only_opened(path):
            yield f"{name}: your version is kept in {kept.keep(path)}"
        if git(root, "cat-file", "-e", f"HEAD:{name}") is None:
            path.unlink()
        else:
            git(root, "checkout", "--quiet", "HEAD", "--", name)
    before = git(root, "rev-parse", "HEAD")
    merged = subprocess.run(
        ["git", "merge", "--quiet", "--ff-only", "HEAD@{upstream}"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if merged.returncode:
        raise BookError(f"git cannot go on: {merged.stderr.strip()}")
    after = git(root, "rev-parse", "HEAD")
    yield "there is nothing new" if before == after else "the course is up to date"


def main(root: Path = ROOT) -> int:
    """Update from the command line; return the exit status."""

    def update_and_tell() -> int:
        for line in update(root):
            print(line)
        return 0

    return run_command(update_and_tell, kept="run this again")


if __name__ == "__main__":
    sys.exit(main())
