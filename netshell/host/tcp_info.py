"""What the kernel measures of a TCP connection: its ``struct tcp_info``, by name and unit.

The structure only ever grows at its end, so the length says which fields a kernel has: the rest
is ``None``. Sources: tcp(7), ``linux/tcp.h``; the counters are RFC 4898's.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

_UNLIMITED_RATE = 2**64 - 1
_INFINITE_SSTHRESH = 2**31 - 1

_FIELDS = (
    # Each line is a run of one width; the order is the kernel's.
    ("I", "rto ato snd_mss rcv_mss unacked sacked lost retrans fackets"),
    ("I", "last_data_sent last_ack_sent last_data_recv last_ack_recv"),
    ("I", "pmtu rcv_ssthresh rtt rttvar snd_ssthresh snd_cwnd advmss reordering"),
    ("I", "rcv_rtt rcv_space total_retrans"),
    ("Q", "pacing_rate max_pacing_rate bytes_acked bytes_received"),
    ("I", "segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out"),
    ("Q", "delivery_rate busy_time rwnd_limited sndbuf_limited"),
    ("I", "delivered delivered_ce"),
    ("Q", "bytes_sent bytes_retrans"),
    ("I", "dsack_dups reord_seen rcv_ooopack snd_wnd rcv_wnd rehash"),
)
_NAMES = tuple(name for _code, names in _FIELDS for name in names.split())
_LAYOUT = struct.Struct("=8x" + "".join(f"{len(names.split())}{code}" for code, names in _FIELDS))
_WIDTHS = tuple(struct.calcsize("=" + code) for code, names in _FIELDS for _ in names.split())

_OPTIONS = ((1, "timestamps"), (2, "sack"), (4, "wscale"), (8, "ecn"), (16, "ecn_seen"))
_CONGESTION_STATES = ("open", "disorder", "cwr", "recovery", "loss")


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """One connection as its kernel sees it. ``None``: not measured yet, or an older kernel.

    Times are in milliseconds (``_ms``), windows and byte counts in bytes, ``cwnd`` and
    ``ssthresh`` in segments, rates in bytes per second.
    """

    rtt_ms: float | None
    """Smoothed round-trip time (RFC 6298)."""
    rttvar_ms: float | None
    """How much it varies."""
    min_rtt_ms: float | None
    """The least seen: the path without its queues."""
    receive_rtt_ms: float | None
    """The receiver's own estimate; None before any data arrived."""
    rto_ms: float
    """How long an acknowledgement is waited for before sending again."""
    retransmits: int
    """How many times the segment waiting now was sent again."""
    backoff: int
    """How many times the timer was doubled for it."""
    probes: int
    """Window or keep-alive probes without an answer."""
    total_retrans: int | None
    """Segments sent again since the start."""
    lost: int
    """Segments believed lost now."""
    unacked: int
    """Segments on their way, not acknowledged yet."""
    sacked: int
    """Of these, acknowledged selectively."""
    cwnd: int
    """Congestion window, in segments."""
    ssthresh: int | None
    """Slow-start threshold in segments; None while it was never reduced."""
    congestion: str
    """The algorithm, such as "cubic"; empty if unknown."""
    congestion_state: str
    """open, disorder, cwr, recovery or loss."""
    mss: int
    """Bytes in a full segment that this side sends."""
    peer_mss: int
    """The largest segment seen from the other side, as estimated for delayed acknowledgements."""
    advertised_mss: int
    """What this side announced."""
    pmtu: int
    """The path's MTU as known now."""
    options: tuple[str, ...]
    """What both sides agreed on: timestamps, sack, wscale, ecn."""
    window_shift: int
    """This connection's scaling of the windows received from the peer."""
    own_window_shift: int
    """The scaling of the windows announced by this side."""
    last_data_sent_ms: int
    """Time since this side last sent data."""
    last_data_received_ms: int
    """Time since data last arrived."""
    last_ack_received_ms: int
    """Time since an acknowledgement last arrived."""
    bytes_sent: int | None
    """Payload sent, retransmissions included."""
    bytes_retransmitted: int | None
    """Payload sent again."""
    bytes_acked: int | None
    """Payload the peer acknowledged."""
    bytes_received: int | None
    """Payload received in order."""
    segments_out: int | None
    """Segments sent, with and without payload."""
    segments_in: int | None
    """Segments received, with and without payload."""
    notsent_bytes: int | None
    """Written by the application, not sent yet."""
    out_of_order: int | None
    """Segments that arrived out of order."""
    duplicates: int | None
    """Segments the peer reported as received twice (DSACK)."""
    send_window: int | None
    """The peer's receive window, scaled."""
    receive_window: int | None
    """The window this side announces, scaled."""
    pacing_rate: int | None
    """What this side paces itself to; None if unlimited."""
    delivery_rate: int | None
    """The newest measurement of what arrives at the peer."""
    application_limited: bool
    """Whether that measurement shows the application's pace rather than the path's."""
    busy_ms: float | None
    """Time spent with something to send."""
    window_limited_ms: float | None
    """Of this, held up by the peer's receive window."""
    buffer_limited_ms: float | None
    """Of this, held up by this side's send buffer."""

    @classmethod
    def decode(cls, raw: bytes, congestion: str = "") -> TcpInfo | None:
        """The structure as far as the kernel filled it; None if not even its oldest part is there.

        >>> TcpInfo.decode(b"") is None
        True
        """
        if len(raw) < 104:  # Linux 2.4's: up to total_retrans
            return None
        values = _values(raw)
        number = values.__getitem__
        scale = raw[6]
        return cls(
            rtt_ms=_milliseconds(number("rtt")) or None,
            rttvar_ms=_milliseconds(number("rttvar")) if number("rtt") else None,
            min_rtt_ms=_unless(_milliseconds(values["min_rtt"]), _NO_MIN_RTT),
            receive_rtt_ms=_milliseconds(number("rcv_rtt")) or None,
            rto_ms=_milliseconds(number("rto")) or 0.0,
            retransmits=raw[2],
            backoff=raw[4],
            probes=raw[3],
            total_retrans=values["total_retrans"],
            lost=number("lost") or 0,
            unacked=number("unacked") or 0,
            sacked=number("sacked") or 0,
            cwnd=number("snd_cwnd") or 0,
            ssthresh=_unless(number("snd_ssthresh"), _INFINITE_SSTHRESH),
            congestion=congestion,
            congestion_state=_name(_CONGESTION_STATES, raw[1]),
            mss=number("snd_mss") or 0,
            peer_mss=number("rcv_mss") or 0,
            advertised_mss=number("advmss") or 0,
            pmtu=number("pmtu") or 0,
            options=tuple(name for bit, name in _OPTIONS if raw[5] & bit),
            window_shift=scale & 15 if _BIT_FIELDS_FROM_LOW else scale >> 4,
            own_window_shift=scale >> 4 if _BIT_FIELDS_FROM_LOW else scale & 15,
            last_data_sent_ms=number("last_data_sent") or 0,
            last_data_received_ms=number("last_data_recv") or 0,
            last_ack_received_ms=number("last_ack_recv") or 0,
            bytes_sent=values["bytes_sent"],
            bytes_retransmitted=values["bytes_retrans"],
            bytes_acked=values["bytes_acked"],
            bytes_received=values["bytes_received"],
            segments_out=values["segs_out"],
            segments_in=values["segs_in"],
            notsent_bytes=values["notsent_bytes"],
            out_of_order=values["rcv_ooopack"],
            duplicates=values["dsack_dups"],
            send_window=values["snd_wnd"],
            receive_window=values["rcv_wnd"],
            pacing_rate=_unless(values["pacing_rate"], _UNLIMITED_RATE),
            delivery_rate=values["delivery_rate"],
            application_limited=bool(raw[7] & (1 if _BIT_FIELDS_FROM_LOW else 128)),
            busy_ms=_milliseconds(values["busy_time"]),
            window_limited_ms=_milliseconds(values["rwnd_limited"]),
            buffer_limited_ms=_milliseconds(values["sndbuf_limited"]),
        )


_BIT_FIELDS_FROM_LOW = struct.pack("=H", 1) == b"\1\0"  # C's order of bit fields follows the bytes'
_NO_MIN_RTT = (2**32 - 1) / 1000


def _values(raw: bytes) -> dict[str, int | None]:
    filled = raw[: _LAYOUT.size]
    numbers = _LAYOUT.unpack(filled + bytes(_LAYOUT.size - len(filled)))
    values: dict[str, int | None] = dict(zip(_NAMES, numbers, strict=True))
    if len(filled) < _LAYOUT.size:
        end = 8
        for name, width in zip(_NAMES, _WIDTHS, strict=True):
            end += width
            if end > len(filled):
                values[name] = None
    return values


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def _unless(value: float | None, nothing: float) -> Any:
    return None if value == nothing else value


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if index < len(names) else str(index)
