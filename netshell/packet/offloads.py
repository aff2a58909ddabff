"""Which of many captured TCP packets are several in one: :mod:`netshell.packet.offload` at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import ETHERNET, LOOP, NULL, SLL, SLL2, Chunk
from netshell.packet.offload import JUMBO, USUAL
from netshell.packet.table import Columns

_CHECKSUM = 16  # its place in a TCP header
_LOOPBACK = 772  # ARPHRD_LOOPBACK
_ONES = 0xFFFF
_TCP = 6


def offloaded(columns: Columns, chunk: Chunk, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """For each of some rows, which are TCP segments, whether packet.offload has something to say.

    ``columns`` and ``chunk`` are the same packets, decoded and raw. Raises nothing.
    """
    found = chunk.wire_len[rows] > USUAL
    at = np.flatnonzero(found)
    rows = rows[at]
    if not len(rows):
        return found
    few, raw = columns[rows], chunk[rows]
    link = few.link
    unsized = (few.ip_version > 0) & (few.ip_len == 0) & (few.payload_len > 0)
    known = np.isin(link, (ETHERNET, SLL, SLL2))
    beyond = (raw.wire_len > JUMBO) & known
    found[at] = (unsized | beyond | _unfilled(few, raw)) & ~_on_loopback(link, raw)
    return found


def _word(chunk: Chunk, place: Any) -> tuple[Any, Any]:
    """The 16 bits at a place of each frame, and whether they were captured."""
    there = (place >= 0) & (place + 2 <= chunk.captured_len)
    where = np.where(there, chunk.offset + place, 0)
    if not len(chunk.data):
        return np.zeros(len(chunk), np.int64), there
    high, low = chunk.data[where], chunk.data[np.where(there, where + 1, 0)]
    return high.astype(np.int64) << 8 | low, there


def _on_loopback(link: Any, chunk: Chunk) -> Any:
    zero = link == ETHERNET
    for place in range(0, 12, 2):
        value, there = _word(chunk, np.full(len(chunk), place))
        zero &= there & (value == 0)
    cooked, there = _word(chunk, np.where(link == SLL, 2, 8))
    cooked = there & (cooked == _LOOPBACK) & np.isin(link, (SLL, SLL2))
    return zero | cooked | np.isin(link, (NULL, LOOP))


def _unfilled(columns: Columns, chunk: Chunk) -> Any:
    """Whether the pseudo header's sum stands where the checksum belongs."""
    header = columns.data_offset.astype(np.int64)
    start = columns.payload_offset.astype(np.int64) - header
    value, there = _word(chunk, start + _CHECKSUM)
    whole = (columns.fragment_offset == 0) & ~columns.more_fragments & (columns.ip_version > 0)
    whole &= there & (start >= 0) & (header > _CHECKSUM) & (columns.payload_len >= 0)
    # The prefix of IPv4 addresses, ::ffff, adds nothing to a sum of ones' complement.
    words = np.concatenate([columns.src, columns.dst], axis=1).astype(np.int64)
    pseudo = (words[:, ::2].sum(axis=1) << 8) + words[:, 1::2].sum(axis=1)
    pseudo += _TCP + header + columns.payload_len
    return whole & (value > 0) & (value % _ONES == pseudo % _ONES)
