"""Who talks most: packets and bytes by address, port, protocol, VLAN or interface.

:class:`Tally` is fed columns a stretch at a time and keeps one row per value seen, so it takes
memory by the number of values, not of packets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.errors import BadArgument
from netshell.packet.ip import address_text, protocol_name
from netshell.packet.table import Columns
from netshell.results import Records
from netshell.view import Column

Keys = NDArray[np.uint64]
_WAITING = 1 << 20  # rows that wait to be merged, at least


@dataclass(frozen=True, slots=True)
class Talker:
    """One value, what went with it, and its share of all bytes (0 to 1)."""

    name: str
    packets: int
    bytes: int
    share: float


class Talkers(Records[Talker]):
    """The values with the most bytes, largest first."""

    heads = (
        Column("name", shrink=True),
        Column("packets", "right"),
        Column("bytes", "right"),
        Column("share", "right"),
    )
    empty = "no packets with such a field"

    def row(self, record: Talker) -> Sequence[Any]:
        return (
            record.name,
            f"{record.packets:,}",
            f"{record.bytes:,}",
            f"{100 * record.share:.1f} %",
        )


def _address(*names: str) -> Callable[[Columns], Iterator[tuple[Keys, NDArray[np.bool_]]]]:
    def keys(columns: Columns) -> Iterator[tuple[Keys, NDArray[np.bool_]]]:
        for name in names:
            yield _halves(getattr(columns, name)), columns.ip_version > 0

    return keys


def _halves(addresses: NDArray[np.uint8]) -> Keys:
    """16 bytes each as two numbers that sort alike: N x 2."""
    return np.ascontiguousarray(addresses).view(">u8").astype(np.uint64)


def _number(*names: str) -> Callable[[Columns], Iterator[tuple[Keys, NDArray[np.bool_]]]]:
    def keys(columns: Columns) -> Iterator[tuple[Keys, NDArray[np.bool_]]]:
        for name in names:
            column = getattr(columns, name)
            found = np.zeros((len(columns), 2), np.uint64)
            found[:, 1] = np.maximum(column, 0)
            yield found, column >= 0

    return keys


BY: dict[str, tuple[Callable[[Columns], Iterator[tuple[Keys, NDArray[np.bool_]]]], str]] = {
    # what can be asked for: where it is in the columns, and how it is shown
    "src": (_address("src"), "address"),
    "dst": (_address("dst"), "address"),
    "host": (_address("src", "dst"), "address"),
    "sport": (_number("sport"), "number"),
    "dport": (_number("dport"), "number"),
    "port": (_number("sport", "dport"), "number"),
    "proto": (_number("proto"), "protocol"),
    "vlan": (_number("vlan"), "number"),
    "iface": (_number("iface"), "interface"),
}


class Tally:
    """Counts packets and bytes per value of one field.

    Raises BadArgument for a field it cannot count by. ``host`` and ``port`` count a packet once
    for each of its two ends.
    """

    def __init__(self, by: str) -> None:
        if not isinstance(by, str) or by not in BY:
            where = f"by {by!r:.60}" if isinstance(by, str) else f"by a {type(by).__name__}"
            raise BadArgument("cannot count", where=where, next_step=f"use one of {', '.join(BY)}")
        self._keys, self._kind = BY[by]
        self._total = 0
        self._done = _Counts.none()
        self._waiting: list[_Counts] = []
        self._rows = 0

    def extend(self, columns: Columns) -> None:
        """Take the next packets into account."""
        wire_len = columns.wire_len.astype(np.int64)
        self._total += int(wire_len.sum())
        for keys, present in self._keys(columns):
            chosen = present if not present.all() else slice(None)
            size = wire_len[chosen]
            counts = _Counts(keys[chosen], np.ones(len(size), np.int64), size).merged()
            self._waiting.append(counts)
            self._rows += len(counts.packets)
        if self._rows > max(_WAITING, len(self._done.packets)):
            self._merge()

    def top(self, count: int, names: Sequence[str] = ()) -> Talkers:
        """The values with the most bytes; ``names`` are the interfaces'."""
        if count < 0:
            raise BadArgument("bad count", where=str(count), next_step="use 0 or more")
        self._merge()
        done = self._done
        if self._kind == "interface":
            done = _Counts(_first_of_name(done.keys, names), done.packets, done.bytes).merged()
        order = np.lexsort((done.keys[:, 1], done.keys[:, 0], -done.packets, -done.bytes))[:count]
        return Talkers(
            [
                Talker(
                    self._name(int(done.keys[i, 0]), int(done.keys[i, 1]), names),
                    int(done.packets[i]),
                    int(done.bytes[i]),
                    int(done.bytes[i]) / self._total if self._total else 0.0,
                )
                for i in order.tolist()
            ]
        )

    def _merge(self) -> None:
        self._done = _Counts.together([self._done, *self._waiting]).merged()
        self._waiting, self._rows = [], 0

    def _name(self, high: int, low: int, names: Sequence[str]) -> str:
        if self._kind == "address":
            return address_text(high.to_bytes(8, "big") + low.to_bytes(8, "big"))
        if self._kind == "protocol":
            return protocol_name(low)
        if self._kind == "interface":
            return (names[low] if low < len(names) else "") or f"interface {low}"
        return str(low)


def _first_of_name(keys: Keys, names: Sequence[str]) -> Keys:
    """Interfaces' numbers, of several with one name the first: users tell them by name."""
    found = keys.copy()
    for row, number in enumerate(keys[:, 1].tolist()):
        if number < len(names) and names[number]:
            found[row, 1] = names.index(names[number])
    return found


@dataclass(slots=True)
class _Counts:
    """Values (two numbers each) with their packets and bytes."""

    keys: Keys
    packets: NDArray[np.int64]
    bytes: NDArray[np.int64]

    @classmethod
    def none(cls) -> _Counts:
        return cls(np.zeros((0, 2), np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))

    @classmethod
    def together(cls, many: Sequence[_Counts]) -> _Counts:
        return cls(
            np.concatenate([one.keys for one in many]),
            np.concatenate([one.packets for one in many]),
            np.concatenate([one.bytes for one in many]),
        )

    def merged(self) -> _Counts:
        """Each value once, with the sums."""
        if not len(self.packets):
            return self
        high, low = self.keys[:, 0], self.keys[:, 1]
        # One number to sort by where one is enough: of IPv4 addresses, only the last bytes differ.
        if (high == high[0]).all():
            order = np.argsort(low, kind="stable")
        else:
            order = np.lexsort((low, high))
        keys = self.keys[order]
        begins = np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)])
        starts = np.flatnonzero(begins)
        return _Counts(
            keys[starts],
            np.add.reduceat(self.packets[order], starts),
            np.add.reduceat(self.bytes[order], starts),
        )
