"""Where the notebooks' traffic comes from: two hosts in the lab, or a capture of them.

    from classroom import enter
    room = enter("07-http")              # says in one line which of the two it is
    room.client.sniff("tcp port 80"), room.client.dig("www.lab"), room.server.listeners()

    play, where = perform("handshake")   # a scenario of the lab, or its recording
    play.step(), play.capture, play.hosts["server"].conns()

In the lab, both hosts are network namespaces with TCP stacks of their own on a private wire: no
root, no internet. Where the kernel allows none, the same calls are answered from
``captures/NAME.pcap``, recorded there by ``record.py``: names from the replies in it, sockets from
the states that its packets prove.
"""

from __future__ import annotations

import atexit
import ctypes
import gzip
import http.client
import json
import os
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from recorded import RecordedHost, Recording
from replay import Replay, kept

from netshell.commands import playing
from netshell.commands.conns import conns, listeners
from netshell.commands.iface_for import iface_for
from netshell.commands.ifaces import ifaces
from netshell.commands.lab import lab
from netshell.commands.read import read
from netshell.commands.sniff_host import filter_for
from netshell.errors import NetshellError, Unavailable
from netshell.flow.state import State
from netshell.lab import offload
from netshell.lab.servers import start_dns, start_http
from netshell.lab.wire import Host, Wire
from netshell.results import Result
from netshell.view import Block, Note

CAPTURES = Path(os.environ.get("NETSHELL_NOTEBOOK_CAPTURES", Path(__file__).parent / "captures"))

PATIENCE_S = 60  # for two kernels on a busy machine
RECORD = "NETSHELL_NOTEBOOKS_RECORD"  # set by record.py: what passes is saved at the end


class Where(Result):
    """The line that says where the packets come from."""

    def __init__(self, text: str = "", is_live: bool = False) -> None:
        self.is_live = is_live
        self._text = text

    def view(self) -> tuple[Block, ...]:
        return (Note(self._text, "good" if self.is_live else "warn"),)


LIVE = Where(
    "In the lab: 10.77.0.1 and 10.77.0.2 are two real TCP stacks on a private wire, without root "
    "and without the internet.",
    is_live=True,
)


def _recorded(path: Path, refused: Unavailable) -> Where:
    return Where(f"From a recorded capture, {path.name}, because {refused.why}.")


class Room(NamedTuple):
    """The client and the server, and where they are."""

    client: Any
    server: Any
    where: Where


def enter(name: str) -> Room:
    """The room of the notebook ``name``: in the lab where it can be, else as recorded."""
    path = CAPTURES / f"{name}.pcap.gz"
    try:
        wire = Wire.open()
    except Unavailable as error:
        recording = Recording(path)
        hosts = (RecordedHost(recording, side) for side in ("client", "server"))
        return Room(*hosts, _recorded(path, error))
    atexit.register(wire.close)
    for host in wire.hosts:
        host.call(offload.turn_off, host.iface)  # segments as they are on a real wire
    start_dns(wire.server)
    start_http(wire.server)
    client, server = LabHost(wire.client, wire.server), LabHost(wire.server, wire.client)
    if RECORD in os.environ:
        atexit.register(_keep_all, server.sniff(), path)
    return Room(client, server, LIVE)


def _keep_all(capture: Any, path: Path) -> None:
    plain = capture.stop().save(path.with_suffix(""))
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    plain.unlink()


def perform(name: str) -> tuple[Any, Where]:
    """A scenario, not yet begun: ``lab.run`` where the lab can be, else as recorded."""
    path = CAPTURES / f"{name}.pcap"
    try:
        play = lab.run(name)
    except Unavailable as error:
        return Replay(name, CAPTURES), _recorded(path, error)
    if RECORD in os.environ:
        atexit.register(_keep, play, path)
    return play, LIVE


def recording(name: str) -> tuple[Any, Where]:
    """A capture that was recorded once, and the line that says so."""
    path = next(CAPTURES.glob(f"{name}.pcap*"))
    return read(path), Where(f"From a recorded capture, {path.name}.")


def _keep(play: Any, path: Path) -> None:
    list(play.rest())
    play.stop().capture.save(path)
    lines = ",\n".join(json.dumps(step) for step in kept(play))
    path.with_suffix(".json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


class LabHost(playing.LabHost):
    """The verbs, as if typed on one host of the lab."""

    def __init__(self, host: Host, peer: Host) -> None:
        super().__init__(host)
        self._peer = peer
        self._held = 0

    def dig(self, *asked: Any, **options: Any) -> Any:
        """``dig`` on this host."""
        from netshell.commands.dig import dig

        return self.call(dig, *asked, **options)

    def iface_for(self, host: str) -> Any:
        """``iface_for`` on this host."""
        return self.call(iface_for, host)

    def ifaces(self) -> Any:
        """``ifaces`` on this host."""
        return self.call(ifaces)

    def listeners(self) -> Any:
        """``listeners`` on this host."""
        return self.call(listeners)

    def sniff_host(self, host: str, port: int) -> Any:
        """``sniff_host`` on this host: the filter is made of the addresses of ``host``."""
        route = self.iface_for(host)
        addresses = tuple(one.destination for one in route.candidates or (route,))
        capture = self.sniff(filter_for(addresses, port, "tcp"))
        for address in addresses:
            capture.remarks.hosts.setdefault(address, []).append(host)
        return capture

    def browse(self, *paths: str, host: str = "www.lab", keep: bool = True) -> list[int]:
        """Fetch pages, over one connection or each over its own; their statuses."""
        statuses = self.call(fetch, host, paths, keep)
        self._agree()
        return statuses

    def download(self, size: int, lose: int, host: str = "www.lab") -> float:
        """Fetch so many bytes while one segment in ``lose`` gets lost; the seconds it took."""
        took_s = self.call(download, host, size, lose)
        self._agree()
        return took_s

    def hold(self, host: str = "www.lab", port: int = 80) -> None:
        """Connect, and keep the connection open until ``let_go``."""
        self._held = self.call(hold, host, port)
        self._agree()

    def let_go(self) -> None:
        """Close what ``hold`` opened."""
        self.call(let_go)
        self._held = 0
        self._agree()

    def _agree(self) -> None:
        """Wait until the peer's kernel has as many connections to its port 80 as are held here."""
        held = ["ESTABLISHED"] * self._held
        _wait(lambda: [one for one in self._peer.call(web_states) if one != "LISTEN"] == held)


def fetch(host: str, paths: tuple[str, ...], keep: bool) -> list[int]:
    """What ``browse`` does; runs in the host."""
    statuses = []
    address = socket.gethostbyname(host)
    web = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    for path in paths:
        headers = {"Host": host} | ({} if keep else {"Connection": "close"})
        web.request("GET", path, headers=headers)
        answer = web.getresponse()
        answer.read()
        statuses.append(answer.status)
        if not keep:
            web.close()
    web.close()
    settle(80)
    return statuses


_held: list[socket.socket] = []


def hold(host: str, port: int) -> int:
    """Connect and stay connected; how many are held. Runs in the host."""
    _held.append(socket.create_connection((socket.gethostbyname(host), port), timeout=PATIENCE_S))
    return len(_held)


def let_go() -> None:
    """Close all of them; runs in the host."""
    while _held:
        _held.pop().close()
    settle(80)


def settle(port: int) -> None:
    """Wait until every connection to this port is open or closed; runs in the host."""
    over = (State.TIME_WAIT, State.ESTABLISHED)
    _wait(lambda: all(one.state in over for one in conns(port=port)))


def web_states() -> list[str]:
    """The states of all sockets of port 80; runs in the host."""
    return [str(one.state) for one in conns(port=80)]


def _wait(is_so: Callable[[], bool]) -> None:
    """Look until it is so. Raises NetshellError after a long while."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > deadline:
            raise NetshellError("connections are not in the state to come", next_step="begin again")
        time.sleep(0.005)


def download(host: str, size: int, lose: int) -> float:
    """What ``download`` does; runs in the host."""
    web = http.client.HTTPConnection(socket.gethostbyname(host), timeout=PATIENCE_S)
    web.connect()
    lose_one_in(lose, web.sock)
    begun = time.monotonic()
    web.request("GET", f"/bytes/{size}", headers={"Host": host})
    web.getresponse().read()
    took_s = time.monotonic() - begun
    web.close()
    settle(80)
    return took_s


def lose_one_in(many: int, sock: socket.socket) -> None:
    """Have a socket miss one segment in so many, at random: a filter before TCP (socket(7))."""
    load_random = (0x20, 0, 0, 0xFFFFF000 + 56)  # linux/filter.h: SKF_AD_OFF + SKF_AD_RANDOM
    program = [
        load_random,
        (0x25, 1, 0, (1 << 32) // many),
        (0x06, 0, 0, 0),
        (0x06, 0, 0, 0xFFFFFFFF),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
    pointer = struct.pack("@HP", len(program), ctypes.addressof(code))
    sock.setsockopt(socket.SOL_SOCKET, 26, pointer)  # SO_ATTACH_FILTER
