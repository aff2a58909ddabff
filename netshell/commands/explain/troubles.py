"""What went wrong in a conversation, by kind of finding, and what to do about the worst."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from netshell.catalogue import counted, text
from netshell.catalogue.said import again
from netshell.commands.explain.said import side
from netshell.commands.explain.verdicts import harmless_kinds, verdict_on
from netshell.flow.amounts import duration
from netshell.flow.findings.closures import closures
from netshell.flow.findings.evidence import into_closed, sent_before
from netshell.flow.findings.finding import FindingRows
from netshell.flow.findings.rule import SEVERITIES
from netshell.flow.findings.running import Running
from netshell.flow.findings.turns import slow_turns
from netshell.flow.flow import Flow
from netshell.flow.segments import Segments

TROUBLES = 3  # kinds of findings that are told one by one
FIRST = 3  # packets of a kind that are named
ADVICE = 2

_BRINGS = {
    "zero_window_probe": "zero_window",
    "zero_window_probe_ack": "zero_window",
    "duplicate_ack": "retransmission",
    "fast_retransmission": "retransmission",
    "spurious_retransmission": "retransmission",
    "keep_alive_ack": "keep_alive",
    "lost_segment": "ack_lost_segment",
}
"""Kinds that come with others: their advice is the same."""

_USUAL = ("keep_alive", "keep_alive_ack", "reused_ports")  # nothing has to be done about these
_RETRANSMISSIONS = ("fast_retransmission", "spurious_retransmission")  # that say more


class Troubles:
    """The findings of one flow, worse than chat; sentences are made for those that are told."""

    def __init__(self, flow: Flow, segments: Segments, rows: FindingRows) -> None:
        self.run = rows.running
        self.verdict = verdict_on(flow, segments)
        self.harmless = harmless_kinds(rows)
        self.kinds = _by_kind(rows)

    def is_told(self, kind: str) -> bool:
        """Whether a kind is among those that are told one by one."""
        return kind in [each for each, _ in self.kinds[:TROUBLES]]

    def told(self) -> Iterator[str]:
        """What is remarkable, by kind, the worst first."""
        if not self.kinds:
            yield self.verdict.what or text("trouble.nothing")
            return
        if self.verdict.is_strange:
            yield self.verdict.what
        lines = []
        for kind, found in self.kinds[:TROUBLES]:
            packets = ", ".join(map(str, found.packet[:FIRST].tolist()))
            if len(found) > FIRST:
                packets = text("trouble.more", packets=packets, count=len(found) - FIRST)
            severity = found.rules[int(found.rule[0])].severity
            named = {"kind": kind, "severity": severity, "packets": packets}
            what = self._what(kind, found)
            lines.append(counted("trouble.kind", len(found), text=what, **named))
        if left := self.kinds[TROUBLES:]:
            kinds = ", ".join(f"{kind} ({len(found):,})" for kind, found in left)
            lines.append(text("trouble.also", kinds=kinds))
        lines[-1] = text("trouble.count", text=lines[-1])
        yield from lines

    def _what(self, kind: str, found: FindingRows) -> str:
        """One finding's own sentence, or what several are, and how many of them are something else
        than their name says."""
        if len(found) == 1 or kind in self.harmless:
            return again(found[0].text)
        count = len(found)
        if kind == "out_of_order" and (repeated := self._again):
            if repeated == count:
                return text("trouble.again.all", count=count)
            return text("trouble.again.some", again=repeated, count=count, rest=count - repeated)
        if kind == "retransmission" and (thrown := self._thrown):
            others = text(f"finding.{kind}.what")
            return text("trouble.thrown", thrown=thrown, count=count, text=others)
        return text(f"finding.{kind}.what")

    @cached_property
    def _again(self) -> int:
        """How many of those out of order had been captured before."""
        return int(np.count_nonzero(sent_before(self.run)))

    @cached_property
    def _thrown(self) -> int:
        """How many retransmissions went into a closed window."""
        found = dict(self.kinds).get("retransmission")
        return 0 if found is None else int(np.count_nonzero(into_closed(self.run, found.row)))

    def advice(self) -> Iterator[str]:
        """What to do about the worst."""
        told: list[str] = []
        listed = [kind for kind, _ in self.kinds if kind not in self.harmless]
        # Only kinds that were named: each one's own advice where the one it comes with is not.
        kinds = [brings if (brings := _BRINGS.get(kind)) in listed else kind for kind in listed]
        found = dict(self.kinds)
        if 2 * self._again > len(found.get("out_of_order", ())):
            kinds = ["retransmission" if kind == "out_of_order" else kind for kind in kinds]
        if 2 * self._thrown > len(found.get("retransmission", ())):
            kinds = ["zero_window" if kind == "retransmission" else kind for kind in kinds]
        if "syn_unanswered" in kinds or "mtu_black_hole" in kinds:  # which is why it is sent again
            kinds = [kind for kind in kinds if kind != "retransmission"]
        for kind in kinds:
            if kind not in told and kind not in _USUAL and len(told) < ADVICE:
                told.append(kind)
                act = text(f"finding.{kind}.act")
                if kind == "slow_server" and slow_turns(self.run).doubtful.any():
                    act = text("trouble.if_asked", text=f"{act[:1].lower()}{act[1:]}")
                yield text("trouble.act", kind=kind, text=act)
        if not told:
            yield text("explain.act", text=self.verdict.act or text("trouble.act_nothing"))


def stood_still(run: Running) -> Iterator[str]:
    """How long each side had to wait in front of the other one's closed window, all in all."""
    found, segments = closures(run), run.segments
    for closer, waiter, is_client in (("client", "server", True), ("server", "client", False)):
        mine = found.from_client == is_client
        first, until, opened = found.first[mine], found.until[mine], found.opened[mine]
        lasted = np.maximum(segments.time_ns[until] - segments.time_ns[first], 0)
        if not len(lasted) or not lasted.any():
            continue
        longest = int(np.argmax(lasted))
        values = {
            "waiter": side(waiter),
            "closer": side(closer),
            "span": duration(int(lasted.sum())),
            "times": counted("amount.times", len(lasted)),
            "packets": text(
                "trouble.from_to",
                first=int(segments.packet[first[longest]]),
                last=int(segments.packet[until[longest]]),
            ),
        }
        if len(lasted) == 1:
            said = text("trouble.still", **values)
        else:
            worst = duration(int(lasted[longest]))
            said = text("trouble.still_longest", longest=worst, **values)
        yield text("trouble.never_opened", text=said) if (opened < 0).any() else said


def _by_kind(rows: FindingRows) -> list[tuple[str, FindingRows]]:
    """Worse than chat, the most severe first, then the most frequent; keep-alives last."""
    of = {rule.kind: number for number, rule in enumerate(rows.rules)}
    special = rows.row[np.isin(rows.rule, [of[kind] for kind in _RETRANSMISSIONS if kind in of])]
    kinds: dict[str, FindingRows] = {}
    for kind, number in of.items():
        mine = rows.rule == number
        if kind == "retransmission":
            mine &= ~np.isin(rows.row, special)
        if rows.rules[number].severity != SEVERITIES[0] and mine.any():
            kinds[kind] = rows.taken(np.flatnonzero(mine))

    def weight(each: tuple[str, FindingRows]) -> tuple[bool, int, int, int]:
        kind, found = each
        severity = rows.rules[of[kind]].severity
        return kind in _USUAL, -SEVERITIES.index(severity), -len(found), int(found.packet[0])

    return sorted(kinds.items(), key=weight)
