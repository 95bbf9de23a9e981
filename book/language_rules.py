"""The rules of `book.lint` that only some languages need: `book/languages.yml` names the sets for each language.

A rule looks at the prose of a cell and yields what is wrong with it. It must be quiet on good text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from book.correspondence import REFERENCES
from book.languages import Language
from book.prose import CODE, Block

HAN = r"\u3005\u3400-\u9fff"
KANA = r"\u3041-\u3096\u30a1-\u30fa\u30fc"
# What words and numbers in Latin script begin and end with; code and formulas count as such.
LATIN = rf"A-Za-z0-9%°−{CODE}"
FULL_WIDTH = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", "(": "（", ")": "）", ".": "。", '"': "“ or ”"}


@dataclass(frozen=True)
class Text:
    """A cell's prose in one language, beside the first one's, English, and the rows of the glossary."""

    language: Language
    first: Language
    cell_id: str
    own: list[Block]
    english: list[Block]
    glossary: list[dict[str, Any]]
    on_page: frozenset[str] = frozenset()  # the numbers of the whole English page, outputs included


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


# Scripts that set no spaces between words -----------------------------------------------------------------------------


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


# Korean -------------------------------------------------------------------------------------------------------------

# What ends a sentence in plain or informal style, and what in 합니다체: a question may also be put softly.
ENDING, FORMAL = re.compile("[다요죠]$"), re.compile("(니다|까요|나요|가요|세요|시다)$")
PARTICLES = "은|는|을|를|의|에서|으로|와|과"


def rule_korean_punctuation(text: Text) -> Iterator[str]:
    """Demand the punctuation of Latin width, which Korean has."""
    for match, place in matches("[，。、；：？！（）「」『』]", text):
        yield f"{match[0]} in {place!r}; write {KOREAN_MARKS[match[0]]}"


KOREAN_MARKS = dict(zip("，。、；：？！（）「」『』", ",.,;:?!()“”“”", strict=True))


def rule_korean_formal(text: Text) -> Iterator[str]:
    """Demand that sentences in paragraphs end in 합니다체; one that ends in a noun is left alone."""
    for block in text.own:
        for sentence in re.findall(r"[^.?!\n]+(?=[.?!](?:\s|$))", block.text) if block.kind == "paragraph" else ():
            if ENDING.search(sentence) and not FORMAL.search(sentence):
                end = sentence.strip()[-20:]
                yield f"the sentence {end!r} does not end in 합니다체; write -ㅂ니다, -ㅂ니까 or -세요"


def rule_korean_particles(text: Text) -> Iterator[str]:
    """Demand that a particle stands at its word, be that in Latin letters, digits, code or a formula."""
    for match, place in matches(rf"(?<=[{LATIN}]) ({PARTICLES})(?=[\s.,?!]|$)", text):
        yield f"a space before {match[1]} in {place!r}; take it out"


# Languages in Latin letters -----------------------------------------------------------------------------------------


def rule_straight_quotes(text: Text) -> Iterator[str]:
    """Demand the quotation marks of the language."""
    for _, place in matches('"', text):
        yield f"a straight quotation mark in {place!r}; write {text.language.punctuation.get(chr(34), '“ or ”')}"


# The sets, by the names under `lint` in languages.yml ---------------------------------------------------------------

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
    "korean": (rule_korean_punctuation, rule_korean_formal, rule_korean_particles),
    "latin": (rule_straight_quotes,),
}
