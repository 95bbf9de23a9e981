"""Two cores, used side by side on every machine: how many there are must not decide how numbers are added."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

CORES = 2


def side_by_side(function: Callable, arguments: Iterable) -> list:
    """Call a function with each argument, on two cores.

    Parameters
    ----------
    function : callable
        Computes most of the time in TensorFlow or NumPy, which let another thread of Python go on meanwhile.
    arguments : iterable

    Returns
    -------
    list
        The results, in the order of the arguments.

    Examples
    --------
    >>> side_by_side(abs, [-3, 1, -2])
    [3, 1, 2]
    """
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(function, arguments))
