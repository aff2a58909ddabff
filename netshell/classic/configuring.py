"""What ifconfig would change, as the ip(8) command that changes it: netshell only reads."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Interface, NetmaskValueError

from netshell.errors import BadArgument

_FAMILIES = ("inet", "inet6", "unix", "unspec", "ax25", "netrom", "rose", "ipx", "ddp", "ec")
_NONE = "no command of ip(8) does that"

_WITHOUT: dict[str, str] = {
    "up": "ip link set dev {} up",
    "down": "ip link set dev {} down",
    "arp": "ip link set dev {} arp on",
    "-arp": "ip link set dev {} arp off",
    "promisc": "ip link set dev {} promisc on",
    "-promisc": "ip link set dev {} promisc off",
    "allmulti": "ip link set dev {} allmulticast on",
    "-allmulti": "ip link set dev {} allmulticast off",
    "multicast": "ip link set dev {} multicast on",
    "-multicast": "ip link set dev {} multicast off",
    "dynamic": "ip link set dev {} dynamic on",
    "-dynamic": "ip link set dev {} dynamic off",
    "trailers": "ip link set dev {} trailers on",
    "-trailers": "ip link set dev {} trailers off",
}
_WITH: dict[str, str] = {
    "mtu": "ip link set dev {} mtu {}",
    "txqueuelen": "ip link set dev {} txqueuelen {}",
    "name": "ip link set dev {} name {}",
    "add": "ip address add {1} dev {0}",
    "del": "ip address del {1} dev {0}",
    "delete": "ip address del {1} dev {0}",
    "tunnel": "ip tunnel add {} mode sit remote {}",
}
_PARTS = ("netmask", "broadcast", "pointopoint", "dstaddr")
_OLD = ("metric", "irq", "io_addr", "mem_start", "media", "port", "outfill", "keepalive")


def refusal(iface: str, words: Sequence[str]) -> BadArgument:
    """The refusal of ``ifconfig IFACE WORDS``, with what to type in its place.

    >>> print(refusal("eth0", ["192.0.2.1", "netmask", "255.255.255.0"]))  # doctest: +ELLIPSIS
    netshell's ifconfig only reads: ...; as root: ip address add 192.0.2.1/24 dev eth0 && ...
    """
    typed = f"ifconfig {iface} {' '.join(words)}"
    commands = _commands(iface, list(words))
    step = f"as root: {' && '.join(commands)}" if commands else _NONE
    return BadArgument(
        "netshell's ifconfig only reads", why=f"{typed!r} would change {iface}", next_step=step
    )


def _commands(iface: str, words: list[str]) -> list[str]:
    device = shlex.quote(iface.partition(":")[0])
    commands: list[str] = []
    address = ""
    parts: dict[str, str] = {}

    def value() -> str:
        return shlex.quote(words.pop(0)) if words else "VALUE"

    if words and words[0] in _FAMILIES:
        words.pop(0)
    while words:
        word = words.pop(0)
        if word in _WITHOUT:
            commands.append(_WITHOUT[word].format(device))
        elif word in _WITH:
            commands.append(_WITH[word].format(device, value()))
        elif word == "hw":
            if words:
                words.pop(0)  # the kind of hardware, which ip(8) need not be told
            commands.append(f"ip link set dev {device} address {value()}")
        elif word in _PARTS:
            parts["peer" if word in ("pointopoint", "dstaddr") else word] = value()
        elif word.lstrip("-") in (*_PARTS, *_OLD):
            if words and not word.startswith("-"):
                words.pop(0)
        else:
            address = word
    if address or parts:
        commands.insert(0, _address(device, iface, address, parts))
        if address and not any(command.endswith((" up", " down")) for command in commands):
            commands.append(f"ip link set dev {device} up")
    return commands


def _address(device: str, iface: str, address: str, parts: dict[str, str]) -> str:
    written = address or "ADDRESS"
    if "peer" in parts:
        written += f" peer {parts['peer']}"
    elif "/" not in written:
        written += f"/{_prefix(address, parts.get('netmask', ''))}"
    written = " ".join(shlex.quote(word) for word in written.split())
    if "broadcast" in parts:
        written += f" broadcast {parts['broadcast']}"
    label = f" label {shlex.quote(iface)}" if ":" in iface else ""
    return f"ip address add {written} dev {device}{label}"


def _prefix(address: str, mask: str) -> str:
    """The length that a mask or, without one, an address's class says."""
    if mask:
        try:
            return str(IPv4Network(f"0.0.0.0/{_dotted(mask)}").prefixlen)
        except (AddressValueError, NetmaskValueError, ValueError):
            return "PREFIX"
    try:
        first = int(IPv4Address(address)) >> 24
    except AddressValueError:
        try:
            return str(IPv6Interface(address).network.prefixlen)
        except (AddressValueError, NetmaskValueError, ValueError):
            return "PREFIX"
    return "8" if first < 128 else "16" if first < 192 else "24"


def _dotted(mask: str) -> str:
    return str(IPv4Address(int(mask, 16))) if mask.startswith("0x") else mask
