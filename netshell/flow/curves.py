"""What each picture of a flow shows, as arrays: the sender's bytes and what the other side says.

"sequence" is the time-sequence graph of tcptrace (http://www.tcptrace.org): when which bytes were
sent, acknowledged and allowed. All numbers are relative (:mod:`netshell.flow.segments`), all times
seconds since the flow's first packet, as they were where the capture was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from netshell.flow.coverage import cover
from netshell.flow.findings import (
    fast_retransmission,
    out_of_order,
    retransmission,
    spurious_retransmission,
    zero_window,
)
from netshell.flow.findings.running import Running
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.round_trips import round_trips
from netshell.flow.sacks import sacked
from netshell.flow.segments import UNKNOWN, Segments
from netshell.flow.thinning import Curve, Floats
from netshell.view import Axis, Style
from netshell.view.ticks import in_unit

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]

BINS = 120
"""A throughput has at most so many bins."""
AHEAD = 0.5
"""How far above the data a window's edge is drawn, as a part of the data's height."""
FEW = 10
"""A side with less than one of so many round trips of the other one has few."""
TIME = Axis("time since the flow's start", "s")


@dataclass
class Told:
    """One flow's segments, seen from the side whose data is drawn.

    ``notes`` receives what the picture cannot show.
    """

    segments: Segments
    start_ns: int
    side: Literal["client", "server"]
    between: tuple[float, float] | None
    notes: list[str]

    @cached_property
    def running(self) -> Running:
        return Running(self.segments)

    @cached_property
    def time(self) -> Floats:
        since: Floats = (self.segments.time_ns - self.start_ns) / 1e9
        return since

    @cached_property
    def own(self) -> Mask:
        """What the side sent."""
        client = self.segments.from_client
        return client if self.side == "client" else ~client

    @property
    def other(self) -> str:
        return "server" if self.side == "client" else "client"

    @cached_property
    def data(self) -> Rows:
        return np.flatnonzero(self.own & (self.segments.length > 0))

    @cached_property
    def acks(self) -> Rows:
        """What the other side acknowledged, in the order of time; forged numbers left out."""
        segments, peer = self.segments, ~self.own
        rows = np.flatnonzero(
            peer & (segments.ack != UNKNOWN) & ((segments.flags & (ACK | RST)) == ACK)
        )
        if self.own.any():  # nobody acknowledges more than a window beyond what was seen
            rows = rows[segments.ack[rows] <= int(segments.end[self.own].max()) + (1 << 30)]
        return self.sorted(rows)

    def sorted(self, rows: Rows) -> Rows:
        """By time: the clock of a capture may go back."""
        return rows[np.argsort(self.segments.time_ns[rows], kind="stable")]

    def shown(self, time: Floats) -> Mask:
        """Which of some times are in the picture."""
        low, high = self.between or (-np.inf, np.inf)
        return (time >= low) & (time <= high)

    def of_side(self, *finds: Callable[[Running], Rows]) -> Rows:
        """What of the side's segments some findings have."""
        return np.flatnonzero(self.running.marked(*finds) & self.own)


def sequence(told: Told) -> Iterator[Curve]:
    """The time-sequence graph."""
    segments, time, acks = told.segments, told.time, told.acks
    again = told.of_side(
        retransmission.find, fast_retransmission.find, spurious_retransmission.find
    )
    late = told.of_side(out_of_order.find)
    blocks = sacked(segments, acks[np.argsort(acks)])
    highest = np.maximum.accumulate(segments.ack[acks])
    edge = segments.ack[acks] + segments.scaled[acks]
    if not segments.scale_known[acks].all():
        told.notes.append(UNSCALED)
    yield from _edge(told, time[acks], edge.astype(float))
    yield Curve("acknowledged", "steps", time[acks], highest.astype(float), style="good")
    usual = np.ones(len(segments), np.bool_)
    usual[again] = usual[late] = False
    yield _bars(told, told.data[usual[told.data]], _counted(told, "data", told.data))
    start, end = blocks.start.astype(float), blocks.end.astype(float)
    name = _counted(told, "SACK blocks", blocks.row)
    yield Curve(name, "bars", time[blocks.row], end, start, "received", "s", is_dashed=True)
    yield _bars(told, late, "", "key", "O")
    yield _bars(told, again, "", "bad", "R")
    yield _marks(told, late, segments.end, "out of order", "key", "O")
    yield _marks(told, again, segments.end, "retransmitted", "bad", "R")
    yield _zero_windows(told, segments.ack)
    yield from _ends(told)


def _bars(told: Told, rows: Rows, name: str, style: Style = "", mark: str = "") -> Curve:
    """Each segment from its first number to the one behind its last."""
    segments = told.segments
    start, end = segments.seq[rows].astype(float), segments.end[rows].astype(float)
    return Curve(name, "bars", told.time[rows], end, start, style, mark)


def _marks(
    told: Told, rows: Rows, height: NDArray[np.int64], name: str, style: Style, mark: str
) -> Curve:
    """A letter for each of some segments, as far as its height is known."""
    rows = rows[height[rows] != UNKNOWN]
    y = height[rows].astype(float)
    return Curve(_counted(told, name, rows), "marks", told.time[rows], y, None, style, mark)


UNSCALED = (
    "the windows' scale is not known (no SYNs captured): they are drawn as written, "
    "and may be up to 16,384 times as large"
)


def _edge(told: Told, x: Floats, edge: Floats) -> Iterator[Curve]:
    """The window's edge, as far as it is near the data: else the data would be a flat line."""
    segments, name = told.segments, "window's edge"
    if not len(edge):
        return
    if len(told.data):
        low, high = int(segments.seq[told.data].min()), int(segments.end[told.data].max())
        limit = high + AHEAD * (high - low)
        far = edge > limit
        size = in_unit(float((edge - segments.ack[told.acks]).max()), "B")
        if far.all():
            told.notes.append(
                f"the window's edge is above the picture: a window of up to {size} is open"
            )
            return
        if far.any():
            told.notes.append(
                f"at its top, the window's edge is above the picture: windows of up to {size}"
            )
            edge = np.minimum(edge, limit)
    yield Curve(name, "steps", x, edge, style="warn", is_dashed=True)


def _zero_windows(told: Told, height: NDArray[np.int64]) -> Curve:
    """Where the other side takes nothing more."""
    rows = np.flatnonzero(told.running.marked(zero_window.find) & ~told.own)
    return _marks(told, rows, height, "zero window", "bad", "Z")


def _ends(told: Told) -> Iterator[Curve]:
    """How it was opened and closed: numbers of the side, or acknowledged by the other one."""
    segments = told.segments
    said = np.maximum.accumulate(np.where(told.own, UNKNOWN, segments.ack))
    said = np.where(said == UNKNOWN, 0, said)  # its first SYN, or a RST without a number
    height = np.where(told.own, segments.seq, np.where(segments.ack == UNKNOWN, said, segments.ack))
    height = np.where(told.own & ((segments.flags & FIN) > 0), segments.end, height)
    for name, bit, style, mark in _FLAGS:
        yield _marks(told, np.flatnonzero((segments.flags & bit) > 0), height, name, style, mark)


_FLAGS: tuple[tuple[str, int, Style, str], ...] = (
    ("SYN", SYN, "key", "S"),
    ("FIN", FIN, "key", "F"),
    ("RST", RST, "bad", "X"),
)


def throughput(told: Told) -> Iterator[Curve]:
    """Payload, each byte once when it first came, and whole frames, in bins of equal length."""
    segments, time = told.segments, told.time
    start, end = float(time.min()), float(time.max())
    if told.between is not None:
        start, end = max(start, told.between[0]), min(end, told.between[1])
    if not end > start:
        return
    width = _bin((end - start) / BINS)
    first = int(np.floor(start / width))
    count = int(np.floor(end / width)) - first + 1
    edges = np.arange(first, first + count + 1).astype(float) * width

    def rate(rows: Rows, amount: NDArray[np.int64]) -> Floats:
        at = np.floor(time[rows] / width).astype(np.int64) - first
        inside = (at >= 0) & (at < count)
        found = np.bincount(at[inside], amount[inside], count) / width
        both: Floats = np.append(found, found[-1:])
        return both

    own, data = np.flatnonzero(told.own), told.data
    starts = segments.seq[data] + ((segments.flags[data] & SYN) > 0)
    pieces = cover(starts, starts + segments.length[data])
    fresh = rate(data[pieces.who], pieces.end - pieces.start)
    wire = rate(own, _wire_lengths(segments)[own])
    told.notes.append(
        f"bins of {in_unit(width, 's')}; on average {in_unit(float(fresh[:-1].mean()), 'B/s')} "
        f"of payload, {in_unit(float(wire[:-1].mean()), 'B/s')} on the wire"
    )
    yield Curve("on the wire: whole frames", "steps", edges, wire, style="warn", is_dashed=True)
    yield Curve("goodput: each byte of payload once", "steps", edges, fresh, style="good")


def _bin(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below the least."""
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9)))


def _wire_lengths(segments: Segments) -> NDArray[np.int64]:
    """Of each segment, the bytes of its frame on the wire."""
    found = np.zeros(len(segments), np.int64)
    for start, _, chunk in segments.source.parts():
        rows = slice(*np.searchsorted(segments.packet, [start, start + len(chunk)]).tolist())
        found[rows] = chunk.wire_len[segments.packet[rows] - start]
    return found


def rtt(told: Told) -> Iterator[Curve]:
    """How long data took to be acknowledged, at the time it was sent."""
    segments, time = told.segments, told.time
    data, _, ns = round_trips(told.running, by_client=told.side == "client")
    if not len(data):
        return
    handshake = _handshake(segments, told.side)
    if handshake is not None:
        sent, answer = handshake
        took = max(float(time[answer] - time[sent]), 0.0)
        name = "SYN to SYN,ACK" if told.side == "client" else "SYN,ACK to ACK"
        yield Curve(
            f"{name}: {in_unit(took, 's')}", "steps", np.array([time[sent], time[data].max()]),
            np.full(2, took), style="good", is_dashed=True,
        )  # fmt: skip
    told.notes.append(
        f"from the capture to the {told.other} and back; its delayed acknowledgments are in it, "
        "retransmitted data is not (Karn's rule)"
    )
    near = ns[told.shown(time[data])]
    middle = f", median {in_unit(float(np.median(near)) / 1e9, 's')}" if len(near) else ""
    yield Curve(f"acknowledged data ({len(near):,}){middle}", "dots", time[data], ns / 1e9)
    if others := len(round_trips(told.running, by_client=told.side != "client")[0]):
        trips = "round trip" if others == 1 else "round trips"
        told.notes.append(
            f'the {told.other}\'s data has {others:,} {trips}: .plot("rtt", "{told.other}")'
        )


def farther(segments: Segments) -> Literal["client", "server"] | None:
    """Whose data the other end acknowledges from farther away: of which the least round trip is
    the longer; None without any. A side with few beside the other's says less than that one."""
    running = Running(segments)
    sides: tuple[Literal["client", "server"], ...] = ("client", "server")
    found = {side: round_trips(running, by_client=side == "client")[2] for side in sides}
    most = max(map(len, found.values()))
    least = {side: int(ns.min()) for side, ns in found.items() if len(ns) * FEW >= most > 0}
    if not least:
        return None
    return max(least, key=least.__getitem__)


def _handshake(segments: Segments, side: str) -> tuple[int, int] | None:
    """The rows of what the side sent of the handshake and of the answer; None if it is not known,
    or one of several."""
    kind, client = segments.flags & (SYN | ACK), segments.from_client
    answers = np.flatnonzero((kind == SYN | ACK) & ~client)
    if not len(answers):
        return None
    at = int(answers[0])
    if side == "client":
        syns = np.flatnonzero((kind[:at] == SYN) & client[:at])
        return (int(syns[0]), at) if len(syns) == 1 else None
    third = np.flatnonzero((kind[at:] == ACK) & client[at:])
    return (at, at + int(third[0])) if len(answers) == 1 and len(third) else None


def window(told: Told) -> Iterator[Curve]:
    """What the other side would take, and what of the side's data is on its way."""
    segments, time, acks = told.segments, told.time, told.acks
    if not len(told.data):
        return
    if not segments.scale_known[acks].all():
        told.notes.append(UNSCALED)
    offered = segments.scaled[acks].astype(float)
    yield Curve(
        f"window that the {told.other} offers", "steps", time[acks], offered,
        style="warn", is_dashed=True,
    )  # fmt: skip
    rows = told.sorted(np.flatnonzero(told.own | np.isin(np.arange(len(time)), acks)))
    own = told.own[rows]
    sent = np.maximum.accumulate(np.where(own, segments.end[rows], UNKNOWN))
    got = np.maximum.accumulate(np.where(own, UNKNOWN, segments.ack[rows]))
    known = (sent != UNKNOWN) & (got != UNKNOWN)
    flight = np.maximum(sent - got, 0)[known].astype(float)
    yield Curve(f"in flight from the {told.side}", "steps", time[rows][known], flight, style="good")
    yield _zero_windows(told, np.zeros(len(time), np.int64))


def _counted(told: Told, name: str, rows: Rows) -> str:
    """A name with how many there are, of those that the picture shows."""
    return f"{name} ({int(told.shown(told.time[rows]).sum()):,})"


@dataclass(frozen=True)
class Picture:
    """One kind: its name in titles, its vertical axis, its curves."""

    name: str
    axis: Axis
    curves: Callable[[Told], Iterator[Curve]]


PICTURES: dict[str, Picture] = {
    "sequence": Picture("time and sequence", Axis("sequence number, relative", "B"), sequence),
    "throughput": Picture("throughput", Axis("throughput", "B/s"), throughput),
    "rtt": Picture("round-trip time", Axis("time until acknowledged", "s"), rtt),
    "window": Picture("window", Axis("receive window and bytes in flight", "B"), window),
}
