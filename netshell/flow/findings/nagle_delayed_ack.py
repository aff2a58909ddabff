"""A small segment that waits for an acknowledgment which the other side holds back.

The sender does not send a second small segment before the first one is acknowledged (Nagle,
RFC 9293 section 3.7.4), the receiver hopes for something to send with its acknowledgment (RFC 9293
section 3.8.6.3). Both wait, about 40 ms where the receiver is Linux, up to 200 ms elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import UNSEEN, columns, flow_of, round_trips
from netshell.flow.findings.rule import NOTE, Rule
from netshell.flow.findings.words import amount, apart, packet, receiver, sender, sentence
from netshell.flow.offers import DEFAULT_MSS, offers
from netshell.flow.reuse import FIN, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

LEAST_NS, MOST_NS = 30_000_000, 250_000_000
AT_ONCE_NS = 3_000_000  # a kernel sends what had to wait as soon as the acknowledgment is there
_OPTIONS = 40  # a full segment may be so much shorter than the MSS


def find(run: Running) -> NDArray[np.intp]:
    """Small new data right behind an acknowledgment that came 30 to 250 ms later than a round trip
    after the side's last data, small too, and of which it acknowledges the last byte.

    Nothing else is between the three. The handshake must have been seen, which shows the round
    trip: a stall of one is none of this.
    """
    segments = run.segments
    length, time, own = segments.length, segments.time_ns, segments.from_client
    later = time[2:] - time[:-2]
    first = np.flatnonzero(later >= LEAST_NS)
    first = first[(length[first] > 0) & (length[first + 1] == 0) & (length[first + 2] > 0)]
    ack, second = first + 1, first + 2
    good: NDArray[np.bool_] = (segments.flags[ack] & (SYN | FIN | RST)) == 0
    good &= (own[first] != own[ack]) & (own[first] == own[second])
    good &= (run.start[first] == run.start[second]) & run.raises[second]
    good &= segments.ack[ack] == segments.seq[first] + length[first]
    first, ack, second = first[good], ack[good], second[good]
    flow = flow_of(run, first)
    to_server, to_client = round_trips(run)
    seen = (to_server[flow] != UNSEEN) & (to_client[flow] != UNSEEN)
    held = time[second] - time[first] - to_server[flow] - to_client[flow]
    # From the capture's place to who sends, and back.
    way = np.where(own[first], to_client[flow], to_server[flow])
    good = seen & (held >= LEAST_NS) & (held <= MOST_NS)
    good &= time[second] - time[ack] <= 2 * way + AT_ONCE_NS
    first, flow = first[good], flow[good]
    found: NDArray[np.intp] = second[good]
    if len(found):
        full = _full(run, flow)[flow]
        found = found[(length[first] < full) & (length[found] < full)]
    return found


def _full(run: Running, flow: NDArray[np.intp]) -> NDArray[np.int64]:
    """Of F flows, from how many bytes on a segment may be full; 0 for those not asked for."""
    segments = run.segments
    syns = np.flatnonzero((segments.flags & SYN) > 0)
    wanted = np.zeros(len(segments.numbers), np.bool_)
    wanted[flow] = True
    of = flow_of(run, syns)
    syns, of = syns[wanted[of]], of[wanted[of]]
    mss = offers(segments, syns).mss.astype(np.int64)
    full = np.where(wanted, np.iinfo(np.int64).max, 0)
    six = columns(run).ip_version[segments.numbers] == 6
    unsaid = np.where(six, DEFAULT_MSS[6], DEFAULT_MSS[4])  # whose SYN names none
    np.minimum.at(full, of, np.where(mss > 0, mss, unsaid[of]))
    return np.where(full == np.iinfo(np.int64).max, unsaid, full) - np.where(wanted, _OPTIONS, 0)


def text(run: Running, row: int) -> str:
    first, ack = row - 2, row - 1
    length = run.segments.length
    return sentence(
        f"{sender(run, row)} holds {amount(int(length[row]))} back until {receiver(run, row)} "
        f"acknowledges {amount(int(length[first]))} ({packet(run, first)}), which takes "
        f"{apart(run, first, ack)}: Nagle's algorithm waits for a delayed acknowledgment"
    )


RULE = Rule("nagle_delayed_ack", NOTE, find, text)
