"""`make audit` never passes without an answer about every version; pip-audit itself is played by a few lines."""

import json
from pathlib import Path

import pytest

from tools import audit

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
HASH = "--hash=sha256:" + 64 * "a"

# Answers as pip-audit does: for each line of the file after -r.
STAND_IN = """\
import json, sys
knows, skips, message = json.loads({about!r})
lines = open(sys.argv[sys.argv.index("-r") + 1]).read().splitlines()
output = next(each for each in sys.argv if each.startswith("--output=")).partition("=")[2]
assert {{"--strict", "--require-hashes", "--disable-pip"}} <= set(sys.argv)
answers = []
for line in lines:
    name, version = line.split()[0].split("==")
    vulns = [{{"id": "PYSEC-1", "fix_versions": ["9.9"]}}] if name in knows else []
    found = {{"skip_reason": "?"}} if name in skips else {{"vulns": vulns}}
    answers.append({{"name": name, "version": version}} | found)
print(message, file=sys.stderr)
if message != "ConnectionError: no network":
    json.dump({{"dependencies": answers}}, open(output, "w"))
sys.exit(any(each.get("vulns") for each in answers))
"""


@pytest.fixture
def pip_audit(tmp_path, monkeypatch):
    """Put a module in the place of pip-audit: what it knows to be vulnerable, what it skips, what it says."""

    def play(knows=("django",), skips=(), message=""):
        source = STAND_IN.format(about=json.dumps([list(knows), list(skips), message]))
        (tmp_path / "pip_audit.py").write_text(source, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return play


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "a.lock"
    path.write_text(
        f"keras==3.15.1 \\\n    {HASH}\n    # via x\npywinpty==3.1.2 ; os_name == 'nt' \\\n    {HASH}\n"
        f"scipy==1.17.1 ; python_version < '3.12' \\\n    {HASH} \\\n    {HASH}\n"
        f"scipy==1.18.1 ; python_version >= '3.12' \\\n    {HASH}\n",
        encoding="utf-8",
    )
    return path


def test_a_clean_lock_passes(pip_audit, lock, capsys):
    pip_audit()
    assert audit.main([str(lock)]) == audit.CLEAN
    assert capsys.readouterr().out == "4 versions asked about, 0 with known vulnerabilities.\n"


def test_a_vulnerability_is_named(pip_audit, lock, capsys):
    pip_audit(knows=["django", "pywinpty"])
    assert audit.main([str(lock)]) == audit.VULNERABLE
    assert "pywinpty 3.1.2: PYSEC-1, mended in 9.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stand_in", "reason"),
    [
        ({"message": "ConnectionError: no network"}, "ConnectionError: no network"),
        ({"knows": []}, "did not come from OSV"),
        ({"skips": ["pywinpty"]}, "of 3 packages"),
        ({"message": "WARNING:pip_audit._service.osv:Unsupported OSV schema version: 2"}, "Unsupported"),
    ],
)
def test_no_answer_is_no_pass(pip_audit, lock, capsys, stand_in, reason):
    pip_audit(**stand_in)
    assert audit.main([str(lock)]) == audit.NOT_ASKED
    printed = capsys.readouterr().out
    assert "NOT AUDITED" in printed
    assert reason in printed


def test_without_pip_audit_there_is_no_pass(tmp_path, lock, capsys, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert audit.main([str(lock)]) == audit.NOT_ASKED
    assert "pip_audit" in capsys.readouterr().out


def test_a_line_without_hashes_is_no_pass(pip_audit, lock, capsys):
    pip_audit()
    lock.write_text(lock.read_text(encoding="utf-8") + "numpy==2.4.6\n", encoding="utf-8")
    assert audit.main([str(lock)]) == audit.NOT_ASKED
    assert "make lock" in capsys.readouterr().out


def test_no_lock_is_no_pass(capsys):
    assert audit.main([]) == audit.NOT_ASKED
    assert "Usage" in capsys.readouterr().err


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_asked_about_whatever_its_marker(path):
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and line[0] not in " #"]
    asked = [line for each in audit.without_repeats(audit.pinned(text)) for line in each]
    assert sorted(line.split()[0] for line in asked) == sorted(line.split()[0] for line in lines)
    assert not any(";" in line for line in asked)
