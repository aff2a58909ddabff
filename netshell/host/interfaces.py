"""What an interface is here: name, state, addresses and counters, the same on every platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from netshell.results import Single
from netshell.view import clean

Family = Literal["IPv4", "IPv6"]


FLAGS: dict[str, str] = {
    "UP": "it is switched on",
    "BROADCAST": "a packet can be sent to all hosts of the link",
    "LOOPBACK": "what is sent comes back to this machine",
    "POINTOPOINT": "there is one host at the other end",
    "NOARP": "no addresses are looked up on it: no ARP, no neighbour discovery",
    "PROMISC": "it takes in frames that are not for this machine; a capture sets it",
    "ALLMULTI": "it takes in all multicast",
    "MASTER": "others are part of it, as of a bond",
    "SLAVE": "it is part of another one, as of a bond",
    "MULTICAST": "it can send and receive multicast",
    "LOWER_UP": "the link carries: a cable is in, a radio is associated, the peer is up",
    "DORMANT": "the link waits for something, such as a log-in (802.1X)",
}
"""What an interface's flags mean (netdevice(7))."""


@dataclass(frozen=True, slots=True, repr=False)
class Address(Single):
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
    label: str = ""
    """An IPv4 address's name in ifconfig(8): the interface's, or an alias ("eth0:1"); Linux."""

    def __str__(self) -> str:
        return f"{self.address}/{self.prefix}"

    __repr__ = __str__  # they are seen in tuples, mostly

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "address", self.address
        yield "prefix", f"{self.prefix} bits"
        yield "family", self.family
        yield "scope", self.scope
        yield "peer", self.peer
        yield "broadcast", self.broadcast
        yield "flags", ", ".join(self.flags)


@dataclass(frozen=True, slots=True, repr=False)
class Counters(Single):
    """What passed an interface since it came up: packets and bytes, and what went wrong."""

    rx_bytes: int = 0
    rx_packets: int = 0
    rx_errors: int = 0
    rx_dropped: int = 0
    tx_bytes: int = 0
    tx_packets: int = 0
    tx_errors: int = 0
    tx_dropped: int = 0
    rx_overruns: int = 0
    """Packets that a full FIFO of the device lost; this and all below: Linux only."""
    rx_frame: int = 0
    """Packets of a wrong length, checksum or alignment."""
    rx_missed: int = 0
    """Packets for which the device had no room; /proc/net/dev counts them as dropped."""
    rx_compressed: int = 0
    multicast: int = 0
    """Multicast packets received."""
    tx_overruns: int = 0
    tx_carrier: int = 0
    """Packets lost on the wire: no carrier, aborted, no heartbeat, too late a collision."""
    tx_compressed: int = 0
    collisions: int = 0

    def __str__(self) -> str:
        return f"{self.rx_bytes} bytes received, {self.tx_bytes} sent"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "received", _passed(self.rx_bytes, self.rx_packets, self.rx_errors, self.rx_dropped)
        yield "sent", _passed(self.tx_bytes, self.tx_packets, self.tx_errors, self.tx_dropped)


class Device(NamedTuple):
    """Where a device is on this machine's buses; all 0 for what is not one (Linux)."""

    memory_start: int = 0
    memory_end: int = 0
    io_base: int = 0
    interrupt: int = 0
    dma: int = 0


_NOWHERE = Device()


@dataclass(frozen=True, slots=True, repr=False)
class Interface(Single):
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
    flag_bits: int = 0
    """``flags`` and the rest of them as netdevice(7)'s number (Linux)."""
    link_type: int = 0
    """What kind of link it is by ``ARPHRD_*`` of ``linux/if_arp.h``: 1 Ethernet ... (Linux)."""
    link_address: str = ""
    """``mac`` as the kernel has it, of any length and zeros included, in hexadecimal (Linux)."""
    queue_len: int = 0
    """How many packets may wait to be sent (Linux)."""
    device: Device = _NOWHERE

    @property
    def up(self) -> bool:
        """Whether it is switched on and its link carries."""
        return "UP" in self.flags and self.state not in ("down", "lowerlayerdown", "notpresent")

    @property
    def loopback(self) -> bool:
        return "LOOPBACK" in self.flags

    def __str__(self) -> str:
        return clean(self.name)

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "name", self.name
        yield "index", str(self.index)
        switched = "on" if "UP" in self.flags else "off"
        yield "state", f"{self.state}, switched {switched}".removeprefix(", ")
        yield "kind", self.kind
        yield "part of", self.master
        yield "mac", self.mac
        yield "mtu", f"{self.mtu} bytes"
        for number, address in enumerate(self.addresses):
            yield "" if number else "addresses", str(address)
        yield from self.counters.facts()
        yield "flags", ", ".join(self.flags)


def _passed(octets: int, packets: int, errors: int, dropped: int) -> str:
    return f"{octets} bytes, {packets} packets, {errors} errors, {dropped} dropped"
