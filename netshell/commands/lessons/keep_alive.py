"""Keep-alive: is anybody still there? RFC 9293 section 3.8.4, tcp(7)."""

from __future__ import annotations

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

PLAN = Plan(
    "keep_alive",
    (
        Part(
            "keep_alive",
            (
                Question(
                    "bytes",
                    "probe",
                    "number",
                    lambda play: str(len(truths.sent_by(play, "client")[0].payload)),
                ),
                Question(
                    "reply", "probe", ("ACK", "RST", "DATA", "NOTHING"), truths.kind_of(0, "server")
                ),
                Question(
                    "error",
                    "vanish",
                    ("ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "NOTHING"),
                    truths.error,
                ),
                Question("server", "vanish", "state", truths.state("server")),
            ),
        ),
    ),
)
