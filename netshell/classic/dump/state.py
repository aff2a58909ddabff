"""What tcpdump remembers from one packet to the next.

TCP sequence numbers are written relative to the first ones seen of a conversation. Its rules, to
the letter: only packets with ACK set begin or use an entry; both directions share one, whose
first side is the one with the lower port (the lower address where the ports are equal); a SYN
with ACK begins it anew; and the packet that begins it is written with its absolute numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.classic.dump.text import Scope

Key = tuple[bytes, bytes, int, int]
"""First side's address, second side's, first side's port, second side's port."""

_WRAP = 0xFFFFFFFF

MOST_CONVERSATIONS = 1_000_000
"""Entries kept; the oldest goes where there would be more, so that memory stays bounded."""


class State:
    """The memory of one run: hand the same to every packet, in their order.

    >>> state = State()
    >>> state.relative(b"\\1", b"\\2", 80, 1024, 100, 501, False)
    (100, 501, 500)
    >>> state.relative(b"\\2", b"\\1", 1024, 80, 501, 110, False)
    (1, 10, 100)
    """

    __slots__ = ("conversations", "header_len", "network", "programs")

    def __init__(self) -> None:
        self.conversations: dict[Key, tuple[int, int]] = {}
        self.header_len = 0
        """How many bytes the link header of the packet shown last had: what -x, -X and -A leave
        out. 0 where its text ended in a truncation mark: they show the whole packet then."""
        self.network: Scope | None = None
        """The IP header above the datagram being shown, for the few printers that look at it."""
        self.programs: dict[object, object] = {}
        """For printers of protocols that need a memory too; each under keys of its own."""

    def relative(
        self, src: bytes, dst: bytes, sport: int, dport: int, seq: int, ack: int, syn: bool
    ) -> tuple[int, int, int]:
        """Sequence and acknowledgment number to write, and where the other side began (SACK)."""
        turned = sport > dport or (sport == dport and src > dst)
        key = (dst, src, dport, sport) if turned else (src, dst, sport, dport)
        known = self.conversations.get(key)
        if known is None or syn:
            if known is None and len(self.conversations) >= MOST_CONVERSATIONS:
                del self.conversations[next(iter(self.conversations))]
            before = (ack - 1) & _WRAP
            self.conversations[key] = (before, seq) if turned else (seq, before)
            return seq, ack, before
        first, second = known
        if turned:
            first, second = second, first
        return (seq - first) & _WRAP, (ack - second) & _WRAP, second
