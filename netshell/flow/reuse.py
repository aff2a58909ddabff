"""Where a pair of TCP ports is used again: which SYNs start another conversation.

The rule is Wireshark's (packet-tcp.c, its ``tcp.stream``), so that conversations can be compared
with it: a SYN without ACK starts anew where its sequence number is not the one that its side is
known to count from. Known is, since the conversation began: the number of the side's last SYN,ACK,
else what was seen first, its own segment or an acknowledgment of it. A SYN sent again has the same
number and stays.

Only SYNs decide, and only those of pairs already seen can start anew: they are few, and looked at
one after the other; what is known at each of them is worked out for all at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.seq import MODULUS

UNKNOWN = -1
SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04

Rows = NDArray[np.intp]
Ints = NDArray[np.int64]


def evidence(flags: Any, seq: Any, ack: Any, own: Any) -> tuple[NDArray[np.bool_], Ints]:
    """Where segments show what a side counts from, and the number; ``own``: that side sent it."""
    shown = own | ((flags & ACK) > 0)
    number = np.where(own, seq - ((flags & SYN) == 0), ack - 1) % MODULUS
    return shown & (flags >= 0), number


def first_in(mask: NDArray[np.bool_], begin: Rows, end: Any) -> Rows:
    """The first marked place of each stretch; -1 where there is none."""
    places = np.append(np.flatnonzero(mask), len(mask))
    found = places[np.searchsorted(places[:-1], begin)]
    return np.where(found < end, found, -1)


def last_in(mask: NDArray[np.bool_], begin: Any, end: Rows) -> Rows:
    """The last marked place of each stretch; -1 where there is none."""
    places = np.append(np.flatnonzero(mask), -1)
    found = places[np.searchsorted(places[:-1], end) - 1]
    return np.where(found >= begin, found, -1)


def new_starts(
    pair: Any, side: Any, flags: Any, seq: Any, ack: Any, carried: Ints
) -> NDArray[np.bool_]:
    """Which of N segments start another conversation on their pair.

    The segments are sorted by pair, those of one in capture order; ``carried`` (N x 2) is what
    each side of the pair's last conversation counts from, ``UNKNOWN`` where that is not known.
    """
    count = len(pair)
    starts = np.diff(pair, prepend=-1) != 0
    begin = np.flatnonzero(starts)
    bare = (flags >= 0) & ((flags & (SYN | ACK)) == SYN)
    syns = np.flatnonzero(bare)
    stretch = np.searchsorted(begin, syns, side="right") - 1
    opening = begin[stretch]  # of each SYN's pair
    known_from, known, answered, answer = [], [], [], []
    points = np.concatenate([syns, begin])
    for which in (0, 1):
        own = side == which
        shown, number = evidence(flags, seq, ack, own)
        first = first_in(shown, points, count)
        known_from.append(np.where(first < 0, count, first).tolist())
        known.append(number[first].tolist())
        last = last_in(own & (flags >= 0) & ((flags & (SYN | ACK)) == (SYN | ACK)), 0, syns)
        answered.append(last.tolist())
        answer.append(seq[last].tolist())
    before = carried[opening].tolist()
    sides, numbers = side[syns].astype(int).tolist(), seq[syns].tolist()
    places, groups, openings = syns.tolist(), stretch.tolist(), opening.tolist()
    anew: list[int] = []
    group, point, since = -1, 0, 0
    for i, (place, which) in enumerate(zip(places, sides, strict=True)):
        if groups[i] != group:
            group, point, since = groups[i], len(places) + groups[i], openings[i]
            fresh = False
        if answered[which][i] >= since:
            base = answer[which][i]
        elif not fresh and before[i][which] != UNKNOWN:
            base = before[i][which]
        elif known_from[which][point] < place:
            base = known[which][point]
        else:
            continue
        if base != numbers[i]:
            anew.append(place)
            point, since, fresh = i, place, True
    marked = np.zeros(count, np.bool_)
    marked[anew] = True
    return marked
