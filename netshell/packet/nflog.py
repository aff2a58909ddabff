"""NFLOG: packets that Linux's netfilter logged, each among attributes about it.

https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html: a header of four bytes, then attributes of
a length, a type and a value, in the byte order of the machine that wrote them, each padded to
four bytes. The packet is the value of type 9.
"""

from __future__ import annotations

import numpy as np

from netshell.packet.cursor import Cursor, Rows
from netshell.packet.draft import Draft
from netshell.packet.ethertype import by_version

_HEADER = np.dtype([("family", "u1"), ("version", "u1"), ("resource", ">u2")])
_ATTRIBUTE = np.dtype([("size", "<u2"), ("type", "<u2")])

_FAMILIES = (2, 10)  # AF_INET, AF_INET6
_PAYLOAD = 9
ROUNDS = 64  # attributes looked at; there are some 20 types


def messages(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """Finds the logged packet; IP alone is decoded. Without one, the frame stays as it is."""
    index = np.arange(len(draft))[rows]
    header = cursor.read(index, _HEADER)
    sane = header.whole() & (header["version"] == 0) & np.isin(header["family"], _FAMILIES)
    index = index[sane]
    start = cursor.position[index]
    at = start + _HEADER.itemsize
    left = np.arange(len(index))
    for _ in range(ROUNDS):
        if not len(left):
            break
        now = index[left]
        cursor.position[now] = at[left]
        attribute = cursor.read(now, _ATTRIBUTE)
        size, kind = attribute["size"].astype(np.int64), attribute["type"].astype(np.int64)
        # No type is above 255, so one that is was written in the other byte order.
        other = kind > 0xFF
        size = np.where(other, size >> 8 | (size & 0xFF) << 8, size)
        kind = np.where(other, kind >> 8 | (kind & 0xFF) << 8, kind)
        whole = attribute.whole() & (size >= _ATTRIBUTE.itemsize)
        hit = whole & (kind == _PAYLOAD)
        found = now[hit]
        if len(found):
            stop = at[left][hit] + size[hit]
            cursor.position[found] += _ATTRIBUTE.itemsize
            cursor.end[found] = np.minimum(cursor.end[found], stop)
            cursor.wire_end[found] = np.minimum(cursor.wire_end[found], stop)
            ethertype = by_version(cursor, found)
            draft.ethertype[found] = ethertype
            start[left[hit]] = cursor.position[found]
        at[left] += size + 3 & ~3
        left = left[whole & ~hit]
    cursor.position[index] = start
    cursor.skip(index, 0)
