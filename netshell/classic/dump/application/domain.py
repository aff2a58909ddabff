"""DNS: its message over UDP and TCP, and multicast DNS.

RFC 1035, section 4.1; RFC 6891 (the response's code has four more bits in the OPT record);
RFC 6762. Without -v the answers alone are written, with -v their names too, with -vv all sections.
"""

from __future__ import annotations

from netshell.classic.dump.application.domain_name import skipped
from netshell.classic.dump.application.domain_numbers import OPERATIONS, result
from netshell.classic.dump.application.domain_record import question, record
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_HEADER = 12
_OPT = 41
_INVERSE_QUERY = 1

_RESPONSE = 0x8000
_AUTHORITATIVE = 0x0400
_TRUNCATED = 0x0200
_RECURSION_DESIRED = 0x0100
_RECURSION_AVAILABLE = 0x0080
_AUTHENTIC = 0x0020
_CHECKING_DISABLED = 0x0010
_ODD = 0x06CF
"""Bits that no query should have."""


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message over UDP."""
    scope.enter("domain")
    _message(scope, settings, False)


def show_multicast(scope: Scope, settings: Settings, state: State) -> None:
    """A message of multicast DNS."""
    scope.enter("domain")
    _message(scope, settings, True)


def show_tcp(scope: Scope, settings: Settings, state: State) -> None:
    """A segment that is one message behind its length of two bytes: others are not read."""
    scope.enter("domain")
    if scope.length < 2:
        scope.write(f" [DNS over TCP: length {scope.length} < 2]")
        scope.invalid()
        return
    length, declared = scope.length - 2, scope.u16(0)
    if declared != length:
        scope.write(f" [prefix length({declared}) != length({length})]")
        scope.invalid()
        return
    scope.write(" ")
    _message(scope.sub(2, length), settings, False)


def _message(scope: Scope, settings: Settings, multicast: bool) -> None:
    if scope.length < _HEADER:
        scope.write(f"domain [length {scope.length} < {_HEADER}]")
        scope.invalid()
        return
    if not scope.has(0, _HEADER):
        scope.truncated()
        return
    if scope.u16(2) & _RESPONSE:
        complete = _response(scope, settings, multicast)
    else:
        complete = _query(scope, settings, multicast)
    if complete:
        scope.write(f" ({scope.length})")
    else:
        scope.truncated()


def _response(scope: Scope, settings: Settings, multicast: bool) -> bool:
    """``id operation code flags counts records``; False where it is cut off."""
    write, flags = scope.write, scope.u16(2)
    questions, answers, authorities, additional = (scope.u16(at) for at in (4, 6, 8, 10))
    code = flags & 0xF | _extended_code(scope)
    write(
        f"{scope.u16(0)}{OPERATIONS[flags >> 11 & 15]}{result(code)}"
        f"{'*' if flags & _AUTHORITATIVE else ''}"
        f"{'' if flags & _RECURSION_AVAILABLE else '-'}"
        f"{'|' if flags & _TRUNCATED else ''}{'$' if flags & _AUTHENTIC else ''}"
    )
    if questions != 1:
        write(f" [{questions}q]")
    at = _HEADER
    for index in range(questions):
        if index:
            write(",")
        if settings.verbose > 1:
            write(" q:")
            behind = question(scope, at, multicast)
        else:
            name_end = skipped(scope, at)
            behind = None if name_end is None else name_end + 4
        if behind is None:
            return False
        at = behind
    write(f" {answers}/{authorities}/{additional}")
    behind = _records(scope, settings, at, answers, multicast)
    if behind is None:
        return False
    return _sections(scope, settings, behind, authorities, additional, multicast)


def _query(scope: Scope, settings: Settings, multicast: bool) -> bool:
    """``id operation flags counts questions``; False where it is cut off."""
    write, flags = scope.write, scope.u16(2)
    questions, answers, authorities, additional = (scope.u16(at) for at in (4, 6, 8, 10))
    operation = flags >> 11 & 15
    write(
        f"{scope.u16(0)}{OPERATIONS[operation]}{'+' if flags & _RECURSION_DESIRED else ''}"
        f"{'%' if flags & _CHECKING_DISABLED else ''}"
    )
    if flags & _ODD:
        write(f" [b2&3=0x{flags:x}]")
    if operation == _INVERSE_QUERY:
        if questions:
            write(f" [{questions}q]")
        if answers != 1:
            write(f" [{answers}a]")
    else:
        if answers:
            write(f" [{answers}a]")
        if questions != 1:
            write(f" [{questions}q]")
    if authorities:
        write(f" [{authorities}n]")
    if additional:
        write(f" [{additional}au]")
    at = _HEADER
    for index in range(questions):
        if index and not scope.has(at):
            return False
        behind = question(scope, at, multicast)
        if behind is None:
            return False
        at = behind
    if settings.verbose > 1:
        behind = _records(scope, settings, at, answers, multicast)
        if behind is None:
            return False
        at = behind
    return _sections(scope, settings, at, authorities, additional, multicast)


def _sections(
    scope: Scope, settings: Settings, at: int, authorities: int, additional: int, multicast: bool
) -> bool:
    """With -vv the records of the two last sections; False where they are cut off."""
    if settings.verbose < 2:
        return True
    for title, count in ((" ns:", authorities), (" ar:", additional)):
        if not count:
            continue
        if not scope.has(at):
            return False
        scope.write(title)
        behind = _records(scope, settings, at, count, multicast)
        if behind is None:
            return False
        at = behind
    return True


def _records(scope: Scope, settings: Settings, at: int, count: int, multicast: bool) -> int | None:
    """Write `count` records; the offset behind them, None where they are cut off."""
    for index in range(count):
        if index:
            if not scope.has(at):
                return None
            scope.write(",")
        behind = record(scope, settings, at, multicast)
        if behind is None:
            return None
        at = behind
    return at


def _extended_code(scope: Scope) -> int:
    """The upper bits of the response's code, from the OPT record; 0 where none is found.

    What cannot be read ends the search, without a word: it will be said where it is written.
    """
    questions, others, additional = scope.u16(4), scope.u16(6) + scope.u16(8), scope.u16(10)
    if not additional:
        return 0
    at = _HEADER
    for index in range(questions + others + additional):
        behind = skipped(scope, at)
        if behind is None:
            return 0
        at = behind
        if index < questions:
            at += 4
        else:
            if index >= questions + others and scope.has(at, 2) and scope.u16(at) == _OPT:
                return scope.u8(at + 4) << 4 if scope.has(at + 4) else 0
            if not scope.has(at + 8, 2):
                return 0
            at += 10 + scope.u16(at + 8)
        if not scope.has(at):
            return 0
    return 0
