"""Packets from the wire and from files, as raw bytes, append only."""

from typing import Any

import netshell.protocols  # noqa: F401 - offers what payloads say to whatever shows packets
from netshell.packet.peeking import TOLD


def _of_packet(packet: Any) -> Any:
    from netshell.capture.hiding import of_packet

    return of_packet(packet)


TOLD["of_packet"] = _of_packet
