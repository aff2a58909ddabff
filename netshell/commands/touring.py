"""The stops of the tour: what is called at each, really, on the client of a private wire."""

from __future__ import annotations

import http.client
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netshell.commands import staged
from netshell.commands.conns import conns
from netshell.commands.dig import dig
from netshell.commands.explain import explain
from netshell.commands.iface_for import iface_for
from netshell.commands.read import read
from netshell.commands.sniff_host import filter_for

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.lab.wire import Wire

WEB, SQL, NAME = 80, 5432, "www.lab"
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Stop:
    """One call: how it is typed, what is done, and how much of its result is shown."""

    name: str
    code: str
    run: Callable[[Ground], Any]
    rows: int = 6


class Ground:
    """What the tour walks on: the wire with its servers, and what one stop leaves for the next."""

    def __init__(self, wire: Wire) -> None:
        from netshell.lab.servers import start_dns, start_http, start_sql

        self.wire, self.client = wire, wire.client
        self.folder = tempfile.TemporaryDirectory(prefix="netshell-tour-")
        self.captures: dict[str, Capture] = {}
        try:
            start_dns(wire.server)
            start_http(wire.server, closes="client")
            start_sql(wire.server)
        except BaseException:
            self.close()
            raise

    @property
    def cap(self) -> Capture:
        """The capture of the web page."""
        return self.captures["cap"]

    def sniff_host(self, port: int, name: str) -> Capture:
        """What sniff_host() does, on the client: the filter of its addresses, the route's
        interface."""
        route = self.client.call(iface_for, NAME)
        addresses = [each.destination for each in route.candidates or (route,)]
        capture = staged.sniff_in(self.client, filter_for(addresses, port, "tcp"), quiet=True)
        self.captures[name] = capture
        return capture

    def fetch(self) -> str:
        """Get the page, and wait for the last packet of it."""
        status = self.client.call(get_page)
        _wait(self.cap, lambda: any(flow.ended for flow in self.cap.flows))
        return status

    def query(self) -> Any:
        """Have a query answered, and stop capturing."""
        capture = self.sniff_host(SQL, "sql")
        self.client.call(run_queries, self.wire.server.ipv4)
        _wait(capture, lambda: any(flow.ended for flow in capture.flows))
        return capture.stop().queries()

    def save(self) -> Any:
        """Save what was captured, and open it again."""
        place = Path(self.folder.name) / "web.pcapng"
        self.cap.stop().save(place)
        return read(place)

    def netstat(self) -> str:
        """netshell's netstat, run on the client."""
        argv = [sys.executable, "-P", "-m", "netshell", "netstat", "-ant"]
        done = self.client.run(argv, capture_output=True, text=True)
        return str(done.stdout).rstrip()

    def close(self) -> None:
        """End the captures, the servers and both hosts."""
        for capture in self.captures.values():
            capture.stop()
        self.wire.close()
        self.folder.cleanup()


def _wait(capture: Capture, holds: Callable[[], bool]) -> None:
    """Wait until a capture has what is expected, or patience is over: then what is there shows."""
    import time

    deadline = time.monotonic() + _PATIENCE_S
    while not holds() and time.monotonic() < deadline:
        capture.wait(count=len(capture) + 1, seconds=0.05)


def get_page() -> str:
    """Run on the client: one request, and its status."""
    web = http.client.HTTPConnection(NAME, WEB, timeout=_PATIENCE_S)
    web.request("GET", "/")
    answer = web.getresponse()
    size = len(answer.read())
    web.close()
    return f"{answer.status} {answer.reason}, {size} bytes"


def run_queries(address: str) -> None:
    """Run on the client: log in at the lab's SQL server, and have two queries answered."""
    names = b"user\0student\0database\0lab\0\0"
    with socket.create_connection((address, SQL), timeout=_PATIENCE_S) as sql:
        sql.sendall(struct.pack("!II", len(names) + 8, 196608) + names)
        _until_ready(sql)
        for query in (b"SELECT 1", b"SELECT pg_sleep(1)"):
            sql.sendall(b"Q" + struct.pack("!I", len(query) + 5) + query + b"\0")
            _until_ready(sql)


def _until_ready(sql: socket.socket) -> None:
    """Read up to ReadyForQuery, the last message of an answer (PostgreSQL 55.7)."""
    got = b""
    while not (len(got) >= 6 and got[-6:-5] == b"Z"):
        piece = sql.recv(65536)
        if not piece:
            return
        got += piece


def _lab(ground: Ground) -> Any:
    from netshell.commands.lab import lab

    return lab


def _lessons(ground: Ground) -> Any:
    from netshell.commands.lesson import listed

    return listed()


STOPS: tuple[Stop, ...] = (
    Stop("dig", f'dig("{NAME}")', lambda ground: ground.client.call(dig, NAME)),
    Stop("iface_for", f'iface_for("{NAME}")', lambda ground: ground.client.call(iface_for, NAME)),
    Stop(
        "sniff_host",
        f'cap = sniff_host("{NAME}", {WEB})',
        lambda ground: ground.sniff_host(WEB, "cap").filter_text,
    ),
    Stop(
        "fetch",
        f'web = HTTPConnection("{NAME}"); web.request("GET", "/"); web.getresponse(); web.close()',
        lambda ground: ground.fetch(),
    ),
    Stop("conns", f"conns(port={WEB})", lambda ground: ground.client.call(conns, port=WEB)),
    Stop("flows", "cap.flows", lambda ground: ground.cap.flows),
    Stop("ladder", "cap.flows[0].ladder()", lambda ground: ground.cap.flows[0].ladder(), 12),
    Stop("follow", "cap.flows[0].follow()", lambda ground: ground.cap.flows[0].follow(), 8),
    Stop("explain", "explain(cap.flows[0])", lambda ground: explain(ground.cap.flows[0]), 8),
    Stop("word", 'explain("TIME_WAIT")', lambda ground: explain("TIME_WAIT"), 8),
    Stop("queries", f'sniff_host("{NAME}", {SQL}).queries()', lambda ground: ground.query()),
    Stop(
        "save", 'cap.save("web.pcapng"); read("web.pcapng")[:3]', lambda ground: ground.save()[:3]
    ),
    Stop("classic", "netstat -ant", lambda ground: ground.netstat()),
    Stop("lab", "lab", _lab),
    Stop("lesson", "lesson()", _lessons),
)
"""In their order; texts are ``tour.<name>``."""
