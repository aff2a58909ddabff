"""Profiles: those that ship, the user's own, and what is said of a bad one."""

from __future__ import annotations

from pathlib import Path

import pytest

from netshell.errors import BadFile, NotFound
from netshell.shell.profile import Profile, available, load


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own profile folder ``mine``."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    folder = tmp_path / "netshell" / "profiles" / "mine"
    folder.mkdir(parents=True)
    (folder / "profile.toml").write_text('title = "Mine"\n')
    return folder


def test_the_default_is_what_its_file_says(mine: Path) -> None:
    assert load("default") == Profile()
    shipped = available()["default"] / "profile.toml"
    (mine / "profile.toml").write_text(shipped.read_text("utf-8"), "utf-8")
    assert load("mine") == Profile(name="mine")


def test_teaching_shows_payloads_and_explains() -> None:
    teaching = load("teaching")
    assert teaching.payload == "ascii" and teaching.explain
    assert teaching.lines_per_s < load("default").lines_per_s


def test_the_users_own(mine: Path) -> None:
    assert {"default", "teaching", "mine"} <= set(available())
    assert load("mine") == Profile(name="mine", title="Mine")
    (mine / "startup.py").write_text("")
    assert load("mine").startup == mine / "startup.py"


def test_the_users_takes_the_place_of_one_that_ships(mine: Path) -> None:
    mine.rename(mine.parent / "default")
    assert load("default").title == "Mine"


def test_an_unknown_one_names_those_there_are(mine: Path) -> None:
    with pytest.raises(NotFound) as caught:
        load("../mine")
    assert str(caught.value) == "no such profile '../mine'; use one of default, teaching, mine"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("title = \n", 1, "Invalid value"),
        ('\n\nextra = "x"\n', 3, "unknown key extra"),
        ('[packets]\npayload = "all"\n', 2, "payload is 'all'; use none, ascii, hex"),
        ('[screen]\ncolors = "nosuch"\n', 2, "colors is 'nosuch'; use neutral, linux, lightbg"),
        ("[packets]\n\nexplain = 1\n", 3, "explain is 1; it takes true or false"),
        ("[packets]\nlines_per_second = true\n", 2, "lines_per_second is True; it takes a number"),
        ("[screen]\nrows = -1\n", 2, "rows is -1"),
        ("[screen.deep]\nx = 1\n", 0, "unknown key screen.deep"),
    ],
)
def test_a_bad_one_is_one_line_with_the_place(mine: Path, text: str, line: int, why: str) -> None:
    (mine / "profile.toml").write_text(text)
    with pytest.raises(BadFile) as caught:
        load("mine")
    said = str(caught.value)
    assert why in said and "\n" not in said
    assert str(mine / "profile.toml") + (f", line {line}" if line else ":") in said


def test_one_that_cannot_be_read(mine: Path) -> None:
    (mine / "profile.toml").write_bytes(b'title = "\xff"\n')
    with pytest.raises(BadFile, match="cannot read the profile"):
        load("mine")


def test_one_that_is_nested_too_deeply(mine: Path) -> None:
    (mine / "profile.toml").write_text("x = " + "[" * 5000)
    with pytest.raises(BadFile, match="nested too deeply"):
        load("mine")
