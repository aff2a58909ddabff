"""IGMP, all three versions (RFC 1112, RFC 2236, RFC 3376), and its traceroute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import sums
from netshell.classic.dump.duration import duration
from netshell.classic.dump.internet import listeners

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_QUERY, _REPORT1, _DVMRP, _PIM, _REPORT2, _LEAVE = 0x11, 0x12, 0x13, 0x14, 0x16, 0x17
_RESPONSE, _TRACE, _REPORT3 = 0x1E, 0x1F, 0x22
_USUAL_TIME = 100  # tenths of a second: RFC 2236 section 8.3


def show(
    scope: Scope, settings: Settings, state: State, network: Scope, fragmented: bool, ttl: int
) -> None:
    """Write a message."""
    scope.page.protocol = "igmp"
    write, length = scope.write, scope.length
    if settings.quiet:
        write("igmp")
        return
    kind = scope.u8(0)
    if kind == _QUERY:
        write("igmp query")
        if length >= 12:
            _query3(scope, settings)
        else:
            _query(scope, settings)
    elif kind in (_REPORT1, _REPORT2):
        version = 1 if kind == _REPORT1 else 2
        write(f"igmp v{version} report {settings.host(scope.octets(4, 4))}")
        if length != 8 and version == 1:
            write(f" [len {length}]")
    elif kind == _REPORT3:
        write("igmp v3 report")
        _report3(scope, settings)
    elif kind == _LEAVE:
        write(f"igmp leave {settings.host(scope.octets(4, 4))}")
    elif kind == _DVMRP:
        write("igmp dvmrp")
        if length < 8:
            write(f" [len {length}]")
    elif kind == _PIM:
        write("igmp pimv1")
    elif kind in (_RESPONSE, _TRACE):
        _trace(scope, "mresp" if kind == _RESPONSE else "mtrace", settings)
    else:
        write(f"igmp-{kind}")
    if (
        settings.verbose
        and length >= 4
        and scope.has(0, length)
        and sums.checksum(scope.octets(0, length))
    ):
        write(f" bad igmp cksum {scope.u16(2):x}!")


def _query(scope: Scope, settings: Settings) -> None:
    write, time = scope.write, scope.u8(1)
    write(" v2" if time else " v1")
    if time and time != _USUAL_TIME:
        write(f" [max resp time {time}]")
    if scope.u32(4):
        write(f" [gaddr {settings.host(scope.octets(4, 4))}]")
    if scope.length != 8:
        write(f" [len {scope.length}]")


def _query3(scope: Scope, settings: Settings) -> None:
    write, length = scope.write, scope.length
    write(" v3")
    if length & 3:
        write(f" [invalid len {length}]")
        return
    code = scope.u8(1)
    time = code if code < 128 else (code & 0x0F | 0x10) << ((code >> 4 & 7) + 3)
    if code != _USUAL_TIME:
        text = f"{time * 0.1:.1f}s" if time < 600 else duration(time // 10)
        write(f" [max resp time {text}]")
    if scope.u32(4) == 0:
        return
    write(f" [gaddr {settings.host(scope.octets(4, 4))}")
    listeners.sources_asked(scope, settings, 12, 4)


def _report3(scope: Scope, settings: Settings) -> None:
    if scope.length < 16 or scope.length & 3:
        scope.write(f" [invalid len {scope.length}]")
        return
    listeners.groups(scope, settings, 4, " [v3-report-#%u]")


def _trace(scope: Scope, name: str, settings: Settings) -> None:
    if scope.length < 24:
        scope.write(f" [invalid len {scope.length}]")
        return
    source, group, reply = (settings.host(scope.octets(offset, 4)) for offset in (8, 12, 16))
    scope.write(f"{name} {scope.u24(21)}: {source} to {group} reply-to {reply}")
    if scope.u8(16) & 0xF0 == 0xE0:
        scope.write(f" with-ttl {scope.u8(20)}")
