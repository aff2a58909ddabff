"""Packets as Scapy's objects, made when asked for. Scapy is imported by the first call."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from netshell.packet.packet import Packet


def dissect(packet: Packet) -> Any:
    """The packet as Scapy sees it, with its time and interface.

    Raw for an unknown link type, and for what Scapy cannot dissect: a frame shorter than a header.
    """
    conf, exact = _scapy()
    kind = conf.l2types.num2layer.get(packet.link, conf.raw_layer)
    try:
        made = kind(packet.raw)
    except Exception:  # noqa: BLE001  (Scapy's layers raise anything on a frame cut in a header)
        made = conf.raw_layer(packet.raw)
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
    from netshell.capture import scapylog  # what it needs of importlib costs as much as a file read

    scapylog.replace_handlers()
    for layers in _LAYERS:
        importlib.import_module(f"scapy.layers.{layers}")
    from scapy.config import conf
    from scapy.utils import EDecimal

    return conf, EDecimal


# Scapy knows no layer before its module is imported: without these a frame is one piece of Raw.
_LAYERS = ("l2", "inet", "inet6", "dns")
