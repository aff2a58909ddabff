"""What a capture file says and is not kept: by kind, and how the user is told.

It is counted where the file is read (``Remarks.unkept``), and told once, beside the packets.
"""

from __future__ import annotations

from collections.abc import Mapping

MOST = 1 << 20
"""Remarks of one kind that are kept, and ``MOST_BYTES`` of all: no file fills the memory with
them."""
MOST_BYTES = 128 << 20

TOO_MUCH, BLOCKS, OPTIONS, LARGE, TIMES, DESCRIPTIONS = range(6)
"""The kinds."""

_TOLD = {  # of one, and of several
    TOO_MUCH: (
        f"1 remark of the file is left out: more than {MOST_BYTES >> 20} MiB of them",
        f"{{:,}} remarks of the file are left out: more than {MOST_BYTES >> 20} MiB of them, "
        f"or {MOST:,} of a kind",
    ),
    BLOCKS: (
        "1 block of the file is of a kind that is not read, and not saved",
        "{:,} blocks of the file are of kinds that are not read, and not saved",
    ),
    OPTIONS: (
        "1 packet has options that are not read, and not saved (such as queue, hash or drops)",
        "{:,} packets have options that are not read, and not saved (such as queue, hash or drops)",
    ),
    LARGE: (
        "1 block that is too large was stepped over",
        "{:,} blocks that are too large were stepped over",
    ),
    TIMES: (
        "1 packet has a time outside 1677 to 2262; it is the nearest of these here",
        "{:,} packets have times outside 1677 to 2262; they are the nearest of these here",
    ),
    DESCRIPTIONS: (
        "1 option of an interface or section is of a kind that is not read, and not saved",
        "{:,} options of interfaces and sections are of kinds that are not read, and not saved",
    ),
}


def told(counts: Mapping[int, int]) -> list[str]:
    """One line for each kind.

    >>> told({BLOCKS: 1})
    ['1 block of the file is of a kind that is not read, and not saved']
    """
    return [_TOLD[kind][count > 1].format(count) for kind, count in sorted(counts.items())]
