"""What a filter silently leaves out: ``tcp[...]`` and the like are for IPv4 (pcap-filter(7))."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from netshell.capture.store import Part

_INDEXED = re.compile(r"(?<![\w.-])(tcp|udp|sctp|icmp)\s*\[")
_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132, "icmp": 58}  # in IPv6, ICMP is another protocol
_INSTEAD = {
    "tcp": 'for both, capture "tcp" and then cap.filter(lambda p: p.flags and p.flags & 2)',
    "udp": 'for both, capture "udp" and then cap.filter(lambda p: p.payload[:1] == b"...")',
    "sctp": 'for both, capture "sctp" and then cap.filter(lambda p: ...)',
    "icmp": "icmp6[...] is that of IPv6",
}


def indexed(filter: str) -> str:
    """The protocol that a filter looks into by its bytes, and so for IPv4 only; "" for none.

    >>> indexed("tcp[tcpflags] & tcp-syn != 0"), indexed("ip6 or tcp[13] = 2")
    ('tcp', '')
    """
    found = _INDEXED.search(filter)
    return found[1] if found and "ip6" not in filter and "icmp6" not in filter else ""


def note(filter: str) -> str:
    """The note for a capture with such a filter; "" for any other filter."""
    proto = indexed(filter)
    return f"{proto}[...] matches IPv4 only (pcap-filter(7)); {_INSTEAD[proto]}" if proto else ""


def left_out(filter: str, parts: Sequence[Part], chosen: Any) -> str:
    """The note if some of the packets are of IPv6 and left out; ``chosen`` is a bool each.

    The packets are decoded only for such a filter.
    """
    proto, missed, at = indexed(filter), 0, 0
    if not proto:
        return ""
    for part in parts:
        columns = part.columns
        of_six = (columns.ip_version == 6) & (columns.proto == _NUMBERS[proto])
        missed += int(np.count_nonzero(of_six & ~chosen[at : at + len(part)]))
        at += len(part)
    return f"of IPv6, {missed:,} not looked at: {note(filter)}" if missed else ""
