"""Two servers that answer one SYN: what is counted, and said, goes by the answer that was taken."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import numpy as np
import pytest

from netshell import explain
from netshell.flow.findings import find
from netshell.flow.segments import segments_of
from netshell.flow.source import Held
from netshell.packet.table import decode
from tests.commands.test_explain_flows import as_capture
from tests.flow.findings.conversations import Ends, Sent, captured
from tests.flow.findings.test_beyond import ACK, FIN, PSH, SYN, c, opened, s

FAR = 16_081_090


def talk(stray: int) -> list[Sent]:
    """A handshake with a second SYN,ACK, ``stray`` above the first; data and FIN behind it."""
    return [
        *opened()[:2],
        s(20.5, stray, 1, flags=SYN | ACK),
        c(21, 1),
        c(30, 1, size=100, flags=PSH | ACK),
        s(50, 1, 101, size=206),
        s(51, 207, 101, flags=FIN | ACK),
        c(52, 101, 208, flags=FIN | ACK),
        s(72, 208, 102),
    ]


@pytest.mark.parametrize("stray", [FAR, -FAR, 2_000_000_000])
@pytest.mark.parametrize("first", [5000, 2**32 - 100])
def test_numbers_count_from_the_answer_that_was_acknowledged(stray: int, first: int) -> None:
    cap = as_capture(captured([(Ends(40000, 1000, first), talk(stray))]))
    flow = cap.flows[0]
    segments = flow.segments
    assert segments.base.tolist() == [[1000, first]]
    assert segments.seq.tolist() == [0, 0, stray, 1, 1, 1, 207, 101, 208]
    assert flow.stream("server").data == bytes(cap[5].raw[-206:])
    for side in ("client", "server"):
        assert flow.detail(f"{side}_retransmitted_packets") == 0
        assert flow.detail(f"{side}_retransmitted_bytes") == 0
    assert flow.detail("server_unique_bytes") == 206
    assert flow.ended == "FIN by server"
    text = str(explain(flow))
    assert "16,081" not in text
    assert "sent again;" not in text
    assert "seems lost" not in text
    assert "cap.stats" not in text


def test_what_counts_as_sent_again_for_that_only_says_so() -> None:
    chunk = captured([(Ends(40000, 1000, 5000), talk(FAR))])
    source = Held([(0, decode(chunk), chunk)])
    texts = {
        (each.kind, each.packet): each.text for each in find(segments_of(source, source.flows))
    }
    assert "of another connection, and nothing is missing" in texts["lost_segment", 2]
    for packet, what in ((5, "206 bytes from 1"), (6, "FIN")):
        said = f"{what} of the server below the number of the SYN,ACK in packet 2"
        assert texts["retransmission", packet].startswith(said)


def test_what_is_sent_again_beside_it_still_counts() -> None:
    again = replace(s(400, 1, 101, size=206), at_ns=400_000_000)
    flow = as_capture(captured([(Ends(40000, 1000, 5000), [*talk(FAR)[:6], again])])).flows[0]
    assert flow.detail("server_retransmitted_packets") == 1
    assert flow.detail("server_retransmitted_bytes") == 206


def test_an_answer_that_nobody_took_changes_nothing() -> None:
    both = [*opened()[:2], s(20.5, FAR, 1, flags=SYN | ACK)]
    chunk = captured([(Ends(40000, 1000, 5000), both)])
    source = Held([(0, decode(chunk), chunk)])
    made = segments_of(source, source.flows)
    assert made.base.tolist() == [[1000, 5000 + FAR]]  # the last one, as Wireshark has it
    assert np.array_equal(made.seq, [0, -FAR, 0])


def test_many_of_them_cost_no_more_than_so_many_segments() -> None:
    rng = random.Random(1)
    many = [
        Sent(
            each * 1_000, bool(each % 2), SYN | ACK, rng.randrange(1 << 32), rng.randrange(1 << 32)
        )
        for each in range(6_000)
    ]
    cap = as_capture(captured([(Ends(40000, 0, 0), many)]))
    since = time.process_time()
    explain(cap.flows[0])
    assert time.process_time() - since < 10  # a minute and more, where each asks all the others
