"""NTP (RFC 5905; RFC 1305 for control messages): one line, with -v every field and the offsets."""

from __future__ import annotations

import time

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_MODES = {
    **{0: "unspecified", 1: "symmetric active", 2: "symmetric passive", 3: "Client"},
    **{4: "Server", 5: "Broadcast", 6: "Control Message", 7: "Reserved"},
}
_CONTROL, _RESERVED = 6, 7
_LEAPS = {0x00: "", 0x40: "+1s", 0x80: "-1s", 0xC0: "clock unsynchronized"}
_STRATA = {0: "unspecified", 1: "primary reference"}
_INFORMATION = {62: "INFO_QUERY", 63: "INFO_REPLY"}
"""Strata that an old program used for questions of its own."""

_TIME_SIZE = 48
_CONTROL_SIZE = 12
_SINCE_1900 = 2208988800
"""Seconds from 1900, where NTP begins, to 1970."""

_STAMPS = (
    ("Reference Timestamp:  ", 16),
    ("Originator Timestamp: ", 24),
    ("Receive Timestamp:    ", 32),
    ("Transmit Timestamp:   ", 40),
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message of any mode."""
    scope.enter("ntp")
    first = scope.u8(0)
    mode = first & 7
    scope.write(f"NTPv{first >> 3 & 7}, {_MODES[mode]}, length {scope.length}")
    if not settings.verbose:
        return
    leap = first & 0xC0
    scope.write(f"\n\tLeap indicator: {_LEAPS[leap]} ({leap})")
    if mode == _CONTROL:
        _control(scope)
    elif mode != _RESERVED:
        _time(scope, settings)


def _time(scope: Scope, settings: Settings) -> None:
    """The clock's state and the four times; what is behind them by its size alone."""
    if scope.length < _TIME_SIZE:
        _invalid(scope)
        return
    stratum = scope.u8(1)
    other = "secondary reference" if 2 <= stratum <= 15 else "reserved"
    scope.write(
        f", Stratum {stratum} ({({0: 'unspecified', 1: 'primary reference'}).get(stratum, other)})"
    )
    poll = _signed(scope.u8(2))
    scope.write(f", poll {poll}")
    if -32 < poll < 32:
        scope.write(f" ({1 << poll}s)" if poll >= 0 else f" (1/{1 << -poll}s)")
    scope.write(f", precision {_signed(scope.u8(3))}")
    for title, at in (("\n\tRoot Delay: ", 4), (", Root dispersion: ", 8)):
        if not scope.has(at, 4):
            scope.truncated()
            return
        scope.write(title + _short(scope.u32(at)))
    if not scope.has(12, 4):
        scope.truncated()
        return
    scope.write(", Reference-ID: ")
    if stratum in _INFORMATION:
        scope.write(f"{settings.host(scope.octets(12, 4))} {_INFORMATION[stratum]}")
        return
    if stratum == 0:
        scope.write("(unspec)")
    elif stratum == 1:
        scope.printable(12, 4)
    else:
        scope.write(f"0x{scope.u32(12):08x}")
    for title, at in _STAMPS:
        if not scope.has(at, 8):
            scope.truncated()
            return
        scope.write(f"\n\t  {title}{timestamp(scope.u64(at))}")
    origin, received, sent = (scope.u64(at) for at in (24, 32, 40))
    scope.write(f"\n\t    Originator - Receive Timestamp:  {_offset(origin, received)}")
    scope.write(f"\n\t    Originator - Transmit Timestamp: {_offset(origin, sent)}")
    _authentication(scope)


def _authentication(scope: Scope) -> None:
    """A key's number and a digest of 16 or 20 bytes, known by the message's length alone."""
    more = scope.length - _TIME_SIZE
    if more in (4, 20, 24):
        scope.write(f"\n\tKey id: {scope.u32(_TIME_SIZE)}")
        if more > 4:
            if not scope.has(_TIME_SIZE + 4, more - 4):
                scope.truncated()
                return
            scope.write(f"\n\tAuthentication: {scope.octets(_TIME_SIZE + 4, more - 4).hex()}")
    elif more > 0:
        scope.write(f"\n\t({more} more bytes after the header)")


def _control(scope: Scope) -> None:
    """A control message: its header."""
    if scope.length < _CONTROL_SIZE:
        _invalid(scope)
        return
    control = scope.u8(1)
    scope.write(
        f", {'Response' if control & 0x80 else 'Request'}, {'Error' if control & 0x40 else 'OK'}"
        f", {'More' if control & 0x20 else 'Last'}, OpCode={control & 0x1F}\n"
    )
    scope.write(f"\tSequence={scope.u16(2)}")
    status = scope.u16(4)
    scope.write(f", Status={status:#x}" if status else ", Status=0")
    scope.write(f", Assoc.={scope.u16(6)}")
    scope.write(f", Offset={scope.u16(8)}")
    count = scope.u16(10)
    scope.write(f", Count={count}")
    if _CONTROL_SIZE + count > scope.length:
        _invalid(scope)
    elif count:
        if scope.has(_CONTROL_SIZE, count):
            scope.write("\n\tTO-BE-DONE: data not interpreted")
        else:
            scope.truncated()


def _invalid(scope: Scope) -> None:
    scope.invalid()
    if not scope.has(0, scope.length):
        scope.truncated()


def timestamp(value: int) -> str:
    """A time in NTP's 64 bits: seconds since 1900, and the date.

    >>> timestamp(2208988800 << 32 | 1 << 31)
    '2208988800.500000000 (1970-01-01T00:00:00Z)'
    """
    seconds, fraction = value >> 32, value & 0xFFFFFFFF
    text = f"{seconds}.{_billionths(fraction):09d}"
    if seconds:
        date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds - _SINCE_1900))
        text += f" ({date})"
    return text


def _offset(origin: int, other: int) -> str:
    """How much later `other` is; `other` itself where there is no origin."""
    if not origin:
        return timestamp(other)
    # Equal times have a minus, as in tcpdump.
    sign, apart = ("+", other - origin) if other > origin else ("-", origin - other)
    return f"{sign}{apart >> 32}.{_billionths(apart & 0xFFFFFFFF):09d}"


def _billionths(fraction: int) -> int:
    return int(fraction / 4294967296.0 * 1000000000.0)


def _short(value: int) -> str:
    """NTP's short form: 16 bits of seconds, 16 of their fraction."""
    return f"{value >> 16}.{int((value & 0xFFFF) / 65536.0 * 1000000.0):06d}"


def _signed(octet: int) -> int:
    return octet - 256 if octet > 127 else octet
