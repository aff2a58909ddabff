"""How connections ended: each kind, all at once and one by one."""

from __future__ import annotations

import pytest
from flow_frames import captures
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import several, talk, talks

from netshell.flow.ending import PHRASES, endings
from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.flow.teardown import teardown_of
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode

OPENED = """
0  > S  0
10 < S. 0 1
20 > .  1 1
"""
CLOSED = OPENED + "30 > F. 1 1\n 40 < F. 1 2\n 50 > . 2 2\n"

TOLD = {
    "FIN by client": CLOSED,
    "FIN by server": OPENED + "30 < F. 1 1\n 40 > . 1 2\n 50 > F. 1 2\n 60 < . 2 2",
    "FIN by both at once": OPENED + "30 > F. 1 1\n 30 < F. 1 1\n 60 > . 2 2\n 61 < . 2 2",
    "FIN by client, server still open": OPENED + "30 > F. 1 1\n 40 < . 1 2\n 50 < P. 1 2 5",
    "FIN by server, unacknowledged": OPENED + "30 < F. 1 1\n 240 < F. 1 1",
    "FIN by client, server not captured": "0 > S 0\n 20 > . 1 1\n 40 > F. 1 1",
    "RST by server: refused": "0 > S 0\n 10 < R. 0 1",
    "RST by client: handshake cut off": "0 > S 0\n 10 < S. 0 1\n 20 > R 1",
    "RST by server: aborted": OPENED + "30 > P. 1 1 5\n 40 < R. 1 6",
    "RST by client: after its close": OPENED + "30 > F. 1 1\n 40 < P. 1 2 5\n 41 > R 2",
    "RST by server: unknown there": "0 > P. 1 1 5\n 10 < R 1",
    "no answer": "0 > S 0\n 1000 > S 0\n 3000 > S 0",
    "handshake unfinished": "0 > S 0\n 10 < S. 0 1\n 1010 < S. 0 1",
    "timeout: server silent": OPENED
    + "30 > P. 1 1 5\n 240 > P. 1 1 5\n 660 > P. 1 1 5\n 1500 > P. 1 1 5",
    "still open": OPENED + "30 > P. 1 1 5\n 40 < . 1 6",
}

NEAR = {
    "a forged RST ends nothing": (
        OPENED + "30 < R. 1 1\n 40 < . 1 1\n 1500 > P. 1 1 5\n 1510 < . 1 6",
        "still open",
    ),
    "nor one in the name of an end that goes on": (
        OPENED + "30 < R. 1 1\n 100 < P. 1 1 5\n 110 > . 1 6",
        "still open",
    ),
    "nor one that acknowledges no SYN": ("0 > S 0\n 10 < R 0", "no answer"),
    "nor one that acknowledges another one": ("0 > S 0\n 10 < R. 0 77", "no answer"),
    "nor does one out of the window": (OPENED + "30 < R. 90000 1", "still open"),
    "one inside of it does if all is silent then": (
        OPENED + "30 < R. 500 1",
        "RST by server: aborted",
    ),
    "a RST with a SYN refuses nothing": ("0 > SR 0", "RST by client: unknown there"),
    "a RST behind both closings": (CLOSED + "60 < R 2", "FIN by client"),
    "a client that tries again where it was refused": (
        "0 > S 0\n 1 < R. 0 1\n 500 > S 0\n 501 < R. 0 1",
        "RST by server: refused",
    ),
    "acknowledgments are no silence": (
        OPENED + "".join(f"{30 + i} > . 1 1\n" for i in range(9)),
        "still open",
    ),
    "copies are no repetitions": (
        OPENED + "30 > P. 1 1 5\n 30.1 > P. 1 1 5\n 30.2 > P. 1 1 5",
        "still open",
    ),
    "keep-alives without an answer": (
        OPENED + "30 > P. 1 1 5\n 40 < . 1 6\n 9000 > . 5 1\n 10000 > . 5 1\n 11000 > . 5 1",
        "timeout: server silent",
    ),
    "nothing of the other side was captured": (
        "0 > P. 1 1 5\n 240 > P. 1 1 5\n 660 > P. 1 1 5",
        "timeout: server silent",
    ),
    "one direction, which goes on": (
        "0 > P. 1 1 5\n 240 > P. 1 1 5\n 660 > P. 1 1 5\n 700 > P. 6 1 5\n 900 > P. 6 1 5",
        "still open",
    ),
    "one direction, with keep-alives": (
        "0 > . 1 1 1\n 45000 > . 1 1 1\n 90000 > . 1 1 1\n 135000 > . 1 1 1",
        "still open",
    ),
    "FIN from the middle on": ("0 > F. 1 1\n 10 < F. 1 2\n 20 > . 2 2", "FIN by client"),
    "a SYN,ACK alone": ("0 < S. 0 1", "handshake unfinished"),
    "a late packet of the first": (
        OPENED + "30 < F. 1 1\n 29 > F. 1 2\n 50 < . 2 2",
        "FIN by server",
    ),
}


@pytest.mark.parametrize("phrase", TOLD)
def test_each_kind(phrase: str) -> None:
    assert endings(talk(TOLD[phrase])).phrase(0) == phrase


@pytest.mark.parametrize("name", NEAR)
def test_near_misses(name: str) -> None:
    text, phrase = NEAR[name]
    assert endings(talk(text)).phrase(0) == phrase


def test_all_at_once_are_as_one_by_one() -> None:
    """Side by side in one capture, every connection ends as it does alone."""
    every = [(text, phrase) for phrase, text in TOLD.items()] + list(NEAR.values())
    found = endings(several(*(text for text, _ in every)))
    assert sorted(map(found.phrase, range(len(found)))) == sorted(phrase for _, phrase in every)


@given(st.one_of(captures(), talks()))
def test_one_by_one_and_together(anything: Chunk) -> None:
    source = Held([(0, decode(anything), anything)])
    every = segments_of(source, source.flows)
    found = endings(every)
    assert len(found) == len(source.flows)
    for flow in range(len(found)):
        alone = every.of(flow)
        teardown = teardown_of(alone)
        assert teardown.ended == found.phrase(flow)
        assert (teardown.ended == "") == (len(alone) == 0)
        assert str(teardown) and repr(teardown)
        reset = found.reset[flow]
        assert teardown.reset == (None if reset < 0 else every.packet[reset])


def test_no_flows() -> None:
    nothing = talk("0 > S 0").of(7)
    assert len(endings(nothing)) == 0
    assert str(teardown_of(nothing)) == "no TCP"
    assert len(set(PHRASES)) == 25
