"""The payloads of IKE version 1 (RFC 2408, RFC 2407)."""

from __future__ import annotations

from netshell.classic.dump.application.isakmp_payloads import (
    CIPHERS,
    GROUPS,
    PROTOCOLS,
    Attributes,
    Context,
    Show,
    cut_off,
    known,
    raw,
    show_attributes,
    show_chain,
    some,
    title,
)
from netshell.classic.dump.settings import address
from netshell.classic.dump.text import Scope, escaped

_SA, _P, _T, _KE, _ID, _CERT, _CR, _HASH, _SIG, _NONCE, _N, _D, _VID = range(1, 14)
_IPSEC = 1

_LIFE_TYPES = ("", "sec", "kb")
_IPSEC_ATTRIBUTES: Attributes = (
    ("", ()),
    ("lifetype", _LIFE_TYPES),
    ("life", ()),
    ("group desc", GROUPS[:18]),
    ("enc mode", ("", "tunnel", "transport")),
    ("auth", ("", "hmac-md5", "hmac-sha1", "1des-mac", "keyed")),
    *((name, ()) for name in ("keylen", "rounds", "dictsize", "privalg")),
)
_OAKLEY_ATTRIBUTES: Attributes = (
    ("", ()),
    ("enc", ("", "1des", "idea", "blowfish", "rc5", "3des", "cast", "aes")),
    ("hash", ("", "md5", "sha1", "tiger", "sha2-256", "sha2-384", "sha2-512")),
    ("auth", ("", "preshared", "dss", "rsa sig", "rsa enc", "rsa enc revised")),
    ("group desc", GROUPS[:18]),
    ("group type", ("", "MODP", "ECP", "EC2N")),
    *((name, ()) for name in ("group prime", "group gen1", "group gen2")),
    *((name, ()) for name in ("group curve A", "group curve B")),
    ("lifetype", _LIFE_TYPES),
    *((name, ()) for name in ("lifeduration", "prf", "keylen", "field", "order")),
)
_TRANSFORMS = {
    1: (("", "ike"), _OAKLEY_ATTRIBUTES),
    2: (
        ("", "(reserved)", "md5", "sha", "1des", "sha2-256", "sha2-384", "sha2-512"),
        _IPSEC_ATTRIBUTES,
    ),
    3: (CIPHERS, _IPSEC_ATTRIBUTES),
    4: (("", "oui", "deflate", "lzs"), _IPSEC_ATTRIBUTES),
}
_IDENTITIES = (
    *("", "IPv4", "FQDN", "user FQDN", "IPv4net", "IPv6", "IPv6net", "IPv4range", "IPv6range"),
    *("ASN1 DN", "ASN1 GN", "keyid"),
)
_CERTIFICATES = (
    *("none", "pkcs7", "pgp", "dns", "x509sign", "x509ke", "kerberos", "crl", "arl", "spki"),
    "x509attr",
)
_ERRORS = (
    *("", "INVALID-PAYLOAD-TYPE", "DOI-NOT-SUPPORTED", "SITUATION-NOT-SUPPORTED"),
    *("INVALID-COOKIE", "INVALID-MAJOR-VERSION", "INVALID-MINOR-VERSION"),
    *("INVALID-EXCHANGE-TYPE", "INVALID-FLAGS", "INVALID-MESSAGE-ID", "INVALID-PROTOCOL-ID"),
    *("INVALID-SPI", "INVALID-TRANSFORM-ID", "ATTRIBUTES-NOT-SUPPORTED", "NO-PROPOSAL-CHOSEN"),
    *("BAD-PROPOSAL-SYNTAX", "PAYLOAD-MALFORMED", "INVALID-KEY-INFORMATION"),
    *("INVALID-ID-INFORMATION", "INVALID-CERT-ENCODING", "INVALID-CERTIFICATE"),
    *("CERT-TYPE-UNSUPPORTED", "INVALID-CERT-AUTHORITY", "INVALID-HASH-INFORMATION"),
    *("AUTHENTICATION-FAILED", "INVALID-SIGNATURE", "ADDRESS-NOTIFICATION"),
    *("NOTIFY-SA-LIFETIME", "CERTIFICATE-UNAVAILABLE", "UNSUPPORTED-EXCHANGE-TYPE"),
    "UNEQUAL-PAYLOAD-LENGTHS",
)
_LIFETIME, _REPLAY = 24576, 24577


def _association(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("sa:")
    if not scope.has(at, 12):
        return cut_off(scope, _SA)
    domain, situation = scope.u32(at + 4), scope.u32(at + 8)
    if domain != _IPSEC:
        scope.write(f" doi={domain} situation={situation}")
        return at + 12
    words = ((1, "identity"), (2, "secrecy"), (4, "integrity"))
    scope.write(f" doi=ipsec situation={'+'.join(word for bit, word in words if situation & bit)}")
    inside = at + 12
    if situation != 1:
        # tcpdump takes the field before the situation for the one behind it.
        scope.write(f" ident={scope.u32(at + 4)}")
        inside += 4
    if not scope.has(inside, 4):
        return cut_off(scope, _SA)
    return show_chain(scope, context._replace(domain=domain), _P, inside)


def _proposal(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("p:")
    if not scope.has(at, 8):
        return cut_off(scope, _P)
    protocol, index = scope.u8(at + 5), scope.u8(at + 6)
    scope.write(
        f" #{scope.u8(at + 4)} protoid={known(PROTOCOLS, protocol)} transform={scope.u8(at + 7)}"
    )
    if index:
        scope.write(" spi=")
        if not raw(scope, at + 8, index):
            return cut_off(scope, _P)
    inside = at + 8 + index
    if not scope.has(inside, 4):
        return cut_off(scope, _P)
    return show_chain(scope, context._replace(protocol=protocol), _T, inside)


def _transform(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("t:")
    if not scope.has(at, 8):
        return cut_off(scope, _T)
    number = scope.u8(at + 5)
    names, attributes = _TRANSFORMS.get(context.protocol, ((), ()))
    name = known(names, number) if names else str(number)
    scope.write(f" #{scope.u8(at + 4)} id={name} ")
    behind, whole = show_attributes(scope, at + 8, at + size, attributes)
    if not whole:
        return cut_off(scope, _T)
    if scope.end - scope.at < at + size:
        scope.write("...")
    return behind


def _counted(label: str) -> Show:
    """A payload of which tcpdump writes the size, and with -vvv the bytes."""

    def show(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
        scope.write(f"{title(code)}: {label}len={size - 4}")
        return _bytes(scope, context, code, at, size)

    return show


def _bytes(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    if context.settings.verbose > 2 and size > 4:
        scope.write(" ")
        if not raw(scope, at + 4, size - 4):
            return cut_off(scope, code)
    return at + size


def _identity(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("id:")
    if not scope.has(at, 8):
        return cut_off(scope, _ID)
    kind = scope.u8(at + 4)
    scope.write(f" idtype={known(_IDENTITIES, kind)} protoid={_carried(scope, context, at)}")
    scope.write(f" port={scope.u16(at + 6)}")
    length = max(size - 8, 0)
    if not length:
        return at + size
    if not scope.has(at + 8, length):
        return cut_off(scope, _ID)
    scope.write(f" len={length}")
    octets = scope.octets(at + 8, length)
    least = {1: 4, 4: 8, 5: 16, 6: 32, 7: 8, 8: 32}.get(kind, 0)
    if length < least:
        scope.write(f" [bad: < {least}]")
        return at + size
    host, half = context.settings.host, least // 2
    if kind in (1, 5):
        scope.write(f" {host(octets[:least])}")
    elif kind in (2, 3):
        scope.write(f" {escaped(octets)}")
    elif kind == 4:
        scope.write(f" {host(octets[:4])}/{address(octets[4:8])}")
    elif kind == 6:
        scope.write(f" {host(octets[:16])}/0x{octets[16:32].hex()}")
    elif kind in (7, 8):
        scope.write(f" {host(octets[:half])}-{host(octets[half:least])}")
    elif context.settings.verbose > 2:
        scope.write(f" {octets.hex()}")
    return at + size


def _carried(scope: Scope, context: Context, at: int) -> str:
    from netshell.classic.dump.numbers import PROTOCOL_WORDS

    number = scope.u8(at + 5)
    word = None if context.settings.numeric or not number else PROTOCOL_WORDS.get(number)
    return word or str(number)


def _certificate(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write(f"{title(code)}:")
    if not scope.has(at, 6):  # tcpdump wants the data's first byte, too
        return cut_off(scope, code)
    scope.write(f" len={size - 4} type={known(_CERTIFICATES, scope.u8(at + 4))}")
    return _bytes(scope, context, code, at, size)


def _nonce(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write(f"nonce: n len={size - 4}")
    if context.settings.verbose == 2:
        scope.write(" ")
        return at + size if some(scope, at + 4) else cut_off(scope, _NONCE)
    return _bytes(scope, context, code, at, size)


def _notification(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("n:")
    if not scope.has(at, 12):
        return cut_off(scope, _N)
    domain, protocol, index, kind = (
        *(scope.u32(at + 4), scope.u8(at + 8), scope.u8(at + 9)),
        scope.u16(at + 10),
    )
    ipsec = domain == _IPSEC
    if ipsec:
        scope.write(f" doi=ipsec proto={known(PROTOCOLS, protocol)}")
    else:
        scope.write(f" doi={domain} proto={protocol}")
    scope.write(f" type={_notified(kind, ipsec)}")
    if index:
        scope.write(" spi=")
        if not raw(scope, at + 12, index):
            return cut_off(scope, _N)
    inside = at + 12 + index
    if not ipsec:
        return inside
    if inside >= scope.end - scope.at:
        return at + size
    if kind == _LIFETIME:
        scope.write(" attrs=(")
        _, whole = show_attributes(scope, inside, at + size, _OAKLEY_ATTRIBUTES)
        scope.write(")")
    elif kind == _REPLAY:
        scope.write(" status=(")
        scope.write(f"replay detection {'en' if scope.u32(inside) else 'dis'}abled)")
        whole = True
    else:
        whole = some(scope, inside)
    return at + size if whole else cut_off(scope, _N)


def _notified(kind: int, ipsec: bool) -> str:
    """The name of a notification: errors and states, IKE's and IPsec's."""
    if kind < 8192:
        return known(_ERRORS, kind)
    if kind < 16384:
        return known(("RESERVED",), kind - 8192) if ipsec else f"#{kind}"
    if kind < 24576:
        return known(("CONNECTED",), kind - 16384)
    if kind < 32768 and ipsec:
        return known(("RESPONDER-LIFETIME", "REPLAY-STATUS", "INITIAL-CONTACT"), kind - 24576)
    return f"#{kind}"


def _deletion(scope: Scope, context: Context, code: int, at: int, size: int) -> int | None:
    scope.write("d:")
    if not scope.has(at, 12):
        return cut_off(scope, _D)
    domain, protocol, index = scope.u32(at + 4), scope.u8(at + 8), scope.u8(at + 9)
    if domain == _IPSEC:
        scope.write(f" doi=ipsec proto={known(PROTOCOLS, protocol)}")
    else:
        scope.write(f" doi={domain} proto={protocol}")
    count = scope.u16(at + 10)
    scope.write(f" spilen={index} nspi={count} spi=")
    at += 12
    for number in range(count):
        if number:
            scope.write(",")
        if not raw(scope, at, index):
            return cut_off(scope, _D)
        at += index
    return at


PAYLOADS: dict[int, Show] = {
    _SA: _association,
    _P: _proposal,
    _T: _transform,
    _KE: _counted("key "),
    _ID: _identity,
    _CERT: _certificate,
    _CR: _certificate,
    _HASH: _counted(""),
    _SIG: _counted(""),
    _NONCE: _nonce,
    _N: _notification,
    _D: _deletion,
    _VID: _counted(""),
}
