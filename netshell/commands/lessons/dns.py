"""DNS: TTLs that count down, what "no address" means, answers too large: RFC 1034, 1035, 7766."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question

if TYPE_CHECKING:
    from netshell.commands.playing import Play

STATUSES = ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED")


def _status(play: Play) -> str:
    return truths.told(play).partition(":")[0]


def _ttl(told: str) -> int:
    return int(told.rpartition("TTL ")[2])


def _changed(play: Play) -> str:
    before, after = (_ttl(scene.played.told) for scene in play.scenes[-2:])
    if after == before:
        return "same"
    return "lower" if after < before else "higher"


PLAN = Plan(
    "dns",
    (
        Part(
            "dns_cache",
            (
                Question("packets", "ask", "number", truths.count()),
                Question("again", "cached", "number", truths.count()),
                Question("ttl", "cached", ("lower", "same", "higher"), _changed),
                Question(
                    "expired",
                    "expire",
                    ("yes", "no"),
                    truths.yes_if(lambda play: truths.now(play).packets),
                ),
            ),
        ),
        Part(
            "dns_nxdomain",
            (
                Question("no_data", "no_data", STATUSES, _status),
                Question("refused", "refused", STATUSES, _status),
            ),
        ),
        Part(
            "dns_truncated",
            (
                Question(
                    "protocol",
                    "tcp",
                    ("UDP", "TCP"),
                    lambda play: str(truths.now(play).packets[0].proto).upper(),
                ),
            ),
        ),
    ),
)
