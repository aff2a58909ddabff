"""Errors are one line, and survive a trip to another process."""

from __future__ import annotations

import pickle

import pytest

from netshell.errors import NetshellError, NotFound


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
