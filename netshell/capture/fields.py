"""Packets' fields for data frames, made from columns without a Python object for a packet.

Names are those of a packet's attributes where it has them; ``time`` is a time stamp (UTC),
``window`` as written in the header, ``tcp_flags`` the number that ``flags`` spells out. Addresses
are those of IP: of other packets they are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.ip import address_text, protocol_name
from netshell.packet.link import ETHERTYPES
from netshell.packet.table import Columns
from netshell.packet.tcp import flags_text
from netshell.results import Data

_ACK = 0x10

DIRECTIONS = ("", "in", "out")


def fields(columns: Columns, start: int, names: Sequence[str]) -> Mapping[str, Data]:
    """N packets, the first of them number ``start``; ``names`` are the interfaces'."""
    count = len(columns)
    found: dict[str, Data] = {
        "index": Data(np.arange(start, start + count, dtype=np.int64)),
        "time": Data(columns.time_ns, is_time=True),
        "iface": Data(columns.iface.astype(np.int32), columns.iface >= len(names), names or ("",)),
        "direction": Data(np.minimum(columns.direction, 2).astype(np.int32), texts=DIRECTIONS),
        "captured_len": Data(columns.captured_len),
        "wire_len": Data(columns.wire_len),
        "vlan": _number(columns, "vlan"),
        "ip_version": Data(columns.ip_version, columns.ip_version == 0),
        "proto": _proto(columns),
        "src": _addresses(columns.src, columns.ip_version),
        "sport": _number(columns, "sport"),
        "dst": _addresses(columns.dst, columns.ip_version),
        "dport": _number(columns, "dport"),
    }
    for name in ("ttl", "ip_id", "tcp_flags"):
        found[name] = _number(columns, name)
    flags = columns.tcp_flags
    found["flags"] = _coded(np.maximum(flags, 0), flags < 0, lambda value: flags_text(int(value)))
    for name in ("seq", "ack", "window", "payload_len"):
        found[name] = _number(columns, name)
    # The number means nothing without the flag.
    found["ack"] = Data(columns.ack, (flags < 0) | (flags & _ACK == 0))
    return found


def _number(columns: Columns, name: str) -> Data:
    values = getattr(columns, name)
    return Data(values, values < 0)


def _proto(columns: Columns) -> Data:
    """As ``packet.proto``: the IP protocol's name, or the ethertype's."""
    number, kind = columns.proto.astype(np.int64), columns.ethertype.astype(np.int64)
    return _coded(np.where(number >= 0, number, kind + 256), None, _proto_name)


def _proto_name(code: int) -> str:
    if code < 256:
        return protocol_name(code).lower()
    if code == 256:
        return ""
    return (ETHERTYPES.get(code - 256) or f"0x{code - 256:04x}").lower()


def _coded(
    values: NDArray[Any], missing: NDArray[np.bool_] | None, text: Callable[[int], str]
) -> Data:
    """Numbers from 0 to some ten thousand as texts, each made once."""
    there = np.bincount(values) > 0 if len(values) else np.zeros(0, bool)
    codes = (np.cumsum(there) - 1).astype(np.int32)[values]
    return Data(codes, missing, [text(value) for value in np.flatnonzero(there).tolist()] or [""])


def _addresses(addresses: NDArray[np.uint8], version: NDArray[np.uint8]) -> Data:
    """Addresses as texts, each made once."""
    halves = np.ascontiguousarray(addresses).view(np.uint64)
    high, low = halves[:, 0], halves[:, 1]
    if not len(high):
        return Data(np.zeros(0, np.int32), None, ("",))
    # IPv4 addresses only differ in their last bytes: one number is enough to sort by.
    plain = bool((high == high[0]).all())
    order = np.argsort(low) if plain else np.lexsort((low, high))
    ordered = halves[order]
    begins = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    codes = np.empty(len(order), np.int32)
    codes[order] = np.cumsum(begins) - 1
    texts = [_text(packed.tobytes()) for packed in ordered[begins]]
    missing = (version == 0) | ((version == 4) & (high == 0) & (low == 0))
    return Data(codes, missing, texts)


@lru_cache(maxsize=1 << 16)
def _text(packed: bytes) -> str:
    return address_text(packed)
