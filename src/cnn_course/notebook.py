"""What the chapters need as notebooks: showing real source code, and checking a reader's exercise."""

import ast
import copy
import inspect
import signal
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from IPython.display import Markdown, display

from cnn_course.messages import message

SECONDS = 60  # that one case may take
LARGEST_WRITTEN = 9  # values of an array that are written out; a larger one is described by its shape


def show_source(function: Callable) -> None:
    """Show a function's code as it stands in the package, without its docstring.

    Parameters
    ----------
    function : callable

    Examples
    --------
    >>> from cnn_course.pooling import max_pool
    >>> show_source(max_pool)
    <IPython.core.display.Markdown object>
    """
    source = textwrap.dedent(inspect.getsource(function))
    display(Markdown(f"```python\n{_without_docstring(source)}\n```"))


def _without_docstring(source: str) -> str:
    body = ast.parse(source).body[0].body
    lines = source.rstrip().splitlines()
    if isinstance(body[0], ast.Expr) and isinstance(getattr(body[0].value, "value", None), str):
        del lines[body[0].lineno - 1 : body[0].end_lineno]
    return "\n".join(lines)


def check(answer: Callable, cases: Iterable[tuple[tuple, object]], *, seconds: float = SECONDS) -> None:
    """Try a reader's function on some cases and say in one line what is wrong, or that all is right.

    The line is in the language that `messages.speak` chose.

    Parameters
    ----------
    answer : callable
    cases : iterable of (arguments, expected)
        ``answer(*arguments)`` must equal ``expected``: to 1e-6 for numbers and arrays, shapes included.
    seconds : float, default 60
        How long one case may take, so that a loop without an end comes to one. A computation outside Python ends
        first; and only the main thread, where notebooks run, has this limit.

    Examples
    --------
    >>> check(lambda number: 2 * number, [((1,), 2), ((3,), 6)])
    Correct: 2 of 2 cases.
    >>> def double(number):
    ...     return number + 2
    >>> check(double, [((2,), 4), ((3,), 6)])
    Not yet: double(3) returned 5.0; expected 6.
    """
    cases = list(cases)
    if not callable(answer):
        print(message("check.no-function", value=_brief(answer)))
        return
    for arguments, expected in cases:
        given = ", ".join(_brief(argument) for argument in arguments)  # before the answer can change them
        fault = _fault(answer, copy.deepcopy(arguments), expected, seconds)
        if fault:
            name = getattr(answer, "__name__", message("check.function"))
            print(message("check.wrong", call=f"{name}({given})", fault=fault))
            return
    print(message("check.correct", right=len(cases), count=len(cases)))


class _TooSlow(BaseException):
    """A case took too long: no error of the reader's code, whose `except Exception` must not catch it."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise `_TooSlow` in this block after some seconds, where the system can."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _fault(answer: Callable, arguments: tuple, expected, seconds: float) -> str:
    """Say what is wrong with one answer; an empty string if nothing is."""
    try:
        with _at_most(seconds):
            found = answer(*arguments)
    except _TooSlow:
        return message("check.slow", seconds=f"{seconds:g}", how=f"check(…, seconds={5 * seconds:g})")
    except Exception as error:  # whatever the reader's code raises is part of the answer
        return message("check.raised", error=f"{type(error).__name__}: {error}")
    if found is None or found is Ellipsis:
        return message("check.nothing")
    numbers = _as_numbers(found)
    if numbers is None:
        kind = "text" if isinstance(found, str | bytes) else "no-numbers"
        return message(f"check.{kind}", found=_brief(found))
    return _difference(numbers, np.asarray(expected))


def _difference(found: np.ndarray, expected: np.ndarray) -> str:
    """Say how numbers differ from the right ones; an empty string if they do not."""
    if found.shape != expected.shape:
        return _shape_fault(found.shape, expected.shape)
    wrong = np.argwhere(~np.isclose(found, expected, rtol=0, atol=1e-6, equal_nan=True))
    if len(wrong) == 0:
        return ""
    if expected.size <= LARGEST_WRITTEN:
        return message("check.returned", found=_brief(found), expected=_brief(expected))
    place = tuple(int(index) for index in wrong[0])
    return message("check.place", found=_brief(found[place]), place=place, expected=_brief(expected[place]))


def _shape_fault(found: tuple, expected: tuple) -> str:
    """Say that a shape is another one; in words, too, unless both have more axes than a table."""
    shapes = {"found": found, "expected": expected}
    if min(len(found), len(expected)) > 2:
        return message("check.shape", **shapes)
    return message("check.shape-words", **shapes, foundwords=_in_words(found), expectedwords=_in_words(expected))


def _in_words(shape: tuple) -> str:
    """Say what a shape means."""
    if len(shape) > 2:
        return message("check.axes", count=len(shape))
    if len(shape) == 2:
        return message("check.table", rows=shape[0], columns=shape[1])
    return message("check.row", count=shape[0]) if shape else message("check.one-number")


def _as_numbers(value) -> np.ndarray | None:
    """Return the value as floats; None for text, a ragged list or anything else that holds no numbers."""
    try:
        array = np.asarray(value)
        return None if array.dtype.kind in "SU" or _holds_text(array) else array.astype(float)
    except (TypeError, ValueError):
        return None


def _holds_text(array: np.ndarray) -> bool:
    return array.dtype.kind == "O" and any(isinstance(each, str | bytes) for each in array.ravel())


def _brief(value) -> str:
    """Write a small value out and describe a large array by its shape."""
    if isinstance(value, np.ndarray) and value.size > LARGEST_WRITTEN:
        return f"<array of shape {value.shape}>"
    return " ".join(repr(value.tolist() if isinstance(value, np.ndarray | np.generic) else value).split())
