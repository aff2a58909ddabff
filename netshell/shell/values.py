"""What can stand inside the quotes: hosts, interfaces, states, record types, filter words.

Each :class:`Source` knows its values without asking the network: files, the kernel, and what was
typed before. A source that fails offers nothing; Tab is no place for an error.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from netshell.errors import NetshellError
from netshell.flow.state import State
from netshell.lookup import RDTYPES, resolvers
from netshell.lookup import hosts as read_hosts_file

MOST = 60  # more than this is no help on a screen

FLAGS = ("SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR")
FILTER_WORDS = (
    "tcp", "udp", "icmp", "icmp6", "arp", "ip", "ip6", "vlan", "host", "net", "port", "portrange",
    "src", "dst", "and", "or", "not", "greater", "less", "tcp[tcpflags]", "tcp-syn", "tcp-ack",
    "tcp-fin", "tcp-rst", "tcp-push",
)  # fmt: skip

Names = Mapping[str, Any]
_HOST = re.compile(r"[\w.:%-]+\Z")
_QUOTED_HOST = re.compile(r"""["']([\w-]+(?:[.:][\w.:%-]*\w)+)["']""")


@dataclass(frozen=True, slots=True)
class Source:
    """Values for one kind of argument, ``about`` saying what they are unless a mapping does.

    ``words`` says that the argument is a text of several words, of which the last is completed.
    """

    about: str
    values: Callable[[Names], Iterable[str]]
    words: bool = False

    def fragment(self, typed: str) -> str:
        """The end of the typed text that a value replaces."""
        return typed[self._split(typed) :]

    def matching(self, typed: str, names: Names) -> dict[str, str]:
        """The values that begin as typed, in any case, in the source's order, with what each is."""
        at = self._split(typed)
        fragment = typed[at:].lower()
        values = self.values
        if self.words and re.search(r"\bhost\s+\Z", typed[:at]):
            values = hosts
        try:
            known = values(names)
            found = dict(known) if isinstance(known, Mapping) else dict.fromkeys(known, self.about)
        except (OSError, NetshellError):
            return {}
        fitting = [each for each in found.items() if each[0].lower().startswith(fragment)]
        return dict(fitting[:MOST])

    def _split(self, typed: str) -> int:
        if not self.words:
            return 0
        return max(typed.rfind(space) for space in " (&|!") + 1


# --- where values come from -----------------------------------------------------------------


def hosts(names: Names) -> list[str]:
    """Hosts from this session's cells, /etc/hosts and the peers of this machine's sockets."""
    return [*_typed_before(names), *_hosts_file(), *_peers()]


def _typed_before(names: Names) -> list[str]:
    cells = names.get("In", [])
    recent = cells[-50:] if isinstance(cells, list) else []
    found = [host for cell in recent for host in _QUOTED_HOST.findall(str(cell))]
    return list(dict.fromkeys(reversed(found)))


def _hosts_file() -> list[str]:
    return [name for name in read_hosts_file() if _HOST.match(name)]


_peers_read: tuple[float, list[str]] = (0.0, [])


def _peers() -> list[str]:
    # Tab comes in bursts, and a busy server has many sockets: the list is good for two seconds.
    global _peers_read
    now = time.monotonic()
    if now - _peers_read[0] > 2 or not _peers_read[1]:
        _peers_read = (now, list(dict.fromkeys(_remote_addresses())))
    return _peers_read[1]


def _remote_addresses() -> list[str]:
    from netshell import host
    from netshell.host.sockets import Wanted

    return [row.remote.address for row in host.list_sockets(Wanted()) if row.remote.port]


def interfaces(names: Names) -> list[str]:
    """This machine's interfaces, by their kernel index."""
    from netshell import host

    return host.interface_names()


def _resolvers(names: Names) -> list[str]:
    return [*resolvers(), *hosts(names)]


def _fixed(*values: str) -> Callable[[Names], Iterable[str]]:
    return lambda names: values


HOST = Source("host", hosts)
INTERFACE = Source("interface", interfaces)
CAPTURED_INTERFACE = Source("interface", lambda names: [*interfaces(names), "any"])
STATE = Source("TCP state", _fixed(*State))
FILTER = Source("filter", _fixed(*FILTER_WORDS), words=True)
SOCKET_PROTOCOL = Source("protocol", _fixed("tcp", "udp", "all"))
PAYLOAD = Source("payload", _fixed("ascii", "hex", "none"))

BY_PARAMETER: dict[str, Source] = {
    "host": HOST,
    "iface": CAPTURED_INTERFACE,
    "state": STATE,
    "proto": Source("protocol", _fixed("tcp", "udp")),
    "rdtype": Source("record type", lambda names: RDTYPES),
    "server": Source("name server", _resolvers),
    "filter": FILTER,
    "payload": PAYLOAD,
}
"""What an option of this name takes, whichever verb it belongs to."""

BY_VERB: dict[tuple[str, str], Source] = {
    ("dig", "name"): HOST,
    ("ifaces", "name"): INTERFACE,
    ("conns", "proto"): SOCKET_PROTOCOL,
    ("listeners", "proto"): SOCKET_PROTOCOL,
    ("sniff_host", "proto"): Source("protocol", _fixed("tcp", "udp", "icmp", "any")),
    ("explain", "x"): Source("flag or state", _fixed(*FLAGS, *State)),
}
"""What one verb's option takes, where the option's name alone does not tell."""

BY_METHOD: dict[tuple[str, str], Source] = {
    ("filter", ""): FILTER,
    ("show", ""): PAYLOAD,
    ("show", "payload"): PAYLOAD,
    ("stream", ""): Source("side", _fixed("client", "server")),
}
"""What the arguments of results' methods take: by method and option ("" for the first)."""
