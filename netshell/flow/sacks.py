"""The blocks of selective acknowledgments, read from the options of many segments at once.

RFC 2018 section 3: kind 5, then pairs of absolute numbers, the first one received and the first one
not. Up to four fit into a header.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.segments import UNKNOWN, Segments

_HEADER = 20  # of TCP, before the options
_MOST = 40  # bytes of options
_LEAST = 12  # bytes of options, aligned, that have room for one block
_TOGETHER = 1 << 14  # segments read at once: their bytes stay in the processor's cache
_END, _NOP, _SACK = 0, 1, 5


class Blocks(NamedTuple):
    """B blocks: the row that reported each, and its numbers, relative as ``ack`` of that row."""

    row: NDArray[np.intp]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


def sacked(segments: Segments, rows: NDArray[np.intp]) -> Blocks:
    """The blocks that the segments in some rows (ascending) report; raises nothing.

    Options that were cut off, or stand behind one of impossible length, count for nothing; so do
    the segments of a side that acknowledges nothing.
    """
    rows = rows[segments.ack[rows] != UNKNOWN]
    packets = segments.packet[rows]
    which: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    edges: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    for start, columns, chunk in segments.source.parts():
        mine = slice(*np.searchsorted(packets, [start, start + len(chunk)]).tolist())
        at = packets[mine] - start
        if not len(at):
            continue
        header = columns.group("detail")["data_offset"][at].astype(np.int64)
        long = np.flatnonzero(header - _HEADER >= _LEAST)
        acks = columns.group("flow")["ack"][at].astype(np.int64)
        for begin in range(0, len(long), _TOGETHER):
            few = long[begin : begin + _TOGETHER]
            stop = columns.group("flow")["payload_offset"][at[few]].astype(np.int64)
            first = stop - (header[few] - _HEADER)
            size = np.clip(np.minimum(stop, chunk.captured_len[at[few]]) - first, 0, _MOST)
            place = np.arange(_MOST)
            inside = place < size[:, None]
            where = (chunk.offset[at[few]] + first)[:, None] + place
            octets = np.where(inside, chunk.data[np.where(inside, where, 0)], _END)
            found, both = _read(octets, size)
            row = rows[mine][few[found]]
            # Nearest to the acknowledgment in the same header: the numbers wrap.
            apart = (both - acks[few[found]][:, None]).astype(np.uint32).view(np.int32)
            which.append(row)
            edges.append(segments.ack[row][:, None] + apart.astype(np.int64))
    row, numbers = np.concatenate(which), np.concatenate(edges)
    sound = numbers[:, 1] > numbers[:, 0]
    return Blocks(row[sound], numbers[sound, 0], numbers[sound, 1])


def _read(
    octets: NDArray[np.uint8], size: NDArray[np.int64]
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Of N segments' options, those with a block and the block's numbers: one option a step."""
    left, at = np.arange(len(octets)), np.zeros(len(octets), np.int64)
    which: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    edges: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    for _ in range(_MOST):
        inside = at + 1 < size[left]
        left, at = left[inside], at[inside]
        kind = octets[left, at]
        going = kind != _END
        left, at, kind = left[going], at[going], kind[going]
        if not len(left):
            break
        length = np.where(kind == _NOP, 1, octets[left, at + 1]).astype(np.int64)
        whole = ((kind == _NOP) | (length >= 2)) & (at + length <= size[left])
        left, at, kind, length = left[whole], at[whole], kind[whole], length[whole]
        for block in range(4):
            told = (kind == _SACK) & (length >= 10 + 8 * block) & (length % 8 == 2)
            place = at[told][:, None] + 2 + 8 * block + np.arange(8)
            words = octets[left[told][:, None], place].copy().view(">u4").astype(np.int64)
            which.append(left[told])
            edges.append(words)
        at = at + length
    return np.concatenate(which), np.concatenate(edges)
