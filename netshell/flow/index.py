"""Numbers for keys of two words: a hash table worked for many keys at once.

Each round looks one slot further for those whose slot holds another key. What a slot holds is
compared with the key itself, so two keys that share a hash are never mixed up, only slower to
tell apart. The hash depends on a secret of this process, so that nobody can choose keys that all
share a slot.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Words = NDArray[np.uint64]

_SECRET = hash("netshell keys")  # differs in every process
_MIX = tuple(
    np.uint64((_SECRET ^ odd) & 0xFFFF_FFFF_FFFF_FFFF | 1)
    for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
)
_HALF = np.uint64(32)
_TOGETHER = 1 << 14  # keys looked up together: they stay in the processor's cache
_LEAST = 12  # bits of the least number of slots


class Index:
    """Every key seen so far has a number, from 0 on: at most 40 bytes each."""

    def __init__(self) -> None:
        self.count = 0
        self._words = np.zeros((2, 1 << 10), np.uint64)  # by number
        self._hash = np.zeros(1 << 10, np.uint64)
        self._bits = _LEAST
        self._slots = np.full(1 << _LEAST, -1, np.int32)

    def keys(self, numbers: NDArray[np.integer]) -> Words:
        """The keys with these numbers, two words each in a last dimension of their own."""
        return np.stack([words[numbers] for words in self._words], axis=-1)

    def number(self, first: Words, second: Words) -> tuple[Rows, Rows]:
        """The numbers of N keys, and the rows where keys were met for the first time ever; these
        got the numbers from the former count on, in the order they are named."""
        numbers, fresh = np.empty(len(first), np.intp), []
        for at in range(0, len(first), _TOGETHER):  # what came before is found at once
            part = slice(at, at + _TOGETHER)
            numbers[part], new = self._number(first[part], second[part])
            fresh.append(new + at)
        return numbers, np.concatenate(fresh) if fresh else numbers

    def _number(self, first: Words, second: Words) -> tuple[Rows, Rows]:
        mixed = _mixed(first, second)
        numbers = self._at(self._slot(mixed))
        left = np.flatnonzero(~self._same(numbers, first, second))
        if not len(left):
            return numbers, left
        self._reserve(self.count + len(left))
        first, second, mixed = first.take(left), second.take(left), mixed.take(left)
        slot, fresh = self._slot(mixed), []
        while len(left):
            found = self._at(slot)
            empty = np.flatnonzero(found < 0)
            if len(empty):
                rows = self._enter(slot, empty, first, second, mixed)
                fresh.append(left[rows])
                found = self._at(slot)
            numbers[left] = found  # if it is another's, a later round says better
            out = np.flatnonzero(~self._same(found, first, second))
            left, first, second, mixed = left[out], first[out], second[out], mixed[out]
            slot = (slot[out] + _step(mixed)) & (len(self._slots) - 1)
        return numbers, np.concatenate(fresh) if fresh else left

    def _enter(self, slot: Rows, empty: Rows, first: Words, second: Words, mixed: Words) -> Rows:
        """Put keys into the empty slots they look at; of several that share one, the first."""
        at, each = slot.take(empty), np.arange(len(empty), dtype=np.int32)
        self._slots[at[::-1]] = each[::-1]  # the last one written stays
        takes = np.flatnonzero(self._slots.take(at) == each)
        rows, end = empty[takes], self.count + len(takes)
        self._slots[at[takes]] = np.arange(self.count, end, dtype=np.int32)
        self._words[0, self.count : end] = first[rows]
        self._words[1, self.count : end] = second[rows]
        self._hash[self.count : end] = mixed[rows]
        self.count = end
        return rows

    def _at(self, slot: Rows) -> Rows:
        """The numbers in these slots, -1 where they are empty."""
        return self._slots.take(slot).astype(np.intp)

    def _slot(self, mixed: Words) -> Rows:
        return (mixed >> np.uint64(64 - self._bits)).view(np.intp)

    def _same(self, numbers: Rows, first: Words, second: Words) -> NDArray[np.bool_]:
        """Whether the keys with these numbers (-1: none) are those."""
        same: NDArray[np.bool_] = self._words[0].take(numbers, mode="clip") == first
        same &= self._words[1].take(numbers, mode="clip") == second
        same &= numbers >= 0
        return same

    def _reserve(self, count: int) -> None:
        """Room for so many keys: at most half of the slots are ever taken."""
        if count > len(self._hash):
            room = max(count, 2 * len(self._hash))
            words = np.empty((2, room), np.uint64)
            words[:, : self.count] = self._words[:, : self.count]
            hashes = np.empty(room, np.uint64)
            hashes[: self.count] = self._hash[: self.count]
            self._words, self._hash = words, hashes
        if 2 * count <= len(self._slots):
            return
        self._bits = (2 * count - 1).bit_length()
        self._slots = np.full(1 << self._bits, -1, np.int32)
        numbers = np.arange(self.count, dtype=np.int32)
        slot = self._slot(self._hash[: self.count])
        while len(numbers):
            empty = np.flatnonzero(self._slots[slot] < 0)
            self._slots[slot[empty]] = numbers[empty]  # of several, one stays
            out = self._slots[slot] != numbers
            numbers, slot = numbers[out], slot[out]
            slot = (slot + _step(self._hash[numbers])) & (len(self._slots) - 1)


def in_order(keys: NDArray[np.integer], rows: Rows) -> Rows:
    """The rows (ascending, under 2^31) sorted by their keys (32 bits), otherwise as they were."""
    both: Rows = keys.astype(np.int64)
    both <<= 31
    both |= rows
    both.sort()  # plain numbers sort many times faster than by index
    both &= (1 << 31) - 1
    return both


def _mixed(first: Words, second: Words) -> Words:
    """A hash of keys that depends on every bit; its highest bits choose the slot."""
    mixed = first * _MIX[0]
    mixed ^= mixed >> _HALF
    mixed += second
    mixed *= _MIX[1]
    mixed ^= mixed >> _HALF
    mixed *= _MIX[0]
    return mixed


def _step(mixed: Words) -> Rows:
    """How far the next slot is: odd, so that all of them come up."""
    return (mixed & np.uint64(0xFFFF) | np.uint64(1)).view(np.intp)
