"""What the tests have a lab host do: capture, and send what is to be captured.

Captures stay in `captures`, so that the next call finds them.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import errno
import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netshell.capture import bpf, live, opening
from netshell.capture.capture import Capture
from netshell.capture.nic import nics
from netshell.capture.source import Source
from netshell.errors import BadArgument

ENGINES = {"ring": opening.open_rings, "libpcap": opening.open_libpcap}
DEADLINE_S = 60
PORT = 9999
ETH_P_ALL = 3
IFF_RUNNING = 0x40

captures: dict[str, Capture] = {}
Seen = tuple[list[bytes], list[int], list[str], list[str]]


def begin(
    filter: str = "",
    ifaces: Sequence[str] = ("eth0",),
    engine: str = "ring",
    name: str = "cap",
    **options: Any,
) -> tuple[str, ...]:
    captures[name] = live.start(filter, ifaces, open_source=ENGINES[engine], **options)
    return captures[name].names


def end(name: str = "cap") -> float:
    """Stop, and say how long that took."""
    before = time.perf_counter()
    captures[name].stop()
    return time.perf_counter() - before


def seen(name: str = "cap") -> Seen:
    """Frames, times, interfaces and directions."""
    packets = list(captures[name][:])
    return (
        [packet.raw for packet in packets],
        [packet.time_ns for packet in packets],
        [packet.iface for packet in packets],
        [packet.direction for packet in packets],
    )


def finish(name: str = "cap") -> Seen:
    end(name)
    return seen(name)


def count(name: str = "cap") -> int:
    return len(captures[name])


def wait(total: int, name: str = "cap") -> int:
    return len(captures[name].wait(count=total, seconds=DEADLINE_S))


def wait_for(frame: bytes, name: str = "cap") -> bool:
    """Whether a frame is captured, at last."""
    return eventually(lambda: any(packet.raw == frame for packet in captures[name][:]))


def stats(name: str = "cap") -> dict[str, int]:
    return captures[name].stats.records()


def state(name: str = "cap") -> tuple[bool, str, list[str]]:
    """Whether it runs, its problem, its notes."""
    capture = captures[name]
    assert capture._run is not None
    return capture.running, str(capture.problem or ""), list(capture._run.notes)


def text(name: str = "cap") -> str:
    return str(captures[name])


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DEADLINE_S
    while not (reached := condition()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return reached


def wait_ended(name: str = "cap") -> tuple[bool, str, list[str]]:
    eventually(lambda: not captures[name].running)
    return state(name)


def say_when_it_waits() -> None:
    """Print "waiting" from another thread, once the main thread waits in threading's lock."""
    main = threading.main_thread().ident or 0

    def look() -> None:
        eventually(lambda: sys._current_frames()[main].f_code.co_filename == threading.__file__)
        print("waiting", flush=True)

    threading.Thread(target=look, daemon=True).start()


def is_capturing(pid: int) -> bool:
    """Whether a process has packet sockets, and its first thread sleeps."""
    asleep = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
    has = len(Path(f"/proc/{pid}/net/packet").read_text().splitlines()) > 1
    return asleep and has


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def cycles(times: int, engine: str, ifaces: Sequence[str]) -> tuple[int, int]:
    """Open files before and after starting and stopping; the first time loads the modules."""
    before = 0
    for turn in range(times + 1):
        begin("udp", ifaces, engine)
        captures.pop("cap").stop()
        if not turn:
            before = open_files()
    return before, open_files()


def link_down(iface: str) -> None:
    subprocess.run(["ip", "link", "set", iface, "down"], check=True)


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def rename(iface: str, name: str) -> bool:
    done = subprocess.run(
        ["ip", "link", "set", iface, "name", name], check=False, capture_output=True
    )
    return done.returncode == 0


def receive_nothing(address: str = "") -> None:
    """Take the datagrams in, so that no ICMP answers them."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sink = socket.socket(family, socket.SOCK_DGRAM)
    sink.bind((address, PORT))
    sinks.append(sink)


sinks: list[socket.socket] = []


def send_datagrams(address: str, payloads: Sequence[bytes]) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.connect((address, PORT))
        for payload in payloads:
            sender.send(payload)


def send_frames(iface: str, frames: Sequence[bytes]) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        sender.bind((iface, 0))
        for frame in frames:
            sender.send(frame)


def send_frames_when_up(iface: str, frames: Sequence[bytes]) -> None:
    """Send on an interface that is just coming up: its carrier takes a moment."""
    eventually(lambda: bool(nics()[iface].flags & IFF_RUNNING))
    send_frames(iface, frames)


def send_many(iface: str, frame: bytes, many: int) -> int:
    """Send numbered copies of a frame, as fast as sendmmsg(2) does; how many were sent.

    The number is in the last four bytes.
    """
    batch = 256
    frames = np.zeros((many, len(frame)), np.uint8)
    frames[:] = np.frombuffer(frame, np.uint8)
    frames[:, -4:] = np.arange(many, dtype=">u4").view(np.uint8).reshape(many, 4)
    # struct mmsghdr on 64-bit Linux: msghdr (56 bytes) and a length; msghdr's iov at 16, its
    # length at 24.
    base = frames.ctypes.data
    vectors = np.zeros((many, 2), np.uint64)
    vectors[:, 0] = base + np.arange(many, dtype=np.uint64) * len(frame)
    vectors[:, 1] = len(frame)
    messages = np.zeros((many, 8), np.uint64)
    messages[:, 2] = vectors.ctypes.data + 16 * np.arange(many, dtype=np.uint64)
    messages[:, 3] = 1
    libc = ctypes.CDLL(None, use_errno=True)
    sent = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sender:
        sender.bind((iface, 0))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
        while sent < many:
            done = libc.sendmmsg(
                sender.fileno(),
                ctypes.c_void_p(messages.ctypes.data + 64 * sent),
                min(batch, many - sent),
                0,
            )
            if done < 0:
                raise OSError(ctypes.get_errno(), "sendmmsg")
            sent += done
    return sent


def up_interfaces() -> list[str]:
    return [nic.name for nic in nics().values() if nic.is_up]


def save(path: str, name: str = "cap") -> None:
    captures[name].save(Path(path))


def filter_stored(filter: str, name: str = "cap") -> int:
    return len(captures[name].filter(filter))


def delay(address: str, name: str = "cap") -> float:
    """Seconds from sending a datagram until the capture has it."""
    already = len(captures[name])
    before = time.perf_counter()
    send_datagrams(address, [b"x"])
    captures[name].wait(count=already + 1, seconds=DEADLINE_S)
    return time.perf_counter() - before


def send_and_end(many: int, name: str = "cap") -> int:
    """Send, stop at once; how many were captured."""
    if not sinks:
        receive_nothing("127.0.0.1")
    send_datagrams("127.0.0.1", [b"x"] * many)
    end(name)
    return len(captures[name])


def numbers(name: str = "cap") -> Any:
    """The numbers that send_many wrote into the captured frames."""
    found = []
    for part in captures[name]._store.parts():
        ends = part.chunk.offset + part.chunk.captured_len
        four = part.chunk.data[ends[:, None] - np.arange(4, 0, -1)]
        found.append(np.ascontiguousarray(four).view(">u4").ravel())
    return np.concatenate(found)


def wait_noted(name: str = "cap") -> str:
    eventually(lambda: bool(state(name)[2]))
    return state(name)[2][0]


def all_interfaces() -> list[str]:
    return list(nics())


_stop_flood = threading.Event()
_flood: list[threading.Thread] = []
_sent = [0]


def flood_begin(address: str) -> None:
    """Send datagrams from a thread until flood_end."""

    def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect((address, PORT))
            while not _stop_flood.is_set():
                sender.send(b"flood")
                _sent[0] += 1

    _flood.append(threading.Thread(target=run))
    _flood[0].start()


def flood_end() -> int:
    _stop_flood.set()
    _flood.pop().join()
    return _sent[0]


def overflow(frame: bytes, many: int) -> tuple[int, int, int]:
    """Send more than a small ring holds while nobody drains it: received, dropped, dropped."""
    source = opening.open_rings("", ("lo",), snaplen=262_144, promisc=False, ring_bytes=1)
    try:
        send_many("lo", frame, many)
        dropped = source.counters().dropped
        received = sum(map(len, source.finish()))
        return received, dropped, source.counters().dropped
    finally:
        source.close()


def save_after_losses(frame: bytes, many: int, path: str) -> tuple[int, int]:
    """Capture more than a small ring holds, save it; received and dropped."""
    sent = threading.Event()

    def open_slow(*given: Any, **options: Any) -> Source:
        source = opening.open_rings(*given, **(options | {"ring_bytes": 1}))
        drain = source.drain
        source.drain = lambda: drain() if sent.is_set() else []  # type: ignore[method-assign]
        return source

    cap = live.start("ether proto 0x88b5", ("lo",), open_source=open_slow)
    try:
        send_many("lo", frame, many)
        sent.set()
    finally:
        cap.stop()
    cap.save(path)
    return cap.stats.received, cap.stats.dropped


def scarce() -> list[str]:
    """The notes of a capture when the kernel has less memory for the ring than asked for."""
    from netshell.capture import ring

    class Meagre(socket.socket):
        def setsockopt(self, level: int, option: int, value: Any) -> None:  # type: ignore[override]
            if option == ring.PACKET_RX_RING and struct.unpack("7I", value)[1] > 16:
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            super().setsockopt(level, option, value)

    def open_meagre(*given: Any, **options: Any) -> Source:
        return opening.open_rings(*given, **options, make_socket=Meagre)

    captures["cap"] = live.start("udp", ("lo",), open_source=open_meagre)
    end()
    return state()[2]


def cramped() -> tuple[list[str], int]:
    """Capture in a process of which the addresses are nearly used up: its notes, its packets."""
    begin("udp", ("lo",), name="modules")
    end("modules")
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    room = pages * resource.getpagesize() + (50 << 20)
    resource.setrlimit(resource.RLIMIT_AS, (room, before[1]))
    try:
        begin("udp port 9999", ("lo",))
        receive_nothing("127.0.0.1")
        send_datagrams("127.0.0.1", [b"x"] * 3)
        found = wait(3)
        end()
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    return state()[2], found


def cooked() -> tuple[list[bytes], set[int], int, str]:
    """Capture on lo as if it were a link whose headers nobody knows."""
    from netshell.capture import nic, ring
    from netshell.capture.block import index

    arphrd_ppp = 512
    lo = dataclasses.replace(nics()["lo"], arphrd=arphrd_ppp)
    assert lo.link == nic.SLL
    program = bpf.cooked(bpf.compile("udp port 9999 and host 127.0.0.1", lo.link))
    source = ring.RingSocket([lo], [program], ring_bytes=1, promisc=False)
    try:
        receive_nothing("127.0.0.1")
        send_datagrams("127.0.0.1", [b"0", b"1", b"2"])
        chunk = index(list(source.finish()))  # type: ignore[misc]
    finally:
        source.close()
    frames = [chunk.frame(i) for i in range(len(chunk))]
    problem = ""
    try:
        bpf.cooked(bpf.compile("link[2:2] = 772", lo.link))
    except BadArgument as error:
        problem = str(error)
    matching = int(bpf.matches("udp dst port 9999", chunk).sum())
    return frames, set(chunk.link.tolist()), matching, problem


def many_files() -> tuple[int, bool]:
    """Capture while all descriptors below 1024 are taken."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with contextlib.ExitStack() as stack:
        while stack.enter_context(Path(os.devnull).open()).fileno() < 1100:
            pass
        begin("udp", ("lo",))
        receive_nothing("127.0.0.1")
        send_datagrams("127.0.0.1", [b"x"])
        found = wait(1)
        run = captures["cap"]._run
        assert isinstance(run, live.Run)
        high = run.source.filenos()[0] > 1023
        end()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return found, high


def unfinished(many: int) -> int:
    """Packets captured when the kernel would keep an unfinished block for ten seconds."""
    from netshell.capture import ring

    before, ring.RETIRE_MS = ring.RETIRE_MS, 10_000
    try:
        begin("udp", ("lo",))
    finally:
        ring.RETIRE_MS = before
    return send_and_end(many)


_neighbours: list[subprocess.Popen[bytes]] = []


def neighbour_begin(iface: str) -> None:
    """A network namespace beside this one, kept by a process, with a wire to it."""
    keeper = subprocess.Popen(["unshare", "--net", "sleep", "6000"])
    _neighbours.append(keeper)
    own = Path("/proc/self/ns/net").readlink()
    eventually(lambda: Path(f"/proc/{keeper.pid}/ns/net").readlink() != own)
    ip("link", "add", iface, "type", "veth", "peer", "name", "peer", "netns", str(keeper.pid))
    ip("link", "set", iface, "up")
    subprocess.run(
        ["nsenter", "--net", "--target", str(keeper.pid), "ip", "link", "set", "peer", "up"],
        check=True,
    )


def neighbour_end() -> None:
    keeper = _neighbours.pop()
    keeper.kill()
    keeper.wait()
