"""Half-close: a FIN closes one direction only (RFC 9293 section 3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question
from netshell.packet.flags import Flags

if TYPE_CHECKING:
    from netshell.commands.playing import Play


def _is_acknowledged(play: Play) -> bool:
    sent, answers = truths.data_of(play, "server"), truths.sent_by(play, "client")
    if not sent or not answers:
        return False
    end = (sent[-1].seq + sent[-1].payload_len) % 2**32
    return bool(answers[-1].ack == end and not answers[-1].flags & Flags.RST)


PLAN = Plan(
    "half_close",
    (
        Part(
            "half_close",
            (
                Question("state", "shutdown", "state", truths.state("client")),
                Question("arrives", "send", ("yes", "no"), truths.yes_if(_is_acknowledged)),
                Question("read", "read", "number", lambda play: truths.told(play).split()[0]),
                Question("fins", "close", "number", truths.count_with(Flags.FIN)),
                Question(
                    "waits",
                    "close",
                    ("client", "server", "both", "nobody"),
                    truths.who_is_in("TIME_WAIT"),
                ),
            ),
        ),
    ),
)
