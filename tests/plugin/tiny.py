"""Tiny notebooks, and a pytest of their own to run them in."""

import base64
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import nbformat

# Run in the kernel, and here to make the picture that is stored.
DRAW = """\
import io
from IPython.display import Image
from matplotlib.figure import Figure

def draw(label, color="#1f77b4"):
    figure = Figure(figsize=(2, 1.5))
    axes = figure.subplots()
    axes.plot([1, 3, 2], color=color)
    axes.set_title(label)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return Image(file.getvalue())
"""


def changed_pixel(output):
    """The same output with one pixel, of the line or of a letter, set to red."""
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"])))
    picture.putpixel((100, 75), (255, 0, 0, 255))
    file = io.BytesIO()
    picture.save(file, format="png")
    return result(output["data"]["text/plain"], **{"image/png": base64.b64encode(file.getvalue()).decode()})


def result(text, **data):
    data = {"text/plain": text} | data
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def code(name, source, *outputs, tags=(), count=1):
    """A stored code cell."""
    metadata = {"tags": list(tags)} if tags else {}
    cell = {"cell_type": "code", "id": name, "source": source, "metadata": metadata}
    return cell | {"outputs": list(outputs), "execution_count": count}


def store(path, *cells):
    """Write a notebook with these cells."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    page = nbformat.from_dict({"cells": list(cells), "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.v4.writes(page), encoding="utf-8")


@dataclass
class Result:
    """What a run of pytest printed, and for each cell, such as `en/a 0`, what became of it and why."""

    status: int
    text: str
    cells: dict

    def outcome(self, cell):
        return self.cells[cell][0]

    def message(self, cell):
        return self.cells[cell][1]

    def count(self, outcome):
        return sum(found == outcome for found, _ in self.cells.values())


def run(folder, *arguments, strict=True):
    """Run `pytest --nbval-strict`, or plain `pytest --nbval`, in a folder: outside this test's own pytest."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    report = Path(folder, "report.xml")
    report.unlink(missing_ok=True)
    command = [
        "--nbval-strict" if strict else "--nbval",
        "-p",
        "no:cacheprovider",
        "--color=no",
        f"--junitxml={report}",
        "--rootdir=.",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *command, *(arguments or ["."])],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Result(done.returncode, done.stdout + done.stderr, outcomes(report) if report.exists() else {})


def outcomes(report):
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        notebook = case.get("classname", "").removesuffix(".ipynb").replace(".", "/")
        outcome, message = "passed", ""
        for child in case:
            if child.tag in ("failure", "error", "skipped"):
                outcome, message = child.tag, child.text or ""
        found[f"{notebook} {case.get('name', '').removeprefix('Cell ')}".strip()] = outcome, message
    return found
