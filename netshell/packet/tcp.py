"""TCP headers (RFC 9293 section 3.1), flags by name, and options.

Flags: RFC 9293; ECE and CWR: RFC 3168; AE: RFC 9768 (once NS). Options: RFC 9293 section 3.2, RFC
7323 (window scale, timestamps), RFC 2018 (SACK), RFC 7413 (Fast Open), RFC 2385 (MD5), RFC 5925.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netshell.packet.cursor import LOST, Cursor, rows_where
from netshell.packet.draft import Draft
from netshell.packet.flags import Flags as Flags
from netshell.packet.flags import flags_text as flags_text

TCP = 6

_TCP = np.dtype(
    [
        ("sport", ">u2"),
        ("dport", ">u2"),
        ("seq", ">u4"),
        ("ack", ">u4"),
        ("offset", "u1"),
        ("flags", "u1"),
        ("window", ">u2"),
        ("checksum", ">u2"),
        ("urgent", ">u2"),
    ]
)


def decode(draft: Draft, cursor: Cursor) -> None:
    """Fills the columns from tcp_flags to data_offset, the ports, and moves the cursor on."""
    rows = rows_where(cursor.transport == TCP)
    if rows is None:
        return
    header = cursor.read(rows, _TCP)
    draft.sport[rows] = header.field("sport", -1)
    draft.dport[rows] = header.field("dport", -1)
    size = (header.field("offset", 0) >> 4) << 2
    flags = header["flags"].astype(np.int16) | (header["offset"].astype(np.int16) & 1) << 8
    if header.have is not None:
        flags[~header.whole("flags")] = -1
    draft.tcp_flags[rows] = flags
    position = cursor.position[rows]
    behind = position + size
    sane = (size >= _TCP.itemsize) & (behind <= cursor.wire_end[rows])
    draft.seq[rows] = header.field("seq", -1)
    draft.ack[rows] = header.field("ack", -1)
    if draft.details:
        draft.window[rows] = header.field("window", -1)
        draft.data_offset[rows] = size
        syn = header.whole() & sane & ((flags & Flags.SYN.value) > 0)
        if syn.any():
            index = np.arange(len(draft))[rows][syn]
            draft.window_scale[index] = _window_scale(cursor, index, size[syn])
    cursor.position[rows] = np.where(sane, behind, LOST)


def _window_scale(cursor: Cursor, rows: NDArray[np.intp], size: NDArray[Any]) -> NDArray[np.int8]:
    """The window scale that SYN segments offer: -2 none, -1 not known (cut or malformed)."""
    start = cursor.position[rows]
    stop = start + size
    at = start + _TCP.itemsize
    found = np.where(stop <= cursor.end[rows], -2, -1).astype(np.int8)
    stop = np.minimum(stop, cursor.end[rows])
    active = np.flatnonzero(at < stop)
    data, last = cursor.data, len(cursor.data) - 1
    while len(active):  # every round moves each position on by a byte or more, 40 at most
        here = at[active]
        kind = data[here]
        length = data[np.minimum(here + 1, last)].astype(np.int64)
        length[kind == NOP] = 1
        ended = kind == EOL
        broken = ~ended & (kind != NOP) & ((length < 2) | (here + length > stop[active]))
        found[active[broken]] = -1
        hit = ~ended & ~broken & (kind == WINDOW_SCALE) & (length == 3)
        found[active[hit]] = np.minimum(data[here[hit] + 2], 127)
        at[active] = here + length
        active = active[~(ended | broken | hit)]
        active = active[at[active] < stop[active]]
    return found


# --- options --------------------------------------------------------------------------------

EOL, NOP, MSS, WINDOW_SCALE, SACK_PERMITTED, SACK, TIMESTAMPS = 0, 1, 2, 3, 4, 5, 8
MD5, USER_TIMEOUT, AO, MPTCP, FAST_OPEN = 19, 28, 29, 30, 34

_OPTION_NAMES = {
    EOL: "eol",
    NOP: "nop",
    MSS: "mss",
    WINDOW_SCALE: "wscale",
    SACK_PERMITTED: "sackOK",
    SACK: "sack",
    TIMESTAMPS: "ts",
    MD5: "md5",
    USER_TIMEOUT: "uto",
    AO: "ao",
    MPTCP: "mptcp",
    FAST_OPEN: "tfo",
}


class Option(NamedTuple):
    """One TCP option: its kind's number and name, its value, and its bytes behind the length.

    ``value`` is a number for mss and wscale, (value, echo) for ts, pairs (left, right) of absolute
    sequence numbers for sack, bytes for a cookie, digest or unknown kind, else None.
    """

    kind: int
    name: str
    value: int | tuple[int, int] | tuple[tuple[int, int], ...] | bytes | None
    data: bytes

    def __str__(self) -> str:
        value = self.value
        if value is None:
            return self.name
        if isinstance(value, int):
            return f"{self.name} {value}"
        if isinstance(value, bytes):
            return f"{self.name} {value.hex()}" if value else self.name
        if self.kind == SACK:
            return f"sack {' '.join(f'{left}:{right}' for left, right in _blocks(value))}"
        return f"{self.name} {value[0]} {value[1]}"


class Options(tuple[Option, ...]):
    """A segment's options in order, and in ``remark`` why decoding stopped early ("" if it did
    not).

    >>> str(decode_options(bytes.fromhex("020405b40103030a")))
    'mss 1460,nop,wscale 10'
    """

    remark: str

    def __new__(cls, options: Iterable[Option] = (), remark: str = "") -> Options:
        self = super().__new__(cls, tuple(options))
        self.remark = remark
        return self

    def __str__(self) -> str:
        parts = [str(option) for option in self]
        if self.remark:
            parts.append(f"[{self.remark}]")
        return ",".join(parts)

    __repr__ = __str__

    def get(self, kind: int) -> Option | None:
        """The first option of a kind, or None."""
        return next((option for option in self if option.kind == kind), None)


def decode_options(data: bytes, cut: bool = False) -> Options:
    """Decodes the bytes between a TCP header's twentieth and its data.

    ``cut`` says that the capture has fewer of them than the header states. Raises nothing: what
    came before a malformed length is returned, with a remark.
    """
    options: list[Option] = []
    at, size = 0, len(data)
    while at < size:
        kind = data[at]
        if kind == NOP:
            options.append(_NOP)
            at += 1
            continue
        if kind == EOL:
            options.append(_EOL)
            return Options(options)
        length = data[at + 1] if at + 1 < size else None
        if length is None or (length >= 2 and at + length > size):
            name = _OPTION_NAMES.get(kind, f"kind {kind}")
            why = "cut off" if cut else "is longer than the header"
            return Options(options, f"option {name} {why}")
        if length < 2:
            return Options(options, f"option kind {kind} has length {length}")
        options.append(_option(kind, data[at + 2 : at + length]))
        at += length
    return Options(options, "options cut off" if cut else "")


_NOP = Option(NOP, "nop", None, b"")
_EOL = Option(EOL, "eol", None, b"")
_TWO = struct.Struct(">II")


def _option(kind: int, data: bytes) -> Option:
    name = _OPTION_NAMES.get(kind)
    size = len(data)
    if kind == MSS and size == 2:
        return Option(kind, "mss", data[0] << 8 | data[1], data)
    if kind == WINDOW_SCALE and size == 1:
        return Option(kind, "wscale", data[0], data)
    if kind == SACK_PERMITTED and size == 0:
        return Option(kind, "sackOK", None, data)
    if kind == TIMESTAMPS and size == 8:
        return Option(kind, "ts", _TWO.unpack(data), data)
    if kind == SACK and size and size % 8 == 0:
        return Option(kind, "sack", tuple(_TWO.iter_unpack(data)), data)
    if name is None:
        return Option(kind, f"kind {kind}", data, data)
    if kind in (MD5, USER_TIMEOUT, AO, MPTCP, FAST_OPEN):
        return Option(kind, name, data, data)
    return Option(kind, f"{name}?", data, data)  # a known kind of the wrong length


def _blocks(value: tuple[Any, ...]) -> tuple[tuple[int, int], ...]:
    return value
