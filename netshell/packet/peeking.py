"""What a payload says, in a few words, and which of its bytes are secret.

This layer knows no protocols above TCP and UDP; who does fills :data:`TOLD`, as
``netshell.results.RENDER`` is filled: :mod:`netshell.protocols` and :mod:`netshell.capture` when
they are imported. Without it, payloads are bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from netshell.errors import BadArgument, brief
from netshell.packet.payload import Places, hide
from netshell.view import clean

if TYPE_CHECKING:
    from netshell.packet.packet import Packet
    from netshell.packet.table import Columns

TOLD: dict[str, Callable[..., Any]] = {}
"""``peek(data, proto, sport, dport)``: text and places of secrets (or None) of one payload;
``secrets(data)``: places of what looks like secrets in bytes that nobody reads;
``spoken(flow, side, lines, reveal)``: what a flow said, message by message, None if it is not
read; ``of_flow(flow)``: where its messages have secrets; ``of_packet(packet)``: where those
are in a packet of a capture."""

LONGEST = 60
"""Characters of what a payload says, in a packet's line."""

_LOOKED_AT = 4096  # bytes of a payload, for its line
_TCP, _UDP = 6, 17
_UDP_HEADER = 8
_PORTS = struct.Struct(">HH")


def summary(packet: Packet, columns: Columns, row: int, is_tcp: bool) -> str:
    """What a packet's payload says by itself, secrets masked; "" where that is not known."""
    peek = TOLD.get("peek")
    if peek is None:
        return ""
    length = columns.at("payload_len", row)
    if length <= 0 or not (is_tcp or columns.at("proto", row) == _UDP):
        return ""
    if not is_tcp and columns.at("fragment_offset", row) > 0:
        return ""
    start, raw = columns.at("payload_offset", row), packet.raw
    if not 0 <= start < len(raw):
        return ""
    # The ports are the header's first four bytes: two columns less to ask.
    header = start - (columns.at("data_offset", row) if is_tcp else _UDP_HEADER)
    source, target = _PORTS.unpack_from(raw, header)
    data = raw[start : start + min(length, _LOOKED_AT)]
    said = peek(data, _TCP if is_tcp else _UDP, source, target)
    if said is None:
        return ""
    text = clean(said[0])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def secrets(packet: Packet) -> Places:
    """Where a payload has secrets: as its protocol says, and what looks like one anyway."""
    data = packet.payload
    if not data or "secrets" not in TOLD:
        return ()
    places: Places = TOLD["secrets"](data)
    if packet.sport is not None and packet.dport is not None:
        proto = packet.proto_number
        said = TOLD["peek"](data, proto, packet.sport, packet.dport) if "peek" in TOLD else None
        if said is not None:
            places = (*places, *said[1])
    if "of_packet" in TOLD:
        places = (*places, *TOLD["of_packet"](packet))
    return places


def shown(packet: Packet, reveal: object) -> bytes:
    """A payload as it is shown: each secret byte is a ``*``, unless ``reveal``.

    Raises BadArgument where ``reveal`` is neither True nor False: nobody reveals by accident.
    """
    return packet.payload if revealing(reveal) else hide(packet.payload, secrets(packet))


def revealing(reveal: object) -> bool:
    """Whether secrets are to be shown. Raises BadArgument for what is neither True nor False."""
    if isinstance(reveal, bool):
        return reveal
    raise BadArgument(
        f"reveal {brief(reveal)}", next_step="use True to show secrets, False to mask them"
    )
