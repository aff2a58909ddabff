"""One side's segments put together: which bytes of which segment make the stream, and what lacks.

Pure arithmetic on sequence numbers (relative ones, unwrapped: :mod:`netshell.flow.segments`); no
byte is looked at. The rules, each with the case it is for:

- A byte that comes twice is the one that was captured first, as with most receivers and Wireshark.
- The stream begins behind the SYN. Without one it begins at the lowest byte that belongs to it.
- It ends before the FIN: the first one with no data behind it by then, so that a forged FIN in
  the middle hides nothing. An RST ends nothing here: receivers ignore forged ones (RFC 5961), and
  what follows one is worth seeing. The RST's own payload is a text about it (RFC 1122 4.2.2.12).
- A byte just before the next new one, alone in its segment, is a keep-alive (RFC 1122 4.2.3.6)
  and no data, unless that one byte is all that lacks by then.
- A segment is believed near others: a jump of more than the peer's window, beyond what the peer
  acknowledged, and more than 16 MiB, is taken for forged. It is left out, with all behind it.
- A frame that was cut (snaplen) gives the bytes it has, and a gap for those it had.

Invariant: nothing is as large as sequence numbers are apart; memory goes with the segments.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.coverage import Pieces, Places, cover, distinct, holes, union, within
from netshell.flow.reuse import FIN, RST, SYN

JUMP = 1 << 24
"""Bytes a segment may be ahead of the others, whatever window the peer offered."""

MOST_AHEAD = 1 << 30
"""Bytes it can be ahead at all: the largest window (RFC 7323 section 2.3)."""

MISSED, AWAITED, CUT = range(3)
"""Why bytes lack: the peer acknowledged them, but the capture has no packet with them; nobody
acknowledged them (lost on the way, or still to come); their packet was captured in part only."""

USED, KEEP_ALIVE, BEFORE, BEHIND, FAR, RESET = range(6)
"""What became of a segment's data; all but the first is left out."""

_LEAST, _HALF = -(1 << 62), 1 << 31


class Sent(NamedTuple):
    """N segments of one side in capture order."""

    start: Places  # number of the first byte of data; that of a SYN counts before it
    length: Places  # of data, on the wire
    captured: Places  # bytes of them that were captured
    flags: NDArray[np.int16]

    def taken(self, which: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Sent:
        """The segments that a mask, slice or index array selects."""
        return Sent(self.start[which], self.length[which], self.captured[which], self.flags[which])


class Known(NamedTuple):
    """What is known of a stream beside the segments at hand."""

    begin: int | None = None  # number of its first byte (or of the next that is wanted)
    begins: bool = False  # whether that is certain: a SYN told it
    fin: int | None = None  # the number of its FIN
    acked: int | None = None  # what the peer acknowledged: everything below it
    since: int | None = None  # what it had acknowledged when it was captured first
    window: int = 0  # the largest the peer offered, bytes
    top: int = _LEAST  # behind the last number used, data_top: behind the last byte of data
    data_top: int = _LEAST


class Gaps(NamedTuple):
    """G stretches without bytes, ascending, each for one reason."""

    start: Places
    end: Places
    reason: NDArray[np.int8]


class Assembly(NamedTuple):
    """A side's stream as far as its segments tell."""

    pieces: Pieces  # who: the segment's place in Sent
    gaps: Gaps
    start: Places  # of each segment, as it was read
    fate: NDArray[np.int8]  # USED ... of each segment
    known: Known  # with these segments; its ``begin`` is set
    end: int  # the number behind the last byte that is known of
    has_jumps: bool = False  # whether the peer's window decides what is believed


def assemble(sent: Sent, known: Known) -> Assembly:
    """The stream that these segments make; raises nothing, whatever the numbers are."""
    return _as_sent(sent, known) or _sorted_out(sent, known)


def _as_sent(sent: Sent, known: Known) -> Assembly | None:
    """The same where nothing is to be sorted out: each segment begins where the one before ends,
    all whole. Most streams are so, and a capture has many; None for others."""
    start, length, flags = sent.start, sent.length, sent.flags
    begin = known.begin if known.begin is not None else next(iter(start[:1].tolist()), None)
    if begin is None or known.fin is not None or (sent.captured < length).any():
        return None
    stop = start + length
    fins = (flags & FIN) > 0
    used = stop + fins
    if (start[:1] != begin).any() or (start[1:] != used[:-1]).any():
        return None
    rows = np.flatnonzero(length)
    pieces = Pieces(start[rows], stop[rows], rows)
    closing = np.flatnonzero(fins)
    end = max(begin, int(stop[-1])) if len(stop) else begin
    fin = None
    if len(closing):
        fin = end = int(stop[closing[0]])
        if len(rows) and rows[-1] > closing[0]:
            return None
    if (known.acked or begin) > end + len(closing) or (flags[rows] & RST).any():
        return None
    top = max([known.top, *used[-1:].tolist()])
    data_top = max([known.data_top, *pieces.end[-1:].tolist()])
    learnt = known._replace(begin=begin, fin=fin, top=top, data_top=data_top)
    nothing = np.zeros(0, np.int64)
    gaps = Gaps(nothing, nothing, nothing.astype(np.int8))
    return Assembly(pieces, gaps, start, np.zeros(len(start), np.int8), learnt, end)


def _sorted_out(sent: Sent, known: Known) -> Assembly:
    """Any segments, by the rules."""
    start, length, flags = sent.start, sent.length, sent.flags
    stop = start + length
    begin = known.begin
    low, high = _believed(start, stop, known)
    near = (start <= high) & (stop >= low)
    odd = ~near if begin is None else ~near | (start < begin - _HALF)
    if odd.any():
        # Unwrapped behind forged numbers, real ones may be off by 2^32: read them near the others.
        around = _before(np.where(odd, _LEAST, stop), _anchor(start, known))
        turns = np.where(odd, (start - around + _HALF) >> 32, 0)
        start, stop = start - (turns << 32), stop - (turns << 32)
        sent = sent._replace(start=start)
        low, high = _believed(start, stop, known)
        near = (start <= high) & (stop >= low)
    top = _before(np.where(near, stop + ((flags & FIN) > 0), _LEAST), known.top)
    has_data = length > 0
    weak = near & (length == 1) & (start == top - 1) & ((flags & (SYN | FIN | RST)) == 0)
    fin = _fin(known, near & ((flags & RST) == 0), has_data, stop, flags)

    fate = np.zeros(len(start), np.int8)
    if begin is not None:
        fate[stop <= begin] = BEFORE
    if fin is not None:
        fate[start >= fin] = BEHIND
    fate[~near] = FAR
    fate[(flags & RST) > 0] = RESET
    fate[~has_data] = USED
    usable = has_data & (fate == USED)

    rows = np.flatnonzero(usable)
    if weak.any():  # they yield to all others
        rows = rows[np.argsort(weak[rows], kind="stable")]
    first, wire = start[rows], stop[rows]
    last = first + np.minimum(sent.captured[rows], length[rows])
    origin = begin
    if begin is None:
        begin = _lowest(first[~weak[rows]], start[near], known.since)
    elif len(first) and int(first.min()) < begin:
        first = np.maximum(first, begin)
    if fin is not None:
        last, wire = np.minimum(last, fin), np.minimum(wire, fin)
    pieces = cover(first, last)
    pieces = Pieces(pieces.start, pieces.end, rows[pieces.who])
    if weak.any():
        pieces = _without_keep_alives(pieces, weak, origin)
        fate[weak] = KEEP_ALIVE
        fate[pieces.who] = USED
    sure = near & ~weak & ((flags & RST) == 0)
    end = max([int(stop[sure].max(initial=begin)), *pieces.end[-1:].tolist()])
    acked, beyond = known.acked, 0
    if acked is not None:
        # An ACK far beyond is for bytes that nobody can have sent.
        beyond = acked - end
        acked = acked if beyond <= max(known.window, JUMP) else end
        end = max(end, acked)
    end = end if fin is None else max(begin, fin)
    gaps = _gaps(pieces, begin, end, (np.maximum(last, begin), wire), acked)
    used = (stop + ((flags & FIN) > 0))[near].max(initial=known.top)
    data_top = stop[near & has_data].max(initial=known.data_top)
    learnt = known._replace(
        begin=begin, fin=fin, top=int(used), data_top=int(data_top)
    )  # fmt: skip
    jumps = beyond > JUMP or not near.all()
    return Assembly(pieces, gaps, start, fate, learnt, end, jumps)


def _believed(start: Places, stop: Places, known: Known) -> tuple[int, int]:
    """The lowest and the highest number at which segments are taken for real."""
    if not len(start):
        return _LEAST, -_LEAST
    limit = max(known.window, JUMP)
    anchor = _anchor(start, known)
    acked = anchor if known.acked is None else known.acked
    order = np.argsort(start, kind="stable")
    starts = start[order]
    ahead = starts - _before(stop[order], anchor)
    jumps = np.flatnonzero((ahead > limit) & (starts > acked + limit))
    high = int(starts[jumps[0]]) - 1 if len(jumps) else -_LEAST
    if known.begin is not None:
        return _LEAST, high
    order = np.argsort(-stop, kind="stable")
    behind = -_before(-start[order], -anchor) - stop[order]
    since = -_LEAST if known.since is None else known.since
    jumps = np.flatnonzero((behind > limit) & (stop[order] < since - limit))
    return (int(stop[order][jumps[0]]) + 1 if len(jumps) else _LEAST), high


def _anchor(start: Places, known: Known) -> int:
    """A number that is surely the stream's: its beginning, or that of the segment in the middle,
    for the first one captured may be forged."""
    return int(np.sort(start)[len(start) // 2]) if known.begin is None else known.begin


def _before(values: Places, least: int) -> Places:
    """The largest of the values before each one, ``least`` at least."""
    return np.maximum.accumulate(np.append(np.int64(least), values))[:-1]


def _fin(
    known: Known, near: NDArray[np.bool_], has_data: NDArray[np.bool_], stop: Places,
    flags: NDArray[np.int16],
) -> int | None:  # fmt: skip
    """The number of the FIN: of the first one that has no data behind it."""
    if known.fin is not None:
        return known.fin
    rows = np.flatnonzero(near & ((flags & FIN) > 0))
    if known.begin is not None:
        rows = rows[stop[rows] >= known.begin]
    if not len(rows):
        return None
    top = _before(np.where(near & has_data, stop, _LEAST), known.data_top)
    rows = rows[stop[rows] >= top[rows]]
    return int(stop[rows[0]]) if len(rows) else None


def _lowest(data: Places, numbers: Places, since: int | None) -> int:
    """Where a stream begins whose SYN was not seen: at its first segment, or at data before it.

    A capture may begin with a keep-alive: one number before those that are acknowledged by then.
    """
    both = numbers[:1].tolist()
    if both and since == both[0] + 1:
        both = [since]
    if len(data):
        both.append(int(data.min()))
    return min(both) if both else 0


def _without_keep_alives(pieces: Pieces, weak: NDArray[np.bool_], begin: int | None) -> Pieces:
    """Of keep-alives' bytes only those stay that are all that lacked when they came."""
    fills = np.append(np.int64(_LEAST if begin is None else begin), pieces.end[:-1]) == pieces.start
    return pieces.taken(~weak[pieces.who] | fills)


def _gaps(
    pieces: Pieces, begin: int, end: int, cut: tuple[Places, Places], acked: int | None
) -> Gaps:
    """What lacks between ``begin`` and ``end``; ``cut``: where packets had more than captured."""
    start, stop = holes(pieces, begin, end)
    if not len(start):
        return Gaps(start, stop, np.zeros(0, np.int8))
    cut_start, cut_end = union(*cut)
    told = begin if acked is None else min(max(acked, begin), end)
    edges = np.concatenate([start, stop, cut_start, cut_end, [told]])
    edges = distinct(edges[(edges >= begin) & (edges <= end)])
    first, last = edges[:-1], edges[1:]
    open_ = within(first, start, stop)
    first, last = first[open_], last[open_]
    reason = np.where(first < told, MISSED, AWAITED).astype(np.int8)
    reason[within(first, cut_start, cut_end)] = CUT
    # Edges inside of a gap that change nothing are none.
    new = np.append(True, (first[1:] != last[:-1]) | (reason[1:] != reason[:-1]))
    return Gaps(first[new], last[np.append(new[1:], True)], reason[new])
