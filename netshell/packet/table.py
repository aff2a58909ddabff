"""Frames to columns: the one place where the layers are put together.

:func:`decode` takes a chunk of raw frames and returns :class:`Columns`, one numpy array per field
of :data:`netshell.packet.schema.COLUMNS`, decoded when asked for. Every layer works on all frames
at once; nothing here or below loops over packets. Damaged or cut frames never raise: what could
not be decoded is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from netshell.packet import ip, link, plain, tcp, tunnel, udp
from netshell.packet.chunk import Chunk
from netshell.packet.columns import (
    BITS,
    NARROW,
    Columns,
    Group,
    collapsed,
    joined,
    names_of,
)
from netshell.packet.cursor import LOST, Cursor, Rows
from netshell.packet.draft import Addresses, Draft
from netshell.packet.schema import COLUMNS

__all__ = ["Columns", "decode"]

_BLOCK = 16_384
"""Frames decoded together: what is worked on stays in the processor's cache."""

_DTYPES = {field.name: NARROW.get(field.name, field.dtype) for field in COLUMNS}


def decode(chunk: Chunk, known: Sequence[Columns] = ()) -> Columns:
    """Columns of N raw frames; each group of them is decoded when first asked for.

    ``known`` are the columns of the chunk's stretches, end to end, if there are any: what is
    decoded in them is not decoded again. Link types: :data:`netshell.packet.link.LINKS`, behind
    them VLAN, QinQ, PPPoE and MPLS; then IPv4 and IPv6 with options and extension headers, one
    tunnel (GRE, IP in IP, VXLAN), TCP, UDP. Raises nothing: see the schema for what missing
    values look like.
    """
    groups = {"frame": {name: getattr(chunk, name) for name in names_of("frame")}}
    if known:
        for name in ("flow", "detail"):
            if all(name in part.held for part in known):
                groups[name] = joined([part.group(name) for part in known])

    def load(name: str) -> dict[str, Group]:
        return _decode(chunk, name == "detail")

    return Columns(groups, load)


def _decode(chunk: Chunk, details: bool) -> dict[str, Group]:
    """The group "flow", or that and "detail", which takes half as long again."""
    count = len(chunk)
    flow = _room("flow", count)
    detail = _room("detail", count) if details else {}
    addresses, outers = Addresses(), Addresses()
    others = []
    for first in range(0, count, _BLOCK):
        rows = slice(first, min(first + _BLOCK, count))
        others.append(plain.decode(chunk, rows, flow, detail, addresses) + first)
    left = np.concatenate(others) if others else np.empty(0, np.intp)
    for first in range(0, len(left), _BLOCK):
        where: Rows = left[first : first + _BLOCK]
        if len(left) == count:  # none was plain
            where = slice(first, min(first + _BLOCK, count))
        draft = _decode_block(chunk, where, details, addresses, outers)
        _keep(draft, where, flow, draft.known)
        _keep(draft, where, detail, np.zeros(len(draft), np.uint8))
    if np.array_equal(flow["direction"], chunk.direction):
        flow["direction"] = chunk.direction
    made = {"flow": {name: collapsed(kept) for name, kept in flow.items()}}
    made["flow"]["addresses"] = addresses.table()
    if details:
        made["detail"] = {name: collapsed(kept) for name, kept in detail.items()}
        made["detail"]["outers"] = outers.table()
    return made


def _room(group: str, count: int) -> Group:
    made: Group = {name: np.empty(count, _DTYPES[name]) for name in names_of(group)}
    made["mask"] = np.empty(count, np.uint8)
    return made


def _keep(draft: Draft, rows: Rows, group: Group, mask: NDArray[np.uint8]) -> None:
    """Copies a draft to its rows of a group; ``mask`` are bits that it has already."""
    for name, kept in group.items():
        if name == "mask":
            continue
        values = getattr(draft, name)
        kept[rows] = values
        if name in BITS:
            mask |= (values >= 0).view(np.uint8) * np.uint8(BITS[name])
    if group:
        group["mask"][rows] = mask


def _decode_block(
    chunk: Chunk, rows: Rows, details: bool, addresses: Addresses, outers: Addresses
) -> Draft:
    begin: NDArray[np.int64] = chunk.offset[rows].astype(np.int64, copy=False)
    cursor = Cursor(chunk.data, begin, chunk.captured_len[rows], chunk.wire_len[rows])
    draft = Draft(chunk.link[rows], np.array(chunk.direction[rows]), details, addresses)
    link.decode(draft, cursor)
    ip.decode(draft, cursor)
    tcp.decode(draft, cursor)
    udp.decode(draft, cursor)
    tunnel.decode(draft, cursor, outers)
    _payload(draft, cursor)
    return draft


def _payload(draft: Draft, cursor: Cursor) -> None:
    """Where the payload is: where the layers left the cursor, -1 if they lost it."""
    known = cursor.position < LOST
    draft.payload_offset[:] = np.where(known, cursor.position - cursor.begin, -1)
    length = np.maximum(cursor.wire_end - cursor.position, 0)
    draft.payload_len[:] = np.where(known, length, -1)
