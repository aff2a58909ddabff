"""What went wrong in a conversation, by kind of finding, and what to do about the worst."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from netshell.commands.explain.verdicts import harmless_kinds, verdict_on
from netshell.flow.findings.closures import closures
from netshell.flow.findings.evidence import into_closed, sent_before
from netshell.flow.findings.finding import FindingRows
from netshell.flow.findings.meanings import MEANINGS
from netshell.flow.findings.rule import SEVERITIES
from netshell.flow.findings.running import Running
from netshell.flow.findings.turns import slow_turns
from netshell.flow.findings.words import duration
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
            yield self.verdict.what or "Nothing went wrong, as far as the capture shows."
            return
        if self.verdict.is_strange:
            yield self.verdict.what
        lines = []
        for kind, found in self.kinds[:TROUBLES]:
            packets = ", ".join(map(str, found.packet[:FIRST].tolist()))
            more = f" and {len(found) - FIRST:,} more" if len(found) > FIRST else ""
            word = "packet" if len(found) == 1 else "packets"
            severity = found.rules[int(found.rule[0])].severity
            named = f"{kind} ({severity}), {word} {packets}{more}"
            lines.append(f"{named}: {self._what(kind, found)}")
        if left := self.kinds[TROUBLES:]:
            named = ", ".join(f"{kind} ({len(found):,})" for kind, found in left)
            lines.append(f"Also: {named}.")
        lines[-1] += " (Packets count from 0: Wireshark's frame is one more.)"
        yield from lines

    def _what(self, kind: str, found: FindingRows) -> str:
        """One finding's own sentence, or what several are, and how many of them are something else
        than their name says."""
        if len(found) == 1 or kind in self.harmless:
            return found[0].text
        count = len(found)
        if kind == "out_of_order" and (again := self._again):
            rest = (
                "" if again == count else f" The other {count - again:,} may have been overtaken."
            )
            return (
                f"{'All' if again == count else f'{again:,}'} of the {count:,} had been captured "
                "before, and were sent again within a round trip: retransmissions, which came too "
                f"soon to be named so.{rest}"
            )
        if kind == "retransmission" and (thrown := self._thrown):
            return (
                f"{thrown:,} of the {count:,} went into a window of 0 bytes: the receiver's buffer "
                "was full and it threw them away, so these show no loss on the way. Of the others: "
                f"{MEANINGS[kind].what}"
            )
        return MEANINGS[kind].what

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
                act = MEANINGS[kind].act
                if kind == "slow_server" and slow_turns(self.run).doubtful.any():
                    act = f"If something was asked for there: {act[:1].lower()}{act[1:]}"
                yield f"To do ({kind}): {act}"
        if not told:
            yield f"To do: {self.verdict.act or 'nothing.'}"


def stood_still(run: Running) -> Iterator[str]:
    """How long each side had to wait in front of the other one's closed window, all in all."""
    found, segments = closures(run), run.segments
    for closer, waiter, side in (("client", "server", True), ("server", "client", False)):
        mine = found.from_client == side
        first, until, opened = found.first[mine], found.until[mine], found.opened[mine]
        lasted = np.maximum(segments.time_ns[until] - segments.time_ns[first], 0)
        if not len(lasted) or not lasted.any():
            continue
        longest = int(np.argmax(lasted))
        ends = f"packets {int(segments.packet[first[longest]])} to "
        ends += f"{int(segments.packet[until[longest]])}"
        open_ = " It was never opened again, as far as captured." if (opened < 0).any() else ""
        times = "once" if len(lasted) == 1 else f"{len(lasted):,} times"
        span = "" if len(lasted) == 1 else f", the longest for {duration(int(lasted[longest]))}"
        yield (
            f"The {waiter} had to stand still for {duration(int(lasted.sum()))}: the {closer}'s "
            f"window was closed {times}{span} ({ends}).{open_}"
        )


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
