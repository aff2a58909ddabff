"""Whether a conversation failed, by how it ended: for those that no finding speaks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from netshell.catalogue import text
from netshell.flow.amounts import duration
from netshell.flow.ending import (
    ABORTED,
    AFTER_CLOSE,
    CUT_OFF,
    NO_ANSWER,
    PHRASES,
    REFUSED,
    SILENT,
    STRAY,
    UNACKNOWLEDGED,
    UNFINISHED,
)
from netshell.flow.findings import ack_lost_segment, duplicate_ack, retransmission, tries
from netshell.flow.findings.evidence import into_closed
from netshell.flow.findings.finding import FindingRows
from netshell.flow.findings.running import Running
from netshell.flow.flow import Flow
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments
from netshell.flow.tracker import end_ns


class Verdict(NamedTuple):
    """What failed, and what to do about it: both "" where nothing did."""

    what: str = ""
    act: str = ""
    is_strange: bool = False  # whether it is told even where findings are


_VERDICTS = {
    REFUSED: ("refused", "finding.connection_refused.act"),
    CUT_OFF: ("cut_off", "trouble.do.cut_off"),
    UNFINISHED: ("unfinished", "trouble.do.look_there"),
    ABORTED: ("aborted", "finding.connection_reset.act"),
    STRAY: ("stray", "finding.connection_reset.act"),
    AFTER_CLOSE: ("after_close", "finding.connection_reset.act"),
    UNACKNOWLEDGED: ("unacknowledged", "trouble.do.look_there"),
    SILENT: ("silent", "trouble.do.look_there"),
}
"""By the kind of ending: names of the texts that say what failed, and what to do about it."""


def verdict_on(flow: Flow, segments: Segments) -> Verdict:
    """The verdict on one flow by its end; raises nothing."""
    strange = _strange(segments)
    if strange is not None:
        what = text("trouble.verdict.strange", packet=strange)
        return Verdict(what, text("trouble.do.strange"), is_strange=True)
    kind = PHRASES.index(flow.teardown.ended) // 2
    if kind in _VERDICTS:
        failed, act = _VERDICTS[kind]
        return Verdict(text(f"trouble.verdict.{failed}"), text(act))
    if kind != NO_ANSWER:
        return Verdict()
    waited = duration(end_ns(segments) - int(segments.time_ns.max()))
    what = text("trouble.verdict.no_answer", span=waited)
    damaged = _damaged(segments)
    if damaged is not None:
        what = text("trouble.verdict.damaged", text=what, packet=damaged)
    return Verdict(what, text("finding.syn_unanswered.act"))


FEW = 20
"""So many findings of a kind are looked at one by one: more of them are no accident."""

_HARMLESS: dict[str, Callable[[Running, int], bool]] = {
    "ack_lost_segment": ack_lost_segment.is_harmless,
    "duplicate_ack": duplicate_ack.is_harmless,
    "lost_segment": tries.is_stray,
    "retransmission": retransmission.is_harmless,
}


def harmless_kinds(rows: FindingRows) -> frozenset[str]:
    """The kinds of which each finding has a cause that needs no advice: it says which."""
    found = set()
    for rule, each in enumerate(rows.rules):
        mine = rows.row[rows.rule == rule]
        is_harmless = _HARMLESS.get(each.kind)
        thrown = each.kind == "retransmission" and into_closed(rows.running, mine).all()
        if thrown and len(mine):
            found.add(each.kind)
        if is_harmless is None or not 0 < len(mine) <= FEW:
            continue
        if all(is_harmless(rows.running, row) for row in mine.tolist()):
            found.add(each.kind)
    return frozenset(found)


def _strange(segments: Segments) -> int | None:
    """The first packet with flags that no TCP sends: without SYN, ACK and RST, or with SYN and FIN
    or RST (RFC 9293 3.5 to 3.10: each has ACK but the first SYN, and some RST)."""
    flags = segments.flags
    odd = (flags & (SYN | ACK | RST)) == 0
    odd |= ((flags & SYN) > 0) & ((flags & (FIN | RST)) > 0)
    rows = np.flatnonzero(odd)
    return int(segments.packet[rows[0]]) if len(rows) else None


def _damaged(segments: Segments) -> int | None:
    """The first packet whose TCP checksum is filled in, and wrong."""
    for row in np.arange(len(segments))[:8].tolist():
        number = int(segments.packet[row])
        found = segments.source.packet(number).checksum
        if found is not None and found.value and "does not add up" in str(found):
            return number
    return None
