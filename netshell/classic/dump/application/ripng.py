"""RIPng (RFC 2080): networks of IPv6 and how far they are."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_REQUEST, _RESPONSE = 1, 2
_HEADER, _ENTRY = 4, 20
_INFINITY = 16


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message."""
    scope.enter("ripng")
    version = scope.u8(1)
    if version != 1:
        scope.write(f" [vers {version}]")
        scope.invalid()
        return
    command, length = scope.u8(0), scope.length
    if command not in (_REQUEST, _RESPONSE):
        scope.write(f" ripng-{command} ?? {length}")
        scope.invalid()
        return
    if length < _HEADER:
        scope.invalid()
        return
    count, more = divmod(length - _HEADER, _ENTRY)
    asked = command == _REQUEST
    whole = asked and count == 1 and scope.u8(_HEADER + 19) == _INFINITY
    if whole and not any(scope.octets(_HEADER, 16)):
        scope.write(" ripng-req dump")
        return
    scope.write(f" ripng-{'req' if asked else 'resp'} {count}{f'[{length}]' if more else ''}:")
    for at in range(_HEADER, _HEADER + count * _ENTRY, _ENTRY):
        scope.write("\n\t" if settings.verbose > 1 else " ")
        scope.write(f"{settings.host(scope.octets(at, 16))}/{scope.u8(at + 18)}")
        if tag := scope.u16(at + 16):
            scope.write(f" [{tag}]")
        metric = scope.u8(at + 19)
        if metric and not asked:
            scope.write(f" ({metric})")
    if more:
        scope.invalid()
