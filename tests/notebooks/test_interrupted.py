"""After a training that was interrupted, the cells that look at its history still run."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from book.pages import read
from cnn_course import plots

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("epochs", [0, 1, 3, 10])
def test_chapter_4_goes_on_after_any_number_of_epochs(epochs, capsys):
    cells = {cell.id: cell.source for cell in read(ROOT / "chapters/en/04_lenet5.ipynb").cells}
    shares = [0.95 + 0.001 * epoch for epoch in range(epochs)]
    history = SimpleNamespace(train_accuracy=shares, validation_accuracy=shares, best_epoch=epochs)
    state = {"np": np, "plots": plots, "history": history}
    for name in ("published", "best-epoch"):
        exec(cells[name], state)
    assert ("this run:" in capsys.readouterr().out) == (epochs > 1)
