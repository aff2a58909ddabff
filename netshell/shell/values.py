"""What can stand inside the quotes: hosts, interfaces, ports, states, files, filter words.

Each :class:`Source` knows its values without asking the network: files, the kernel, and what was
typed before. A source that fails offers nothing; Tab is no place for an error.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netshell.commands import VERBS
from netshell.errors import NetshellError
from netshell.flow.state import State
from netshell.lookup import RDTYPES, resolvers
from netshell.lookup import hosts as read_hosts_file
from netshell.shell.options import positional

MOST = 60  # more than this is no help on a screen

FLAGS = ("SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR")
FILTER_WORDS = (
    "tcp", "udp", "icmp", "icmp6", "arp", "ip", "ip6", "vlan", "host", "net", "port", "portrange",
    "src", "dst", "and", "or", "not", "greater", "less", "tcp[tcpflags]", "tcp-syn", "tcp-ack",
    "tcp-fin", "tcp-rst", "tcp-push",
)  # fmt: skip

Names = Mapping[str, Any]
_HOST = re.compile(r"[\w.:%-]+\Z")
_NAME = re.compile(r"\w[\w.-]*\Z")
_SERVICE = re.compile(r"([\w-]+)\s+(\d+)/(\w+)")


@dataclass(frozen=True, slots=True)
class Source:
    """Values for one kind of argument, ``about`` saying what they are unless a mapping does.

    ``words`` says that the argument is a text of several words, of which the last is completed,
    ``numbers`` that it may be a number, which needs no quotes, ``path`` that it is a file.
    """

    about: str
    values: Callable[[Names], Iterable[str]]
    words: bool = False
    numbers: bool = False
    path: bool = False

    def fragment(self, typed: str) -> str:
        """The end of the typed text that a value replaces."""
        return typed[self._split(typed) :]

    def matching(self, typed: str, names: Names) -> dict[str, str]:
        """The values that begin as typed, in any case, in the source's order, with what each is."""
        at = self._split(typed)
        fragment = typed[at:].lower()
        values = self.values
        if self.path:
            return _files(typed)
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
        if self.path:
            return typed.rfind("/") + 1
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
    found = [host for cell in recent for host in _hosts_in(str(cell))]
    return list(dict.fromkeys(reversed(found)))


def _hosts_in(cell: str) -> Iterable[str]:
    """What a cell gave to verbs as a host: any other text with dots in it is none."""
    try:
        tree = ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError):
        return
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Attribute) and call.func.attr == "run_tool":
            yield from _hosts_of_command(call.args)
        if not isinstance(call.func, ast.Name):
            continue
        verb = next((each for each in VERBS if each.name == call.func.id), None)
        if verb is None:
            continue
        given = [*zip(positional(verb), call.args, strict=False)]
        given += [(each.arg or "", each.value) for each in call.keywords]
        for option, value in given:
            source = BY_VERB.get((verb.name, option)) or BY_PARAMETER.get(option)
            if source is HOST and isinstance(value, ast.Constant) and isinstance(value.value, str):
                text = value.value.strip()
                if _HOST.match(text):
                    yield text


def _hosts_of_command(given: list[ast.expr]) -> Iterable[str]:
    """What a line as ``dig naver.com`` asked for: it became ``run_tool("dig", "naver.com")``."""
    match given:
        case [ast.Constant("dig" | "nslookup"), ast.Constant(str(text))]:
            yield from (word for word in text.split() if "." in word and _NAME.match(word))


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
    return [row.remote.address for row in _sockets() if row.remote.port]


def _sockets() -> Iterable[Any]:
    from netshell import host
    from netshell.host.sockets import Wanted

    return host.list_sockets(Wanted())


def _ports(names: Names) -> dict[str, str]:
    """The ports of this machine's sockets, then the services that have a name."""
    numbers = {
        end.port: "listening" if row.listening else "in use"
        for row in _sockets()
        for end in (row.local, row.remote)
        if end.port
    }
    busy = sorted(numbers.items(), key=lambda each: (each[1] != "listening", each[0]))
    return {str(number): about for number, about in busy} | _services()


def _services() -> dict[str, str]:
    try:
        lines = Path("/etc/services").read_text("utf-8", "replace").splitlines()
    except OSError:
        return {}
    found = [match for line in lines if (match := _SERVICE.match(line))]
    return {match[1]: f"port {match[2]}" for match in found if match[3] in ("tcp", "udp")}


def _processes(names: Names) -> list[str]:
    return sorted({row.process for row in _sockets() if _HOST.match(row.process)})


def _pids(names: Names) -> dict[str, str]:
    held = {row.pid: row.process for row in _sockets() if row.pid}
    return {str(pid): process for pid, process in sorted(held.items())}


def _files(typed: str) -> dict[str, str]:
    """The files and folders that begin as typed: captures first, and hidden ones only if asked."""
    folder, _, begun = typed.rpartition("/")
    place = Path(f"{folder}/" if "/" in typed else ".").expanduser()
    try:
        found = [each for each in place.iterdir() if each.name.startswith(begun)]
        kinds = {each.name: each.is_dir() for each in found if begun or each.name[:1] != "."}
    except (OSError, RuntimeError):  # RuntimeError: a home that nobody has
        return {}
    order = sorted(kinds, key=lambda name: (".pcap" not in name, kinds[name], name))
    fitting = [name for name in order if name.isprintable() and not set(name) & set("\"'\\")]
    return {
        name + "/" * kinds[name]: "folder" if kinds[name] else "file" for name in fitting[:MOST]
    }


def interfaces(names: Names) -> list[str]:
    """This machine's interfaces, by their kernel index."""
    from netshell import host

    return host.interface_names()


def _resolvers(names: Names) -> list[str]:
    return [*resolvers(), *hosts(names)]


def _explained(names: Names) -> dict[str, str]:
    """Words that ``explain`` knows; those of flows are loaded when asked for."""
    from netshell.flow.ending import PHRASES
    from netshell.flow.kinds import KINDS
    from netshell.lookup.status import STATUS, WORDS

    known = dict.fromkeys(FLAGS, "flag") | dict.fromkeys(State, "TCP state")
    known |= dict.fromkeys(KINDS, "finding")
    known |= dict.fromkeys([*WORDS, *STATUS], "DNS status")
    return known | dict.fromkeys(filter(None, PHRASES), "how a flow ended")


def _lessons(names: Names) -> tuple[str, ...]:
    from netshell.commands.lessons import LESSONS

    return LESSONS


def fixed(*values: str) -> Callable[[Names], Iterable[str]]:
    """Always the same."""
    return lambda names: values


HOST = Source("host", hosts)
INTERFACE = Source("interface", interfaces)
CAPTURED_INTERFACE = Source("interface", lambda names: [*interfaces(names), "any"])
STATE = Source("TCP state", fixed(*State))
FILTER = Source("filter", fixed(*FILTER_WORDS), words=True)
SOCKET_PROTOCOL = Source("protocol", fixed("tcp", "udp", "all"))
PORT = Source("port", _ports, numbers=True)
FILE = Source("file", lambda names: (), path=True)
PAYLOAD = Source("payload", fixed("ascii", "hex", "none"))

BY_PARAMETER: dict[str, Source] = {
    "host": HOST,
    "iface": CAPTURED_INTERFACE,
    "state": STATE,
    "proto": Source("protocol", fixed("tcp", "udp")),
    "rdtype": Source("record type", lambda names: RDTYPES),
    "server": Source("name server", _resolvers),
    "filter": FILTER,
    "payload": PAYLOAD,
    "port": PORT,
    "process": Source("process", _processes),
    "pid": Source("process", _pids, numbers=True),
    "path": FILE,
    "write": FILE,
}
"""What an option of this name takes, whichever verb it belongs to."""

BY_VERB: dict[tuple[str, str], Source] = {
    ("dig", "name"): HOST,
    ("ifaces", "name"): INTERFACE,
    ("conns", "proto"): SOCKET_PROTOCOL,
    ("listeners", "proto"): SOCKET_PROTOCOL,
    ("sniff_host", "proto"): Source("protocol", fixed("tcp", "udp", "icmp", "any")),
    ("lesson", "name"): Source("lesson", _lessons),
    ("explain", "x"): Source("", _explained),
}
"""What one verb's option takes, where the option's name alone does not tell."""
