"""Long runs whose results the chapters show: made by one command, recorded run by run, resumed after an interruption.

``python -m cnn_course.experiments NAME`` runs what is still missing from the record of that name; ``all`` renews every
record that was made with other versions of TensorFlow, Keras or NumPy than the installed ones.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

ON_SHIPPED_DATA = (
    "scrambled-tiles",
    "moved-digits",
    "lenet5-recipes",
    "lenet5-weights",
    "smiley-weights",
    "lenet5-pooling",
    "lenet5-separable",
    "deep-mnist",
    "deep-mnist-seeds",
    "cats-dogs-drawings",
    "cats-dogs-reused",
)
ON_PHOTOGRAPHS = ("cats-dogs-source", "cats-dogs-photos", "cats-dogs-swing", "cats-dogs-transfer")


def tasks(name: str, photos: Path | None) -> dict[str, Callable[[], dict]]:
    """Return the runs of an experiment, for `records.run_missing`.

    Parameters
    ----------
    name : str
        One of ``ON_SHIPPED_DATA`` or ``ON_PHOTOGRAPHS``; the function that makes its runs has the same name.
    photos : Path
        With ``train``, ``validation`` and ``test``, each with ``cats`` and ``dogs``; read for ``ON_PHOTOGRAPHS`` only.

    Returns
    -------
    dict of str to callable

    Raises
    ------
    FileNotFoundError, ValueError
        If there are no such photographs.
    """
    # Imported here: `make_reproducible` has to come before TensorFlow, and help before both.
    runs = import_module(f"cnn_course.experiments.{_module(name)}")
    make = getattr(runs, name.replace("-", "_"))
    return make(photos) if name in ON_PHOTOGRAPHS else make()


def _module(name: str) -> str:
    """Say in which module the function is that makes the runs of an experiment."""
    if name in ("cats-dogs-reused", "cats-dogs-transfer"):
        return "transfer"
    return "photographs" if name in ON_PHOTOGRAPHS else "runs"
