"""802.11 data frames, plain or behind a radiotap header (https://www.radiotap.org/).

Layout: IEEE 802.11-2020 section 9.2. Looked into are data frames with LLC inside: with QoS, HT
control and four addresses too. Encrypted ones, A-MSDUs, later fragments, management and control
frames stay undecoded: no ethertype, and the 802.11 header is their payload.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from netshell.packet.cursor import Cursor, Rows
from netshell.packet.draft import Draft
from netshell.packet.ethertype import LLC

_RADIOTAP = np.dtype([("version", "u1"), ("pad", "u1"), ("length", "<u2"), ("present", "<u4")])
_PRESENT = np.dtype([("present", "<u4")])
_OCTET = np.dtype([("value", "u1")])
_FRAME = np.dtype([("control", "u1"), ("flags", "u1"), ("addresses", "V20"), ("number", "<u2")])

_TSFT, _FLAGS, _MORE = 0x1, 0x2, 0x80000000  # bits of "present"
_FCS, _PADDED = 0x10, 0x20  # bits of the flags field
_FOUR_ADDRESSES, _PROTECTED, _ORDER = 0x03, 0x40, 0x80
_NO_DATA, _QOS, _AMSDU = 0x40, 0x80, 0x80
_PRESENT_WORDS = 16  # read at most; a real header has up to five


def radiotap(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """Steps over radiotap headers, drops the frame check sequence, and reads the frames."""
    index = np.arange(len(draft))[rows]
    header = cursor.read(index, _RADIOTAP)
    size = header["length"].astype(np.int64)
    sane = header.whole() & (header["version"] == 0) & (size >= _RADIOTAP.itemsize)
    index, size, start = index[sane], size[sane], cursor.position[index][sane]
    flags = _flags(cursor, index, header["present"][sane], size)
    cursor.skip(index, size)
    room = cursor.wire_end[index] - np.where(flags & _FCS > 0, 4, 0)
    cursor.wire_end[index] = np.maximum(room, start + size)
    cursor.end[index] = np.minimum(cursor.end[index], cursor.wire_end[index])
    _frames(draft, cursor, index, (flags & _PADDED) > 0)


def _flags(
    cursor: Cursor, index: NDArray[np.intp], present: NDArray[np.uint32], size: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """The flags field of radiotap headers; zero where there is none."""
    start = cursor.position[index]
    at = np.full(len(index), _RADIOTAP.itemsize, np.int64)
    more = np.flatnonzero(present & _MORE)
    for _ in range(_PRESENT_WORDS):
        if not len(more):
            break
        cursor.position[index[more]] = start[more] + at[more]
        word = cursor.read(index[more], _PRESENT)["present"]
        at[more] += 4
        more = more[(word & _MORE > 0) & (at[more] < size[more])]
    at = np.where(present & _TSFT, (at + 7 & ~7) + 8, at)
    cursor.position[index] = start + at
    value = cursor.read(index, _OCTET)["value"]
    cursor.position[index] = start
    found: NDArray[np.uint8] = np.where((present & _FLAGS > 0) & (at < size), value, 0)
    return found


def ieee80211(draft: Draft, cursor: Cursor, rows: Rows) -> None:
    """Reads the headers of data frames and leaves the cursor at their LLC."""
    index = np.arange(len(draft))[rows]
    _frames(draft, cursor, index, np.zeros(len(index), np.bool_))


def _frames(
    draft: Draft, cursor: Cursor, index: NDArray[np.intp], padded: NDArray[np.bool_]
) -> None:
    header = cursor.read(index, _FRAME)
    control, flags = header["control"], header["flags"]
    data = header.whole() & (control & 0x0F == 0x08) & (control & _NO_DATA == 0)
    data &= (flags & _PROTECTED == 0) & (header["number"] & 0x0F == 0)
    index, control, flags, padded = index[data], control[data], flags[data], padded[data]
    qos = control & _QOS > 0
    size = 24 + np.where(flags & _FOUR_ADDRESSES == _FOUR_ADDRESSES, 6, 0)
    start = cursor.position[index]
    cursor.position[index] = start + size
    amsdu = qos & (cursor.read(index, _OCTET)["value"] & _AMSDU > 0)
    cursor.position[index] = start
    size += np.where(qos, np.where(flags & _ORDER > 0, 6, 2), 0)
    size = np.where(padded, size + 3 & ~3, size)
    whole = ~amsdu & (start + size <= cursor.end[index])
    cursor.skip(index[whole], size[whole])
    draft.ethertype[index[whole]] = LLC
