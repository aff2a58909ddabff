"""How a conversation ended, by the words that the table of flows has for it."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.flow.ending import PHRASES

_TEXTS = (
    "UDP and others have no end that the wire shows.",
    "Neither side had closed, and no RST came, when the capture ended.",
    "SYNs of one side, and nothing else: a firewall drops them or the answers, the host is down, "
    "or the capture ended too soon.",
    "The SYN,ACK was not acknowledged: it does not get through, or the SYN's address was forged.",
    "A RST was the only answer to the SYN: nothing listens on that port, or a firewall says so in "
    "its name.",
    "A RST came in place of the handshake's next step: a port scan, or a program that gave up.",
    "A RST with the connection's own numbers and an ACK, of its sender's own accord: its program "
    "closed with data unread, or with SO_LINGER 0.",
    "It had sent its FIN, data still came, and a RST says that nobody is left to read it.",
    "A RST without an ACK, the answer to a segment: no connection there knows it. It restarted, "
    "gave up in silence, or something on the way speaks for it.",
    "Both sides closed, in order: this one first.",
    "Both sides closed, and their FINs crossed.",
    "This side closed, the other one acknowledged it, and may still send (half-close).",
    "This side closed, and nothing shows that its FIN arrived.",
    "This side closed; of the other one, nothing was captured.",
    "What was sent last was repeated three times or more, and nothing came back.",
)
"""In the order of the kinds in netshell.flow.ending."""


def ending(text: str) -> Explanation | None:
    """What a phrase like "RST by server: aborted" means; None for other words."""
    words = " ".join(text.lower().split())
    place = next((i for i, phrase in enumerate(PHRASES) if phrase.lower() == words), None)
    if place is None or not words:
        return None
    lines = (_TEXTS[place // 2], f'To find such ones: cap.flows.where(ended="{PHRASES[place]}")')
    return Explanation("ending", PHRASES[place], lines, "RFC 9293 3.5 and 3.6")
