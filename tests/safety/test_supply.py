"""Everything that is installed comes from a lock file, by hash, from whatever index the reader's pip uses."""

import ast
import json
import re
from pathlib import Path

import pytest

from book.downloads import LOCK as LAB
from tools.environment import ENVIRONMENTS

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SCRIPTS = [
    ROOT / name
    for name in (
        *("Makefile", "Dockerfile", ".ci/run", ".devcontainer/devcontainer.json", ".github/workflows/site.yml"),
        *(".binder/start", "book/download/start.sh", "book/download/start.ps1", "tools/python.sh"),
    )
]
MODULES = [
    path for name in ("tools", "book", "src", "tests/site_check") for path in sorted((ROOT / name).rglob("*.py"))
]
NODE_LOCK = ROOT / "tests/site_check/package-lock.json"
INSTALLS = {
    "tests/site_check/lighthouse.py": ["npm ci --ignore-scripts --no-audit --no-fund"],  # what its lock names, by hash
    # The one place that runs pip: tests/setup holds it to locks.
    "tools/installing.py": ["? -Es -m pip install ?", "? -Es -m pip download ?"],
    "tools/upgrade/trial.py": [  # an environment for trial versions: from a lock that it makes, by hash
        "uv pip sync -q --python ? --require-hashes ?",
        "uv pip install -q --python ? --no-deps --no-build-isolation --editable ?",
    ],
}

HASHED = re.compile(r"[a-z0-9][a-z0-9._-]*==[\w.!+]+( ; [^#\\]+?)?( --hash=sha256:[0-9a-f]{64})+")
INDEX = re.compile(r"^ *(-i|-f|--(extra-)?index-url|--find-links|--trusted-host|-r|-c|-e|--no-\w+|--pre)\b|://|@ ")
FETCHES = re.compile(
    r"\b(pip3?\b.* (install|download|wheel)|uv (pip (install|sync)|sync|run|tool|add)|uvx|pipx|easy_install|conda|mamba"
    r"|npm|npx|yarn|playwright install|curl|wget|git (clone|submodule))\b"
)
NOT_SYSTEM = re.compile(r"\bapt(-get)? (?!update|install)[a-z]|--allow-unauth")  # the distribution signs its packages
ECHO = re.compile(r"""echo ("[^"]*"|'[^']*')""")


def joined(text):
    """The lines, those that a backslash continues made one."""
    return [re.sub(r"\s+", " ", line).rstrip() for line in re.sub(r" *\\\n *", " ", text).splitlines()]


def lock_problems(text):
    """List the lines of a lock file that are not a version with hashes, or name an index."""
    lines = [line for line in joined(text) if line and not line.lstrip().startswith("#")]
    problems = [f"names where to look: {line}" for line in lines if INDEX.search(line)]
    problems += [f"not a version with hashes: {line[:60]}" for line in lines if not HASHED.fullmatch(line)]
    problems += ["a comment names an address" for line in text.splitlines() if "#" in line and "://" in line]
    return problems if lines else ["empty"]


def node_lock_problems(text):
    """List the packages of npm's lock file that have no version and hash, or an address to fetch them from."""
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    problems = [f"{name}: names where to look" for name, entry in packages.items() if {"resolved", "link"} & set(entry)]
    return problems + [
        f"{name}: not a version with a hash"
        for name, entry in packages.items()
        if not (entry.get("version") and re.fullmatch(r"sha512-[\w+/]{86}==", entry.get("integrity", "")))
    ]


def install_problems(script):
    """List the lines of a Makefile or another script that install anything themselves, but the distribution's packages.

    `make` leaves installing to `tools/environment.py`.
    """
    problems = []
    for line in joined(script):
        command = ECHO.sub("echo", line.strip())
        if command.startswith("#"):
            continue
        if FETCHES.search(command):
            problems.append(f"not from a lock, by hash: {command}")
        if NOT_SYSTEM.search(command):
            problems.append(f"not the packages of the distribution: {command}")
    return problems


def module_problems(source):
    """List the commands in a module, written as lists of words, that fetch anything; apt-get may update and install."""
    problems = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.List | ast.Tuple):
            words = [each.value if isinstance(each, ast.Constant) else "?" for each in node.elts]
            command = " ".join(map(str, words))
            problems += [command] if FETCHES.search(command) or NOT_SYSTEM.search(command) else []
    return problems


def names(path):
    return path.name


def test_there_are_locks():
    assert {"requirements.lock", "requirements-book.lock", "requirements-audit.lock", "requirements-grade.lock"} <= set(
        map(names, LOCKS)
    )


@pytest.mark.parametrize("path", LOCKS, ids=names)
def test_a_lock_has_a_hash_for_everything_and_no_address(path):
    assert lock_problems(path.read_text(encoding="utf-8")) == []


def test_the_lock_of_node_has_a_hash_for_everything_and_no_address():
    lock, wanted = json.loads(NODE_LOCK.read_text("utf-8")), json.loads((NODE_LOCK.parent / "package.json").read_text())
    assert node_lock_problems(json.dumps(lock)) == []
    assert lock["packages"][""]["dependencies"] == wanted["dependencies"]
    assert "omit-lockfile-registry-resolved=true" in (NODE_LOCK.parent / ".npmrc").read_text("utf-8")


@pytest.mark.parametrize("path", SCRIPTS, ids=names)
def test_a_script_installs_nothing_itself(path):
    assert install_problems(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_else_installs_than_what_is_known_to_use_hashes(path):
    assert module_problems(path.read_text(encoding="utf-8")) == INSTALLS.get(path.relative_to(ROOT).as_posix(), [])


def test_every_environment_is_made_from_a_lock():
    assert {each.lock for each in ENVIRONMENTS.values()} | {LAB} == set(map(names, LOCKS))  # LAB goes into archives
    assert set(re.findall(r"^(?:COURSE|BOOK|AUDIT|GRADE) := (\S+)$", MAKEFILE, re.MULTILINE)) == set(ENVIRONMENTS)


def test_make_audits_and_locks_every_lock():
    asked = re.search(r"^LOCKS := (.*)$", MAKEFILE, re.MULTILINE)[1].split()
    written = re.findall(r"^\t\$\(LOCK\).* -o (\S+)$", MAKEFILE, re.MULTILINE)
    assert set(asked) == set(written) == set(map(names, LOCKS))
    assert "--generate-hashes" in MAKEFILE
    assert "--no-emit-index-url" in MAKEFILE


# The rules themselves -----------------------------------------------------------------------------------------------

HASH = "--hash=sha256:" + 64 * "a"
GOOD_LOCK = f"""\
absl-py==2.5.1 \\
    {HASH} \\
    {HASH}
    # via
    #   keras
appnope==1.0.0 ; sys_platform == 'darwin' \\
    {HASH}
    # via ipykernel
"""

BAD_LOCKS = [
    GOOD_LOCK.replace(f" \\\n    {HASH}\n    # via ipykernel", "\n    # via ipykernel"),
    GOOD_LOCK.replace("==2.5.1", ">=2.5.1"),
    GOOD_LOCK.replace("sha256", "md5"),
    GOOD_LOCK.replace(HASH, HASH[:-1]),
    GOOD_LOCK + "numpy\n",
    GOOD_LOCK + "numpy==2.4.6\n",
    "--index-url https://index.example/simple\n" + GOOD_LOCK,
    "-i https://index.example/simple\n" + GOOD_LOCK,
    "--extra-index-url=https://index.example/simple\n" + GOOD_LOCK,
    "--find-links wheels\n" + GOOD_LOCK,
    "--trusted-host index.example\n" + GOOD_LOCK,
    "# from https://index.example/simple\n" + GOOD_LOCK,
    GOOD_LOCK + f"numpy @ https://index.example/numpy.whl {HASH}\n",
    GOOD_LOCK + "-e .\n",
    GOOD_LOCK + "-r other.txt\n",
    "",
]

ADDED = [
    "pip install numpy",
    "$(COURSE)/bin/pip install -qq numpy",
    "$(COURSE)/bin/python -m pip install -r requirements.lock",
    "pip install --require-hashes -r requirements.lock numpy",
    "pip install --require-hashes -r notes.txt",
    "pip install --editable .",
    "pip install --no-deps --editable .",
    "pip download numpy",
    "$(COURSE)/bin/uv pip install numpy",
    "$(COURSE)/bin/uv sync",
    "uvx ruff check",
    "npx vite build",
    "$(COURSE)/bin/playwright install chromium",
    "curl -sSO example.org/a.whl",
    "test -f a || wget example.org/a.whl",
    "@echo 'wait'; curl -sSO example.org/a.whl",
    'sh -c "pip install numpy"',
    "apt-get download chromium",
    "apt-get install -y --allow-unauthenticated chromium",
    "RUN pip install numpy",
]

HARMLESS = [
    '@echo "pip install numpy"',
    "# curl example.org",
    "$(COURSE)/bin/pip check",
    "$(COURSE)/bin/uv pip compile pyproject.toml",
    "apt-get install -y chromium",
    "RUN make install",
]


def test_a_good_lock_is_good():
    assert lock_problems(GOOD_LOCK) == []


@pytest.mark.parametrize("text", BAD_LOCKS)
def test_a_bad_lock_is_found(text):
    assert text != GOOD_LOCK
    assert lock_problems(text)


@pytest.mark.parametrize(
    "change",
    [{"resolved": "https://registry.example/a.tgz"}, {"integrity": ""}, {"integrity": "sha1-abc="}, {"version": ""}],
)
def test_a_bad_lock_of_node_is_found(change):
    lock = json.loads(NODE_LOCK.read_text("utf-8"))
    lock["packages"]["node_modules/lighthouse"] |= change
    assert len(node_lock_problems(json.dumps(lock))) == 1


@pytest.mark.parametrize("line", ADDED)
def test_an_install_from_elsewhere_is_found(line):
    assert install_problems(f"{MAKEFILE}\nextra:\n\t{line}\n")


@pytest.mark.parametrize("line", HARMLESS)
def test_a_harmless_line_is_let_be(line):
    assert install_problems(f"{MAKEFILE}\nextra:\n\t{line}\n") == []


@pytest.mark.parametrize(
    "call",
    [
        "run(['pip', 'install', 'numpy'])",
        "run([sys.executable, '-m', 'pip', 'install', name])",
        "run(('uv', 'sync'))",
        "run([python, '-m', 'pip', 'download', *names])",
        "run(['curl', '-O', address])",
        "run(['npm', 'install', 'lighthouse'])",
        "run(['apt-get', 'download', 'chromium'])",
    ],
)
def test_a_module_that_fetches_is_found(call):
    assert module_problems(call)


@pytest.mark.parametrize("call", ["run(['apt-get', 'update'])", "run(['ruff', 'check'])", "names = ['pip', 'uv']"])
def test_a_module_that_fetches_nothing_is_let_be(call):
    assert module_problems(call) == []
