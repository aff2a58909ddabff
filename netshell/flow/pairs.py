"""Which two endpoints each packet goes between: a number per pair, whichever way it goes.

An endpoint is one number: what carries it (IP version and protocol), its address and its port. An
IPv4 address stands for itself, an IPv6 address for the number it was given when it was first met.
So a pair is two numbers, ordered, and :mod:`netshell.flow.index` numbers pairs and addresses alike.

Side 0 is the end that sorts first. That means nothing; a pair keeps its sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.index import Index, Rows
from netshell.packet.columns import BITS, Group
from netshell.packet.draft import DST_KNOWN, SRC_KNOWN

# An endpoint's bits, from the lowest: port + 1 (0: none), address, protocol + 1 (0: cut off),
# IP version, whether the address was captured.
_ADDRESS, _PROTO, _VERSION, _KNOWN = map(np.uint8, (17, 49, 58, 61))
_LOW17, _LOW32, _LOW9, _LOW3 = (np.uint64((1 << bits) - 1) for bits in (17, 32, 9, 3))
_MAPPED = np.frombuffer(b"\0\0\xff\xff", np.uint32)[0]


@dataclass(slots=True, eq=False)
class Numbered:
    """For each packet its pair and side (1: it comes from the pair's second end); the pairs
    never seen before, each with the row of its first packet."""

    pair: Rows
    side: NDArray[np.bool_]
    fresh: Rows
    fresh_at: Rows


class Pairs:
    """Every pair of endpoints seen so far: some 50 bytes each."""

    def __init__(self) -> None:
        self._pairs = Index()
        self._addresses = Index()

    @property
    def count(self) -> int:
        """How many there are."""
        return self._pairs.count

    def number(self, group: Group) -> Numbered:
        """The pairs of N packets, of which this is the group "flow"; those without an IP header
        are one pair. Raises nothing."""
        carried = group["ip_version"].astype(np.uint16)
        carried <<= _VERSION - _PROTO
        carried += (group["proto"] + np.int16(1)).view(np.uint16)
        source, target = group["src"], group["dst"]
        six = np.flatnonzero(group["ip_version"] == 6)
        if len(six):
            numbers = np.concatenate([source[six], target[six]])
            words = group["addresses"].view(np.uint64)[numbers]
            found, _ = self._addresses.number(words[:, 0].copy(), words[:, 1].copy())
            source, target = source.copy(), target.copy()
            source[six], target[six] = found[: len(six)], found[len(six) :]
        source = _ends(group, carried, source, "sport", SRC_KNOWN)
        target = _ends(group, carried, target, "dport", DST_KNOWN)
        side = source > target
        before = self._pairs.count
        low, high = np.minimum(source, target), np.maximum(source, target, out=source)
        pair, fresh_at = self._pairs.number(low, high)
        return Numbered(pair, side, np.arange(before, self.count), fresh_at)

    def ends(self, pair: Any) -> tuple[Any, Any, Any, Any]:
        """Of M pairs by side: addresses (uint8, M x 2 x 16) and ports (int32, M x 2; -1: none);
        their protocols (int16) and IP versions (uint8, 0: packets without an IP header)."""
        ends = self._pairs.keys(pair)  # M x 2
        version = (ends[:, 0] >> _VERSION & _LOW3).astype(np.uint8)
        proto = (ends[:, 0] >> _PROTO & _LOW9).astype(np.int16) - np.int16(1)
        ports = (ends & _LOW17).astype(np.int32) - np.int32(1)
        numbers = (ends >> _ADDRESS & _LOW32).astype(np.uint32)
        known = ends >> _KNOWN > 0
        words = np.zeros((len(ends), 2, 4), np.uint32)
        words[:, :, 2], words[:, :, 3] = np.where(known, _MAPPED, 0), np.where(known, numbers, 0)
        six = np.flatnonzero(version == 6)
        if len(six):
            words.view(np.uint64)[six] = self._addresses.keys(numbers[six])
        return words.view(np.uint8), ports, proto, version


def _ends(
    group: Group, carried: NDArray[np.uint16], address: Any, port: str, bit: int
) -> NDArray[np.uint64]:
    """Packets' endpoints at one side, with addresses that are numbers already."""
    mask = group["mask"]
    ports = group[port] + np.uint32(1)
    ports *= mask & BITS[port] > 0
    known = (mask & bit > 0).view(np.uint8).astype(np.uint16)
    known <<= _KNOWN - _PROTO
    known |= carried
    ends = known.astype(np.uint64)
    ends <<= _PROTO - _ADDRESS
    ends |= address
    ends <<= _ADDRESS
    ends |= ports
    return ends
