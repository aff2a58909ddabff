"""A lost segment: by the timer, or by duplicate ACKs (RFC 6298, RFC 5681 section 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

if TYPE_CHECKING:
    from netshell.commands.playing import Play


def _same_number(play: Play) -> bool:
    copies = _copies(play)
    return len(copies) > 1 and len({packet.seq for packet in copies}) == 1


def _second_pause(play: Play) -> str:
    first, second, third = _copies(play)[:3]
    before, after = truths.gap_s(first, second), truths.gap_s(second, third)
    if after > 1.3 * before:
        return "longer"
    return "shorter" if before > 1.3 * after else "same"


def _copies(play: Play) -> list[Any]:
    client = play.hosts["client"].ipv4
    return [each for each in truths.captured(play) if each.src == client and each.payload]


def _what_told(play: Play) -> str:
    kinds = {finding.kind for finding in play.capture.findings}
    return "acks" if "fast_retransmission" in kinds else "timer"


PLAN = Plan(
    "retransmission",
    (
        Part(
            "lost_segment",
            (
                Question("silence", "lose", "number", truths.count("server")),
                Question("same", "again", ("yes", "no"), truths.yes_if(_same_number)),
                Question("pause", "arrive", ("shorter", "same", "longer"), _second_pause),
                Question("number", "arrive", "number", truths.acknowledged(-1, "server")),
            ),
        ),
        Part(
            "fast_retransmit",
            (
                Question("duplicate", "lose", "number", truths.acknowledged(0, "server")),
                Question("told", "lose", ("timer", "acks"), _what_told),
            ),
        ),
    ),
)
