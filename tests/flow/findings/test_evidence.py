"""What the sentences say of bytes sent again: no more than the capture shows, and no less."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from frames import chunk_of

from netshell import explain
from netshell.capture.capture import Capture
from netshell.flow.amounts import duration
from netshell.packet.chunk import OUTGOING
from tests.commands.test_explain_flows import as_capture
from tests.flow.findings.conversations import START_NS, Sent
from tests.flow.findings.test_beyond import ACK, MS, PSH, SYN, WHO, c, opened, s

SIZE = 1000
Named = tuple[Sent, int]  # a segment, and its IP identification


def taken(sents: Sequence[Named], outgoing: bool = False) -> Capture:
    """A capture of these segments; ``outgoing``: on the client's own machine."""
    frames = []
    for sent, name in sents:
        frame = bytearray(WHO.frame(replace(sent, window=8 * sent.window)))
        frame[18:20] = struct.pack(">H", name)
        frames.append(bytes(frame))
    chunk = chunk_of(frames)
    chunk = replace(chunk, time_ns=START_NS + np.array([sent.at_ns for sent, _ in sents], np.int64))
    if outgoing:
        by_client = np.array([sent.by_client for sent, _ in sents])
        chunk = replace(chunk, direction=np.where(by_client, OUTGOING, 1).astype(np.uint8))
    return as_capture(chunk)


def sack(*pairs: tuple[int, int]) -> bytes:
    """An option with blocks of the client's numbers."""
    numbers = [(WHO.client + each) % 2**32 for pair in pairs for each in pair]
    return bytes([1, 1, 5, 2 + 4 * len(numbers)]) + struct.pack(f">{len(numbers)}I", *numbers)


def named(sents: Sequence[Sent], first: int = 100) -> list[Named]:
    """Each with an IP identification of its own, as one host after the other counts them."""
    return [(sent, first + place) for place, sent in enumerate(sents)]


def data(at: float, place: int) -> Sent:
    return c(at, 1 + place * SIZE, size=SIZE, flags=PSH | ACK)


def told(at: float, place: int, *blocks: tuple[int, int]) -> Sent:
    edges = [(1 + low * SIZE, 1 + high * SIZE) for low, high in blocks]
    return replace(s(at, 1, 1 + place * SIZE), options=sack(*edges) if edges else b"")


LOST = [
    *opened(20),
    *(data(30 + each / 1000, each) for each in range(5)),
    told(30.02, 1),
    told(30.04, 1, (2, 4)),
    data(30.05, 1),  # within the round trip of the handshake, and not the last one
    told(30.06, 4),
]


def texts(cap: Capture, kind: str) -> list[str]:
    return [each.text for each in cap.findings.where(kind=kind)]


@pytest.mark.parametrize("outgoing", [False, True])
def test_what_was_captured_before_and_asked_for_is_sent_again(outgoing: bool) -> None:
    cap = taken(named(LOST), outgoing)
    (text,) = texts(cap, "out_of_order")  # tshark's name stays
    assert "sends 1,000 bytes from 1,001 again, 49.0 µs after packet 4, because the server" in text
    assert "has what lies behind and lacks this (SACK in packet 9)" in text
    for each in cap.findings:
        assert "overtaken" not in each.text
        assert "captured twice" not in each.text
    (repeated,) = texts(cap, "duplicate_ack")
    assert "1,001 again (repetition 1): 2,000 bytes behind it have arrived (SACK)" in repeated
    flow = cap.flows[0]
    assert flow.detail("client_retransmitted_packets") == 1
    story = str(explain(flow))
    assert "1,000 bytes were sent again" in story
    assert "To do (retransmission)" in story
    assert "several ways" not in story
    assert "several ways" not in str(explain(cap.findings.where(kind="out_of_order")[0]))


def test_so_it_is_where_only_the_bytes_came_before() -> None:
    quiet = [each for each in LOST if each.flags & SYN or not each.options]
    (text,) = texts(taken(named(quiet)), "out_of_order")
    assert "again, 49.0 µs after packet 4" in text
    assert "overtaken" not in text


def test_many_of_them_are_told_together() -> None:
    more = [*LOST[:-1], data(30.055, 2), LOST[-1]]
    story = str(explain(taken(named(more)).flows[0]))
    assert "All of the 2 had been captured before, and were sent again" in story


def test_what_comes_in_another_order_is_overtaken() -> None:
    late = [*opened(20, beside_server=True), data(30, 0), data(30.01, 2), data(30.02, 3)]
    asked = [told(30.03, 1, (2, 3)), told(30.04, 1, (2, 4))]
    (text,) = texts(taken(named([*late, *asked, data(31, 1)])), "out_of_order")
    assert "probably overtaken on the way" in text  # too soon for an answer to what was asked


def test_what_was_lost_before_the_capture_is_asked_for_and_comes() -> None:
    late = [*opened(20), data(30, 0), data(30.01, 2), data(30.02, 3)]
    asked = [told(30.03, 1, (2, 3)), told(30.04, 1, (2, 4))]
    (text,) = texts(taken(named([*late, *asked, data(30.05, 1)])), "out_of_order")
    assert "a retransmission, whose first try was lost before the capture's place" in text


def test_nothing_overtakes_before_it_has_left() -> None:
    late = [*opened(20), data(30, 0), data(30.01, 2), data(30.02, 3), data(30.03, 1)]
    (text,) = texts(taken(named(late), outgoing=True), "out_of_order")
    assert "captured on its own machine" in text
    assert "overtaken" not in text


@pytest.mark.parametrize(("step", "copy"), [(0, True), (1, False)])
def test_a_copy_has_the_name_of_the_first(step: int, copy: bool) -> None:
    twice = [*named(LOST[:6]), (data(30.01, 2), 105 + step)]
    (text,) = texts(taken(twice), "retransmission")
    assert ("captured twice" in text) == copy
    acks = [*named(LOST[:9]), (told(30.05, 1), 108 + step)]
    assert ("captured twice" in texts(taken(acks), "duplicate_ack")[-1]) == copy


def test_what_was_needless_is_proved() -> None:
    needless = replace(s(310, 1, 1001), options=sack((1, 1001)))
    again = [*LOST[:4], data(300, 0)]
    cap = taken(named([*again, needless]))
    (text,) = texts(cap, "retransmission")
    assert "needlessly: packet 5 says that the server got it twice (D-SACK" in text
    assert "To do: nothing" in str(explain(cap.flows[0])).replace("\n", " ")


def shut(at: float, ack: int = 1001) -> Sent:
    return replace(s(at, 1, ack), window=0)


@pytest.mark.parametrize("times", [2, 30])
def test_a_full_receiver_throws_away_and_nothing_is_lost(times: int) -> None:
    filled = [*LOST[:5], shut(31)]
    for each in range(times):
        filled += [data(300 + 300 * each, 1), shut(300.1 + 300 * each)]
    last = 300 * (times + 1)
    cap = taken(named([*filled, s(last, 1, 1001), data(last + 0.2, 1), s(last + 1, 1, 2001)]))
    said = texts(cap, "retransmission")
    assert len(said) == times + 1
    assert "again, into a window of 0 bytes (packet 5): the server's buffer is full" in said[0]
    assert "does not show a loss" in said[0]
    assert "into a window" not in said[-1]  # it is open by then
    story = str(explain(cap.flows[0]))
    assert "loss on the way (Wi-Fi" not in story
    assert f"The client had to stand still for {duration(last * MS - 31 * MS)}" in story
    assert "window was closed once (packets 5 to" in story
    assert "until packet" in texts(cap, "zero_window")[0]
    finding = cap.findings.where(kind="retransmission")[0]
    assert "Look at that program and its host" in str(explain(finding))


def test_a_window_that_stays_closed() -> None:
    cap = taken(named([*LOST[:5], shut(31), data(300, 1), shut(301)]))
    assert "nothing in the capture opens it again" in texts(cap, "zero_window")[0]
    assert "It was never opened again" in str(explain(cap.flows[0]))
