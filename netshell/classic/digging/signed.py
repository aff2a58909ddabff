"""The data of SOA and of the DNSSEC records: those that multiline lays out and comments.

RFC 1035 3.3.13, RFC 4034, RFC 5155, RFC 4398, RFC 7477, RFC 2535 (SIG, KEY, NXT).
"""

from __future__ import annotations

import base64
import time

from netshell.classic.digging.fields import Data, multi, secret
from netshell.classic.digging.style import duration
from netshell.lookup.numbers import type_text
from netshell.lookup.wire import CUT, Malformed

ALGORITHMS = {
    1: "RSAMD5", 2: "DH", 3: "DSA", 5: "RSASHA1", 6: "NSEC3DSA", 7: "NSEC3RSASHA1",
    8: "RSASHA256", 10: "RSASHA512", 12: "ECCGOST", 13: "ECDSAP256SHA256", 14: "ECDSAP384SHA384",
    15: "ED25519", 16: "ED448", 252: "INDIRECT", 253: "PRIVATEDNS", 254: "PRIVATEOID",
}  # fmt: skip
"""Signing algorithms by number."""

CERTIFICATES = {
    1: "PKIX", 2: "SPKI", 3: "PGP", 4: "IPKIX", 5: "ISPKI", 6: "IPGP", 7: "ACPKIX", 8: "IACPKIX",
    253: "URI", 254: "OID",
}  # fmt: skip
"""Kinds of CERT records by number."""

DIGESTS = {1: 20, 2: 32, 3: 32, 4: 48}
"""How long digests are, by their kind's number."""

KEY_ENTRY, KEY_REVOKED, NO_KEY = 0x1, 0x80, 0xC000
DNSKEY, CDNSKEY = 48, 60
_TIMERS = ("serial", "refresh", "retry", "expire", "minimum")
_BASE32 = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")


def soa(data: Data) -> str:
    """A zone's start; multiline names and explains its numbers."""
    style = data.style
    text = f"{data.name()} {data.name()}"
    numbers = [data.number(4) for _ in _TIMERS]
    if not style.multiline:
        return f"{text} {' '.join(map(str, numbers))}"
    lines = [f"{text} ("]
    for called, number in zip(_TIMERS, numbers, strict=True):
        if not style.rr_comments:
            lines.append(str(number))
            continue
        said = "" if called == "serial" else f" ({duration(number, True)})"
        lines.append(f"{number:<10} ; {called}{said}")
    if style.rr_comments:
        return style.break_.join([*lines, ")"])
    return f"{style.break_.join(lines)})"


def key(data: Data) -> str:
    """DNSKEY, CDNSKEY, KEY and RKEY."""
    style = data.style
    octets = data.wire[data.at : data.end]
    flags, protocol, algorithm = data.number(2), data.number(1), data.number(1)
    head = f"{flags} {protocol} {algorithm}"
    if flags & NO_KEY == NO_KEY and not data.left:
        return head
    data.some()
    tag = key_tag(octets)
    if style.crypto:
        body = data.base64()
    else:
        data.rest()
        body = f"[key id = {tag}]"
    text = f"{head} ({style.break_}{body}" if style.multiline else f"{head} {body}"
    if style.rr_comments:
        text += style.break_
    elif style.multiline:
        text += " "
    if style.multiline:
        text += ")"
    if style.rr_comments:
        if data.rdtype in (DNSKEY, CDNSKEY):
            kind = "revoked KSK" if flags & KEY_REVOKED else "KSK"
            text += f" ; {kind if flags & KEY_ENTRY else 'ZSK'}"
        text += f"; alg = {ALGORITHMS.get(algorithm, algorithm)} ; key id = {tag}"
    return text


def key_tag(octets: bytes) -> int:
    """The number that signatures call a key by (RFC 4034 appendix B)."""
    total = sum(octets[0::2]) * 256 + sum(octets[1::2])
    return (total + (total >> 16)) & 0xFFFF


def digest(data: Data) -> str:
    """DS, CDS, DLV and TA."""
    tag, algorithm, kind = data.number(2), data.number(1), data.number(1)
    head = f"{tag} {algorithm} {kind}"
    if data.left < DIGESTS.get(kind, 1):
        raise Malformed(CUT)
    return multi(data, head, secret(data, data.hex))


def zone_digest(data: Data) -> str:
    """ZONEMD (RFC 8976)."""
    serial, scheme, kind = data.number(4), data.number(1), data.number(1)
    if data.left < {1: 48, 2: 64}.get(kind, 12):
        raise Malformed(CUT)
    return multi(data, f"{serial} {scheme} {kind}", secret(data, data.hex))


def signature(data: Data) -> str:
    """RRSIG and SIG."""
    style = data.style
    covered, algorithm, labels, ttl = (data.number(size) for size in (2, 1, 1, 4))
    ends, begins = moment(data.number(4)), moment(data.number(4))
    tag, signer = data.number(2), data.name()
    head = f"{type_text(covered)} {algorithm} {labels} {ttl}"
    body = f"{ends} {begins} {tag} {signer}{style.break_}{secret(data, data.base64)}"
    return multi(data, head, body)


def moment(seconds: int) -> str:
    """A signature's time: the one nearest to now that has these 32 bits (RFC 4034 3.1.5)."""
    now = int(time.time())
    away = (seconds - now) & 0xFFFFFFFF
    when = now + away - (1 << 32 if away >= 1 << 31 else 0)
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(when))


def certificate(data: Data) -> str:
    """CERT."""
    kind, tag, algorithm = data.number(2), data.number(2), data.number(1)
    names = CERTIFICATES.get(kind, kind), tag, ALGORITHMS.get(algorithm, algorithm)
    return multi(data, " ".join(map(str, names)), data.some().base64())


def next_secure(data: Data) -> str:
    """NSEC."""
    return " ".join([data.name(), *windows(data)])


def next_hashed(data: Data) -> str:
    """NSEC3."""
    style = data.style
    head = f"{hashing(data)}"
    length = data.number(1)
    if not 0 < length <= data.left:
        raise Malformed("FORMERR")
    owner = hashed(data.take(length))
    kinds = windows(data)
    if not style.multiline:
        return " ".join([head, owner, *kinds])
    return f"{style.break_.join([f'{head} (', owner, *kinds])} )"


def hashing(data: Data) -> str:
    """NSEC3PARAM, and what NSEC3 begins with."""
    numbers = data.number(1), data.number(1), data.number(2)
    salt = data.take(data.number(1)).hex().upper() or "-"
    return f"{' '.join(map(str, numbers))} {salt}"


def hashed(octets: bytes) -> str:
    """A hashed name in base32 with the digits first (RFC 4648 section 7), without padding."""
    return base64.b32encode(octets).rstrip(b"=").translate(_BASE32).decode("ascii")


def sync(data: Data) -> str:
    """CSYNC."""
    return " ".join([str(data.number(4)), str(data.number(2)), *windows(data)])


def next_name(data: Data) -> str:
    """NXT: types up to 127, as one bit each."""
    words = [data.name()]
    for at, octet in enumerate(data.rest()):
        words += [type_text(at * 8 + bit) for bit in range(8) if octet & 0x80 >> bit]
    return " ".join(words)


def windows(data: Data) -> list[str]:
    """Types as windows of bits (RFC 4034 4.1.2), each window's names as one text."""
    texts = []
    while data.left:
        names: list[str] = []
        window, length = data.number(1), data.number(1)
        if not 1 <= length <= 32:
            raise Malformed("FORMERR")
        for at, octet in enumerate(data.take(length)):
            first = window * 256 + at * 8
            names += [type_text(first + bit) for bit in range(8) if octet & 0x80 >> bit]
        texts += [" ".join(names)] if names else []
    return texts
