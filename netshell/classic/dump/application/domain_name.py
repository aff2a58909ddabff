"""Domain names as DNS writes them: labels, pointers to earlier ones, and bit strings.

RFC 1035, section 4.1.4 (compression); RFC 2673 (bit labels, given up by RFC 6891). DHCPv6 has
names in the same form.

Invariant: a pointer is followed only to before where the last one was found, so that every name
ends; and what is written of one is at most 255 characters and a remark. As a message can name one
name thousands of times, no more is walked of one than any real name has: there tcpdump reads on.
"""

from __future__ import annotations

from netshell.classic.dump.text import Scope

LONGEST = 255
"""Characters of a name that are written."""

_MOST_POINTERS = 128
_LONG_ENOUGH = 300
"""Characters after which what a pointer leads to is not read on."""

_KIND = 0xC0
_POINTER = 0xC0
_EXTENDED = 0x40
_LABEL = 0x00
_BIT_STRING = 0x01


def skipped(scope: Scope, at: int) -> int | None:
    """The offset behind the name at `at`; None where it is cut off or of an unknown form."""
    data, base, end = scope.data, scope.at, scope.end
    at += base
    while at < end:
        size = data[at]
        at += 1
        if not size:
            return at - base
        kind = size & _KIND
        if kind == _LABEL:
            at += size
        elif kind == _POINTER:
            return at + 1 - base
        elif size == _EXTENDED | _BIT_STRING and at < end:
            at += 1 + ((data[at] or 256) + 7) // 8
        else:
            return None
    return None


def name(scope: Scope, at: int, origin: int = 0) -> int | None:
    """Write the name at `at`; the offset behind it, or None where it cannot be read to its end.

    Pointers count from `origin`. What can be read is written before None is returned.
    """
    write, start = scope.write, scope.at
    span = _span(scope, at)
    if span is None:
        return None
    # An origin behind the name, as in DHCPv6, makes this a large number, as it does in C.
    bound = (at - origin) & 0xFFFFFFFF
    size = scope.data[start + at]
    at += 1
    behind = None if size & _KIND == _POINTER else at + span
    if not size:
        write(".")
        return behind
    characters = 0
    followed = 0
    while size and scope.has(at) and not (followed and characters > _LONG_ENOUGH):
        kind = size & _KIND
        if kind == _POINTER:
            if not followed:
                behind = at + 1
            followed += 1
            target = (size << 8 | scope.u8(at)) & 0x3FFF
            if target >= bound or followed > _MOST_POINTERS:
                write("<BAD PTR>")
                return None
            bound = target
            at = origin + target
            if not scope.has(at):
                return None
        else:
            if kind == _EXTENDED:  # of another type: _span() has refused it
                _bit_string(scope, at)
            elif not _label(scope, at, span, characters):
                return None
            else:
                characters += span
            at += span
            if characters <= LONGEST:
                write(".")
            characters += 1
            if not scope.has(at):
                return None
        size = scope.data[start + at]
        found = _span(scope, at)
        if found is None:
            return None
        if kind != _POINTER and not followed and behind is not None:
            behind += found + 1
        span = found
        at += 1
    if characters > LONGEST:
        write("<DOMAIN NAME TOO LONG>")
    return behind


def _span(scope: Scope, at: int) -> int | None:
    """How many bytes the label at `at` has behind its first; None, with a remark, if unknown."""
    if not scope.has(at):
        return None
    size = scope.u8(at)
    kind = size & _KIND
    if kind == _EXTENDED:
        if size & ~_KIND != _BIT_STRING:
            scope.write(f"<ELT {size & ~_KIND}>")
            return None
        return ((scope.u8(at + 1) or 256) + 7) // 8 + 1 if scope.has(at + 1) else None
    if kind in (_LABEL, _POINTER):
        return size
    scope.write("<BAD LABEL TYPE>")
    return None


def _label(scope: Scope, at: int, span: int, characters: int) -> bool:
    """Write a label, or as much as the limit leaves of it; False where it is cut off."""
    if characters + span <= LONGEST:
        return scope.printable(at, span)
    return characters >= LONGEST or scope.printable(at, LONGEST - characters)


def _bit_string(scope: Scope, at: int) -> None:
    """Write a bit label: ``\\[x`` hexadecimal ``/`` bits ``]``.

    tcpdump takes one byte for four bits here, which shows only where bytes follow.
    """
    bits = scope.u8(at) or 256
    stop = at + 1 + (bits + 3) // 4
    at += 1
    left = bits
    scope.write("\\[x")
    while at < stop and left > 7:
        scope.write(f"{scope.u8(at):02x}")
        left -= 8
        at += 1
    if left > 4:
        scope.write(f"{scope.u8(at) & 0xFF << 8 - left:02x}")
    elif left > 0:
        scope.write(f"{scope.u8(at) >> 4 & 0x0F & 0x0F << 4 - left:x}")
    scope.write(f"/{bits}]")
