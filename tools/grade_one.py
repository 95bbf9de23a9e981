"""Grade one hand-in with nbgrader: what `tools.grade` starts in the environment that has nbgrader, and only there.

``python tools/grade_one.py FOLDER CHAPTER SECONDS`` finds in the folder a course as nbgrader wants it, with the tests
of one chapter and one hand-in, and writes `result.json` there: the points of each test, and what went wrong.
"""

import json
import sys
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

STUDENT = "student"


def grade(folder: Path, chapter: str, seconds: int) -> dict[str, object]:
    """Return the points of each test by its name, and the end of nbgrader's log where it gave up.

    Parameters
    ----------
    folder
        Of a course as nbgrader wants it.
    chapter
        The assignment, which is also the name of its one notebook.
    seconds
        How long one cell may run.
    """
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.Execute.timeout = seconds
    config.KernelManager.transport = "ipc"  # through files, since the kernel has no network
    config.KernelManager.connection_file = str(folder / "runtime" / "kernel.json")
    api = NbGraderAPI(config=config)
    for done in (api.generate_assignment(chapter), api.autograde(chapter, STUDENT)):
        if not done["success"]:
            return {"points": {}, "log": (done.get("log") or "") + (done.get("error") or "")}
    with api.gradebook as gradebook:
        notebook = gradebook.find_submission_notebook(chapter, chapter, STUDENT)
        return {"points": {each.name: each.auto_score or 0 for each in notebook.grades}, "log": ""}


if __name__ == "__main__":
    place, name, limit = sys.argv[1:]
    (Path(place) / "result.json").write_text(json.dumps(grade(Path(place), name, int(limit))), encoding="utf-8")
