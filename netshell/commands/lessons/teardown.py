"""The teardown, TIME_WAIT, and "address already in use": RFC 9293 section 3.6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question
from netshell.packet.flags import Flags

if TYPE_CHECKING:
    from netshell.commands.playing import Play

SIDES = ("client", "server", "both", "nobody")


def _since_the_first_fin(play: Play) -> str:
    packets = truths.captured(play)
    first = next(at for at, packet in enumerate(packets) if packet.flags & Flags.FIN)
    return str(len(packets) - first)


def _is_allowed(play: Play) -> bool:
    waits = any(str(row.state) == "TIME_WAIT" for row in truths.now(play).server)
    return waits and not truths.told(play)


PLAN = Plan(
    "teardown",
    (
        Part(
            "active_close",
            (
                Question("flags", "close", "flags", truths.flags_of(0, "client")),
                Question("peer", "close", "state", truths.state("server")),
                Question("segments", "answer", "number", _since_the_first_fin),
                Question("waits", "answer", SIDES, truths.who_is_in("TIME_WAIT")),
            ),
        ),
        Part(
            "time_wait",
            (
                Question(
                    "restart",
                    "restart",
                    ("EADDRINUSE", "ECONNREFUSED", "EACCES", "NOTHING"),
                    truths.error,
                ),
                Question("reuse", "reuse", ("yes", "no"), truths.yes_if(_is_allowed)),
            ),
        ),
    ),
)
