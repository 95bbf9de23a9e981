"""Write TABLE.md: `python -m tests.mutations` in the root of the repository."""

from tests.mutations.table import FILE, MUTATIONS, table

FILE.write_text(table(), encoding="utf-8")
print(f"{len(MUTATIONS)} mutations, {len({each.check for each in MUTATIONS})} checks")
