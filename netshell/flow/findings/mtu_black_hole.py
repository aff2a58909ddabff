"""Large segments that never arrive while small ones do: something drops them without a word.

A router that cannot pass on a packet for its size reports that by ICMP, and the sender makes
smaller ones (path MTU discovery, RFC 1191, RFC 8201). Where the report is not sent, or filtered, a
connection opens and hangs with the first large segment (RFC 2923 section 2.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netshell.flow.findings.handshakes import flow_at, flow_of
from netshell.flow.findings.icmp_errors import about, are_all_known
from netshell.flow.findings.rule import WARN, Rule
from netshell.flow.findings.words import amount, sender, sentence

if TYPE_CHECKING:
    from netshell.flow.findings.running import Running

LARGE = 500
"""Payload bytes from which a segment can be too large: each network passes 576 bytes on."""

AGAIN = 2
"""So many repetitions at least."""


def find(run: Running) -> NDArray[np.intp]:
    """The first repetition of data that is sent again twice or more and never acknowledged, all
    larger than every segment of its side that was, while the other side still hears it.

    It does if it is heard itself behind a repetition, or asks for the data meanwhile.
    """
    segments = run.segments
    rows = run.behind[segments.length[run.behind] >= LARGE]
    rows = rows[run.peer[rows] >= 0]
    if len(rows) < AGAIN:
        return rows[:0]
    lane, seq = flow_of(run, rows) * 2 + segments.from_client[rows], segments.seq[rows]
    order = np.lexsort((seq, lane))
    lane, seq = lane[order], seq[order]
    again = (lane[1:] == lane[:-1]) & (seq[1:] == seq[:-1])
    found = []
    for each in np.unique(lane[1:][again]).tolist():
        row = _stuck(run, each // 2, bool(each % 2))
        if row >= 0:
            found.append(row)
    return np.array(sorted(found), np.intp)


def _stuck(run: Running, flow: int, client: bool) -> int:
    """The first repetition of what one side of a flow does not get through; -1."""
    rows, mine, seq, length, acked = _lane(run, flow, client)
    other, told = rows[~mine], acked[~mine]
    if not len(other) or told.max() < 0:
        return -1
    edge = int(told.max())
    stuck = mine & (seq == edge) & (length > 0)
    sent = rows[stuck]
    if len(sent) <= AGAIN or length[stuck].min() < LARGE:
        return -1
    passed = mine & (seq + length <= edge)
    if not passed.any() or length[passed].max() >= length[stuck].min():
        return -1
    asking = run.duplicates[other]
    hears = (other > sent[1]) | ((other > sent[0]) & asking)
    return int(sent[1]) if hears.any() or _too_big(run, int(sent[1])) else -1


def _lane(
    run: Running, flow: int, client: bool
) -> tuple[
    NDArray[np.intp], NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]
]:
    segments = run.segments
    part = slice(int(segments.begin[flow]), int(segments.begin[flow + 1]))
    mine = segments.from_client[part] == client
    rows = np.arange(part.start, part.stop)
    return rows, mine, segments.seq[part], segments.length[part], segments.ack[part]


def _too_big(run: Running, row: int) -> bool:
    return any(error.too_big for error in about(run, row))


def text(run: Running, row: int) -> str:
    segments = run.segments
    client = bool(segments.from_client[row])
    _, mine, seq, length, _ = _lane(run, flow_at(run, row), client)
    edge = int(segments.seq[row])
    stuck = mine & (seq == edge) & (length > 0)
    passed = int(length[mine & (seq + length <= edge)].max(initial=0))
    errors = [error for error in about(run, row) if error.too_big]
    if errors:
        size = f", MTU {errors[0].mtu:,}" if errors[0].mtu else ""
        why = f"packet {errors[0].packet} says so ({errors[0].text}{size}), and is not heeded"
    elif are_all_known(run):
        why = "larger packets are lost on the way, and no ICMP error that says so was captured"
    else:
        why = "larger packets are lost on the way"
    return sentence(
        f"{sender(run, row)} sends {amount(int(length[stuck].min()))} from {edge:,} "
        f"{int(np.count_nonzero(stuck))} times in vain, while its segments with up to "
        f"{amount(passed)} arrive: {why}"
    )


RULE = Rule("mtu_black_hole", WARN, find, text)
