"""Each mistake, made alone in a copy of the real thing, is caught by the check that claims it.

The places are chosen by a fixed seed among all that fit; `MUTATION_SEED=7` chooses others.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.demand import demand_browser
from tests.mutations import catchers, of_runs
from tests.mutations.table import FILE, MUTATIONS, table

OF_UNITS = [mutation for mutation in MUTATIONS if mutation.check.startswith("tests/units")]
IN_BROWSER = [mutation for mutation in MUTATIONS if mutation.check.startswith("tests/browser")]
CHECKS = sorted(
    {each.check for each in MUTATIONS if each not in [*OF_UNITS, *IN_BROWSER] and each.check != of_runs.STRICT}
)


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """What `nbval_strict` says of all mutations that it claims."""
    return catchers.problems_of_runs(of_runs.MUTATIONS, tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="session")
def units(tmp_path_factory):
    """What the unit tests say of the mutations that they claim; two run at a time."""
    folders = [tmp_path_factory.mktemp("unit") for _ in OF_UNITS]
    with ThreadPoolExecutor(2) as pool:
        names = [mutation.name for mutation in OF_UNITS]
        return dict(zip(names, pool.map(catchers.problems, OF_UNITS, folders), strict=True))


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    """Return the unmutated copy that a check looks at; each is made once."""
    folders = {}

    def original(check):
        found = catchers.catcher(check)
        if found.copy not in folders:
            folders[found.copy] = tmp_path_factory.mktemp("original")
            found.copy(folders[found.copy])
        return folders[found.copy]

    return original


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_it_is_caught(mutation, tmp_path, request):
    if mutation.check == of_runs.STRICT:
        problems = request.getfixturevalue("runs")[mutation.name]
    elif mutation in IN_BROWSER:
        demand_browser()
        problems = catchers.problems(mutation, tmp_path)
    elif mutation in OF_UNITS:
        problems = request.getfixturevalue("units")[mutation.name]
    else:
        problems = catchers.problems(mutation, tmp_path)
    assert any(mutation.says in problem for problem in problems), "\n".join([f"{mutation.check} says:", *problems])


@pytest.mark.parametrize("check", CHECKS)
def test_the_unmutated_copy_passes(check, originals):
    assert catchers.catcher(check).ask(originals(check), check) == []


def test_the_unmutated_package_passes(originals):
    tests = sorted({mutation.check for mutation in OF_UNITS})
    assert catchers.ask_unit_tests(originals(tests[0]), *tests) == []


def test_the_unmutated_chapter_passes(runs):
    assert runs["original"] == []


def test_each_has_a_name_of_its_own():
    assert [name for name, count in Counter(mutation.name for mutation in MUTATIONS).items() if count > 1] == []


def test_the_table_is_up_to_date():
    assert FILE.read_text(encoding="utf-8") == table(), "run: .venv/bin/python -m tests.mutations"
