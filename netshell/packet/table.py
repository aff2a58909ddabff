"""Frames to columns: the one place where the layers are put together.

:func:`decode` takes a chunk of raw frames and returns :class:`Columns`, one numpy array per field
of :data:`netshell.packet.schema.COLUMNS`. Every layer works on all frames at once; nothing here
or below loops over packets. Damaged or cut frames never raise: what could not be decoded is
missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet import ip, link, tcp, udp
from netshell.packet.chunk import Chunk
from netshell.packet.cursor import LOST, Cursor
from netshell.packet.schema import COLUMNS


@dataclass(slots=True, eq=False)
class Columns:
    """N packets as arrays; :mod:`netshell.packet.schema` says what each holds.

    >>> columns = decode(chunk)                                        # doctest: +SKIP
    >>> columns[columns.dport == 80].src                               # doctest: +SKIP
    """

    time_ns: NDArray[np.int64]
    captured_len: NDArray[np.uint32]
    wire_len: NDArray[np.uint32]
    iface: NDArray[np.uint16]
    direction: NDArray[np.uint8]
    link: NDArray[np.uint16]
    vlan: NDArray[np.int16]
    inner_vlan: NDArray[np.int16]
    ethertype: NDArray[np.uint16]
    ip_version: NDArray[np.uint8]
    proto: NDArray[np.int16]
    src: NDArray[np.uint8]
    dst: NDArray[np.uint8]
    sport: NDArray[np.int32]
    dport: NDArray[np.int32]
    ttl: NDArray[np.int16]
    ip_id: NDArray[np.int64]
    ip_len: NDArray[np.uint16]
    fragment_offset: NDArray[np.uint16]
    more_fragments: NDArray[np.bool_]
    tcp_flags: NDArray[np.int16]
    seq: NDArray[np.int64]
    ack: NDArray[np.int64]
    window: NDArray[np.int32]
    window_scale: NDArray[np.int8]
    data_offset: NDArray[np.uint8]
    payload_offset: NDArray[np.int32]
    payload_len: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.time_ns)

    def __getitem__(self, which: Any) -> Columns:
        """The packets a slice, mask or index array selects; a slice shares the arrays."""
        return Columns(*(getattr(self, name)[which] for name in _NAMES))

    @classmethod
    def concat(cls, parts: Sequence[Columns]) -> Columns:
        """Several stretches of packets as one; none at all gives zero packets."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.blank(0)
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))

    @classmethod
    def blank(cls, count: int) -> Columns:
        """``count`` packets about which nothing is known."""
        return cls(
            *(
                np.full(
                    count if field.width == 1 else (count, field.width),
                    field.missing or 0,
                    field.dtype,
                )
                if field.missing
                else np.zeros(count if field.width == 1 else (count, field.width), field.dtype)
                for field in COLUMNS
            )
        )

    def row(self, index: int) -> dict[str, Any]:
        """One packet's values by name, addresses as 16 bytes."""
        values = {name: getattr(self, name)[index] for name in _NAMES}
        return {
            name: value.tobytes() if isinstance(value, np.ndarray) else value.item()
            for name, value in values.items()
        }


_NAMES = tuple(field.name for field in COLUMNS)


def decode(chunk: Chunk) -> Columns:
    """Decodes N raw frames into columns of length N.

    Link types: Ethernet (802.3 SNAP too), raw IP, BSD loopback, Linux cooked v1 and v2, behind
    them VLAN, QinQ, PPPoE and MPLS; then IPv4 and IPv6 with options and extension headers, TCP,
    UDP. Raises nothing: see the schema for what missing values look like.
    """
    columns = Columns.blank(len(chunk))
    columns.time_ns = chunk.time_ns
    columns.captured_len = chunk.captured_len
    columns.wire_len = chunk.wire_len
    columns.iface = chunk.iface
    columns.direction[:] = chunk.direction  # cooked headers may add to it
    columns.link = chunk.link
    for first in range(0, len(chunk), _BLOCK):
        block = slice(first, first + _BLOCK)
        _decode_block(columns[block], chunk[block])
    return columns


_BLOCK = 16_384
"""Frames decoded together: what is worked on stays in the processor's cache."""


def _decode_block(columns: Columns, chunk: Chunk) -> None:
    begin = chunk.offset.astype(np.int64, copy=False)
    cursor = Cursor(chunk.data, begin, chunk.captured_len, chunk.wire_len)
    link.decode(columns, cursor)
    ip.decode(columns, cursor)
    tcp.decode(columns, cursor)
    udp.decode(columns, cursor)
    _payload(columns, cursor)


def _payload(columns: Columns, cursor: Cursor) -> None:
    """Where the payload is: where the layers left the cursor, -1 if they lost it."""
    known = cursor.position < LOST
    columns.payload_offset[:] = np.where(known, cursor.position - cursor.begin, -1)
    length = np.maximum(cursor.wire_end - cursor.position, 0)
    columns.payload_len[:] = np.where(known, length, -1)
