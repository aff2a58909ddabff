"""UDP (RFC 768), and the ports of UDP-Lite, SCTP and DCCP, which stand in the same place."""

from __future__ import annotations

import numpy as np

from netshell.packet.cursor import LOST, Cursor, rows_where
from netshell.packet.draft import Draft

UDP, UDP_LITE, SCTP, DCCP = 17, 136, 132, 33

_UDP = np.dtype([("sport", ">u2"), ("dport", ">u2"), ("length", ">u2"), ("checksum", ">u2")])
_PORTS = np.dtype([("sport", ">u2"), ("dport", ">u2")])


def decode(draft: Draft, cursor: Cursor) -> None:
    """Fills sport and dport, and moves the cursor behind UDP headers."""
    rows = rows_where(cursor.transport == UDP)
    if rows is not None:
        header = cursor.read(rows, _UDP)
        draft.sport[rows] = header.field("sport", -1)
        draft.dport[rows] = header.field("dport", -1)
        length = header["length"].astype(np.int64)
        position = cursor.position[rows]
        # Zero is a jumbogram's (RFC 2675); less than the header itself is nonsense.
        sane = header.whole() & ((length >= _UDP.itemsize) | (length == 0))
        # A first fragment's length is that of the whole datagram; this frame has less.
        stated = np.where(length > 0, position + length, cursor.wire_end[rows])
        cursor.wire_end[rows] = np.minimum(cursor.wire_end[rows], stated)
        cursor.position[rows] = np.where(sane, position + _UDP.itemsize, LOST)
    transport = cursor.transport
    rows = rows_where((transport == UDP_LITE) | (transport == SCTP) | (transport == DCCP))
    if rows is not None:
        header = cursor.read(rows, _PORTS)
        draft.sport[rows] = header.field("sport", -1)
        draft.dport[rows] = header.field("dport", -1)
