"""A capture read as it grows: in order at once, else as a Delivery puts it in order."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from frames import chunk_of, segment
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from recorder import DatagramRecorder, Lines, Recorder, Told
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from segmented import ACK, FIN, HANDSHAKE, RST, SYN, Cut, chunk_from

from netshell.flow.delivery import Delivery
from netshell.flow.segments import segments_of
from netshell.flow.source import Held, Members
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.protocols.reading_alone import Alone
from netshell.protocols.readings import Readings
from netshell.protocols.talk import Talk


class Growing:
    """A capture that has come so far, of which the oldest packets were let go."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk
        self._columns = decode(chunk)
        self.first, self.count = 0, 0

    def upto(self, count: int, first: int = 0) -> Held:
        """The first packets only, numbered as in the whole."""
        held = slice(first, count)
        whole = Held([(0, self._columns[:count], self._chunk[:count])])
        parts = [(first, self._columns[held], self._chunk[held])]
        return Held(parts, whole.flows, whole.members())


class Hearing(Talk):
    """A conversation that is read from the first byte on, whatever lacks."""

    def __init__(self, flow: int) -> None:
        super().__init__("tcp", decoders=(Recorder,), flow=flow)
        self.decoder = Recorder()


class Heard(Readings):
    """Conversations as their decoders hear them."""

    def _talk(self, number: int) -> Talk:
        return Hearing(number)


def told(chunk: Chunk, stops: Iterable[int] = ()) -> list[Told]:
    """All that a decoder is told when the capture grows in stretches."""
    growing, readings = Growing(chunk), Heard([Recorder])
    for stop in stops:
        readings.reach(growing.upto(min(stop, len(chunk))))
    readings.reach(growing.upto(len(chunk)), is_final=True)
    return [message for message in readings.since(0)[0] if isinstance(message, Told)]


def told_in_steps(chunk: Chunk, most: int, now_ns: int = 0) -> list[Told]:
    """The same when all of it is there, and so many packets are read at a time."""
    whole, readings = Growing(chunk).upto(len(chunk)), Heard([Recorder])
    steps = 1
    while not readings.reach(whole, not now_ns, now_ns, most):
        assert readings.total == most * steps
        steps += 1
    assert readings.total == len(chunk)
    readings.reach(whole, is_final=True)
    return [message for message in readings.since(0)[0] if isinstance(message, Told)]


def said(messages: Iterable[Told], side: str) -> list[tuple[bytes, int]]:
    """What one side said, stretches end to end between gaps, and the sizes of these."""
    out: list[tuple[bytes, int]] = [(b"", 0)]
    for each in messages:
        if each.side != side or each.kind == "close":
            continue
        if each.gap:
            out.append((b"", (0 if out[-1][0] or len(out) == 1 else out.pop()[1]) + each.gap))
        else:
            out[-1] = out[-1][0] + each.data, out[-1][1]
    return out


def delivered(chunk: Chunk, side: str) -> list[tuple[bytes, int]]:
    """The same by a Delivery of the whole flow."""
    source = Held([(0, decode(chunk), chunk)])
    segments = segments_of(source, source.flows, 0)
    heard = Delivery().feed(segments, final=True)
    pieces = [
        Told(kind="gap" if each.lacking else "data", parts=(), data=each.data, gap=each.lacking)
        for each in heard
        if each.side == side
    ]
    out: list[tuple[bytes, int]] = [(b"", 0)]
    for piece in pieces:
        if piece.gap:
            out.append((b"", (0 if out[-1][0] or len(out) == 1 else out.pop()[1]) + piece.gap))
        else:
            out[-1] = out[-1][0] + piece.data, out[-1][1]
    return out


def server(seq: int, data: bytes = b"", ack: int = 1, flags: int = ACK) -> Cut:
    return Cut(seq, data, flags, ack, by_client=False)


@st.composite
def talks(draw: st.DrawFn) -> list[Cut]:
    """Two streams cut anyhow, acknowledged anyhow, in a lossy capture."""
    cuts = []
    place = {True: 0, False: 0}
    text = bytes(range(200))
    for _ in range(draw(st.integers(1, 30))):
        by_client = draw(st.booleans())
        kind = draw(st.integers(0, 9))
        at = place[by_client]
        size = draw(st.integers(0, 12))
        if kind == 0:
            at = draw(st.integers(0, 100))  # anywhere: lost, repeated, out of order
        elif kind == 1:
            at += draw(st.integers(1, 20))  # what is before lacks
        elif kind == 2:
            at = max(at - draw(st.integers(1, 20)), 0)
        data = text[at : at + size]
        place[by_client] = max(at + len(data), place[by_client])
        flags = ACK | (FIN if draw(st.integers(0, 15)) == 0 else 0)
        acked = place[not by_client] + (draw(st.integers(-5, 20)) if draw(st.booleans()) else 0)
        kept = draw(st.integers(0, len(data))) if draw(st.integers(0, 15)) == 0 else None
        cuts.append(Cut(1 + at, data, flags, 1 + max(acked, 0), by_client, kept))
        if draw(st.integers(0, 7)) == 0:
            cuts.append(cuts[-1])
    return cuts


@settings(max_examples=60)
@given(talks(), st.integers(0, 2**32 - 1), st.integers(0, 3))
def test_in_order_at_once_as_by_delivery(cuts: list[Cut], isn: int, opened: int) -> None:
    """Read in one go: the bytes and gaps of each side are those of Delivery.

    Not where a side's beginning was not captured and what came first was not the first: Delivery,
    which has all of it then, begins with what came later.
    """
    for by_client in (True, False):
        if opened < 2 - by_client:
            told_of = [cut.seq if cut.by_client == by_client else cut.ack for cut in cuts]
            assume(told_of[0] == min(told_of))
    chunk = chunk_from([*HANDSHAKE[:opened], *cuts], isn, isn ^ 0xFFFFFFFF)
    at_once = told(chunk)
    for side in ("client", "server"):
        assert said(at_once, side) == delivered(chunk, side)


@settings(max_examples=40)
@given(talks(), st.lists(st.integers(0, 40), max_size=6), st.integers(0, 2**32 - 1))
def test_in_stretches_as_in_one(cuts: list[Cut], stops: list[int], isn: int) -> None:
    whole = [cut._replace(captured=None) for cut in cuts]
    chunk = chunk_from([*HANDSHAKE, *whole], isn, isn ^ 0x7FFFFFFF)
    at_once, later = told(chunk), told(chunk, sorted(stops))
    for side in ("client", "server"):
        assert said(later, side) == said(at_once, side)


@settings(max_examples=40)
@given(talks(), st.integers(1, 20), st.booleans(), st.integers(0, 2**32 - 1))
def test_in_steps_as_in_one(cuts: list[Cut], most: int, is_live: bool, isn: int) -> None:
    """Where they end makes no difference, nor whether time goes on meanwhile."""
    whole = [cut._replace(captured=None) for cut in cuts]
    chunk = chunk_from([*HANDSHAKE, *whole], isn, isn ^ 0x7FFFFFFF)
    now_ns = int(chunk.time_ns[-1]) if is_live else 0
    at_once, later = told(chunk), told_in_steps(chunk, most, now_ns)
    for side in ("client", "server"):
        assert said(later, side) == said(at_once, side)


def test_a_step_waits_for_what_is_in_the_next() -> None:
    """However late it is by now: what lacks before a packet may be in those not read yet."""
    cuts = [*HANDSHAKE, Cut(1, b"a"), Cut(3, b"c"), Cut(2, b"b"), Cut(4, b"d")]
    chunk = chunk_from(cuts)
    much_later = int(chunk.time_ns[-1]) + 3600 * 10**9
    assert said(told_in_steps(chunk, 5, much_later), "client") == [(b"abcd", 0)]


def test_an_acknowledgment_that_says_more_than_later_ones_is_heard_in_every_step() -> None:
    """Of those captured in the wrong order, the last one tells less than one before it."""
    cuts = [
        *HANDSHAKE, Cut(1, b"ask"), server(1, ack=4), Cut(4, ack=13), Cut(1, b"ask", ack=1),
        server(1, b"yes", 4),
    ]  # fmt: skip
    chunk = chunk_from(cuts)
    for most in (2, 3, 4, 5, 6, 100):
        assert said(told_in_steps(chunk, most), "server") == [(b"yes", 0), (b"", 9)], most


def kinds(messages: Iterable[Told]) -> list[tuple[str, str, bytes]]:
    return [(each.kind, each.side, each.data) for each in messages]


def test_ends_are_told_in_their_place() -> None:
    chunk = chunk_from(
        [*HANDSHAKE, Cut(1, b"ask"), Cut(4, b"!", ACK | FIN), server(1, b"yes", 6),
         server(4, ack=6, flags=ACK | FIN)]
    )  # fmt: skip
    assert kinds(told(chunk)) == [
        ("data", "client", b"ask"), ("data", "client", b"!"), ("close", "client", b""),
        ("data", "server", b"yes"), ("close", "server", b""),
    ]  # fmt: skip


def test_a_fin_out_of_order_ends_it_in_its_place() -> None:
    late = [Cut(1, b"ask"), Cut(7, b"", ACK | FIN), Cut(4, b"now"), server(1, b".", 8)]
    assert kinds(told(chunk_from([*HANDSHAKE, *late]))) == [
        ("data", "client", b"ask"), ("data", "client", b"now"), ("close", "client", b""),
        ("data", "server", b"."),
    ]  # fmt: skip


def test_a_reset_ends_both_sides_if_it_is_in_order() -> None:
    forged, real = Cut(500, b"", RST, 0), Cut(4, b"", RST, 0)
    chunk = chunk_from([*HANDSHAKE, Cut(1, b"ask"), forged, server(1, b"yes", 4), real])
    assert kinds(told(chunk)) == [
        ("data", "client", b"ask"), ("data", "server", b"yes"), ("close", "client", b""),
        ("close", "server", b""),
    ]  # fmt: skip
    lost = chunk_from(
        [*HANDSHAKE, Cut(1, b"ask"), Cut(9, b"x"), Cut(4, b"right"), Cut(10, b"", RST)]
    )
    assert kinds(told(lost))[-2:] == [("close", "client", b""), ("close", "server", b"")]


def test_a_reset_is_judged_when_it_comes_however_much_is_at_hand() -> None:
    """What comes behind one is behind the end; what lacks before one is waited for no more."""
    cuts = [*HANDSHAKE, server(4, b"lost", 4), Cut(1, b"ask"), Cut(4, b"", RST), Cut(4, b"more")]
    for most in (1, 2, 3, 5, 100):
        assert kinds(told_in_steps(chunk_from(cuts), most)) == [
            ("data", "client", b"ask"), ("gap", "server", b""), ("data", "server", b"lost"),
            ("close", "client", b""), ("close", "server", b""),
        ]  # fmt: skip


def test_what_a_snap_length_cut_off_lacks() -> None:
    chunk = chunk_from([*HANDSHAKE, Cut(1, b"abcdef", captured=2), Cut(7, b"gh")])
    assert said(told(chunk), "client") == [(b"ab", 0), (b"gh", 4)]


def test_out_of_order_it_goes_back_to_order() -> None:
    """Packets that come in order again are read as soon as they come."""
    cuts = [*HANDSHAKE, Cut(1, b"a"), Cut(3, b"c"), Cut(2, b"b"), Cut(4, b"d"), server(1, b"!", 5)]
    growing, readings = Growing(chunk_from(cuts)), Heard([Recorder])
    seen = []
    for count in range(1, len(cuts) + 1):
        readings.reach(growing.upto(count))
        seen.append(b"".join(each.data for each in readings.since(0)[0]))  # type: ignore[attr-defined]
    assert seen[3:] == [b"a", b"a", b"abc", b"abcd", b"abcd!"]
    assert not readings.is_pending


def test_a_gap_is_told_by_time_alone() -> None:
    """The last packets came; nothing follows but time."""
    cuts = [*HANDSHAKE, Cut(1, b"abc"), Cut(14, b"xyz"), server(1, ack=17)]
    growing, readings = Growing(chunk_from(cuts)), Heard([Recorder])
    start = int(growing.upto(1).parts()[0][2].time_ns[0])
    readings.reach(growing.upto(6), now_ns=start + 10_000)
    assert [each.kind for each in readings.since(0)[0]] == ["data"] and readings.is_pending
    readings.reach(growing.upto(6), now_ns=start + 50_000_000)
    assert len(readings.since(0)[0]) == 1
    readings.reach(growing.upto(6), now_ns=start + 150_000_000)
    assert [each.kind for each in readings.since(0)[0]] == ["data", "gap", "data"]
    assert not readings.is_pending


def test_what_the_peer_has_and_the_capture_has_not_is_told_by_time_too() -> None:
    cuts = [*HANDSHAKE, Cut(1, b"abc"), server(1, ack=17)]
    growing, readings = Growing(chunk_from(cuts)), Heard([Recorder])
    start = int(growing.upto(1).parts()[0][2].time_ns[0])
    for late_ns in (10_000, 150_000_000):
        readings.reach(growing.upto(5), now_ns=start + late_ns)
    assert [(each.kind, each.gap) for each in readings.since(0)[0]] == [("data", 0), ("gap", 13)]  # type: ignore[attr-defined]


def test_a_connection_over_is_let_go() -> None:
    chunk = chunk_from(
        [*HANDSHAKE, Cut(1, b"ask x\n"), Cut(7, b"", ACK | FIN), server(1, ack=8, flags=ACK | FIN)]
    )
    growing, readings = Growing(chunk), Readings([Lines])
    readings.reach(growing.upto(5))
    assert readings.talk(0) is not None and len(readings.waiting()) == 1
    readings.reach(growing.upto(6))
    assert readings.talk(0) is None and readings.waiting() == []
    assert [each.lacking for each in readings.messages()] == ["no answer"]


def test_packets_that_were_let_go_lack() -> None:
    cuts = [*HANDSHAKE, *(Cut(1 + 2 * n, b"ab") for n in range(20))]
    growing, readings = Growing(chunk_from(cuts)), Heard([Recorder])
    readings.reach(growing.upto(8))
    readings.reach(growing.upto(23, first=15), is_final=True)
    found = [each for each in readings.messages() if isinstance(each, Told)]
    assert said(found, "client") == [(b"ab" * 5, 0), (b"ab" * 8, 14)]
    assert readings.let_go == 7


def test_messages_go_with_their_packets() -> None:
    cuts = [*HANDSHAKE, *(Cut(1 + 2 * n, b"ab") for n in range(40))]
    growing, readings = Growing(chunk_from(cuts)), Heard([Recorder])
    for count in range(4, 43):
        readings.reach(growing.upto(count, max(count - 10, 0)))
    assert len(readings.messages()) <= 20
    found, count = readings.since(0)
    assert count == 39 and readings.since(count) == ([], 39)
    assert readings.since(count - 2)[0] == found[-2:]


def test_packets_added_to_what_had_ended_begin_anew() -> None:
    growing, readings = (
        Growing(chunk_from([*HANDSHAKE, Cut(1, b"a"), Cut(2, b"b")])),
        Heard([Recorder]),
    )
    readings.reach(growing.upto(4), is_final=True)
    assert len(readings.messages()) == 1 and readings.is_final
    readings.reach(growing.upto(5), is_final=True)
    assert len(readings.messages()) == 2


def test_ctrl_c_in_the_midst_leaves_nothing_half_read(monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = chunk_from([*HANDSHAKE, *(Cut(1 + n, b"x") for n in range(5))])
    growing, readings = Growing(chunk), Heard([Recorder])
    with monkeypatch.context() as patched:
        patched.setattr(readings, "_deliver", interrupted)
        with pytest.raises(KeyboardInterrupt):
            readings.reach(growing.upto(6))
    readings.reach(growing.upto(8), is_final=True)
    assert len(readings.messages()) == 5


def interrupted(*given: object) -> None:
    raise KeyboardInterrupt


def test_begun_is_what_a_syn_was_seen_of() -> None:
    for opened, begun in ((3, True), (0, False)):
        chunk = chunk_from([*HANDSHAKE[:opened], Cut(1, b"x")])
        readings = Readings([Recorder])
        readings.reach(Growing(chunk).upto(len(chunk)))
        talk = readings.talk(0)
        assert talk is not None and isinstance(talk.decoder, Recorder)
        assert talk.decoder.begun is begun


def test_datagrams_are_read_whole_or_told_to_lack() -> None:
    client, peer = ("10.0.0.1", 4000, "10.0.0.2", 53), ("10.0.0.2", 53, "10.0.0.1", 4000)
    frames = [datagram(*client, b"one"), datagram(*peer, b"uno"), datagram(*client, b"two")]
    chunk = chunk_of([frames[0], frames[1], frames[2][:-1]], wire_lens=list(map(len, frames)))
    readings = Readings([DatagramRecorder])
    readings.reach(Growing(chunk).upto(3), is_final=True)
    found = [each for each in readings.messages() if isinstance(each, Told)]
    assert [(each.kind, each.side, each.data, each.gap, each.packets) for each in found] == [
        ("data", "client", b"one", 0, (0,)), ("data", "server", b"uno", 0, (1,)),
        ("gap", "client", b"", 3, ()),
    ]  # fmt: skip


def datagram(src: str, sport: int, dst: str, dport: int, payload: bytes) -> bytes:
    return bytes(Ether() / IP(src=src, dst=dst) / UDP(sport=sport, dport=dport) / payload)


def test_a_flow_alone_says_what_it_says_among_others() -> None:
    cuts = [*HANDSHAKE, Cut(1, b"ask x\n"), server(1, b"yes\n", 7), Cut(7, b"ask y\n")]
    ours = chunk_from(cuts)
    frames = [ours.frame(at) for at in range(len(ours))]
    others = [
        segment(sport=40001, payload=b"ask z\n", seq=5),
        datagram("10.0.0.1", 9, "10.0.0.2", 9, b"x"),
    ]
    mixed = [frame for pair in zip(frames, others * 3, strict=True) for frame in pair]
    chunk = chunk_of(mixed)
    source = Held([(0, decode(chunk), chunk)])
    readings = Readings([Lines])
    readings.reach(source, is_final=True)
    among = [each for each in readings.messages() if each.flow == 0]
    alone = Readings([Lines], only=0)
    alone.reach(source, is_final=True)
    assert alone.messages() == among and [each.lacking for each in among] == ["", "no answer"]
    walked = Readings([Lines], only=0)
    walked.reach(Alone(Walking(source), 0), is_final=True)
    assert walked.messages() == among
    assert [each.packets for each in walked.messages()] == [each.packets for each in among]


class Walking(Held):
    """A source that keeps nothing of its packets."""

    lasting = False

    def __init__(self, source: Held) -> None:
        super().__init__(source.parts(), source.flows)


def test_many_flows_that_nobody_reads_are_passed_over() -> None:
    frames = [segment(src=f"10.1.{n >> 8}.{n & 255}", payload=b"\0\1", seq=9) for n in range(3000)]
    chunk = chunk_of(frames * 2)
    readings = Readings([Lines])
    readings.reach(Growing(chunk).upto(len(chunk)))
    assert readings.messages() == [] and readings.talk(5) is None


@pytest.mark.parametrize("isn", [1000, 2**32 - 3])
def test_data_in_the_syn_is_read(isn: int) -> None:
    chunk = chunk_from(
        [
            Cut(0, b"early", SYN, 0),
            Cut(0, flags=SYN | ACK, ack=6, by_client=False),
            Cut(6, b"late", ACK),
        ],
        isn,
    )
    assert said(told(chunk), "client") == delivered(chunk, "client")


def test_conversations_go_with_their_packets_and_may_go_on() -> None:
    frames = [
        segment(src=f"10.1.0.{n % 200}", sport=n, payload=b"ask x\n", seq=9) for n in range(1, 400)
    ]
    chunk = chunk_of([*frames, segment(src="10.1.0.1", sport=1, payload=b"ask y\n", seq=15)])
    growing, readings = Growing(chunk), Readings([Lines])
    for count in range(20, 400, 20):
        readings.reach(growing.upto(count, max(count - 50, 0)))
        assert len(readings.waiting()) <= 100
    assert readings.talk(0) is None and readings.talk(350) is not None
    readings.reach(growing.upto(400, 350))
    assert [str(each) for each in readings.of(0)] == ["lines ask y [no answer]"]


def test_what_went_before_its_flow_was_known_is_counted_as_gone() -> None:
    """Packets go on being let go while those that are there are counted."""
    cuts = [*HANDSHAKE, *(Cut(1 + 2 * n, b"ab") for n in range(20))]
    whole = Growing(chunk_from(cuts)).upto(23)
    members = whole.members()
    assert members is not None
    late = Members(10, members.flow[10:], members.side[10:])
    readings = Heard([Recorder])
    while not readings.reach(Held(whole.parts(), whole.flows, late), True, 0, 4):
        pass
    assert readings.let_go == 10
    assert b"".join(each.data for each in readings.since(0)[0]) == b"ab" * 13  # type: ignore[attr-defined]
