"""Read the chapters as a proof-reader does: terms, punctuation, characters, style and numbers.

``book.translations`` sees whether a translation is there and up to date; these rules see slips in its text,
which a reader would stumble over. They look at the prose of each cell, and at the alt text and the caption
of each figure, never at code, formulas or link targets. ``python -m book.lint`` is the command line.

The rules must be quiet on good text: what they cannot decide, they leave alone. Where one of them is wrong
about a text, mend the rule, and add the text to the counterexamples in the tests.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from book.correspondence import REFERENCES, differing_marks, pairs
from book.glossary import load_glossary
from book.languages import Language, load_languages
from book.pages import ENGLISH, ROOT, Problem, described, holds_words, pages, read
from book.prose import CODE, Block, blocks, markdown_blocks
from book.sources import BookError, tell
from book.texts import EXPLORERS, FILES, PLACEHOLDER, Texts, entries, load_texts

HAN = r"\u3005\u3400-\u9fff"
KANA = r"\u3041-\u3096\u30a1-\u30fa\u30fc"
# What words and numbers in Latin script begin and end with; code and formulas count as such.
LATIN = rf"A-Za-z0-9%°−{CODE}"
FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）", ".": "。", '"': "“ or ”"}

# English names of terms that the chapters also use as everyday words, so that a good translation need not have the
# term: "the second map" (第二张图), "the peak does not flatten", "seeds Python only". They are checked where they are
# links, and as part of a longer name: "feature map", "random seed". Words such as "window", "weight" and "batch" mean
# the term wherever they stand in the chapters; should that change, this is the place.
EVERYDAY = {"map", "maps", "flatten", "flattened", "flattening", "interval", "seed", "seeds", "one cycle"}


@dataclass(frozen=True)
class Text:
    """A cell's prose in one language, beside the English, and the rows of the glossary."""

    language: Language
    cell_id: str
    own: list[Block]
    english: list[Block]
    glossary: list[dict[str, Any]]
    on_page: frozenset[str] = frozenset()  # the numbers of the whole English page, outputs included
    english_units: tuple[tuple[str, int], ...] = ()


# A rule looks at a text, and yields what is wrong with it.
Rule = Callable[[Text], Iterator[str]]


def around(text: str, start: int, end: int) -> str:
    """Return enough of a text to find the place: what matched, and some characters on both sides."""
    return text[max(0, start - 10) : end + 10].replace(CODE, "`…`").replace("\n", "⏎").strip()


def matches(pattern: str, text: Text) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each place in a text where a pattern matches, and its surroundings for the message."""
    for block in text.own:
        for match in re.finditer(pattern, block.text):
            yield match, around(block.text, match.start(), match.end())


# Rules for every language -------------------------------------------------------------------------------------------


def rule_emphasis(text: Text) -> Iterator[str]:
    """Demand that no emphasis is left as asterisks: next to CJK punctuation, markdown does not see its end."""
    for _, place in matches(r"\*\*|(?<![\s*])\*(?!\*)|(?<!\*)\*(?![\s*])", text):
        yield f"the asterisks in {place!r} are not shown as emphasis; put the punctuation outside: `**重要**：`"


# Rules for every translation ----------------------------------------------------------------------------------------


def rule_linked_terms(text: Text) -> Iterator[str]:
    """Demand that a link to a term shows the term of the glossary, or one of its other names."""
    rows = {f"#term-{row.get('id')}": row for row in text.glossary}
    for block in text.own:
        for target, shown in block.links:
            known = names(rows[target], text.language.code) if target in rows else []
            if known and folded(shown) not in map(folded, known):
                glossary = " / ".join(known)
                yield f"the link to {target} shows {shown!r}, the glossary has {glossary}; write one, or add it there"


def rule_terms(text: Text) -> Iterator[str]:
    """Demand that a term used in English is there in the translation, by one of its names."""
    own = folded(" ".join(block.text for block in text.own))
    english = " ".join(block.text for block in text.english)
    for row in text.glossary if text.cell_id != REFERENCES else ():
        known = [re.escape(name) for name in names(row, ENGLISH) if name not in EVERYDAY]
        used = known and re.search(rf"(?<![\w-])({'|'.join(known)})(?![\w-])", english, re.IGNORECASE)
        wanted = names(row, text.language.code)
        if used and wanted and not any(folded(name) in own for name in wanted):
            yield f"English says {used[0]!r}, which is {' / '.join(wanted)} here; use one of these"


def names(row: dict[str, Any], language: str) -> list[str]:
    """Return the names that the glossary has for a concept in a language, the preferred one first."""
    entry = row.get(language) or {}
    return [name for name in (entry.get("term"), *(entry.get("also") or [])) if name]


def folded(text: str) -> str:
    """Return a text for comparing names: spaces and capitals make no difference."""
    return re.sub(r"\s", "", text).casefold()


def rule_line_breaks(text: Text) -> Iterator[str]:
    """Demand one line per paragraph: a line break is shown as a space between two characters."""
    for _, place in matches(r"\n", text):
        yield f"the line ends within a paragraph: {place!r}; write the paragraph in one line"


def rule_full_width(text: Text) -> Iterator[str]:
    """Demand full-width punctuation next to Chinese and Japanese characters, and at the end of a text."""
    before, after = f"[{HAN}{KANA}”」』》）]", f"[{HAN}{KANA}“「『《（]"
    pattern = rf'(?<={before}) ?[,;:?!()".]|[,;:?!()"] ?(?={after})|(?<=[{LATIN}])(?:\(|[,;:?!.]$)'
    for match, place in matches(pattern, text):
        # In a list of literature, Latin titles and years keep their own punctuation before a remark.
        if text.cell_id == REFERENCES and not re.search(f"{before}$", match.string[: match.start()]):
            continue
        mark = match[0].strip()
        yield f"half-width {mark!r} in {place!r}; write {(FULL_WIDTH | text.language.punctuation)[mark]}"


def rule_full_width_latin(text: Text) -> Iterator[str]:
    """Demand digits and Latin letters of normal width."""
    for match, place in matches(r"[０-９Ａ-Ｚａ-ｚ％．＋－＝]+", text):
        yield f"full-width {match[0]!r} in {place!r}; write {match[0].translate(NORMAL_WIDTH)}"


NORMAL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def rule_spaces(text: Text) -> Iterator[str]:
    """Demand no space between Chinese or Japanese characters, or beside their punctuation.

    The ideographic space is allowed: it sets off numbers of exercises, 問1 and so on.
    """
    cjk, marks = f"[{HAN}{KANA}]", "[，。、；：？！（）「」『』《》“”]"
    for _, place in matches(rf"(?<={cjk}) +(?={cjk})|(?<={marks}) +(?=\S)|(?<=\S) +(?={marks})", text):
        yield f"a space in {place!r}; take it out"


def rule_untranslated(text: Text) -> Iterator[str]:
    """Demand that no English sentence is left: five words or more in a row, save titles of literature."""
    if text.cell_id == REFERENCES:
        return
    for match, _ in matches(r"(?:[A-Za-z][A-Za-z'’-]*[,;:]? +){4,}[A-Za-z]+", text):
        yield f"English is left: {match[0]!r}; translate it"


def rule_figure_language(text: Text) -> Iterator[str]:
    """Demand that the alt text and the caption of a figure are in the page's language."""
    for block in text.own:
        own = any(map(text.language.writes, block.text))
        if block.kind in ("alt", "caption") and holds_words(block.text) and not own:
            yield f"the {block.kind} has no word of this language: {block.text!r}; translate it"


# Numbers ------------------------------------------------------------------------------------------------------------

NUMBER = r"(?<![A-Za-z0-9.,])(\d+(?:,\d{3})*(?:\.\d+)*)"
# Numbers that English writes in words, and the digits that a translation may write for them.
ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ONES += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000}
FRACTIONS = {
    "half": "0.5 50", "one and a half": "1.5", "quarter": "0.25 25", "three quarters": "0.75 75",
    "fifth": "0.2 20", "tenth": "0.1 10", "hundredth": "0.01 100", "two hundredths": "0.02",
}  # fmt: skip


def words_of_numbers() -> dict[str, set[str]]:
    """Return what English writes for numbers of two digits and more, and for fractions, with the digits."""
    words = {name: value for value, name in enumerate(ONES)}
    words |= {ten: 10 * value for value, ten in enumerate(TENS, start=2)}
    words |= {f"{ten}-{ONES[one]}": words[ten] + one for ten in TENS for one in range(1, 10)}
    words |= {f"{name} {unit}": value * many for name, value in words.items() for unit, many in MULTIPLES.items()}
    return {word: {str(value)} for word, value in (words | MULTIPLES).items()} | {
        word: set(digits.split()) for word, digits in FRACTIONS.items()
    }


NUMBER_WORDS = words_of_numbers()
# The longest first, so that "twenty-four" is not read as "twenty".
NUMBER_WORD = re.compile(rf"\b({'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})(?=s?\b)")


def rule_numbers(text: Text) -> Iterator[str]:
    """Demand the numbers of the English, if they have two digits or a decimal point, and no others.

    Each must be there as often as in English, so that a slip in one of two is seen. Smaller numbers are words in
    one language and digits in another. A number from elsewhere on the English page, such as an output that English
    rounds, may be said, and references may add a translated edition.
    """
    own = numbers(text.own, text.language.number_units)
    english = numbers(text.english, dict(text.english_units))
    if missing := sorted(english - own):
        yield f"{', '.join(missing)} is missing, or there less often than in English; compare the two"
    extra = own.keys() - english - text.on_page - numbers_in_words(text.english)
    if extra and text.cell_id != REFERENCES:
        yield f"{', '.join(sorted(extra))} is nowhere on the English page; compare the two"


def numbers(side: list[Block], units: dict[str, int]) -> Counter[str]:
    """Count the numbers of at least two digits or with a decimal point, without separators of thousands.

    `units` are the words that multiply a number before them, such as 万 and million.
    """
    words = "|".join(re.escape(unit) + (r"\b" if unit.isascii() else "") for unit in units)
    found = Counter()
    for block in side:
        for match in re.finditer(f"{NUMBER}(?: ?({words}))?" if units else f"{NUMBER}()", block.text):
            digits, unit = match[1].replace(",", ""), match[2]
            found[f"{float(digits) * units[unit]:.0f}" if unit and digits.count(".") < 2 else digits] += 1
    return Counter({number: count for number, count in found.items() if len(number) > 1})


def numbers_in_words(side: list[Block]) -> set[str]:
    """Return the numbers that may stand in digits for those that English writes in words."""
    text = " ".join(block.text for block in side).casefold()
    return set().union(*(NUMBER_WORDS[word] for word in NUMBER_WORD.findall(text)))


# Characters ---------------------------------------------------------------------------------------------------------

# The character sets of the two countries' standards tell the scripts apart: GB 2312 has the simplified characters,
# JIS X 0208 (in shift_jis) those of Japan. These few are in the set although they belong to the other script.
TRADITIONAL_IN_GB2312 = set("後於乾捱摺菸麼裏")
SIMPLIFIED_IN_JIS = set("个从决况冲坏无气听网粮粤盖弃凉凭惧梦泪")


def foreign(text: Text, encoding: str, exceptions: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the Chinese characters that a character set lacks, save those of quoted titles."""
    for block in text.own:
        for match in re.finditer(f"[{HAN}]", re.sub("《.*?》|『.*?』", lambda title: " " * len(title[0]), block.text)):
            if match[0] in exceptions or not encodable(match[0], encoding):
                yield match[0], around(block.text, match.start(), match.end())


def encodable(character: str, encoding: str) -> bool:
    """Tell whether a character set has a character."""
    return character.encode(encoding, "ignore") != b""


def rule_simplified(text: Text) -> Iterator[str]:
    """Demand simplified characters in Chinese, and no kana; titles in 《》 keep their script."""
    for character, place in foreign(text, "gb2312", TRADITIONAL_IN_GB2312):
        yield f"{character} in {place!r} is not a simplified character; write the simplified one, or the title in 《》"
    for match, place in matches(f"[{KANA}]+", text):
        yield f"Japanese {match[0]!r} in {place!r}; translate it"


def rule_japanese_characters(text: Text) -> Iterator[str]:
    """Demand characters of Japan, not simplified Chinese ones, and katakana of full width."""
    for character, place in foreign(text, "shift_jis", SIMPLIFIED_IN_JIS):
        yield f"{character} in {place!r} is not a Japanese character; write the Japanese one, or the title in 『』"
    for match, place in matches("[\uff61-\uff9f]+", text):
        yield f"half-width {match[0]!r} in {place!r}; write it in full width"


# Chinese ------------------------------------------------------------------------------------------------------------


def rule_chinese_latin(text: Text) -> Iterator[str]:
    """Demand a space between Chinese and Latin characters, digits, code or formulas."""
    for _, place in matches(rf"(?<=[{HAN}])(?=[{LATIN}])|(?<=[{LATIN}])(?=[{HAN}])", text):
        yield f"no space between Chinese and Latin in {place!r}; put one there"


def rule_chinese_quotes(text: Text) -> Iterator[str]:
    """Demand the quotation marks of the mainland."""
    for match, place in matches("[「」『』｢｣]", text):
        yield f"{match[0]} in {place!r}; write “ and ”"


# Japanese -----------------------------------------------------------------------------------------------------------


def rule_japanese_latin(text: Text) -> Iterator[str]:
    """Demand no space between Japanese and Latin characters, digits, code or formulas."""
    cjk = f"[{HAN}{KANA}]"
    for _, place in matches(rf"(?<={cjk}) +(?=[{LATIN}])|(?<=[{LATIN}]) +(?={cjk})", text):
        yield f"a space between Japanese and Latin in {place!r}; take it out"


def rule_japanese_punctuation(text: Text) -> Iterator[str]:
    """Demand 、 and 。 and the quotation marks of Japan."""
    for match, place in matches("[，．“”]", text):
        right = {"，": "、", "．": "。", "“": "「", "”": "」"}[match[0]]
        yield f"{match[0]} in {place!r}; write {right}"


# What a polite sentence ends with. A question may also end in a plain か, and the answer to a "why" in から.
POLITE = re.compile(r"(です|ます|でした|ました|ません|でしょう|ましょう|ください|か|から)[かねよ]*$")
# だ and である after a noun; 読んだ and 囲んである are verbs.
PLAIN = re.compile(r"((?<!ん)(だ|である)|だった|であった|だろう)$")
ASIDE = re.compile(r"（[^（）]*）|「[^「」]*」")


def rule_polite(text: Text) -> Iterator[str]:
    """Demand です and ます in prose; lists and tables may be nominal, but neither they nor others end in だ."""
    for block in text.own:
        for sentence in sentences(block.text):
            if block.kind == "paragraph" and not POLITE.search(sentence):
                yield f"the sentence {sentence[-20:]!r} does not end in です or ます; write it politely"
            elif block.kind != "paragraph" and PLAIN.search(sentence):
                yield f"{sentence[-20:]!r} ends in plain style; end it in a noun, or in です or ます"


def rule_figure_style(text: Text) -> Iterator[str]:
    """Demand that captions and alt texts are terse, without です and ます: all figures then read alike."""
    for block in text.own:
        for sentence in sentences(block.text) if block.kind in ("alt", "caption") else ():
            if re.search(r"(です|ます|でした|ました|ません|でしょう)$", sentence):
                yield f"the {block.kind} ends in {sentence[-12:]!r}; write captions and alt texts without です and ます"


def sentences(text: str) -> list[str]:
    """Return the sentences of a Japanese text that end in 。 (or ？ or ！), without what stands in brackets."""
    while ASIDE.search(text):
        text = ASIDE.sub("", text)
    return [sentence.strip() for sentence in re.findall(r"[^。？！\n]+(?=[。？！])", text)]


# The pages ----------------------------------------------------------------------------------------------------------

FOR_EVERY_LANGUAGE: tuple[Rule, ...] = (rule_emphasis,)
FOR_TRANSLATIONS: tuple[Rule, ...] = (rule_linked_terms, rule_terms, rule_numbers)
FOR_OTHER_SCRIPTS: tuple[Rule, ...] = (rule_untranslated, rule_figure_language)
# By the names under `lint` in languages.yml.
SETS: dict[str, tuple[Rule, ...]] = {
    "cjk": (rule_line_breaks, rule_full_width, rule_full_width_latin, rule_spaces),
    "chinese": (rule_simplified, rule_chinese_latin, rule_chinese_quotes),
    "japanese": (
        rule_japanese_characters,
        rule_japanese_latin,
        rule_japanese_punctuation,
        rule_polite,
        rule_figure_style,
    ),
}


def rules(language: Language) -> tuple[Rule, ...]:
    """Return the rules for one language.

    Raises
    ------
    BookError
        If the language names a set of rules that is not there.
    """
    if unknown := [name for name in language.lint if name not in SETS]:
        there = ", ".join(SETS)
        raise BookError(f"book/languages.yml: `{language.code}.lint` has {unknown[0]!r}; write names of: {there}")
    translations = FOR_TRANSLATIONS if language.code != ENGLISH else ()
    scripts = () if language.is_latin else FOR_OTHER_SCRIPTS
    return sum((SETS[name] for name in language.lint), FOR_EVERY_LANGUAGE + translations + scripts)


def check(root: Path = ROOT) -> list[str]:
    """Check the prose of every page of every language.

    Pages and cells that are missing, and text that is not translated at all, are for `book.translations`.

    Parameters
    ----------
    root
        The folder that holds ``chapters`` and ``book/glossary.yml``.

    Returns
    -------
    list of str
        One line for each problem, grouped by file: the file, the cell, what is wrong and how to put it
        right. Empty if there is none.
    """
    every = load_languages(root)
    for language in every:
        rules(language)  # a set that is not there is named before anything else
    glossary = load_glossary(root)
    texts = {file: load_texts(root, file) for file in FILES}
    originals = pages(root, ENGLISH)
    problems = []
    for language in every:
        for name, path in pages(root, language.code).items():
            if name not in originals:
                continue
            try:
                problems += described(path, check_page(originals[name], path, every[0], language, glossary))
            except BookError as error:
                problems += str(error).splitlines()
        problems += check_glossary(every[0], language, glossary)
        for file, own in texts.items():
            problems += check_texts(every[0], language, glossary, own, file)
    return list(dict.fromkeys(problems))


def check_page(
    original: Path, path: Path, first: Language, language: Language, glossary: list[dict[str, Any]]
) -> list[Problem]:
    """Return what is wrong with the prose of one page."""
    page = read(original)
    english = {cell.get("id"): blocks(cell) for cell in page.cells}
    units = first.number_units
    sides = [*english.values(), *map(outputs, page.cells)]
    on_page = frozenset().union(*(numbers(side, units) for side in sides))
    problems = []
    for pair in pairs(page, read(path)):
        if path != original and (pair.untranslated or pair.english.cell_type != pair.translation.cell_type):
            continue
        own = keep_names(blocks(pair.translation), english[pair.english.id])
        text = Text(language, pair.english.id, own, english[pair.english.id], glossary, on_page, tuple(units.items()))
        problems += lint(text)
    return problems


def outputs(cell: NotebookNode) -> list[Block]:
    """Return the text that a cell's code gave, as numbers are looked for there too."""
    texts = (output.get("text") or output.get("data", {}).get("text/plain") for output in cell.get("outputs", ()))
    return [Block("output", text) for text in texts if text]


def keep_names(own: list[Block], english: list[Block]) -> list[Block]:
    """Treat names in Chinese characters that stand in the English too, such as an author's or a title, as code."""
    kept = set(re.findall(f"[{HAN}{KANA}]{{2,}}", " ".join(block.text for block in english)))
    if not kept:
        return own
    pattern = re.compile("|".join(sorted(map(re.escape, kept), key=len, reverse=True)))
    return [replace(block, text=pattern.sub(CODE, block.text)) for block in own]


def lint(text: Text) -> list[Problem]:
    """Return what is wrong with one text."""
    return [Problem(text.cell_id, message) for rule in rules(text.language) for message in rule(text)]


def check_glossary(first: Language, language: Language, glossary: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with the definitions of the glossary in one language; what is missing, the gate says."""
    problems = []
    for row in glossary:
        own, english = ((row.get(code) or {}).get("definition") for code in (language.code, ENGLISH))
        if not own or not english:
            continue
        sides = (list(markdown_blocks(text, "definition")) for text in (own, english))
        problems += lint(Text(language, row["id"], *sides, [], english_units=tuple(first.number_units.items())))
        problems += [Problem(row["id"], message) for message in differing_marks(own, english)]
    return [f"book/glossary.yml: row {each.cell}: {language.code}: {each.message}" for each in problems]


def check_texts(
    first: Language, language: Language, glossary: list[dict[str, Any]], texts: Texts, file: str = EXPLORERS
) -> list[str]:
    """Return what is wrong with the texts that programs show in one language; what is missing, the gate says."""
    problems = []
    for name, words in entries(texts):
        if language.code in words:
            sides = ([Block("paragraph", PLACEHOLDER.sub(CODE, words[code]))] for code in (language.code, ENGLISH))
            problems += lint(Text(language, name, *sides, glossary, english_units=tuple(first.number_units.items())))
    return [f"{file}: {each.cell}: {language.code}: {each.message}" for each in problems]


def main(root: Path = ROOT) -> int:
    """Print what is wrong with the prose of the chapters; return the exit status."""
    return tell(check, root)


if __name__ == "__main__":
    sys.exit(main())
