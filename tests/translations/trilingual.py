"""A small course in three languages, complete and up to date, that tests may damage."""

import hashlib
import json
import shutil
from pathlib import Path

import nbformat.v4

ROOT = Path(__file__).parents[2]
CONTENTS = """\
format: jb-book
root: index
chapters:
  - file: 01_sample
  - file: glossary
"""
# What a new language has to say of itself.
KOREAN = """
ko:
  name: 한국어
  html_lang: ko
  sphinx_language: ko
  scripts: [HANGUL]
  fonts: ""
  style: {}
  lint: []
  punctuation: {}
  number_units: {만: 10000}
  title: 실험
  tagline: 실험
  glossary: {title: 용어집, intro: 용어., also: "다른 이름: ", separator: ", "}
  messages: {}
  script_messages: {search: {}, copybutton: {}}
  config: {}
"""
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PICTURE = {
    "output_type": "display_data",
    "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"},
    "metadata": {},
}
TEXTS = {
    "title": {
        "en": "(sample)=\n# A sample\n\nWhat does it show?",
        "zh": "(sample)=\n# 示例\n\n它说明什么？",
        "ja": "(sample)=\n# 例\n\n何を示すのでしょうか。",
    },
    "formula": {"en": "$$y = \\max(x, 0)$$", "zh": "$$y = \\max(x, 0)$$", "ja": "$$y = \\max(x, 0)$$"},
    "closing": {"en": "Now you know.", "zh": "现在明白了。", "ja": "これで分かりました。"},
}
ALT = {"en": "A gray square.", "zh": "一个灰色方块。", "ja": "灰色の正方形。"}
CAPTION = {"en": "The square", "zh": "方块", "ja": "正方形"}
WELCOME = {
    "welcome": {
        "en": "# Welcome\n\nLearn by doing.",
        "zh": "# 欢迎\n\n边做边学。",
        "ja": "# ようこそ\n\n試して学びます。",
    },
    "need": {"en": "## What you need", "zh": "## 需要什么", "ja": "## 必要なもの"},
}


def sha(text):
    """The hash as the design states it, written here once more on purpose."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def markdown_cell(cell_id, language):
    own, english = TEXTS[cell_id][language], TEXTS[cell_id]["en"]
    metadata = {} if own == english else {"translates": sha(english)}
    return {"cell_type": "markdown", "id": cell_id, "metadata": metadata, "source": own}


def code_cell(cell_id, source, count, outputs, metadata):
    return {
        "cell_type": "code",
        "id": cell_id,
        "source": source,
        "execution_count": count,
        "outputs": outputs,
        "metadata": metadata,
    }


def notebook(language):
    figure = {
        "tags": ["hide-input"],
        "mystnb": {"image": {"alt": ALT[language]}, "figure": {"caption": CAPTION[language], "name": "square"}},
    }
    if language != "en":
        figure["translates"] = sha(f"{ALT['en']}\n{CAPTION['en']}")
    stream = {"output_type": "stream", "name": "stdout", "text": "2\n"}
    cells = [
        markdown_cell("title", language),
        code_cell("add", "print(1 + 1)", 1, [stream], {}),
        markdown_cell("formula", language),
        code_cell("draw", "draw(square)", 2, [PICTURE], figure),
        markdown_cell("closing", language),
    ]
    return nbformat.from_dict({"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5})


def markdown_page(language):
    blocks = []
    for cell_id, texts in WELCOME.items():
        record = {} if language == "en" else {"translates": sha(texts["en"])}
        blocks.append(f"+++ {json.dumps({'id': cell_id, **record})}\n\n{texts[language]}\n")
    return "\n".join(blocks)


class Course:
    """The sample, and short ways to change it."""

    def __init__(self, root: Path):
        self.root = root

    def path(self, language, name="01_sample.ipynb"):
        return self.root / "chapters" / language / name

    def load(self, language):
        return nbformat.v4.reads(self.path(language).read_text(encoding="utf-8"))

    def store(self, language, page):
        self.path(language).write_text(nbformat.v4.writes(page) + "\n", encoding="utf-8")

    def edit(self, language, cell_id, change):
        """Apply `change` to one cell of the notebook."""
        page = self.load(language)
        change(next(cell for cell in page.cells if cell.get("id") == cell_id))
        self.store(language, page)

    def edit_cells(self, language, change):
        """Apply `change` to the notebook's list of cells."""
        page = self.load(language)
        change(page.cells)
        self.store(language, page)

    def replace(self, language, old, new, name="index.md"):
        """Replace text in a file."""
        text = self.path(language, name).read_text(encoding="utf-8")
        assert old in text
        self.path(language, name).write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name, content):
        """Write a file below the root; bytes, or text in UTF-8."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def add_korean(self):
        """Add a language to the list of languages, and nothing else."""
        path = self.root / "book" / "languages.yml"
        path.write_text(path.read_text(encoding="utf-8") + KOREAN, encoding="utf-8")

    def files(self):
        return {path: path.read_bytes() for path in sorted(self.root.rglob("*")) if path.is_file()}


def make_course(root: Path) -> Course:
    """Write the sample below `root`."""
    (root / "book").mkdir()
    shutil.copy(ROOT / "book" / "languages.yml", root / "book")
    (root / "book" / "glossary.yml").write_text("[]\n", encoding="utf-8")
    (root / "_toc.yml").write_text(CONTENTS, encoding="utf-8")
    sample = Course(root)
    for language in ("en", "zh", "ja"):
        (root / "chapters" / language).mkdir(parents=True)
        sample.store(language, notebook(language))
        sample.path(language, "index.md").write_text(markdown_page(language), encoding="utf-8")
    return sample
