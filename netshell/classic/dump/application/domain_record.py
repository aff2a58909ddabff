"""One question and one resource record of DNS, and the data of each type that has a text.

RFC 1035 and what the types' own say; multicast DNS (RFC 6762) has a bit of its own in the class.
Each function writes at an offset and returns the one behind, None where the message cannot be read
on: what could be is written by then.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.application.domain_name import name, skipped
from netshell.classic.dump.application.domain_numbers import CLASSES, TYPES
from netshell.classic.dump.application.domain_options import option
from netshell.classic.dump.duration import duration
from netshell.classic.dump.settings import Settings, address
from netshell.classic.dump.text import Scope, named

_MARK = 0x8000
"""mDNS: answer to me alone (in a question); forget what you knew (in a record)."""
_INTERNET = 1
_OPT = 41


def question(scope: Scope, at: int, multicast: bool) -> int | None:
    """`` A? host.``, with the class if it is not the internet's."""
    behind = skipped(scope, at)
    if behind is None or not scope.has(behind, 4):
        return None
    kind, marked = scope.u16(behind), scope.u16(behind + 2)
    group = marked & ~_MARK if multicast else marked
    text = f" {named(TYPES, kind, 'Type%u')}"
    if group != _INTERNET:
        text += f" {named(CLASSES, group, '(Class %u)')}"
    if multicast:
        text += " (QU)" if marked & _MARK else " (QM)"
    scope.write(text + "? ")
    behind = name(scope, at)
    return None if behind is None else behind + 4


def record(scope: Scope, settings: Settings, at: int, multicast: bool) -> int | None:
    """A record: with -v its name, with -vvv its time to live, its type and data."""
    if settings.verbose:
        scope.write(" ")
        behind = name(scope, at)
        if behind is None:
            return None
    else:
        behind = skipped(scope, at)
    if behind is None or not scope.has(behind, 10):
        return scope.end - scope.at
    at = behind
    kind, marked = scope.u16(at), scope.u16(at + 2)
    group = marked & ~_MARK if multicast else marked
    text = ""
    if group != _INTERNET and kind != _OPT:
        text += f" {named(CLASSES, group, '(Class %u)')}"
    if multicast and marked & _MARK:
        text += " (Cache flush)"
    if kind != _OPT and settings.verbose > 2:
        text += f" [{duration(scope.u32(at + 4))}]"
    scope.write(f"{text} {named(TYPES, kind, 'Type%u')}")
    size = scope.u16(at + 8)
    if not scope.has(at + 10, size):
        return None
    if kind == _OPT:
        written = _extension(scope, at, size, group)
    else:
        show = _DATA.get(kind)
        written = show is None or show(scope, settings, at + 10, size)
    return at + 10 + size if written else None


def _extension(scope: Scope, at: int, size: int, payload: int) -> bool:
    """EDNS: the class is a size, the time to live flags, the data options (RFC 6891)."""
    scope.write(f" UDPsize={payload}")
    if scope.u16(at + 6) & 0x8000:
        scope.write(" DO")
    at += 10
    stop = at + size
    if at < stop:
        scope.write(" [")
        while at < stop:
            behind = option(scope, at)
            if behind is None:
                return False
            at = behind
            if at < stop:
                scope.write(",")
        scope.write("]")
    return True


# The data of each type: False where it cannot be read. tcpdump does not look at the data's
# declared size but where it says so here.


def _ipv4(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    if not scope.has(at, 4):
        return False
    scope.write(f" {address(scope.octets(at, 4))}")
    return True


def _ipv6(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    if not scope.has(at, 16):
        return False
    scope.write(f" {address(scope.octets(at, 16))}")
    return True


def _target(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    scope.write(" ")
    return name(scope, at) is not None


def _start_of_authority(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    """With -v: the server, who is responsible, serial and times."""
    if not settings.verbose:
        return True
    for _ in range(2):
        scope.write(" ")
        behind = name(scope, at)
        if behind is None:
            return False
        at = behind
    if not scope.has(at, 20):
        return False
    scope.write("".join(f" {scope.u32(at + step)}" for step in range(0, 20, 4)))
    return True


def _mail_exchange(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    scope.write(" ")
    if not scope.has(at, 2) or name(scope, at + 2) is None:
        return False
    scope.write(f" {scope.u16(at)}")
    return True


def _strings(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    stop = at + size
    while at < stop:
        scope.write(' "')
        if not scope.has(at):
            return False
        count = scope.u8(at)
        if not scope.printable(at + 1, count):
            return False
        at += 1 + count
        scope.write('"')
    return True


def _service(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    """RFC 2782: target:port priority weight."""
    scope.write(" ")
    if not scope.has(at, 6) or name(scope, at + 6) is None:
        return False
    scope.write(f":{scope.u16(at + 4)} {scope.u16(at)} {scope.u16(at + 2)}")
    return True


def _ipv6_suffix(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    """A6 (RFC 2874): how many bits of the address others have, the rest, and who has them."""
    if not scope.has(at):
        return False
    prefix = scope.u8(at)
    skip = prefix // 8
    if prefix > 128:
        scope.write(f" {prefix}(bad plen)")
        return True
    if prefix < 128:
        octets = bytes(skip) + scope.octets(at + 1, 16 - skip)
        scope.write(f" {prefix} {address(octets)}")
    if prefix > 0:
        scope.write(" ")
        return name(scope, at + 1 + 16 - skip) is not None
    return True


def _resource(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    """URI (RFC 7553): priority weight target."""
    scope.write(f" {scope.u16(at)} {scope.u16(at + 2)} ")
    # A size below 4 is a very large one in C: all that is there is written.
    return scope.printable(at + 4, (size - 4) & 0xFFFFFFFF)


def _text(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    return scope.printable(at, size)


def _signature(scope: Scope, settings: Settings, at: int, size: int) -> bool:
    """TSIG (RFC 8945), with -v: its algorithm and fields."""
    if not settings.verbose:
        return True
    scope.write(" ")
    behind = name(scope, at)
    if behind is None:
        return False
    at = behind + 6
    for label in ("fudge", "maclen", "origid", "error", "otherlen"):
        if not scope.has(at, 2):
            return False
        value = scope.u16(at)
        scope.write(f" {label}={value}")
        at += 2 + (value if label == "maclen" else 0)
    return True


_DATA: dict[int, Callable[[Scope, Settings, int, int], bool]] = {
    1: _ipv4,
    2: _target,
    5: _target,
    6: _start_of_authority,
    12: _target,
    15: _mail_exchange,
    16: _strings,
    28: _ipv6,
    33: _service,
    38: _ipv6_suffix,
    39: _target,
    104: _text,
    250: _signature,
    256: _resource,
}
