"""Streams put together from segments of every kind that TCP and its attackers send."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from segmented import ACK, FIN, HANDSHAKE, RST, SYN, Cut, chunk_from, flow_of, segments_from

from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadArgument, NotFound
from netshell.flow.delivery import Delivery
from netshell.flow.flows import flows_of
from netshell.flow.source import Held
from netshell.flow.stream import Stream
from netshell.flow.stretches import Conflict, Gap, LeftOut, Piece
from netshell.packet.table import decode


def client(*cuts: Cut, isn: int = 1000) -> Stream:
    return Stream("client", segments_from(cuts, isn))


def test_bytes_in_the_order_they_were_sent_each_with_its_packet() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(7, b"ghi"), Cut(4, b"def"), Cut(10, flags=FIN))
    assert stream.data == bytes(stream) == b"abcdefghi"
    assert [stream.packet_at(offset) for offset in (0, 2, 3, 5, 6, -1)] == [3, 3, 5, 5, 4, 4]
    assert stream.is_begun and stream.is_ended and stream.is_whole
    first = stream.pieces[1]
    assert first == Piece(3, 3, 5, first.time_ns, 4)
    assert [piece.packet for piece in stream] == [3, 5, 4]
    assert len(stream) == stream.size == 9


def test_slices_and_finds_as_bytes_do() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(4, b"def"), Cut(7, b"ghi"))
    data = b"abcdefghi"
    for begin in range(-10, 11):
        for end in range(-10, 11):
            assert stream[begin:end] == data[begin:end]
    assert stream[::-2] == data[::-2]
    assert stream[3] == data[3] and stream[-1] == data[-1]
    assert b"cde" in stream and stream.find(b"g") == 6 and stream.find(b"z") == -1
    assert stream.packets(2, 4).tolist() == [3, 4] and stream.packets().tolist() == [3, 4, 5]
    with pytest.raises(IndexError):
        stream[9]
    with pytest.raises(IndexError):
        stream.packet_at(9)


def test_retransmissions_are_taken_once_and_the_first_bytes_win() -> None:
    stream = client(
        *HANDSHAKE, Cut(1, b"abc"), Cut(1, b"abc"), Cut(2, b"bcdef"), Cut(1, b"abcdefg")
    )
    assert stream.data == b"abcdefg"
    assert [piece.packet for piece in stream] == [3, 5, 6]
    assert stream.conflicts == ()


def test_overlap_with_other_bytes_is_told() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"GET /good"), Cut(5, b"/evil HTTP"))
    assert stream.data == b"GET /good HTTP"
    assert stream.conflicts == (Conflict(5, 3, 4, b"good", b"evil"),)
    assert any("other bytes" in text for text in stream.remarks())


def test_a_byte_that_comes_before_its_place_wins_there() -> None:
    stream = client(*HANDSHAKE, Cut(3, b"CC"), Cut(1, b"aabb"))
    assert stream.data == b"aaCC"
    assert stream.conflicts == (Conflict(2, 3, 4, b"CC", b"bb"),)


@pytest.mark.parametrize(
    ("acked", "reason"), [(20, "not captured"), (1, "not acknowledged"), (11, "not captured")]
)
def test_what_lacks_is_a_gap_of_its_size(acked: int, reason: str) -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(11, b"klm"), Cut(1, ack=acked, by_client=False))
    assert stream.data == b"abcklm" and stream.size == max(13, acked - 1)
    assert stream.gaps[0] == Gap(3, 7, 4, reason)
    assert sum(gap.length for gap in stream.gaps) + len(stream) == stream.size
    assert not stream.is_whole


def test_a_gap_acknowledged_in_part_is_two() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(11, b"klm"), Cut(1, ack=6, by_client=False))
    assert stream.gaps == (Gap(3, 2, 4, "not captured"), Gap(3, 5, 6, "not acknowledged"))


def test_acknowledged_bytes_that_were_never_seen_are_a_gap_at_the_end() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(1, ack=104, by_client=False))
    assert stream.gaps == (Gap(3, 100, 4, "not captured"),)


def test_a_side_that_was_not_captured_is_one_gap() -> None:
    answers = [Cut(1 + 10 * i, b"0123456789", ack=100 + i, by_client=False) for i in range(3)]
    stream = client(*answers)
    assert len(stream) == 0 and stream.gaps[0].length == stream.size == 2


def test_a_cut_frame_leaves_a_gap_for_its_tail() -> None:
    whole = b"0123456789"
    stream = client(
        *HANDSHAKE, Cut(1, whole, captured=4), Cut(11, whole, captured=0), Cut(21, whole)
    )
    assert stream.data == b"0123" + whole
    assert stream.gaps == (Gap(4, 16, 5, "cut"),)


def test_bytes_cut_off_once_are_taken_from_a_retransmission() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"0123456789", captured=4), Cut(3, b"234567"))
    assert stream.data == b"01234567" and stream.gaps == (Gap(8, 2, 9, "cut"),)


def test_a_missing_start_is_told_and_earlier_data_is_in_front() -> None:
    stream = client(Cut(101, b"def"), Cut(98, b"abc"), Cut(104, b"ghi"))
    assert stream.data == b"abcdefghi" and not stream.is_begun
    assert "from the middle" in str(stream)


def test_the_answer_to_a_syn_tells_the_start_too() -> None:
    stream = client(Cut(0, flags=SYN | ACK, by_client=False), Cut(4, b"def"))
    assert stream.is_begun and stream.gaps == (Gap(0, 3, 1, "not acknowledged"),)


def test_data_in_a_syn_is_the_first() -> None:
    stream = client(Cut(0, b"hello", flags=SYN, ack=0), Cut(6, b" world"))
    assert stream.data == b"hello world"


def test_numbers_wrap() -> None:
    for isn in (2**32 - 1, 2**32 - 4, 2**32 - 10):
        stream = client(*HANDSHAKE, Cut(7, b"ghi"), Cut(1, b"abc"), Cut(4, b"def"), isn=isn)
        assert stream.data == b"abcdefghi" and not stream.gaps


@pytest.mark.parametrize("garbage", [b"\0", b""])
def test_keep_alives_are_no_data(garbage: bytes) -> None:
    alive = Cut(3, garbage)
    stream = client(
        *HANDSHAKE, Cut(0, garbage), Cut(1, b"abc"), alive, alive, Cut(4, b"def"), Cut(6, garbage)
    )
    assert stream.data == b"abcdef" and stream.conflicts == ()
    if garbage:
        kept = [
            LeftOut(3, 1, "keep-alive"),
            LeftOut(5, 1, "keep-alive"),
            LeftOut(6, 1, "keep-alive"),
        ]
        assert list(stream.left_out[:3]) == kept


def test_keep_alives_before_anything_else_are_no_data() -> None:
    stream = client(Cut(501), Cut(500, b"\0"), Cut(500, b"\0"), Cut(501, b"data"))
    assert stream.data == b"data"


def test_the_last_byte_alone_and_late_is_data() -> None:
    """Its acknowledgment-only successor came first: a network that reorders."""
    stream = client(*HANDSHAKE, Cut(1, b"ab"), Cut(4), Cut(3, b"c"))
    assert stream.data == b"abc"


def test_bytes_sent_one_by_one_are_data() -> None:
    stream = client(*HANDSHAKE, *(Cut(1 + i, b"%d" % i) for i in range(10)), Cut(3, b"2"))
    assert stream.data == b"0123456789" and stream.conflicts == ()


def test_zero_window_probes_are_data_once() -> None:
    closed = Cut(1, ack=4, window=0, by_client=False)
    stream = client(
        *HANDSHAKE, Cut(1, b"abc"), closed, Cut(4, b"d"), closed, Cut(4, b"d"), closed,
        Cut(1, ack=4, by_client=False), Cut(4, b"def"),
    )  # fmt: skip
    assert stream.data == b"abcdef" and stream.conflicts == ()


def test_urgent_data_is_data() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"ab"), Cut(3, b"!", flags=ACK | 0x20), Cut(4, b"cd"))
    assert stream.data == b"ab!cd"


def test_what_stands_behind_the_fin_is_left_out() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc", flags=ACK | FIN), Cut(5, b"more"), Cut(4, b"x"))
    assert stream.data == b"abc" and stream.is_whole
    assert [left.reason for left in stream.left_out] == ["behind the FIN"] * 2


def test_a_fin_with_data_behind_it_by_then_is_forged() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abcdef"), Cut(3, flags=ACK | FIN), Cut(7, b"ghi"))
    assert stream.data == b"abcdefghi" and not stream.is_ended


def test_data_late_behind_its_fin_is_in_its_place() -> None:
    stream = client(*HANDSHAKE, Cut(4, b"def", flags=ACK | FIN), Cut(1, b"abc"))
    assert stream.data == b"abcdef" and stream.is_whole


def test_a_reset_hides_nothing_and_its_text_is_no_data() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(4, b"go away", flags=RST), Cut(4, b"def"))
    assert stream.data == b"abcdef"
    assert stream.left_out == (LeftOut(4, 7, "in a reset"),)


def test_segments_far_away_are_left_out() -> None:
    stream = client(
        *HANDSHAKE, Cut(1, b"abc"), Cut(2**30, b"evil"), Cut(-(2**30), b"evil"), Cut(4, b"d")
    )
    assert stream.data == b"abcd" and stream.gaps == ()
    assert [left.reason for left in stream.left_out] == [
        "outside of any window",
        "before the first byte",
    ]


def test_what_the_peer_acknowledged_is_believed_however_far() -> None:
    far = 1 << 28
    acks = [Cut(1, ack=1 + n * (far // 4), by_client=False) for n in range(5)]
    stream = client(*HANDSHAKE, Cut(1, b"abc"), *acks, Cut(1 + far, b"xyz"))
    assert stream.data == b"abcxyz" and stream.gaps == (Gap(3, far - 3, 4, "not captured"),)


def test_memory_goes_with_the_segments_not_with_their_numbers() -> None:
    segments = segments_from(
        [*HANDSHAKE, *(Cut((i * 2_654_435_761) % 2**31, b"x" * 10) for i in range(2000))]
    )
    len(segments.seq), len(segments.ack), len(segments.scaled)
    tracemalloc.start()
    try:
        stream = Stream("client", segments)
        len(stream.gaps), len(stream.left_out), len(stream.conflicts)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4000 * 2000


def test_saves_to_a_file(tmp_path: Path) -> None:
    stream = client(*HANDSHAKE, Cut(1, b"\0\xffabc"))
    assert stream.save(tmp_path / "x.bin").read_bytes() == b"\0\xffabc"
    with pytest.raises(NotFound):
        stream.save(tmp_path / "no" / "x.bin")
    assert [path.name for path in tmp_path.iterdir()] == ["x.bin"]


def test_is_shown_within_80_columns_and_clean() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"\x1b[2Jabc \xe2\x80\xaeword\r\n" * 40), Cut(2000, b"late"))
    text = str(stream)
    assert "\x1b" not in text and "\u202e" not in text
    assert "bytes left out" in text and "1 gap" in text
    assert '"data"' in stream.json()


def test_wrong_sides_and_flows_are_refused() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"abc")])
    assert flow.stream("client").data == b"abc" and flow.stream("server").data == b""
    with pytest.raises(BadArgument, match='"client" or "server"'):
        flow.stream("both")


def test_of_two_answers_to_a_syn_the_acknowledged_one_counts() -> None:
    def server(seq: int, data: bytes = b"", flags: int = ACK) -> Cut:
        return Cut(seq, data, flags, by_client=False)

    stray = 50_000_000
    cuts = [HANDSHAKE[0], server(stray, flags=SYN | ACK), HANDSHAKE[1], Cut(1), server(1, b"abc")]
    stream = Stream("server", segments_from(cuts))
    assert stream.data == b"abc" and stream.left_out == () and stream.gaps == ()


def test_forged_numbers_do_not_put_later_ones_off() -> None:
    """Two jumps of less than half the number space each: the way back reads as a way forward."""
    jumps = [Cut(3 * 2**29, b"evil"), Cut(3 * 2**30, b"evil")]
    stream = client(*HANDSHAKE, Cut(1, b"abc"), *jumps, Cut(4, b"def"), Cut(7, b"ghi"))
    assert stream.data == b"abcdefghi" and stream.gaps == ()
    assert len(stream.left_out) == 2


def test_a_flow_that_goes_on_is_asked_again() -> None:
    talk = [*HANDSHAKE, Cut(1, b"abc"), Cut(7, b"ghi"), Cut(4, b"def")]
    chunk = chunk_from(talk)
    cap = Capture(Store())
    cap.add(chunk[:5])
    flow = cap.flows[0]
    before = flow.stream("client")
    cap.add(chunk[5:])
    assert flow.stream("client").data == b"abcdefghi" and len(flow.follow()) == 1
    assert before.data == b"abcghi" and before.gaps[0].length == 3


def test_streams_over_parts_of_a_capture() -> None:
    """A stretch of packets for each packet: bytes are joined from many places."""
    talk = [*HANDSHAKE, *(Cut(1 + 4 * n, b"%04d" % n) for n in range(50))]
    chunk = chunk_from(talk)
    parts = [(n, decode(chunk[n : n + 1]), chunk[n : n + 1]) for n in range(len(talk))]
    source = Held(parts)
    stream = flows_of(source.flows, source)[0].stream("client")
    assert stream.data == b"".join(b"%04d" % n for n in range(50))
    assert b"".join(stream.blocks(7)) == stream.data
    assert [len(block) for block in stream.blocks(150)] == [150, 50]


def test_a_keep_alive_yields_to_data_that_comes_later() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"ab"), Cut(4), Cut(3, b"\0"), Cut(3, b"cd"))
    assert stream.data == b"abcd" and stream.conflicts == ()
    assert stream.left_out == (LeftOut(5, 1, "keep-alive"),)


def test_a_keep_alive_fills_no_more_than_one_byte() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"ab"), Cut(9), Cut(8, b"\0"), Cut(9, b"xyz"))
    assert stream.data == b"abxyz" and stream.gaps == (Gap(2, 6, 3, "not acknowledged"),)


def test_a_last_byte_alone_is_data_though_more_is_lost_behind_it() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"ab"), Cut(4), Cut(3, b"c"), Cut(9, b"xyz"))
    assert stream.data == b"abcxyz" and stream.gaps[0].length == 5


@pytest.mark.parametrize("acked", [1001, None])
def test_a_capture_that_begins_with_a_keep_alive(acked: int | None) -> None:
    answer = [] if acked is None else [Cut(1, ack=acked, by_client=False)]
    stream = client(Cut(1000), *answer, Cut(1001, b"data"))
    assert stream.data == b"data" and len(stream.gaps) == (acked is None)


def test_what_the_window_allows_is_believed() -> None:
    """RFC 7323: a window of up to a gigabyte, where both SYNs offer the scale for it."""
    scale = b"\x03\x03\x0e"
    opened = [
        Cut(0, flags=SYN, ack=0, options=scale),
        Cut(0, flags=SYN | ACK, by_client=False, options=scale),
        Cut(1, by_client=False, window=65000),
    ]
    far = Cut(1 << 28, b"xyz")
    assert client(*opened, Cut(1, b"abc"), far).data == b"abcxyz"
    assert client(*HANDSHAKE, Cut(1, b"abc"), far).data == b"abc"
    segments = segments_from([*opened, Cut(1, b"abc"), far])
    heard = list(Delivery().feed(segments, final=True))
    assert [each.lacking for each in heard] == [0, (1 << 28) - 4, 0]


def test_data_over_the_fin_is_cut_there() -> None:
    stream = client(*HANDSHAKE, Cut(1, b"abc", flags=ACK | FIN), Cut(3, b"cdef"))
    assert stream.data == b"abc" and stream.size == 3 and stream.conflicts == ()


def test_an_acknowledgment_of_what_nobody_sent_tells_nothing() -> None:
    forged = [Cut(1, ack=number, by_client=False) for number in (2**31 - 100, 2**30 + 100, 2**28)]
    for acks in ([each] for each in forged):
        stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(11, b"klm"), *acks)
        assert stream.size == 13 and len(stream.gaps) == 1
    assert stream.gaps[0].length == 7
    real = Cut(1, ack=4, by_client=False)
    stream = client(*HANDSHAKE, Cut(1, b"abc"), Cut(11, b"klm"), real, forged[0])
    assert stream.gaps == (Gap(3, 7, 4, "not acknowledged"),)


def test_a_capture_that_begins_with_a_forged_segment() -> None:
    stream = client(Cut(2**30, b"evil"), Cut(1, b"abc"), Cut(4, b"def"), Cut(7))
    assert stream.data == b"abcdef" and stream.gaps == ()


def test_a_middle_with_much_lost_before_it() -> None:
    far = 1 << 26
    heard = [Cut(1, ack=1, by_client=False), Cut(1, ack=far, by_client=False)]
    stream = client(Cut(1, b"abc"), *heard, *(Cut(far + 3 * n, b"xyz") for n in range(9)))
    assert stream.data == b"abc" + 9 * b"xyz" and stream.gaps[0].length == far - 4


def test_a_fin_before_the_first_byte_is_forged() -> None:
    stream = client(*HANDSHAKE, Cut(-100, flags=FIN | ACK), Cut(1, b"abc"))
    assert stream.data == b"abc" and not stream.is_ended
