"""How the commands of the book end: in a sentence and a status, whatever happens."""

import errno

import pytest

from book import sources


def ended(capsys, ending):
    """The status, and what was said, of a command that ends in an exception."""

    def action():
        raise ending

    return sources.run_command(action, kept="all is whole"), capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 1])
def test_the_status_is_that_of_what_was_done(capsys, status):
    assert sources.run_command(lambda: status, kept="all is whole") == status
    assert capsys.readouterr().err == ""


def test_what_is_wrong_with_the_sources_is_said_as_it_is(capsys):
    assert ended(capsys, sources.BookError("a.yml: empty")) == (1, "a.yml: empty\n")


@pytest.mark.parametrize(("names", "said"), [(["a.ipynb"], "a.ipynb"), ([], "a file")])
def test_a_full_disk_is_a_sentence_that_says_what_is_left(capsys, names, said):
    found = ended(capsys, OSError(errno.ENOSPC, "No space left on device", *names))
    assert found == (1, f"cannot write {said}: No space left on device; all is whole\n")


def test_ctrl_c_has_the_status_of_the_shell_and_says_what_is_left(capsys):
    assert ended(capsys, KeyboardInterrupt()) == (130, "\ninterrupted; all is whole\n")


def test_a_fault_of_the_program_is_not_hidden(capsys):
    with pytest.raises(ZeroDivisionError):
        ended(capsys, ZeroDivisionError())
