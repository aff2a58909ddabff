"""One captured packet as it is printed above the prompt, and what it means for a class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from netshell.settings import Profile
from netshell.view import Block, Lines, Span

Drawing = Callable[[Any], str]


def drawing(profile: Profile) -> Drawing:
    """How this profile draws a packet: a function from the packet to its lines, coloured."""

    def draw_packet(packet: Any) -> str:
        from netshell.render import terminal

        return terminal.blocks(blocks(packet, profile))

    return draw_packet


def blocks(packet: Any, profile: Profile) -> Sequence[Block]:
    """The packet's line, what its flags mean if the profile explains, and its payload."""
    head, *payload = packet.lines(payload=profile.payload).lines
    if profile.explain and packet.flags is not None:
        return [Lines([head, Span(f"    # {meaning(packet)}", "quiet"), *payload])]
    return [Lines([head, *payload])]


# --- for a class ----------------------------------------------------------------------------


def meaning(packet: Any) -> str:
    """What a TCP segment does in its connection, in one sentence (RFC 9293 section 3.5 and 3.6).

    A segment alone does not tell everything: whether an ACK is the third of the handshake or one
    of thousands is for the flow to say, and it is not claimed here.
    """
    flags = set(str(packet.flags).split(","))
    data = packet.payload_len
    if "RST" in flags:
        return "RST: breaks the connection off at once, or refuses it; no answer is expected"
    if flags >= {"SYN", "ACK"}:
        return "SYN,ACK: accepts the connection and opens the other direction (handshake, 2 of 3)"
    if "SYN" in flags:
        return "SYN: asks to open a connection (handshake, 1 of 3); the options here are offers"
    if "FIN" in flags:
        carried = f" after these last {data} bytes" if data else ""
        return f"FIN: this side has no more to send{carried}; the other side may still send"
    if data:
        pushed = "PSH: hand it on now; " if "PSH" in flags else ""
        return f"{pushed}{data} bytes of data, from position seq on"
    if "ACK" in flags:
        return "ACK: everything before position ack has arrived; no data in this one"
    return "no flag that TCP uses on its own: worth a closer look"
