"""Errors are one line, and survive a trip to another process."""

from __future__ import annotations

import pickle

import pytest

from netshell.errors import BadArgument, NetshellError, NotFound, brief


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NetshellError("cannot read"), "cannot read"),
        (NetshellError("cannot read", where="a.pcap"), "cannot read a.pcap"),
        (
            NotFound("no interface", where="eth9", why="not on this machine", next_step="try lo"),
            "no interface eth9: not on this machine; try lo",
        ),
    ],
)
def test_one_line_with_what_where_why_and_next_step(error: NetshellError, line: str) -> None:
    assert str(error) == line


def test_pickles_with_its_fields_and_its_kind() -> None:
    copy = pickle.loads(pickle.dumps(NotFound("no host", where="x", next_step="check it")))
    assert type(copy) is NotFound
    assert (copy.where, copy.next_step) == ("x", "check it")


def test_the_line_is_one_line_and_safe_in_a_terminal() -> None:
    error = NotFound("cannot read", where="a\nb\x1b[2J\ud800", why="\u202egpj")
    assert str(error) == r"cannot read a\nb\x1b[2J\ud800: \u202egpj"
    assert error.where == "a\nb\x1b[2J\ud800"
    str(error).encode()


def test_what_was_typed_does_not_flood_the_screen() -> None:
    line = str(
        BadArgument("unknown TCP state", where=repr("x" * 10_000), next_step="one of LISTEN")
    )
    assert len(line) < 700
    assert line.endswith("xxx'; one of LISTEN")


class Unshown:
    """A value that cannot say what it is."""

    def __repr__(self) -> str:
        raise RuntimeError("nothing to say")


def test_any_value_can_be_named_in_a_line() -> None:
    assert brief("GET") == "'GET'" and len(brief("x" * 5000)) == 40
    assert len(brief("x" * 5000, 80)) == 80
    assert brief(10**5000) == brief(-(10**5000)) == "a huge number"
    assert brief([10**5000]) == "a list" and brief(Unshown()) == "a Unshown"
