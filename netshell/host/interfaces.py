"""What an interface is here: name, state, addresses and counters, the same on every platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["IPv4", "IPv6"]


@dataclass(frozen=True, slots=True)
class Address:
    """An address of an interface.

    >>> str(Address("192.0.2.1", 24, "IPv4"))
    '192.0.2.1/24'
    """

    address: str
    prefix: int
    family: Family
    scope: str = "global"
    """How far it is valid: "global", "site", "link" or "host" (ip-address(8))."""
    peer: str = ""
    """The other end's address on a point-to-point link."""
    broadcast: str = ""
    flags: tuple[str, ...] = ()
    """What the kernel says of it: temporary, tentative, deprecated, dadfailed ..."""

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Counters:
    """What passed an interface since it came up: packets and bytes, and what went wrong."""

    rx_bytes: int = 0
    rx_packets: int = 0
    rx_errors: int = 0
    rx_dropped: int = 0
    tx_bytes: int = 0
    tx_packets: int = 0
    tx_errors: int = 0
    tx_dropped: int = 0


@dataclass(frozen=True, slots=True)
class Interface:
    """One network interface."""

    name: str
    index: int
    flags: tuple[str, ...]
    """As ip-link(8) shows them: UP, LOWER_UP, LOOPBACK, BROADCAST, MULTICAST ..."""
    mtu: int
    """The largest packet that fits, in bytes, link header excluded."""
    mac: str
    """The link-layer address; "" where there is none."""
    addresses: tuple[Address, ...] = ()
    counters: Counters = Counters()
    state: str = ""
    """The operational state (RFC 2863): "up", "down", "dormant", "unknown" ..."""
    kind: str = ""
    """What makes it: "veth", "bridge", "vlan", "wireguard" ...; "" for hardware and loopback."""
    master: str = ""
    """The bridge, bond or VRF it belongs to."""

    @property
    def up(self) -> bool:
        """Whether it is switched on and its link carries."""
        return "UP" in self.flags and self.state not in ("down", "lowerlayerdown", "notpresent")

    @property
    def loopback(self) -> bool:
        return "LOOPBACK" in self.flags

    def __str__(self) -> str:
        return self.name
