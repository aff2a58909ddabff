"""PPP over Ethernet: discovery and session (RFC 2516, RFC 4638)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_HEADER = 6
_INITIATION = 0x09
_CODES = {_INITIATION: "PADI", 0x07: "PADO", 0x19: "PADR", 0x65: "PADS", 0xA7: "PADT", 0: ""}
_TAGS = {
    0: "EOL",
    0x0101: "Service-Name",
    0x0102: "AC-Name",
    0x0103: "Host-Uniq",
    0x0104: "AC-Cookie",
    0x0105: "Vendor-Specific",
    0x0110: "Relay-Session-ID",
    0x0120: "PPP-Max-Payload",
    0x0201: "Service-Name-Error",
    0x0202: "AC-System-Error",
    0x0203: "Generic-Error",
}
_MOST_INITIATION = 1484 - _HEADER
_MOST_TAG = 79  # characters of a tag that are looked at and written


def show(scope: Scope, settings: Settings, state: State) -> int:
    """Write a packet; how long its headers are."""
    scope.page.protocol = "pppoe"
    write = scope.write
    if scope.length < _HEADER:
        write(f" (length {scope.length} < {_HEADER})")
        scope.invalid()
        return 0
    scope.need(0, _HEADER)
    first, code, session, length = scope.u8(0), scope.u8(1), scope.u16(2), scope.u16(4)
    if first >> 4 != 1:
        write(f" [ver {first >> 4}]")
    if first & 0x0F != 1:
        write(f" [type {first & 0x0F}]")
    write(f"PPPoE {named(_CODES, code, 'PAD-%x')}")
    if code == _INITIATION and length > _MOST_INITIATION:
        write(f" [len {length}!]")
    if length > scope.length - _HEADER:
        write(f" [len {length} > {scope.length - _HEADER}!]")
        length = scope.length - _HEADER
    if session:
        write(f" [ses 0x{session:x}]")
    if code:
        _tags(scope, length)
        return _HEADER
    from netshell.classic.dump.links import ppp

    write(" ")
    return _HEADER + ppp.show(scope.sub(_HEADER, length), settings, state)


def _tags(scope: Scope, length: int) -> None:
    """The tags of a discovery packet."""
    offset, kind = _HEADER, -1
    while kind and offset < _HEADER + length:
        kind, size = scope.u16(offset), scope.u16(offset + 2)
        name = named(_TAGS, kind, "TAG-0x%x")
        octets = scope.octets(offset + 4, size)
        if not size:
            scope.write(f" [{name}]")
        else:
            seen = octets[:_MOST_TAG]
            text = "".join([chr(octet) if 0x20 <= octet < 0x7F else "." for octet in seen])
            printable = sum(0x20 <= octet < 0x7F for octet in seen)
            if printable > len(seen) - printable:
                scope.write(f' [{name} "{text}"]')
            else:
                scope.write(f" [{name} 0x{octets.hex().upper()}]")
        offset += 4 + size
