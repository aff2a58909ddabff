"""The kernel's interfaces and addresses: two dumps, and which interface has which address.

Source: rtnetlink(7), ``linux/if_link.h``, ``linux/if_addr.h``.
"""

from __future__ import annotations

import dataclasses
import socket
import struct
from typing import Final, NamedTuple

from netshell.errors import NetshellError
from netshell.host import netlink
from netshell.host.interfaces import Address, Counters, Device, Interface
from netshell.host.netlink import address_text, number, text

_NEW_LINK, _GET_LINK, _NEW_ADDRESS, _GET_ADDRESS = 16, 18, 20, 22
_LINK: Final = struct.Struct("=BxHIII")  # struct ifinfomsg: family, type, index, flags, change
_ADDRESS: Final = struct.Struct("=BBBBI")  # struct ifaddrmsg: family, prefix, flags, scope, index

_IFNAME, _MTU, _MASTER, _OPERSTATE, _LINKINFO, _STATS64 = 3, 4, 10, 16, 18, 23
_QUEUE_LEN, _MAP = 13, 14
_MAC, _INFO_KIND = 1, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_LABEL, _IFA_BROADCAST, _IFA_FLAGS = 1, 2, 3, 4, 8

# struct rtnl_link_stats64, all but what came after Linux 4.6
_COUNTERS: Final = struct.Struct("=23Q")
# struct rtnl_link_ifmap: memory from and to, I/O base, interrupt, DMA channel, port
_DEVICE: Final = struct.Struct("=QQQHBB")

_LINK_FLAGS: Final = (
    (0x1, "UP"),
    (0x2, "BROADCAST"),
    (0x8, "LOOPBACK"),
    (0x10, "POINTOPOINT"),
    (0x80, "NOARP"),
    (0x100, "PROMISC"),
    (0x200, "ALLMULTI"),
    (0x400, "MASTER"),
    (0x800, "SLAVE"),
    (0x1000, "MULTICAST"),
    (0x10000, "LOWER_UP"),
    (0x20000, "DORMANT"),
)
_STATES: Final = ("unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up")
_SCOPES: Final = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_ADDRESS_FLAGS: Final = (
    (0x01, "temporary"),  # of IPv4: secondary
    (0x04, "optimistic"),
    (0x08, "dadfailed"),
    (0x10, "homeaddress"),
    (0x20, "deprecated"),
    (0x40, "tentative"),
    (0x400, "noprefixroute"),
)


class Holding(NamedTuple):
    """An address and the interface (by index) that has it."""

    link: int
    address: Address


def interfaces() -> list[Interface]:
    """Every interface of this thread's network namespace, in the kernel's order.

    Raises NetshellError if the kernel's answer cannot be had or read.
    """
    with netlink.Netlink(netlink.ROUTE) as kernel:
        try:
            links = kernel.dump(_GET_LINK, _LINK.pack(0, 0, 0, 0, 0))
            held = _holdings(kernel)
        except OSError as error:
            raise netlink.refused("cannot list the interfaces", error) from None
    found = [
        read_link(buffer, message.start, message.end)
        for buffer in links.buffers
        for message in netlink.walk(buffer)
        if message.type == _NEW_LINK
    ]
    names = {interface.index: interface.name for interface, _master in found}
    return [_complete(interface, names.get(master, ""), held) for interface, master in found]


def holdings() -> list[Holding]:
    """Every address of this machine (this namespace) and which interface has it."""
    with netlink.Netlink(netlink.ROUTE) as kernel:
        try:
            return _holdings(kernel)
        except OSError as error:
            raise netlink.refused("cannot list the addresses", error) from None


def read_link(buffer: bytes, start: int, end: int) -> tuple[Interface, int]:
    """One link message: the interface without addresses, and its master's index."""
    if end - start < _LINK.size:
        raise _short("an interface", end - start)
    _family, type_, index, flags, _change = _LINK.unpack_from(buffer, start)
    found = netlink.attributes(buffer, start + _LINK.size, end)
    info = found.get(_LINKINFO, b"")
    state = number(found.get(_OPERSTATE))
    interface = Interface(
        name=text(found.get(_IFNAME)) or str(index),
        index=index,
        flags=tuple(name for bit, name in _LINK_FLAGS if flags & bit),
        mtu=number(found.get(_MTU)),
        mac=_mac(found.get(_MAC, b"")),
        counters=_counters(found.get(_STATS64, b"")),
        state=_STATES[state] if state < len(_STATES) else str(state),
        kind=text(netlink.attributes(info, 0, len(info)).get(_INFO_KIND)),
        flag_bits=flags,
        link_type=type_,
        link_address=found.get(_MAC, b"").hex(":"),
        queue_len=number(found.get(_QUEUE_LEN)),
        device=_device(found.get(_MAP, b"")),
    )
    return interface, number(found.get(_MASTER))


def read_address(buffer: bytes, start: int, end: int) -> Holding | None:
    """One address message; None for a family that is neither IPv4 nor IPv6."""
    if end - start < _ADDRESS.size:
        raise _short("an address", end - start)
    family, prefix, flags, scope, index = _ADDRESS.unpack_from(buffer, start)
    if family not in (socket.AF_INET, socket.AF_INET6):
        return None
    found = netlink.attributes(buffer, start + _ADDRESS.size, end)
    far = found.get(_IFA_ADDRESS, b"")
    near = found.get(_IFA_LOCAL, far)  # they differ on point-to-point links only
    flags = number(found.get(_IFA_FLAGS), flags)
    return Holding(
        index,
        Address(
            address=address_text(family, near),
            prefix=prefix,
            family="IPv4" if family == socket.AF_INET else "IPv6",
            scope=_SCOPES.get(scope, str(scope)),
            peer=address_text(family, far) if far and far != near else "",
            broadcast=address_text(family, found[_IFA_BROADCAST])
            if _IFA_BROADCAST in found
            else "",
            flags=tuple(
                "secondary" if bit == 1 and family == socket.AF_INET else name
                for bit, name in _ADDRESS_FLAGS
                if flags & bit
            ),
            label=text(found.get(_IFA_LABEL)),
        ),
    )


def _holdings(kernel: netlink.Netlink) -> list[Holding]:
    reply = kernel.dump(_GET_ADDRESS, _ADDRESS.pack(0, 0, 0, 0, 0))
    return [
        holding
        for buffer in reply.buffers
        for message in netlink.walk(buffer)
        if message.type == _NEW_ADDRESS
        and (holding := read_address(buffer, message.start, message.end)) is not None
    ]


def _complete(interface: Interface, master: str, held: list[Holding]) -> Interface:
    addresses = tuple(h.address for h in held if h.link == interface.index)
    return dataclasses.replace(interface, addresses=addresses, master=master)


def _counters(raw: bytes) -> Counters:
    if len(raw) < _COUNTERS.size:
        return Counters()
    # fmt: off
    (
        rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped,
        multicast, collisions, rx_length, rx_over, rx_crc, rx_frame, rx_fifo, rx_missed,
        tx_aborted, tx_carrier, tx_fifo, tx_heartbeat, tx_window, rx_compressed, tx_compressed,
    ) = _COUNTERS.unpack_from(raw)
    # fmt: on
    return Counters(
        rx_bytes,
        rx_packets,
        rx_errors,
        rx_dropped,
        tx_bytes,
        tx_packets,
        tx_errors,
        tx_dropped,
        rx_overruns=rx_fifo,
        # summed up as the kernel does for /proc/net/dev (dev_seq_printf_stats)
        rx_frame=rx_length + rx_over + rx_crc + rx_frame,
        rx_missed=rx_missed,
        rx_compressed=rx_compressed,
        multicast=multicast,
        tx_overruns=tx_fifo,
        tx_carrier=tx_carrier + tx_aborted + tx_window + tx_heartbeat,
        tx_compressed=tx_compressed,
        collisions=collisions,
    )


def _device(raw: bytes) -> Device:
    if len(raw) < _DEVICE.size:
        return Device()
    start, end, base, interrupt, dma, _port = _DEVICE.unpack_from(raw)
    return Device(start, end, base, interrupt, dma)


def _mac(raw: bytes) -> str:
    # Tunnels carry an IP address here, and point-to-point links nothing.
    return raw.hex(":") if len(raw) == 6 and any(raw) else ""


def _short(what: str, size: int) -> NetshellError:
    return NetshellError(
        "cannot read the kernel's answer", why=f"{what} of {size} bytes", next_step="try again"
    )
