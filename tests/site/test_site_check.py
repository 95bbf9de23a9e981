"""What `make site-check` makes of what its parts find; the parts themselves run there."""

import gzip
import subprocess
import urllib.request

import pytest

from tests.site_check import host, lighthouse, report
from tests.site_check.__main__ import main


def found(performance=1.0, paint=900.0, shift=0.0, seo=1.0):
    """A report of Lighthouse, as far as it is read."""
    scores = {"performance": performance, "accessibility": 1, "best-practices": 1, "seo": seo}
    audits = {"largest-contentful-paint": paint, "cumulative-layout-shift": shift}
    audits |= {"total-byte-weight": 2048, "total-blocking-time": 10}
    told = {name: {"numericValue": value, "score": 1} for name, value in audits.items()}
    told["hreflang"] = {"score": seo}
    categories = {name: {"score": score, "auditRefs": []} for name, score in scores.items()}
    categories["seo"]["auditRefs"] = [{"id": "hreflang", "weight": 1}]
    return {"categories": categories, "audits": told}


def test_medians_count():
    row = lighthouse.row("en/index.html", [found(paint=time) for time in (900, 9000, 1100)])
    assert row["paint"] == 1100 and row["performance"] == 100 and row["bytes"] == 2048
    assert lighthouse.misses(row) == []


@pytest.mark.parametrize(
    ("page", "values", "problem"),
    [
        ("en/index.html", {"performance": 0.94}, "performance 94 is under 95"),
        ("en/index.html", {"seo": 0.5}, "seo 50 is under 95"),
        ("en/index.html", {"paint": 1501}, "painted after 1.5 s, not 1.5 s"),
        ("zh/06_cats_and_dogs.html", {"paint": 2100}, "painted after 2.1 s, not 2.0 s"),
        ("en/index.html", {"shift": 0.01}, "the layout shifts by 0.01"),
    ],
)
def test_a_target_that_is_missed_is_named(page, values, problem):
    row = lighthouse.row(page, [found(**values)])
    assert [text.endswith(problem) for text in lighthouse.misses(row)] == [True]
    part = {
        "rows": [row],
        "runs": 1,
        "how": "How.",
        "machine": "a machine",
        "versions": "v",
        "seconds": 60,
        "others": 0.5,
    }
    text = report.markdown({"lighthouse": part})
    assert "| **no** |" in text and problem in text and "other programs used 50%" in text
    assert "Not as it should be: lighthouse 1." in text


def test_what_costs_points_is_named():
    assert lighthouse.row("index.html", [found(seo=0.5), found()])["lost"] == ["hreflang"]


def test_a_part_takes_the_place_of_its_old_results_and_leaves_the_others(tmp_path):
    where = {"how": "How.", "machine": "a machine", "versions": "v", "seconds": 60, "others": None}
    axe = where | {"pages": 2, "looks": 12, "problems": []}
    report.store({"axe": axe}, tmp_path)
    report.store({"keyboard": where | {"rows": [], "problems": ["a trap"]}}, tmp_path)
    report.store({"axe": axe | {"looks": 13}}, tmp_path)
    text = (tmp_path / "RESULTS.md").read_text("utf-8")
    assert "13 looks at 2 pages: 0 problems" in text and "- a trap" in text
    assert list(report.load(tmp_path)) == ["axe", "keyboard"]


def test_the_host_compresses_text_and_sends_pictures_as_they_are(tmp_path):
    (tmp_path / "index.html").write_text("<p>Text</p>", encoding="utf-8")
    (tmp_path / "7.png").write_bytes(b"a picture")
    with host.hosting(tmp_path) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as reply:
            assert reply.headers["Content-Encoding"] == "gzip" and gzip.decompress(reply.read()) == b"<p>Text</p>"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/7.png") as reply:
            assert reply.headers["Content-Encoding"] is None and reply.read() == b"a picture"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/gone.html")


@pytest.mark.parametrize("said", ["", "v16.20.0\n"])
def test_without_a_node_that_is_new_enough_one_is_asked_for(monkeypatch, tmp_path, said):
    monkeypatch.setattr(lighthouse, "INSTALLED", tmp_path)
    monkeypatch.setattr(lighthouse.shutil, "which", lambda name: f"/usr/bin/{name}" if said else None)
    monkeypatch.setattr(lighthouse.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, said, ""))
    with pytest.raises(host.CheckError, match=r"needs Node 18\.16 or later .* ONLY=\"axe keyboard\""):
        lighthouse.install()


@pytest.mark.parametrize("arguments", [["speed"], ["axe", "--runs", "0"]])
def test_what_cannot_be_checked_is_named(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "choose from" in (said := capsys.readouterr().err) or "at least one" in said
