"""The Ethernet configuration testing protocol, which switches send to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump import hardware

if TYPE_CHECKING:
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State
    from netshell.classic.dump.text import Scope

_REPLY, _FORWARD = 1, 2


def _low(scope: Scope, offset: int) -> int:
    """Two bytes, the low one first."""
    return int.from_bytes(scope.octets(offset, 2), "little")


def show(scope: Scope, settings: Settings, state: State) -> None:
    """Write a message."""
    scope.page.protocol = "loopback"
    write, length = scope.write, scope.length
    write("Loopback")
    if length < 2:
        _invalid(scope, 0)
        return
    skip = _low(scope, 0)
    write(f", skipCount {skip}{' (bogus)' if skip % 8 else ''}")
    if skip > length - 2:
        _invalid(scope, 2)
        return
    offset = 2 + skip
    scope.need(2, skip)
    if length - offset < 2:
        _invalid(scope, offset)
        return
    function = _low(scope, offset)
    offset += 2
    size = 2 if function == _REPLY else 6
    if function not in (_REPLY, _FORWARD):
        write(f",  invalid ({function})")
        scope.need(offset, length - offset)
        return
    write(", Reply" if function == _REPLY else ", Forward Data")
    if length - offset < size:
        _invalid(scope, offset)
        return
    if function == _REPLY:
        write(f", receipt number {_low(scope, offset)}")
    else:
        address = hardware.ethernet(scope.octets(offset, 6), settings)
        write(f", forwarding address {address}")
    offset += size
    write(f", data ({length - offset} octets)")
    scope.need(offset, length - offset)


def _invalid(scope: Scope, offset: int) -> None:
    scope.invalid()
    scope.need(offset, scope.length - offset)
