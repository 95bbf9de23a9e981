"""No pickle anywhere, no shell in the package, the book or a notebook, and no notebook that writes a file."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from tests.safety.code_rules import (
    PICKLE_FILES,
    no_pickle,
    no_shell,
    no_writes,
    parse,
    parse_cell,
    pickled_arrays,
    starts_only,
)

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "packages", "book", "tests", "tools", "chapters")
FILES = [path for name in FOLDERS for path in sorted((ROOT / name).rglob("*")) if "_build" not in path.parts]
MODULES = [path for path in FILES if path.suffix == ".py"]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb" and ".ipynb_checkpoints" not in path.parts]
GIT, PYTHON = "'git'", "sys.executable"
# They ask git what was committed, and bring in what is new; and workers are this Python once more.
STARTS = {"book/kept.py": GIT, "book/update.py": GIT, "src/cnn_course/experiments/crew.py": PYTHON}
ARCHIVES = [path for path in FILES if path.suffix == ".npz"]


def place(path):
    return path.relative_to(ROOT).as_posix()


def cells(path):
    page = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    return {cell.id: parse_cell(cell.source) for cell in page.cells if cell.cell_type == "code"}


def test_there_is_something_to_look_at():
    assert MODULES
    assert NOTEBOOKS
    assert ARCHIVES


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_has_no_pickle(path):
    assert no_pickle(parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.relative_to(ROOT).parts[0] in ("src", "packages", "book")], ids=place
)
def test_a_module_starts_no_program(path):
    tree = parse(path.read_text(encoding="utf-8"))
    if place(path) in STARTS:
        assert starts_only(STARTS[place(path)], tree)
    else:
        assert no_shell(tree) == []


@pytest.mark.parametrize(
    ("source", "right"),
    [
        ('subprocess.run(["git", "fetch"])', True),
        ('subprocess.run(["git", *arguments], cwd=folder)', True),
        ('subprocess.run(["sh", "-c", "git fetch"])', False),
        ('subprocess.run("git fetch", shell=True)', False),
        ("subprocess.run(command)", False),
        ('subprocess.Popen(["git", "fetch"])', True),
        ("subprocess.Popen(command)", False),
        ('os.system("git fetch")', False),
        ('subprocess.run(["git"], shell=True)', False),
    ],
)
def test_a_module_that_starts_git_starts_nothing_else(source, right):
    assert starts_only(GIT, parse(source)) is right
    assert starts_only(PYTHON, parse(source.replace('"git"', PYTHON))) is right


# An exercise takes a network along as a page, in a temporary folder.
WRITTEN = {
    "04_lenet5": ["exercise-page: no_writes: line 1: tempfile", "solution-page: no_writes: line 2: explorer.save"]
}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=place)
def test_a_notebook_is_safe(path):
    problems = [
        f"{name}: {rule.__name__}: {problem}"
        for name, tree in cells(path).items()
        for rule in (no_pickle, no_shell, no_writes)
        for problem in rule(tree)
    ]
    problems = [problem for problem in problems if problem not in WRITTEN.get(path.stem, ())]
    assert not problems, "\n".join(["", *problems])


@pytest.mark.parametrize("path", ARCHIVES, ids=place)
def test_a_shipped_archive_holds_no_objects(path):
    assert pickled_arrays(path) == []


def test_no_file_is_a_pickle():
    assert [place(path) for path in FILES if path.suffix.lower() in PICKLE_FILES] == []


# The rules themselves -----------------------------------------------------------------------------------------------

BREAKS = [
    (no_pickle, "import pickle"),
    (no_pickle, "import pickle as safe"),
    (no_pickle, "from pickle import loads"),
    (no_pickle, "import cPickle"),
    (no_pickle, "import dill"),
    (no_pickle, "import joblib.numpy_pickle"),
    (no_pickle, "import shelve"),
    (no_pickle, "import marshal"),
    (no_pickle, "def f():\n    from cloudpickle import dumps"),
    (no_pickle, "__import__('pickle')"),
    (no_pickle, "import importlib\nimportlib.import_module('pickle')"),
    (no_pickle, "import numpy as np\nnp.load('a.npz')"),
    (no_pickle, "import numpy\nnumpy.load('a.npz')"),
    (no_pickle, "from numpy import load as read\nread('a.npz')"),
    (no_pickle, "import numpy as np\nnp.load('a.npz', allow_pickle=True)"),
    (no_pickle, "import numpy as np\nnp.load('a.npz', allow_pickle=flag)"),
    (no_pickle, "import numpy as np\nnp.save('a.npy', x, allow_pickle=True)"),
    (no_pickle, "import pandas\npandas.read_pickle('a')"),
    (no_pickle, "import torch\ntorch.load('a')"),
    (no_pickle, "import torch\ntorch.load('a', weights_only=False)"),
    (no_pickle, "import torch\nread = torch.load"),
    (no_pickle, "import keras\nkeras.models.load_model('a.keras', safe_mode=False)"),
    (no_shell, "import subprocess"),
    (no_shell, "from subprocess import run"),
    (no_shell, "import os\nos.system('ls')"),
    (no_shell, "from os import system as f\nf('ls')"),
    (no_shell, "import os\nos.popen('ls')"),
    (no_shell, "import os\nrun = os.system"),
    (no_shell, "import os\nos.execvp('ls', ['ls'])"),
    (no_shell, "import asyncio\nawait_me = asyncio.create_subprocess_shell('ls')"),
    (no_shell, "!ls"),
    (no_shell, "files = !ls"),
    (no_shell, "!!ls"),
    (no_shell, "%%bash\nls"),
    (no_shell, "%%sh\nls"),
    (no_shell, "%%script perl\n1"),
    (no_shell, "%sx ls"),
    (no_shell, "%system ls"),
    (no_shell, "%pip install x"),
    (no_shell, "%%writefile a.txt\nx"),
    (no_shell, "get_ipython().system('ls')"),
    (no_shell, "import IPython\nIPython.get_ipython().getoutput('ls')"),
    (no_writes, "open('a', 'w')"),
    (no_writes, "open('a', mode='a')"),
    (no_writes, "open('a', 'xb')"),
    (no_writes, "open('a', 'r+')"),
    (no_writes, "open('a', mode)"),
    (no_writes, "from io import open as o\no('a', 'w')"),
    (no_writes, "from pathlib import Path\nPath('a').open('w')"),
    (no_writes, "from pathlib import Path\nPath('a').write_text('x')"),
    (no_writes, "from pathlib import Path\nPath('a').write_bytes(b'x')"),
    (no_writes, "from pathlib import Path\nPath('a').mkdir()"),
    (no_writes, "from pathlib import Path\nPath('a').unlink()"),
    (no_writes, "from pathlib import Path\nPath('a').rename('b')"),
    (no_writes, "import os\nos.remove('a')"),
    (no_writes, "import os\nos.makedirs('a')"),
    (no_writes, "import os\nos.replace('a', 'b')"),
    (no_writes, "from os import remove\nremove('a')"),
    (no_writes, "import shutil"),
    (no_writes, "import tempfile"),
    (no_writes, "import numpy as np\nnp.save('a', x)"),
    (no_writes, "import numpy as np\nnp.savez_compressed('a', x)"),
    (no_writes, "import numpy as np\nnp.savetxt('a', x)"),
    (no_writes, "x.tofile('a')"),
    (no_writes, "import matplotlib.pyplot as plt\nplt.savefig('a.png')"),
    (no_writes, "figure.savefig('a.png')"),
    (no_writes, "list(map(figure.savefig, names))"),
    (no_writes, "model.save('a.keras')"),
    (no_writes, "model.save_weights('a.weights.h5')"),
    (no_writes, "import keras\nkeras.callbacks.ModelCheckpoint('a')"),
    (no_writes, "import zipfile\nzipfile.ZipFile('a', 'w')"),
    (no_writes, "import tarfile\ntarfile.open('a', 'w:gz')"),
    (no_writes, "import h5py\nh5py.File('a', 'w')"),
]

KEEPS = [
    (no_pickle, "import numpy as np\nnp.load('a.npz', allow_pickle=False)"),
    (no_pickle, "import torch\ntorch.load('a', weights_only=True)"),
    (no_pickle, "import numpy as np\nnp.save('a.npy', x)\nnp.save('a.npy', x, allow_pickle=False)"),
    (no_pickle, "import json\njson.load(file)\nload('pickle')\n'import pickle'  # pickle"),
    (no_pickle, "from cnn_course import pickles_of_cucumber\nallow_pickle = True"),
    (no_shell, "import os\nos.environ['A'] = 'b'\nos.path.join('system', 'popen')"),
    (no_shell, "%matplotlib inline\nprint('!ls')"),
    (no_shell, "text = '''\n!ls\n%%bash\n'''"),
    (no_shell, "solver.system(3)\nhalf = 5 % len(x)\ncorrect = not x != y"),
    (no_writes, "open('a')\nopen('a', 'rb')\nopen('a', mode='rt', encoding='utf-8')"),
    (no_writes, "from pathlib import Path\nPath('w').open()\nPath('a').open('rb')\nPath('a').read_text()"),
    (no_writes, "from PIL import Image\nImage.open('a.png')"),
    (no_writes, "names.remove('a')\n'a'.replace('a', 'b')\ncopy(x)\nx.copy()"),
    (no_writes, "import numpy as np\nnp.load('a.npz', allow_pickle=False)\nsaved = savings(x)\nsave = 3"),
    (no_writes, "import zipfile\nzipfile.ZipFile('a')\nzipfile.ZipFile('a', 'r')"),
]


@pytest.mark.parametrize(("rule", "source"), BREAKS, ids=[f"{rule.__name__}: {source}" for rule, source in BREAKS])
def test_a_rule_objects(rule, source):
    assert rule(parse_cell(source))


@pytest.mark.parametrize(("rule", "source"), KEEPS, ids=[f"{rule.__name__}: {source}" for rule, source in KEEPS])
def test_a_rule_lets_good_code_be(rule, source):
    assert rule(parse_cell(source)) == []


def test_a_problem_is_shown_with_its_line():
    assert no_pickle(parse("x = 1\nimport pickle")) == ["line 2: pickle"]


def test_an_archive_with_objects_is_found(tmp_path):
    np.savez(tmp_path / "a.npz", good=np.arange(3), bad=np.array([{}, None], object))
    assert pickled_arrays(tmp_path / "a.npz") == ["bad.npy: Python objects"]


def test_an_archive_with_objects_in_a_field_is_found(tmp_path):
    np.savez(tmp_path / "a.npz", bad=np.zeros(2, [("number", int), ("thing", object)]))
    assert pickled_arrays(tmp_path / "a.npz") == ["bad.npy: Python objects"]


def test_an_archive_of_numbers_and_texts_is_good(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", numbers=np.eye(2), texts=np.array(["cat", "dog"]))
    assert pickled_arrays(tmp_path / "a.npz") == []
