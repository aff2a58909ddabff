"""The options of EDNS (RFC 6891), as tcpdump writes them behind ``UDPsize=``.

One function an option that has a text of its own; all others are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.application.domain_name import name
from netshell.classic.dump.settings import address
from netshell.classic.dump.text import Scope, named

# fmt: off
_OPTIONS = {
    1: "LLQ", 2: "UL", 3: "NSID", 5: "DAU", 6: "DHU", 7: "N3U", 8: "ECS", 9: "EXPIRE",
    10: "COOKIE", 11: "KEEPALIVE", 12: "PADDING", 13: "CHAIN", 14: "KEY-TAG",
    16: "CLIENT-TAG", 17: "SERVER-TAG",
}
_SIGNATURES = {  # 3 is DSA: tcpdump cuts its name
    0: "DELETE", 1: "RSAMD5", 2: "DH", 3: "DS", 5: "RSASHA1", 6: "DSA-NSEC3-SHA1",
    7: "RSASHA1-NSEC3-SHA1", 8: "RSASHA256", 10: "RSASHA512", 12: "ECC-GOST",
    13: "ECDSAP256SHA256", 14: "ECDSAP384SHA384", 15: "ED25519", 16: "ED448",
    252: "INDIRECT", 253: "PRIVATEDNS", 254: "PRIVATEOID",
}
_DIGESTS = {1: "SHA-1", 2: "SHA-256", 3: "GOST_R_34.11-94", 4: "SHA-384"}
_HASHES = {1: "SHA-1"}
# fmt: on


def option(scope: Scope, at: int) -> int | None:
    """Write the option at `at`; the offset behind it, None where it is cut off."""
    if not scope.has(at, 2):
        return None
    code = scope.u16(at)
    scope.write(named(_OPTIONS, code, "Opt%u"))
    if not scope.has(at + 2, 2):
        return None
    size = scope.u16(at + 2)
    at += 4
    if not scope.has(at, size):
        return None
    if size:
        scope.write(" ")
        _TEXTS.get(code, _hexadecimal)(scope, at, size)
    return at + size


def _hexadecimal(scope: Scope, at: int, size: int) -> None:
    scope.write(scope.octets(at, size).hex())


def _client_subnet(scope: Scope, at: int, size: int) -> None:
    """RFC 7871: address/source prefix/scope prefix."""
    if size < 4:
        scope.invalid()
        return
    full = {1: 4, 2: 16}.get(scope.u16(at))
    source, within = scope.u8(at + 2), scope.u8(at + 3)
    if full is None or source > full * 8 or within > full * 8 or (source + 7) // 8 != size - 4:
        scope.invalid()
        return
    octets = scope.octets(at + 4, size - 4).ljust(full, b"\0")
    scope.write(f"{address(octets)}/{source}/{within}")


def _cookie(scope: Scope, at: int, size: int) -> None:
    """RFC 7873: the client's 8 bytes, then the server's 8 to 32."""
    if size != 8 and not 16 <= size <= 40:
        scope.invalid()
        return
    octets = scope.octets(at, size)
    scope.write(octets[:8].hex() + (f" {octets[8:].hex()}" if size > 8 else ""))


def _keepalive(scope: Scope, at: int, size: int) -> None:
    """RFC 7828: in tenths of a second."""
    if size != 2:
        scope.invalid()
    else:
        scope.write(f"{scope.u16(at) / 10:.1f} sec")


def _expire(scope: Scope, at: int, size: int) -> None:
    if size != 4:
        scope.invalid()
    else:
        scope.write(f"{scope.u32(at)} sec")


def _padding(scope: Scope, at: int, size: int) -> None:
    scope.write(f"({size})")


def _key_tags(scope: Scope, at: int, size: int) -> None:
    if size % 2:
        scope.invalid()
    else:
        scope.write(" ".join(str(scope.u16(at + step)) for step in range(0, size, 2)))


def _chain(scope: Scope, at: int, size: int) -> None:
    """RFC 7901: a name; its pointers, which it must not have, count from its end."""
    name(scope, at, at + size)


def _algorithms(table: dict[int, str]) -> Callable[[Scope, int, int], None]:
    """RFC 6975: a list of numbers that `table` names."""

    def write(scope: Scope, at: int, size: int) -> None:
        scope.write(" ".join(named(table, value, "Alg_%u") for value in scope.octets(at, size)))

    return write


_TEXTS: dict[int, Callable[[Scope, int, int], None]] = {
    5: _algorithms(_SIGNATURES),
    6: _algorithms(_DIGESTS),
    7: _algorithms(_HASHES),
    8: _client_subnet,
    9: _expire,
    10: _cookie,
    11: _keepalive,
    12: _padding,
    13: _chain,
    14: _key_tags,
}
