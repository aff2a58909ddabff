"""A certificate as it stands in a handshake: whose it is, for which names and how long.

Only what is written in it is read (RFC 5280, section 4); no signature is checked and no root is
known here, so it says what a certificate claims, not whether it is to be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from netshell.protocols.tls import der, oids
from netshell.protocols.tls.der import Broken, Element, element, elements

MOST_NAMES = 1000
"""Subject alternative names that are kept of one certificate."""
_MOST_PARTS = 64  # of a subject or an issuer
_MOST_EXTENSIONS = 64
_MOST_SERIAL = 64  # bytes; RFC 5280 allows 20

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One certificate of a chain; what could not be read is empty, and ``problem`` says why."""

    subject: str = ""  # "CN=example.com,O=Example", the most special part first (RFC 4514)
    issuer: str = ""
    names: tuple[str, ...] = ()  # what it is for: "DNS:example.com", "IP:192.0.2.1"
    serial: str = ""  # hexadecimal
    not_before: datetime | None = None
    not_after: datetime | None = None
    key: str = ""  # "RSA", "EC secp256r1", "Ed25519"
    key_bits: int | None = None
    signature_algorithm: str = ""  # as OpenSSL calls it: "sha256WithRSAEncryption"
    is_ca: bool = False
    is_self_signed: bool = False  # by its issuer's name, which is its own; not proved
    sha256: str = ""  # its fingerprint, hexadecimal
    size: int = 0  # bytes
    problem: str = ""

    @property
    def common_name(self) -> str:
        """The subject's CN, or all of the subject without one."""
        return _common_name(self.subject)

    def is_valid_at(self, time_ns: int) -> bool | None:
        """Whether a time is within its dates; None where they are not known."""
        return None if self.not_before is None else not self.date_problem(time_ns)

    def date_problem(self, time_ns: int) -> str:
        """What is wrong with its dates at a time: "expired 2024-01-31"; else empty."""
        if self.not_before is None or self.not_after is None:
            return ""
        if time_ns < nanoseconds(self.not_before):
            return f"not valid before {self.not_before:%Y-%m-%d %H:%M}"
        if time_ns >= nanoseconds(self.not_after) + 1_000_000_000:  # its last second is within
            return f"expired {self.not_after:%Y-%m-%d %H:%M}"
        return ""

    def is_for(self, host: str) -> bool | None:
        """Whether it is for a host's name or address (RFC 9525, 6); None if it names none at all.

        >>> Certificate(names=("DNS:*.example.com",)).is_for("www.example.com")
        True
        """
        kinds = [each.partition(":") for each in self.names]
        if not any(kind in ("DNS", "IP") for kind, _, _ in kinds):
            return None
        wanted = host.lower().rstrip(".")
        return any(
            _is_named(wanted, name) if kind == "DNS" else kind == "IP" and name == wanted
            for kind, _, name in kinds
        )

    def __str__(self) -> str:
        return self.common_name or self.problem


def nanoseconds(moment: datetime) -> int:
    """A moment as nanoseconds since 1970-01-01 UTC, in whole seconds."""
    since = moment - _EPOCH
    return (since.days * 86400 + since.seconds) * 1_000_000_000


def _common_name(subject: str) -> str:
    for part in subject.split(","):
        if part.startswith("CN="):
            return part[3:]
    return subject


def _is_named(host: str, name: str) -> bool:
    """A wildcard is the whole first label, and stands for one label."""
    name = name.lower().rstrip(".")
    if name.startswith("*."):
        first, dot, rest = host.partition(".")
        return bool(first and dot) and rest == name[2:] and "." in rest
    return bool(name) and name == host


@lru_cache(maxsize=256)
def read_certificate(data: bytes) -> Certificate:
    """What a certificate in DER says; a broken one as far as it goes, with its problem."""
    import hashlib

    made: dict[str, object] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    try:
        _read(data, made)
    except Broken as error:
        made["problem"] = f"not to be read: {error}"
    return Certificate(**made)  # type: ignore[arg-type]


def _read(data: bytes, made: dict[str, object]) -> None:
    whole = element(data, 0, len(data), der.SEQUENCE)
    signed = element(data, whole.begin, whole.end, der.SEQUENCE)
    at, end = signed.begin, signed.end
    version = element(data, at, end)
    if version.tag == 0xA0:
        at = version.end
    serial = element(data, at, end, der.INTEGER)
    if not 1 <= serial.end - serial.begin <= _MOST_SERIAL:
        raise Broken(f"a serial number of {serial.end - serial.begin} bytes")
    number = int.from_bytes(data[serial.begin : serial.end], "big", signed=True)
    made["serial"] = f"{number:x}"
    algorithm = element(data, serial.end, end, der.SEQUENCE)
    known = der.oid(data, element(data, algorithm.begin, algorithm.end))
    made["signature_algorithm"] = oids.SIGNATURES.get(known, known)
    issuer = element(data, algorithm.end, end, der.SEQUENCE)
    made["issuer"] = _name(data, issuer)
    validity = element(data, issuer.end, end, der.SEQUENCE)
    before = element(data, validity.begin, validity.end)
    after = element(data, before.end, validity.end)
    made["not_before"], made["not_after"] = der.moment(data, before), der.moment(data, after)
    subject = element(data, validity.end, end, der.SEQUENCE)
    made["subject"] = _name(data, subject)
    made["is_self_signed"] = data[subject.start : subject.end] == data[issuer.start : issuer.end]
    key = element(data, subject.end, end, der.SEQUENCE)
    made["key"], made["key_bits"] = _key(data, key)
    for optional in elements(data, key.end, end, 3):
        if optional.tag == 0xA3:
            _extensions(data, element(data, optional.begin, optional.end, der.SEQUENCE), made)


def _name(data: bytes, name: Element) -> str:
    """A distinguished name as RFC 4514 writes it: its last part first."""
    parts = []
    for several in elements(data, name.begin, name.end, _MOST_PARTS):
        each = []
        for pair in elements(data, several.begin, several.end, _MOST_PARTS):
            kind = element(data, pair.begin, pair.end, der.OID)
            value = element(data, kind.end, pair.end)
            known = der.oid(data, kind)
            each.append(f"{oids.ATTRIBUTES.get(known, known)}={_escaped(der.text(data, value))}")
        parts.append("+".join(each))
    return ",".join(reversed(parts))


def _escaped(value: str) -> str:
    r"""RFC 4514, 2.4.

    >>> _escaped("Example, Inc. ")
    'Example\\, Inc.\\ '
    """
    made = "".join(f"\\{char}" if char in '\\",+;<>' else char for char in value)
    if made[:1] in (" ", "#") and value[:1] in (" ", "#"):
        made = "\\" + made
    if len(value) > 1 and value[-1] == " ":
        made = made[:-1] + "\\ "
    return made.replace("\0", "\\00")


def _key(data: bytes, key: Element) -> tuple[str, int | None]:
    algorithm = element(data, key.begin, key.end, der.SEQUENCE)
    kind = element(data, algorithm.begin, algorithm.end, der.OID)
    known = der.oid(data, kind)
    if known in oids.KEYS:
        return oids.KEYS[known]
    bits = element(data, algorithm.end, key.end, der.BITS)
    if known in (oids.RSA, oids.RSA_PSS):
        numbers = element(data, bits.begin + 1, bits.end, der.SEQUENCE)
        modulus = element(data, numbers.begin, numbers.end, der.INTEGER)
        return "RSA" if known == oids.RSA else "RSA-PSS", _bits(data, modulus)
    if known == oids.DSA:
        if kind.end == algorithm.end:  # its numbers are its issuer's
            return "DSA", None
        numbers = element(data, kind.end, algorithm.end, der.SEQUENCE)
        return "DSA", _bits(data, element(data, numbers.begin, numbers.end, der.INTEGER))
    if known == oids.EC:
        curve = element(data, kind.end, algorithm.end)
        if curve.tag != der.OID:
            return "EC with a curve of its own", None
        name = der.oid(data, curve)
        called, size = oids.CURVES.get(name, (name, None))
        return f"EC {called}", size
    return known, None


def _bits(data: bytes, number: Element) -> int:
    """How many bits a positive number has, without making one of it."""
    content = data[number.begin : number.end].lstrip(b"\0")
    return (len(content) - 1) * 8 + content[0].bit_length() if content else 0


def _extensions(data: bytes, several: Element, made: dict[str, object]) -> None:
    for each in elements(data, several.begin, several.end, _MOST_EXTENSIONS):
        kind = element(data, each.begin, each.end, der.OID)
        known = der.oid(data, kind)
        if known not in (oids.SUBJECT_ALT_NAME, oids.BASIC_CONSTRAINTS):
            continue
        value = element(data, kind.end, each.end)
        if value.tag == der.BOOLEAN:  # whether it is critical
            value = element(data, value.end, each.end)
        content = element(data, value.begin, value.end, der.SEQUENCE)
        if known == oids.SUBJECT_ALT_NAME:
            made["names"] = _names(data, content)
        else:
            first = next(elements(data, content.begin, content.end, 1), None)
            made["is_ca"] = (
                first is not None
                and first.tag == der.BOOLEAN
                and any(data[first.begin : first.end])
            )


def _names(data: bytes, several: Element) -> tuple[str, ...]:
    made = []
    for each in elements(data, several.begin, several.end, MOST_NAMES):
        content = data[each.begin : each.end]
        if each.tag == 0x87:
            made.append(f"IP:{_address(content)}")
        elif each.tag in _KINDS:
            made.append(f"{_KINDS[each.tag]}:{content.decode('utf-8', 'backslashreplace')}")
        elif each.tag == 0xA4:
            made.append(f"DirName:{_name(data, element(data, each.begin, each.end))}")
        elif each.tag == 0x88:
            made.append(f"Registered ID:{der.oid(data, each._replace(tag=der.OID))}")
        else:
            made.append("othername:<unsupported>")
    return tuple(made)


_KINDS = {0x81: "email", 0x82: "DNS", 0x86: "URI"}


def _address(content: bytes) -> str:
    from ipaddress import ip_address

    if len(content) in (4, 16):
        return str(ip_address(content))
    return content.hex()
