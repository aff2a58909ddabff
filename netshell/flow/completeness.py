"""Which kinds of segments of a connection the capture has, as one number: tshark's
``tcp.completeness``.

    1  SYN      2  SYN,ACK      4  ACK      8  data      16  FIN      32  RST

31 is a connection from its first packet to its last; 39 one that a RST ended, without data.
As tshark 4.0 does, a SYN behind the SYN,ACK counts for nothing, nor does what has no ACK flag and
opens nothing; unlike it, the first packet of a connection that was under way counts, and data in
the SYN of one on ports used before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netshell.flow.reuse import ACK, FIN, RST, SYN, first_in
from netshell.flow.segments import Segments

BITS = ((1, "SYN"), (2, "SYN,ACK"), (4, "ACK"), (8, "data"), (16, "FIN"), (32, "RST"))


def completeness(segments: Segments) -> NDArray[np.int64]:
    """The number of each flow, 0 without segments."""
    flags, begin, end = segments.flags, segments.begin[:-1], segments.begin[1:]
    syn, ack, data = (flags & SYN) > 0, (flags & ACK) > 0, segments.length > 0
    answer = syn & ack
    first = first_in(answer, begin, end)
    answered = np.repeat(np.where(first < 0, len(flags), first), end - begin)
    opening = syn & ~ack & (np.arange(len(flags)) < answered)
    marks = (
        opening,
        answer,
        ack & ~syn & ~data,
        data & (opening | (ack & ~syn)),
        ack & ((flags & FIN) > 0),
        (flags & RST) > 0,
    )
    bits = np.zeros(len(flags), np.uint8)
    for (bit, _), mark in zip(BITS, marks, strict=True):
        bits[mark] |= bit
    found = np.zeros(len(segments.numbers), np.int64)
    there = end > begin
    if there.any():
        found[there] = np.bitwise_or.reduceat(bits, begin[there])
    return found


def kinds(number: int) -> str:
    """
    >>> kinds(31)
    'SYN, SYN,ACK, ACK, data, FIN'
    """
    return ", ".join(name for bit, name in BITS if number & bit)
