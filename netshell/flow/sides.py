"""The two directions of a flow, as :mod:`netshell.flow.reassembly` takes them."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument, brief
from netshell.flow.given import is_word
from netshell.flow.reassembly import MOST_AHEAD, Assembly, Known, Sent, assemble
from netshell.flow.reuse import ACK, RST, SYN
from netshell.flow.segments import UNKNOWN, Segments

Side = Literal["client", "server"]
SIDES: tuple[Side, ...] = get_args(Side)


class Way(NamedTuple):
    """What one side sent, and what the other one said about it."""

    rows: NDArray[np.intp]  # of the segments
    sent: Sent
    known: Known


def checked(side: object) -> Side:
    """A side that there is. Raises BadArgument."""
    for each in SIDES:
        if is_word(side) and side == each:
            return each
    raise BadArgument(f"side {brief(side)}", next_step='use "client" or "server"')


def way(segments: Segments, captured: NDArray[np.int64], side: Side) -> Way:
    """One direction of the segments of one flow; ``captured`` are their payloads' bytes.

    Without the peer's window (:func:`window`): it costs decoding, and few streams need it.
    """
    by_client = segments.from_client
    own = by_client if side == "client" else ~by_client
    rows = np.flatnonzero(own)
    flags = segments.flags[rows]
    syn = (flags & SYN) > 0
    start = segments.seq[rows] + syn
    sent = Sent(start, segments.length[rows], captured[rows], flags)
    answers = np.flatnonzero(~own)
    peer, ack = segments.flags[answers], segments.ack[answers]
    valid = (ack != UNKNOWN) & ((peer & RST) == 0)
    begin = _first_byte(start[syn & ((flags & RST) == 0)], ack)
    if begin is None:  # the answer to a SYN tells as much
        told = ack[valid & ((peer & (SYN | ACK)) == (SYN | ACK))][:1].tolist()
        begin = told[0] if told else None
    begins = begin is not None
    if len(rows):  # acknowledged, but far from all that was sent: forged
        valid &= ack <= int((start + sent.length).max()) + MOST_AHEAD
    elif begin is None and valid.any():  # nothing but the other side was captured
        begin = int(ack[valid].min())
    acks = ack[valid]
    since, acked = (int(acks[0]), int(acks.max())) if len(acks) else (None, None)
    return Way(rows, sent, Known(begin, begins, None, acked, since))


def window(segments: Segments, side: Side) -> int:
    """The largest window that a side's peer offered, bytes; 0 where none is known."""
    answers = ~segments.from_client if side == "client" else segments.from_client
    found = segments.scaled[answers & segments.scale_known]
    return int(found.max(initial=0))


def put_together(
    segments: Segments, captured: NDArray[np.int64], side: Side
) -> tuple[Way, Assembly]:
    """One side's stream."""
    found = way(segments, captured, side)
    made = assemble(found.sent, found.known)
    if made.has_jumps:
        known = found.known._replace(window=window(segments, side))
        made = assemble(found.sent, known)
    return found, made


def _first_byte(starts: NDArray[np.int64], acks: NDArray[np.int64]) -> int | None:
    """Where the stream begins by its SYNs: the first; of different ones, the first that the peer
    acknowledges to the number (two servers may answer one SYN, and the client takes one)."""
    if not len(starts):
        return None
    if (starts != starts[0]).any():
        told = set(acks.tolist())
        return next((start for start in starts.tolist() if start in told), int(starts[0]))
    return int(starts[0])
