"""TFTP (RFC 1350, options RFC 2347): the packets on the server's own port, which are requests."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_READ, _WRITE, _DATA, _ACKNOWLEDGED, _ERROR, _OPTIONS = range(1, 7)
_NAMES = {
    _READ: "RRQ",
    _WRITE: "WRQ",
    _DATA: "DATA",
    _ACKNOWLEDGED: "ACK",
    _ERROR: "ERROR",
    _OPTIONS: "OACK",
}
_ERRORS = dict(
    enumerate(
        ("EUNDEF", "ENOTFOUND", "EACCESS", "ENOSPACE", "EBADOP", "EBADID", "EEXISTS", "ENOUSER")
    )
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """The request, its file and mode; a block's number; an error."""
    scope.enter("tftp")
    length = scope.length
    scope.write(f"TFTP, length {length}")
    if length < 2:
        scope.truncated()
        return
    operation = scope.u16(0)
    scope.write(f", {named(_NAMES, operation, 'tftp-#%u')}")
    complete = True
    if operation in (_READ, _WRITE):
        complete = _request(scope)
    elif operation == _OPTIONS:
        complete = _options(scope, 2)
    elif operation in (_DATA, _ACKNOWLEDGED):
        complete = length >= 4
        if complete:
            scope.write(f" block {scope.u16(2)}")
    elif operation == _ERROR:
        complete = length >= 4 and _error(scope)
    if not complete:
        scope.truncated()


def _request(scope: Scope) -> bool:
    if scope.length == 2:
        return False
    scope.write(' "')
    at = _string(scope, 2)
    scope.write('"')
    if not at or at >= scope.length:
        return False
    scope.write(" ")
    at = _string(scope, at)
    return bool(at) and _options(scope, at)


def _options(scope: Scope, at: int) -> bool:
    while at < scope.length:
        if scope.u8(at):
            scope.write(" ")
        at = _string(scope, at)
        if not at:
            return False
    return True


def _error(scope: Scope) -> bool:
    scope.write(f" {named(_ERRORS, scope.u16(2), 'tftp-err-#%u ' + chr(34))}")
    if scope.length == 4:
        return False
    scope.write(' "')
    at = _string(scope, 4)
    scope.write('"')
    return bool(at)


def _string(scope: Scope, at: int) -> int:
    """Write the string that a zero ends; the offset behind it, 0 where none does."""
    octets = scope.rest(at, scope.length - at)
    text, zero, _ = octets.partition(b"\0")
    scope.write(escaped(text))
    return at + len(text) + 1 if zero else 0
