"""Relative sequence numbers of many segments at once, by the rules of :class:`State`.

A conversation's segments are brought together by sorting; which of them began it last before each
is a running maximum. What was known of it before the first, and is known after the last, is in
the State, as if each had asked there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.classic.capturing.cells import Cells, words
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import MOST_CONVERSATIONS, Key, State

_WRAP = 0xFFFFFFFF
_ACK, _SYN = 0x10, 0x02
_MIX = tuple(np.uint64(odd) for odd in (
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5, 0xD6E8FEB86659FD93,
))  # fmt: skip

Words = NDArray[np.uint64]


@dataclass(slots=True)
class Addresses:
    """IPv4 and IPv6 addresses, a row each: two words, the first of them 0 for IPv4."""

    high: Words
    low: Words
    is6: NDArray[np.bool_]

    def cells(self, rows: NDArray[np.intp], settings: Settings) -> Cells:
        """Their texts."""
        chosen = [self.high[rows], self.low[rows], self.is6[rows].astype(np.uint64)]
        first, which = _alike(chosen)
        texts = [settings.host(self.octets(int(rows[row]))).encode("ascii", "replace")
                 for row in first.tolist()]  # fmt: skip
        return words(texts, which)

    def octets(self, row: int) -> bytes:
        """One address as it stands in a packet."""
        if self.is6[row]:
            return int(self.high[row]).to_bytes(8, "big") + int(self.low[row]).to_bytes(8, "big")
        return int(self.low[row]).to_bytes(4, "big")


def addresses_of(
    ip4: NDArray[Any], ip6: NDArray[Any], is6: NDArray[np.bool_]
) -> tuple[Addresses, Addresses]:
    """Source and destination, by the two ways to read the same headers."""
    made = []
    for name in ("src", "dst"):
        low = np.where(is6, ip6[name][:, 1], ip4[name]).astype(np.uint64)
        high = np.where(is6, ip6[name][:, 0], 0).astype(np.uint64)
        made.append(Addresses(high, low, is6))
    return made[0], made[1]


def _alike(columns: list[Words]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first row of each that differ in some column, and which of those each row is like."""
    mixed = np.zeros(len(columns[0]), np.uint64)
    for column, odd in zip(columns, _MIX, strict=False):
        mixed ^= column * odd
        mixed ^= mixed >> np.uint64(29)
        mixed *= _MIX[-1]
    _, first, which = np.unique(mixed, return_index=True, return_inverse=True)
    if any((column[first][which] != column).any() for column in columns):
        # Two that differ were mixed to the same: so rare that time does not matter.
        rows = np.stack(columns, axis=1)
        _, first, which = np.unique(rows, axis=0, return_index=True, return_inverse=True)
        which = which.reshape(-1)
    return first, which


class Segments:
    """The numbers that are written for some segments, and what is known before each of them."""

    def __init__(
        self,
        state: State,
        tcp: NDArray[np.bool_],
        l4: NDArray[Any],
        src: Addresses,
        dst: Addresses,
        absolute: bool,
    ) -> None:
        self.seq = l4["seq"].astype(np.int64)
        self.ack = l4["ack"].astype(np.int64)
        self._state = state
        self._keys: list[Key] = []
        self._rows = np.flatnonzero(tcp & (l4["flags"] & _ACK > 0))
        self.is_too_much = False
        if absolute or not len(self._rows):
            self._rows = self._rows[:0]
            return
        self._relate(l4[self._rows], src, dst)

    def _relate(self, l4: NDArray[Any], src: Addresses, dst: Addresses) -> None:
        rows = self._rows
        sport, dport = l4["sport"].astype(np.uint64), l4["dport"].astype(np.uint64)
        a_high, a_low, b_high, b_low = src.high[rows], src.low[rows], dst.high[rows], dst.low[rows]
        after = (a_high > b_high) | ((a_high == b_high) & (a_low > b_low))
        turned = (sport > dport) | ((sport == dport) & after)
        columns = [
            np.where(turned, b_high, a_high), np.where(turned, b_low, a_low),
            np.where(turned, a_high, b_high), np.where(turned, a_low, b_low),
            np.where(turned, dport, sport) << np.uint64(32)
            | np.where(turned, sport, dport) << np.uint64(1)
            | src.is6[rows].astype(np.uint64),
        ]  # fmt: skip
        first, which = _alike(columns)
        known = self._known(first, turned, src, dst, sport, dport)
        self.is_too_much = (
            len(self._state.conversations) + int((known[:, 0] < 0).sum()) > MOST_CONVERSATIONS
        )
        order = np.argsort(which, kind="stable")
        group = which[order]
        begins_group = np.ones(len(rows), bool)
        begins_group[1:] = group[1:] != group[:-1]
        seq, ack = self.seq[rows][order], self.ack[rows][order]
        turned = turned[order]
        syn = l4["flags"][order] & _SYN > 0
        begins = syn | (begins_group & (known[group, 0] < 0))
        place = np.arange(len(rows))
        starts = np.maximum.accumulate(np.where(begins_group, place, 0))
        last = np.maximum.accumulate(np.where(begins, place, -1))
        one = np.where(turned, ack - 1 & _WRAP, seq)
        two = np.where(turned, seq, ack - 1 & _WRAP)
        has = last >= starts
        self._base = (
            np.where(has, one[last], known[group, 0]),
            np.where(has, two[last], known[group, 1]),
        )
        before = np.full(len(rows), -1)
        before[1:] = last[:-1]
        had = before >= starts
        self._before = (
            np.where(had, one[before], known[group, 0]),
            np.where(had, two[before], known[group, 1]),
        )
        mine = np.where(turned, self._base[1], self._base[0])
        other = np.where(turned, self._base[0], self._base[1])
        self.seq[rows[order]] = np.where(begins, seq, seq - mine & _WRAP)
        self.ack[rows[order]] = np.where(begins, ack, ack - other & _WRAP)
        self._place = np.empty(len(rows), np.intp)
        self._place[order] = place
        self._group = group
        ends = np.flatnonzero(np.append(begins_group[1:], True))
        changed = ends[has[ends]]
        # New conversations are noted in the order in which they began.
        self._final = changed[np.argsort(rows[order][starts[changed]], kind="stable")]

    def _known(
        self,
        first: NDArray[np.intp],
        turned: NDArray[np.bool_],
        src: Addresses,
        dst: Addresses,
        sport: Words,
        dport: Words,
    ) -> NDArray[np.int64]:
        """What the State has of each conversation: -1 for nothing."""
        found = np.full((len(first), 2), -1, np.int64)
        get = self._state.conversations.get
        for number, row in enumerate(first.tolist()):
            at = int(self._rows[row])
            one, two = src.octets(at), dst.octets(at)
            low, high = int(sport[row]), int(dport[row])
            key = (two, one, high, low) if turned[row] else (one, two, low, high)
            self._keys.append(key)
            known = get(key)
            if known is not None:
                found[number] = known
        return found

    def pin(self, row: int) -> None:
        """Let the State know what it would before this row, a segment's or another's."""
        at = int(np.searchsorted(self._rows, row))
        if at == len(self._rows) or self._rows[at] != row:
            return
        place = self._place[at]
        key = self._keys[int(self._group[place])]
        one, two = int(self._before[0][place]), int(self._before[1][place])
        if one < 0:
            self._state.conversations.pop(key, None)
        else:
            self._state.conversations[key] = one, two

    def settle(self) -> None:
        """Let the State know what it would behind the last row."""
        if not len(self._rows):
            return
        conversations = self._state.conversations
        one, two = self._base
        keys = self._keys
        numbers = self._group[self._final].tolist()
        for number, first, second in zip(
            numbers, one[self._final].tolist(), two[self._final].tolist(), strict=True
        ):
            conversations[keys[number]] = int(first), int(second)
