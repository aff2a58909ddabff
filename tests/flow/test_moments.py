"""What states, segments and remarks show of themselves."""

from __future__ import annotations

import pytest
from frames import chunk_of, segment

from netshell import explain
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadIndex
from netshell.flow.flow import Flow


@pytest.fixture
def flow() -> Flow:
    cap = Capture(Store(), names=["eth0"])
    cap.add(chunk_of([segment(flags=2), segment(flags=2)]))
    return cap.flows[0]


def test_a_moment_shows_itself_and_is_explained(flow: Flow) -> None:
    moment = flow.states[0]
    assert str(moment).startswith("0 client SYN ")
    lines = repr(moment).splitlines()
    assert lines[1].split()[:3] == ["packet", "0,", "SYN"]
    assert any(line.split()[:2] == ["client", "SYN_SENT"] for line in lines)
    said = str(explain(moment))
    assert "Packet 0 came from the client: SYN." in said and "SYN_SENT" in said


def test_segments_say_what_they_are_and_how_rows_are_taken(flow: Flow) -> None:
    assert repr(flow.segments).startswith("2 TCP segments of 1 flow, as arrays: packet, flow, ")
    assert repr(flow.segments[:1]).startswith("1 TCP segment of 1 flow, ")
    with pytest.raises(BadIndex, match=r"^segments are arrays: take a value as \.seq\[0\]"):
        flow.segments[0]  # type: ignore[index]
