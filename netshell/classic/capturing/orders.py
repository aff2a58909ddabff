"""What a tcpdump command line asks for: its options checked and put into one value."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netshell.classic.capturing.names import Names, interface_name
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.stamp import Mode
from netshell.classic.options import Given
from netshell.errors import BadArgument, NetshellError, NotFound, NotPermitted

SNAPLEN = 262_144
DIRECTIONS = ("in", "out", "inout")
_SCALES = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_MOST = 1 << 31  # of a number, as atoi(3) has them


@dataclass(frozen=True, slots=True)
class Rotation:
    """When -w goes on in another file: ``bytes`` (-C), ``seconds`` (-G); ``files`` (-W)."""

    bytes: int = 0
    seconds: int = 0
    files: int = 0

    def __bool__(self) -> bool:
        return bool(self.bytes or self.seconds)


@dataclass(frozen=True, slots=True)
class Orders:
    """One command line."""

    iface: str
    read: str
    write: str
    filter: str
    settings: Settings
    mode: Mode
    nanoseconds: bool
    number: bool
    count: int | None
    snaplen: int
    buffer_bytes: int | None
    promiscuous: bool
    direction: str
    rotation: Rotation
    is_printed: bool
    is_counted: bool
    is_line_buffered: bool
    is_unbuffered: bool
    """-U: packets are written as they come."""
    program: int
    """How many -d."""
    is_optimized: bool


def orders_of(given: Given) -> Orders:
    """Check what was given. Raises BadArgument, and NotFound, NotPermitted for -F's file."""
    for name, what in (("-i", "interface"), ("-r", "file"), ("-w", "file")):
        if given.value(name) == "":
            raise BadArgument(f"tcpdump {name}: the {what}'s name is empty")
    times = given.count("-t")
    if times > Mode.SINCE_FIRST:
        raise BadArgument("tcpdump has only -t, -tt, -ttt, -tttt and -ttttt")
    count = _number(given, "-c", "packet count", 1)
    kib = _number(given, "-B", "packet buffer size", 1)
    write = given.value("-w") or ""
    return Orders(
        iface=given.value("-i") or "",
        read=given.value("-r") or "",
        write=write,
        filter=_filter(given),
        settings=_settings(given),
        mode=Mode(times),
        nanoseconds=_is_nano(given),
        number="-#" in given,
        count=count,
        snaplen=_snaplen(given),
        buffer_bytes=None if kib is None else kib << 10,
        promiscuous="-p" not in given,
        direction=_direction(given),
        rotation=Rotation(
            _size(given),
            _number(given, "-G", "number of seconds", 0) or 0,
            _number(given, "-W", "number of output files", 1) or 0,
        ),
        is_printed=not write or "--print" in given,
        is_counted="--count" in given,
        is_line_buffered="-l" in given,
        is_unbuffered="-U" in given,
        program=given.count("-d"),
        is_optimized="-O" not in given,
    )


def _settings(given: Given) -> Settings:
    named: dict[str, Any] = {"interface": interface_name}
    if "-n" not in given:
        names = Names("-N" in given)
        named |= {"host": names.host, "port": names.port, "ether": names.ether}
    return Settings(
        verbose=given.count("-v"),
        numeric="-n" in given,
        quiet=given.count("-q"),
        link_header="-e" in given,
        absolute_seq="-S" in given,
        no_domain="-N" in given,
        checksums="-K" not in given,
        suppress=any(name in given for name in ("-x", "-X", "-q")),
        hexadecimal=given.count("-x"),
        both=given.count("-X"),
        ascii=given.count("-A"),
        **named,
    )


def _number(given: Given, name: str, what: str, least: int) -> int | None:
    """A number as tcpdump reads it: what stands before it and behind it does not count."""
    typed = given.value(name)
    if typed is None:
        return None
    found = re.match(r"\s*[+-]?[0-9]+", typed, re.ASCII)
    number = int(found[0]) if found and len(found[0]) < 20 else 0
    if not found or not least <= number < _MOST:
        raise BadArgument(f"tcpdump {name}: invalid {what} {typed}", next_step=f"use {name} 10")
    if found[0] != typed.strip():
        raise BadArgument(
            f"tcpdump {name}: invalid {what} {typed}", next_step=f"use {name} {number}"
        )
    return number


def _size(given: Given) -> int:
    """-C: millions of bytes; with k, m or g, units of 1024."""
    typed = given.value("-C")
    if typed is None:
        return 0
    found = re.fullmatch(r"\s*\+?([0-9]{1,18})([kmg]?)", typed, re.ASCII)
    size = int(found[1]) * _SCALES.get(found[2], 1_000_000) if found else 0
    if not 0 < size < 1 << 63:
        raise BadArgument(
            f"tcpdump -C: invalid file size {typed}",
            next_step="use -C 100 for 100 million bytes, -C 10k for 10 KiB",
        )
    return size


def _snaplen(given: Given) -> int:
    typed = given.value("-s")
    if typed is None:
        return SNAPLEN
    try:
        # As strtol(3): 0x for hexadecimal, 0 for octal.
        octal = re.fullmatch(r"0[0-7]+", typed, re.ASCII)
        snaplen = int(typed, 8 if octal else 0)
    except ValueError:
        snaplen = -1
    if not 0 <= snaplen <= SNAPLEN:
        raise BadArgument(
            f"tcpdump -s: invalid snaplen {typed}", why=f"it must be >= 0 and <= {SNAPLEN}"
        )
    return snaplen or SNAPLEN


def _direction(given: Given) -> str:
    typed = given.value("-Q")
    if typed is None:
        return "inout"
    if typed.lower() not in DIRECTIONS:
        raise BadArgument(
            f"tcpdump -Q: unknown capture direction {typed}",
            next_step=f"use {', '.join(DIRECTIONS)}",
        )
    return typed.lower()


def _is_nano(given: Given) -> bool:
    nano = False
    for option, name, value in given.found:
        if "--time-stamp-precision" in option.names:
            if value not in ("micro", "nano"):
                raise BadArgument(
                    f"tcpdump has no time stamp precision {value}", next_step="use micro or nano"
                )
            nano = value == "nano"
        elif name in ("--micro", "--nano"):
            nano = name == "--nano"
    return nano


def _filter(given: Given) -> str:
    """The expression: -F's file, or all that is no option."""
    place = given.value("-F")
    if place is None:
        return " ".join(given.rest)
    try:
        text = Path(place).read_bytes().decode("utf-8", "surrogateescape")
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from error
    return re.sub(r"#[^\n]*", " ", text).strip()


def _unreadable(place: str, error: OSError | ValueError) -> NetshellError:
    number = getattr(error, "errno", None)
    kind = {errno.ENOENT: NotFound, errno.EACCES: NotPermitted}.get(number or 0, BadArgument)
    why = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return kind("tcpdump -F: cannot read the filter", where=f"from {place}", why=why)
