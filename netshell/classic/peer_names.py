"""Names for numbers as netstat has them: hosts, networks, ports, protocols and users.

A name is looked up once. What a name server answers is text of others: it is cleaned by who
writes it. Sources: services(5), protocols(5), networks(5), getnameinfo(3).
"""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path

_MAPPED = "::ffff:"


class Names:
    """Which numbers are to stay numbers, and the names of the others."""

    def __init__(self, *, hosts: bool = True, ports: bool = True, users: bool = True) -> None:
        self.hosts = hosts
        """Whether addresses are shown by name."""
        self.ports = ports
        self.users = users
        self._known: dict[tuple[str, bool], str] = {}

    def host(self, address: str, v6: bool) -> str:
        """An address's name if it has one, of an IPv6 socket's ("any" is ``[::]`` then)."""
        if not self.hosts:
            return address
        if v6 and address == "::":
            return "[::]"
        if address == "0.0.0.0":
            return address
        key = address, v6
        if key not in self._known:
            self._known[key] = _name6(address) if v6 else _name4(address)
        return self._known[key]

    def port(self, number: int, proto: str) -> str:
        """A port's service (UDP-Lite has UDP's), a raw socket's protocol; ``*`` for none."""
        if number == 0:
            return "*"
        if not self.ports:
            return str(number)
        known = _protocols() if proto == "raw" else _services(proto.removesuffix("lite"))
        return known.get(number, str(number))

    def network(self, address: str) -> str:
        """A network's name by /etc/networks."""
        return (_networks().get(address, address)) if self.hosts else address


def _name4(address: str) -> str:
    try:
        return socket.gethostbyaddr(address)[0]
    except (OSError, UnicodeError):
        return address


def _name6(address: str) -> str:
    whole = _MAPPED + address if ":" not in address else address
    try:
        found = socket.getnameinfo((whole, 0, 0, 0), socket.NI_DGRAM)[0]
    except (OSError, UnicodeError):
        return address
    bare = found.removeprefix(_MAPPED)
    return bare if "." in bare else found


@cache
def _services(proto: str) -> dict[int, str]:
    """Port to name; of several lines for a port the last one counts."""
    found = {}
    for words in _table("services"):
        if len(words) > 1:
            port, _, kind = words[1].partition("/")
            if kind == proto and port.isdecimal():
                found[int(port)] = words[0]
    return found


@cache
def _protocols() -> dict[int, str]:
    found: dict[int, str] = {}
    for words in _table("protocols"):
        if len(words) > 1 and words[1].isdecimal():
            found.setdefault(int(words[1]), words[0])
    return found


@cache
def _networks() -> dict[str, str]:
    found: dict[str, str] = {}
    for words in _table("networks"):
        if len(words) > 1 and words[1].count(".") < 4:
            found.setdefault(words[1] + ".0" * (3 - words[1].count(".")), words[0])
    return found


def _table(name: str) -> list[list[str]]:
    """A file of /etc as lines of words, without its comments; none if it cannot be read."""
    try:
        text = Path("/etc", name).read_text("utf-8", "backslashreplace")
    except OSError:
        return []
    return [line.partition("#")[0].split() for line in text.splitlines()]
