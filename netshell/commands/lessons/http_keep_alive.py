"""HTTP: one connection for many requests, or one for each (RFC 9112 section 9)."""

from __future__ import annotations

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question
from netshell.packet.flags import Flags

SIDES = ("client", "server", "both", "nobody")

PLAN = Plan(
    "http_keep_alive",
    (
        Part(
            "http_keep_alive",
            (
                Question("syns", "second", "number", truths.count_with(Flags.SYN, new=True)),
                Question("waits", "close", SIDES, truths.who_is_in("TIME_WAIT")),
                Question("first_fin", "one", SIDES[:2], truths.who_sends(Flags.FIN)),
                Question("waits_now", "end", SIDES, truths.who_is_in("TIME_WAIT")),
                Question("connections", "end", "number", truths.count_with(Flags.SYN)),
            ),
        ),
    ),
)
