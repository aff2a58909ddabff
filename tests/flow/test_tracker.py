"""The states of both ends, packet by packet: RFC 9293's figures, what goes wrong, and anything."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from flow_frames import captures
from hypothesis import given
from hypothesis import strategies as st
from tcp_talk import START_NS, talk, talks

from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.flow.state import State
from netshell.flow.states import Moments, States, states_of
from netshell.flow.tracker import WAYS, track
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode

SHORT = {
    "LI": State.LISTEN, "SS": State.SYN_SENT, "SR": State.SYN_RECEIVED, "ES": State.ESTABLISHED,
    "F1": State.FIN_WAIT_1, "F2": State.FIN_WAIT_2, "CW": State.CLOSE_WAIT, "CG": State.CLOSING,
    "LA": State.LAST_ACK, "TW": State.TIME_WAIT, "CD": State.CLOSED,
}  # fmt: skip
NAMES = {state: short for short, state in SHORT.items()}


def states(text: str, end_ms: float | None = None) -> str:
    """Both ends' states behind each packet, shortened; in lower case where inferred."""
    now = None if end_ms is None else START_NS + round(end_ms * 1e6)
    return " ".join(
        (NAMES[step.client] if step.client_shown else NAMES[step.client].lower())
        + "/"
        + (NAMES[step.server] if step.server_shown else NAMES[step.server].lower())
        for step in states_of(talk(text), now)
    )


OPENED = """
0  > S  0
10 < S. 0 1
20 > .  1 1
"""
DATA = """
30 > P. 1 1 5
40 < .  1 6
"""

TOLD = {
    # RFC 9293, figures 6, 12 and 13: the same states in the same lines.
    "opened": (OPENED + DATA, "SS/SR ES/SR ES/ES ES/ES ES/ES"),
    "closed by the client, four segments": (
        OPENED
        + """
        30 > F. 1 1
        40 < .  1 2
        50 < F. 1 2
        60 > .  2 2
        """,
        "SS/SR ES/SR ES/ES F1/CW F2/CW TW/LA TW/cd",
    ),
    "closed by the server, three segments": (
        OPENED
        + """
        30 < F. 1 1
        40 > F. 1 2
        50 < .  2 2
        """,
        "SS/SR ES/SR ES/ES CW/F1 LA/TW cd/TW",
    ),
    "closed by both at once": (
        OPENED
        + """
        30 > F. 1 1
        31 < F. 1 1
        60 > .  2 2
        61 < .  2 2
        """,
        "SS/SR ES/SR ES/ES F1/ES CG/CG CG/tw tw/tw",
    ),
    "opened by both at once": (
        """
        0  > S  0
        1  < S  0
        30 > S. 0 1
        31 < S. 0 1
        60 > .  1 1
        61 < .  1 1
        """,
        "SS/CD SR/SR SR/SR ES/ES ES/ES ES/ES",
    ),
    # What goes wrong.
    "refused": (
        """
        0  > S  0
        10 < R. 0 1
        """,
        "SS/CD cd/CD",
    ),
    "no answer": (
        """
        0    > S 0
        1000 > S 0
        3000 > S 0
        """,
        "SS/li SS/li SS/li",
    ),
    "the first SYN lost": (
        """
        0    > S  0
        1000 > S  0
        1010 < S. 0 1
        1020 > .  1 1
        1030 > P. 1 1 5
        1040 < .  1 6
        """,
        "SS/LI SS/SR ES/SR ES/ES ES/ES ES/ES",
    ),
    "the SYN,ACK lost": (
        """
        0    > S  0
        10   < S. 0 1
        1000 > S  0
        1010 < S. 0 1
        """,
        "SS/SR SS/SR SS/SR SS/SR",
    ),
    "the handshake's ACK lost, again and again": (
        """
        0    > S  0
        10   < S. 0 1
        20   > .  1 1
        1010 < S. 0 1
        1020 > .  1 1
        3010 < S. 0 1
        3020 > .  1 1
        """,
        "SS/SR ES/SR ES/SR ES/SR ES/SR ES/SR ES/SR",
    ),
    "the handshake's ACK lost once": (
        """
        0    > S  0
        10   < S. 0 1
        20   > .  1 1
        1010 < S. 0 1
        1020 > .  1 1
        1030 < P. 1 1 5
        """,
        "SS/SR ES/SR ES/SR ES/SR ES/ES ES/ES",
    ),
    "no third segment": ("0 > S 0\n 10 < S. 0 1", "SS/SR SS/SR"),
    "given up by a scanner": (
        """
        0  > S  0
        10 < S. 0 1
        20 > R  1
        """,
        "SS/SR SS/SR CD/li",
    ),
    "RST instead of FIN": (OPENED + DATA + "50 < R. 1 6", "SS/SR ES/SR ES/ES ES/ES ES/ES cd/CD"),
    "a RST from outside of the window": (
        OPENED + DATA + "50 < R. 90000 6",
        "SS/SR ES/SR ES/ES ES/ES ES/ES ES/ES",
    ),
    "one in the name of an end that goes on at once": (
        OPENED + DATA + "50 < R 90000\n 51 < P. 1 6 4",
        "SS/SR ES/SR ES/ES ES/ES ES/ES ES/ES ES/ES",
    ),
    "a RST, and nothing else": ("0 < R. 1 1", "cd/CD"),
    "a RST with a SYN, and nothing else": ("0 > SR 0", "CD/cd"),
    "an answer to an earlier connection's SYN,ACK": (  # RFC 9293, figure 9
        "0 > S 0\n 1 < S. 0 5\n 2 > R 5",
        "SS/SR SS/SR SS/li",
    ),
    "a forged RST inside of the window": (
        OPENED
        + DATA
        + """
        50   < R. 100 6
        51   > .  6 1
        1300 < P. 1 6 3
        """,
        "SS/SR ES/SR ES/ES ES/ES ES/ES ES/ES ES/ES ES/ES",
    ),
    "data for an end that is gone": (
        OPENED
        + """
        30 < F. 1 1
        40 > .  1 2
        50 > P. 1 2 5
        60 < R  2
        """,
        "SS/SR ES/SR ES/ES CW/F1 CW/f2 CW/f2 cd/CD",
    ),
    "a FIN sent again": (
        OPENED
        + """
        30  > F. 1 1
        240 > F. 1 1
        250 < .  1 2
        """,
        "SS/SR ES/SR ES/ES F1/ES F1/CW f2/CW",
    ),
    "a FIN that nobody acknowledges": (
        OPENED + "30  > F. 1 1\n 240 > F. 1 1\n 660 > F. 1 1",
        "SS/SR ES/SR ES/es F1/es F1/es F1/es",
    ),
    "the last ACK lost": (
        OPENED
        + """
        30  > F. 1 1
        40  < F. 1 2
        50  > .  2 2
        250 < F. 1 2
        260 > .  2 2
        """,
        "SS/SR ES/SR ES/ES F1/CW TW/LA TW/LA TW/LA TW/LA",
    ),
    "the FIN's ACKs lost, and the data before it sent again": (
        OPENED
        + """
        30  > P. 1 1 5
        31  > F. 6 1
        40  < .  1 7
        240 > P. 1 1 5
        250 < .  1 7
        660 > P. 1 1 5
        """,
        "SS/SR ES/SR ES/ES ES/ES F1/CW F1/CW F1/CW F1/CW F1/CW",
    ),
    "half-closed, and data goes on": (
        OPENED
        + """
        30 > F. 1 1
        31 < P. 1 1 5      # sent before the FIN arrived
        40 < .  6 2
        50 < P. 6 2 5
        60 > .  2 11
        70 < F. 11 2
        80 > .  2 12
        """,
        "SS/SR ES/SR ES/ES F1/ES F1/CW F2/CW F2/CW F2/CW TW/LA TW/cd",
    ),
    "FIN with data, and merged with the other's ACK": (
        OPENED
        + """
        30 > FP. 1 1 5
        40 < FP. 1 7 5
        50 > .  7 7
        """,
        "SS/SR ES/SR ES/ES F1/CW TW/LA TW/cd",
    ),
    "fast open: data in the SYN, and in the answer's wake": (
        """
        0  > S  0 0 5
        10 < S. 0 6
        11 < P. 1 6 3
        20 > .  6 1
        30 > .  6 4
        """,
        "SS/SR ES/SR ES/SR ES/es ES/es",
    ),
    "from the middle on": ("0 > P. 1 1 5\n 10 < . 1 6\n 20 < F. 1 6", "es/es es/es cw/F1"),
    "only what the client sends": (
        "0 > S 0\n 20 > . 1 1\n 30 > P. 1 1 5\n 40 > F. 6 9",
        "SS/li ES/es ES/es F1/cw",
    ),
    "only what the server sends": (
        "0 < S. 0 1\n 20 < P. 1 1 9\n 30 < F. 10 6",
        "ss/SR es/ES cw/F1",
    ),
    "the SYN,ACK not captured": (
        "0 > S 0\n 20 > . 1 1\n 30 < P. 1 1 9",
        "SS/LI ES/ES ES/ES",
    ),
    "a late segment, when TIME_WAIT is over": (
        OPENED
        + """
        30 > F. 1 1
        40 < F. 1 2
        50 > .  2 2
        70000 < . 2 2
        """,
        "SS/SR ES/SR ES/ES F1/CW TW/LA TW/cd cd/cd",
    ),
    "a RST that acknowledges no SYN": (
        """
        0  > S 0
        10 < R 0
        """,
        "SS/CD SS/CD",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_told(name: str) -> None:
    text, expected = TOLD[name]
    assert states(text) == expected


def test_what_did_not_come_counts() -> None:
    """A FIN is acknowledged within half a second; a SYN,ACK is sent again unless it was taken."""
    closed = OPENED + "30 > F. 1 1"
    assert states(closed).endswith("F1/cw")
    assert states(closed, end_ms=400).endswith("F1/cw")
    assert states(closed, end_ms=600).endswith("F1/es")
    lost = TOLD["the handshake's ACK lost once"][0].rsplit("\n", 2)[0]
    assert states(lost, end_ms=2000).endswith("ES/SR")
    assert states(lost, end_ms=4000).endswith("ES/es")


def test_fins_that_cross_again_and_again() -> None:
    """Both ACKs lost, then both FINs again, each with the ACK: silence shows that they arrived."""
    text = (
        OPENED
        + """
        30  > F. 1 1
        31  < F. 1 1
        60  > .  2 2
        61  < .  2 2
        240 > F. 1 2
        241 < F. 1 2
        """
    )
    assert states(text).endswith("CG/CG CG/CG CG/CG CG/CG")
    assert states(text, end_ms=5000).endswith("CG/CG CG/CG CG/CG tw/tw")


def test_time_wait_is_over_after_a_minute() -> None:
    found = states_of(talk(TOLD["closed by the client, four segments"][0]))
    assert (found.client, found.server) == (State.TIME_WAIT, State.CLOSED)
    last = START_NS + 60_000_000
    assert found.at(last + 59 * 10**9) == (State.TIME_WAIT, State.CLOSED)
    assert found.at(last + 60 * 10**9) == (State.CLOSED, State.CLOSED)


def test_time_wait_starts_anew_with_each_fin() -> None:
    closed, again = TOLD["closed by the client, four segments"][0], 60 + 30_000
    found = states_of(talk(closed + f"{again} < F. 1 2\n {again + 1} > . 2 2"))
    assert found.at(START_NS + (again + 59_000) * 10**6)[0] is State.TIME_WAIT
    assert found.at(START_NS + (again + 60_000) * 10**6)[0] is State.CLOSED


def test_why() -> None:
    found = states_of(talk(TOLD["the last ACK lost"][0]))
    assert [each.why for each in found] == [
        "client: connect(); server: SYN arrives",
        "client: SYN,ACK arrives",
        "server: ACK of the SYN arrives",
        "client: close(); server: FIN arrives",
        "client: FIN and ACK of the FIN arrive; server: close()",
        "lost or late: what it acknowledges is sent again",
        "",
        "nothing shows that it arrived",
    ]
    assert str(found[4]) == (
        "4 server FIN,ACK TIME_WAIT LAST_ACK client: FIN and ACK of the FIN arrive; server: close()"
    )


def of_every_flow(chunk: Chunk) -> list[States]:
    source = Held([(0, decode(chunk), chunk)])
    every = segments_of(source, source.flows)
    return [states_of(every.of(number)) for number in range(len(source.flows))]


@given(st.one_of(talks(), captures()))
def test_the_machine_is_the_table(anything: Chunk) -> None:
    """Nothing raises, and no end takes a step that is not in the table, but by a RST."""
    for found in of_every_flow(anything):
        rows = found.records()
        assert isinstance(rows, Moments)
        for changes in (rows.found.client, rows.found.server):
            assert [change.row for change in changes] == sorted(change.row for change in changes)
            for previous, change in pairwise(changes):
                if change.state is not WAYS.get((previous.state, change.event)):
                    assert change.state is State.CLOSED
                    assert change.event in ("RST sent", "RST arrives")
        assert str(found)


@given(st.one_of(talks(), captures()), st.data())
def test_copies_change_nothing(anything: Chunk, data: st.DataObject) -> None:
    times = st.lists(st.integers(1, 3), min_size=len(anything), max_size=len(anything))
    rows = np.repeat(np.arange(len(anything)), data.draw(times))
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    once, more = of_every_flow(anything), of_every_flow(anything[rows])
    assert len(once) == len(more)
    kept = [[each for each in found if each.packet in first] for found in more]
    places = {int(packet): number for number, packet in enumerate(first)}
    for found, again in zip(once, kept, strict=True):
        assert list(found) == [replace(each, packet=places[each.packet]) for each in again]


def test_a_long_connection_is_quick_to_follow() -> None:
    """Bulk data costs nothing here: the walk goes from one event to the next."""
    bulk = "\n".join(f"{30 + i} > P. {1 + 5 * i} 1 5" for i in range(500))
    segments = talk(OPENED + bulk + "\n900 > F. 2501 1\n910 < . 1 2502")
    found = track(segments)
    assert [len(found.client), len(found.server)] == [5, 4]
    shown = str(states_of(segments)).splitlines()
    assert len(shown) == 1 + 5 + 2 and "500 packets left out" in shown[-2]


@pytest.mark.parametrize(
    "line",
    [
        "{at} > S 0\n{at} < R. 0 1",  # refused again and again
        "{at} > F. 1 1\n{at} < F. 1 2\n{at} > . 2 2",  # TIME_WAIT, begun anew each time
    ],
)
def test_it_takes_time_as_there_are_packets(line: str) -> None:
    opened = "" if "S" in line else OPENED
    told = talk(opened + "\n".join(line.format(at=100 + 3 * i) for i in range(8000)))
    begun = time.process_time()
    States(Moments(told, track(told)))
    assert time.process_time() - begun < 3


def test_a_clock_that_went_back_leaves_time_wait_when_it_is_over() -> None:
    closed = "30 > F. 1 1\n40 < F. 1 2\n50 > . 2 2\n60 < . 2 2\n61000 < . 2 2"
    told = f"{OPENED}90000 > . 1 1\n{closed}"
    assert states(told).split()[-2:] == ["TW/cd", "cd/cd"]
