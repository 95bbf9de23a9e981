"""All mutations, and the table of which check catches which."""

from pathlib import Path

from tests.mutations import of_notebooks, of_package, of_prose, of_runs, of_site

MUTATIONS = [
    *of_runs.MUTATIONS,
    *of_notebooks.MUTATIONS,
    *of_prose.MUTATIONS,
    *of_site.MUTATIONS,
    *of_package.MUTATIONS,
]
FILE = Path(__file__).parent / "TABLE.md"
HEAD = """\
# Which check catches which mistake

`python -m tests.mutations` writes this table; `make mutations` makes each mistake in a copy and demands that the check
named here catches it with a message that holds these words, and that the undamaged copy passes that check.

| mistake | caught by | the message holds |
|---|---|---|
"""


def table() -> str:
    """Return the table as markdown."""
    rows = [(each.name, f"`{each.check}`", f"`{each.says.strip()}`") for each in MUTATIONS]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)
