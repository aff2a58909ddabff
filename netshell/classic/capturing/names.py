"""Names for addresses and ports, as tcpdump looks them up without -n: each is asked for once.

Addresses are asked of the system's resolver (/etc/hosts, DNS), as gethostbyaddr(3) does; ports of
/etc/services, Ethernet addresses of /etc/ethers. What nobody answers for is waited for briefly,
and after a few of these nobody is asked any more: a capture's lines must not wait for a resolver.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from netshell.classic.dump.settings import address
from netshell.view import clean

PATIENCE_S = 1.0
"""How long an address is waited for."""
PATIENCE_TIMES = 3
"""How many may get no answer in that time, one after the other, before nobody is asked."""

ETHERS = Path("/etc/ethers")
_TRANSPORTS = {6: "tcp", 17: "udp"}


def reversed_name(octets: bytes) -> str:
    """The name of an address by the system's resolver. Raises OSError where it has none."""
    return socket.gethostbyaddr(address(octets))[0]


def interface_name(index: int) -> str:
    """The name of this machine's interface of an index; empty where it has none."""
    try:
        return clean(socket.if_indextoname(index))
    except (OSError, OverflowError):
        return ""


class Names:
    """The names of one run.

    >>> Names().port(6, 80)
    'http'
    """

    def __init__(
        self,
        no_domain: bool = False,
        ask: Callable[[bytes], str] = reversed_name,
        patience_s: float = PATIENCE_S,
        ethers: Path = ETHERS,
    ) -> None:
        """``ask`` gives an address's name, or raises OSError; ``no_domain`` cuts it at a dot."""
        self._no_domain, self._ask, self._patience_s = no_domain, ask, patience_s
        self._hosts: dict[bytes, str] = {}
        self._ports: dict[tuple[int, int], str] = {}
        self._ethers_place = ethers
        self._ethers: dict[bytes, str] | None = None
        self._unanswered = 0

    def host(self, octets: bytes) -> str:
        """The name of an address of 4 or 16 bytes, or the address itself."""
        known = self._hosts.get(octets)
        if known is None:
            known = self._hosts[octets] = self._host(octets)
        return known

    def _host(self, octets: bytes) -> str:
        if self._unanswered >= PATIENCE_TIMES:
            return address(octets)
        found: list[str] = []

        def ask() -> None:
            try:
                found.append(self._ask(octets))
            except (OSError, UnicodeError):  # no name, or none that is text
                found.append("")

        thread = threading.Thread(target=ask, name="netshell-name", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no more threads
            return address(octets)
        thread.join(self._patience_s)
        self._unanswered = 0 if found else self._unanswered + 1
        name = clean(found[0]) if found else ""
        if self._no_domain:
            name = name.partition(".")[0]
        return name or address(octets)

    def port(self, protocol: int, port: int) -> str:
        """The service of a port of TCP (6) or UDP (17), or the port's number."""
        known = self._ports.get((protocol, port))
        if known is None:
            known = self._ports[protocol, port] = _service(protocol, port)
        return known

    def ether(self, octets: bytes) -> str:
        """The name of a hardware address in ethers(5); empty without."""
        if self._ethers is None:
            self._ethers = _ethers(self._ethers_place)
        return self._ethers.get(octets, "")


def _service(protocol: int, port: int) -> str:
    transport = _TRANSPORTS.get(protocol)
    if transport is None:
        return str(port)
    try:
        return clean(socket.getservbyport(port, transport))
    except OSError:
        return str(port)


def _ethers(place: Path) -> dict[bytes, str]:
    """Each hardware address with its first name; nothing if there is no such file."""
    try:
        text = place.read_text("utf-8", "replace")
    except OSError:
        return {}
    found: dict[bytes, str] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2 or not re.fullmatch(r"([0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}", words[0]):
            continue
        octets = bytes(int(part, 16) for part in words[0].split(":"))
        found.setdefault(octets, clean(words[1]))
    return found
