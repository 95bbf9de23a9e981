"""README and CONTRIBUTING say the same in every language: sections, commands, links; the sizes are those measured."""

import json
import re
from pathlib import Path

import pytest

from book.languages import load_languages
from tools.environment import ENVIRONMENTS
from tools.installing import megabytes

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("*.md"))}
TRANSLATIONS = sorted(name for name in DOCUMENTS if name.count(".") == 2)
OTHER_LANGUAGE = re.compile(r"\.[a-z]{2}(?=\.md$)")
BLOCK = re.compile(r"^```\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)]+)\)")


def sections(text):
    """Return what stands below each heading."""
    blank = BLOCK.sub(lambda block: re.sub("^#", " ", block[0], flags=re.MULTILINE), text)
    assert len(blank) == len(text)
    starts = [match.start() for match in re.finditer(r"^#+ ", blank, re.MULTILINE)]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def commands(text):
    """List the lines in blocks in order, without remarks, which stand after two spaces, and what is between < and >."""
    lines = [re.split(" {2,}", line)[0] for line in "".join(BLOCK.findall(text)).splitlines()]
    return [re.sub("<[^>]*>", "<>", line) for line in lines if line]


def links(text):
    """List the links, wherever in a section; each language names its own files, and at the top those of the others."""
    body = text.partition("\n\n")[2] if text.startswith("# ") else text
    found = LINK.findall(re.sub(r"\A\[.*\n", "", body))
    return sorted(OTHER_LANGUAGE.sub("", link) for link in found)


def code(text):
    """List what stands in backquotes, in any order, since languages differ in it; each names its own chapters."""
    return sorted({re.sub(r"^chapters/[a-z]{2}$", "chapters/…", each) for each in CODE.findall(BLOCK.sub("", text))})


def numbers(text):
    """Return the numbers outside code and links."""
    return set(re.findall(r"\d+(?:\.\d+)*", re.sub(f"{CODE.pattern}|{LINK.pattern}", "", text).replace(",", "")))


def differences(english, other):
    """List what a translation of a document lacks, or has alone, by section."""
    ours, theirs = sections(english), sections(other)
    if len(ours) != len(theirs):
        return [f"{len(ours)} sections in English, {len(theirs)} here"]
    problems = []
    for left, right in zip(ours, theirs, strict=True):
        place = right.partition("\n")[0]
        for part in (commands, links, code):
            if part(left) != part(right):
                problems.append(f"{place}: {part.__name__}: {part(left)} in English, {part(right)} here")
        # Other languages write in digits what English writes in words.
        problems += [f"{place}: {number} is missing" for number in sorted(numbers(left) - numbers(right))]
    return problems


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_says_what_the_english_says(name):
    assert differences(DOCUMENTS[OTHER_LANGUAGE.sub("", name)], DOCUMENTS[name]) == []


def test_both_documents_are_there_in_every_language():
    published = [each.code for each in load_languages(ROOT)][1:]
    wanted = {f"{name}.{code}.md" for name in ("README", "CONTRIBUTING") for code in published}
    assert wanted <= set(TRANSLATIONS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_links_lead_to_files(name):
    for link in LINK.findall(re.sub("(?m)^    .*$", "", DOCUMENTS[name])):  # without indented examples
        assert (ROOT / link).is_file(), link


def test_the_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    named = set(re.findall(r"^make ([a-z]+)\b", "\n".join([*commands(ENGLISH), *code(ENGLISH)]), re.MULTILINE))
    assert {"book", "lab", "serve", "test", "install"} <= named <= targets


def test_the_sizes_are_those_that_are_shown_while_installing():
    rows = dict(re.findall(r"^\| `make (book|lab)` \| (.*?) \| \d minutes? \|$", ENGLISH, re.MULTILINE))
    book, lab = ENVIRONMENTS[".venv-book"], ENVIRONMENTS[".venv"]
    site = 220_000_000  # measured: book/_build; 87 MB are the site, 68 of those the archives
    assert rows["book"] == f"{megabytes(book.download)} | {megabytes(book.disk + site)}"
    assert rows["lab"] == f"{megabytes(lab.download)} | {megabytes(lab.disk)}"


def test_the_dev_container_is_a_stage_of_the_dockerfile_and_runs_the_same_commands():
    settings = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f" AS {settings['build']['target']}\n" in dockerfile
    assert f"useradd --create-home --shell /bin/bash {settings['remoteUser']}" in dockerfile
    assert f"RUN {settings['postCreateCommand']}\n" in dockerfile
    assert f"EXPOSE {' '.join(map(str, settings['forwardPorts']))}\n" in dockerfile


# The comparison itself -----------------------------------------------------------------------------------------------

SAMPLE = """\
# One

Read [this](LICENSE), 3 times, in `book`.

```
make book    # a site
git clone <address> x
```

## Two

`make lab` needs 2.4 GB.
"""

CHANGED = {
    "a section less": ("## Two\n", "Two\n"),
    "another link": ("(LICENSE)", "(README.md)"),
    "another command": ("make book ", "make site "),
    "a command less": ("git clone <address> x\n", ""),
    "a command in another section": ("`make lab` needs", "`make book` needs"),
    "another number": ("2.4 GB", "2 GB"),
    "a word of code less": ("`book`", "book"),
}
SAME = {
    "a remark": ("# a site", "# 网站"),
    "a placeholder": ("<address>", "<地址>"),
    "more numbers": ("a site", "a site in 3 languages"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_difference_is_found(name):
    assert differences(SAMPLE, SAMPLE.replace(*CHANGED[name]))


@pytest.mark.parametrize("name", SAME)
def test_a_translation_is_no_difference(name):
    assert SAMPLE.replace(*SAME[name]) != SAMPLE
    assert differences(SAMPLE, SAMPLE.replace(*SAME[name])) == []
