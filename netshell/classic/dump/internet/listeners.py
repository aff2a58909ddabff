"""Who listens to which multicast group: what IGMPv3 (RFC 3376) and MLDv2 (RFC 3810) have alike.

Queries and reports are laid out the same, but for the size of an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import named

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.text import Scope

_RECORDS = {1: "is_in", 2: "is_ex", 3: "to_in", 4: "to_ex", 5: "allow", 6: "block"}


def sources_asked(scope: Scope, settings: Settings, offset: int, width: int) -> None:
    """The sources that a query names, their count just before `offset`; `width` is an address's."""
    count = scope.u16(offset - 2)
    if count:
        if scope.length < offset + count * width:
            scope.write(" [invalid number of sources]")
        else:
            _sources(scope, settings, offset, width, count)
    scope.write("]")


def groups(scope: Scope, settings: Settings, width: int, unknown: str) -> None:
    """A report's records, one for each group; `unknown` writes a type that has no name."""
    write, length = scope.write, scope.length
    count = scope.u16(6)
    write(f", {count} group record(s)")
    if not settings.verbose:
        return
    offset = 8
    for _ in range(count):
        if length < offset + 4 + width:
            write(" [invalid number of groups]")
            return
        write(f" [gaddr {settings.host(scope.octets(offset + 4, width))}")
        write(f" {named(_RECORDS, scope.u8(offset), unknown)}")
        sources = scope.u16(offset + 2)
        offset += 4 + width
        if length < offset + sources * width:
            write(f" [invalid number of sources {sources}]")
            return
        _sources(scope, settings, offset, width, sources)
        offset += sources * width
        write("]")


def _sources(scope: Scope, settings: Settings, offset: int, width: int, count: int) -> None:
    if settings.verbose < 2:
        scope.write(f", {count} source(s)")
        return
    scope.write(" {")
    for place in range(offset, offset + count * width, width):
        scope.write(f" {settings.host(scope.octets(place, width))}")
    scope.write(" }")
