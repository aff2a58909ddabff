"""The words of DNS explained: record types, response codes, extended errors, flags."""

from __future__ import annotations

import re

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

FLAGS = ("qr", "aa", "tc", "rd", "ra", "ad", "cd", "do", "co")
"""Of a message's header, and of EDNS (the last two)."""

RCODES = {
    "NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5,
    "YXDOMAIN": 6, "YXRRSET": 7, "NXRRSET": 8, "NOTAUTH": 9, "NOTZONE": 10, "DSOTYPENI": 11,
    "BADVERS": 16, "BADSIG": 16, "BADKEY": 17, "BADTIME": 18, "BADMODE": 19, "BADNAME": 20,
    "BADALG": 21, "BADTRUNC": 22, "BADCOOKIE": 23,
}  # fmt: skip
"""Response codes, those of TSIG and TKEY too (RFC 6895 section 2.3)."""

EXTRA_TYPES = {
    "DSYNC": 66, "HHIT": 67, "BRID": 68, "NXNAME": 128, "RESINFO": 261, "WALLET": 262,
}  # fmt: skip
"""Types that are newer than BIND 9.18, beside ``netshell.lookup.numbers.TYPES``."""

_ERRORS = range(25)
"""The codes of extended errors that have a text (RFC 8914 section 4)."""

_ALIASES = {"TYPE0": "RESERVED0", "NSAP_PTR": "NSAP-PTR", "*": "ANY"}


def rcode(said: str) -> Explanation:
    """A response code by its name or number, one without a text too."""
    name = said.upper().replace(" ", "")
    if not has(f"rcode.{name}.what"):
        return Explanation("dns", said, (text("rcode.line.number"),), source("rcode.line.number"))
    lines = list(sentences(f"rcode.{name}", "what", "why", "act"))
    if name in RCODES:
        lines.append(text("rcode.line.named", number=RCODES[name]))
    return Explanation("dns", name, tuple(lines), source(f"rcode.{name}"))


def rcode_name(said: str) -> str:
    """The response code that is meant: "nxdomain", "Format Error"'s FORMERR, "rcode 3"; "" for
    other words."""
    name = said.upper().replace(" ", "")
    if name in RCODES or name == "NODATA":
        return name
    found = re.fullmatch(r"(?:RCODE|\?)?([0-9]{1,4})", name)
    if found is None or int(found[1]) > 0xFFF:
        return ""
    number = int(found[1])
    return next((code for code, value in RCODES.items() if value == number), f"RCODE{number}")


def type_name(said: str) -> str:
    """The record type that is meant, by name or as TYPE65 or 65; "" for other words."""
    from netshell.lookup.numbers import TYPES, type_number

    name = said.upper()
    name = _ALIASES.get(name, name)
    if name in TYPES or name in EXTRA_TYPES:
        return name
    number = type_number(f"TYPE{name}" if name.isascii() and name.isdecimal() else name)
    if number is None:
        return ""
    known = TYPES | EXTRA_TYPES
    return next((each for each, value in known.items() if value == number), f"TYPE{number}")


def record_type(name: str) -> Explanation:
    """A record type that type_name() gave."""
    from netshell.lookup.numbers import TYPES
    from netshell.lookup.rdtypes import NOT_ASKED

    if not has(f"rdtype.{name}.what"):
        lines = [text("rdtype.line.unknown"), text("rdtype.line.ask", name=name)]
        return Explanation("dns", name, tuple(lines), source("rdtype.line.unknown"))
    lines = list(sentences(f"rdtype.{name}", "what", "act"))
    number = TYPES[name] if name in TYPES else EXTRA_TYPES[name]
    lines.append(text("rdtype.line.kind", number=number))
    if name not in NOT_ASKED and name != "RESERVED0":
        lines.append(text("rdtype.line.ask", name=name))
    return Explanation("dns", name, tuple(lines), source(f"rdtype.{name}"))


def flag(name: str) -> Explanation:
    """A flag of a DNS message, one of FLAGS."""
    lines = tuple(sentences(f"dnsflag.{name}", "what", "why", "act"))
    return Explanation("dns", name, lines, source(f"dnsflag.{name}"))


def extended_name(said: str) -> str:
    """The number of the extended error that is meant, as text: "22" for "22 (No Reachable
    Authority)"; "" for none that is known."""
    found = re.match(r"([0-9]{1,5})(?![0-9])", said)
    return str(int(found[1])) if found and int(found[1]) in _ERRORS else ""


def extended(number: str) -> Explanation:
    """An extended error that extended_name() gave."""
    lines = (text(f"ede.{number}.what"), text("ede.line.what"))
    return Explanation("dns", f"EDE {number}", lines, source("ede.line.what"))
