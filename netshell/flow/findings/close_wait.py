"""A side that does not close what the other one has closed: CLOSE_WAIT (RFC 9293 section 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_at, flow_of
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import duration, packet, receiver, sender, sentence
from netshell.flow.reuse import FIN, RST, SYN, first_in, last_in
from netshell.flow.tracker import end_ns

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

LONG_NS = 1_000_000_000


def find(run: Running) -> NDArray[np.intp]:
    """A flow's first FIN, acknowledged, behind which the other side neither sends its own FIN nor
    data for a second or more, up to its FIN, a RST, or the capture's end."""
    segments = run.segments
    flags, own = segments.flags, segments.from_client
    fin = ((flags & (FIN | SYN | RST)) == FIN) & run.acknowledges
    begin, end = segments.begin[:-1], segments.begin[1:]
    rows = first_in(fin, begin, end)
    rows = rows[rows >= 0]
    if not len(rows):
        return rows
    stop = _stops(run, rows, fin)
    until = np.where(stop >= 0, segments.time_ns[stop], end_ns(segments))
    long = until - segments.time_ns[rows] >= LONG_NS
    rows, stop, until = rows[long], stop[long], until[long]
    if not len(rows):
        return rows
    limit = np.where(stop >= 0, stop, segments.begin[flow_of(run, rows) + 1])
    since, acked = segments.time_ns[rows].copy(), np.zeros(len(rows), np.bool_)
    alive = run.acknowledges & ((flags & RST) == 0)
    for client in (True, False):  # who sent the FIN
        mine = own[rows] == client
        other = own != client
        told = last_in(alive & other, rows, limit)
        # Where its own FIN is the first to acknowledge this one, it went at once when it came.
        acked |= (
            mine & (told >= 0) & (segments.ack[told] > segments.seq[rows] + segments.length[rows])
        )
        said = last_in(other & (segments.length > 0), rows, limit)
        since = np.where(mine & (said >= 0), segments.time_ns[said], since)
    return rows[acked & (until - since >= LONG_NS)]


def _stops(run: Running, rows: NDArray[np.intp], fin: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The other side's FIN, or a RST of either, behind each FIN; -1 without."""
    segments = run.segments
    own, limit = segments.from_client, segments.begin[flow_of(run, rows) + 1]
    reset = (segments.flags & RST) > 0
    found = [first_in((fin & (own == side)) | reset, rows + 1, limit) for side in (True, False)]
    return np.where(own[rows], found[1], found[0])


def text(run: Running, row: int) -> str:
    segments = run.segments
    end = int(segments.begin[flow_at(run, row) + 1])
    fin = ((segments.flags & (FIN | SYN | RST)) == FIN) & run.acknowledges
    stop = int(_stops(run, np.array([row]), fin)[0])
    until, how = end_ns(segments), "up to the capture's end"
    if stop >= 0:
        until, name = int(segments.time_ns[stop]), "RST" if segments.flags[stop] & RST else "FIN"
        how = f"up to the {name} in {packet(run, stop)}"
    said = np.flatnonzero(
        (segments.from_client[row:end] != segments.from_client[row])
        & (segments.length[row:end] > 0)
    )
    said = said[said < (stop if stop >= 0 else end) - row]
    since = row + int(said[-1]) if len(said) else row
    behind = "the FIN" if since == row else f"its last data ({packet(run, since)})"
    waited = duration(until - int(segments.time_ns[since]))
    return sentence(
        f"{receiver(run, row)} acknowledges {sender(run, row)}'s FIN and then does not close its "
        f"own side for {waited} behind {behind}, {how}: its program leaves the socket in CLOSE_WAIT"
    )


RULE = Rule("close_wait", WARN, find, text)
