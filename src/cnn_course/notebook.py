"""What the chapters need as notebooks: showing real source code, and checking a reader's exercise."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterable

import numpy as np
from IPython.display import Markdown, display

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


def check(answer: Callable, cases: Iterable[tuple[tuple, object]]) -> None:
    """Try a reader's function on some cases and say in one line what is wrong, or that all is right.

    Parameters
    ----------
    answer : callable
    cases : iterable of (arguments, expected)
        ``answer(*arguments)`` must equal ``expected``: to 1e-6 for numbers and arrays, shapes included.

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
        print(f"Not yet: the check needs the function itself, without (), and was given {_brief(answer)}.")
        return
    for arguments, expected in cases:
        given = ", ".join(_brief(argument) for argument in arguments)  # before the answer can change them
        fault = _fault(answer, copy.deepcopy(arguments), expected)
        if fault:
            print(f"Not yet: {getattr(answer, '__name__', 'the function')}({given}) {fault}.")
            return
    print(f"Correct: {len(cases)} of {len(cases)} cases.")


def _fault(answer: Callable, arguments: tuple, expected) -> str:
    """Say what is wrong with one answer; an empty string if nothing is."""
    try:
        found = answer(*arguments)
    except Exception as error:  # whatever the reader's code raises is part of the answer
        return f"raised {type(error).__name__}: {error}"
    if found is None or found is Ellipsis:
        return "returned nothing"
    numbers = _as_numbers(found)
    if numbers is None:
        return f"returned {_brief(found)}; expected numbers"
    found = numbers
    expected = np.asarray(expected)
    if found.shape != expected.shape:
        return f"has shape {found.shape}; expected shape {expected.shape}"
    wrong = np.argwhere(~np.isclose(found, expected, rtol=0, atol=1e-6, equal_nan=True))
    if len(wrong) == 0:
        return ""
    if expected.size <= LARGEST_WRITTEN:
        return f"returned {_brief(found)}; expected {_brief(expected)}"
    place = tuple(int(index) for index in wrong[0])
    return f"is {_brief(found[place])} at {place}; expected {_brief(expected[place])}"


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
