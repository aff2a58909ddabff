"""Packets as Scapy's objects, made when asked for. Scapy is imported by the first call."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from netshell.packet.packet import Packet


def dissect(packet: Packet) -> Any:
    """The packet as Scapy sees it, with its time and interface; Raw for an unknown link type."""
    conf, exact = _scapy()
    kind = conf.l2types.num2layer.get(packet.link, conf.raw_layer)
    made = kind(packet.raw)
    made.time = exact(packet.time_ns) / exact(1_000_000_000)
    made.wirelen = packet.wire_len
    made.sniffed_on = packet.iface or None
    return made


def packet_list(packets: Iterable[Packet]) -> Any:
    """Many packets as a Scapy PacketList."""
    _scapy()
    from scapy.plist import PacketList

    return PacketList([dissect(packet) for packet in packets], "Capture")


def _scapy() -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Scapy's import warns of its own dependencies' changes
        from netshell.capture import scapylog
        import scapy.error  # noqa: F401, I001

        scapylog.replace_handlers()
        # Nothing is dissected beyond Raw unless these are loaded, which importing them does.
        import scapy.layers.dns
        import scapy.layers.inet
        import scapy.layers.inet6
        import scapy.layers.l2
        from scapy.config import conf
        from scapy.utils import EDecimal
    return conf, EDecimal
