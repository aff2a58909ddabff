"""Which kinds of segments of a connection the capture has, as one number: tshark's
``tcp.completeness``.

    1  SYN      2  SYN,ACK      4  ACK      8  data      16  FIN      32  RST

31 is a connection from its first packet to its last; 39 one that a RST ended, without data.
tshark 4.0 leaves out ACK or data of the first packet of a connection that was under way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments

BITS = ((1, "SYN"), (2, "SYN,ACK"), (4, "ACK"), (8, "data"), (16, "FIN"), (32, "RST"))


def completeness(segments: Segments) -> NDArray[np.int64]:
    """The number of each flow, 0 without segments."""
    flags, data = segments.flags, segments.length > 0
    syn, ack = (flags & SYN) > 0, (flags & ACK) > 0
    marks = (syn & ~ack, syn & ack, ack & ~syn & ~data, data, (flags & FIN) > 0, (flags & RST) > 0)
    bits = np.zeros(len(flags), np.uint8)
    for (bit, _), mark in zip(BITS, marks, strict=True):
        bits[mark] |= bit
    found = np.zeros(len(segments.numbers), np.int64)
    there = segments.begin[1:] > segments.begin[:-1]
    if there.any():
        found[there] = np.bitwise_or.reduceat(bits, segments.begin[:-1][there])
    return found


def kinds(number: int) -> str:
    """
    >>> kinds(31)
    'SYN, SYN,ACK, ACK, data, FIN'
    """
    return ", ".join(name for bit, name in BITS if number & bit)
