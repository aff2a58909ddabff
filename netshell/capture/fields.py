"""Packets' fields for data frames, made from columns without a Python object for a packet.

Names are those of a packet's attributes where it has them; ``time`` is a time stamp (UTC),
``window`` as written in the header, ``tcp_flags`` the number that ``flags`` spells out. Addresses
are those of IP: of other packets they are missing. All columns of :mod:`netshell.packet.schema`,
which says what each holds and when it misleads, are among them; ``tunnel`` is its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet import tunnel
from netshell.packet.ip import address_text, protocol_name
from netshell.packet.link import ETHERTYPES
from netshell.packet.table import Columns
from netshell.packet.tcp import flags_text
from netshell.results import Data

_ACK = 0x10

DIRECTIONS = ("", "in", "out")


def fields(
    columns: Columns,
    start: int,
    names: Sequence[str],
    said: Mapping[int, Sequence[str]] | None = None,
) -> Mapping[str, Data]:
    """N packets, the first of them number ``start``; ``names`` are the interfaces'.

    ``said`` are comments, by the packets' numbers.
    """
    count = len(columns)
    found: dict[str, Data] = {
        "index": Data(np.arange(start, start + count, dtype=np.int64)),
        "time": Data(columns.time_ns, is_time=True),
        "iface": Data(columns.iface.astype(np.int32), columns.iface >= len(names), names or ("",)),
        "direction": Data(np.minimum(columns.direction, 2).astype(np.int32), texts=DIRECTIONS),
        "captured_len": Data(columns.captured_len),
        "wire_len": Data(columns.wire_len),
        "link": Data(columns.link),
        "vlan": _number(columns, "vlan"),
        "inner_vlan": _number(columns, "inner_vlan"),
        "ethertype": Data(columns.ethertype, columns.ethertype == 0),
        "tunnel": _coded(columns.tunnel, columns.tunnel == 0, _tunnel_name),
        "tunnel_id": _number(columns, "tunnel_id"),
        "outer_src": _addresses(columns.outer_src, None),
        "outer_dst": _addresses(columns.outer_dst, None),
        "ip_version": Data(columns.ip_version, columns.ip_version == 0),
        "proto": _proto(columns),
        "src": _addresses(columns.src, columns.ip_version),
        "sport": _number(columns, "sport"),
        "dst": _addresses(columns.dst, columns.ip_version),
        "dport": _number(columns, "dport"),
    }
    for name in ("ttl", "ip_id"):
        found[name] = _number(columns, name)
    no_ip = columns.ip_version == 0
    for name in ("ip_len", "fragment_offset", "more_fragments"):
        found[name] = Data(getattr(columns, name), no_ip)
    found["tcp_flags"] = _number(columns, "tcp_flags")
    flags = columns.tcp_flags
    found["flags"] = _coded(np.maximum(flags, 0), flags < 0, lambda value: flags_text(int(value)))
    for name in ("seq", "ack", "window"):
        found[name] = _number(columns, name)
    found["window_scale"] = Data(columns.window_scale, columns.window_scale == -1)
    # The number means nothing without the flag.
    found["ack"] = Data(columns.ack, (flags < 0) | (flags & _ACK == 0))
    found["data_offset"] = Data(columns.data_offset, columns.data_offset == 0)
    for name in ("payload_offset", "payload_len"):
        found[name] = _number(columns, name)
    found["comment"] = _comments(start, count, said or {})
    return found


def _comments(start: int, count: int, said: Mapping[int, Sequence[str]]) -> Data:
    codes, missing = np.zeros(count, np.int32), np.ones(count, np.bool_)
    texts: dict[str, int] = {}
    for number, comments in said.items():
        if start <= number < start + count:
            codes[number - start] = texts.setdefault("\n".join(comments), len(texts))
            missing[number - start] = False
    return Data(codes, missing, list(texts) or [""])


def _tunnel_name(code: int) -> str:
    return tunnel.NAMES.get(code, "")


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


def _addresses(addresses: NDArray[np.uint8], version: NDArray[np.uint8] | None) -> Data:
    """Addresses as texts, each made once; without a ``version``, those that are zero are none."""
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
    zero = (high == 0) & (low == 0)
    missing = zero if version is None else (version == 0) | ((version == 4) & zero)
    return Data(codes, missing, texts)


@lru_cache(maxsize=1 << 16)
def _text(packed: bytes) -> str:
    return address_text(packed)
