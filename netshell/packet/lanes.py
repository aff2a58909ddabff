"""Walking a chain of records in many places at once.

Each record says only where the next one begins, so a chain is walked from its start, one record
after the other. Here a stretch of it is cut into *lanes*: near each cut a record's start is
guessed, and all lanes are walked in lockstep, one gather per step. Then the guesses are proven in
order: the walk of a proven lane has to arrive exactly where the next one began. From where it did
not, records are followed one by one up to the next guess that they do meet.

Invariants:

- What comes out is the sequential walk's result, bit for bit, whatever the data: a guess that was
  not proven leaves no trace.
- Lockstep work is paid for by records proven before (``CREDIT`` steps each), so that hostile data
  costs a fraction more than the sequential walk, not a multiple.
- Memory is bounded by the stretch, not by the data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netshell.packet.framing import Framing, Places, items

LANES = 1024  # with more of them the processor runs out of address translations
STRETCH = 256 << 20  # bytes walked in one go
RECORDS = 1 << 20  # records expected in them, at most
FIRST = 1024  # records followed one by one before there are lanes, and where lanes do not pay
FEW = 24  # so many lanes take as long in lockstep as one after the other
LEAST = 128  # records a lane should have, or finding its start costs more than it saves
ROWS = 16  # steps between looks at what the lanes met
HOPS = 4  # likely records that a guess is the first of
SEARCHED = 256  # bytes behind a cut looked through in one go
CANDIDATES = 8  # places in them looked at closely

CREDIT = 4  # steps that a record pays for: followed by itself, it takes about as long
ALLOWANCE = 1 << 15  # steps that need not be paid for: about two milliseconds
OVERHEAD = 128  # steps that one in lockstep costs, however few lanes there are
PER_STEP = 64  # bytes looked through that cost as much as a step

_FAR = np.iinfo(np.int64).max


@dataclass(slots=True)
class Lanes:
    """What the lanes of a stretch found: L lanes, from their guessed beginnings."""

    begins: Places  # L, ascending; the first is proven
    reached: Places  # L: the first place at or behind the next lane's begin, or as far as it got
    groups: list[tuple[NDArray[np.intp], list[Places]]]  # lanes, and their places: step x lane


@dataclass(slots=True)
class Walk:
    """A walk along the records of ``framing``; ``at`` is where the next one is, if there is one.

    It yields the places of the records in stretches, in order, until there are no more; then
    ``at`` is the end of the data, or ``framing.problem(at)`` says what is wrong there.

    >>> walk = Walk(Frames(data, "<"), 24)                             # doctest: +SKIP
    >>> for places in walk: ...                                        # doctest: +SKIP
    """

    framing: Framing
    at: int
    lanes: int = LANES
    stretch: int = STRETCH
    first: int = FIRST
    few: int = FEW
    least: int = LEAST
    done: bool = False
    _known: int = 0  # the last proven record
    _proven: int = 0  # records
    _bytes: int = 0  # of these
    _spent: int = 0  # steps of lanes

    def __iter__(self) -> Walk:
        return self

    def __next__(self) -> Places:
        if self.done:
            raise StopIteration
        return self.advance()

    def advance(self) -> Places:
        """The places of the records that begin in the next stretch, or in a part of it."""
        start = self.at
        stop = min(start + self.stretch, len(self.framing.data))
        expected = self._expected(stop - start)
        lanes = min(self.lanes, expected // self.least)
        if lanes > self.few:
            stop = min(stop, start + expected * self._bytes // self._proven)
            places = self._together(stop, lanes, min(4 * expected, self._paid()))
        else:
            places = self._follow(stop, self.first)
        if len(places):
            self._known = int(places[-1])
            self._proven += len(places)
            self._bytes += self.at - start
        self.done = self.done or self.at >= len(self.framing.data)
        return places

    def _expected(self, size: int) -> int:
        """Records to expect in so many bytes; no more than lockstep work is paid for."""
        if not self._proven:
            return 0
        return max(min(size * self._proven // self._bytes, self._paid() * 2 // 3, RECORDS), 0)

    def _paid(self) -> int:
        """Steps that may still be made."""
        return CREDIT * self._proven + ALLOWANCE - self._spent

    def _follow(self, stop: int, limit: int) -> Places:
        """The next records, one by one."""
        records, self.at = self.framing.follow(self.at, stop, limit)
        self.done = self.at < stop and len(records) < limit
        return np.array(records, np.int64)

    def _together(self, stop: int, lanes: int, limit: int) -> Places:
        """The records up to ``stop`` in lanes, for so many steps at most."""
        limit += self._spent
        begins = self._guesses(stop, lanes, limit)
        return self._proven_of(self._lockstep(begins, stop, limit), stop)

    # --- guessing -----------------------------------------------------------------------------

    def _guesses(self, stop: int, lanes: int, limit: int) -> Places:
        """Where lanes begin: here, and at likely records behind the cuts."""
        align, data = self.framing.align, self.framing.data
        width = max((stop - self.at) // lanes // align, 1) * align
        cuts = np.arange(self.at + width, stop, width, dtype=np.int64)
        hints = self.framing.hints(self._known)
        window = items(data, f"V{SEARCHED + max(hint.place for hint in hints)}")
        found = [np.array([self.at], np.int64)]
        for offset in range(0, width, SEARCHED):
            cuts = cuts[: np.searchsorted(cuts, len(window) - offset)]
            if not len(cuts) or self._spent > limit:
                break
            self._spent += len(cuts) * SEARCHED // PER_STEP
            octets = window[cuts + offset].view(np.uint8).reshape(len(cuts), -1)
            matches = np.ones((len(cuts), SEARCHED // align), np.bool_)
            for hint in hints:
                column = octets[:, hint.place : hint.place + SEARCHED : align]
                matches &= column - np.uint8(hint.low) <= hint.span if hint.span else (
                    column == hint.low
                )  # fmt: skip
            row, column = np.divmod(np.flatnonzero(matches), SEARCHED // align)
            rank = np.arange(len(row)) - np.searchsorted(row, row)
            row, column = row[rank < CANDIDATES], column[rank < CANDIDATES]
            places = cuts[row] + offset + column * align
            likely = self._likely(places)
            row, first = np.unique(row[likely], return_index=True)
            found.append(places[likely][first])
            cuts = np.delete(cuts, row)
        begins = np.unique(np.concatenate(found))
        return begins[begins < stop]

    def _likely(self, at: Places) -> NDArray[np.bool_]:
        """Which places look like the first of several records."""
        framing, size = self.framing, len(self.framing.data)
        self._spent += len(at) * HOPS
        likely = np.ones(len(at), np.bool_)
        for _ in range(HOPS):
            after = np.empty_like(at)
            framing.behind(at, after)
            likely &= (framing.holds(at, after) & framing.likely(at, self._known)) | (at == size)
            at = np.where(likely, after, size)
        return likely

    # --- walking ------------------------------------------------------------------------------

    def _lockstep(self, begins: Places, stop: int, limit: int) -> Lanes:
        """Walks each lane up to the next one's beginning, until few are left or it costs more."""
        ends = np.append(begins[1:], stop)
        lanes = np.arange(len(begins))
        reached, at = begins.copy(), begins
        walked = Lanes(begins, reached, [(lanes, [])])
        while len(lanes) > self.few and self._spent < limit:
            self._spent += ROWS * max(len(lanes), OVERHEAD)
            places = np.empty((ROWS + 1, len(lanes)), np.int64)
            places[0] = at
            for step in range(ROWS):
                self.framing.behind(places[step], places[step + 1])
            beyond = places[:-1] >= ends
            wrong = ~(self.framing.holds(places[:-1], places[1:]) | beyond)
            if wrong.any():  # such a lane ends there
                which = np.flatnonzero(wrong.any(axis=0))
                ends[which] = places[wrong[:, which].argmax(axis=0), which]
                beyond = places[:-1] >= ends
            steps = ROWS - np.count_nonzero(beyond, axis=0)
            at = places[-1]
            # A lane that has ended keeps the place where it did.
            reached[lanes] = np.where(
                reached[lanes] >= ends, reached[lanes], places[steps, np.arange(len(lanes))]
            )
            places[:-1][beyond] = _FAR
            walked.groups[-1][1].append(places[:-1])
            going = at < ends
            if 2 * np.count_nonzero(going) <= len(lanes):
                lanes, at, ends = lanes[going], at[going], ends[going]
                walked.groups.append((lanes, []))
        return walked

    # --- proving ------------------------------------------------------------------------------

    def _proven_of(self, walked: Lanes, stop: int) -> Places:
        """The records that follow one another from here on, up to ``stop``."""
        begins, reached = walked.begins, walked.reached
        proven = np.zeros(len(begins), np.bool_)
        stray: list[int] = []
        breaks = np.append(np.flatnonzero(reached[:-1] != begins[1:]), len(begins) - 1)
        while not self.done and self.at < stop:
            lane = int(np.searchsorted(begins, self.at))
            if lane < len(begins) and begins[lane] == self.at and not proven[lane]:
                last = int(breaks[np.searchsorted(breaks, lane)])
                proven[lane : last + 1] = True
                self.at = int(reached[last])
                continue
            # Nowhere near a guess, or in a lane that was not walked to its end.
            lane = int(np.searchsorted(begins, self.at, side="right"))
            target = int(begins[lane]) if lane < len(begins) else stop
            records, self.at = self.framing.follow(self.at, target, target)
            stray += records
            self.done = self.at < target
        parts = [np.array(stray, np.int64)]
        for lanes, blocks in walked.groups:
            if blocks:
                chosen = proven[lanes]
                places = np.concatenate(blocks)
                places = (places if chosen.all() else places[:, chosen]).T
                parts.append(places[places < _FAR])
        parts = [part for part in parts if len(part)]
        if len(parts) == 1:
            return parts[0]
        # Each part is in order: merging is all that is left to do.
        return np.sort(np.concatenate([np.empty(0, np.int64), *parts]), kind="stable")
