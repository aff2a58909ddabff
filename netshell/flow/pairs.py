"""Which two endpoints each packet goes between: a number per pair, whichever way it goes.

A pair is two (address, port) and a protocol. Numbers come from a hash table worked for many
packets at once: each round looks one slot further for those whose slot holds another pair. What a
slot holds is compared with the packet's own addresses and ports, so two pairs that share a hash
are never mixed up, only slower to tell apart.

Which end of a pair is side 0 depends on a secret of this process (so that nobody can send packets
that all share a slot) and means nothing; a pair keeps its sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.columns import BITS, Columns
from netshell.packet.draft import DST_KNOWN, SRC_KNOWN

Rows = NDArray[np.intp]

_SALT = np.uint64(hash("netshell pairs") & 0x7FFF_FFFF_FFFF_FFFF)  # differs in every process
_MIX = tuple(map(np.uint64, (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)))
_S29, _S32 = np.uint64(29), np.uint64(32)
_PORTS = 20  # bits each: a port + 1, 0 where there is none
_PORT = np.uint64((1 << _PORTS) - 1)
_MAPPED = np.frombuffer(b"\0\0\xff\xff", np.uint32)[0]


@dataclass(slots=True, eq=False)
class Numbered:
    """For each packet its pair and side (1: it comes from the pair's second end); the pairs
    never seen before, each with the row of its first packet."""

    pair: NDArray[np.int32]
    side: NDArray[np.bool_]
    fresh: NDArray[np.int32]
    fresh_at: Rows


class Pairs:
    """Every pair of endpoints seen so far: some 100 bytes each."""

    def __init__(self) -> None:
        self.count = 0
        self._slots = np.full(1 << 12, -1, np.int32)
        # Two addresses' words and the ports, at 2p as packets from side 0 have them, at 2p + 1 as
        # those from side 1: a word is looked up for many packets at once, so each has its array.
        self._keys = np.zeros((5, 1 << 11), np.uint64)
        self._hash = np.zeros(1 << 10, np.uint64)

    def number(self, columns: Columns) -> Numbered:
        """The pairs of N packets; those without an IP header are one pair. Raises nothing."""
        source, target = _words(columns, "src"), _words(columns, "dst")
        group = columns.group("flow")
        known = group["mask"]
        sport = np.where(known & BITS["sport"] > 0, group["sport"] + np.uint32(1), np.uint32(0))
        dport = np.where(known & BITS["dport"] > 0, group["dport"] + np.uint32(1), np.uint32(0))
        kind = group["ip_version"].astype(np.uint32) << np.uint32(9)
        kind |= (group["proto"] + np.int16(1)).view(np.uint16)
        near = _mixed(*source, sport, kind)
        far = _mixed(*target, dport, kind)
        side = near > far
        equal = np.flatnonzero(near == far)
        if len(equal):
            side[equal] = _behind(
                (*(word[equal] for word in source), sport[equal]),
                (*(word[equal] for word in target), dport[equal]),
            )
        mixed = near + far  # the same both ways
        mixed ^= mixed >> _S32
        ports = kind.astype(np.uint64) << np.uint64(2 * _PORTS)
        ports |= dport.astype(np.uint64) << np.uint64(_PORTS)
        ports |= sport
        self._reserve(self.count + len(mixed))
        return self._placed(mixed, side, (*source, *target, ports))

    def _placed(self, mixed: Any, side: NDArray[np.bool_], keys: tuple[Any, ...]) -> Numbered:
        mask = len(self._slots) - 1
        slot = (mixed & np.uint64(mask)).astype(np.intp)
        pair = self._slots[slot]
        right = self._same(pair, side, keys)
        fresh_at: list[Rows] = []
        before = self.count
        left = np.flatnonzero(~right)
        while len(left):
            at = slot[left]
            empty = self._slots[at] < 0
            if empty.any():
                # Into each empty slot the first packet's pair; the others look again.
                vacant = in_order(at[empty], left[empty])
                first = vacant[np.diff(slot[vacant], prepend=-1) != 0]
                fresh_at.append(first)
                self._enter(first, slot, mixed, side, keys)
            found = self._slots[at]
            matched = self._same(found, side[left], tuple(key[left] for key in keys))
            pair[left[matched]] = found[matched]
            left = left[~matched]
            slot[left] = (slot[left] + _step(mixed[left])) & mask
        rows = np.concatenate(fresh_at) if fresh_at else np.zeros(0, np.intp)
        return Numbered(pair, side, np.arange(before, self.count, dtype=np.int32), rows)

    def _same(self, pair: Any, side: Any, keys: tuple[Any, ...]) -> NDArray[np.bool_]:
        """Whether the pairs (-1: none) are those of the packets, address by address."""
        row = 2 * pair.astype(np.intp) + side
        same: NDArray[np.bool_] = pair >= 0
        for known, key in zip(self._keys, keys, strict=True):
            same &= known.take(row, mode="clip") == key
        return same

    def _enter(self, rows: Rows, slot: Rows, mixed: Any, side: Any, keys: tuple[Any, ...]) -> None:
        """New pairs, from one packet of each, into the empty slots they look at."""
        numbers = np.arange(self.count, self.count + len(rows), dtype=np.int32)
        self.count += len(rows)
        self._slots[slot[rows]] = numbers
        self._hash[numbers] = mixed[rows]
        source0, source1, target0, target1, ports = (key[rows] for key in keys)
        first, second = ports & _PORT, ports >> np.uint64(_PORTS) & _PORT
        proto = ports >> np.uint64(2 * _PORTS) << np.uint64(2 * _PORTS)
        there = 2 * numbers.astype(np.intp) + side[rows]
        back = there ^ 1
        self._keys[:, there] = source0, source1, target0, target1, ports
        turned = proto | first << np.uint64(_PORTS) | second
        self._keys[:, back] = target0, target1, source0, source1, turned

    def _reserve(self, pairs: int) -> None:
        """Room for so many pairs: at most a quarter of the slots are ever taken."""
        if pairs > len(self._hash):
            room = max(pairs, 2 * len(self._hash))
            self._hash = _longer(self._hash, room)
            self._keys = np.stack([_longer(word, 2 * room) for word in self._keys])
        if 4 * pairs <= len(self._slots):
            return
        size = 1 << (4 * pairs - 1).bit_length()
        self._slots = np.full(size, -1, np.int32)
        numbers = np.arange(self.count, dtype=np.int32)
        slot = (self._hash[: self.count] & np.uint64(size - 1)).astype(np.intp)
        while len(numbers):
            empty = np.flatnonzero(self._slots[slot] < 0)
            self._slots[slot[empty]] = numbers[empty]  # of several, one stays
            out = self._slots[slot] != numbers
            numbers, slot = numbers[out], slot[out]
            slot = (slot + _step(self._hash[numbers])) & (size - 1)

    def ends(self, pair: Any) -> tuple[Any, Any, Any, Any]:
        """Of M pairs by side: addresses (uint8, M x 2 x 16) and ports (int32, M x 2; -1: none);
        their protocols (int16) and IP versions (uint8, 0: packets without an IP header)."""
        keys = self._keys[:, 2 * np.asarray(pair, np.intp)]
        addresses = np.ascontiguousarray(keys[:4].T).view(np.uint8).reshape(-1, 2, 16)
        ports = np.stack((keys[4] & _PORT, keys[4] >> np.uint64(_PORTS) & _PORT), 1)
        kind = (keys[4] >> np.uint64(2 * _PORTS)).astype(np.int32)
        proto, version = (kind & 0x1FF) - 1, kind >> 9
        return addresses, ports.astype(np.int32) - 1, proto.astype(np.int16), version.astype("u1")


def in_order(keys: Any, rows: Rows) -> Rows:
    """The rows (ascending, under 2^31) sorted by their keys (32 bits), otherwise as they were."""
    both: Rows = (
        keys.astype(np.int64) << 31 | rows
    )  # plain numbers sort many times faster than by index
    both.sort()
    both &= (1 << 31) - 1
    return both


def _step(mixed: Any) -> Any:
    """How far the next slot is: odd, so that all of them come up."""
    return (mixed >> np.uint64(40) | np.uint64(1)).astype(np.intp)


def _words(columns: Columns, name: str) -> tuple[Any, Any]:
    """A column of addresses as two numbers each, from what is kept of it: most are IPv4."""
    group = columns.group("flow")
    numbers, mapped = group[name], group["mask"] & (SRC_KNOWN if name == "src" else DST_KNOWN) > 0
    halves = np.empty((len(columns), 2), np.uint32)
    halves[:, 0], halves[:, 1] = _MAPPED, numbers
    if not mapped.all():
        halves[~mapped] = 0
    first, second = np.zeros(len(columns), np.uint64), halves.view(np.uint64)[:, 0]
    six = np.flatnonzero(group["ip_version"] == 6)
    if len(six):
        whole = group["addresses"].view(np.uint64)[numbers[six]]
        first[six], second[six] = whole[:, 0], whole[:, 1]
    return first, second


def _mixed(first: Any, second: Any, port: Any, kind: Any) -> Any:
    """A hash of endpoints that depends on every bit."""
    mixed = (first ^ _SALT) * _MIX[0]
    mixed ^= mixed >> _S32
    mixed += second
    mixed *= _MIX[1]
    mixed ^= mixed >> _S29
    mixed += port
    mixed += kind.astype(np.uint64) << np.uint64(_PORTS)
    mixed *= _MIX[2]
    mixed ^= mixed >> _S32
    return mixed


def _behind(source: tuple[Any, ...], target: tuple[Any, ...]) -> NDArray[np.bool_]:
    """Which sources sort behind their targets; any total order does."""
    behind: NDArray[np.bool_] = source[2] > target[2]
    for mine, other in zip(source[1::-1], target[1::-1], strict=True):
        behind = np.where(mine == other, behind, mine > other)
    return behind


def _longer(array: Any, size: int) -> Any:
    grown = np.zeros(size, array.dtype)
    grown[: len(array)] = array
    return grown
