"""ICMPv6 that is seldom met: node information (RFC 4620), router renumbering (RFC 2894)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.settings import address
from netshell.classic.dump.text import escaped

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_HEADER = 16
_NOOP, _TYPES, _NAME, _ADDRESSES = 0, 1, 2, 3
_FLAGS = ((0x40, "a"), (0x20, "G"), (0x10, "S"), (0x08, "L"), (0x04, "C"), (0x02, "A"))
_CUT = (0x01, "T")  # of replies only
_CODES = {1: "refused", 2: "unknown"}
_COMMAND = 0
_RENUMBERINGS = {_COMMAND: "command", 1: "result", 255: "sequence number reset"}
_RENUMBER_FLAGS = ((0x80, "T"), (0x40, "R"), (0x20, "A"), (0x10, "S"), (0x08, "P"))
_MATCHES = {1: "add", 2: "change", 3: "setglobal"}


def _letters(table: tuple[tuple[int, str], ...], flags: int) -> str:
    return "".join(letter for bit, letter in table if flags & bit)


def show_node(scope: Scope, settings: Settings) -> None:
    """Write a question about a node, or its answer: as long as what was captured is."""
    size = scope.left()
    if scope.u8(0) == 139:
        if size == 12:
            scope.write(" who-are-you request")
            return
        scope.write(" node information query")
        if size < _HEADER:
            scope.truncated()
            return
        _query(scope, size, settings)
    else:
        if scope.length > size or size < _HEADER:
            scope.truncated()
            return
        scope.write(" node information reply")
        _reply(scope, size, settings)
    scope.write(")")


def _kind(scope: Scope, kind: int) -> None:
    """The kind of information where it is only named."""
    flags = scope.u16(6)
    if kind == _NOOP:
        scope.write("noop")
    elif kind == _TYPES:
        scope.write(f"supported qtypes{f' [{chr(67) if flags & 1 else str()}]' if flags else ''}")
    elif kind == _NAME:
        scope.write("DNS name")
    elif kind == _ADDRESSES:
        scope.write("node addresses")
    else:
        scope.write("unknown")


def _query(scope: Scope, size: int, settings: Settings) -> None:
    write, kind = scope.write, scope.u16(4)
    write(" (")
    _kind(scope, kind)
    if kind == _ADDRESSES and scope.u16(6):
        write(f" [{_letters(_FLAGS, scope.u16(6))}]")
    if kind in (_NOOP, _TYPES):
        if size != _HEADER and settings.verbose:
            write(", invalid len")
        return
    if size == _HEADER:
        write(", 03 draft")
        return
    subject = scope.u8(1)
    if subject == 1:
        write(", subject=DNS name")
        _name(scope, _HEADER, size, settings)
    elif subject in (0, 2):
        width = 16 if subject == 0 else 4
        if size == _HEADER + width:
            write(f", subject={settings.host(scope.octets(_HEADER, width))}")
        elif size > _HEADER + width and settings.verbose:
            write(", invalid subject len")
    else:
        write(", unknown subject")


def _reply(scope: Scope, size: int, settings: Settings) -> None:
    write, code, kind, verbose = scope.write, scope.u8(1), scope.u16(4), settings.verbose
    write(" (")
    if code:
        if code in _CODES:
            write(_CODES[code])
            if size != _HEADER and verbose:
                write(", invalid length")
        return
    if verbose:
        write("success, ")
    _kind(scope, kind)
    flags = scope.u16(6)
    if kind == _NOOP and size != _HEADER and verbose:
        write(", invalid length")
    elif kind == _NAME:
        _name(scope, _HEADER + 4, size, settings)
        if flags & 1:
            write(f" [TTL={scope.u32(_HEADER)}]")
    elif kind == _ADDRESSES:
        for offset in range(_HEADER, size - 19, 20):
            write(f" {settings.host(scope.octets(offset + 4, 16))}({scope.u32(offset)})")
        if flags:
            write(f" [{_letters((*_FLAGS, _CUT), flags)}]")


def _name(scope: Scope, offset: int, size: int, settings: Settings) -> None:
    """A name, as in DNS but without compression; drafts had it behind its length."""
    write = scope.write
    if scope.u8(offset) == size - offset - 1:
        if settings.verbose:
            write(", 03 draft")
        write(f', "{escaped(scope.octets(offset + 1, size - offset - 1))}"')
        return
    write(', "')
    while offset < size:
        span = scope.u8(offset)
        offset += 1
        if not span:
            if offset == size:
                write(".")
            elif not (offset + 1 == size and scope.u8(offset) == 0):
                write("???")
            break
        if span > size - offset:
            write("???")
            break
        write(escaped(scope.octets(offset, span)))
        offset += span
        if offset + 1 < size and scope.u8(offset):
            write(".")
    write('"')


def show_renumbering(scope: Scope, settings: Settings) -> None:
    """Write a command to renumber, or what became of it."""
    write, verbose = scope.write, settings.verbose
    if not scope.has(12, 4):
        scope.truncated()
        return
    code = scope.u8(1)
    write(f", {_RENUMBERINGS.get(code, f'code-#{code}')}")
    write(f", seq={scope.u32(4)}")
    if verbose:
        flags = scope.u8(9)
        write(f"[{_letters(_RENUMBER_FLAGS, flags)}," if flags else "[")
        write(f"seg={scope.u8(8)},maxdelay={scope.u16(10)}")
        write(f"rsvd=0x{scope.u32(12):x}]" if scope.u32(12) else "]")
    if code == _COMMAND:
        _command(scope.sub(_HEADER), settings)


def _command(scope: Scope, settings: Settings) -> None:
    """Which prefixes to look for, and what to use instead."""
    write, verbose = scope.write, settings.verbose
    separator = "\n\t" if verbose > 1 else " "
    if not scope.has(8, 16):
        scope.truncated()
        return
    code = scope.u8(0)
    write(f"{separator}match({_MATCHES.get(code, f'#{code}')}")
    if verbose:
        write(f",ord={scope.u8(2)},min={scope.u8(4)},max={scope.u8(5)}")
    write(f",{address(scope.octets(8, 16))}/{scope.u8(3)})")
    parts, wrong = divmod(scope.u8(1) - 3, 4)
    if (scope.u8(1) - 3) % 4 and wrong:
        scope.truncated()
        return
    for number in range(parts):
        _use(scope.sub(24 + number * 32), settings, separator)
        if not scope.has(24 + number * 32 + 16, 16):
            return


def _use(scope: Scope, settings: Settings, separator: str) -> None:
    write = scope.write
    if not scope.has(16, 16):
        scope.truncated()
        return
    write(f"{separator}use(")
    if scope.u8(12):
        # The flags are compared with constants in the other byte order: none ever matches
        # but by a low bit, which is where tcpdump finds them on this kind of machine.
        flags = scope.u8(12)
        write(f"{'V' if flags & 0x80 else ''}{'P' if flags & 0x40 else ''},")
    if settings.verbose:
        write(f"mask=0x{scope.u8(2):x},raflags=0x{scope.u8(3):x},")
        for name, offset in (("vltime", 4), ("pltime", 8)):
            time = scope.u32(offset)
            write(f"{name}={'infty' if time == 0xFFFFFFFF else time},")
    write(f"{address(scope.octets(16, 16))}/{scope.u8(0)}/{scope.u8(1)})")
