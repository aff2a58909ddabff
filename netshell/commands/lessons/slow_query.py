"""A slow query, and a network that is not to blame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

if TYPE_CHECKING:
    from netshell.commands.playing import Play


def _is_readable(play: Play) -> bool:
    return any(b"SELECT 1" in packet.payload for packet in truths.data_of(play, "client"))


def _first_back(play: Play) -> str:
    return "answer" if truths.sent_by(play, "server")[0].payload else "ack"


def _whose_time(play: Play) -> str:
    query = truths.data_of(play, "client")[0]
    first, answer = truths.sent_by(play, "server")[0], truths.data_of(play, "server")[0]
    way_s, work_s = truths.gap_s(query, first), truths.gap_s(first, answer)
    return "server" if work_s > way_s else "network"


def _is_repeated(play: Play) -> bool:
    return any(finding.kind == "retransmission" for finding in play.capture.findings)


PLAN = Plan(
    "slow_query",
    (
        Part(
            "slow_query",
            (
                Question("readable", "fast", ("yes", "no"), truths.yes_if(_is_readable)),
                Question("first", "slow", ("ack", "answer"), _first_back),
                Question("repeated", "slow", ("yes", "no"), truths.yes_if(_is_repeated)),
                Question("whose", "slow", ("network", "server"), _whose_time),
            ),
        ),
    ),
)
