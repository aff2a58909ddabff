"""The payloads of IKE version 2 (RFC 7296)."""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.application.isakmp_payloads import (
    CIPHERS,
    GROUPS,
    PROTOCOLS,
    Attributes,
    Context,
    Show,
    cut_off,
    known,
    open_line,
    raw,
    show_attributes,
    some,
    title,
)
from netshell.classic.dump.text import Scope

_Show = Callable[[Context, int, int, int], int | None]
_P, _T, _N = 2, 3, 11
_SA, _KE, _IDI, _IDR, _CERT, _CR, _AUTH, _NONCE, _NOTIFY, _D, _VID, _TSI, _TSR, _E, _CP, _EAP = (
    range(33, 49)
)
_KINDS = ("", "encr", "prf", "integ", "dh", "esn")
_CIPHER_ATTRIBUTES: Attributes = (*(("", ()) for _ in range(14)), ("keylen", ()))
_ALGORITHMS = {
    1: CIPHERS,
    2: ("", "hmac-md5", "hmac-sha", "hmac-tiger", "aes128_xcbc"),
    3: ("", "hmac-md5", "hmac-sha", "dec-mac", "kpdk-md5", "aes-xcbc"),
    4: GROUPS,
    5: ("no-esn", "esn"),
}
_METHODS = ("invalid", "rsasig", "shared-secret", "dsssig")
_HEX, _ASCII = False, True
_IDENTITIES = {
    1: ("ipv4", _HEX),
    2: ("fqdn", _ASCII),
    3: ("rfc822", _ASCII),
    5: ("ipv6", _HEX),
    9: ("dn", _HEX),
    10: ("gn", _HEX),
    11: ("keyid", _HEX),
}
# Notifications: the name, and whether an SPI is written
_NOTIFICATIONS = {
    1: ("unsupported_critical_payload", False),
    4: ("invalid_ike_spi", True),
    5: ("invalid_major_version", False),
    7: ("invalid_syntax", True),
    9: ("invalid_message_id", True),
    11: ("invalid_spi", True),
    14: ("no_protocol_chosen", True),
    17: ("invalid_ke_payload", True),
    24: ("authentication_failed", True),
    34: ("single_pair_required", True),
    35: ("no_additional_sas", False),
    36: ("internal_address_failure", False),
    37: ("failed:cp_required", False),
    39: ("invalid_selectors", False),
    16384: ("initial_contact", False),
    16385: ("set_window_size", False),
    16386: ("additional_ts_possible", False),
    16387: ("ipcomp_supported", False),
    16388: ("nat_detection_source_ip", True),
    16389: ("nat_detection_destination_ip", True),
    16390: ("cookie", True),
    16391: ("use_transport_mode", False),
    16392: ("http_cert_lookup_supported", False),
    16393: ("rekey_sa", True),
    16394: ("tfc_padding_not_supported", False),
    16395: ("non_first_fragment_also", False),
}
_COOKIE = 16390


def _open(scope: Scope, name: str, at: int) -> None:
    """A payload's name, and whether who does not know it must refuse the message."""
    scope.write(f"{name}{'[C]' if scope.u8(at + 1) & 0x80 else ''}:")


def _association(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    """Proposals, each with its transforms."""
    _open(scope, "sa", at)
    left = size - 4
    scope.write(f" len={left}")

    def proposal(inner: Context, number: int, at: int, size: int) -> int | None:
        return _proposal(scope, inner, at, size)

    return _each(scope, context, code, at + 4, left, _P, proposal)


def _each(
    scope: Scope, context: Context, code: int, at: int, left: int, kind: int, show: _Show
) -> int | None:
    """What stands in a payload one behind the other, each naming what follows; where it ends.

    ``show`` writes those of this ``kind``, given their number from 1; of others stands the title.
    """
    inner = context._replace(depth=context.depth + 1)
    following, number = kind, 0
    while following:
        number += 1
        if left < 4:
            scope.write(f" [|{title(code)}]")
            return at + left
        if not scope.has(at, 4):
            return cut_off(scope, code)
        item = scope.u16(at + 2)
        if item <= 4:
            return cut_off(scope, code)
        if left < item:
            scope.write(f" [|{title(code)}]")
            return at + left
        if not scope.has(at, item):
            return cut_off(scope, code)
        open_line(scope, inner)
        start = at
        if following == kind:
            behind = show(inner, number, at, item)
            if behind is None:
                return None
            at = behind
        else:
            scope.write(title(following))
            at += item
        scope.write(")")
        left -= item
        following = scope.u8(start)
    return at


def _proposal(scope: Scope, context: Context, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, _P)
    _open(scope, "p", at)
    left = size - 4
    index = scope.u8(at + 6)
    scope.write(
        f" #{scope.u8(at + 4)} protoid={known(PROTOCOLS, scope.u8(at + 5))}"
        f" transform={scope.u8(at + 7)} len={size}"
    )
    at += 8
    if index:
        if left < index:
            scope.write(" [|p]")
            return at + left
        scope.write(" spi=")
        if not raw(scope, at, index):
            return cut_off(scope, _P)
        at += index
        left -= index

    def transform(inner: Context, number: int, at: int, size: int) -> int | None:
        return _transform(scope, number, at, size)

    return _each(scope, context, _P, at, left, _T, transform)


def _transform(scope: Scope, count: int, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, _T)
    _open(scope, "t", at)
    kind, number = scope.u8(at + 4), scope.u16(at + 6)
    names = _ALGORITHMS.get(kind)
    name = known(names, number) if names else str(number)
    scope.write(f" #{count} type={known(_KINDS, kind)} id={name} ")
    attributes = _CIPHER_ATTRIBUTES if kind == 1 else ()
    behind, whole = show_attributes(scope, at + 8, at + size, attributes)
    if not whole:
        return cut_off(scope, _T)
    if scope.end - scope.at < at + size:
        scope.write("...")
    return behind


def _key_exchange(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, code)
    _open(scope, title(code), at)
    if size < 8:
        scope.write(f" len={size} < 8")
        return at + size
    scope.write(f" len={size - 8} group={known(GROUPS, scope.u16(at + 4))}")
    if context.settings.verbose > 2 and size > 8:
        scope.write(" ")
        if not raw(scope, at + 8, size - 8):
            return cut_off(scope, code)
    return at + size


def _identity(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, code)
    _open(scope, title(code), at)
    scope.write(f" len={size - 4}")
    if context.settings.verbose > 2:
        scope.write(" ")
        if not raw(scope, at + 4, size - 4):
            return cut_off(scope, code)
    name, text = _IDENTITIES.get(scope.u8(at + 4), ("", _HEX))
    if not name:
        return at + size
    scope.write(f" {name}:")
    if text:
        if not scope.has(at + 8, size - 8):
            return cut_off(scope, code)
        scope.write(_dotted(scope.octets(at + 8, size - 8)))
    elif not raw(scope, at + 8, size - 8):
        return cut_off(scope, code)
    return at + size


def _dotted(octets: bytes) -> str:
    return "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in octets)


def _authentication(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, code)
    _open(scope, title(code), at)
    scope.write(f" len={size - 4} method={known(_METHODS, scope.u8(at + 4))}")
    if context.settings.verbose > 1:
        scope.write(" authdata=(")
        if not raw(scope, at + 8, size - 8):
            return cut_off(scope, code)
        scope.write(") ")
    elif not some(scope, at + 8):
        return cut_off(scope, code)
    return at + size


def _nonce(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    _open(scope, "nonce", at)
    scope.write(f" len={size - 4}")
    if context.settings.verbose > 1:
        scope.write(" nonce=(")
        if not raw(scope, at + 4, size - 4):
            return cut_off(scope, code)
        scope.write(") ")
    elif not some(scope, at + 4):
        return cut_off(scope, code)
    return at + size


def _notification(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    if not scope.has(at, 8):
        return cut_off(scope, _N)
    _open(scope, "n", at)
    index, kind = scope.u8(at + 5), scope.u16(at + 6)
    name, shown = _NOTIFICATIONS.get(kind, ("", True))
    scope.write(
        f" prot_id={known(PROTOCOLS, scope.u8(at + 4))} type={kind}({name or _group(kind)})"
    )
    if shown and index:
        scope.write(" spi=")
        if not raw(scope, at + 8, index):
            return cut_off(scope, _N)
    inside = at + 8 + index
    left = scope.end - scope.at - inside
    if left > 0 and kind == _COOKIE:
        if left < 30:
            scope.write(" data=(")
            scope.write(f"{scope.rest(inside).hex()})")
        elif not some(scope, inside):
            return cut_off(scope, _N)
    return at + size


def _group(kind: int) -> str:
    """What a notification is that has no name."""
    if kind < 8192:
        return "error"
    if kind < 16384:
        return "private-error"
    return "status" if kind < 40960 else "private-status"


def _vendor(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    _open(scope, title(code), at)
    scope.write(f" len={size - 4} vid={_dotted(scope.octets(at + 4, size - 4))}")
    if context.settings.verbose > 2 and size - 4 > 4:
        scope.write(" ")
        if not raw(scope, at + 4, size - 4):
            return cut_off(scope, code)
    return at + size


def _counted(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    """A payload of which tcpdump writes the size, and with -vvv the bytes."""
    _open(scope, title(code), at)
    scope.write(f" len={size - 4}")
    if context.settings.verbose > 2:
        scope.write(" ")
        if not raw(scope, at + 4, size - 4):
            return cut_off(scope, code)
    return at + size


def _encrypted(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    """The last payload: what would follow is inside of it."""
    _open(scope, title(code), at)
    scope.write(f" len={size - 4}")
    if context.settings.verbose > 2 and size - 4 > 4:
        scope.write(f" {scope.octets(at + 4, size - 4).hex()}")
    return None


PAYLOADS: dict[int, Show] = {
    _SA: _association,
    _KE: _key_exchange,
    _IDI: _identity,
    _IDR: _identity,
    _CERT: _counted,
    _CR: _counted,
    _AUTH: _authentication,
    _NONCE: _nonce,
    _NOTIFY: _notification,
    _D: _counted,
    _VID: _vendor,
    _TSI: _counted,
    _TSR: _counted,
    _E: _encrypted,
    _CP: _counted,
    _EAP: _counted,
}
