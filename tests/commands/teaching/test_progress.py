"""Progress: kept whole in the state folder; a file that is damaged costs a line, nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from netshell.commands.teaching.progress import Marks, Progress

NAMES = ("one", "two", "three")


def test_what_was_answered_is_there_the_next_time(tmp_path: Path) -> None:
    place = tmp_path / "state" / "netshell" / "lessons.json"
    Progress(place).answered("handshake", "one", right=True)
    Progress(place).answered("dns", "one", right=False)
    Progress(place).answered("handshake", "two", right=False)
    marks = Progress(place).of("handshake")
    assert marks == Marks({"one": True, "two": False})
    assert (marks.done(NAMES), marks.score(NAMES)) == (2, 1)
    assert Progress(place).of("dns").right == {"one": False}
    assert Progress(place).of("nagle") == Marks()
    assert [each.name for each in place.parent.iterdir()] == ["lessons.json"]


def test_the_best_round_is_kept(tmp_path: Path) -> None:
    progress = Progress(tmp_path / "lessons.json")
    for rights in ((True, True, False), (False, True, False)):
        progress.begun("dns")
        for name, right in zip(NAMES, rights, strict=True):
            progress.answered("dns", name, right=right)
        progress.finished("dns", sum(rights))
    marks = progress.of("dns")
    assert (marks.best, marks.rounds, marks.score(NAMES)) == (2, 2, 1)
    progress.begun("dns")
    assert progress.of("dns") == Marks({}, 2, 2)
    assert not progress.remarks


def test_a_lesson_that_has_changed_goes_on_at_its_first_new_question() -> None:
    marks = Marks({"one": True, "three": True, "gone": True})
    assert (marks.done(NAMES), marks.score(NAMES)) == (1, 1)


@pytest.mark.parametrize(
    "kept",
    [b"", b"{", b"[]", b"\xff\xfe", b"null", b"7", b'{"lessons": 3}', b"[" * 100_000,
     b'{"format": 1, "lessons": {"dns": 3}}', b'{"format": 2, "lessons": {}}',
     b'{"format": 1, "lessons": {"dns": {"right": {"a": 1}, "best": 0, "rounds": 0}}}',
     b" " * (2 << 20)],
)  # fmt: skip
def test_a_damaged_file_is_said_once_and_written_anew(tmp_path: Path, kept: bytes) -> None:
    place = tmp_path / "lessons.json"
    place.write_bytes(kept)
    progress = Progress(place)
    assert progress.of("dns") == Marks()
    assert progress.of("handshake") == Marks()
    (remark,) = progress.remarks
    assert str(place) in remark and "begin anew" in remark and remark.isprintable()
    progress.answered("dns", "one", right=True)
    assert Progress(place).of("dns").right == {"one": True}
    assert json.loads(place.read_bytes())["format"] == 1


@pytest.mark.parametrize("beneath", ["file", "folder"])
def test_a_place_that_cannot_be_written_is_said_once(tmp_path: Path, beneath: str) -> None:
    place = tmp_path / "taken" / "lessons.json"
    if beneath == "file":  # where the state folder should be
        place.parent.write_text("")
    else:  # where the file itself should be
        place.mkdir(parents=True)
    progress = Progress(place)
    progress.answered("dns", "one", right=True)
    progress.answered("dns", "two", right=True)
    assert progress.of("dns") == Marks()
    assert 1 <= len(progress.remarks) <= 2
    assert any("not kept" in remark for remark in progress.remarks)


def test_a_folder_without_permission_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    tmp_path.chmod(0o500)
    progress = Progress(tmp_path / "lessons.json")
    progress.answered("dns", "one", right=True)
    assert "permission denied" in progress.remarks[0]


def test_the_file_is_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Progress().place == tmp_path / "netshell" / "lessons.json"
