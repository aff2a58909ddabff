"""Mobile IPv6's mobility header (RFC 6275 section 6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import bits

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_REQUEST, _HOME_INIT, _CARE_INIT, _HOME, _CARE, _UPDATE, _ACK, _ERROR = range(8)
_NAMES = ("BRR", "HoTI", "CoTI", "HoT", "CoT", "BU", "BA", "BE")
_LEAST = (8, 16, 16, 24, 24, 12, 12, 24)
_UPDATE_FLAGS = {8: "A", 4: "H", 2: "L", 1: "K"}


def show(scope: Scope, settings: Settings) -> None:
    """Write the header; nothing follows it."""
    scope.page.protocol = "mobility"
    write = scope.write
    if not scope.has(1):
        scope.truncated()
        return
    size = (scope.u8(1) + 1) * 8
    kind = scope.u8(2)
    if kind < len(_LEAST) and size < _LEAST[kind]:
        write(f"(header length {size} is too small for type {kind})")
        scope.truncated()
        return
    write(f"mobility: {_NAMES[kind] if kind < len(_NAMES) else f'type-#{kind}'}")
    if kind >= len(_NAMES):
        write(f" len={scope.u8(1)}")
        return
    if kind == _UPDATE and not _update(scope):
        scope.truncated()
        return
    if kind not in (_REQUEST, _UPDATE):
        _message(scope, kind, settings)
    start = _LEAST[kind]
    if settings.verbose and not _options(scope.sub(start, size - start), settings):
        scope.truncated()


def _message(scope: Scope, kind: int, settings: Settings) -> None:
    write = scope.write
    if kind == _ACK:
        write(f" status={scope.u8(6)}")
        write(" K" if scope.u8(7) & 0x80 else "")
        write(f" seq#={scope.u16(8)}")
        write(f" lifetime={scope.u16(10) << 2}")
        return
    if kind == _ERROR:
        write(f" status={scope.u8(6)}")
        write(f" homeaddr {settings.host(scope.octets(8, 16))}")
        return
    who = "Home" if kind in (_HOME_INIT, _HOME) else "Care-of"
    if kind in (_HOME, _CARE):
        write(f" nonce id=0x{scope.u16(6):x}")
    if settings.verbose:
        write(f" {who} Init Cookie={scope.u32(8):08x}:{scope.u32(12):08x}")
        if kind in (_HOME, _CARE):
            write(f" {who} Keygen Token={scope.u32(16):08x}:{scope.u32(20):08x}")


def _update(scope: Scope) -> bool:
    """A binding update; False where it is cut off."""
    scope.write(f" seq#={scope.u16(6)}")
    if not scope.has(8, 2):
        return False
    flags = scope.u8(8) >> 4
    if flags:
        scope.write(f" {bits(_UPDATE_FLAGS, flags, separator='')}")
    scope.write(f" lifetime={scope.u16(10) << 2}")
    return True


def _options(scope: Scope, settings: Settings) -> bool:
    """Write the options; False where one does not fit, or is the last that was captured."""
    write, offset = scope.write, 0
    while offset < scope.length:
        kind, size = scope.u8(offset), 1
        left = scope.length - offset
        if kind:
            if left < 2:
                return False
            size = scope.u8(offset + 1) + 2
        if size > left or not scope.has(offset + size):
            return False
        if kind in _LENGTHS and left < _LENGTHS[kind][0]:
            write(f"({_LENGTHS[kind][1]}: trunc)")
            return False
        if kind == 0:
            write("(pad1)")
        elif kind == 1:
            write("(padn)")
        elif kind == 2:
            write(f"(refresh: {scope.u16(offset + 2) << 2})")
        elif kind == 3:
            write(f"(alt-CoA: {settings.host(scope.octets(offset + 2, 16))})")
        elif kind == 4:
            write(f"(ni: ho=0x{scope.u16(offset + 2):04x} co=0x{scope.u16(offset + 4):04x})")
        elif kind == 5:
            write("(auth)")
        else:
            write(f"(type-0x{kind:02x}: len={size - 2})")
        offset += size
    return True


_LENGTHS = {2: (4, "refresh"), 3: (18, "altcoa"), 4: (6, "ni"), 5: (12, "auth")}
