"""Slips of a translator's hand, for `book.lint`, and of who adds to the glossary."""

from pathlib import Path
from random import Random

import yaml

from tests.mutations.of_notebooks import GATE, has_figure
from tests.mutations.seeded import TRANSLATIONS, Mutation, in_source, notebooks, on_a_cell, replaced

LINT = "book.lint"
EVIDENCE = "book.evidence"
GLOSSARY = "book.glossary"
HAN = r"\u4e00-\u9fff"
KANA = r"\u3041-\u3096"
# Simplified characters that are frequent in the chapters, and the traditional ones.
TRADITIONAL = {"图": "圖", "个": "個", "积": "積", "这": "這", "们": "們", "网": "網", "层": "層", "数": "數"}


def words(language: str, name: str, text: str):
    """Return a mutation that writes other words as alt text (group "image") or caption ("figure") of a figure."""

    def change(cell, random: Random) -> None:
        group = {"alt": "image", "caption": "figure"}[name]
        cell.metadata.mystnb[group][name] = text

    return on_a_cell(change, language, has_figure)


def in_a_paragraph(pattern: str, new, language: str):
    """Return a mutation of the prose outside headings, lists and tables, formulas and code."""

    def prose(cell) -> bool:
        return cell.cell_type == "markdown" and cell.id != "references"

    return in_source(rf"(?m)(?<=[{HAN}{KANA}])" + pattern, new, language, prose)


def write_other_term(root: Path, random: Random) -> None:
    """Call a term, wherever one page has it, by a word that no glossary has; its links stay."""
    rows = yaml.safe_load((root / "book/glossary.yml").read_text(encoding="utf-8"))
    places = []
    for path in notebooks(root, "zh"):
        text = path.read_text(encoding="utf-8")
        english = (root / "chapters/en" / path.name).read_text(encoding="utf-8")
        places += [
            (path, row["zh"]["term"])
            for row in rows
            if f"[{row['zh']['term']}](#term-{row['id']})" in text and f"[{row['en']['term']}]" in english
        ]
    path, term = random.choice(places)
    path.write_text(path.read_text(encoding="utf-8").replace(f"[{term}](#term", "[某物](#term"), encoding="utf-8")


def drop_row_language(root: Path, random: Random) -> None:
    edit_rows(root, lambda rows: random.choice(rows).pop(random.choice(["en", "zh", "ja"])))


def drop_definition(root: Path, random: Random) -> None:
    edit_rows(root, lambda rows: random.choice(rows)[random.choice(["zh", "ja"])].pop("definition"))


def repeat_row_id(root: Path, random: Random) -> None:
    def change(rows):
        first, second = random.sample(rows, 2)
        second["id"] = first["id"]

    edit_rows(root, change)


def edit_rows(root: Path, change) -> None:
    """Change the rows of the glossary."""
    path = root / "book/glossary.yml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(rows)
    path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")


def in_explorer_texts(pattern: str, new: str):
    """Return a mutation that replaces one match of a pattern in the texts of the explorers."""

    def change(root: Path, random: Random) -> None:
        path = root / "book/explorers/texts.yml"
        path.write_text(replaced(path.read_text(encoding="utf-8"), pattern, new, random), encoding="utf-8")

    return change


def measured(cell) -> bool:
    """Tell whether a cell's numbers must be found in an output."""
    return cell.cell_type == "markdown" and cell.id != "references"


PARAGRAPH_END = r"。$"
MUTATIONS = [
    Mutation("alt text in English", LINT, "alt has no word of", words("zh", "alt", "A grid of numbers.")),
    Mutation("a caption in English", LINT, "caption has no word of", words("ja", "caption", "A grid of numbers.")),
    Mutation("Chinese alt text in Japanese", LINT, "is not a Japanese", words("ja", "alt", "两个数字网格。")),
    Mutation("a caption in です", LINT, "without です and ます", words("ja", "caption", "これは図です。")),
    Mutation(
        "broken bold in Chinese",
        LINT,
        "not shown as emphasis",
        in_source(r"\*\*([^*\n]+)\*\*", r"**\1 **", "zh"),
    ),
    Mutation(
        "broken bold in Japanese",
        LINT,
        "not shown as emphasis",
        in_source(rf"\*\*([{HAN}{KANA}]+)\*\*(?=[{KANA}])", r"**「\1」**", "ja"),
    ),
    Mutation("another term than the glossary's", LINT, "the glossary has", write_other_term),
    Mutation("half-width comma in Chinese", LINT, "half-width ','", in_a_paragraph("，", ",", "zh")),
    Mutation("half-width bracket in Japanese", LINT, "half-width '('", in_a_paragraph("（", "(", "ja")),
    Mutation(
        "full-width digit",
        LINT,
        "full-width",
        in_a_paragraph(r"\d(?=[\u4e00-\u9fff])", lambda match: chr(ord(match[0]) + 0xFEE0), "ja"),
    ),
    Mutation(
        "a traditional character",
        LINT,
        "is not a simplified",
        in_a_paragraph(f"[{''.join(TRADITIONAL)}]", lambda match: TRADITIONAL[match[0]], "zh"),
    ),
    Mutation("kana in Chinese", LINT, "translate it", in_a_paragraph("的", "の", "zh")),
    Mutation("である among です", LINT, "does not end in です", in_a_paragraph("です。", "である。", "ja")),
    Mutation("だ among です", LINT, "does not end in です", in_a_paragraph("です。", "だ。", "ja")),
    Mutation("Chinese comma in Japanese", LINT, "write 、", in_a_paragraph("、", "，", "ja")),
    Mutation("no space around Latin in Chinese", LINT, "no space between", in_a_paragraph(r" (?=[A-Za-z])", "", "zh")),
    Mutation("a space around Latin in Japanese", LINT, "a space between", in_a_paragraph(r"(?=[A-Z])", " ", "ja")),
    Mutation("a space inside Chinese", LINT, "take it out", in_a_paragraph(f"(?=[{HAN}])", " ", "zh")),
    Mutation("a line break inside a paragraph", LINT, "the line ends", in_a_paragraph("，", "，\n", "zh")),
    Mutation(
        "an English sentence left",
        LINT,
        "English is left",
        in_a_paragraph(PARAGRAPH_END, "。The edge stays as it was before.", "zh"),
    ),
    Mutation(
        "a changed number in prose",
        LINT,
        "compare the two",
        in_a_paragraph(r"(?<![\d.,]) ?\d{2,}(?![\d.,])", lambda match: match[0] + "7", TRANSLATIONS),
    ),
    Mutation(
        "a number that no output holds",
        EVIDENCE,
        "is in no output",
        in_source(r"(?<![\d.,$`])\d+\.\d+(?=%)", lambda match: match[0] + "123", "en", measured),
    ),
    Mutation(
        "a dropped link to a term",
        GATE,
        "no link to #term-",
        in_source(r"\[([^\]]+)\]\(#term-[a-z0-9-]+\)", r"\1", "zh"),
    ),
    Mutation("a glossary row without a language", GLOSSARY, "has no", drop_row_language),
    Mutation("a glossary row without a definition", GLOSSARY, "definition", drop_definition),
    Mutation("one id for two glossary rows", GLOSSARY, "is used 2 times", repeat_row_id),
    Mutation("a text of an explorer missing", GATE, "text; add it under", in_explorer_texts(r"\n    (zh|ja): .*", "")),
    Mutation("a place left out of a text", GATE, "must have the placeholders", in_explorer_texts(r"\{row\}(?=、)", "")),
    Mutation("half-width bracket in a text", LINT, "half-width '('", in_explorer_texts("（", "(")),
    Mutation(
        "another explorer in a translation", GATE, "no explorer", in_source(r"(?<=-preset=\")", "x", TRANSLATIONS)
    ),
    Mutation(
        "an explorer without a figure", GATE, "without a picture", in_source(r"!\[.*\]\(attachment:.*\)", "", "en")
    ),
    Mutation("an explorer that is not there", GATE, "names no explorer", in_source(r"(?<=-explorer=\")", "x", "en")),
]
