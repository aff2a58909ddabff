"""How long data took to be acknowledged: round trips seen at the place of the capture.

An acknowledgment that says something new gives one sample: since the newest segment that it covers
whole. That is what it was sent for, unless it was delayed (RFC 9293 section 3.8.6.3: up to half a
second). Left out, by Karn's rule (RFC 6298 section 3) and what it stands for: samples during which
the sender of the data sent anything again or out of order, since nobody can tell then what was
acknowledged, or what the acknowledgment had waited for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.running import Running
from netshell.flow.held_back import HELD_NS
from netshell.flow.reuse import FIN, RST
from netshell.flow.segments import UNKNOWN

Rows = NDArray[np.intp]


class RoundTrips(NamedTuple):
    """S samples, in the order of flows: rows of the data, of what acknowledged it, and the time."""

    data: Rows
    ack: Rows
    ns: NDArray[np.int64]


def round_trips(run: Running, by_client: bool) -> RoundTrips:
    """The round trips of the data that one side of every flow sent; raises nothing."""
    segments = run.segments
    own = segments.from_client if by_client else ~segments.from_client
    again = np.zeros(len(segments), np.bool_)
    again[run.behind] = True
    again &= own
    data = np.flatnonzero(own & run.raises & (segments.length > 0) & ~again)
    acks = np.flatnonzero(~own & run.acknowledges & ((segments.flags & RST) == 0))
    flow = np.searchsorted(segments.begin, data, "right") - 1
    told = np.searchsorted(segments.begin, acks, "right") - 1
    sent = np.zeros(len(segments.numbers), np.bool_)
    sent[flow] = True
    acks, told = acks[sent[told]], told[sent[told]]
    if not len(acks):
        nothing = np.zeros(0, np.intp)
        return RoundTrips(nothing, nothing, np.zeros(0, np.int64))
    end, ack = segments.end[data], segments.ack[acks]
    lift = _lift(len(sent), (flow, end), (told, ack))
    ends, asked = end + lift[flow], ack + lift[told]
    # Only what is acknowledged for the first time: the highest so far.
    highest = np.maximum.accumulate(asked)
    new = np.empty(len(asked), np.bool_)
    new[:1], new[1:] = True, asked[1:] > highest[:-1]
    acks, told, asked = acks[new], told[new], asked[new]
    place = np.searchsorted(ends, asked, "right") - 1
    place_or_first = np.maximum(place, 0)
    good = (place >= 0) & (flow[place_or_first] == told) & (data[place_or_first] < acks)
    place, acks = place[good], acks[good]
    # Several may cover no segment more than the one before; the first of them acknowledged it.
    first = np.empty(len(place), np.bool_)
    first[:1], first[1:] = True, place[1:] != place[:-1]
    data, acks = data[place[first]], acks[first]
    count = np.cumsum(again)
    ns = segments.time_ns[acks] - segments.time_ns[data]
    good = (count[acks] == count[data]) & (ns >= 0)
    return RoundTrips(data[good], acks[good], ns[good])


def clean(run: Running, by_client: bool) -> int | None:
    """The least time in ns in which one flow's side had its data acknowledged by a segment that
    says nothing else, and that cannot have been held back; None without such.

    An acknowledgment that comes with data waited for the data.
    """
    segments, found = run.segments, round_trips(run, by_client)
    alone = (segments.length[found.ack] == 0) & ((segments.flags[found.ack] & FIN) == 0)
    ns = found.ns[alone & (found.ns < HELD_NS[0])]
    return int(ns.min()) if len(ns) else None


def _lift(flows: int, *values: tuple[Rows, NDArray[np.int64]]) -> NDArray[np.int64]:
    """What to add to each flow's numbers so that they lie above those of the flows before."""
    low = np.full(flows, np.iinfo(np.int64).max)
    high = np.full(flows, UNKNOWN)
    for flow, value in values:
        np.minimum.at(low, flow, value)
        np.maximum.at(high, flow, value)
    there = high > UNKNOWN
    size = np.where(there, high - np.where(there, low, 0) + 1, 0)
    lift: NDArray[np.int64] = np.cumsum(size) - np.where(there, high, 0)
    return lift
