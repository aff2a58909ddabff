"""A zero window: the receiver's program does not read (RFC 9293 section 3.8.6)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from netshell.commands.teaching import truths
from netshell.commands.teaching.plan import Part, Plan, Question
from netshell.packet.flags import Flags

if TYPE_CHECKING:
    from netshell.commands.playing import Play


def _window(play: Play) -> str:
    return str(truths.sent_by(play, "server")[-1].window_raw)


def _is_fin_sent(play: Play) -> bool:
    return any(packet.flags & Flags.FIN for packet in truths.captured(play))


def _breaks_the_silence(play: Play) -> str:
    """Who sends the packet with the longest pause before it."""
    packets = truths.captured(play)
    new = packets[-len(truths.now(play).packets) - 1 :]
    pauses = [truths.gap_s(one, other) for one, other in pairwise(new)]
    packet = new[1 + pauses.index(max(pauses))]
    return "client" if packet.src == play.hosts["client"].ipv4 else "server"


def _goes_on_first(play: Play) -> str:
    """Who speaks first when it goes on: the server of its room, or the client with data."""
    client = play.hosts["client"].ipv4
    for packet in truths.now(play).packets:
        if packet.src == client and packet.payload:
            return "client"
        if packet.src != client and packet.window_raw:
            return "server"
    return "nobody"


PLAN = Plan(
    "zero_window",
    (
        Part(
            "zero_window",
            (
                Question("window", "fill", "number", _window),
                Question("fin", "fill", ("yes", "no"), truths.yes_if(_is_fin_sent)),
                Question("asks", "probe", ("client", "server", "nobody"), _breaks_the_silence),
                Question("first", "read", ("client", "server"), _goes_on_first),
            ),
        ),
    ),
)
