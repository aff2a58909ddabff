"""Nagle against delayed acknowledgments: RFC 9293 sections 3.7.4 and 3.8.6.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

if TYPE_CHECKING:
    from netshell.commands.playing import Play


def _pause_s(play: Play) -> float:
    first, second = truths.data_of(play, "client")[:2]
    return truths.gap_s(first, second)


def _how_long(play: Play) -> str:
    pause_s = _pause_s(play)
    if pause_s < 0.01:
        return "nothing"
    return "forty" if pause_s < 0.7 else "second"


def _waits(play: Play) -> bool:
    return truths.side_of(1)(play) == "server" and _pause_s(play) > 0.01


PLAN = Plan(
    "nagle",
    (
        Part(
            "delayed_ack",
            (
                Question(
                    "segments",
                    "nagle",
                    "number",
                    lambda play: str(len(truths.data_of(play, "client"))),
                ),
                Question("second", "nagle", ("client", "server"), truths.side_of(1)),
                Question("pause", "nagle", ("nothing", "forty", "second"), _how_long),
                Question("no_delay", "no_delay", ("yes", "no"), truths.yes_if(_waits)),
            ),
        ),
    ),
)
