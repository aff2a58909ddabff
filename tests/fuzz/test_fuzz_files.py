"""A small sample of the damaged files; ``python tests/fuzz/fuzz_files.py`` takes 200,000."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.fuzz_files import originals, run


def test_damaged_files_raise_nothing_else_and_never_hang(tmp_path: Path) -> None:
    assert run(0, 3 * len(originals()), 1, tmp_path) > 100


def test_what_a_case_raises_is_told_with_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("fuzz.fuzz_files.look", broken)
    with pytest.raises(ZeroDivisionError) as caught:
        run(7, 1, 1, tmp_path)
    assert caught.value.__notes__ == ["case 7 of seed 1"]
