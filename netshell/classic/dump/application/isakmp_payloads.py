"""The payloads of an IKE message, one a line with -v, indented as they contain each other.

Each printer is given where its payload begins and the size that its header says (more than 4, and
all there); it returns where the next one begins, None where it was cut off. Those of version 1 are
in ``isakmp_first``, of version 2 in ``isakmp_second``; both versions may name both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.text import Scope

_HEADER = 4

# fmt: off
_TITLES = (
    "none", "sa", "p", "t", "ke", "id", "cert", "cr", "hash", "sig", "nonce", "n", "d", "vid",
    *(f"pay{code}" for code in range(14, 33)),
    "v2sa", "v2ke", "v2IDi", "v2IDr", "v2cert", "v2cr", "v2auth", "v2nonce", "v2n", "v2d",
    "v2vid", "v2TSi", "v2TSr", "v2e", "v2cp", "v2eap",
)
# fmt: on
PROTOCOLS = ("", "isakmp", "ipsec-ah", "ipsec-esp", "ipcomp")
GROUPS = (
    *("", "modp768", "modp1024", "EC2N 2^155", "EC2N 2^185", "modp1536"),
    *(f"iana-grp{code:02}" for code in range(6, 14)),
    *("modp2048", "modp3072", "modp4096", "modp6144", "modp8192"),
)
CIPHERS = (
    *("", "1des-iv64", "1des", "3des", "rc5", "idea", "cast", "blowfish", "3idea", "1des-iv32"),
    *("rc4", "null", "aes"),
)

Attributes = Sequence[tuple[str, Sequence[str]]]
"""By an attribute's number: its name, and the names of its values; empty where it has none."""


class Context(NamedTuple):
    """What a payload is printed in."""

    settings: Settings
    phase: int
    domain: int = 0
    protocol: int = 0
    depth: int = 0


Show = Callable[[Scope, Context, int, int, int], "int | None"]
"""Scope, context, the payload's number, its offset and size; returns the offset behind it."""


def known(names: Sequence[str], code: int) -> str:
    """The name of a number, or ``#`` and the number."""
    return (names[code] if 0 <= code < len(names) else "") or f"#{code & 0xFFFFFFFF}"


def title(code: int) -> str:
    """The name of a payload."""
    return known(_TITLES, code)


def cut_off(scope: Scope, code: int) -> int | None:
    """Write that a payload is; always None, which is what its printer then returns."""
    scope.write(f" [|{title(code)}]")
    return None


def show(scope: Scope, settings: Settings, first: int, at: int, phase: int) -> None:
    """All payloads of a message; `first` is the first one's number, `at` where it begins."""
    show_chain(scope, Context(settings, phase), first, at)


def show_chain(scope: Scope, context: Context, code: int, at: int) -> int | None:
    """A payload and those that follow it; the offset behind them."""
    inner = context._replace(depth=context.depth + 1)
    while code:
        if not scope.has(at, _HEADER) or not scope.has(at, scope.u16(at + 2)):
            return cut_off(scope, code)
        open_line(scope, inner)
        behind = _one(scope, inner, code, at)
        scope.write(")")
        if behind is None:
            return None
        code, at = scope.u8(at), behind
    return at


def open_line(scope: Scope, context: Context) -> None:
    """Begin a payload's line."""
    scope.write("\n" + "    " * context.depth + "(")


def _one(scope: Scope, context: Context, code: int, at: int) -> int | None:
    from netshell.classic.dump.application import isakmp_first, isakmp_second

    size = scope.u16(at + 2)
    if size <= _HEADER:
        return None
    printer = isakmp_first.PAYLOADS.get(code) or isakmp_second.PAYLOADS.get(code)
    if printer is None:
        scope.write(title(code))
        return at + size
    return printer(scope, context, code, at, size)


# What both versions have


def raw(scope: Scope, at: int, size: int) -> bool:
    """Write bytes in hexadecimal; False, and nothing, where they are not all there."""
    if not scope.has(at, size):
        return False
    scope.write(scope.octets(at, size).hex())
    return True


def some(scope: Scope, at: int) -> bool:
    """Write the first and last of what is left of the whole packet."""
    end = scope.end - scope.at
    left = end - at
    # Behind the packet's end the difference is a very large number in C.
    first = min(left, 10) if left >= 0 else 10
    last, count = end - 20, 20
    if last < at + first:
        last, count = at + first, end - (at + first)
    scope.write(" data=(")
    if not raw(scope, at, first):
        return False
    scope.write("...")
    if count and not raw(scope, last, count):
        return False
    scope.write(")")
    return True


def show_attributes(scope: Scope, at: int, stop: int, names: Attributes = ()) -> tuple[int, bool]:
    """Attributes up to `stop`; where they end, and whether all could be read."""
    while at < stop and at < scope.end - scope.at:
        short = bool(scope.u8(at) & 0x80)
        size = 4 if short else 4 + scope.u16(at + 2)
        if stop < at + size:
            scope.write("[|attr]")
            return stop + 1, True
        kind = scope.u16(at) & 0x7FFF
        name, values = names[kind] if kind < len(names) else ("", ())
        scope.write(f"(type={name or f'#{kind}'} ")
        if short:
            value = scope.u16(at + 2) if names else 0
            text = values[value] if value < len(values) else ""
            scope.write(f"value={text}")
            whole = bool(text) or raw(scope, at + 2, 2)
        else:
            scope.write(f"len={size - 4} value=")
            whole = raw(scope, at + 4, size - 4)
        scope.write(")")
        if not whole:
            return at, False
        at += size
    return at, True
