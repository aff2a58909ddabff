"""A classic tool's text and ours for the same words, on a machine with something to show.

The functions run inside a host of the lab; what they open stays open in OPEN.
"""

from __future__ import annotations

import ctypes
import difflib
import io
import os
import re
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from netshell.classic import tool
from netshell.errors import NetshellError

OPEN: list[Any] = []

MASKS = ((re.compile(r"(on|keepalive|probe|timewait) \(\d+\.\d\d/"), r"\1 (*/"),)
"""The time left on timers."""

_TUNSETIFF, _TUN = 0x400454CA, 0x0001


class Printed(NamedTuple):
    """What a run printed, masked, and its exit status."""

    lines: list[str]
    err: str
    status: int


def masked(text: str) -> list[str]:
    lines = text.split("\n")
    for pattern, kept in MASKS:
        lines = [pattern.sub(kept, line) for line in lines]
    return lines


def ours(name: str, words: Sequence[str]) -> Printed:
    """What ours prints; an error is its line, with status -1."""
    out, err = io.StringIO(), io.StringIO()
    found = tool(name)
    assert found is not None
    try:
        status = found.run(words, out, err).status
    except NetshellError as error:
        return Printed(masked(out.getvalue()), f"{error}\n", -1)
    return Printed(masked(out.getvalue()), err.getvalue(), status)


def theirs(path: Path, words: Sequence[str]) -> Printed:
    """What the program prints."""
    done = subprocess.run(
        [path, *words], capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, timeout=60
    )
    out = done.stdout.decode("utf-8", "backslashreplace")
    return Printed(masked(out), done.stderr.decode("utf-8", "replace"), done.returncode)


def both(path: Path, words: Sequence[str]) -> tuple[Printed, Printed]:
    """Theirs and ours; asked for again where counters moved between the two."""
    for _ in range(20):
        before = theirs(path, words)
        mine = ours(path.name, words)
        if before.lines == mine.lines or theirs(path, words).lines == before.lines:
            break
    return before, mine


def difference(their: Printed, mine: Printed) -> str:
    return "\n".join(difflib.unified_diff(their.lines, mine.lines, "theirs", "ours", "", n=0))


def add_interfaces(ip: Path) -> list[str]:
    """Several addresses, an alias, a link that is down, a tunnel; the refused lines are told."""
    refused = []
    for line in (
        "address add 10.5.0.1/24 dev eth0",
        "address add 10.5.0.2/24 dev eth0 label eth0:1",
        "address add 10.6.0.1/24 brd + dev eth0",
        "address add fd05::1/64 dev eth0",
        "address add fd05::2/128 dev lo",
        "link add pair0 type veth peer name pair10",
        "link set pair0 up promisc on",
        "link set pair10 up",
        "link add down0 type bridge",
        "link add dummy0 type dummy",
        "link add link eth0 name eth0.7 type vlan id 7",
        "link add tunl7 type ipip remote 10.1.1.2 local 10.5.0.1",
        "link add sit7 type sit remote 10.1.1.2 local 10.5.0.1",
        "link add gre7 type gre remote 10.1.1.2 local 10.5.0.1",
        "route add 10.20.0.0/16 via 10.5.0.9 metric 7 mtu 1300",
        "route add unreachable 10.30.0.0/16",
        "route add 10.40.0.5 dev pair0",
        "route add default via 10.5.0.7",
        "route add default via fd05::9",
        "route add unreachable fd77:1::/32",
    ):
        family = ["-6"] if "fd" in line and line.startswith("route") else []
        done = subprocess.run([ip, *family, *line.split()], capture_output=True, text=True)
        if done.returncode:
            refused.append(line)
    add_tunnel()
    for line in ("address add 10.9.0.1 peer 10.9.0.2 dev tun7", "link set tun7 up"):
        subprocess.run([ip, *line.split()], check=False, capture_output=True)
    return refused


def name_hosts() -> None:
    """Names for the lab's addresses in its own /etc/hosts; all others are refused at once."""
    Path("/etc/resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    with Path("/etc/hosts").open("a", encoding="ascii") as hosts:
        hosts.write("10.77.0.1 a-rather-long-name.example.test short\n10.77.0.2 there\n")
        hosts.write("fd77::1 six.example.test\nfd05::9 gate.example.test\n")
        hosts.write("10.40.0.5 host.example.test\n239.1.2.3 group.example.test\n")


def add_tunnel() -> bool:
    """A point-to-point link without link-layer addresses."""
    import fcntl
    import struct

    try:
        device = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", b"tun7", _TUN | 0x1000))
    except OSError:
        return False
    OPEN.append(device)
    return True


def open_sockets(folder: str) -> None:
    """UDP, raw and UNIX sockets, some with names that would move a cursor."""
    datagram, raw = socket.SOCK_DGRAM, socket.SOCK_RAW
    connected = socket.socket(socket.AF_INET, datagram)
    connected.connect(("10.77.0.2", 53))
    six = socket.socket(socket.AF_INET6, datagram)
    six.bind(("::", 5353))
    mapped = socket.socket(socket.AF_INET6, datagram)
    mapped.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    mapped.bind(("::ffff:10.77.0.1", 5354))
    mapped.connect(("::ffff:10.77.0.2", 5355))
    long = socket.socket(socket.AF_INET6, datagram)
    long.bind(("fd77::1", 50123))
    long.connect(("fd77::2", 40000))
    member = struct_mreq("239.1.2.3", "10.77.0.1")
    connected.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    OPEN.extend([connected, six, mapped, long])
    for family, number in ((socket.AF_INET, 1), (socket.AF_INET, 255), (socket.AF_INET6, 58)):
        OPEN.append(socket.socket(family, raw, number))
    OPEN[-3].bind(("10.77.0.1", 0))  # away from the loopback, where refused questions come back
    one = socket.socket(socket.AF_INET, raw, 250)
    one.connect(("10.77.0.2", 0))
    OPEN.append(one)
    for kind, name in (
        (socket.SOCK_STREAM, f"{folder}/plain"),
        (socket.SOCK_SEQPACKET, f"{folder}/with space"),
        (socket.SOCK_STREAM, f"{folder}/ünï"),
        (socket.SOCK_STREAM, "\0netshell-abstract\0part"),
        (socket.SOCK_DGRAM, "\0netshell-datagrams"),
    ):
        bound = socket.socket(socket.AF_UNIX, kind)
        bound.bind(name)
        if kind != socket.SOCK_DGRAM:
            bound.listen()
        OPEN.append(bound)
    OPEN.extend(socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))
    OPEN.extend(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))


def open_hostile(folder: str) -> None:
    """UNIX sockets whose names hold a line's end and an escape sequence."""
    for name in (f"{folder}/two\nlines\x1b[31m", "\0red\x1b[31m\0\x07"):
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        bound.bind(name)
        bound.listen()
        OPEN.append(bound)


def rename(name: bytes) -> None:
    """Call this process something else."""
    ctypes.CDLL(None).prctl(15, name, 0, 0, 0)  # PR_SET_NAME


def struct_mreq(group: str, interface: str) -> bytes:
    return socket.inet_aton(group) + socket.inet_aton(interface)
