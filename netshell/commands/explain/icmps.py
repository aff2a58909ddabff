"""ICMP's and ICMPv6's messages explained: by type, by type and code, by name."""

from __future__ import annotations

import re

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences

_NUMBERS = re.compile(
    r"(?:type\s*)?([0-9]{1,3})(?:\s*(?:/|,|\s)\s*(?:code\s*)?([0-9]{1,3}))?", re.IGNORECASE
)
_VERSIONS = {4: "four", 6: "six"}


def numbers(said: str) -> tuple[int, int | None] | None:
    """Type and code of "3", "3/4", "3 4" or "type 3 code 4"; None for other words."""
    found = _NUMBERS.fullmatch(said.strip())
    if found is None:
        return None
    kind, code = int(found[1]), None if found[2] is None else int(found[2])
    return (kind, code) if kind < 256 and (code or 0) < 256 else None


def known(version: int, kind: int) -> bool:
    """Whether a type has a text."""
    return has(f"icmp.{_VERSIONS[version]}.{kind}.what")


def named(said: str, version: int) -> tuple[int, int | None] | None:
    """Type and code of what is called so in netshell: "port unreachable"; None if nothing is."""
    types, codes = _tables(version)
    words = " ".join(said.lower().split())
    for (kind, code), name in codes.items():
        if name.lower() == words:
            return kind, code
    return next(((kind, None) for kind, name in types.items() if name.lower() == words), None)


def words() -> list[str]:
    """What ICMP's and ICMPv6's messages are called."""
    return [name for version in (4, 6) for table in _tables(version) for name in table.values()]


def _tables(version: int) -> tuple[dict[int, str], dict[tuple[int, int], str]]:
    from netshell.packet.icmp import CODES, CODES_6, TYPES, TYPES_6

    return (TYPES, CODES) if version == 4 else (TYPES_6, CODES_6)


def message(version: int, kind: int, code: int | None = None) -> Explanation:
    """A type that known() knows, and its code if one is given."""
    key = f"icmp.{_VERSIONS[version]}.{kind}"
    family = "ICMP" if version == 4 else "ICMPv6"
    subject = f"{family} {kind}" if code is None else f"{family} {kind}/{code}"
    lines = []
    detail = f"icmp.code.{version}_{kind}_{code}"
    if code is not None:
        meant = f"{detail}.what"
        if has(meant):
            lines.append(text("icmp.line.code", code=code, text=text(meant)))
        elif code:
            lines.append(text("icmp.line.other_code", code=code))
    if has(f"{detail}.act"):
        lines += [*sentences(key, "what", "why"), *sentences(detail, "act")]
    else:
        lines += sentences(key, "what", "why", "act")
    other = 10 - version
    if known(other, kind):
        asked = f"{'icmp' if other == 4 else 'icmp6'} {kind}"
        lines.append(text(f"icmp.line.{_VERSIONS[other]}", asked=asked))
    return Explanation("icmp", subject, tuple(lines), source(key))
