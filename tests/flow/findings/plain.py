"""The rules of the findings, read one segment after the other: what the arrays must equal.

The order of the questions is that of Wireshark's analysis (its packet-tcp.c).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from netshell.flow.segments import UNKNOWN, Segments

FIN, SYN, RST, ACK = 1, 2, 4, 16
SFR = SYN | FIN | RST


@dataclass
class Side:
    """What is known of one side after its last segment."""

    expected: int | None = None
    expected_ns: int = 0
    covered: int | None = None  # up to here nothing is missing
    ack: int = UNKNOWN
    time_ns: int = 0
    window: int | None = None
    duplicates: int = 0
    blind: bool = False  # it was acknowledged beyond what was seen
    probed: bool = False
    kept_alive: bool = False
    scale: int = -1
    scaled: bool = False  # its last window was not that of a SYN
    base: int | None = None


@dataclass
class Flow:
    sides: tuple[Side, Side] = field(default_factory=lambda: (Side(), Side()))
    syn_ns: int | None = None
    rtt_ns: int = 0


def plain(segments: Segments, offers: dict[int, int]) -> dict[int, set[str]]:
    """The kinds of findings of each packet that has one; ``offers`` has the scale of each SYN by
    its row, -2 for none."""
    found: dict[int, set[str]] = {}
    for i in range(len(segments.numbers)):
        flow = Flow()
        for row in range(int(segments.begin[i]), int(segments.begin[i + 1])):
            kinds = judge(flow, segments, row, offers.get(row))
            if row == segments.begin[i] and segments.reused[i]:
                kinds.add("reused_ports")
            if kinds:
                found[int(segments.packet[row])] = kinds
    return found


def judge(flow: Flow, segments: Segments, row: int, offer: int | None) -> set[str]:
    names = ("flags", "seq", "ack", "length", "window", "time_ns")
    flags, seq, ack, size, window, now = (int(getattr(segments, name)[row]) for name in names)
    end = seq + size + bool(flags & SYN) + bool(flags & FIN)
    client = bool(segments.from_client[row])
    own, peer = flow.sides if client else flow.sides[::-1]
    kinds: set[str] = set()
    plain = not flags & SFR
    if flags & (SYN | ACK) == SYN | ACK and own.base not in (None, seq):
        kinds.add("reused_ports")
    if flags & (SYN | ACK) == SYN and own.expected is not None:
        own.expected = own.covered
    if own.base is None or flags & (SYN | ACK) == SYN | ACK:
        own.base = seq - (not flags & SYN)
    if peer.base is None and flags & ACK:
        peer.base = ack - 1

    at_edge = seq == own.expected
    probe = size == 1 and at_edge and peer.window == 0
    same = plain and size == 0 and at_edge and ack == own.ack
    keep_alive = (
        not probe and plain and size <= 1 and own.expected is not None and seq == own.expected - 1
    )
    if probe:
        kinds.add("zero_window_probe")
    else:
        if window == 0 and plain:
            kinds.add("zero_window")
        if own.expected is not None and seq > own.expected and not flags & RST:
            kinds.add("lost_segment")
        if keep_alive:
            kinds.add("keep_alive")
        if same and window and window != own.window:
            kinds.add("window_update")
        if peer.scale != -1 and size and plain and peer.ack != UNKNOWN:
            shift = max(peer.scale, 0) if peer.scaled else 0
            if seq + size == peer.ack + (peer.window << shift):
                kinds.add("window_full")
        if same and window == own.window:
            if window and peer.kept_alive:
                kinds.add("keep_alive_ack")
            elif window:
                own.duplicates += 1
                own.blind = False
                kinds.add("duplicate_ack")
            elif peer.probed:
                kinds.add("zero_window_probe_ack")
    if ack != own.ack:
        own.duplicates, own.blind = 0, False

    if flags & ACK and peer.covered is not None and ack > peer.covered:
        if peer.covered < peer.expected:
            peer.covered = peer.expected
            kinds.add("ack_lost_segment")
        else:
            if not peer.duplicates and not peer.blind:
                kinds.add("ack_lost_segment")
            peer.duplicates, peer.blind = 0, True

    if end > seq and not keep_alive:
        again = own.expected is not None and seq < own.expected
        if size > 1 and own.expected is not None and seq == own.expected - 1:
            again = False
        limit = flow.rtt_ns or 3_000_000
        if size and peer.ack != UNKNOWN and seq + size <= peer.ack:
            kinds |= {"spurious_retransmission", "retransmission"}
        elif again:
            asked = (peer.duplicates >= 2 or peer.blind) and peer.ack == seq
            if asked and 0 <= now - peer.time_ns < 20_000_000:
                kinds |= {"fast_retransmission", "retransmission"}
            elif 0 <= now - own.expected_ns < limit and end != own.expected:
                kinds.add("out_of_order")
            else:
                kinds.add("retransmission")

    if not probe:
        if own.expected is None or end > own.expected:
            own.expected, own.expected_ns = end, now
        if own.covered is None or seq == own.covered:
            own.covered = own.expected
    own.ack, own.window, own.time_ns = ack, window, now
    own.probed, own.kept_alive = probe, keep_alive
    if flags & SYN:
        _offered(own, peer, offer, bool(flags & ACK))
        own.scaled = False
        if not flags & ACK:
            flow.syn_ns = now
    else:
        own.scaled = True
        if flags & ACK and flow.syn_ns is not None and not flow.rtt_ns:
            flow.rtt_ns = now - flow.syn_ns
    return kinds


def _offered(own: Side, peer: Side, offer: int | None, is_answer: bool) -> None:
    if offer is not None and offer >= 0 and own.scale != -2:
        own.scale = offer
    if own.scale == -1:
        own.scale = peer.scale = -2
    elif is_answer and peer.scale == -2:
        own.scale = -2
