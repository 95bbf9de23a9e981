"""The rules that tie a translated page to the English one, cell by cell.

English is the original. A page of another language has the same cells, with the same ids, in the same
order: code cells, their outputs and their metadata are equal; only the words differ (markdown text, and
the alt text and the caption of a figure), and what stands between the words (formulas, code, links and pictures)
is the same. A translated cell records in its metadata, as ``translates``, the hash of the English words it
translates, so that a translation whose original has changed since is found and named.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from book.pages import FIGURE_WORDS, LABEL, Problem, first_line, holds_words, shared_metadata, without_code, words
from book.prose import marks, outside_links

HEADING = re.compile(r"^(#{1,6})[ \t]", re.MULTILINE)
# The cell of a page that lists literature: a translation adds its own editions.
REFERENCES = "references"
DONE, STALE, MISSING = "done", "stale", "missing"  # how far a translation is


def digest(cell: NotebookNode) -> str:
    """Return the hash of a cell's words, by which its translations record what they translate."""
    return hashlib.sha256("\n".join(words(cell).values()).encode()).hexdigest()[:16]


def is_to_translate(cell: NotebookNode) -> bool:
    """Tell whether an English cell has words to translate."""
    return any(map(holds_words, words(cell).values()))


def copy_words(source: NotebookNode, target: NotebookNode) -> None:
    """Put the words of a translated cell, and what they translate, into a copy of the English cell."""
    if target.cell_type == "markdown":
        target.source = source.source
    for name in words(target).keys() & words(source).keys() & FIGURE_WORDS.keys():
        target.metadata.mystnb[FIGURE_WORDS[name]][name] = words(source)[name]
    if words(target) and "translates" in source.metadata:
        target.metadata.translates = source.metadata.translates


def is_english_copy(cell: NotebookNode) -> bool:
    """Tell whether a cell of a translation holds English words: those it claims to translate, put there by a sync."""
    return cell.metadata.get("translates") == digest(cell)


# The rules for one cell and its translation -------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """An English cell and its translation."""

    english: NotebookNode
    translation: NotebookNode

    @property
    def recorded(self) -> str | None:
        """The hash of the English words that the translation was made from."""
        return self.translation.metadata.get("translates")

    @property
    def untranslated(self) -> list[str]:
        """The names of the words that are still the English ones, as they are or were, or empty."""
        english = {name: text.strip() for name, text in words(self.english).items() if holds_words(text)}
        own = {name: text.strip() for name, text in words(self.translation).items()}
        is_copy = is_english_copy(self.translation)
        return [name for name, text in english.items() if name in own and (is_copy or own[name] in ("", text))]

    @property
    def state(self) -> str:
        """How far the translation is: `done`, `stale`, `missing`, or "" if there is nothing to translate."""
        if not is_to_translate(self.english):
            return ""
        if self.untranslated or self.recorded is None or words(self.translation).keys() != words(self.english).keys():
            return MISSING
        return DONE if self.recorded == digest(self.english) else STALE

    @property
    def acceptable(self) -> bool:
        """Whether the translation differs from the English and records another state of it, or none."""
        differs = words(self.translation) != words(self.english)
        return differs and not self.untranslated and self.recorded != digest(self.english)

    def problem(self, message: str, accept: bool = False) -> Problem:
        """Return what is wrong with the translation; `accept`: it is to be accepted once that is put right."""
        return Problem(self.english.id, message, accept)


def rule_type(pair: Pair) -> Iterator[Problem]:
    """Demand that a cell has the type that it has in English."""
    own, english = pair.translation.cell_type, pair.english.cell_type
    if own != english:
        yield pair.problem(f"is a {own} cell, in English a {english} cell; run `make sync`")


def rule_code(pair: Pair) -> Iterator[Problem]:
    """Demand that code is equal in every language."""
    if pair.english.cell_type != "markdown" and pair.translation.source != pair.english.source:
        yield pair.problem(
            "the code differs from the English; change it in English only, then run `make sync`, which keeps a copy of "
            "what you wrote here"
        )


def rule_outputs(pair: Pair) -> Iterator[Problem]:
    """Demand that outputs, execution counts and attached pictures are equal in every language."""
    copied = ("outputs", "execution_count", "attachments")
    if any(pair.translation.get(key) != pair.english.get(key) for key in copied):
        yield pair.problem("the outputs or attachments differ from the English; run `make sync`")


def rule_metadata(pair: Pair) -> Iterator[Problem]:
    """Demand that metadata, such as tags, are equal in every language, save the words in them."""
    if shared_metadata(pair.translation) != shared_metadata(pair.english):
        yield pair.problem("the tags or other metadata differ from the English; run `make sync`")


def rule_figure(pair: Pair) -> Iterator[Problem]:
    """Demand that a figure has alt text and caption where it has them in English, and only there."""
    own, english = words(pair.translation), words(pair.english)
    if missing := sorted(english.keys() - own.keys()):
        yield pair.problem(f"the figure has no {' and no '.join(missing)}; run `make sync`, then translate it")
    elif extra := sorted(own.keys() - english.keys()):
        names = " and ".join(extra)
        yield pair.problem(f"the figure's {names} is not there in English; add it there, or run `make sync`")


def rule_untranslated(pair: Pair) -> Iterator[Problem]:
    """Demand that no words are left in English, or left out."""
    for name in pair.untranslated[:1]:
        line = first_line(words(pair.english)[name])
        is_recorded = pair.recorded == digest(pair.english)  # by the sync that put the English words there
        yield pair.problem(f"the {name} is not translated ({line!r}); write it", accept=not is_recorded)


def rule_unrecorded(pair: Pair) -> Iterator[Problem]:
    """Demand that a translation records which English words it translates."""
    if pair.recorded is None and pair.acceptable:
        yield pair.problem("nothing records which English text this translates; compare the two", accept=True)


def rule_stale(pair: Pair) -> Iterator[Problem]:
    """Demand that a translation was made from the English words as they are now."""
    if pair.recorded not in (None, digest(pair.english)) and not pair.untranslated:
        yield pair.problem("the English has changed since this was translated; update it", accept=True)


def rule_labels(pair: Pair) -> Iterator[Problem]:
    """Demand that markdown defines the labels that it defines in English: links rely on them."""
    own, english = (sorted(LABEL.findall(without_code(cell.source))) for cell in (pair.translation, pair.english))
    if pair.english.cell_type == "markdown" and own != english:
        yield pair.problem(f"the labels are {own}, in English {english}; write the same `(label)=` lines")


def rule_headings(pair: Pair) -> Iterator[Problem]:
    """Demand that markdown has headings of the levels that it has in English."""
    own, english = (HEADING.findall(without_code(cell.source)) for cell in (pair.translation, pair.english))
    if pair.english.cell_type == "markdown" and own != english:
        yield pair.problem(f"the headings are {own}, in English {english}; write headings of the same levels")


def rule_marks(pair: Pair) -> Iterator[Problem]:
    """Demand the formulas, inline code, links, pictures and explorers of the English between the words."""
    if pair.untranslated:
        return
    own = words(pair.translation)
    for name, text in words(pair.english).items():
        if name != "alt" and name in own:
            more = pair.english.id == REFERENCES
            yield from (pair.problem(message) for message in differing_marks(own[name], text, more))


def differing_marks(own: str, english: str, more_links: bool = False) -> Iterator[str]:
    """Yield what differs between the formulas, codes, links, pictures and explorers of two texts.

    A translation may show more code: the English words of a figure or a message, which it quotes and explains. A link
    out of the course may lead to a page in the reader's language; there must be as many. With `more_links`, as in a
    list of literature, there may be more.
    """
    found, wanted = marks(own), marks(english)
    for kind, right in wanted.items():
        if missing := sorted(right - found[kind]):
            yield f"no {kind} {', '.join(missing)}, as there is in English; add it where the text speaks of it"
        if kind != "code" and (extra := sorted(found[kind] - right)):
            yield f"the {kind} {', '.join(extra)} is not there in English; take it out, or add it in English"
    outside = [len(outside_links(text)) for text in (own, english)]
    if outside[0] < outside[1] or (outside[0] > outside[1] and not more_links):
        yield f"{outside[0]} links lead out of the course, in English {outside[1]}; compare the two"


CELL_RULES = (
    rule_code,
    rule_outputs,
    rule_metadata,
    rule_figure,
    rule_untranslated,
    rule_unrecorded,
    rule_stale,
    rule_labels,
    rule_headings,
    rule_marks,
)


# The rules for pages ------------------------------------------------------------------------------------------------


def ids(page: NotebookNode) -> list[str]:
    """Return the ids of a page's cells in order, "" for a cell that has none."""
    return [cell.get("id", "") for cell in page.cells]


def rule_ids(page: NotebookNode) -> Iterator[Problem]:
    """Demand that each cell has an id, and no two have the same."""
    for position, cell in enumerate(page.cells, start=1):
        if not cell.get("id"):
            yield Problem(
                None, f"the cell number {position} ({first_line(cell.source)!r}) has no id; give it one, in words"
            )
    for cell_id, count in Counter(ids(page)).items():
        if cell_id and count > 1:
            yield Problem(cell_id, f"{count} cells have this id; give each its own")


def rule_english_only(page: NotebookNode) -> Iterator[Problem]:
    """Demand that English cells record no translation: they are the originals."""
    for cell in page.cells:
        if "translates" in cell.metadata:
            message = "English cells record no translation; delete `translates` from the cell's metadata"
            yield Problem(cell.get("id"), message)


def rule_english_head(page: NotebookNode) -> Iterator[Problem]:
    """Demand that all text of a markdown page stands in a block; only front matter may stand before the first."""
    head = page.metadata.get("head", "")
    if head and not head.startswith("---"):
        remedy = f'put a line like `+++ {{"id": "start"}}` before {first_line(head)!r}'
        yield Problem(None, f"text before the first block; {remedy}")


def rule_head(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that the front matter of a markdown page is equal in every language."""
    if page.metadata != english.metadata:
        yield Problem(None, "what stands before the first block differs from the English; run `make sync`")


def rule_missing(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that no cell is missing."""
    for cell_id in ids(english):
        if cell_id not in ids(page):
            yield Problem(cell_id, "is missing; run `make sync`, then translate it")


def rule_extra(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that no cell stands only in the translation."""
    for cell_id in ids(page):
        if cell_id and cell_id not in ids(english):
            message = "is not in the English page; add it there first, or let `make sync` remove it and keep a copy"
            yield Problem(cell_id, message)


def rule_order(english: NotebookNode, page: NotebookNode) -> Iterator[Problem]:
    """Demand that the cells stand in the order of the English page."""
    expected = [cell_id for cell_id in ids(english) if cell_id in ids(page)]
    found = list(dict.fromkeys(cell_id for cell_id in ids(page) if cell_id in expected))
    for wanted, cell_id in zip(expected, found, strict=False):
        if wanted != cell_id:
            yield Problem(cell_id, f"stands where the English page has the cell {wanted}; run `make sync`")
            return


def check_english(page: NotebookNode) -> list[Problem]:
    """Return what is wrong with an English page as an original."""
    return [problem for rule in (rule_ids, rule_english_only, rule_english_head) for problem in rule(page)]


def check_draft(english: NotebookNode, page: NotebookNode) -> list[Problem]:
    """Return what is wrong with what is done of a page that is being translated."""
    done = [pair for pair in pairs(english, page) if pair.state == DONE]
    return [*rule_ids(page), *(problem for pair in done for problem in list(rule_type(pair)) or cell_problems(pair))]


def cell_problems(pair: Pair) -> list[Problem]:
    """Return what is wrong with a translated cell of the right type."""
    return [problem for rule in CELL_RULES for problem in rule(pair)]


def check_translation(english: NotebookNode, page: NotebookNode) -> list[Problem]:
    """Return what is wrong with a translated page."""
    problems = list(rule_ids(page))
    for rule in (rule_head, rule_missing, rule_extra, rule_order):
        problems += rule(english, page)
    for pair in pairs(english, page):
        # A cell of another type breaks every other rule too; one message is enough.
        problems += list(rule_type(pair)) or cell_problems(pair)
    return problems


def pairs(english: NotebookNode, page: NotebookNode) -> list[Pair]:
    """Match the cells of a page with the English ones by id."""
    originals = {cell.get("id"): cell for cell in english.cells}
    return [Pair(originals[cell.id], cell) for cell in page.cells if cell.get("id") and cell.id in originals]
