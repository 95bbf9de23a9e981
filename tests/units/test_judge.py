"""`python -m cnn_course.judge`: an answer, what it is worth, a picture with its maps, and tables of folders."""

import csv
import io
import re

import numpy as np
import pytest
from PIL import Image

from cnn_course.evaluation import probabilities
from cnn_course.judge import __main__ as command_line
from cnn_course.judge import answers
from cnn_course.kept import write_kept
from cnn_course.messages import speak
from cnn_course.photos import load_photos, load_unlabeled
from cnn_course.records import load_record
from cnn_course.shipped import DATA
from cnn_course.weights import load_photo_net

CAT = DATA / "cat.png"


@pytest.fixture
def judge(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder, and gives its exit status, output and errors."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["judge", *map(str, arguments)])
        status = command_line.main()
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err

    yield run
    speak("en")


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def test_a_photograph_gets_an_answer_and_what_it_is_worth_and_a_picture_with_its_maps(judge, tmp_path):
    status, (answer, worth, neither, written), errors = judge(CAT)
    shares = probabilities(load_photo_net(), load_unlabeled(CAT, 96).images)[0]
    assert status == 0 and errors == ""
    assert answer == f"dog  {shares[1]:.0%}  {CAT}"
    assert re.fullmatch(r"Of the 1,000 validation .* 80 to 90%; \d+ of these answers \(\d+%\) are right\.", worth)
    assert "a chair" in neither
    assert written == "picture with its maps: cat-map.png"
    with Image.open(tmp_path / "here/cat-map.png") as picture:
        assert picture.format == "PNG" and picture.width > 2 * picture.height


def test_what_a_reader_has_is_kept(judge, tmp_path):
    mine = tmp_path / "here/cat-map.png"
    mine.write_bytes(b"mine")
    judge(CAT)
    assert (tmp_path / "here/cat-map-1.png").read_bytes() == b"mine" and mine.read_bytes() != b"mine"
    judge(CAT)
    assert sorted(path.name for path in mine.parent.iterdir()) == ["cat-map-1.png", "cat-map.png"]


def test_a_folder_with_names_is_scored_and_tabled(judge, write_photos, tmp_path):
    folder = write_photos(train=1, validation=4, test=1) / "validation"
    (folder / "cats/torn.jpg").write_bytes(b"no picture")
    status, said, _ = judge(folder, "--into", tmp_path / "tables")
    photos = load_photos(folder, 96)
    found = probabilities(load_photo_net(), photos.images).argmax(axis=1)
    right = int(np.sum(found == photos.labels))
    assert status == 0
    assert said[0].startswith(f"accuracy {right / 8:.2%} (95% interval")
    assert sum(line.startswith("wrong: ") for line in said) == 8 - right
    table = rows(tmp_path / "tables/validation-judged.csv")
    assert [row["label"] for row in table] == ["cat"] * 4 + ["dog"] * 4 + [""]
    assert sum(row["answer"] == row["label"] for row in table[:8]) == right
    assert table[-1]["file"].endswith("torn.jpg") and "not a picture" in table[-1]["skipped"]


def test_of_a_folder_without_names_every_answer_is_listed(judge, tmp_path):
    folder = tmp_path / "pets"
    folder.mkdir()
    (folder / "a.png").write_bytes(CAT.read_bytes())
    (folder / "b.heic").write_bytes(b"not read")
    status, said, _ = judge(folder)
    assert status == 0
    assert said == [
        f"dog  88%  {folder / 'a.png'}",
        f"skipped   {folder / 'b.heic'}: HEIC is not read: convert it to JPEG",
        "table: pets-judged.csv",
    ]
    (row, _) = rows(tmp_path / "here/pets-judged.csv")
    assert float(row["cat"]) + float(row["dog"]) == pytest.approx(1, abs=1e-3)
    assert (row["answer"], row["label"]) == ("dog", "")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("text")])
def test_what_is_no_photograph_is_one_clear_line_and_the_others_are_judged(judge, tmp_path, make):
    make(tmp_path / "x.jpg")
    status, said, errors = judge(tmp_path / "x.jpg", CAT)
    assert status == 1
    assert re.fullmatch(r".*no (photograph|readable picture).*x\.jpg.*\n", errors)
    assert said[0].endswith(str(CAT))


@pytest.mark.parametrize(("asked", "animal"), [("zh_CN.UTF-8", "狗"), ("ja_JP.UTF-8", "犬"), ("fr_FR.UTF-8", "dog")])
def test_it_speaks_the_language_of_the_terminal(judge, monkeypatch, asked, animal):
    monkeypatch.setenv("LC_ALL", asked)
    assert judge(CAT)[1][0].startswith(animal)
    assert judge(CAT, "--language", "zh")[1][0].startswith("狗")


def test_an_interruption_is_one_line(judge, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(answers, "judge", interrupt)
    status, _, errors = judge(CAT)
    assert status == 130 and "Interrupted" in errors


@pytest.mark.parametrize("share", [0.5, 0.5999, 0.6, 0.95, 1.0])
def test_the_worth_of_an_answer_is_that_of_its_range(share):
    ranges = load_record("cats-dogs-calibration")["runs"]["validation"]["ranges"]
    (own,) = (each for each in ranges if each["from"] <= share < each["to"] or share == each["to"] == 1)
    assert f"{own['count']} got an answer with {100 * own['from']:.0f} to {own['to']:.0%}" in answers.worth(share)


def test_every_file_that_was_there_is_kept_under_a_name_of_its_own(tmp_path):
    path = tmp_path / "made/table.csv"
    for content in (b"one", b"two", b"two", b"three"):
        assert write_kept(path, content) == path
    found = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    assert found == {"table.csv": b"three", "table-1.csv": b"one", "table-2.csv": b"two"}
