"""Who changes the C of an explorer is told what to install, and what has been compiled is what stands beside it."""

import pytest

from tools import compiler


def test_what_is_missing_is_named_with_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(compiler, "can_install", lambda: False)
    assert compiler.main() == 1
    assert "no clang and no wasm-ld found" in (said := capsys.readouterr().err)
    assert "sudo apt-get install clang lld" in said


@pytest.mark.parametrize("name", compiler.KINDS)
def test_a_program_exports_what_the_page_calls(name):
    content = (compiler.FOLDER / f"{name}.wasm").read_bytes()
    assert content.startswith(b"\0asm")
    assert all(bytes([len(export)]) + export.encode() in content for export in compiler.EXPORTS)
