"""Dialogues: turns in the order of time, with everything that lacks, at any width."""

from __future__ import annotations

import json
import struct
from itertools import pairwise

import numpy as np
import pytest
from frames import chunk_of
from hypothesis import given
from hypothesis import strategies as st
from segmented import ACK, HANDSHAKE, Cut, flow_of

from netshell.errors import BadArgument
from netshell.flow.flow import Flow
from netshell.flow.flows import flows_of
from netshell.flow.source import Held
from netshell.packet.table import decode
from netshell.view import cells, draw


def server(seq: int, data: bytes = b"", ack: int = 1) -> Cut:
    return Cut(seq, data, ACK, ack, by_client=False)


def test_turns_are_whoever_speaks_until_the_other_does() -> None:
    flow = flow_of(
        [*HANDSHAKE, Cut(1, b"GET "), Cut(5, b"/"), server(1, b"200 "), server(5, b"OK"),
         Cut(6, b"bye")]
    )  # fmt: skip
    turns = list(flow.follow())
    assert [(turn.side, turn.data, turn.packets) for turn in turns] == [
        ("client", b"GET /", (3, 4)),
        ("server", b"200 OK", (5, 6)),
        ("client", b"bye", (7,)),
    ]
    assert [turn.end_ns - turn.time_ns for turn in turns] == [1000, 1000, 0]
    assert turns[0].time_ns - flow.start_ns == 3000
    assert len(flow.follow()) == 3 and flow.follow()[-1].data == b"bye"
    assert [len(turn) for turn in flow.follow()[:2]] == [5, 6]
    with pytest.raises(IndexError):
        flow.follow()[3]


def test_one_side_keeps_its_turns_apart() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"a"), server(1, b"b"), Cut(2, b"c")])
    assert [turn.data for turn in flow.follow("client")] == [b"a", b"c"]
    assert [turn.data for turn in flow.follow(side="server")] == [b"b"]


def test_bytes_behind_a_loss_belong_to_the_moment_it_was_made_good() -> None:
    flow = flow_of([*HANDSHAKE, Cut(4, b"def"), server(1, b"early"), Cut(1, b"abc")])
    assert [(turn.side, turn.data) for turn in flow.follow()] == [
        ("server", b"early"),
        ("client", b"abcdef"),
    ]
    assert flow.follow()[1].packets == (3, 5)


def test_gaps_are_in_their_turn_at_their_place() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"abc"), Cut(11, b"klm"), server(1, b"ok", ack=114)])
    first = flow.follow()[0]
    assert first.data == b"abcklm"
    assert [(gap.offset, gap.length) for gap in first.gaps] == [(3, 7), (6, 100)]
    text = str(flow.follow())
    assert "6 bytes and 107 that lack" in text and "[7 bytes not captured" in text


def test_everything_fits_into_80_columns_and_folds() -> None:
    line = b"x" * 60 + b"\x1b[31m\r\n"
    cuts = [*HANDSHAKE]
    for number in range(60):
        cuts += [Cut(1 + number * 670, line * 10), server(1 + number * 5, b"\0\1\2\3\4")]
    dialogue = flow_of(cuts).follow(lines=3)
    text = draw(dialogue.view(), 80)
    assert max(map(cells, text.split("\n"))) <= 80
    assert "80 turns left out" in text and "469 bytes left out" in text and "\x1b" not in text
    assert len(text.split("\n")) < 40 * 7
    assert len(dialogue) == 120 and dialogue[119].data == b"\0\1\2\3\4"


def test_a_turn_with_thousands_of_gaps_is_folded_too() -> None:
    cuts = [*HANDSHAKE, *(Cut(1 + 100 * n, b"y" * 100, captured=10) for n in range(500))]
    text = str(flow_of(cuts).follow())
    assert len(text.split("\n")) < 40
    assert "gaps of" in text


def test_raw_is_hex_and_colour_comes_from_the_renderer() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"GET /"), server(1, b"OK")])
    assert "47 45 54 20 2f" in str(flow.follow(raw=True))
    styles = []
    draw(flow.follow().view(), 80, lambda text, style: styles.append((text, style)) or text)
    assert ("    GET /", "sent") in styles and ("    OK", "received") in styles


def test_what_is_wrong_is_said() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"good"), Cut(1, b"evil"), Cut(2**30, b"far")])
    text = str(flow.follow())
    assert "sent again with other bytes" in text and "outside of any window" in text


def test_as_data() -> None:
    told = json.loads(flow_of([*HANDSHAKE, Cut(1, b"a\xff"), server(1, b"b")]).follow().json())
    assert [(turn["side"], turn["data"], turn["packets"]) for turn in told] == [
        ("client", "a\\xff", [3]),
        ("server", "b", [4]),
    ]


def test_a_flow_without_data_says_so() -> None:
    assert "no data" in str(flow_of(HANDSHAKE).follow())
    assert len(flow_of(HANDSHAKE).follow()) == 0


def udp_flow(payloads: list[tuple[bool, bytes, int | None]], padding: int = 0) -> Flow:
    """Datagrams: by the client or not, with what, and how much of it captured."""
    frames, wire = [], []
    for by_client, data, kept in payloads:
        ends = (
            (b"\x0a\0\0\1\x0a\0\0\2", 40000, 53)
            if by_client
            else (b"\x0a\0\0\2\x0a\0\0\1", 53, 40000)
        )
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(data), 7, 0, 64, 17, 0) + ends[0]
        udp = struct.pack(">HHHH", ends[1], ends[2], 8 + len(data), 0)
        frame = bytes(12) + b"\x08\0" + ip + udp + data + b"P" * padding
        wire.append(len(frame))
        frames.append(frame if kept is None else frame[: len(frame) - len(data) + kept])
    chunk = chunk_of(frames, wire_lens=wire)
    source = Held([(0, decode(chunk), chunk)])
    return flows_of(source.flows, source)[0]


def test_datagrams_are_turns_each() -> None:
    dialogue = udp_flow(
        [(True, b"one", None), (True, b"two", None), (False, b"", None), (False, b"answer", 2)]
    ).follow()
    assert [(turn.side, turn.data) for turn in dialogue] == [
        ("client", b"one"), ("client", b"two"), ("server", b""), ("server", b"an"),
    ]  # fmt: skip
    assert [(gap.offset, gap.length, gap.reason) for gap in dialogue[3].gaps] == [(2, 4, "cut")]
    assert dialogue[2].gaps == () and "4 bytes of 1 datagram cut off" in str(dialogue)


def test_padding_is_no_data() -> None:
    assert [turn.data for turn in udp_flow([(True, b"ab", None)], padding=16).follow()] == [b"ab"]


def test_wrong_arguments_are_refused() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"abc")])
    with pytest.raises(BadArgument, match='"client" or "server"'):
        flow.follow("left")
    for lines in (0, -1, "x", True, 2.5):
        with pytest.raises(BadArgument, match="use 1 or more"):
            flow.follow(lines=lines)  # type: ignore[arg-type]
    assert flow.follow(lines=None)[0].data == b"abc"
    with pytest.raises(BadArgument, match="only TCP"):
        udp_flow([(True, b"x", None)]).stream("client")


def test_other_protocols_have_nothing_to_follow() -> None:
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28, 7, 0, 64, 1, 0) + b"\x0a\0\0\1\x0a\0\0\2"
    chunk = chunk_of([bytes(12) + b"\x08\0" + ip + b"\x08" + bytes(7)])
    source = Held([(0, decode(chunk), chunk)])
    with pytest.raises(BadArgument, match="cannot follow icmp"):
        flows_of(source.flows, source)[0].follow()


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.integers(0, 60), st.integers(2, 20), st.none() | st.integers(0, 9)
        ),
        max_size=25,
    )
)
def test_turns_are_the_streams_in_pieces(
    said: list[tuple[bool, int, int, int | None]],
) -> None:
    data = bytes(range(128))
    cuts = [
        Cut(
            1 + at,
            data[at : at + size],
            by_client=who,
            captured=kept if kept is None else min(kept, size),
        )
        for who, at, size, kept in said
    ]
    flow = flow_of([*HANDSHAKE, *cuts])
    turns = list(flow.follow())
    for side in ("client", "server"):
        stream = flow.stream(side)
        own = [turn for turn in turns if turn.side == side]
        assert b"".join(turn.data for turn in own) == stream.data
        if own:
            assert sum(gap.length for turn in own for gap in turn.gaps) == sum(
                gap.length for gap in stream.gaps
            )
        assert own == list(flow.follow(side))
    times = [(turn.time_ns, turn.end_ns) for turn in turns]
    flat = [moment for pair in times for moment in pair]
    assert flat == sorted(flat)
    assert all(one.side != other.side for one, other in pairwise(turns))
    assert np.unique([len(turn.packets) > 0 for turn in turns]).tolist() in ([True], [])
    assert draw(flow.follow().view(), 80)
