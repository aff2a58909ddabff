"""States that need no following: both ends of flows whose few kinds of segments say it all.

Scans and captures of ordinary connections are mostly these. What is not plain is left to
:mod:`netshell.flow.tracker`, which follows one flow after the other; here many are told at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import UNKNOWN, Segments
from netshell.flow.state import State

STATES = tuple(State)
NOT_PLAIN = -1


def plain_states(segments: Segments) -> NDArray[np.int8]:
    """F x 2: the place in :data:`STATES` of what client and server are in behind their last
    segment, NOT_PLAIN for flows that are to be followed. Raises nothing.

    Plain are: nothing but SYNs of one side; one SYN and the RST that refuses it; a connection
    without FIN, from its handshake or from the middle on, that is open or ends with a RST of
    exactly the next number (RFC 9293 3.10.7.4, RFC 5961 3.2).
    """
    found = np.full((len(segments.numbers), 2), NOT_PLAIN, np.int8)
    flows = np.flatnonzero(np.diff(segments.begin))
    if not len(flows):
        return found
    begin, end = segments.begin[flows], segments.begin[flows + 1]
    flags, client = segments.flags & (SYN | ACK | RST | FIN), segments.from_client
    count, last = end - begin, end - 1

    def among(mask: NDArray[np.bool_]) -> Any:
        every = np.append(0, np.cumsum(mask))
        return every[end] - every[begin]

    by_client = among(client)
    syns = (among(flags == SYN) == count) & ((by_client == 0) | (by_client == count))
    opener = np.where(client[begin], 0, 1)
    found[flows[syns], opener[syns]] = STATES.index(State.SYN_SENT)
    found[flows[syns], 1 - opener[syns]] = STATES.index(State.LISTEN)

    talks = among(flags == ACK)
    shaken = _handshakes(segments, flags, begin, count)
    whole = np.where(shaken, 2, 0)  # its SYNs are no talk
    established = talks + whole == count
    found[flows[established]] = STATES.index(State.ESTABLISHED)

    resets = ((flags[last] & ~ACK) == RST) & (talks > 0) & (talks + whole == count - 1)
    resets &= segments.seq[last] == _acknowledged(segments, flags, begin, ~client[last])
    resets |= (count == 2) & _refused(segments, flags, begin, last)
    found[flows[resets]] = STATES.index(State.CLOSED)
    return found


def _handshakes(segments: Segments, flags: Any, begin: Any, count: Any) -> NDArray[np.bool_]:
    """Which flows begin with SYN, SYN,ACK and ACK, in this order and without data."""
    first = begin[count >= 3]
    second, third = first + 1, first + 2
    own, seq, after, ack = segments.from_client, segments.seq, segments.end, segments.ack
    good = (flags[first] == SYN) & (flags[second] == (SYN | ACK)) & (flags[third] == ACK)
    good &= (own[first] != own[second]) & (own[first] == own[third])
    good &= (seq[first] == 0) & (seq[second] == 0) & (after[first] == 1) & (after[second] == 1)
    good &= (ack[second] == 1) & (ack[third] == 1)
    found = np.zeros(len(begin), np.bool_)
    found[count >= 3] = good
    return found


def _acknowledged(segments: Segments, flags: Any, begin: Any, client: Any) -> NDArray[np.int64]:
    """The highest number that one side of each flow has acknowledged; UNKNOWN if none."""
    told = np.where((flags & (ACK | RST)) == ACK, segments.ack, UNKNOWN)
    own = segments.from_client
    sides = [np.where(side, told, UNKNOWN) for side in (own, ~own)]
    by_client, by_server = (np.maximum.reduceat(side, begin) for side in sides)
    highest = np.where(client, by_client, by_server)
    # Of a RST, no number is like what nobody told.
    return np.where(highest == UNKNOWN, UNKNOWN + 1, highest)


def _refused(segments: Segments, flags: Any, first: Any, last: Any) -> NDArray[np.bool_]:
    """Whether a SYN is answered by a RST that acknowledges it."""
    good = (flags[first] == SYN) & (flags[last] == (RST | ACK)) & (segments.seq[first] == 0)
    good &= segments.from_client[first] != segments.from_client[last]
    good &= (segments.ack[last] >= 1) & (segments.ack[last] <= segments.end[first])
    refused: NDArray[np.bool_] = good
    return refused
