"""A cell may ask for a tolerance, and has to say why."""

import pytest
from nbformat.v4 import new_code_cell

from nbval_strict import tolerances
from nbval_strict.tolerances import EXACT, Tolerance
from tests.plugin.tiny import DRAW, changed_pixel, code, run, store, stream


def cell(source="", *tags):
    return new_code_cell(source, metadata={"tags": list(tags)})


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (cell("# Tolerance 1e-3: sums of floats\n1"), Tolerance(numbers=1e-3)),
        (cell("1\n  #tolerance .5 :why"), Tolerance(numbers=0.5)),
        (cell("# Picture tolerance 2: fonts"), Tolerance(pictures=2)),
        (cell("# Tolerance: sums", "tolerance=0.01"), Tolerance(numbers=0.01)),
        (cell("# Picture tolerance: fonts", "picture-tolerance=2"), Tolerance(pictures=2)),
        (cell("# Tolerance 1e-3: sums\n# Picture tolerance 2: fonts"), Tolerance(1e-3, 2)),
        (cell("# Tolerance: stop when the steps are this small\ntolerance = 3"), EXACT),
        (cell("# Tolerance of the method: 3 digits"), EXACT),
        (cell("# Tolerances 3: none"), EXACT),
        (cell("text = 'Tolerance 1e-3: no comment'"), EXACT),
        (cell("1", "trained"), EXACT),
    ],
)
def test_what_a_cell_asks_for(given, asked):
    assert tolerances.problems(given) == []
    assert tolerances.of_cell(given) == asked


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (cell("# Tolerance 1e-3"), "# Tolerance 1e-3: <the reason>"),
        (cell("# Tolerance 1e-3:  "), "# Tolerance 1e-3: <the reason>"),
        (cell("# Picture tolerance 2"), "# Picture tolerance 2: <the reason>"),
        (cell("1", "tolerance=1e-3"), "# Tolerance: <the reason>"),
        (cell("# Tolerance: of numbers", "picture-tolerance=2"), "# Picture tolerance: <the reason>"),
        (cell("# Tolerance 5: percent"), "a number between 0 and 1, such as 1e-3"),
        (cell("# Tolerance 0: none"), "a number between 0 and 1"),
        (cell("# Tolerance 5%: percent"), "a number between 0 and 1"),
        (cell("# Tolerance: why", "tolerance=nan"), "a number between 0 and 1"),
        (cell("# Tolerance: why", "tolerance="), "a number between 0 and 1"),
        (cell("# Picture tolerance 300: why"), "between 0 and 255 levels"),
    ],
)
def test_what_is_missing_is_named_and_does_not_count(given, says):
    (problem,) = tolerances.problems(given)
    assert says in problem
    assert tolerances.of_cell(given) == EXACT


def test_tolerances_in_a_run(tmp_path, draw):
    near, far = "print('loss 0.5004')", "print('loss 0.5104')"
    stored = stream("loss 0.5001\n")
    picture = "draw('98.1', '#1f77b5')"
    store(
        tmp_path / "a.ipynb",
        code("setup", DRAW),
        code("near", f"# Tolerance 1e-3: the order of sums\n{near}", stored),
        code("far", f"# Tolerance 1e-3: the order of sums\n{far}", stored),
        code("no-reason", f"# Tolerance 1e-3\n{near}", stored),
        code("tagged", f"# Tolerance: the order of sums\n{near}", stored, tags=["tolerance=1e-3"]),
        code("picture", f"# Picture tolerance 0.7: edges\n{picture}", draw("98.1")),
        code("picture-far", f"# Picture tolerance 0.7: edges\n{picture}", changed_pixel(draw("98.1"))),
        code("picture-none", picture, draw("98.1")),
    )
    done = run(tmp_path, "--nbval-equal=yes")
    assert [done.outcome(f"a {number}") for number in (0, 1, 4, 5)] == ["passed"] * 4
    assert "- loss 0.5001\n+ loss 0.5104" in done.message("a 2")
    assert "nothing says why.\nWrite the line\n# Tolerance 1e-3: <the reason>" in done.message("a 3")
    assert "allowed 0.7" in done.message("a 6")
    assert "allowed 0" in done.message("a 7")
    assert "Tolerances that cells ask for: 6\n  a.ipynb: cell near: 1e-3 for numbers: the order of sums\n" in done.text
    assert "  a.ipynb: cell no-reason: 1e-3 for numbers: no reason given\n" in done.text
