"""How long answers took, and where: at the server, or on the network.

An answer is new data of the server behind new data of the client; the request is the last of that.
Seen from the client, the time goes like this::

    request  ---- network ---->  server works  ---- network ---->  answer

The network's share is the time until the request is acknowledged, if that happens before the
answer, and was not held back (RFC 9293 section 3.8.6.3: a delayed acknowledgment). Else it is one
round trip, and the time lost by sending the request again. Where only acknowledgments show the
round trip that may all have been held back, the network took that much at most. Where the
capture was made beside the server, the way to the client is added, as the handshake showed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import UNSEEN, flow_of, round_trips
from netshell.flow.findings.once import once
from netshell.flow.findings.words import amount, duration, packet
from netshell.flow.held_back import HELD_NS
from netshell.flow.reuse import FIN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

SLOW_NS = 200_000_000
"""Less than a person notices, and the least that Linux waits before it sends again."""

LONGEST_NS = 10_000_000_000
"""Who waits for longer than that may well not wait: the server says something of its own accord."""

_LONG = np.iinfo(np.int64).max


class Turns(NamedTuple):
    """T answers that took 200 ms or more: rows of answer and request, and the shares in ns."""

    answer: NDArray[np.intp]
    request: NDArray[np.intp]
    network_ns: NDArray[np.int64]
    server_ns: NDArray[np.int64]
    beyond_ns: NDArray[np.int64]  # of the network's, what passed between the capture and the client
    doubtful: NDArray[np.bool_]  # it may be no answer: see LONGEST_NS, or its flow was under way
    at_most: NDArray[
        np.bool_
    ]  # of the network's it is the most it can be, of the server's the least


@once
def slow_turns(run: Running) -> Turns:
    """Those whose shares can be told, in the order of rows."""
    segments = run.segments
    own, time = segments.from_client, segments.time_ns
    data = np.flatnonzero(run.raises & (segments.length > 0))
    turn = np.flatnonzero(~own[data[1:]] & own[data[:-1]]) + 1
    request, answer = data[turn - 1], data[turn]
    flow = flow_of(run, answer)
    same = segments.begin[flow] <= request
    request, answer, flow = request[same], answer[same], flow[same]
    to_server, to_client = round_trips(run)
    beyond = np.maximum(to_client, 0)
    took = time[answer] - time[request]
    slow = np.zeros(len(segments.numbers), np.bool_)
    slow[flow[took + beyond[flow] >= SLOW_NS]] = True
    rows = np.flatnonzero(slow[flow])  # all turns of a flow: a quick one shows its round trip
    request, answer, flow, took = request[rows], answer[rows], flow[rows], took[rows]
    told = _acknowledged(run, request, answer)
    waited = np.where(told >= 0, time[told] - time[request], _LONG)
    handshake = np.where(to_server == UNSEEN, _LONG, to_server)
    least = handshake.copy()
    np.minimum.at(least, flow, np.where(waited >= 0, waited, _LONG))  # a clock that went back
    # What an acknowledgment may have waited for: the shortest way that is known shows it.
    more = waited - np.where(handshake < _LONG, handshake, 0)[flow]
    held = (told >= 0) & (more >= HELD_NS[0]) & (more <= HELD_NS[1])
    at_most = (least[flow] >= HELD_NS[0]) & (handshake[flow] == _LONG)
    at_most &= held | (told < 0)
    told = np.where(held, -1, told)
    again = run.behind[own[run.behind] & (segments.length[run.behind] > 0)]
    last = np.append(again, -1)[np.searchsorted(again, answer) - 1]  # sent again before the answer
    lost = time[np.maximum(last, request)] - time[request]
    known = (told >= 0) | (least[flow] < _LONG)
    shared = lost + np.where(least[flow] < _LONG, least[flow], 0)
    network = np.minimum(np.where(told >= 0, waited, shared), took)
    server, network = took - network, network + beyond[flow]
    # Where the clock went back between the two, nobody knows how long it took.
    back = np.cumsum(np.diff(time, prepend=time[:1]) < 0)
    known &= back[answer] == back[request]
    kept = known & (network + server >= SLOW_NS)
    doubtful = (server + network >= LONGEST_NS) | (to_server[flow] == UNSEEN)
    found = (answer, request, network, server, beyond[flow], doubtful, at_most)
    return Turns(*(each[kept] for each in found))


def _acknowledged(
    run: Running, request: NDArray[np.intp], answer: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The server's segment between request and answer that acknowledges the request; -1."""
    segments = run.segments
    last = run.previous[answer]
    told = run.ack_change[last]
    end = segments.seq[request] + segments.length[request]
    end += (segments.flags[request] & FIN) > 0
    found = (last > request) & (told > request) & (segments.ack[told] >= end)
    return np.where(found, told, -1)


def shares(run: Running, row: int) -> str:
    """The sentence's part that has the numbers of one answer."""
    turns, segments = slow_turns(run), run.segments
    at = int(np.searchsorted(turns.answer, row))
    network, server = int(turns.network_ns[at]), int(turns.server_ns[at])
    beyond, request = int(turns.beyond_ns[at]), int(turns.request[at])
    sent = segments.from_client[request:row] & (segments.length[request:row] > 0)
    again = int(np.count_nonzero(sent)) - 1
    lost = f" (the request was sent again {amount(again, 'time')})" if again > 0 else ""
    took = network + server - beyond
    worked, way = _parts(took, server)
    if turns.at_most[at]:
        worked, way = f"at least {worked}", f"at most {way}"
    more = f", and {duration(beyond)} more on the way to the client" if beyond * 20 > took else ""
    doubt = ", if it is one," if turns.doubtful[at] else ""
    return (
        f"the answer{doubt} begins {duration(took)} after the request ended "
        f"({packet(run, request)}): {worked} of it at the server, {way} on the network{more}{lost}"
    )


def _parts(whole: int, part: int) -> tuple[str, str]:
    """A part of a time and the rest, ns, written so that they add up to the whole as written.

    >>> _parts(347_877_000, 291_199_000), _parts(1_501_200_000, 1_501_190_000)
    (('291.2 ms', '56.7 ms'), ('1.501 s', '10.0 µs'))
    """
    step = 10**6 if whole >= 10**9 else 10**5 if whole >= 10**6 else 10**2
    one = round(part / step) * step
    rest = round(whole / step) * step - one
    return duration(one or part), duration(rest or whole - part)
