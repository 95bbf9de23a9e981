r"""One HTML page with stored and new outputs side by side; also of use without pytest.

The page holds everything in itself, runs no script and loads nothing:

>>> from nbval_strict.report import Comparison, page
>>> before = [{"output_type": "stream", "name": "stdout", "text": "one\n"}]
>>> after = [{"output_type": "stream", "name": "stdout", "text": "two\n"}]
>>> html = page([Comparison("a.ipynb", "count", "print(word)", before, after)])
>>> "<del>one</del>" in html and "<ins>two</ins>" in html
True
"""

import base64
import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path

from nbformat import from_dict

from nbval_strict import cells, compare, pictures, saving, texts, tolerances
from nbval_strict.tolerances import EXACT, Tolerance

WIDTH = 300  # letters of a line that are shown
PLACES = 50  # differing places of a text that are shown
WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
SVG = "image/svg+xml"
BASE64 = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Comparison:
    """A code cell with its stored and its new outputs.

    Attributes
    ----------
    notebook : str
        Its path, as it is to be shown.
    cell : str
        The id of the cell.
    source : str
        Its code.
    stored, new : list of dict
        Its outputs as nbformat 4 has them, `NotebookNode` or plain dictionaries.
    problems : list of str
        What is wrong, in words; may be empty.
    """

    notebook: str
    cell: str
    source: str
    stored: list
    new: list
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A table at the top of the page, such as of versions.

    Attributes
    ----------
    caption : str
    heads : list of str
        The headings of the columns.
    rows : list of list of str
        As many texts in each as there are columns; the first is what the row is about.
    """

    caption: str
    heads: list[str]
    rows: list[list[str]]


def compare_notebooks(name: str, stored, new, tolerance: Tolerance = EXACT) -> list[Comparison]:
    """List the code cells of a notebook whose new outputs differ from the stored ones.

    Parameters
    ----------
    name : str
        The path of the notebook, as it is to be shown.
    stored, new : NotebookNode
        The notebook, and the same one executed elsewhere.
    tolerance : Tolerance
        How far outputs may be apart; a cell that asks for more gets it.

    Raises
    ------
    ValueError
        If the code cells of the two are not the same.
    """
    before, after = ([cell for cell in page.cells if cell.cell_type == "code"] for page in (stored, new))
    if [cell.source for cell in before] != [cell.source for cell in after]:
        raise ValueError(f"{name}: the code of the two notebooks is not the same; execute the stored one anew")
    found = []
    for number, (old, now) in enumerate(zip(before, after, strict=True)):
        allowed = tolerance.widened(tolerances.of_cell(old))
        problems = compare.compare_outputs(old.outputs, now.outputs, allowed)
        if problems:
            said = [problem.text for problem in problems]
            found.append(Comparison(name, cells.name(old, number), old.source, old.outputs, now.outputs, said))
    return found


def write(path: Path, comparisons: Iterable[Comparison], **parts) -> Path:
    """Write the page into a file, which is replaced as a whole; folders that do not exist are made.

    Parameters
    ----------
    path : Path
        The file.
    comparisons, **parts
        As for `page`.

    Returns
    -------
    Path
        The file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    saving.replace(path, page(comparisons, **parts))
    return path


def page(
    comparisons: Iterable[Comparison],
    *,
    title: str = "Notebook outputs",
    note: str = "",
    tables: Iterable[Table] = (),
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    comparisons : iterable of Comparison
        The cells to be shown, in this order; the page says so if there is none.
    title : str
        The heading.
    note : str
        A sentence below it, such as what was allowed to differ.
    tables : iterable of Table
        What is to be known before the cells.
    """
    comparisons = list(comparisons)
    style = files("nbval_strict").joinpath("report.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
            "style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<header>",
            f"<h1>{escape(title)}</h1>\n<p>{counted(comparisons).capitalize()}. {escape(note)}</p>\n</header>",
            *(as_html(table) for table in tables),
            *contents(comparisons),
            "<main>",
            *(article(number, each) for number, each in enumerate(comparisons, start=1)),
            "</main>\n</body>\n</html>\n",
        ]
    )


def as_html(table: Table) -> str:
    """Return a table as HTML, in a frame that the keyboard can scroll on a narrow screen."""
    caption = escape(table.caption)
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    rows = [
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(text)}</td>" for text in others) + "</tr>"
        for first, *others in table.rows
    ]
    return "\n".join(
        [
            f'<div class="table" tabindex="0" role="region" aria-label="{caption}">',
            f"<table>\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>",
            *rows,
            "</tbody>\n</table>\n</div>",
        ]
    )


def counted(comparisons: list[Comparison]) -> str:
    """Say how many cells there are, in how many notebooks."""
    count, notebooks = len(comparisons), len({each.notebook for each in comparisons})
    if not count:
        return "no cell to show"
    return f"{count} cell{'s' * (count > 1)} in {notebooks} notebook{'s' * (notebooks > 1)}"


def contents(comparisons: list[Comparison]) -> Iterator[str]:
    """Yield the table of contents, if there is more than one cell."""
    if len(comparisons) < 2:
        return
    yield '<nav aria-label="Cells">\n<ol>'
    for number, each in enumerate(comparisons, start=1):
        first = each.problems[0].splitlines()[0].rstrip(",.") if each.problems else ""
        yield f'<li><a href="#cell-{number}">{name(each)}</a> {escape(first)}</li>'
    yield "</ol>\n</nav>"


def name(comparison: Comparison) -> str:
    """Return notebook and cell as HTML; a path may break after each slash."""
    path = escape(comparison.notebook).replace("/", "/<wbr>")
    return f"{path} <span>cell</span> {escape(comparison.cell)}"


def article(number: int, comparison: Comparison) -> str:
    """Return a cell as HTML: what is wrong, its code, its outputs in pairs."""
    pairs = zip_longest(*compare.alike(from_dict(comparison.stored), from_dict(comparison.new)))
    outputs = [output(f"cell {number}, output {count}", *pair) for count, pair in enumerate(pairs, start=1)]
    return "\n".join(
        [
            f'<article id="cell-{number}" aria-labelledby="name-{number}">',
            f'<h2 id="name-{number}">{name(comparison)}</h2>',
            *(f'<p class="problem">{escape(problem)}</p>' for problem in comparison.problems),
            f"<h3>Code</h3>\n{scrolled(escape(comparison.source), f'Code of cell {number}')}",
            *(["<h3>Outputs</h3>", *outputs] if outputs else ["<p>No outputs, stored or new.</p>"]),
            "</article>",
        ]
    )


def output(label: str, stored, new) -> str:
    """Return a stored output and the new one in its place as HTML, kind by kind; either may be None."""
    before, after = (compare.fields(each) if each else {} for each in (stored, new))
    return "\n".join(shown(f"{label}, {kind}", kind, before.get(kind), after.get(kind)) for kind in before | after)


def shown(label: str, kind: str, stored, new) -> str:
    """Return one kind of an output as HTML: two pictures and their difference, or two texts."""
    heading = f"<h4>{escape(kind)}</h4>\n"
    if stored == new:
        return f'<p class="equal">{escape(kind)}: equal</p>'
    if kind == SVG or kind in BASE64:
        return heading + three_pictures(label, kind, stored, new)
    return heading + two_texts(label, *(value if value is None else compare.as_text(value) for value in (stored, new)))


def three_pictures(label: str, kind: str, stored: str | None, new: str | None) -> str:
    """Return two pictures, and where they differ, as HTML."""
    sources = {"Stored": data_address(kind, stored), "New": data_address(kind, new)}
    if kind != SVG and stored and new:
        sources["Difference"] = data_address("image/png", pictures.encoded_difference(stored, new))
    figures = [
        f"<figure><figcaption>{side}</figcaption>"
        + (f'<img src="{source}" alt="{escape(f"{side}: {label}")}">' if source else "<p>none</p>")
        + "</figure>"
        for side, source in sources.items()
    ]
    return '<div class="pictures">\n' + "\n".join(figures) + "\n</div>"


def data_address(kind: str, value: str | None) -> str:
    """Return a picture as an address that holds it; empty if there is none."""
    encoded = base64.b64encode((value or "").encode()).decode() if kind == SVG else re.sub(r"\s", "", value or "")
    return f"data:{kind};base64,{escape(encoded)}" if encoded else ""


def two_texts(label: str, stored: str | None, new: str | None) -> str:
    """Return two texts beside each other as HTML, where they differ."""
    left, right = [], []
    groups = list(texts.changes(stored or "", new or "", WIDTH))
    for number, group in enumerate(groups[:PLACES]):
        for side in (left, right) if number else ():
            side.append('<span class="gap">⋯</span>')
        for row in group:
            for side, line in zip((left, right), marked(row), strict=True):
                side.append(line)
    more = f"<p>{len(groups) - PLACES} more places differ.</p>" if len(groups) > PLACES else ""
    columns = [
        f'<div class="column"><h5>{side}</h5>'
        + (scrolled("\n".join(lines), f"{side}: {label}") if text is not None else "<p>none</p>")
        + "</div>"
        for side, lines, text in (("Stored", left, stored), ("New", right, new))
    ]
    return '<div class="texts">\n' + "\n".join(columns) + f"\n</div>{more}"


def marked(row: texts.Row) -> tuple[str, str]:
    """Return the two lines of a row as HTML, with the words marked that only one of them has."""
    if row.equal:
        return escape(row.left), escape(row.right)
    if row.left is None or row.right is None:
        return whole(row.left, "del"), whole(row.right, "ins")
    return marked_words(WORD.findall(row.left), WORD.findall(row.right))


def whole(line: str | None, tag: str) -> str:
    """Return a line that only one text has as HTML; a blank where the other has it."""
    return '<span class="absent"> </span>' if line is None else f"<{tag}>{escape(line)}</{tag}>"


def marked_words(left: list[str], right: list[str]) -> tuple[str, str]:
    """Return two lines, as words, as HTML with the words marked that only one of them has."""
    before, after = "", ""
    for kind, i, j, k, m in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        one, other = escape("".join(left[i:j])), escape("".join(right[k:m]))
        before += one if kind == "equal" or not one else f"<del>{one}</del>"
        after += other if kind == "equal" or not other else f"<ins>{other}</ins>"
    return before, after


def scrolled(content: str, label: str) -> str:
    """Return a block of code as HTML that the keyboard can scroll."""
    return f'<pre tabindex="0" role="region" aria-label="{escape(label)}"><code>{content}</code></pre>'
