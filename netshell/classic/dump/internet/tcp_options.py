"""The options of a TCP header, each by its RFC; what does not fit its length is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_HEADER = 20
_WRAP = 0xFFFFFFFF
_EOL, _NOP, _MSS, _WSCALE, _SACK_OK, _SACK, _STAMP = 0, 1, 2, 3, 4, 5, 8
_MD5, _SCPS, _UTO, _AO, _MPTCP, _FAST_OPEN, _EXPERIMENT = 19, 20, 28, 29, 30, 34, 254
_MD5_LENGTH = 16
_FAST_OPEN_MAGIC = 0xF989
_NAMES = {
    _EOL: "eol",
    _NOP: "nop",
    _MSS: "mss",
    _WSCALE: "wscale",
    _SACK_OK: "sackOK",
    _SACK: "sack",
    6: "echo",
    7: "echoreply",
    _STAMP: "TS",
    11: "cc",
    12: "ccnew",
    13: "",
    _MD5: "md5",
    _SCPS: "scps",
    _UTO: "uto",
    _AO: "tcp-ao",
    _MPTCP: "mptcp",
    _FAST_OPEN: "tfo",
    _EXPERIMENT: "exp",
}


class _Bad(Exception):
    """An option contradicts its length."""


class _Short(Exception):
    """An option was not captured whole."""


def show(
    scope: Scope, header: int, payload: int, flags: int, base: int, settings: Settings
) -> bool:
    """Write the options of a header of `header` bytes; False where they end in an error mark.

    `scope` is the segment's, `payload` the length of what it carries, `base` what relative
    numbers of the other side are counted from.
    """
    write = scope.write
    write(", options [")
    offset, left, separator = _HEADER, header - _HEADER, ""
    try:
        while left > 0:
            write(separator)
            kind = scope.u8(offset)
            size = 1
            if kind > _NOP:
                size = scope.u8(offset + 1)
                if size < 2 or size > left:
                    raise _Bad
            write(named(_NAMES, kind, "unknown-%u"))
            taken = 0
            if kind > _NOP:
                # What follows the kind and the length; a reader may find it longer than `size`.
                option = scope.sub(offset + 2, left - 2)
                taken = 1 + _show_one(option, kind, size, flags, base, settings, scope, payload)
            taken += 1
            offset += taken
            left -= taken
            if taken != size:
                write(f"[len {size}]")
            separator = ","
            if kind == _EOL:
                break
    except _Bad:
        write("[bad opt]" + ("]" if separator else ""))
        return False
    except _Short:
        scope.truncated()
        if separator:
            write(">")
        return False
    write("]")
    return True


def _check(option: Scope, count: int) -> None:
    """The header must have `count` bytes here, and so must what was captured."""
    if count > option.length:
        raise _Bad
    if not option.has(0, count):
        raise _Short


def _show_one(
    option: Scope,
    kind: int,
    size: int,
    flags: int,
    base: int,
    settings: Settings,
    segment: Scope,
    payload: int,
) -> int:
    """Write what is in one option; how many bytes it is by its kind."""
    write = option.write
    if kind == _STAMP:
        _check(option, 8)
        write(f" val {option.u32(0)} ecr {option.u32(4)}")
        return 8
    if kind == _MSS:
        _check(option, 2)
        write(f" {option.u16(0)}")
        return 2
    if kind == _WSCALE:
        _check(option, 1)
        write(f" {option.u8(0)}")
        return 1
    if kind == _SACK_OK:
        return 0
    if kind == _SACK:
        return _sack(option, size - 2, base)
    if kind in (6, 7, 11, 12, 13):
        _check(option, 4)
        write(f" {option.u32(0)}")
        return 4
    if kind == _MD5:
        return _digest(option, segment, payload)
    if kind == _SCPS:
        _check(option, 2)
        write(f" cap {option.u8(0):02x} id {option.u8(1)}")
        return 2
    if kind == _UTO:
        _check(option, 2)
        value = option.u16(0)
        write(f" 0x{value:x} {(value >> 1) * 60 if value & 1 else value >> 1}")
        return 2
    rest = size - 2
    if kind == _AO:
        _authentication(option, rest)
    elif kind == _MPTCP:
        _check(option, rest)
        from netshell.classic.dump.internet import mptcp

        if not mptcp.show(option, size, flags, settings):
            raise _Bad
    elif kind == _FAST_OPEN:
        _check(option, rest)
        write(" ")
        _fast_open(option, 0, rest)
    elif kind == _EXPERIMENT:
        _check(option, rest)
        if rest < 2:
            raise _Bad
        magic = option.u16(0)
        write("-")
        if magic == _FAST_OPEN_MAGIC:
            write("tfo")
            _fast_open(option, 2, rest - 2)
        else:
            write(f"{magic:04x}")
    elif rest:
        write(" 0x")
        _octets(option, 0, rest)
    return rest


def _octets(option: Scope, start: int, stop: int) -> None:
    """Bytes in hexadecimal, those that are there; then the mark for why not all are."""
    there = min(option.length, stop)
    captured = option.rest(start, there - start)
    option.write(captured.hex())
    if start + len(captured) < there:
        raise _Short
    if there < stop:
        raise _Bad


def _sack(option: Scope, size: int, base: int) -> int:
    """Blocks that arrived (RFC 2018), relative where the segment's acknowledgment is."""
    write = option.write
    if size % 8:
        write(" invalid sack")
        return size
    write(f" {size // 8} ")
    for place in range(0, size, 8):
        _check(option, place + 4)
        left = (option.u32(place) - base) & _WRAP
        _check(option, place + 8)
        write(f"{{{left}:{(option.u32(place + 4) - base) & _WRAP}}}")
    return size


def _digest(option: Scope, segment: Scope, payload: int) -> int:
    """A signature (RFC 2385): nobody gave the secret to check it with."""
    _check(option, _MD5_LENGTH)
    header = (segment.u8(12) >> 4) * 4
    if segment.has(header, payload):
        option.write(" shared secret not supplied with -M, ")
    else:
        option.write(" snaplen too short, ")
    option.write(f"can't check - {option.octets(0, _MD5_LENGTH).hex()}")
    return _MD5_LENGTH


def _authentication(option: Scope, size: int) -> None:
    """TCP-AO (RFC 5925 section 2.2)."""
    if size < 2:
        option.invalid()
        return
    _check(option, 1)
    option.write(f" keyid {option.u8(0)}")
    _check(option, 2)
    option.write(f" rnextkeyid {option.u8(1)}")
    if size > 2:
        option.write(" mac 0x")
        _octets(option, 2, size)


def _fast_open(option: Scope, start: int, size: int) -> None:
    """A cookie, or the request for one (RFC 7413)."""
    if size == 0:
        option.write(" cookiereq")
    elif size % 2 or not 4 <= size <= 16:
        option.invalid()
    else:
        option.write(f" cookie {option.octets(start, size).hex()}")
