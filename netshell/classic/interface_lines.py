"""Interfaces as ifconfig and ``netstat -i`` print them, net-tools 2.10's layout.

Pure text: records in, lines out. An address that has a name of its own ("eth0:1", an alias) is
listed as if it were an interface, without counters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from typing import NamedTuple

from netshell.host.interfaces import Address, Counters, Interface
from netshell.host.procnet import Address6
from netshell.view import clean

IFCONFIG_HEAD = "Iface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg"
NETSTAT_HEAD = (
    "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg"
)
NAME_MAX = 15  # IFNAMSIZ, less its end

_UP, _BROADCAST, _POINTOPOINT = 0x1, 0x2, 0x10
# Bit, letter, name: in the order of the letters, and of the names.
_LETTERS = (
    (0x200, "A"),
    (0x2, "B"),
    (0x4, "D"),
    (0x8, "L"),
    (0x1000, "M"),
    (0x8000, "d"),
    (0x100, "P"),
    (0x20, "N"),
    (0x80, "O"),
    (0x10, "P"),
    (0x800, "s"),
    (0x400, "m"),
    (0x40, "R"),
    (0x1, "U"),
)
_NAMES = (
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x4, "DEBUG"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x20, "NOTRAILERS"),
    (0x40, "RUNNING"),
    (0x80, "NOARP"),
    (0x100, "PROMISC"),
    (0x200, "ALLMULTI"),
    (0x800, "SLAVE"),
    (0x400, "MASTER"),
    (0x1000, "MULTICAST"),
    (0x8000, "DYNAMIC"),
)
_SCOPES = ((0x80, "compat"), (0x20, "link"), (0x40, "site"), (0x10, "host"))
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


class Link(NamedTuple):
    """A kind of link: how it is called, its title, how its address is written (None: not)."""

    name: str
    title: str
    joint: str | None = ":"
    octets: int = 6
    capitals: bool = False


_LINKS = {
    1: Link("ether", "Ethernet"),
    772: Link("loop", "Local Loopback", None),
    512: Link("ppp", "Point-to-Point Protocol", None),
    768: Link("tunnel", "IPIP Tunnel", "", 0),  # it has an address, of no letters
    776: Link("sit", "IPv6-in-IPv4", None),
    24: Link("eui64", "Generic EUI-64", ":", 8, True),
    774: Link("fddi", "Fiber Distributed Data Interface", "-", 6, True),
}
_OTHER = Link("unspec", "UNSPEC", "-", 16, True)


def with_aliases(found: Iterable[Interface]) -> list[tuple[Interface, str]]:
    """Every interface with the name that it is listed by, and its aliases, in their order."""
    listed: dict[str, Interface] = {}
    for interface in found:
        listed[interface.name] = interface
        for address in interface.addresses:
            if address.label and address.label not in listed:
                listed[address.label] = interface
    return [(listed[name], name) for name in sorted(listed, key=_by_number)]


def is_shown(interface: Interface, every: bool) -> bool:
    """Whether a list shows it: those that are up, or ``every`` one."""
    return every or bool(_bits(interface) & _UP)


def short_line(interface: Interface, name: str) -> str:
    """One line of ``ifconfig -s`` and ``netstat -i``."""
    counted = interface.counters
    head = f"{clean(name)[:NAME_MAX]:<15} {interface.mtu:>5} "
    if name != interface.name:
        head += f"{'     - no statistics available -':<56}"
    else:
        wrong = counted.rx_errors + counted.rx_frame
        lost = counted.rx_dropped + counted.rx_missed
        head += f"{counted.rx_packets:>8} {wrong:>6} {lost:>6} {counted.rx_overruns:<6} "
        head += f"{counted.tx_packets:>8} {counted.tx_errors:>6} {counted.tx_dropped:>6} "
        head += f"{counted.tx_overruns:>6} "
    bits = _bits(interface)
    letters = "".join(letter for bit, letter in _LETTERS if bits & bit)
    return head + (letters if bits & 0xFFFF else "[NO FLAGS]")


def long_lines(
    interface: Interface, name: str, addresses6: Sequence[Address6] = ()
) -> Iterator[str]:
    """The paragraph of ``ifconfig`` and ``netstat -ie``, its empty last line included.

    ``addresses6`` are the kernel's, whose order is its own; without them the record's are shown.
    """
    bits = _bits(interface)
    names = ",".join(name for bit, name in _NAMES if bits & bit)
    yield f"{clean(name)}: flags={_signed(bits)}<{names}>  mtu {interface.mtu}"
    first = next(
        (
            address
            for address in interface.addresses
            if address.family == "IPv4" and (address.label or interface.name) == name
        ),
        None,
    )
    if first:
        yield _inet(first, bits)
    if name == interface.name:
        for six in addresses6 or _own6(interface):
            if six.iface == name:
                yield _inet6(six)
    yield _link(interface)
    if name == interface.name:
        yield from _counted(interface.counters)
    yield from _device(interface)
    yield ""


def _bits(interface: Interface) -> int:
    """The flags as a number; of a system that tells their names only, by those."""
    named = (bit for bit, name in _NAMES if name in interface.flags)
    return interface.flag_bits or sum(named)


def _signed(bits: int) -> int:
    # The program takes them as a number of 16 bits with a sign.
    low = bits & 0xFFFF
    return low - 0x10000 if low & 0x8000 else low


def _inet(address: Address, flags: int) -> str:
    mask = IPv4Network((0, address.prefix)).netmask
    line = f"        inet {address.address}  netmask {mask}"
    if flags & _BROADCAST:
        line += f"  broadcast {address.broadcast or '0.0.0.0'}"
    if flags & _POINTOPOINT:
        line += f"  destination {address.peer or address.address}"
    return line


def _inet6(six: Address6) -> str:
    line = f"        inet6 {six.address}  prefixlen {six.prefix}  scopeid 0x{six.scope:x}"
    scope = six.scope
    words = ["compat"] if scope & 0x80 else []
    scope &= ~0x80
    words += ["global"] if scope == 0 else []
    words += [word for bit, word in _SCOPES[1:] if scope & bit]
    return f"{line}<{','.join(words)}>" if words else line


def _own6(interface: Interface) -> list[Address6]:
    scopes = {"link": 0x20, "host": 0x10, "site": 0x40}
    return [
        Address6(interface.name, each.address, each.prefix, scopes.get(each.scope, 0))
        for each in interface.addresses
        if each.family == "IPv6"
    ]


def _link(interface: Interface) -> str:
    link = _LINKS.get(interface.link_type, _OTHER)
    line = f"        {link.name}"
    if link.joint is not None:
        octets = interface.link_address.split(":") if interface.link_address else []
        # Of a longer address the program has 8 octets, and fills up with zeros.
        octets = [*octets[:8], *["00"] * link.octets][: link.octets]
        joined = link.joint.join(octets)
        line += f" {joined.upper() if link.capitals else joined}"
    return f"{line}  txqueuelen {interface.queue_len}  ({link.title})"


def _counted(counted: Counters) -> Iterator[str]:
    lost = counted.rx_dropped + counted.rx_missed
    yield (
        f"        RX packets {counted.rx_packets}  bytes {counted.rx_bytes}"
        f" ({_size(counted.rx_bytes)})"
    )
    if counted.rx_compressed:
        yield f"        RX compressed {counted.rx_compressed}"
    yield (
        f"        RX errors {counted.rx_errors}  dropped {lost}"
        f"  overruns {counted.rx_overruns}  frame {counted.rx_frame}"
    )
    yield (
        f"        TX packets {counted.tx_packets}  bytes {counted.tx_bytes}"
        f" ({_size(counted.tx_bytes)})"
    )
    if counted.tx_compressed:
        yield f"        TX compressed {counted.tx_compressed}"
    yield (
        f"        TX errors {counted.tx_errors}  dropped {counted.tx_dropped}"
        f" overruns {counted.tx_overruns}  carrier {counted.tx_carrier}"
        f"  collisions {counted.collisions}"
    )


def _device(interface: Interface) -> Iterator[str]:
    device = interface.device
    base = device.io_base & 0xFFFF  # what struct ifmap keeps of it
    if not (device.interrupt or device.memory_start or device.dma or base >= 0x100):
        return
    line = "        device "
    line += f"interrupt {device.interrupt}  " if device.interrupt else ""
    line += f"base 0x{base:x}  " if base >= 0x100 else ""
    if device.memory_start:
        line += f"memory 0x{device.memory_start:x}-{device.memory_end:x}  "
    yield line + (f"  dma 0x{device.dma:x}" if device.dma else "")


def _size(count: int) -> str:
    """A count of bytes in the largest unit that it is more than one of, its tenths cut off."""
    if count > 2**60:
        tenths, unit = count // (2**60 // 10 + 1), "EiB"
    else:
        tenths, unit = count * 10, "B"
        for power, name in enumerate(_UNITS, 1):
            if count > 1024**power:
                tenths, unit = count * 10 % 2**64 // 1024**power, name
    return f"{tenths // 10}.{tenths % 10} {unit}"


def _by_number(name: str) -> list[tuple[int, int, str]]:
    """The order of names: a number inside by its value, so that eth10 follows eth9."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def alias_of(found: Iterable[Interface], name: str) -> Interface | None:
    """The interface that a name with a colon belongs to, without the addresses of others."""
    base = name.partition(":")[0]
    interface = next((each for each in found if each.name == base), None)
    if interface is None or ":" not in name:
        return None
    mine = tuple(each for each in interface.addresses if each.label == name)
    return replace(interface, addresses=mine)
