"""What the TCP segments of flows tell beyond counts: vector work over all of them at once.

:data:`DETAILS` is the reference: every field, its unit, what it means and when it misleads. Each
is worked out the first time it is asked for, together with those that rest on the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.completeness import completeness
from netshell.flow.coverage import apart
from netshell.flow.ending import PHRASES, endings
from netshell.flow.offers import offers
from netshell.flow.reuse import SYN
from netshell.flow.round_trips import round_trips
from netshell.flow.segments import Segments
from netshell.results import Data

if TYPE_CHECKING:
    from netshell.flow.findings.finding import FindingRows
    from netshell.flow.findings.running import Running

Sides = NDArray[Any]
"""F x 2: of the client, of the server."""


class Details:
    """What F flows' segments tell; ``details["client_mss"]`` has a value of each flow.

    Row i is that of flow ``numbers[i]``. Flows without TCP segments have no values.
    """

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self.numbers = segments.numbers
        begin = segments.begin
        self._flow = np.repeat(np.arange(len(begin) - 1), np.diff(begin))
        self._none = begin[1:] == begin[:-1]
        self._made: dict[str, Data] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, name: str) -> Data:
        """One of :data:`DETAILS`, N values; missing ones are marked."""
        if name not in self._made:
            self._make(name)
        return self._made[name]

    def _make(self, name: str) -> None:
        rest = name.partition("_")[2]
        if rest in _EACH:
            values, missing = _EACH[rest].read(self)
            for which, side in enumerate(SIDES):
                none = missing[:, which] | self._none
                each = np.where(none, 0, values[:, which]).astype(values.dtype)
                self._made[f"{side}_{rest}"] = Data(each, none)
        else:
            values, missing = _WHOLE[name].read(self)
            if name == "ended":  # has a phrase for those without TCP, an empty one
                self._made[name] = Data(values, missing, PHRASES)
            else:
                self._made[name] = Data(values, missing | self._none)

    def kinds(self) -> dict[str, NDArray[np.intp]]:
        """By each kind of finding, the rows of the flows that have one."""
        found = self._found
        flow = self._flow[found.row]
        return {rule.kind: np.unique(flow[found.rule == i]) for i, rule in enumerate(found.rules)}

    # --- what fields rest on ---

    @cached_property
    def _lane(self) -> NDArray[np.intp]:
        """Of each segment: 2 x the row of its flow, plus 1 for what the server sent."""
        return 2 * self._flow + ~self._segments.from_client

    @cached_property
    def _found(self) -> FindingRows:
        from netshell.flow.findings import rows_of

        return rows_of(self._segments)

    @property
    def _run(self) -> Running:
        return self._found.running

    def _sum(self, rows: Any, values: Any = None) -> Sides:
        """Of each side, how many of some segments there are, or the sum of their values."""
        lane = self._lane[rows]
        total = np.bincount(lane, values, 2 * len(self))  # exact as long as it is below 2^53
        return total.astype(np.int64).reshape(-1, 2)

    def _first(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Of each side, the first of some rows (ascending); -1 without one."""
        found = np.full(2 * len(self), -1, np.intp)
        found[self._lane[rows][::-1]] = rows[::-1]
        return found.reshape(-1, 2)

    @cached_property
    def _seen(self) -> Sides:
        """Which sides sent anything."""
        return np.bincount(self._lane, minlength=2 * len(self)).reshape(-1, 2) > 0

    # --- payload ---

    @cached_property
    def payload(self) -> Sides:
        rows = np.flatnonzero(self._segments.length)
        return self._sum(rows, self._segments.length[rows])

    @cached_property
    def unique(self) -> Sides:
        segments, run = self._segments, self._run
        total = self.payload.copy()
        data = segments.length > 0
        again = np.zeros(2 * len(self), np.bool_)
        again[self._lane[data & (segments.seq < run.expected)]] = True
        again[self._lane[run.probes]] = True
        rows = np.flatnonzero(data & again[self._lane])
        if len(rows):
            counted = _covered(self._lane[rows], *self._places(rows), len(again))
            total = np.where(again, counted, total.ravel()).reshape(-1, 2)
        return total

    @cached_property
    def duration_ns(self) -> NDArray[np.int64]:
        """Of each flow, from its first segment to its last, by the clock."""
        time, begin = self._segments.time_ns, self._segments.begin[:-1][~self._none]
        found = np.zeros(len(self), np.int64)
        if len(begin):
            least, most = np.minimum.reduceat(time, begin), np.maximum.reduceat(time, begin)
            found[~self._none] = most - least
        return found

    def _throughput(self) -> tuple[Sides, Sides]:
        lasted = np.stack([self.duration_ns] * 2, axis=1)
        missing = lasted <= 0
        return self.unique / np.where(missing, 1, lasted) * 1e9, missing

    @cached_property
    def _again(self) -> NDArray[np.intp]:
        """Segments that were sent again: the finding, and what came too soon for it but had been
        captured before (a fast network repeats within its own round trip)."""
        from netshell.flow.findings import evidence, retransmission, tries

        # Who opens at once with the other side answers with its SYN's number: nothing new, no loss.
        found = np.setdiff1d(self._run.rows(retransmission.find), tries.crossings(self._run))
        found = found[~tries.new_after_all(self._run, found)]
        return np.union1d(found, np.flatnonzero(evidence.sent_before(self._run)))

    def _places(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the payloads of some segments begin and end."""
        segments = self._segments
        start = segments.seq[rows] + ((segments.flags[rows] & SYN) > 0)
        return start, start + segments.length[rows]

    def _retransmitted(self, weigh: bool) -> tuple[Sides, Sides]:
        rows = self._again
        return _always(self._sum(rows, self._segments.length[rows] if weigh else None))

    # --- what the SYNs offer ---

    @cached_property
    def _offers(self) -> tuple[Sides, Sides]:
        """MSS, window scale and SACK of the first SYN of each side, -1 without one or the other."""
        first = self._first(np.flatnonzero((self._segments.flags & SYN) > 0))
        there = first >= 0
        found = np.full((3, *first.shape), -1, np.int64)
        found[:, there] = offers(self._segments, first[there])
        return found, found < 0

    def _offer(self, which: int, dtype: str = "int64") -> tuple[Sides, Sides]:
        found, missing = self._offers
        return found[which].astype(dtype), missing[which]

    # --- TTL ---

    def _ttl(self) -> tuple[Sides, Sides]:
        ttl = self._segments.ttl
        first = self._first(np.flatnonzero(ttl >= 0))
        return np.where(first >= 0, ttl[np.maximum(first, 0)] if len(ttl) else 0, 0), first < 0

    def _ttl_changes(self) -> tuple[Sides, Sides]:
        ttl, previous = self._segments.ttl, self._run.previous
        changed = (previous >= 0) & (ttl != ttl[previous]) & (ttl >= 0) & (ttl[previous] >= 0)
        return self._sum(np.flatnonzero(changed)), ~self._seen

    # --- times ---

    @cached_property
    def _round_trips(self) -> tuple[Sides, Sides]:
        """Median, least, greatest and number of the samples to each side and back, in ms."""
        found = np.zeros((4, len(self), 2))
        for which in (0, 1):  # to the client goes what the server sent
            data, _, ns = round_trips(self._run, by_client=which == 1)
            flow = self._flow[data]
            order = np.lexsort((ns, flow))
            ns, flow = ns[order], flow[order]
            begin = np.flatnonzero(np.diff(flow, prepend=-1))
            size = np.diff(np.append(begin, len(flow)))
            middle = (ns[begin + (size - 1) // 2] + ns[begin + size // 2]) / 2
            ends = ns[begin], ns[begin + size - 1]
            found[:, flow[begin], which] = middle / 1e6, ends[0] / 1e6, ends[1] / 1e6, size
        return found, found[3] == 0

    def _round_trip(self, which: int) -> tuple[Sides, Sides]:
        found, missing = self._round_trips
        return found[which], missing

    @cached_property
    def _waits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """ms from the client's last new data to the server's next: the first, the longest; -1."""
        segments, found = self._segments, np.full((2, len(self)), -1.0)
        rows = np.flatnonzero(self._run.raises & (segments.length > 0))
        own, flow = segments.from_client[rows], self._flow[rows]
        turns = np.flatnonzero(own[:-1] & ~own[1:] & (flow[1:] == flow[:-1])) + 1
        flow = flow[turns]
        wait = (segments.time_ns[rows[turns]] - segments.time_ns[rows[turns - 1]]) / 1e6
        known = wait >= 0  # a clock that was set back says nothing of it
        flow, wait = flow[known], wait[known]
        found[0, flow[::-1]] = wait[::-1]
        np.maximum.at(found[1], flow, wait)
        return found[0], found[1]

    def _wait(self, which: int) -> tuple[Sides, Sides]:
        values = self._waits[which]
        return np.maximum(values, 0), values < 0

    def _ended(self) -> tuple[Any, Any]:
        return _always(endings(self._segments).codes.astype(np.int32))

    def _findings(self) -> tuple[Any, Any]:
        rows = self._flow[self._found.row]
        return _always(np.bincount(rows, minlength=len(self)))


def _always(values: Any) -> tuple[Any, Any]:
    return values, np.zeros(values.shape, np.bool_)


def _covered(lane: Any, start: Any, end: Any, lanes: int) -> NDArray[np.int64]:
    """How many numbers the stretches of each lane cover, each number counted once."""
    order = np.lexsort((start, lane))
    lane = lane[order]
    start, end = apart(lane, start[order], end[order])
    highest = np.maximum.accumulate(end)
    before = np.concatenate([start[:1], highest[:-1]])
    new = np.maximum(end - np.maximum(start, before), 0)
    found: NDArray[np.int64] = np.bincount(lane, new, lanes).astype(np.int64)
    return found


@dataclass(frozen=True, slots=True)
class Detail:
    """One field; of ``client_...`` and ``server_...`` the part behind the side is its name."""

    name: str
    unit: str
    meaning: str
    read: Callable[[Details], tuple[Any, Any]]
    misleads: str = ""


SIDES = ("client", "server")

EACH_SIDE: tuple[Detail, ...] = (
    Detail("payload_bytes", "bytes", "TCP payload it sent, whatever was sent again counted again",
           lambda details: _always(details.payload)),
    Detail("unique_bytes", "bytes", "TCP payload it sent, each byte counted once",
           lambda details: _always(details.unique),
           "what the capture missed is not in it"),
    Detail("bytes_per_s", "bytes/s", "unique_bytes through the time from the flow's first segment "
           "to its last", lambda details: details._throughput(),
           "a connection that idles has a low one, however fast its data came"),
    Detail("mss", "bytes", "the largest segment its SYN says it takes (RFC 9293 section 3.7.1)",
           lambda details: details._offer(0), "middleboxes lower it (MSS clamping)"),
    Detail("window_scale", "bits", "what its SYN offers (RFC 7323 section 2)",
           lambda details: details._offer(1), "not in use unless both sides offer it"),
    Detail("sack", "", "whether its SYN permits selective acknowledgments (RFC 2018)",
           lambda details: details._offer(2, "bool"), "not in use unless both sides permit it"),
    Detail("ttl", "hops", "TTL or hop limit of the first segment it sent",
           lambda details: details._ttl()),
    Detail("ttl_changes", "", "how often its TTL differs from that of its segment before",
           lambda details: details._ttl_changes(),
           "routes change, and middleboxes answer for others: a hint, no proof"),
    Detail("retransmitted_packets", "", "segments it sent again: the finding retransmission, and "
           "out_of_order with bytes that were seen before",
           lambda details: details._retransmitted(False)),
    Detail("retransmitted_bytes", "bytes", "the payload of these",
           lambda details: details._retransmitted(True)),
    Detail("data_rtt_ms", "ms", "from where the capture was made to it and back: the median of "
           "the times until it acknowledged new data (netshell.flow.round_trips)",
           lambda details: details._round_trip(0),
           "delayed acknowledgments are in it (up to 40 ms and more): the least is the network's"),
    Detail("data_rtt_min_ms", "ms", "the least of them", lambda details: details._round_trip(1)),
    Detail("data_rtt_max_ms", "ms", "the greatest of them",
           lambda details: details._round_trip(2)),
)  # fmt: skip

WHOLE: tuple[Detail, ...] = (
    Detail("ended", "", "how it ended (netshell.flow.ending)", lambda details: details._ended()),
    Detail("completeness", "", "which kinds of segments were seen, added up "
           "(netshell.flow.completeness)",
           lambda details: _always(completeness(details._segments))),
    Detail("finding_count", "", "how many findings its packets have",
           lambda details: details._findings()),
    Detail("first_byte_ms", "ms", "from the last packet of what the client sent first to the "
           "first one the server sent behind it", lambda details: details._wait(0),
           "the network's way and the server's work together"),
    Detail("longest_wait_ms", "ms", "the longest time that passed so, in all turns",
           lambda details: details._wait(1),
           "a question that was never answered is not in it"),
)  # fmt: skip

_EACH = {detail.name: detail for detail in EACH_SIDE}
_WHOLE = {detail.name: detail for detail in WHOLE}

NAMES: tuple[str, ...] = (
    *(detail.name for detail in WHOLE),
    *(f"{side}_{detail.name}" for detail in EACH_SIDE for side in SIDES),
)
"""Every field, as flows have them."""
