"""A side that does not close what the other one has closed: CLOSE_WAIT (RFC 9293 section 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.said import Said
from netshell.flow.findings.handshakes import flow_at, flow_of, until_ns
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import duration, number
from netshell.flow.reuse import ACK, FIN, RST, SYN

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

LONG_NS = 1_000_000_000


def find(run: Running) -> NDArray[np.intp]:
    """A flow's first FIN, acknowledged, behind which the other side neither sends its own FIN nor
    data for a second or more, up to its FIN, a RST, or the capture's end."""
    segments = run.segments
    closing = np.flatnonzero(segments.flags & (FIN | RST))
    fins = closing[_is_fin(run, closing)]
    _, first = np.unique(flow_of(run, fins), return_index=True)
    rows = fins[first]
    if not len(rows):
        return rows
    stop = _stops(run, rows, closing)
    until = np.where(stop >= 0, segments.time_ns[stop], until_ns(run))
    long = until - segments.time_ns[rows] >= LONG_NS
    rows, stop, until = rows[long], stop[long], until[long]
    if not len(rows):
        return rows
    told, said = _last(run, rows, np.where(stop >= 0, stop, segments.begin[flow_of(run, rows) + 1]))
    # Where its own FIN is the first to acknowledge this one, it went at once when it came.
    acked = (told >= 0) & (segments.ack[told] > segments.seq[rows] + segments.length[rows])
    since = segments.time_ns[np.where(said >= 0, said, rows)]
    return rows[acked & (until - since >= LONG_NS)]


def _is_fin(run: Running, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = (run.segments.flags[rows] & (FIN | SYN | RST | ACK)) == (FIN | ACK)
    return found


def _stops(run: Running, rows: NDArray[np.intp], closing: NDArray[np.intp]) -> NDArray[np.intp]:
    """The other side's FIN, or a RST of either, behind each FIN; -1 without.

    ``closing``: the rows with FIN or RST.
    """
    segments = run.segments
    own, limit = segments.from_client, segments.begin[flow_of(run, rows) + 1]
    fin, reset = _is_fin(run, closing), (segments.flags[closing] & RST) > 0
    found = []
    for side in (True, False):
        places = np.append(closing[(fin & (own[closing] == side)) | reset], len(segments))
        found.append(places[np.searchsorted(places[:-1], rows, "right")])
    stop = np.where(own[rows], found[1], found[0])
    return np.where(stop < limit, stop, -1)


def _last(
    run: Running, rows: NDArray[np.intp], limit: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The other side's last acknowledgment and last data from each row up to its limit; -1."""
    segments = run.segments
    size = limit - rows
    begin = np.cumsum(size) - size
    every = np.arange(int(size.sum())) + np.repeat(rows - begin, size)
    other = segments.from_client[every] != np.repeat(segments.from_client[rows], size)
    alive = other & ((segments.flags[every] & (ACK | RST)) == ACK)
    data = other & (segments.length[every] > 0)
    told, said = (np.maximum.reduceat(np.where(which, every, -1), begin) for which in (alive, data))
    return told, said


def text(run: Running, row: int) -> str:
    segments = run.segments
    end = int(segments.begin[flow_at(run, row) + 1])
    closing = row + np.flatnonzero(segments.flags[row:end] & (FIN | RST))
    stop = int(_stops(run, np.array([row]), closing)[0])
    until, how = until_ns(run), Said("sentence.close_wait_until.end")
    if stop >= 0:
        until, name = int(segments.time_ns[stop]), "RST" if segments.flags[stop] & RST else "FIN"
        how = Said("sentence.close_wait_until.segment", name=name, packet=number(run, stop))
    limit = stop if stop >= 0 else end
    other = segments.from_client[row:limit] != segments.from_client[row]
    said = np.flatnonzero(other & (segments.length[row:limit] > 0))
    told = np.flatnonzero(other & (segments.ack[row:limit] >= segments.end[row]))
    since = row + int(told[0]) if len(told) else row  # CLOSE_WAIT shows there first
    kind = "ack"
    if len(said) and row + int(said[-1]) > since:
        since, kind = row + int(said[-1]), "data"
    closed, open_ = ("client", "server") if segments.from_client[row] else ("server", "client")
    return Said(
        "sentence.close_wait",
        who=Said(f"side.first.{open_}"),
        other=Said(f"side.the.{closed}"),
        span=duration(until - int(segments.time_ns[since])),
        behind=Said(f"sentence.close_wait_behind.{kind}", packet=number(run, since)),
        until=how,
    )


RULE = Rule("close_wait", WARN, find, text)
