"""Types, classes, operations and response codes by number and name, as BIND 9.18 names them.

https://www.iana.org/assignments/dns-parameters; names that only BIND has are its own.
"""

from __future__ import annotations

TYPES: dict[str, int] = {
    "RESERVED0": 0, "A": 1, "NS": 2, "MD": 3, "MF": 4, "CNAME": 5, "SOA": 6, "MB": 7, "MG": 8,
    "MR": 9, "NULL": 10, "WKS": 11, "PTR": 12, "HINFO": 13, "MINFO": 14, "MX": 15, "TXT": 16,
    "RP": 17, "AFSDB": 18, "X25": 19, "ISDN": 20, "RT": 21, "NSAP": 22, "NSAP-PTR": 23, "SIG": 24,
    "KEY": 25, "PX": 26, "GPOS": 27, "AAAA": 28, "LOC": 29, "NXT": 30, "EID": 31, "NIMLOC": 32,
    "SRV": 33, "ATMA": 34, "NAPTR": 35, "KX": 36, "CERT": 37, "A6": 38, "DNAME": 39, "SINK": 40,
    "OPT": 41, "APL": 42, "DS": 43, "SSHFP": 44, "IPSECKEY": 45, "RRSIG": 46, "NSEC": 47,
    "DNSKEY": 48, "DHCID": 49, "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52, "SMIMEA": 53, "HIP": 55,
    "NINFO": 56, "RKEY": 57, "TALINK": 58, "CDS": 59, "CDNSKEY": 60, "OPENPGPKEY": 61, "CSYNC": 62,
    "ZONEMD": 63, "SVCB": 64, "HTTPS": 65, "SPF": 99, "UINFO": 100, "UID": 101, "GID": 102,
    "UNSPEC": 103, "NID": 104, "L32": 105, "L64": 106, "LP": 107, "EUI48": 108, "EUI64": 109,
    "TKEY": 249, "TSIG": 250, "IXFR": 251, "AXFR": 252, "MAILB": 253, "MAILA": 254, "ANY": 255,
    "URI": 256, "CAA": 257, "AVC": 258, "DOA": 259, "AMTRELAY": 260, "TA": 32768, "DLV": 32769,
}  # fmt: skip
"""Type numbers by mnemonic."""

CLASSES: dict[str, int] = {
    "RESERVED0": 0, "IN": 1, "CH": 3, "CHAOS": 3, "HS": 4, "HESIOD": 4, "NONE": 254, "ANY": 255,
}  # fmt: skip
"""Class numbers by mnemonic."""

OPCODES = (
    "QUERY", "IQUERY", "STATUS", "RESERVED3", "NOTIFY", "UPDATE", "RESERVED6", "RESERVED7",
    *(f"RESERVED{number}" for number in range(8, 16)),
)  # fmt: skip
"""Operations by number."""

RCODES = (
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSET", "NOTAUTH", "NOTZONE", "RESERVED11", "RESERVED12", "RESERVED13", "RESERVED14",
    "RESERVED15", "BADVERS", *(f"?{number}" for number in range(17, 23)), "BADCOOKIE",
)  # fmt: skip
"""Response codes by number, of a whole message (those of TSIG and TKEY are not among them)."""

_TYPE_NAMES = {number: name for name, number in TYPES.items()}
_CLASS_NAMES = {0: "RESERVED0", 1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"}


def type_text(number: int) -> str:
    """A type's mnemonic, or ``TYPEnnn`` (RFC 3597)."""
    return _TYPE_NAMES.get(number, f"TYPE{number}")


def class_text(number: int) -> str:
    """A class's mnemonic, or ``CLASSnnn`` (RFC 3597)."""
    return _CLASS_NAMES.get(number, f"CLASS{number}")


def type_number(text: str) -> int | None:
    """The number of a mnemonic or ``TYPEnnn``, whatever its case; None if it is neither."""
    return _number(text, TYPES, "TYPE")


def class_number(text: str) -> int | None:
    """The number of a mnemonic or ``CLASSnnn``, whatever its case; None if it is neither."""
    return _number(text, CLASSES, "CLASS")


def rcode_text(number: int) -> str:
    """A response code's name; those without one as BIND writes them, ``?24``."""
    return RCODES[number] if number < len(RCODES) else f"?{number}"


def _number(text: str, known: dict[str, int], word: str) -> int | None:
    name = text.upper()
    if name in known:
        return known[name]
    digits = name.removeprefix(word)
    fits = digits != name and digits.isascii() and digits.isdecimal() and len(digits) < 6
    return int(digits) if fits and int(digits) <= 0xFFFF else None
