"""Packets of application protocols, and tcpdump's text of them beside ours, line by line.

A test makes payloads; ``Compared`` puts them between two ports over IPv4 or IPv6, lets the real
tcpdump read them from a file, and says where the two texts differ.
"""

from __future__ import annotations

import io
import random
import re
import struct
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from socket import AF_INET6, inet_aton, inet_pton
from typing import NamedTuple

from netshell.classic import tcpdump
from netshell.classic.dump import show_packet
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State

_ETHERNET = bytes.fromhex("020000000002020000000001")
_SOURCE, _DESTINATION = inet_aton("192.0.2.1"), inet_aton("192.0.2.2")
_SOURCE_6, _DESTINATION_6 = inet_pton(AF_INET6, "fe80::1"), inet_pton(AF_INET6, "ff02::1:2")
_BEGINS = re.compile(r"(?m)^\d{10}\.\d{6} ")
_UDP, _TCP = 17, 6
HEADERS = {"udp": 42, "udp6": 62, "tcp": 54}
"""Where the payload begins in a frame."""

VERBOSITIES = ((), ("-v",), ("-vv",), ("-vvv",))


class Frame(NamedTuple):
    """A frame, and how many bytes of it are captured."""

    octets: bytes
    captured: int


def checksum(octets: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _over_ipv4(protocol: int, segment: bytes) -> bytes:
    fields = (0x45, 0, 20 + len(segment), 1, 0, 64, protocol)
    header = struct.pack(">BBHHHBB2x4s4s", *fields, _SOURCE, _DESTINATION)
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return _ETHERNET + b"\x08\x00" + header + segment


def _summed(pseudo: bytes, segment: bytes, at: int) -> bytes:
    value = checksum(pseudo + segment) or 0xFFFF
    return segment[:at] + struct.pack(">H", value) + segment[at + 2 :]


def udp(sport: int, dport: int, payload: bytes) -> bytes:
    """A datagram over IPv4, with right checksums."""
    length = 8 + len(payload)
    segment = struct.pack(">HHHH", sport, dport, length, 0) + payload
    pseudo = _SOURCE + _DESTINATION + struct.pack(">HH", _UDP, length)
    return _over_ipv4(_UDP, _summed(pseudo, segment, 6))


def udp6(sport: int, dport: int, payload: bytes) -> bytes:
    """A datagram over IPv6, with right checksums."""
    length = 8 + len(payload)
    segment = struct.pack(">HHHH", sport, dport, length, 0) + payload
    pseudo = _SOURCE_6 + _DESTINATION_6 + struct.pack(">II", length, _UDP)
    header = struct.pack(">IHBB", 6 << 28, length, _UDP, 64) + _SOURCE_6 + _DESTINATION_6
    return _ETHERNET + b"\x86\xdd" + header + _summed(pseudo, segment, 6)


def tcp(sport: int, dport: int, payload: bytes) -> bytes:
    """A segment over IPv4, with right checksums."""
    segment = struct.pack(">HHIIBBHHH", sport, dport, 1, 1, 0x50, 0x18, 8192, 0, 0) + payload
    pseudo = _SOURCE + _DESTINATION + struct.pack(">HH", _TCP, len(segment))
    return _over_ipv4(_TCP, _summed(pseudo, segment, 16))


def framed(kind: str, dport: int, payloads: Iterable[bytes], sport: int = 40000) -> list[Frame]:
    """A frame of each payload, all captured."""
    make = {"udp": udp, "udp6": udp6, "tcp": tcp}[kind]
    frames = [make(sport, dport, payload) for payload in payloads]
    return [Frame(octets, len(octets)) for octets in frames]


def cut(kind: str, dport: int, payloads: Iterable[bytes], sport: int = 40000) -> list[Frame]:
    """Each payload, captured up to every one of its bytes."""
    return [
        Frame(frame.octets, captured)
        for frame in framed(kind, dport, payloads, sport)
        for captured in range(HEADERS[kind], len(frame.octets) + 1)
    ]


def mutated(chance: random.Random, payloads: Sequence[bytes], count: int) -> list[bytes]:
    """Payloads with bytes changed, left out, put in and repeated."""
    made = []
    for _ in range(count):
        octets = bytearray(chance.choice(payloads))
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            at = chance.randrange(len(octets) + 1)
            match chance.randrange(5):
                case 0 | 1:
                    value = chance.choice((0, 1, 0x40, 0x80, 0xC0, 0xFF, chance.randrange(256)))
                    octets[at : at + 1] = bytes([value])
                case 2:
                    del octets[at : at + chance.randrange(1, 5)]
                case 3:
                    octets[at:at] = chance.randbytes(chance.randrange(1, 6))
                case _:
                    octets[at:at] = octets[at : at + chance.randrange(40)]
        made.append(bytes(octets))
    return made


def noise(chance: random.Random, count: int) -> list[bytes]:
    """Payloads of any bytes."""
    return [chance.randbytes(chance.randrange(1, 80)) for _ in range(count)]


def shown(frames: Sequence[Frame], options: Sequence[str] = (), numeric: bool = True) -> list[str]:
    """Our text of each frame."""
    flags = "".join(options)
    settings = Settings(
        verbose=flags.count("v"), numeric=numeric, quiet="q" in flags, link_header="e" in flags
    )
    state = State()
    return [
        show_packet(
            1, frame.octets[: frame.captured], frame.captured, len(frame.octets), settings, state
        )
        for frame in frames
    ]


class Compared:
    """The real tcpdump, and the file it reads from."""

    def __init__(self, tcpdump: Path, folder: Path) -> None:
        self._tcpdump = tcpdump
        self._file = folder / "made.pcap"

    def theirs(self, frames: Sequence[Frame], options: Sequence[str] = ()) -> list[str]:
        """tcpdump's text of each frame."""
        with self._file.open("wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for index, (octets, captured) in enumerate(frames):
                file.write(struct.pack("<IIII", 1_700_000_000 + index, 0, captured, len(octets)))
                file.write(octets[:captured])
        command = [self._tcpdump, "-tt", "-n", *options, "-r", self._file]
        output = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
        texts = _BEGINS.split(output.decode("latin-1"))[1:]
        assert len(texts) == len(frames)
        return [text.removesuffix("\n") for text in texts]

    def hold(self, frames: Sequence[Frame], options: Iterable[Sequence[str]] = VERBOSITIES) -> None:
        """Fail at the first frame whose text is not tcpdump's, with each set of options."""
        for given in options:
            theirs = self.theirs(frames, given)
            for frame, expected, ours in zip(frames, theirs, shown(frames, given), strict=True):
                assert ours == expected, (given, frame.captured, frame.octets.hex())

    def hold_dumps(self, frames: Sequence[Frame]) -> None:
        """The same for the whole program with -x: whether a dump has the link header depends on
        how the printer ended."""
        theirs = self.theirs(frames, ["-x"])
        out = io.StringIO()
        tcpdump.run(["-tt", "-n", "-x", "-r", str(self._file)], out, io.StringIO())
        ours = [text.removesuffix("\n") for text in _BEGINS.split(out.getvalue())[1:]]
        for frame, expected, text in zip(frames, theirs, ours, strict=True):
            assert text == expected, (frame.captured, frame.octets.hex())
