"""Messages in the reader's language: the catalog is whole, and English unless another language was chosen."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from cnn_course import messages, notebook
from cnn_course.messages import message, speak
from cnn_course.photos import load_photos

CATALOG = yaml.safe_load(messages.FILE.read_text(encoding="utf-8"))
SOURCES = list(Path(messages.__file__).parent.rglob("*.py"))
NAMED = re.compile(r'message\(f?"([^"]+)"')


@pytest.fixture(autouse=True)
def english():
    yield
    speak("en")


def names():
    """Every name in the code as a pattern: what is in braces may be anything."""
    for path in SOURCES:
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            yield re.sub(r"\\{[^}]*\\}", "[a-z-]+", re.escape(name).replace("\\-", "-"))


def test_what_the_code_says_is_in_the_catalog_and_nothing_else():
    known = {f"{part}.{name}" for part, named in CATALOG.items() for name in named}
    patterns = set(names())
    for pattern in patterns:
        assert any(re.fullmatch(pattern, name) for name in known), pattern
    for name in known:
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="no messages in 'ko'; there are messages in en, ja, zh"):
        speak("ko")
    assert message("check.nothing") == "returned nothing"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["正确：1 项检查，通过 1 项。", "还不对：f(2) 没有返回任何值。", "还不对：检查要的是函数本身"]),
        (
            "ja",
            [
                "正解：1件中1件が一致しました。",
                "まだです。f(2)：何も返しませんでした",
                "まだです：チェックに渡すのは関数",
            ],
        ),
    ],
)
def test_check_speaks(capsys, language, said):
    def f(number):
        return None if number == 2 else number

    speak(language)
    notebook.check(f, [((3,), 3)])
    notebook.check(f, [((2,), 3)])
    notebook.check(3, [((2,), 3)])
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(each) for line, each in zip(lines, said, strict=True))


@pytest.mark.parametrize("language", sorted(CATALOG["check"]["correct"]))
def test_every_kind_of_mistake_can_be_said(capsys, language):
    speak(language)
    answers = ["1", [1, "2"], [[1, 2], [3, 4]], np.ones((1, 1, 1)), [3, 4], lambda: 1]
    for answer in answers:
        notebook.check(lambda answer=answer: answer, [((), [1, 2])])
    notebook.check(lambda: np.zeros(12), [((), np.ones(12))])
    notebook.check(lambda: 1 / 0, [((), 1)])
    assert len(set(capsys.readouterr().out.splitlines())) == len(answers) + 2


def test_photographs_are_spoken_of(tmp_path):
    speak("zh")
    with pytest.raises(FileNotFoundError, match="没有可供读取照片的文件夹"):
        load_photos(tmp_path / "none")
    (tmp_path / "cat.heic").write_bytes(b"x")
    with pytest.raises(ValueError, match="没有能读取的 cat 或 dog 的图像，跳过了 1 个文件。") as error:
        load_photos(tmp_path)
    assert "其中第一个是 'cat.heic'：不支持 HEIC" in str(error.value)
