"""Ask the vulnerability database OSV about every version in the lock files: what ``make audit`` runs.

``python tools/audit.py LOCK ...`` needs pip-audit beside the running Python. It exits with 0 only if the database
answered for every pinned version and knows of nothing against any.

pip-audit passes over what this machine would not install, such as a package for Windows. So the locks are given to it
without their environment markers, and in several lists where two versions of a package are pinned.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

CLEAN, VULNERABLE, NOT_ASKED = 0, 1, 2
# A version whose vulnerabilities have long been known. If nothing is said against it, it was not OSV that answered.
CANARY = "django==2.2.0 --hash=sha256:" + 64 * "0"
PINNED = re.compile(
    r"^([A-Za-z0-9][\w.-]*)==([\w.!+]+)[^\\\n]*((?:\\\n +--hash=sha256:[0-9a-f]{64} *)+)$", re.MULTILINE
)
REQUIREMENT = re.compile(r"^[^\s#]", re.MULTILINE)


class AuditError(Exception):
    """The database could not be asked, or not about everything."""


def pinned(lock: str) -> dict[tuple[str, str], str]:
    r"""Read a lock file.

    Parameters
    ----------
    lock
        Its text: ``name==version ; marker \`` and lines with hashes.

    Returns
    -------
    dict
        For each name and version, the requirement on one line, with its hashes and without its marker.

    Raises
    ------
    AuditError
        If a line is not of this form: it would otherwise be passed over.
    """
    found = {(match[1], match[2]): f"{match[1]}=={match[2]} {_joined(match[3])}" for match in PINNED.finditer(lock)}
    if len(found) != len(REQUIREMENT.findall(lock)):
        raise AuditError("A lock file has a line that is not `name==version` with hashes; run `make lock`.")
    return found


def _joined(lines: str) -> str:
    return " ".join(lines.replace("\\", " ").split())


def without_repeats(requirements: dict[tuple[str, str], str]) -> list[list[str]]:
    """Split requirements into lists in which no package is pinned twice."""
    lists: list[dict[str, str]] = []
    for (name, _), line in sorted(requirements.items()):
        fitting = next((each for each in lists if name not in each), None)
        if fitting is None:
            lists.append(fitting := {})
        fitting[name] = line
    return [list(each.values()) for each in lists]


def ask(lines: Iterable[str]) -> list[dict]:
    """Ask about some requirements.

    Parameters
    ----------
    lines
        Requirements with hashes, no package twice.

    Returns
    -------
    list of dict
        For each, ``name``, ``version`` and ``vulns``, a list.

    Raises
    ------
    AuditError
        If pip-audit does not report on each of them.
    """
    lines = list(lines)
    with tempfile.TemporaryDirectory() as folder:
        asked, report = Path(folder, "requirements.txt"), Path(folder, "report.json")
        asked.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--vulnerability-service=osv", "--strict", "--require-hashes"]
        command += ["--disable-pip", "--progress-spinner=off", "--format=json", f"--output={report}", "-r", str(asked)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        unread = "pip_audit._service" in done.stderr and "WARNING" in done.stderr  # an entry in a form it does not know
        if unread or not report.exists():
            raise AuditError(last_line(done.stderr) or f"pip-audit ended with {done.returncode}")
        return complete(json.loads(report.read_text(encoding="utf-8"))["dependencies"], len(lines))


def last_line(text: str) -> str:
    """Return the last line of a traceback or message that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def complete(answers: list[dict], count: int) -> list[dict]:
    """Return the answers if there are `count` and none was skipped; raise AuditError otherwise."""
    skipped = [each["name"] for each in answers if "vulns" not in each]
    if skipped or len(answers) != count:
        raise AuditError(f"pip-audit reported on {len(answers) - len(skipped)} of {count} packages")
    return answers


def audit(locks: Iterable[Path]) -> list[dict]:
    """Ask about every version in some lock files; return the answers. Raise AuditError if that cannot be done."""
    requirements = {key: line for path in locks for key, line in pinned(path.read_text(encoding="utf-8")).items()}
    if not any(answer["vulns"] for answer in ask([CANARY])):
        raise AuditError(f"the answer knows of nothing against {CANARY.split()[0]}, so it did not come from OSV")
    return [answer for lines in without_repeats(requirements) for answer in ask(lines)]


def describe(answer: dict) -> str:
    """Write one line for each vulnerability of a package."""
    version = f"{answer['name']} {answer['version']}"
    mended = {each["id"]: ", ".join(each["fix_versions"]) or "no version" for each in answer["vulns"]}
    return "\n".join(f"{version}: {name}, mended in {versions}" for name, versions in mended.items())


def main(arguments: list[str]) -> int:
    """Audit the lock files named on the command line; return the exit status."""
    if not arguments:
        print("Usage: python tools/audit.py LOCK ...", file=sys.stderr)
        return NOT_ASKED
    try:
        answers = audit(map(Path, arguments))
    except AuditError as error:
        print("NOT AUDITED: nothing is known about the locks. The vulnerability database at api.osv.dev could not be")
        print(f"asked about everything; this needs a network that allows it.\nThe reason: {error}")
        return NOT_ASKED
    vulnerable = [answer for answer in answers if answer["vulns"]]
    print(f"{len(answers)} versions asked about, {len(vulnerable)} with known vulnerabilities.")
    for answer in vulnerable:
        print(describe(answer))
    return VULNERABLE if vulnerable else CLEAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
