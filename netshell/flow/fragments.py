"""Whose ports later fragments have: those of the first fragment of their packet.

Only a packet's first fragment carries the header with the ports; the others say by addresses,
protocol and identification whose they are (RFC 791 section 3.2, RFC 8200 section 4.5). A later
fragment gets the ports of the newest first fragment before it that says the same, if that is no
older than receivers wait (Linux: ``net.ipv4.ipfrag_time``), and among the last few thousand.

What is found does not depend on where the packets were cut into stretches.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.columns import BITS, Columns, Group
from netshell.packet.draft import PIECE

WITHIN_NS = 30_000_000_000
REMEMBERED = 4096
"""First fragments that are remembered."""

_PORTS = BITS["sport"] | BITS["dport"]
_KEY = np.dtype([("src", "V16"), ("dst", "V16"), ("id", "i8"), ("proto", "i8")])
_FIRST = np.dtype([("key", "V48"), ("time_ns", "i8"), ("sport", "u2"), ("dport", "u2")])


class Fragments:
    """First fragments, remembered while packets go by; given stretches in capture order."""

    def __init__(self) -> None:
        self._firsts = np.empty(0, _FIRST)

    def filled(self, columns: Columns) -> Group:
        """The columns' group "flow", with ports in later fragments as well."""
        group = columns.group("flow")
        rows = np.flatnonzero(group["mask"] & PIECE)
        if not len(rows):
            return group
        few = columns[rows]
        offset = few.fragment_offset
        first = (offset == 0) & (group["mask"][rows] & _PORTS == _PORTS)
        here = np.empty(len(rows), _FIRST)
        here["key"], here["time_ns"] = _keys(few), few.time_ns
        here["sport"], here["dport"] = group["sport"][rows], group["dport"][rows]
        known = np.concatenate([self._firsts, here])
        is_first = np.concatenate([np.ones(len(self._firsts), np.bool_), first])
        of = _newest(known, is_first)[len(self._firsts) :]
        self._firsts = known[is_first][-REMEMBERED:]
        found = np.flatnonzero((offset > 0) & (of >= 0))
        if not len(found):
            return group
        rows, of = rows[found], of[found]
        group = dict(group)
        for name in ("sport", "dport"):
            group[name] = group[name].copy()
            group[name][rows] = known[name][of]
        group["mask"] = group["mask"].copy()
        group["mask"][rows] |= _PORTS
        return group


def ports(group: Group) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Source and destination ports of a group's packets, -1 for none."""
    source, target = (
        np.where(group["mask"] & BITS[name] > 0, group[name].astype(np.int32), np.int32(-1))
        for name in ("sport", "dport")
    )
    return source, target


def _keys(columns: Columns) -> NDArray[np.void]:
    """What all fragments of a packet have in common."""
    keys = np.empty(len(columns), _KEY)
    keys["src"], keys["dst"] = columns.src.view("V16")[:, 0], columns.dst.view("V16")[:, 0]
    keys["id"], keys["proto"] = columns.ip_id, columns.proto
    return keys.view("V48")


def _newest(known: NDArray[np.void], is_first: NDArray[np.bool_]) -> NDArray[Any]:
    """For each fragment the newest first one before it, with its key; -1: none that counts."""
    count = len(known)
    _, number = np.unique(known["key"], return_inverse=True)
    order = np.argsort(number, kind="stable")
    last = np.maximum.accumulate(np.where(is_first[order], np.arange(count), -1))
    of = np.empty(count, np.intp)
    of[order] = np.where(last >= 0, order[last], -1)
    age = np.cumsum(is_first)
    counts = (of >= 0) & (number[of] == number) & (age - age[of] < REMEMBERED)
    counts &= np.abs(known["time_ns"] - known["time_ns"][of]) <= WITHIN_NS
    return np.where(counts, of, -1)
