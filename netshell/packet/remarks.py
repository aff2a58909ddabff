"""What a pcapng file says beside its packets: comments, names of addresses, what its interfaces
are and lost, the secrets of its encrypted connections.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ , sections 4.1 (section header),
4.2 (interface), 4.5 (name resolution), 4.6 (interface statistics) and 4.7 (secrets). It only
describes: what does not fit is left out, and so are other blocks (4.8 and on: custom ones, system
journals) and what an enhanced packet block says beside directions and comments (4.3: queues,
hashes, drops, the rest of its flags), or sections and interfaces in options of no known kind.
``Remarks.notes`` says how much that is. Of statistics, only the counts that ``Statistics`` has are
kept, of obsolete packet blocks (B.1) not the drops, and of names not by which server they are.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field, replace

from netshell.packet.interfaces import IF_NAME, IF_TSOFFSET, IF_TSRESOL, Clock
from netshell.packet.ip import address_text
from netshell.packet.options import COMMENT, Option, options, text, texts
from netshell.packet.packing import (
    ISB_ENDTIME,
    ISB_IFDROP,
    ISB_IFRECV,
    ISB_STARTTIME,
    STATISTICS,
    Statistics,
)
from netshell.packet.unkept import DESCRIPTIONS, MOST, MOST_BYTES, TOO_MUCH, told
from netshell.results import Single

SECTION, INTERFACE, NAMES, SECRETS = 0x0A0D0D0A, 1, 4, 10
DESCRIBING = (SECTION, INTERFACE, NAMES, STATISTICS, SECRETS)
"""The blocks that :meth:`Remarks.take` reads."""

SHOWN = 20  # remarks of a kind that are shown; the others are counted

_MAPPED = bytes(10) + b"\xff\xff"
HARDWARE, OS, APPLICATION = 2, 3, 4
"""What a section says of what made it."""

IF_DESCRIPTION, IF_FILTER, IF_OS, IF_HARDWARE = 3, 11, 12, 15
"""Some of the options of an interface."""

# Options of an interface that are kept as they are: not its name and clock, which are read, and
# none that only its writer can understand. Numbers turn with the byte order of a section.
_KEPT = {COMMENT, 3, 4, 5, 6, 7, 8, 10, IF_FILTER, IF_OS, 13, IF_HARDWARE, 16, 17, 18}
_READ = {IF_NAME, IF_TSRESOL, IF_TSOFFSET}
_NUMBERS = {8, 10, 16, 17}
_IS_TEXT = b"\0"  # what a filter begins with that is no program


@dataclass(slots=True)
class About:
    """What is said of an interface."""

    snaplen: int = 0
    """Bytes of a packet that are kept at most; 0 for all."""
    options: list[Option] = field(default_factory=list)
    """As in the file, but little endian, and without name and clock."""
    statistics: Statistics | None = None
    """What it counted."""

    @property
    def comments(self) -> list[str]:
        """What somebody wrote to it."""
        return [text(value) for code, value in self.options if code == COMMENT]

    @property
    def description(self) -> str:
        """What it is, beside its name."""
        return self._text(IF_DESCRIPTION)

    @property
    def filter(self) -> str:
        """The filter it captured with; empty too where only its program is known."""
        value = next((value for code, value in self.options if code == IF_FILTER), b"")
        return text(value[1:]) if value.startswith(_IS_TEXT) else ""

    @property
    def os(self) -> str:
        """The operating system of its machine."""
        return self._text(IF_OS)

    @property
    def hardware(self) -> str:
        """The hardware it is."""
        return self._text(IF_HARDWARE)

    def _text(self, code: int) -> str:
        return next((text(value) for each, value in self.options if each == code), "")

    def joined(self, other: About) -> About:
        """One interface that two files have."""
        known = {code for code, _ in self.options}
        new = [
            (code, value)
            for code, value in other.options
            if (code, value) not in self.options and (code == COMMENT or code not in known)
        ]
        one, two = self.statistics, other.statistics
        both = _both(one, two) if one is not None and two is not None else one or two
        is_cut = self.snaplen and other.snaplen
        snaplen = max(self.snaplen, other.snaplen) if is_cut else 0
        return About(snaplen, [*self.options, *new], both)


@dataclass(slots=True, repr=False)
class Remarks(Single):
    """Everything said; texts are the file's, and shown cleaned."""

    comments: list[str] = field(default_factory=list)
    """About the file, or a section of it."""
    of_packets: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """About packets, by their numbers, in this order."""
    hosts: dict[str, list[str]] = field(default_factory=dict)
    """Names by address, as the capturing machine resolved them."""
    interfaces: dict[int, About] = field(default_factory=dict)
    """About interfaces, by their numbers."""
    machine: dict[int, str] = field(default_factory=dict)
    """What made the file, as its first section says: by ``HARDWARE``, ``OS``, ``APPLICATION``."""
    secrets: list[tuple[int, bytes]] = field(default_factory=list)
    """Keys of encrypted connections: the number of their kind, and all of one block."""
    unkept: dict[int, int] = field(default_factory=dict, compare=False)
    """How much of the file is not kept, by kind (``BLOCKS`` ...)."""
    _left: int = field(default=MOST_BYTES, compare=False, repr=False)
    _clocks: list[Clock] = field(default_factory=list, compare=False, repr=False)
    _first: int = field(default=0, compare=False, repr=False)  # interface of this section

    def __bool__(self) -> bool:
        return bool(
            self.comments
            or self.of_packets
            or self.hosts
            or self.interfaces
            or self.machine
            or self.secrets
            or self.unkept
        )

    def facts(self) -> Iterable[tuple[str, str]]:
        for comment in self.comments[:SHOWN]:
            yield "comment", comment
        made = [self.machine.get(code, "") for code in (APPLICATION, OS, HARDWARE)]
        yield "made by", ", ".join(filter(None, made))
        for number, about in list(self.interfaces.items())[:SHOWN]:
            yield f"interface {number}", _in_a_line(about)
        for address, names in list(self.hosts.items())[:SHOWN]:
            yield "name", f"{address} {', '.join(names)}"
        for number, said in list(self.of_packets.items())[:SHOWN]:
            yield f"packet {number}", "; ".join(said)
        shown = (self.comments, self.interfaces, self.hosts, self.of_packets)
        more = sum(max(0, len(each) - SHOWN) for each in shown)
        yield "more", f"{more:,} in .comments, .interfaces, .hosts, .of_packets" if more else ""
        keys = len(self.secrets)
        yield "keys", f"{keys} block{'s' * (keys != 1)} of TLS or other keys" if keys else ""
        for note in self.notes:
            yield "left out", note
        if not self:
            yield "remarks", "none: the file says nothing beside its packets"

    def __str__(self) -> str:
        return "; ".join(f"{name}: {text}" for name, text in self.facts() if text)

    @property
    def notes(self) -> list[str]:
        """What the user should know: what the files say, and is not kept."""
        return told(self.unkept)

    def left_out(self, kind: int, count: int = 1) -> None:
        """Count what is not kept."""
        if count:
            self.unkept[kind] = self.unkept.get(kind, 0) + count

    @property
    def dropped(self) -> int:
        """Packets that interfaces say were lost."""
        counted = (about.statistics for about in self.interfaces.values())
        return sum(each.dropped or 0 for each in counted if each is not None)

    def take(self, kind: int, body: bytes, order: str) -> None:
        """Read the next block of ``DESCRIBING`` (what is between its two lengths)."""
        _TAKE[kind](self, body, order)

    def packet(self, number: int, body: bytes, order: str) -> None:
        """Read the options of a packet's block."""
        said = tuple(self._comments(options(body, 0, order)))
        if said and self._is_room(self.of_packets):
            self.of_packets[number] = said

    def of_section(self) -> list[Option]:
        """Options of a section header: comments, and what made the file."""
        machine = [option for code, said in self.machine.items() for option in texts(code, [said])]
        return [*texts(COMMENT, self.comments), *machine]

    def selected(self, numbers: Sequence[int]) -> Remarks:
        """Those that go with some of the packets, numbered anew; no counts of all packets."""
        said = self.of_packets
        chosen = {new: said[old] for new, old in enumerate(numbers) if old in said} if said else {}
        made = replace(self, of_packets=chosen, interfaces=dict(self.interfaces))
        made.forget_counts()
        return made

    def forget_counts(self) -> None:
        """Of some packets, it is not known how many of these were lost."""
        for number, about in self.interfaces.items():
            self.interfaces[number] = replace(about, statistics=None)

    def update(self, other: Remarks) -> None:
        """Take over what another says now, but for its packets."""
        self.comments[:], self.secrets[:] = other.comments, other.secrets
        self.hosts |= other.hosts
        self.interfaces |= other.interfaces
        self.machine |= other.machine
        self.unkept |= other.unkept

    def join(self, other: Remarks, numbers: Sequence[int]) -> None:
        """Add another file's, but for its packets' ``numbers`` are those of its interfaces here."""
        self.comments += other.comments
        for address, names in other.hosts.items():
            known = self.hosts.setdefault(address, [])
            known += [name for name in names if name not in known]
        for old, about in other.interfaces.items():
            new = numbers[old]
            mine = self.interfaces.get(new)
            self.interfaces[new] = about if mine is None else mine.joined(about)
        for code, said in other.machine.items():
            self.machine.setdefault(code, said)
        self.secrets += [each for each in other.secrets if each not in self.secrets]
        for kind, count in other.unkept.items():
            self.left_out(kind, count)

    # --- reading ---

    def _fits(self, size: int) -> bool:
        if size > self._left:
            self.left_out(TOO_MUCH)
            return False
        self._left -= size
        return True

    def _is_room(self, kept: Sized) -> bool:
        if len(kept) < MOST:
            return True
        self.left_out(TOO_MUCH)
        return False

    def _comments(self, found: Iterable[Option]) -> Iterator[str]:
        for code, value in found:
            if code == COMMENT and self._fits(len(value)):
                yield text(value)

    def _section(self, body: bytes, order: str) -> None:
        self._first = len(self._clocks)
        found = list(options(body, 16, order))
        for comment in self._comments(found):
            if self._is_room(self.comments):
                self.comments.append(comment)
        for code, value in found:
            if code in (HARDWARE, OS, APPLICATION):
                if self._fits(len(value)):
                    self.machine.setdefault(code, text(value))
            elif code != COMMENT:
                self.left_out(DESCRIPTIONS)

    def _interface(self, body: bytes, order: str) -> None:
        number = len(self._clocks)
        found = list(options(body, 8, order))
        self._clocks.append(Clock.of(found, order))
        if len(body) < 8:
            return
        kept = []
        for code, value in found:
            if code not in _KEPT:
                self.left_out(DESCRIPTIONS, code not in _READ)
                continue
            if not self._fits(len(value)):
                continue
            if order == ">" and code in _NUMBERS:
                value = value[::-1]
            is_program = code == IF_FILTER and not value.startswith(_IS_TEXT)
            if order == "<" or not is_program:  # whose numbers would have to be turned, too
                kept.append((code, value))
            else:
                self.left_out(DESCRIPTIONS)
        (snaplen,) = struct.unpack_from(order + "I", body, 4)
        if kept or snaplen:
            self.interfaces[number] = About(snaplen, kept)

    def _statistics(self, body: bytes, order: str) -> None:
        if len(body) < 12:
            return
        number: int = self._first + struct.unpack_from(order + "I", body)[0]
        if number >= len(self._clocks):
            return
        found = {code: value for code, value in options(body, 12, order) if len(value) == 8}

        def count(code: int) -> int | None:
            if code not in found:
                return None
            return int.from_bytes(found[code], "big" if order == ">" else "little")

        def time_ns(code: int) -> int | None:
            if code not in found:
                return None
            high, low = struct.unpack(order + "II", found[code])
            return self._clocks[number].nanoseconds(high << 32 | low)

        # It counts since the capture began: a later block has all that one before it had.
        self.interfaces.setdefault(number, About()).statistics = Statistics(
            count(ISB_IFRECV), count(ISB_IFDROP), time_ns(ISB_STARTTIME), time_ns(ISB_ENDTIME)
        )

    def _names(self, body: bytes, order: str) -> None:
        for code, value in options(body, 0, order):
            width = {1: 4, 2: 16}.get(code)
            if width is None or len(value) <= width:
                continue
            if not self._is_room(self.hosts) or not self._fits(len(value)):
                continue
            packed = value[:width] if width == 16 else _MAPPED + value[:4]
            names = self.hosts.setdefault(address_text(packed), [])
            names += [text(name) for name in value[width:].split(b"\0") if name]

    def _secrets(self, body: bytes, order: str) -> None:
        if len(body) < 8:
            return
        kind, size = struct.unpack_from(order + "II", body)
        if size <= len(body) - 8 and self._is_room(self.secrets) and self._fits(size):
            self.secrets.append((kind, body[8 : 8 + size]))


def _in_a_line(about: About) -> str:
    """What is said of an interface, in a line."""
    counted = about.statistics
    parts = [about.description, about.hardware, about.os, *about.comments]
    parts.append(f"filter {about.filter}" if about.filter else "")
    parts.append(f"at most {about.snaplen:,} bytes of a packet" if about.snaplen else "")
    if counted is not None:
        parts.append("" if counted.received is None else f"{counted.received:,} packets received")
        parts.append("" if counted.dropped is None else f"{counted.dropped:,} dropped")
    return ", ".join(filter(None, parts)) or "nothing but its name"


_TAKE: dict[int, Callable[[Remarks, bytes, str], None]] = {
    SECTION: Remarks._section,
    INTERFACE: Remarks._interface,
    NAMES: Remarks._names,
    STATISTICS: Remarks._statistics,
    SECRETS: Remarks._secrets,
}


def _both(one: Statistics, two: Statistics) -> Statistics:
    """What two interfaces counted, as one."""

    def of(combined: Callable[[list[int]], int], name: str) -> int | None:
        known = [n for n in (getattr(one, name), getattr(two, name)) if n is not None]
        return combined(known) if known else None

    return Statistics(
        of(sum, "received"), of(sum, "dropped"), of(min, "began_ns"), of(max, "ended_ns")
    )


# --- writing --------------------------------------------------------------------------------
