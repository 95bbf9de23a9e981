"""With --nbval-guard a cell cannot write a file or start a program."""

import pytest
from tiny import code, run, store, stream

REFUSED = [
    "open('made', 'w')",
    "from pathlib import Path\nPath('made').write_text('x')",
    "import os\nos.close(os.open('made', os.O_CREAT | os.O_WRONLY))",
    "import os\nos.mkdir('made')",
    "getattr(__import__('pathlib').Path('made'), 'mk' + 'dir')()",
    "import numpy as np\nnp.save('made', np.eye(2))",
    "import os\nos.remove('kept')",
    "import os\nos.rename('kept', 'made')",
    "import os\nos.system('touch made')",
    "import subprocess\nsubprocess.run(['touch', 'made'])",
    "!touch made",
    "def f():\n    return open('made', 'a')\nf()",
]
ALLOWED = [
    "text = open('kept').read()",
    "import os\nwith open(os.devnull, 'w') as null:\n    _ = null.write('x')",
    "import io\n_ = io.BytesIO().write(b'x')",
    "import colorsys, fresh",  # an import that compiles a module
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guard")
    (folder / "en").mkdir()
    (folder / "en" / "kept").write_text("kept", "utf-8")
    (folder / "en" / "fresh.py").write_text("x = 1\n", "utf-8")
    cells = [code(f"cell-{n}", source, count=n) for n, source in enumerate(REFUSED + ALLOWED, start=1)]
    store(folder / "en" / "a.ipynb", *cells, code("last", "print('kept')", stream("kept\n"), count=len(cells) + 1))
    return folder


@pytest.fixture(scope="module")
def guarded(folder):
    return run(folder, "--nbval-guard")


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=REFUSED)
def test_it_is_refused(guarded, number):
    assert "a cell must not" in guarded.message(f"en/a {number}"), guarded.text


@pytest.mark.parametrize("number", range(len(REFUSED), len(REFUSED) + len(ALLOWED) + 1))
def test_it_is_allowed(guarded, number):
    assert guarded.outcome(f"en/a {number}") == "passed", guarded.message(f"en/a {number}")


def test_nothing_was_written(folder, guarded):
    assert {path.name for path in (folder / "en").iterdir()} - {"__pycache__"} == {"kept", "fresh.py", "a.ipynb"}


def test_without_the_option_nothing_is_refused(tmp_path):
    store(tmp_path / "en" / "a.ipynb", code("write", "open('made', 'w').close()"))
    assert run(tmp_path).outcome("en/a 0") == "passed"
    assert (tmp_path / "en" / "made").exists()
