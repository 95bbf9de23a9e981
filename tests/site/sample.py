"""A small book with one of each thing that chapters contain, to build in tests."""

import base64
import json
import shutil
import struct
import zlib
from pathlib import Path

import yaml

from book.languages import load_languages

ROOT = Path(__file__).parents[2]

TEXTS = {
    "en": {
        "title": "Convolution",
        "welcome": "A convolutional network looks at a picture through small windows, with ReLU between its layers.",
        "alt": "A square that grows brighter to the right",
        "caption": "Brightness grows from left to right.",
        "table": "| size | stride |\n|---|---|\n| `tf.nn.max_pool2d(maps, 2)` | 1 |",
        "note": "Mind the edges.",
        "next": "Here comes the *first* experiment.",
    },
    "zh": {
        "title": "卷积",
        "welcome": "卷积网络透过一个个小窗口观察图像，各层之间用 ReLU 激活，并用批量归一化与梯度下降训练。",
        "alt": "向右逐渐变亮的方块",
        "caption": "亮度从左到右增加。",
        "table": "| 尺寸 | 步幅 |\n|---|---|\n| 5 | 1 |",
        "note": "注意边缘。",
        "next": "下面是第一个实验。",
    },
    "ja": {
        "title": "畳み込み",
        "welcome": "畳み込みネットワークは小さな窓から画像を見ます。層の間に ReLU を置き、ゼロパディングで補います。",
        "alt": "右へ行くほど明るくなる正方形",
        "caption": "明るさは左から右へ増えます。",
        "table": "| サイズ | ストライド |\n|---|---|\n| 5 | 1 |",
        "note": "端に注意してください。",
        "next": "ここから最初の実験です。",
    },
}
GLOSSARY = {
    "en": {"term": "stride", "definition": "How many pixels the kernel moves."},
    "zh": {"term": "步幅", "also": ["步长"], "definition": "卷积核每次移动的像素数。"},
    "ja": {"term": "ストライド", "definition": "カーネルを動かすときの画素数。"},
}
FORMULAS = r"""$o = \lfloor (n + 2p - k) / s \rfloor + 1$

$$
y_{i,j} = \sum_{u=0}^{k-1} \sum_{v=0}^{k-1} x_{i+u,\,j+v} \, w_{u,v} \quad \text{with} \quad
\begin{bmatrix} 1 & 0 \\ 0 & -1 \end{bmatrix}
$$"""


def write_book(root: Path) -> None:
    """Write the sources of the sample book to `root`, with this project's own configuration."""
    for name in ("_config.yml", "book/languages.yml"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    for name in ("book/_static", "book/_templates", "book/explorers", "book/reading"):
        shutil.copytree(ROOT / name, root / name)
    languages = [language.code for language in load_languages(root)]
    # A language that has no texts here shows the English ones.
    row = {"id": "stride", **{code: GLOSSARY.get(code, GLOSSARY["en"]) for code in languages}}
    (root / "book/glossary.yml").write_text(
        yaml.safe_dump([row], allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: 02_convolution\n  - file: glossary\n",
        encoding="utf-8",
    )
    for language in languages:
        texts = TEXTS.get(language, TEXTS["en"])
        folder = root / "chapters" / language
        folder.mkdir(parents=True)
        (folder / "index.md").write_text(index_page(texts), encoding="utf-8")
        (folder / "02_convolution.ipynb").write_text(json.dumps(notebook(texts), ensure_ascii=False), encoding="utf-8")


def index_page(texts: dict[str, str]) -> str:
    """Return a markdown page whose cells are separated by block breaks."""
    return (
        f'+++ {{"id": "welcome"}}\n(welcome)=\n# CNN: {texts["title"]}\n\n{texts["welcome"]}\n\n'
        f'+++ {{"id": "first"}}\n\n{texts["next"]} {{doc}}`02_convolution`, {{ref}}`term-stride`.\n'
    )


def notebook(texts: dict[str, str]) -> dict:
    """Return an executed notebook."""
    source = "```python\ndef output_size(size, kernel):\n    return size - kernel + 1\n```"
    long_line = "numbers = [" + ", ".join(str(n) for n in range(60)) + "]"
    figure = {"image/png": png(), "text/plain": ["<Figure size 640x480 with 1 Axes>"]}
    mystnb = {"image": {"alt": texts["alt"]}, "figure": {"caption": texts["caption"]}}
    cells = [
        markdown("title", f"(convolution)=\n# {texts['title']}\n\n{texts['welcome']}"),
        markdown("formulas", FORMULAS),
        markdown(
            "table",
            f"(convolution-first)=\n## {texts['next']}\n\n{texts['table']}\n\n```{{note}}\n{texts['note']}\n```",
        ),
        markdown("folded", f"```{{dropdown}} {texts['note']}\n{texts['welcome']}\n```"),
        code("picture", "show(image)", display(figure), mystnb=mystnb),
        code("long-line", long_line, {"output_type": "stream", "name": "stdout", "text": "0 " * 400}),
        code("solution", "answer = 42", tags=["hide-cell"]),
        code("source", "explain(output_size)", display({"text/markdown": source, "text/plain": "source"})),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "cells": cells,
    }


def markdown(cell_id: str, source: str) -> dict:
    """Return a markdown cell."""
    return {"id": cell_id, "cell_type": "markdown", "metadata": {}, "source": source}


def code(cell_id: str, source: str, *outputs: dict, **metadata: object) -> dict:
    """Return an executed code cell."""
    return {
        "id": cell_id,
        "cell_type": "code",
        "metadata": metadata,
        "execution_count": 1,
        "source": source,
        "outputs": list(outputs),
    }


def display(data: dict) -> dict:
    """Return an output as `display` makes it."""
    return {"output_type": "display_data", "metadata": {}, "data": data}


def png(size: int = 64) -> str:
    """Return a gray ramp as a PNG in base64."""
    rows = b"".join(b"\0" + bytes(column * 255 // size for column in range(size)) for _ in range(size))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()
