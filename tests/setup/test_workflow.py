"""The workflow file runs targets that there are, trusts only what is pinned, and publishes what `make book` builds."""

import re
from pathlib import Path

import pytest
import yaml

from book.build import Paths

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github/workflows/site.yml"
PINNED = re.compile(r"actions/[\w-]+@[0-9a-f]{40}")


def problems(text):
    """List what is wrong with a workflow."""
    workflow = yaml.load(text, yaml.BaseLoader)  # a reader of another kind takes the key `on` for a truth value
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    ran = [command for step in steps for command in re.split(r" && |\n", step.get("run", "")) if command]
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1].split()
    known = [command for command in ran if re.fullmatch(r"make [a-z]+", command) and command[5:] in targets]
    known += [command for command in ran if re.match(r"sudo apt-get (update|install)\b", command)]
    found = [f"not pinned by commit: {name}" for name in used if not PINNED.fullmatch(name)]
    found += [f"not a command that is known here: {command}" for command in ran if command not in known]
    found += [f"`{command}` does not run" for command in ("make test", "make book") if command not in ran]
    paths = [step["with"]["path"] for step in steps if "upload-pages" in step.get("uses", "")]
    found += (
        [] if paths == [Paths(ROOT).html.relative_to(ROOT).as_posix()] else [f"another folder is published: {paths}"]
    )
    publish = workflow["jobs"]["publish"]
    found += [] if "refs/heads/main" in publish["if"] and publish["needs"] == "build" else ["published unchecked"]
    found += [] if workflow["permissions"] == {"contents": "read"} else ["too much is permitted"]
    comments = re.findall(r"uses: (\S+)(  # v\d+\.\d+\.\d+)?$", text, re.MULTILINE)
    return found + [f"which version is that: {name}" for name, version in comments if not version]


def test_the_workflow_is_right():
    assert problems(FILE.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("make test", "make tests", "not a command that is known here: make tests"),
        ("run: make book", "run: make clean", "`make book` does not run"),
        ("make test", "curl example.org | sh", "not a command that is known here"),
        ("@11bd71901bbe5b1630ceea73d27597364c9af683", "@v4", "not pinned by commit: actions/checkout@v4"),
        ("actions/deploy-pages@", "someone/deploy-pages@", "not pinned by commit: someone"),
        ("path: book/_build/html", "path: book/_build", "another folder is published"),
        ("needs: build", "needs: []", "published unchecked"),
        ("contents: read", "contents: write", "too much is permitted"),
        ("  # v4.2.2", "", "which version is that: actions/checkout"),
    ],
)
def test_a_wrong_workflow_is_found(old, new, said):
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    assert said in "\n".join(problems(text.replace(old, new)))


def test_python_is_one_that_the_course_runs_on():
    (version,) = re.findall(r'python-version: "(.*)"', FILE.read_text(encoding="utf-8"))
    assert version in ("3.11", "3.12", "3.13")
    assert (ROOT / ".binder/runtime.txt").read_text(encoding="utf-8") == f"python-{version}\n"


def test_binder_installs_what_is_locked():
    (line,) = (ROOT / ".binder/requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (ROOT / ".binder" / line.removeprefix("-r ")).resolve() == ROOT / "requirements-lab.lock"
