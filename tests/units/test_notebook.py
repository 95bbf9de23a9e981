import inspect
import signal
import threading
import time

import numpy as np
import pytest

from cnn_course import convolution, notebook


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(notebook, "display", lambda markdown: shown.append(markdown.data))
    return shown


def documented(number):
    """Say what it does.

    In several lines.
    """
    # A comment that belongs to the code.
    text = """a string that is no docstring"""
    return number, text


def plain(number):
    return number + 1


def unfinished(number): ...


class Holder:
    def method(self):
        """Sit inside a class."""
        return self


def code_of(shown):
    (markdown,) = shown
    first, *lines, last = markdown.splitlines()
    assert (first, last) == ("```python", "```")
    return lines


def test_only_the_docstring_is_left_out(displayed):
    notebook.show_source(documented)
    assert code_of(displayed) == [
        "def documented(number):",
        "    # A comment that belongs to the code.",
        '    text = """a string that is no docstring"""',
        "    return number, text",
    ]


@pytest.mark.parametrize("function", [plain, unfinished])
def test_without_a_docstring_nothing_is_left_out(displayed, function):
    notebook.show_source(function)
    assert code_of(displayed) == inspect.getsource(function).splitlines()


def test_a_method_is_moved_to_the_margin(displayed):
    notebook.show_source(Holder.method)
    assert code_of(displayed) == ["def method(self):", "    return self"]


@pytest.mark.parametrize("function", [convolution.cross_correlate, convolution.convolve, convolution.output_size])
def test_the_package_is_shown_as_it_stands(displayed, function):
    notebook.show_source(function)
    shown, real = code_of(displayed), inspect.getsource(function).splitlines()
    assert shown[0] == real[0]
    assert shown[1:] == real[-len(shown) + 1 :]
    assert '"""' not in "\n".join(shown)


def half(number):
    return number / 2


def message(capsys, answer, cases):
    assert notebook.check(answer, cases) is None
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_right(capsys):
    assert message(capsys, half, [((2,), 1), ((5,), 2.5)]) == "Correct: 2 of 2 cases.\n"


def test_wrong_shows_the_first_case_that_differs(capsys):
    expected = "Not yet: half(5) returned 2.5; expected 3.\n"
    assert message(capsys, half, [((2,), 1), ((5,), 3), ((7,), 4)]) == expected


def test_nearly_right_is_right_to_one_in_a_million(capsys):
    assert message(capsys, half, [((2,), 1 + 1e-7)]).startswith("Correct")
    assert message(capsys, half, [((2,), 1 + 1e-5)]).startswith("Not yet")


@pytest.mark.parametrize("nothing", [None, ...])
def test_a_stub_returned_nothing(capsys, nothing):
    def stub(number):
        return nothing

    assert message(capsys, stub, [((2,), 1)]) == "Not yet: stub(2) returned nothing.\n"


def test_an_error_is_part_of_the_answer(capsys):
    def broken(number):
        return number / 0

    expected = "Not yet: broken(2) raised ZeroDivisionError: division by zero.\n"
    assert message(capsys, broken, [((2,), 1)]) == expected


def test_arrays(capsys):
    assert message(capsys, half, [((np.array([2, 4]),), [1, 2])]).startswith("Correct")
    wrong = message(capsys, half, [((np.array([2, 4]),), np.array([1, 3]))])
    assert wrong == "Not yet: half([2, 4]) returned [1.0, 2.0]; expected [1, 3].\n"


def test_another_shape_is_wrong(capsys):
    wrong = message(capsys, half, [((np.ones((2, 2)),), np.full(2, 0.5))])
    shapes = "has shape (2, 2) (rows: 2, columns: 2); expected shape (2,) (numbers: 2)"
    assert wrong == f"Not yet: half([[1.0, 1.0], [1.0, 1.0]]) {shapes}.\n"


def test_in_large_arrays_the_first_wrong_place_is_named(capsys):
    expected = np.full((5, 5), 0.5)
    expected[3, 4] = 2
    wrong = message(capsys, half, [((np.ones((5, 5)),), expected)])
    assert wrong == "Not yet: half(<array of shape (5, 5)>) is 0.5 at (3, 4); expected 2.0.\n"


@pytest.mark.parametrize("odd", [[[1], [2, 3]], {"a": 1}, len])
def test_what_is_no_number_is_wrong(capsys, odd):
    def strange(number):
        return odd

    assert message(capsys, strange, [((2,), 1)]) == f"Not yet: strange(2) returned {odd!r}; expected numbers.\n"


def test_not_a_number_is_wrong(capsys):
    assert message(capsys, half, [((float("nan"),), 1)]).startswith("Not yet: half(nan) returned nan")


@pytest.mark.parametrize("text", ["3", b"3", "24", ["3"], [1, "2"], np.array(["3"]), np.array(["3"], object)])
def test_text_is_no_number_even_if_it_reads_like_one(capsys, text):
    assert "expected numbers" in message(capsys, lambda: text, [((), 3)])


def test_text_is_called_text(capsys):
    said = message(capsys, lambda: "24", [((), 24)])
    assert said == "Not yet: <lambda>() returned '24', which is text; expected numbers, without quotation marks.\n"


@pytest.mark.parametrize(
    ("found", "expected", "said"),
    [
        ([24], 24, "has shape (1,) (numbers: 1); expected shape () (one number)"),
        (24, [24, 1], "has shape () (one number); expected shape (2,) (numbers: 2)"),
        (np.ones((1, 2, 3)), np.ones((2, 3)), "has shape (1, 2, 3) (axes: 3); expected shape (2, 3) (rows: 2, col"),
        (np.ones((1, 2, 3)), np.ones((2, 3, 1)), "has shape (1, 2, 3); expected shape (2, 3, 1)."),
    ],
)
def test_a_shape_is_said_in_words_where_there_are_words_for_it(capsys, found, expected, said):
    assert said in message(capsys, lambda: found, [((), expected)])


def endless():
    while True:
        try:
            sum(range(100))
        except Exception:  # the limit is no error of this code
            continue


def test_a_loop_without_an_end_comes_to_one(capsys):
    notebook.check(endless, [((), 1)], seconds=0.2)
    said = capsys.readouterr().out
    assert said.startswith("Not yet: endless() did not end within 0.2 seconds. Is there a loop without an end?")
    assert said.endswith("write check(…, seconds=1).\n")


def test_the_limit_is_for_each_case_and_leaves_nothing_behind(capsys):
    before = signal.getsignal(signal.SIGALRM)
    notebook.check(lambda: time.sleep(0.15) or 1, [((), 1)] * 3, seconds=0.3)
    assert capsys.readouterr().out == "Correct: 3 of 3 cases.\n"
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_outside_the_main_thread_there_is_no_limit(capsys):
    thread = threading.Thread(target=notebook.check, args=(half, [((2,), 1)]))
    thread.start()
    thread.join()
    assert capsys.readouterr().out == "Correct: 1 of 1 cases.\n"


@pytest.mark.parametrize("value", [3, "3", None, [1, 2], np.zeros(3)])
def test_a_value_instead_of_a_function_is_named(capsys, value):
    assert message(capsys, value, [((), 3)]).startswith("Not yet: the check needs the function itself, without ()")


def test_nan_is_right_where_nan_is_expected(capsys):
    assert message(capsys, lambda: [np.nan, 1.0], [((), [np.nan, 1.0])]).startswith("Correct")


def test_what_an_answer_does_to_its_arguments_spoils_no_case(capsys):
    def greedy(numbers):
        total = numbers.sum()
        numbers[:] = 0
        return total

    numbers = np.array([1.0, 2.0])
    cases = [((numbers,), 3.0), ((numbers,), 3.0)]
    assert message(capsys, greedy, cases).startswith("Correct")
    assert numbers.tolist() == [1.0, 2.0]


def test_a_function_without_a_name_can_be_wrong(capsys):
    class Doubling:
        def __call__(self, number):
            return number

    assert message(capsys, Doubling(), [((2,), 4)]) == "Not yet: the function(2) returned 2.0; expected 4.\n"
