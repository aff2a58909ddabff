"""What changes tcpdump's text: its options, and how names are found, in one frozen value.

A printer is a function of a packet's bytes, these settings and what was seen before. The only
way out is through the three callables, which are arguments so that printing stays pure: with the
defaults nothing is looked up, and every address and port is numeric.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

HostName = Callable[[bytes], str]
"""The text for an address of 4 or 16 bytes: its name, or the address itself."""

PortName = Callable[[int, int], str]
"""The text for a port: (IP protocol number: 6, 17 ..., port) -> "http", or "80"."""

EtherName = Callable[[bytes], str]
"""The name of a hardware address of 6 bytes (/etc/ethers), empty where it has none."""


def address(octets: bytes) -> str:
    """An IPv4 or IPv6 address as numbers.

    >>> address(bytes(15) + b"\\1")
    '::1'
    """
    if len(octets) == 4:
        return "%d.%d.%d.%d" % (*octets,)  # noqa: UP031 - twice as fast as join
    if octets[:12] == _MAPPED:  # IPv6Address writes the IPv4 part in hexadecimal
        return f"::ffff:{IPv4Address(octets[12:])}"
    if octets[:12] == bytes(12) and octets[12:14] != bytes(2):
        return f"::{IPv4Address(octets[12:])}"
    return str(IPv6Address(octets))


_MAPPED = bytes(10) + b"\xff\xff"


def number(protocol: int, port: int) -> str:
    """A port as its number, whatever the protocol."""
    return str(port)


InterfaceName = Callable[[int], str]
"""The name of this machine's interface of an index, empty where it has none."""


def unnamed_interface(index: int) -> str:
    """No interface has a name."""
    return ""


def unnamed(octets: bytes) -> str:
    """No hardware address has a name."""
    return ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options that printers look at, by what they do.

    >>> Settings(verbose=2, numeric=True).host(bytes([192, 0, 2, 1]))
    '192.0.2.1'
    """

    verbose: int = 0
    """How many -v: 0 to 3."""
    numeric: bool = False
    """-n: no names at all. ``host`` and ``port`` follow it already; what printers have to look
    at it for is the rest (protocol names, the vendors of hardware addresses with -e)."""
    quiet: int = 0
    """How many -q: with two, fragments behind the first have no text."""
    link_header: bool = False
    """-e."""
    absolute_seq: bool = False
    """-S: TCP sequence numbers as they are."""
    no_domain: bool = False
    """-N: names without their domains; ``host`` follows it already."""
    checksums: bool = True
    """False with -K: IP, TCP and UDP checksums are not verified."""
    suppress: bool = False
    """-x, -X or -q: printers leave out the dump of what they have no text for."""
    hexadecimal: int = 0
    """How many -x: 2 and more with the link header."""
    both: int = 0
    """How many -X: hexadecimal and ASCII; 2 and more with the link header."""
    ascii: int = 0
    """How many -A: 2 and more with the link header."""
    host: HostName = address
    port: PortName = number
    ether: EtherName = unnamed
    interface: InterfaceName = unnamed_interface
    """Asked whatever -n says: a cooked header of the second version has an index only."""
