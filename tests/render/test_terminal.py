"""Colours, and when there are none."""

from __future__ import annotations

import io

import pytest
from ladders import LADDER

from netshell.errors import NetshellError
from netshell.render import terminal
from netshell.view import Column, Lines, Note, Span, Table

BLOCKS = (
    Table((Column("state"), Column("port", "right")), [(Span("LISTEN", "good"), "80")], "sockets"),
    Lines([[Span("RST", "bad"), " refused"]]),
    Note("one note"),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_from_its_own_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.blocks(BLOCKS).splitlines() == [
        "\x1b[1msockets\x1b[0m",
        "\x1b[1mstate \x1b[0m  \x1b[1mport\x1b[0m",
        "\x1b[32mLISTEN\x1b[0m    80",
        "\x1b[31mRST\x1b[0m refused",
        "\x1b[2mone note\x1b[0m",
    ]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_the_user_wants_none(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv(name, value)
    assert "\x1b" not in terminal.blocks(BLOCKS)


def test_no_colour_and_no_width_limit_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert terminal.width() == 0
    assert "\x1b" not in terminal.blocks(BLOCKS)


def test_an_error_is_one_clean_line(monkeypatch: pytest.MonkeyPatch) -> None:
    error = NetshellError("cannot see", where="on \x1b[2J", why="dark\nnight", next_step="wait")
    assert terminal.error(error) == "cannot see on \\x1b[2J: dark\\nnight; wait"
    monkeypatch.setattr("sys.stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.error(error) == ("\x1b[31mcannot see on \\x1b[2J\x1b[0m: dark\\nnight; wait")


@pytest.mark.parametrize(("encoding", "rail"), [("utf-8", "│"), ("ascii", "|")])
def test_pictures_are_drawn_with_what_the_output_can_show(
    monkeypatch: pytest.MonkeyPatch, encoding: str, rail: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr("sys.stdout", stream)
    text = terminal.blocks([LADDER])
    assert rail in text
    stream.write(text)
    stream.flush()
