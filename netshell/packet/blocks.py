"""The blocks of a pcapng file, read some thousand at a time.

Read are section headers (both byte orders, several sections), interface descriptions, enhanced,
simple and the obsolete packet blocks; other blocks are stepped over. Where blocks are is walked by
:mod:`netshell.packet.lanes`; what they hold is then gathered for many of them at once, across
sections. Only sections and interfaces are looked at one by one.

The first block that is not what it claims ends the reading: everything before it counts, nothing
behind it does, and no length is believed before it was compared with the bytes there are.

Format: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ .
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet.chunk import INCOMING, OUTGOING, UNKNOWN, Chunk
from netshell.packet.framing import MAX_BLOCK, MAX_FRAME, MOST_STEPPED, SECTION, Blocks, Places
from netshell.packet.interfaces import Interfaces
from netshell.packet.lanes import Pace, Walk
from netshell.packet.options import COMMENT, options
from netshell.packet.remarks import DESCRIBING, Remarks
from netshell.packet.unkept import BLOCKS, OPTIONS, TIMES

INTERFACE, OBSOLETE, SIMPLE, ENHANCED = 1, 2, 3, 6
EPB_FLAGS = 2
DIRECTIONS = {1: INCOMING, 2: OUTGOING}
"""The two low bits of ``epb_flags``, as a chunk has them."""

TOGETHER = 16_384  # blocks that are read together: they stay in the processor's cache
MANY = 1 << 22  # blocks found before they are read: their places take 32 MiB
SHORT = 32  # blocks of a section that are followed one by one
FEW = 32  # blocks whose options take as long together as one after the other

_NEEDED = {SECTION, INTERFACE, OBSOLETE, SIMPLE, ENHANCED}
_MAGICS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LITTLE = 0x1A2B3C4D  # the byte-order mark, read as little endian
_HEAD = 28  # bytes of a block up to a packet's, the largest of all headers
_NOWHERE = np.empty(0, np.intp)
_READ = (OBSOLETE, SIMPLE, ENHANCED, *DESCRIBING)
_DIRECTION_OF = np.array([DIRECTIONS.get(bits, UNKNOWN) for bits in range(4)], np.uint8)

Flags = NDArray[np.bool_]
Words = NDArray[np.uint32]


class Stop(NamedTuple):
    """Why reading ended before the data did, and where."""

    at: int
    reason: str
    cut: bool  # the block only lacks bytes that may follow the data
    large: int = 0  # bytes of a block that lacks some and is larger than pieces need be
    step: bool = False  # it can be stepped over


class Columns(NamedTuple):
    """The packets of some blocks, as a :class:`Chunk` has them."""

    offset: NDArray[np.int64]
    captured_len: NDArray[np.uint32]
    wire_len: NDArray[np.uint32]
    time_ns: NDArray[np.int64]
    iface: NDArray[np.uint16]
    direction: NDArray[np.uint8]
    link: NDArray[np.uint16]

    @classmethod
    def room(cls, count: int) -> Columns:
        """Room for so many packets; it costs memory where it is written to."""
        kinds = (np.int64, np.uint32, np.uint32, np.int64, np.uint16, np.uint8, np.uint16)
        columns: Any = [np.empty(count, kind) for kind in kinds]
        return cls(*columns)

    def part(self, first: int, end: int | None = None) -> Columns:
        """Some rows, in place."""
        columns: Any = [column[first:end] for column in self]
        return Columns(*columns)


class BlockReader:
    """Reads a file from its first section header on, in one piece or several."""

    def __init__(self) -> None:
        self.interfaces = Interfaces()
        self.remarks = Remarks()
        self._count = 0  # packets up to now
        self.order = "<"  # of the section that the walk is in
        self._pace = Pace()
        # Of the section that the last packet was read in:
        self._big = False
        self._first = 0  # the number of its first interface

    def read(self, octets: NDArray[np.uint8]) -> tuple[Chunk, Stop | None]:
        """The packets in the next piece of the file, and what ended it early. Raises nothing.

        After a stop that is a cut, the next piece begins where it is.
        """
        piece = _Piece(octets)
        found: list[Columns] = []
        stop = self._walk(piece, found)
        return piece.chunk(found), stop

    def _walk(self, piece: _Piece, found: list[Columns]) -> Stop | None:
        """Finds blocks and reads those found as soon as they are many."""
        at, count = 0, 0
        waiting: list[Places] = []
        short: list[int] = []  # of sections too short to walk, for which an array is too much
        stop: Stop | None = None
        while at < piece.size and stop is None:
            after = self._framed(piece, at)
            if isinstance(after, Stop):
                stop = after
                break
            framing = piece.framing(self.order)
            records, after = framing.follow(after, piece.size, SHORT)
            short += [at, *records]
            at = after
            if len(records) < SHORT and len(short) < TOGETHER:
                continue
            waiting.append(np.array(short, np.int64))
            count, short = count + len(short), []
            walk = Walk(framing, at, self._pace)
            while not walk.done and stop is None:
                waiting.append(walk.advance())
                count += len(waiting[-1])
                if count >= MANY:
                    stop = self._read_all(piece, np.concatenate(waiting), found)
                    waiting, count = [], 0
            at = walk.at
        waiting.append(np.array(short, np.int64))
        # What they are comes before what ended the walk.
        return self._read_all(piece, np.concatenate(waiting), found) or stop

    def _framed(self, piece: _Piece, at: int) -> int | Stop:
        """Where the block ends: one that a walk did not take, as a section's header."""
        data, left = piece.data, piece.size - at
        if left < Blocks.SMALLEST:
            return Stop(at, f"a block is cut short ({left} of at least 12 bytes)", True)
        if bytes(data[at : at + 4]) == b"\x0a\x0d\x0d\x0a":
            order = _MAGICS.get(bytes(data[at + 8 : at + 12]))
            if order is None:
                (length,) = struct.unpack_from(self.order + "I", data, at + 4)
                reason = "a section header without its byte-order mark"
                return Stop(at, reason, left < length <= MAX_BLOCK)
            self.order = order
        kind, length = struct.unpack_from(self.order + "II", data, at)
        cut = left < length <= MAX_BLOCK
        if length < Blocks.SMALLEST or length % 4:
            return Stop(at, f"a block claims {length} bytes, which no block can have", cut)
        if length > left:
            reason = f"a block is cut short ({left} of {length} bytes)"
            step = not cut and length <= MOST_STEPPED and kind not in _NEEDED
            return Stop(at, reason, cut, 0 if cut else length, step)
        if struct.unpack_from(self.order + "I", data, at + length - 4)[0] != length:
            return Stop(at, "a block's two lengths differ", False)
        return at + int(length)

    # --- many blocks ------------------------------------------------------------------------------

    def _read_all(self, piece: _Piece, at: Places, found: list[Columns]) -> Stop | None:
        """The packets in whole blocks at these places, up to the first that is not valid."""
        columns, count = Columns.room(len(at)), 0
        stop = None
        for first in range(0, len(at), TOGETHER):
            part, stop = self._read(piece, at[first : first + TOGETHER], columns.part(count))
            count += part
            if stop is not None:
                break
        found.append(columns.part(0, count))
        return stop

    def _read(self, piece: _Piece, at: Places, out: Columns) -> tuple[int, Stop | None]:
        """The same for some thousand of them; how many packets there are."""
        words = piece.heads(at)
        kind = words[0]
        sections = np.flatnonzero(kind == SECTION)
        big, section = np.full(1, self._big), np.zeros(1, np.intp)
        if len(sections):
            big = np.append(big, words[2, sections] != _LITTLE)
            section = np.cumsum(kind == SECTION)
        if big.any():
            words = np.where(big[section], words.byteswap(), words)
            kind = words[0]
        known = len(self.interfaces.names)
        described = np.flatnonzero(kind == INTERFACE)
        first = np.append(self._first, known + np.searchsorted(described, sections))

        enhanced = kind == ENHANCED
        rows, others, unread = np.arange(len(at)), _NOWHERE, _NOWHERE
        if not enhanced.all():
            rows = np.flatnonzero(enhanced | (kind == SIMPLE) | (kind == OBSOLETE))
            others = np.flatnonzero(np.isin(kind, DESCRIBING))
            unread = np.flatnonzero(~np.isin(kind, _READ))
        per_row = section[rows] if len(sections) else section
        if len(rows) == len(at):
            packets = _Packets(at, words, big[per_row], first[per_row])
        else:
            packets = _Packets(at[rows], words[:, rows], big[per_row], first[per_row])
        before = np.searchsorted(described, rows) if len(described) else 0
        usable = np.broadcast_to(known + before - packets.first, len(rows))
        wrong = packets.wrong(usable)

        end, stop = len(at), None
        if wrong.any():
            row = int(wrong.argmax())
            end = int(rows[row])
            stop = Stop(int(at[end]), packets.reason(row, int(usable[row])), False)
        others = others[: np.searchsorted(others, end)]
        bigs = np.broadcast_to(big[section], len(at))
        each = others, at[others], words[1, others], kind[others], bigs[others]
        for place, begin, size, of, is_big in zip(*(one.tolist() for one in each), strict=True):
            order = ">" if is_big else "<"
            body = bytes(piece.data[begin + 8 : begin + size - 4])
            reason = self.interfaces.add(body, order) if of == INTERFACE else None
            if reason is not None:
                end, stop = place, Stop(begin, reason, False)
                break
            self.remarks.take(of, body, order)
        self.interfaces.settle()
        self._big, self._first = bool(big[-1]), int(first[-1])
        if stop is not None:
            packets = packets.until(int(np.searchsorted(rows, end)))
        count = len(packets.at)
        out = out.part(0, count)
        beyond = self.interfaces.beyond
        packets.fill(out, self.interfaces)
        self.remarks.left_out(TIMES, self.interfaces.beyond - beyond)
        self.remarks.left_out(BLOCKS, int(np.searchsorted(unread, end)))
        commented, more = packets.options(piece, out.direction)
        self.remarks.left_out(OPTIONS, more)
        for row in commented:
            self.remarks.packet(self._count + row, *packets.options_of(piece, row))
        self._count += count
        return count, stop


class _Piece:
    """Bytes of a file, at hand in the ways they are read."""

    def __init__(self, octets: NDArray[np.uint8]) -> None:
        self.octets = octets
        self.data = octets.data
        self.size = len(octets)
        self._framings: dict[str, Blocks] = {}
        self._words = octets[: self.size & ~3].view("V4")

    def framing(self, order: str) -> Blocks:
        if order not in self._framings:
            self._framings[order] = Blocks(self.octets, order)
        return self._framings[order]

    def heads(self, at: Places) -> Words:
        """The first seven words of blocks, a row each, as little endian.

        What is behind the end of a short block means nothing.
        """
        out = np.empty((_HEAD // 4, len(at)), "V4")
        place = at >> 2
        for row in out:  # each a loop so tight that it waits for many places in memory at a time
            self._words.take(place, out=row, mode="clip")
            place += 1
        return out.view("<u4")

    def words(self, at: Places, big: Flags) -> Words:
        """The words at these places, in their sections' byte orders."""
        taken: NDArray[Any] = self._words.take(at >> 2, mode="clip")
        words: Words = taken.view("<u4")
        return np.where(big, words.byteswap(), words) if big.any() else words

    def chunk(self, found: list[Columns]) -> Chunk:
        """The packets found in it."""
        if len(found) == 1:
            return Chunk(self.octets, *found[0])
        columns: Any = [
            np.concatenate(parts) for parts in zip(Columns.room(0), *found, strict=True)
        ]
        return Chunk(self.octets, *columns)


class _Packets:
    """Some packet blocks: their places and headers, and what their sections say of them.

    ``big`` and ``first`` are one for each, or one for all.
    """

    def __init__(self, at: Places, words: Words, big: Flags, first: NDArray[np.int64]) -> None:
        self.at, self.words, self.big, self.first = at, words, big, first
        self.kind = words[0]
        self.simple = self.kind == SIMPLE
        self.some_simple = bool(self.simple.any())
        self.number = words[2].astype(np.int64)
        self.room = words[1].astype(np.int64) - (_HEAD + 4)  # bytes for the frame and options
        self.captured = words[5].astype(np.int64)
        obsolete = self.kind == OBSOLETE
        if obsolete.any():  # half a word, then as much for drops
            half = np.where(big, self.number >> 16, self.number & 0xFFFF)
            self.number = np.where(obsolete, half, self.number)
        if self.some_simple:  # the wire length is all it has
            self.number[self.simple] = 0
            self.room[self.simple] += _HEAD - 12
            self.captured[self.simple] = 0

    def wrong(self, usable: NDArray[np.int64]) -> Flags:
        """Those that are none, where so many interfaces are known to each."""
        wrong: Flags = (self.number >= usable) | (self.room < 0)
        wrong |= self.captured > np.minimum(self.room, MAX_FRAME)
        return wrong

    def reason(self, row: int, usable: int) -> str:
        """Why a wrong one is wrong."""
        if self.room[row] < 0:
            return f"a {'simple ' if self.simple[row] else ''}packet block is too short"
        if self.number[row] >= usable:
            return f"a packet of interface {self.number[row]}, which was not described"
        if self.captured[row] > MAX_FRAME:
            return f"a packet claims {self.captured[row]} bytes; no frame has over {MAX_FRAME}"
        return f"a packet claims {self.captured[row]} bytes in a block of {self.words[1, row]}"

    def until(self, row: int) -> _Packets:
        """Those before the one."""
        each = len(self.big) == len(self.at)
        big, first = (self.big[:row], self.first[:row]) if each else (self.big, self.first)
        return _Packets(self.at[:row], self.words[:, :row], big, first)

    def fill(self, out: Columns, interfaces: Interfaces) -> None:
        """Write what a chunk has of them, but for the directions; all have to be valid."""
        words, table = self.words, interfaces.table
        which = self.number + self.first
        ticks = words[3].astype(np.uint64) << np.uint64(32) | words[4]
        np.add(self.at, _HEAD, out=out.offset)
        np.maximum(words[6], words[5], out=out.wire_len)
        out.captured_len[:] = self.captured
        out.iface[:] = which
        if len(table) == 1:
            out.link[:] = table["link"][0]
        else:
            table["link"].take(which, out=out.link)
        if self.some_simple:
            simple = self.simple
            out.offset[simple] -= _HEAD - 12
            out.wire_len[simple] = words[2, simple]
            ticks[simple] = 0
            kept = np.minimum(self.room, table["snaplen"][which])[simple]
            out.captured_len[simple] = np.minimum(kept, words[2, simple])
        out.time_ns[:] = interfaces.nanoseconds(which, ticks)
        if self.some_simple:
            out.time_ns[self.simple] = 0  # whatever the clock's offset

    def options(self, piece: _Piece, out: NDArray[np.uint8]) -> tuple[list[int], int]:
        """Write the directions that options tell; which packets have comments, and how many say
        what is not kept.

        The options of all blocks are stepped through together, one of each at a time.
        """
        out[:] = UNKNOWN
        said, more = np.zeros((2, len(self.at)), np.bool_)
        padded = (self.captured + 3) & ~3
        rows = np.flatnonzero((padded < self.room) & ~self.simple)
        at, end = (self.at + _HEAD + padded)[rows], (self.at + _HEAD + self.room)[rows]
        big = np.broadcast_to(self.big, len(self.at))[rows]
        while len(rows) > FEW:
            word = piece.words(at, big)
            low, high = word & 0xFFFF, word >> 16
            code, size = np.where(big, high, low), np.where(big, low, high).astype(np.int64)
            going = (code != 0) & (at + 4 + size <= end)
            said[rows[going & (code == COMMENT)]] = True
            flags = np.flatnonzero(going & (code == EPB_FLAGS) & (size == 4))
            bits = piece.words(at[flags] + 4, big[flags])
            out[rows[flags]] = _DIRECTION_OF[bits & 3]
            if (bits > 3).any():
                more[rows[flags[bits > 3]]] = True
            more[rows[going & (code != COMMENT) & (code != EPB_FLAGS)]] = True
            at = at + 4 + ((size + 3) & ~3)
            going &= at < end
            rows, at, end, big = rows[going], at[going], end[going], big[going]
        each = rows, at, end, big
        for row, begin, stop, swapped in zip(*(one.tolist() for one in each), strict=True):
            order = ">" if swapped else "<"
            for number, value in options(bytes(piece.data[begin:stop]), 0, order):
                if number == COMMENT:
                    said[row] = True
                elif number == EPB_FLAGS and len(value) == 4:
                    (bit,) = struct.unpack(order + "I", value)
                    out[row] = _DIRECTION_OF[bit & 3]
                    more[row] |= bit > 3
                else:
                    more[row] = True
        return np.flatnonzero(said).tolist(), int(np.count_nonzero(more))

    def options_of(self, piece: _Piece, row: int) -> tuple[bytes, str]:
        """The bytes of a packet's options, and their byte order."""
        begin = int(self.at[row]) + _HEAD
        end = begin + int(self.room[row])
        begin += (int(self.captured[row]) + 3) // 4 * 4
        order = ">" if self.big[row if len(self.big) == len(self.at) else 0] else "<"
        return bytes(piece.data[begin:end]), order
