"""The rules for cells, whatever their language: what a page needs so that it can be published and run anywhere.

``book.build`` and ``book.execute`` ask them, and the tests. What is equal in every language (code, outputs, tags) is
looked at in English only, so that a problem is told once.
"""

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from nbformat import NotebookNode

from book.languages import load_languages
from book.pages import ENGLISH, ROOT, Problem, described, pages, read, render, words
from book.prose import flat_tokens, is_outside
from book.sources import BookError

MOST_LINES = 25
MOST_WIDTH = 94  # of a line of code: what a small laptop shows without scrolling
MOST_COLUMNS = 51  # of a printed line: what a phone shows without scrolling
CELL_ID = re.compile(r"[a-z]+[0-9]{0,2}(-[a-z0-9]+)*")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|work|tmp|Users|usr|opt|var|mnt)/|[A-Z]:\\|site-packages|~/")
ADDRESS = re.compile(r"\bat 0x[0-9a-f]+|\b0x7f[0-9a-f]{6,}", re.IGNORECASE)
TIME = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}:\d{2}\b"  # a date, a time of day
    r"|\b\d+\.\d+ ?(s|ms|µs|us|min)\b|\b\d+ (s|ms|µs|us|sec|secs|seconds|min|minutes)\b"  # how long it took
    r"|\b\d+ms\b|(?<![a-z])(it|ms|s)/(s|step|it|epoch)\b"
)
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")
# What a browser fetches without being asked, and the attribute that says from where.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
FETCHED |= {"link": "href", "object": "data", "embed": "src"}
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
GUESS = re.compile(r'data-guess(-result)?="([^"]*)"')
# Encodings by which UTF-8 is misread most often, and what a text of several characters then becomes.
MISREAD_AS = ("cp1252", "gb18030", "cp932")

Rule = Callable[[NotebookNode], Iterator[Problem]]


def code_cells(page: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a page."""
    return [cell for cell in page.cells if cell.cell_type == "code"]


def output_texts(cell: NotebookNode) -> Iterator[str]:
    """Yield every text of the cell's outputs, with pictures left out."""
    for output in cell.outputs:
        yield output.get("text", "")
        yield output.get("evalue", "")
        yield "\n".join(output.get("traceback", []))
        yield from (str(data) for kind, data in output.get("data", {}).items() if not kind.startswith("image/"))


def found_in_outputs(page: NotebookNode, pattern: re.Pattern[str], remedy: str) -> Iterator[Problem]:
    """Yield the code cells whose outputs match a pattern, with the first match."""
    for cell in code_cells(page):
        match = next(filter(None, map(pattern.search, output_texts(cell))), None)
        if match:
            yield Problem(cell.get("id"), f"{match[0]!r} in the output differs from machine to machine; {remedy}")


def pictures(cell: NotebookNode) -> list[str]:
    """Return the kinds of the pictures in a cell's outputs."""
    return [kind for output in cell.outputs for kind in output.get("data", {}) if kind in PICTURES]


# Rules for notebooks, equal in every language -----------------------------------------------------------------------


def rule_format(page: NotebookNode) -> Iterator[Problem]:
    """Demand valid nbformat 4.5."""
    if (page.nbformat, page.nbformat_minor) != (4, 5):
        yield Problem(None, f"nbformat is {page.nbformat}.{page.nbformat_minor}, not 4.5; run `make sync`")
        return
    try:
        nbformat.validate(page)
    except nbformat.ValidationError as error:
        yield Problem(None, f"not valid: {error.message.splitlines()[0]}; restore it from git")


def rule_ids(page: NotebookNode) -> Iterator[Problem]:
    """Demand ids of lowercase words with hyphens, each used once."""
    names = [cell.get("id", "") for cell in page.cells]
    for name, count in Counter(names).items():
        if not CELL_ID.fullmatch(name):
            yield Problem(None, f"the id {name!r} is not lowercase words with hyphens; give the cell another")
        if count > 1:
            yield Problem(None, f"{name!r} is the id of {count} cells; give each its own")


def rule_run_in_order(page: NotebookNode) -> Iterator[Problem]:
    """Demand that the code cells were run once, from the top."""
    for expected, cell in enumerate(code_cells(page), start=1):
        count = cell.get("execution_count")
        if count not in (None, expected):
            message = f"the execution count is {count}, not {expected}; run `make execute`"
            yield Problem(cell.get("id"), message)


def rule_errors_are_meant(page: NotebookNode) -> Iterator[Problem]:
    """Demand that a cell shows an error if, and only if, it is tagged raises-exception."""
    for cell in code_cells(page):
        meant = "raises-exception" in cell.metadata.get("tags", [])
        raised = any(output.output_type == "error" for output in cell.outputs)
        if raised and not meant:
            yield Problem(cell.get("id"), "an error in the output; mend the code, or tag the cell raises-exception")
        if meant and not raised:
            yield Problem(cell.get("id"), "tagged raises-exception, but shows none; take the tag away")


def rule_no_machine_paths(page: NotebookNode) -> Iterator[Problem]:
    """Demand outputs without paths of the machine."""
    return found_in_outputs(page, MACHINE_PATH, "print the name of the file only")


def rule_no_addresses(page: NotebookNode) -> Iterator[Problem]:
    """Demand outputs without addresses of objects."""
    return found_in_outputs(page, ADDRESS, "print what the object holds")


def rule_no_times(page: NotebookNode) -> Iterator[Problem]:
    """Demand outputs without times."""
    return found_in_outputs(page, TIME, "leave times out")


def rule_short_cells(page: NotebookNode) -> Iterator[Problem]:
    """Demand cells that can be seen as a whole."""
    for cell in code_cells(page):
        lines = cell.source.splitlines()
        if len(lines) > MOST_LINES:
            yield Problem(cell.get("id"), f"{len(lines)} lines, at most {MOST_LINES}; divide the cell")
        if (width := max(map(len, lines), default=0)) > MOST_WIDTH:
            yield Problem(cell.get("id"), f"a line of {width} columns, at most {MOST_WIDTH}; break the line")


def rule_narrow_outputs(page: NotebookNode) -> Iterator[Problem]:
    """Demand that what a cell prints fits on a phone; what `check` says of a reader's mistake is as long as it must."""
    for cell in code_cells(page):
        lines = [line for output in cell.outputs for line in output.get("text", "").splitlines()]
        wide = [line for line in lines if len(line) > MOST_COLUMNS and not line.startswith("Not yet: ")]
        if wide:
            widest = max(wide, key=len)
            lines_of = f"{len(wide)} lines of up to " if len(wide) > 1 else ""
            message = f"prints {lines_of}{len(widest)} columns, at most {MOST_COLUMNS}; print less a line: {widest}"
            yield Problem(cell.get("id"), message)


def rule_reproducible_start(page: NotebookNode) -> Iterator[Problem]:
    """Demand that the first code cell imports the package and calls make_reproducible."""
    if not code_cells(page):
        yield Problem(None, "no code cell; write the page as markdown, or add one")
        return
    cell = code_cells(page)[0]
    try:
        nodes = list(ast.walk(ast.parse(cell.source)))
    except SyntaxError as error:
        yield Problem(cell.get("id"), f"the first code cell is not Python ({error.msg}); mend it")
        return
    imported = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    called = {ast.unparse(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)}
    if "cnn_course" not in {name.partition(".")[0] for name in imported}:
        yield Problem(cell.get("id"), "the first code cell does not import cnn_course; import it there")
    if "make_reproducible" not in called:
        yield Problem(cell.get("id"), "the first code cell does not call make_reproducible(); call it there")


def rule_pictures_described(page: NotebookNode) -> Iterator[Problem]:
    """Demand that a cell shows at most one picture, with alt text and a caption."""
    form = '{"mystnb": {"image": {"alt": "..."}, "figure": {"caption": "..."}}}'
    for cell in code_cells(page):
        known = words(cell)
        if len(pictures(cell)) > 1:
            message = f"{len(pictures(cell))} pictures in one cell, which one alt text cannot describe; divide the cell"
            yield Problem(cell.get("id"), message)
        missing = [name for name in ("alt", "caption") if pictures(cell) and not known.get(name, "").strip()]
        if missing:
            message = f"the picture has no {' and no '.join(missing)}; write it in the cell's metadata: {form}"
            yield Problem(cell.get("id"), message)


def rule_captions_differ(page: NotebookNode) -> Iterator[Problem]:
    """Demand that no two figures have one caption."""
    captions = Counter(words(cell).get("caption") for cell in code_cells(page))
    for text, count in captions.items():
        if text and count > 1:
            yield Problem(None, f"{count} figures have the caption {text!r}; say what each shows")


def rule_no_live_display(page: NotebookNode) -> Iterator[Problem]:
    """Demand no widgets and no clear_output: neither is there on a printed page, and nbval compares neither."""
    remedy = "show a figure or print text"
    if "widgets" in page.metadata:
        yield Problem(None, f"widget state in the notebook's metadata; {remedy}")
    for cell in code_cells(page):
        for kind in [kind for output in cell.outputs for kind in output.get("data", {}) if "widget" in kind]:
            yield Problem(cell.get("id"), f"{kind} in the output; {remedy}")
        if "clear_output" in cell.source:
            yield Problem(cell.get("id"), f"clear_output; {remedy}")


# Rules for the words, in every language, and for outputs ------------------------------------------------------------


def rule_nothing_from_elsewhere(page: NotebookNode) -> Iterator[Problem]:
    """Demand that no page fetches pictures, scripts or styles from elsewhere; links may lead anywhere."""
    for cell in page.cells:
        for url in dict.fromkeys(fetched(cell)):
            if is_outside(url):
                message = (
                    f"{url} would be fetched from elsewhere by everyone who reads the page; keep a copy in the course"
                )
                yield Problem(cell.get("id"), message)


def fetched(cell: NotebookNode) -> Iterator[str]:
    """Yield what a browser would fetch for a cell."""
    for name, text in words(cell).items():
        for token in flat_tokens(text) if name != "alt" else ():
            if token.type == "image":
                yield str(token.attrs["src"])
            elif token.type in ("html_block", "html_inline"):
                yield from fetched_by_html(token.content)
            elif token.type in ("fence", "colon_fence") and token.info.startswith(("{image}", "{figure}")):
                yield token.info.partition("}")[2].strip()
            elif token.type in ("fence", "colon_fence") and token.info.startswith("{raw}"):
                yield from fetched_by_html(token.content)
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        yield from fetched_by_html(str(data.get("text/html", "")))
        for token in flat_tokens(str(data.get("text/markdown", ""))):
            if token.type == "image":
                yield str(token.attrs["src"])


def fetched_by_html(html: str) -> Iterator[str]:
    """Yield what a browser would fetch for a piece of HTML."""
    if not html:
        return
    document = BeautifulSoup(html, "html.parser")
    for tag, name in FETCHED.items():
        yield from (element[name] for element in document.find_all(tag, **{name: True}))
    styles = [element["style"] for element in document.find_all(style=True)]
    styles += [element.text for element in document.find_all("style")]
    yield from (url or sheet for style in styles for url, sheet in CSS_URL.findall(style))


def rule_clean_characters(page: NotebookNode) -> Iterator[Problem]:
    """Demand text without control characters, and without what another encoding made of it."""
    for cell in page.cells:
        texts = {"code": cell.source} if cell.cell_type == "code" else {}
        for name, text in (texts | words(cell)).items():
            for what in character_faults(text):
                yield Problem(cell.get("id"), f"the {name} has {what}; write the text anew")


def character_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with the characters of a text.

    >>> list(character_faults("Itâ€™s fine"))
    ["'â€™', which is '’' read in a wrong encoding"]
    >>> list(character_faults("naïve 猫 and 卷积网络, ゼロ"))
    []
    """
    for character in dict.fromkeys(text):
        if character == "\ufffd":
            yield "U+FFFD, which stands for a character that was lost"
        elif unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and character not in "\n\t":
            yield f"the control or private character U+{ord(character):04X}"
        elif unicodedata.bidirectional(character) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"):
            yield f"the character U+{ord(character):04X}, which turns the direction of writing"
        elif character == "\ufeff":
            yield "a byte order mark, U+FEFF"
    for run in re.findall(r"[^\x00-\x7f]{2,}", text):
        if meant := misread(run):
            yield f"{run!r}, which is {meant!r} read in a wrong encoding"


def misread(run: str) -> str | None:
    """Return what a run of characters was before its UTF-8 was read in another encoding, if it was.

    Text that is right hardly ever has bytes in another encoding that are UTF-8 for text, too: "猫" in GB 18030 is "è".
    So a run of characters of the East must become characters of the East, and more than one.
    """
    for encoding in MISREAD_AS:
        try:
            meant = run.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if encoding == "cp1252" or (len(meant) > 1 and all("\u2e80" < character < "\uffef" for character in meant)):
            return meant
    return None


def rule_guesses(page: NotebookNode) -> Iterator[Problem]:
    """Demand that each place for a guess has a name of its own, and each place for its result names one above it."""
    names = set()
    for cell in page.cells:
        for kind, name in GUESS.findall(cell.source) if cell.cell_type == "markdown" else ():
            if not kind and name in names:
                yield Problem(cell.get("id"), f'data-guess="{name}" stands here a second time; give it another name')
            if kind and name not in names:
                yield Problem(cell.get("id"), f'data-guess-result="{name}" has no data-guess="{name}" above; add it')
            names |= {name} if not kind else set()


OF_NOTEBOOKS: tuple[Rule, ...] = (
    rule_format,
    rule_ids,
    rule_run_in_order,
    rule_errors_are_meant,
    rule_no_machine_paths,
    rule_no_addresses,
    rule_no_times,
    rule_short_cells,
    rule_narrow_outputs,
    rule_reproducible_start,
    rule_pictures_described,
    rule_no_live_display,
    rule_guesses,
)
OF_WORDS: tuple[Rule, ...] = (rule_captions_differ, rule_nothing_from_elsewhere, rule_clean_characters)


def rules(path: Path, language: str) -> tuple[Rule, ...]:
    """Return the rules for one file: those for what all languages share are asked in English."""
    return OF_NOTEBOOKS + OF_WORDS if path.suffix == ".ipynb" and language == ENGLISH else OF_WORDS


def problems(path: Path, language: str) -> list[Problem]:
    """Return what is wrong with the cells of a page."""
    page = read(path)
    return [problem for rule in rules(path, language) for problem in rule(page)]


def form_problems(path: Path) -> list[str]:
    """Say if a page lies on the disk in another form than `make sync` writes, such as an editor's.

    The build takes any form. But in the repository it would make every later change hard to read in a diff.
    """
    stored = path.read_bytes() == render(path, read(path)).encode()
    return [] if stored else described(path, [Problem(None, "not in the one form of stored pages; run `make sync`")])


def check(root: Path = ROOT) -> list[str]:
    """Check the cells of every page.

    Returns
    -------
    list of str
        One line for each problem: the file, the cell, what is wrong and what to do.
    """
    found = []
    for language in load_languages(root):
        for path in pages(root, language.code).values():
            try:
                found += described(path, problems(path, language.code))
            except BookError as error:
                found += str(error).splitlines()
    return found
