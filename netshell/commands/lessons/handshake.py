"""The three-way handshake, and who it is that shakes hands: RFC 9293 section 3.5."""

from __future__ import annotations

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

PLAN = Plan(
    "handshake",
    (
        Part(
            "handshake",
            (
                Question("waiting", "listen", "number", truths.count()),
                Question("reply", "connect", "flags", truths.flags_of(1)),
                Question("before_accept", "connect", "state", truths.state("server")),
                Question("accept", "accept", "number", truths.count()),
                Question("number", "talk", "number", truths.acknowledged(0, "server")),
            ),
        ),
    ),
)
