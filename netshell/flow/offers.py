"""What the SYNs of many flows offer, read from their options at once.

RFC 9293 section 3.7.1 (MSS), RFC 7323 section 2 (window scale), RFC 2018 section 2 (SACK
permitted). The capture's column window_scale is there for windows; here is what a SYN says itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.segments import Segments
from netshell.packet.tcp import MSS, SACK_PERMITTED, WINDOW_SCALE

_HEADER = 20  # of TCP, before the options
_MOST = 40  # bytes of options
_TOGETHER = 1 << 14  # SYNs read at once: their bytes stay in the processor's cache
_END, _NOP = 0, 1


DEFAULT_MSS = {4: 536, 6: 1220}
"""By IP version, what a side takes whose SYN does not say it (RFC 9293 section 3.7.1)."""


class Offers(NamedTuple):
    """Of N SYNs: MSS and window scale as they stand there (-1: none), whether SACK is permitted."""

    mss: NDArray[np.int32]
    scale: NDArray[np.int32]
    sack: NDArray[np.bool_]


def offers(segments: Segments, rows: NDArray[np.intp]) -> Offers:
    """What the SYNs in some rows offer.

    What stands behind an option of impossible length counts for nothing, nor does an option that
    was cut off. Of several of one kind, the first one counts.
    """
    found = _fresh(len(rows))
    packets = segments.packet[rows]
    for start, columns, chunk in segments.source.parts():
        mine = np.flatnonzero((packets >= start) & (packets < start + len(chunk)))
        for begin in range(0, len(mine), _TOGETHER):
            block = mine[begin : begin + _TOGETHER]
            at = packets[block] - start
            stop = columns.group("flow")["payload_offset"][at].astype(np.int64)
            size = columns.group("detail")["data_offset"][at].astype(np.int64) - _HEADER
            first = stop - size
            size = np.clip(np.minimum(stop, chunk.captured_len[at]) - first, 0, _MOST)
            place = np.arange(_MOST)
            inside = place < size[:, None]
            where = (chunk.offset[at] + first)[:, None] + place
            octets = np.where(inside, chunk.data[np.where(inside, where, 0)], _END)
            for all_values, values in zip(found, _read(octets, size), strict=True):
                all_values[block] = values
    return found


def _read(octets: NDArray[np.uint8], size: NDArray[np.int64]) -> Offers:
    """The options of N SYNs, side by side: one option of each a step."""
    count = len(octets)
    found = _fresh(count)
    left, at = np.arange(count), np.zeros(count, np.int64)
    for _ in range(_MOST):
        inside = at < size[left]
        left, at = left[inside], at[inside]
        kind = octets[left, at]
        single = kind == _NOP
        going = (kind != _END) & (single | (at + 1 < size[left]))
        left, at, kind, single = left[going], at[going], kind[going], single[going]
        if not len(left):
            break
        length = np.where(single, 1, octets[left, np.minimum(at + 1, _MOST - 1)]).astype(np.int64)
        whole = (single | (length >= 2)) & (at + length <= size[left])
        left, at, kind, length = left[whole], at[whole], kind[whole], length[whole]
        found.sack[left[(kind == SACK_PERMITTED) & (length == 2)]] = True
        told = (kind == MSS) & (length == 4) & (found.mss[left] < 0)
        rows, place = left[told], at[told]
        found.mss[rows] = octets[rows, place + 2].astype(np.int32) << 8 | octets[rows, place + 3]
        told = (kind == WINDOW_SCALE) & (length == 3) & (found.scale[left] < 0)
        found.scale[left[told]] = octets[left[told], at[told] + 2]
        at = at + length
    return found


def _fresh(count: int) -> Offers:
    none = np.full(count, -1, np.int32)
    return Offers(none, none.copy(), np.zeros(count, np.bool_))
