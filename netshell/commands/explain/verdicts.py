"""Whether a conversation failed, by how it ended: for those that no finding speaks of."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

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
from netshell.flow.findings.meanings import MEANINGS
from netshell.flow.findings.running import Running
from netshell.flow.findings.words import duration
from netshell.flow.flow import Flow
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments
from netshell.flow.tracker import end_ns


class Verdict(NamedTuple):
    """What failed, and what to do about it: both "" where nothing did."""

    what: str = ""
    act: str = ""
    is_strange: bool = False  # whether it is told even where findings are


_LOOK_THERE = "Capture at the other end too: does it arrive there, and does an answer leave?"
_VERDICTS = {
    REFUSED: Verdict("The connection was refused.", MEANINGS["connection_refused"].act),
    CUT_OFF: Verdict(
        "The connection did not come about: a RST cut the handshake off.",
        "Ask what runs on the side that sent the RST: a scanner, a program that gave up waiting.",
    ),
    UNFINISHED: Verdict(
        "The connection did not come about, as far as the capture shows.", _LOOK_THERE
    ),
    ABORTED: Verdict("The connection was aborted.", MEANINGS["connection_reset"].act),
    STRAY: Verdict("The connection was reset.", MEANINGS["connection_reset"].act),
    AFTER_CLOSE: Verdict(
        "The connection was reset: what came behind the close was lost.",
        MEANINGS["connection_reset"].act,
    ),
    UNACKNOWLEDGED: Verdict("The close was not acknowledged.", _LOOK_THERE),
    SILENT: Verdict("One side fell silent.", _LOOK_THERE),
}


def verdict_on(flow: Flow, segments: Segments) -> Verdict:
    """The verdict on one flow by its end; raises nothing."""
    strange = _strange(segments)
    if strange is not None:
        return Verdict(
            f"Packet {strange} has flags that no TCP sends together: a probe (null, FIN or Xmas "
            "scan, SYN with FIN or RST), or damaged. What is said of states is a guess.",
            "Ask who sent it: port scanners do.",
            is_strange=True,
        )
    ended = flow.teardown.ended
    kind = PHRASES.index(ended) // 2
    if kind != NO_ANSWER:
        return _VERDICTS.get(kind, Verdict())
    waited = duration(end_ns(segments) - int(segments.time_ns.max()))
    what = f"No answer was captured; the capture ends {waited} behind the last SYN."
    damaged = _damaged(segments)
    if damaged is not None:
        what += (
            f" The checksum of packet {damaged} does not add up: unless a network card fills it "
            "in (offload), whoever gets the packet drops it."
        )
    return Verdict(what, MEANINGS["syn_unanswered"].act)


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
