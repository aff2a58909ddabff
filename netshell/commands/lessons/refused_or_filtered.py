"""Refused or filtered: a RST, or silence (RFC 9293 section 3.10.7, tcp(7))."""

from __future__ import annotations

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

ERRORS = ("ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "NOTHING")
KINDS = ("SYN", "FIN", "RST", "NOTHING")

PLAN = Plan(
    "refused_or_filtered",
    (
        Part(
            "refused",
            (
                Question("refusal", "connect", KINDS, truths.kind_of(0, "server")),
                Question("refused", "connect", ERRORS, truths.error),
            ),
        ),
        Part(
            "filtered",
            (
                Question("state", "connect", "state", truths.state("client")),
                Question("then", "again", KINDS, truths.kind_of(0, "client")),
                Question("answers", "give_up", "number", truths.count_of_all("server")),
                Question("gives_up", "give_up", ERRORS, truths.error),
            ),
        ),
    ),
)
