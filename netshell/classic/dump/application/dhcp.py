"""BOOTP (RFC 951) and DHCP (RFC 2131): the fixed fields; the options are in ``dhcp_options``.

One line without -v; with it every field that is set, on lines of their own.
"""

from __future__ import annotations

from netshell.classic.dump.application.dhcp_options import show_options
from netshell.classic.dump.hardware import ethernet
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, named

_OPERATIONS = {1: "Request", 2: "Reply"}
_REQUEST = 1
_ETHERNET = 1
_BROADCAST = 0x8000

_SERVER_NAME, _SERVER_NAME_SIZE = 44, 64
_FILE, _FILE_SIZE = 108, 128
_VENDOR = 236
_COOKIE = bytes((99, 130, 83, 99))
_CMU = b"CMU\0"


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message, either way."""
    scope.enter("bootp")
    operation = scope.u8(0)
    scope.write(f"BOOTP/DHCP, {named(_OPERATIONS, operation, 'unknown (0x%02x)')}")
    hardware, size = scope.u8(1), scope.u8(2)
    usual = hardware == _ETHERNET and size == 6
    if usual and operation == _REQUEST:
        scope.write(f" from {ethernet(scope.octets(28, 6), settings)}")
    scope.write(f", length {scope.length}")
    if not settings.verbose:
        return
    if not scope.has(8, 2):
        scope.truncated()
        return
    _line_of_fields(scope, settings, hardware, size)
    for title, at in (("Client", 12), ("Your", 16), ("Server", 20), ("Gateway", 24)):
        octets = scope.octets(at, 4)
        if any(octets):
            scope.write(f"\n\t  {title}-IP {settings.host(octets)}")
    if usual:
        scope.write(f"\n\t  Client-Ethernet-Address {ethernet(scope.octets(28, 6), settings)}")
    for title, at, room in (
        ("sname", _SERVER_NAME, _SERVER_NAME_SIZE),
        ("file", _FILE, _FILE_SIZE),
    ):
        if scope.u8(at) and not _string(scope, title, at, room):
            scope.truncated()
            return
    if not scope.has(_VENDOR, 4):
        scope.truncated()
        return
    magic = scope.octets(_VENDOR, 4)
    if magic == _COOKIE:
        show_options(scope.sub(_VENDOR), settings)
    elif magic == _CMU:
        _carnegie_mellon(scope, settings)
    elif any(magic):
        scope.write(f"\n\t  Vendor-#0x{scope.u32(_VENDOR):x}")


def _line_of_fields(scope: Scope, settings: Settings, hardware: int, size: int) -> None:
    """What tcpdump writes behind the length: the fields that are not as usual."""
    if hardware != _ETHERNET:
        scope.write(f", htype {hardware}")
    if hardware != _ETHERNET or size != 6:
        scope.write(f", hlen {size}")
    if hops := scope.u8(3):
        scope.write(f", hops {hops}")
    if transaction := scope.u32(4):
        scope.write(f", xid 0x{transaction:x}")
    if seconds := scope.u16(8):
        scope.write(f", secs {seconds}")
    flags = scope.u16(10)
    scope.write(f", Flags [{'Broadcast' if flags & _BROADCAST else 'none'}]")
    if settings.verbose > 1:
        scope.write(f" (0x{flags:04x})")


def _string(scope: Scope, title: str, at: int, room: int) -> bool:
    """A field of text that a zero must end; False, after what is there, if none does."""
    text, zero, _ = scope.rest(at, room).partition(b"\0")
    scope.write(f'\n\t  {title} "')
    scope.printable(at, len(text))
    scope.write('"')
    return bool(zero)


def _carnegie_mellon(scope: Scope, settings: Settings) -> None:
    """Vendor data of CMU's bootp, which came before RFC 1048's."""
    scope.write(" vend-cmu")
    if not scope.has(_VENDOR + 4, 4):
        scope.truncated()
        return
    flags = scope.u8(_VENDOR + 4)
    if flags & ~1:
        scope.write(f" F:0x{flags:x}")
    mask = "SM" if flags & 1 else "SM*"
    for title, at in (
        ("DG", 12),
        (mask, 8),
        *(("NS1", 16), ("NS2", 20), ("IEN1", 24), ("IEN2", 28), ("TS1", 32), ("TS2", 36)),
    ):
        if not scope.has(_VENDOR + at, 4):
            scope.truncated()
            return
        octets = scope.octets(_VENDOR + at, 4)
        if any(octets):
            scope.write(f" {title}:{settings.host(octets)}")
