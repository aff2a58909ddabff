"""Walking a chain of records in many places at once.

Each record says only where the next one begins, so a chain is walked from its start, one record
after the other. Here a stretch of it is cut into *lanes*: near each cut a record's start is
guessed, and all lanes are walked in lockstep, one gather per step. Then the guesses are proven in
order: the walk of a proven lane has to arrive exactly where the next one began. From where it did
not, records are followed one by one up to the next guess that they do meet.

Where thousands of records are of one size, as in a stretch of zeros, nothing tells where one
begins, and nothing has to be guessed: as long as each has that size, it is where it has to be.

Invariants:

- What comes out is the sequential walk's result, bit for bit, whatever the data: a guess that was
  not proven leaves no trace.
- Guessing and lockstep are paid for by records found before, dearly by those that lanes did not
  find: hostile data costs a fraction more than the sequential walk, not a multiple.
- Memory is bounded by the stretch, not by the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netshell.packet.framing import Framing, Places, items

LANES = 1024  # with more of them the processor runs out of address translations
STRETCH = 256 << 20  # bytes walked in one go
RECORDS = 1 << 20  # records expected in them, at most
FIRST = 1024  # records followed one by one before there are lanes, and where lanes do not pay
KNOWN = 16  # those where an earlier walk told how long records are
FEW = 24  # so many lanes take as long in lockstep as one after the other
LEAST = 64  # records a lane should have, or finding its start costs more than it saves
ROWS = 16  # steps between looks at what the lanes met
HOPS = 4  # likely records that a guess is the first of
SEARCHED, MOST_SEARCHED = 256, 4096  # bytes behind a cut looked through in one go: twice, twice ...
CANDIDATES = 4  # places in them looked at closely

# Costs are counted in steps of one lane, of which a record followed by itself takes about four.
ALLOWANCE = 16_384  # steps that need not be paid for: a millisecond
FOLLOWED = 4  # records followed by themselves that pay for a step
PROVEN = 4  # steps that a record found in lanes pays for
OVERHEAD = 128  # what a step in lockstep costs, however few lanes there are
SEARCH, PER_STEP = 1024, 64  # what a search costs, and bytes looked through that cost a step more

ALIKE = 4096  # records of one size from which on they are taken together
SMALLEST = 12  # bytes that a record has in any framing
_TRIED = 64  # of them that are looked at first

_FAR = np.iinfo(np.int64).max


@dataclass(slots=True)
class Lanes:
    """What the lanes of a stretch found: L lanes, from their guessed beginnings."""

    begins: Places  # L, ascending; the first is proven
    reached: Places  # L: the first place at or behind the next lane's begin, or as far as it got
    groups: list[tuple[NDArray[np.intp], list[Places]]]  # lanes, and their places: lane x step


@dataclass(slots=True)
class Pace:
    """What a walk learned; given to the walk of a file's next window, it need not start anew."""

    mean: float = 0.0  # bytes a record, lately
    budget: int = ALLOWANCE  # steps that are paid for


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
    pace: Pace = field(default_factory=Pace)
    lanes: int = LANES
    stretch: int = STRETCH
    first: int = FIRST
    few: int = FEW
    least: int = LEAST
    done: bool = False
    _known: int = -1  # the last proven record

    def __iter__(self) -> Walk:
        return self

    def __next__(self) -> Places:
        if self.done:
            raise StopIteration
        return self.advance()

    def advance(self) -> Places:
        """The places of the records that begin in the next stretch, or in a part of it."""
        start, size = self.at, len(self.framing.data)
        stop = min(start + self.stretch, size)
        places = self._alike(stop)
        if len(places):
            self.pace.mean, self._known = (self.at - start) / len(places), int(places[-1])
            self.done = self.at >= size
            return places
        expected = self._expected(stop - start)
        # Finding a lane's start costs about what a step of all lanes costs beyond its gathers.
        lanes = min(self.lanes, expected // self.least, math.isqrt(expected) + self.few)
        if lanes > self.few:
            stop = min(stop, start + int(expected * self.pace.mean))
            places = self._together(stop, lanes, min(4 * expected, self.pace.budget))
        else:
            places = self._follow(stop)
        if len(places):
            if self._known >= 0 or not self.pace.mean:  # else there are too few to tell
                self.pace.mean = (self.at - start) / len(places)
            self._known = int(places[-1])
        self.done = self.done or self.at >= size
        return places

    def _expected(self, size: int) -> int:
        """Records to expect in so many bytes; no more than lockstep work is paid for."""
        if self._known < 0:
            return 0
        return max(min(int(size / self.pace.mean), self.pace.budget // 2, RECORDS), 0)

    def _follow(self, stop: int) -> Places:
        """The next records, one by one."""
        limit = KNOWN if self._known < 0 and self.pace.mean else self.first
        records, self.at = self.framing.follow(self.at, stop, limit)
        self.done = self.at < stop and len(records) < limit
        self.pace.budget += len(records) // FOLLOWED
        return np.array(records, np.int64)

    def _alike(self, stop: int) -> Places:
        """The next records, if thousands of them are of one size; else none."""
        place = np.array([self.at], np.int64)
        if stop - self.at < ALIKE * SMALLEST:
            return place[:0]
        behind = np.empty_like(place)
        self.framing.behind(place, behind)
        size = int(behind[0]) - self.at
        if (
            size <= 0
            or (stop - self.at) // size < ALIKE
            or not self.framing.holds(place, behind)[0]
        ):
            return place[:0]
        found: list[Places] = []
        at, count, total = self.at, _TRIED, 0
        while at < stop and total < RECORDS:
            places = np.arange(at, min(at + count * size, stop), size, dtype=np.int64)
            behind = np.empty_like(places)
            self.framing.behind(places, behind)
            alike = (behind - places == size) & self.framing.holds(places, behind)
            held = len(places) if alike.all() else int(alike.argmin())
            found.append(places[:held])
            at, total = at + held * size, total + held
            if held < len(places):
                break
            count = min(8 * count, 1 << 16)
        if total < ALIKE:
            return place[:0]
        self.at = at
        return np.concatenate(found)

    def _together(self, stop: int, lanes: int, limit: int) -> Places:
        """The records up to ``stop`` in lanes, for so many steps at most."""
        reserve = self.pace.budget - limit
        begins = self._guesses(stop, lanes, reserve + limit // 2)
        return self._proven_of(self._lockstep(begins, stop, reserve), stop)

    # --- guessing -----------------------------------------------------------------------------

    def _guesses(self, stop: int, lanes: int, reserve: int) -> Places:
        """Where lanes begin: here, and at likely records behind the cuts.

        Ends when the budget is down to the reserve.
        """
        align = self.framing.align
        width = max((stop - self.at) // lanes // align, 1) * align
        cuts = np.arange(self.at + width, stop, width, dtype=np.int64)
        found = [np.array([self.at], np.int64)]
        offset, size = 0, min(SEARCHED, width)
        while len(cuts) and offset < width and self.pace.budget > reserve:
            cuts, row, places = self._candidates(cuts, offset, size)
            if len(row):
                likely = self._likely(places)
                row, first = np.unique(row[likely], return_index=True)
                found.append(places[likely][first])
                cuts = np.delete(cuts, row)
            offset, size = offset + size, min(2 * size, MOST_SEARCHED)
        # With an index it is asked for less: alone, np.unique loads numpy.ma, 30 ms at the start.
        begins, _ = np.unique(np.concatenate(found), return_index=True)
        return begins[begins < stop]

    def _candidates(
        self, cuts: Places, offset: int, size: int
    ) -> tuple[Places, NDArray[np.intp], Places]:
        """Places with the bytes of a record, so far behind the cuts, and which cut each is at.

        Of the cuts those remain that are not too near to the data's end.
        """
        align, hints = self.framing.align, self.framing.hints(self._known)
        window = items(self.framing.data, f"V{size + max(hint.place for hint in hints)}")
        cuts = cuts[: np.searchsorted(cuts, len(window) - offset)]
        if not len(cuts):
            return cuts, np.empty(0, np.intp), cuts
        self.pace.budget -= SEARCH + len(cuts) * size // PER_STEP
        octets = window[cuts + offset].view(np.uint8).reshape(len(cuts), -1)
        matches = np.ones((len(cuts), size // align), np.bool_)
        for hint in hints:
            column = octets[:, hint.place : hint.place + size : align]
            if hint.span:
                matches &= column - np.uint8(hint.low) <= hint.span
            else:
                matches &= column == hint.low
        if np.count_nonzero(matches) > CANDIDATES * len(cuts):  # nothing is telling here
            row = np.flatnonzero(matches.any(axis=1))
            return cuts, row, cuts[row] + offset + matches[row].argmax(axis=1) * align
        row, column = np.divmod(np.flatnonzero(matches), size // align)
        return cuts, row, cuts[row] + offset + column * align

    def _likely(self, at: Places) -> NDArray[np.bool_]:
        """Which places look like the first of several records."""
        framing, size = self.framing, len(self.framing.data)
        self.pace.budget -= len(at) * HOPS
        likely = np.ones(len(at), np.bool_)
        for _ in range(HOPS):
            after = np.empty_like(at)
            framing.behind(at, after)
            likely &= (framing.holds(at, after) & framing.likely(at, self._known)) | (at == size)
            at = np.where(likely, after, size)
        return likely

    # --- walking ------------------------------------------------------------------------------

    def _lockstep(self, begins: Places, stop: int, reserve: int) -> Lanes:
        """Walks each lane up to the next one's beginning, until few are left.

        Ends too when the budget is down to the reserve.
        """
        ends = np.append(begins[1:], stop)
        lanes = np.arange(len(begins))
        reached, at = begins.copy(), begins
        walked = Lanes(begins, reached, [(lanes, [])])
        while len(lanes) > self.few and self.pace.budget > reserve:
            self.pace.budget -= ROWS * max(len(lanes), OVERHEAD)
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
            walked.groups[-1][1].append(places[:-1].T)
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
        parts = []
        for lanes, blocks in walked.groups:
            if blocks:
                chosen = proven[lanes]
                places = np.concatenate(blocks, axis=1)
                places = places if chosen.all() else places[chosen]
                parts.append(places[places < _FAR])
        self.pace.budget += len(stray) // FOLLOWED + PROVEN * sum(map(len, parts))
        parts.append(np.array(stray, np.int64))
        parts = [part for part in parts if len(part)]
        if len(parts) == 1:
            return parts[0]
        # Each part is in order: merging is all that is left to do.
        merged = np.concatenate([np.empty(0, np.int64), *parts])
        merged.sort(kind="stable")
        return merged
