"""Hardware addresses as tcpdump writes them: names and vendors only where -n is not given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.numbers import OUIS

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings

_BROADCAST = b"\xff" * 6


def ethernet(octets: bytes, settings: Settings) -> str:
    """An Ethernet address of 6 bytes: its name, else the bytes and whose they are.

    >>> from netshell.classic.dump.settings import Settings
    >>> ethernet(bytes.fromhex("00000c070001"), Settings())
    '00:00:0c:07:00:01 (oui Cisco)'
    >>> ethernet(b"\\xff" * 6, Settings()), ethernet(b"\\xff" * 6, Settings(numeric=True))
    ('Broadcast', 'ff:ff:ff:ff:ff:ff')
    """
    text = octets.hex(":")
    if settings.numeric:
        return text
    name = settings.ether(octets)
    if name:
        return name
    if octets == _BROADCAST:
        return "Broadcast"
    return f"{text} (oui {OUIS.get(int.from_bytes(octets[:3], 'big'), 'Unknown')})"


def link(octets: bytes, settings: Settings) -> str:
    """A hardware address of any length: an Ethernet one where it has 6 bytes."""
    if not octets:
        return "<empty>"
    if len(octets) == 6:
        return ethernet(octets, settings)
    return octets.hex(":")


def vlan(tag: int) -> str:
    """The tag control information of IEEE 802.1Q.

    >>> vlan(0x3005)
    'vlan 5, p 1, DEI'
    """
    return f"vlan {tag & 0xFFF}, p {tag >> 13}{', DEI' if tag & 0x1000 else ''}"
