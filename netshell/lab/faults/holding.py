"""An interface that keeps packets until it is told to let them go: delay without a clock.

A token bucket (tc-tbf(8)) that fills at one byte a second and has just been emptied holds whatever
is sent; a bucket that is full lets all of it go. What waits stands in the kernel's default queue of
three bands, so that a segment of a higher SO_PRIORITY overtakes. Runs inside a host, over
rtnetlink(7), and in every kernel with CONFIG_NET_SCH_TBF.
"""

from __future__ import annotations

import errno
import socket
import struct

from netshell.errors import Unavailable
from netshell.lab import link

_RTM_NEWQDISC = 36
_TCA_KIND, _TCA_OPTIONS = 1, 2
_TCA_TBF_PARMS, _TCA_TBF_BURST = 1, 6
_ROOT, _HANDLE, _INNER = 0xFFFFFFFF, 0x10000, 0x10001
_NLM_F_REPLACE, _NLM_F_CREATE = 0x100, 0x400
_ETHERNET = 1  # TC_LINKLAYER_ETHERNET: the kernel works its rate table out itself
_TCMSG = struct.Struct("=BxxxiIII")
_RATE = struct.Struct("=BBHhHI")  # cell_log, linklayer, overhead, cell_align, mpu, rate

FRAME = 1514
_NOTHING = 0x88B5  # EtherType of local experiments (IEEE 802): the other host ignores it
_LIMIT = 1 << 20


def shut(iface: str) -> None:
    """Keep all that is sent from now on. Raises Unavailable."""
    _bucket(iface, rate=1, burst=FRAME)
    _request(_TCMSG.pack(0, socket.if_nametoindex(iface), 0, _INNER, 0), b"pfifo_fast", b"")
    _send(iface, FRAME)  # empties the bucket


def release(iface: str) -> None:
    """Let go what was kept, in the order of the bands, and keep nothing any more."""
    _bucket(iface, rate=1 << 30, burst=_LIMIT)
    _send(iface, 60)  # the kernel looks at the queue when something comes


def _bucket(iface: str, rate: int, burst: int) -> None:
    spec = _RATE.pack(0, _ETHERNET, 0, 0, 0, rate)
    parameters = spec + bytes(_RATE.size) + struct.pack("=III", _LIMIT, 0, 0)
    options = link.attribute(_TCA_TBF_PARMS, parameters)
    options += link.attribute(_TCA_TBF_BURST, struct.pack("=I", burst))
    _request(
        _TCMSG.pack(0, socket.if_nametoindex(iface), _HANDLE, _ROOT, 0),
        b"tbf",
        link.attribute(_TCA_OPTIONS, options),
    )


def _request(head: bytes, kind: bytes, options: bytes) -> None:
    body = head + link.attribute(_TCA_KIND, kind + b"\0") + options
    try:
        link.request(_RTM_NEWQDISC, _NLM_F_CREATE | _NLM_F_REPLACE, body)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.EOPNOTSUPP):
            raise
        raise Unavailable(
            "cannot hold packets back",
            where="in the lab",
            why=f"this kernel has no {kind.decode()} queueing discipline",
            next_step="load it with `sudo modprobe sch_tbf`",
        ) from None


def _send(iface: str, size: int) -> None:
    """A frame that nobody takes."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((iface, 0))
        raw.send(bytes(12) + struct.pack("!H", _NOTHING) + bytes(size - 14))
