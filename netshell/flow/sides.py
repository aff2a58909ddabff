"""The two directions of a flow, as :mod:`netshell.flow.assembly` takes them."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument
from netshell.flow.assembly import JUMP, Known, Sent
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
        if side == each:
            return each
    raise BadArgument(f"side {side!r:.40}", next_step='use "client" or "server"')


def way(segments: Segments, captured: NDArray[np.int64], side: Side) -> Way:
    """One direction of the segments of one flow; ``captured`` are their payloads' bytes."""
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
    scaled = segments.scaled[answers]
    window = int(scaled[segments.scale_known[answers]].max(initial=0))
    if len(rows):  # acknowledged, but far from all that was sent: forged
        valid &= ack <= int((start + sent.length).max()) + max(window, JUMP)
    elif begin is None and valid.any():  # nothing but the other side was captured
        begin = int(ack[valid].min())
    acked = int(ack[valid].max()) if valid.any() else None
    return Way(rows, sent, Known(begin, begins, None, acked, window))


def _first_byte(starts: NDArray[np.int64], acks: NDArray[np.int64]) -> int | None:
    """Where the stream begins by its SYNs: the first; of different ones, the first that the peer
    acknowledges to the number (two servers may answer one SYN, and the client takes one)."""
    if not len(starts):
        return None
    if (starts != starts[0]).any():
        starts = np.append(starts[np.isin(starts, acks)], starts)
    return int(starts[0])
