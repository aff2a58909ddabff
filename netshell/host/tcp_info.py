"""What the kernel measures of a TCP connection: its ``struct tcp_info``, by name and unit.

The structure only ever grows at its end, so the length says which fields a kernel has: the rest
is ``None``. Sources: tcp(7), ``linux/tcp.h``; the counters are RFC 4898's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, cast

from netshell.results import Single

_UNLIMITED_RATE = 2**64 - 1
_INFINITE_SSTHRESH = 2**31 - 1
_NO_MIN_RTT = 2**32 - 1

# The widths of the fields in the kernel's order, after eight bytes of small ones.
_WIDTHS = tuple(
    width
    for count, width in ((24, 4), (4, 8), (6, 4), (4, 8), (2, 4), (2, 8), (6, 4))
    for _ in range(count)
)
_LAYOUT = struct.Struct("=8x" + "".join("I" if width == 4 else "Q" for width in _WIDTHS))
_OLDEST = 104  # Linux 2.4's: up to total_retrans

_OPTIONS = ((1, "timestamps"), (2, "sack"), (4, "wscale"), (8, "ecn"), (16, "ecn_seen"))
_CONGESTION_STATES = ("open", "disorder", "cwr", "recovery", "loss")


@dataclass(frozen=True, slots=True, repr=False)
class TcpInfo(Single):
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
        if len(raw) < _OLDEST:
            return None
        # fmt: off
        (
            rto, _ato, snd_mss, rcv_mss, unacked, sacked, lost, _retrans, _fackets,
            last_data_sent, _last_ack_sent, last_data_recv, last_ack_recv,
            pmtu, _rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, _reordering,
            rcv_rtt, _rcv_space, total_retrans,
            pacing_rate, _max_pacing_rate, bytes_acked, bytes_received,
            segs_out, segs_in, notsent_bytes, min_rtt, _data_segs_in, _data_segs_out,
            delivery_rate, busy_time, rwnd_limited, sndbuf_limited,
            _delivered, _delivered_ce,
            bytes_sent, bytes_retrans,
            dsack_dups, _reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, _rehash,
        ) = _values(raw)
        # fmt: on
        shifts = (raw[6] & 15, raw[6] >> 4)
        peer_shift, own_shift = shifts if _BIT_FIELDS_FROM_LOW else shifts[::-1]
        # A frozen dataclass's own __init__ takes ten times as long: see netshell.host.draft.
        info: Any = _Draft()
        info.rtt_ms = rtt / 1000 or None
        info.rttvar_ms = rttvar / 1000 if rtt else None
        info.min_rtt_ms = None if min_rtt in (None, _NO_MIN_RTT) else min_rtt / 1000
        info.receive_rtt_ms = rcv_rtt / 1000 or None
        info.rto_ms = rto / 1000
        info.retransmits = raw[2]
        info.backoff = raw[4]
        info.probes = raw[3]
        info.total_retrans = total_retrans
        info.lost = lost
        info.unacked = unacked
        info.sacked = sacked
        info.cwnd = snd_cwnd
        info.ssthresh = None if snd_ssthresh >= _INFINITE_SSTHRESH else snd_ssthresh
        info.congestion = congestion
        info.congestion_state = _name(_CONGESTION_STATES, raw[1])
        info.mss = snd_mss
        info.peer_mss = rcv_mss
        info.advertised_mss = advmss
        info.pmtu = pmtu
        info.options = _options(raw[5])
        info.window_shift = peer_shift
        info.own_window_shift = own_shift
        info.last_data_sent_ms = last_data_sent
        info.last_data_received_ms = last_data_recv
        info.last_ack_received_ms = last_ack_recv
        info.bytes_sent = bytes_sent
        info.bytes_retransmitted = bytes_retrans
        info.bytes_acked = bytes_acked
        info.bytes_received = bytes_received
        info.segments_out = segs_out
        info.segments_in = segs_in
        info.notsent_bytes = notsent_bytes
        info.out_of_order = rcv_ooopack
        info.duplicates = dsack_dups
        info.send_window = snd_wnd
        info.receive_window = rcv_wnd
        info.pacing_rate = None if pacing_rate == _UNLIMITED_RATE else pacing_rate
        info.delivery_rate = delivery_rate
        info.application_limited = bool(raw[7] & (1 if _BIT_FIELDS_FROM_LOW else 128))
        info.busy_ms = _milliseconds(busy_time)
        info.window_limited_ms = _milliseconds(rwnd_limited)
        info.buffer_limited_ms = _milliseconds(sndbuf_limited)
        object.__setattr__(info, "__class__", cls)
        return cast(TcpInfo, info)

    def __str__(self) -> str:
        rtt = "not measured" if self.rtt_ms is None else f"{self.rtt_ms:.3g} ms"
        return f"rtt {rtt}, cwnd {self.cwnd}, mss {self.mss}, retransmits {self.retransmits}"

    def important(self) -> Iterator[tuple[str, str]]:
        """What is asked for most: times, loss, the window, and how much went through."""
        if self.rtt_ms is None:
            yield "rtt", "not measured yet"
        else:
            least = "" if self.min_rtt_ms is None else f", least {self.min_rtt_ms:.3g} ms"
            yield "rtt", f"{self.rtt_ms:.3g} ms, varies by {self.rttvar_ms:.3g} ms{least}"
        yield "retransmits", self.sent_again
        ssthresh = "" if self.ssthresh is None else f", slow start up to {self.ssthresh}"
        yield "cwnd", f"{_segments(self.cwnd)}{ssthresh}"
        yield "mss", f"{self.mss} bytes"
        yield "acked", _bytes(self.bytes_acked)
        yield "received", _bytes(self.bytes_received)

    @property
    def sent_again(self) -> str:
        """The segment that waits now and all since the start, in words."""
        total = f"{_segments(self.total_retrans)} since the start" if self.total_retrans else ""
        if self.retransmits:
            now = f"{self.retransmits} of the segment that waits now"
            return f"{now}, {total}" if total else now
        return total or "none"

    def facts(self) -> Iterator[tuple[str, str]]:
        yield from self.important()
        yield "rto", f"{self.rto_ms:g} ms"
        yield "unanswered", f"{self.probes} probes" if self.probes else ""
        beside = f"{self.sacked} acknowledged out of order, {self.lost} lost"
        yield "in flight", f"{_segments(self.unacked)}, {beside}"
        yield "congestion", f"{self.congestion}, {self.congestion_state}".removeprefix(", ")
        yield "options", ", ".join(self.options)
        yield "path mtu", f"{self.pmtu} bytes"
        yield "peer's window", _window(self.send_window, self.window_shift)
        yield "own window", _window(self.receive_window, self.own_window_shift)
        yield "not sent yet", _bytes(self.notsent_bytes)
        if self.segments_out is not None:
            yield "segments", f"{self.segments_out} out, {self.segments_in} in"
        yield "sent", _bytes(self.bytes_sent)
        yield "sent again", _bytes(self.bytes_retransmitted)
        if self.out_of_order is not None:
            yield "disorder", f"{self.out_of_order} out of order, {self.duplicates} twice"
        yield (
            "idle",
            (
                f"{self.last_data_sent_ms} ms since data was sent, "
                f"{self.last_data_received_ms} ms since it came"
            ),
        )
        limit = ", paced by the program" if self.application_limited else ""
        yield "delivery", "" if not self.delivery_rate else f"{self.delivery_rate} bytes/s{limit}"
        yield "pacing", "" if not self.pacing_rate else f"at most {self.pacing_rate} bytes/s"
        if self.busy_ms is not None:
            held_up = f"{self.window_limited_ms or 0:g} ms of it for the peer's window"
            buffer = f"{self.buffer_limited_ms or 0:g} ms for the send buffer"
            yield "busy", f"{self.busy_ms:g} ms, {held_up}, {buffer}"


class _Draft(Single):
    """A record in the making: the same slots and base, so that it can become one."""

    __slots__ = tuple(field.name for field in fields(TcpInfo))


def _segments(count: int) -> str:
    return f"{count} segment{'' if count == 1 else 's'}"


def _bytes(count: int | None) -> str:
    return "" if count is None else f"{count} byte{'' if count == 1 else 's'}"


def _window(size: int | None, shift: int) -> str:
    scaled = f", scaled by {1 << shift}" if shift else ""
    return "" if size is None else f"{size} bytes{scaled}"


_BIT_FIELDS_FROM_LOW = struct.pack("=H", 1) == b"\1\0"  # C's order of bit fields follows the bytes'


def _values(raw: bytes) -> Sequence[Any]:
    """The numbers in the kernel's order; None for those it did not fill."""
    missing = _LAYOUT.size - len(raw)
    if missing <= 0:
        return _LAYOUT.unpack_from(raw)
    values = list(_LAYOUT.unpack(raw + bytes(missing)))
    end = 8
    for i, width in enumerate(_WIDTHS):
        end += width
        if end > len(raw):
            values[i] = None
    return values


@cache
def _options(bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in _OPTIONS if bits & bit)


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000


def _name(names: tuple[str, ...], index: int) -> str:
    return names[index] if index < len(names) else str(index)
