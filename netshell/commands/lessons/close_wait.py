"""CLOSE_WAIT: find the leak. It has no timer; only the program ends it (RFC 9293 section 3.6)."""

from __future__ import annotations

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

PLAN = Plan(
    "close_wait",
    (
        Part(
            "close_wait",
            (
                Question("state", "close", "state", truths.state("server")),
                Question("client", "leak", "state", truths.state("client")),
                Question("server", "leak", "state", truths.state("server")),
                Question("leaked", "more", "number", truths.sockets("server", "CLOSE_WAIT")),
                Question(
                    "write", "write", ("ACK", "FIN", "RST", "NOTHING"), truths.kind_of(-1, "client")
                ),
                Question(
                    "again", "again", ("EPIPE", "ETIMEDOUT", "EADDRINUSE", "NOTHING"), truths.error
                ),
            ),
        ),
    ),
)
