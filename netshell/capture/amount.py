"""How much to keep, how often to rotate: the amounts that people write, as numbers."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass
from typing import Any

from netshell.capture.arguments import LONGEST_S, refusal

_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}  # fmt: skip
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}
_AMOUNT = re.compile(r"\s*(\d+(?:_\d+)*(?:\.\d+)?)\s*([A-Za-z]+)\s*")

KEEP_EXAMPLES = 'use packets or memory: keep=100_000, keep="200 MB", or keep=0 to write only'
ROTATE_EXAMPLES = 'use a size or a time: rotate="100 MB", rotate="60 s", rotate="1 h"'


@dataclass(frozen=True, slots=True)
class Keep:
    """The newest packets that are kept: a number of them, or the memory they may take."""

    packets: int | None = None
    bytes: int | None = None

    @property
    def nothing(self) -> bool:
        return self.packets == 0 or self.bytes == 0

    def __str__(self) -> str:
        return f"{self.packets:,} packets" if self.packets is not None else f"{self.bytes:,} bytes"


@dataclass(frozen=True, slots=True)
class Rotate:
    """When a file is full: at a size, or a time after its first packet."""

    bytes: int | None = None
    seconds: float | None = None


def parse_keep(given: Any) -> Keep | None:
    """``keep=`` as people write it; None keeps everything. Raises BadArgument.

    >>> parse_keep(100_000), parse_keep("200 MB")
    (Keep(packets=100000, bytes=None), Keep(packets=None, bytes=200000000))
    """
    if given is None:
        return None
    if isinstance(given, int) and not isinstance(given, bool) and given >= 0:
        return Keep(packets=min(given, sys.maxsize))  # no more can be held, or written out
    number, unit = _parsed(given)
    if unit.upper() in _BYTES:
        return Keep(bytes=min(int(number * _BYTES[unit.upper()]), sys.maxsize))
    if unit in ("packet", "packets") and number == int(number):
        return Keep(packets=min(int(number), sys.maxsize))
    raise refusal("keep", given, KEEP_EXAMPLES)


def parse_rotate(given: Any) -> Rotate | None:
    """``rotate=`` as people write it; None writes one file. Raises BadArgument.

    >>> parse_rotate("100 MB"), parse_rotate("10 min")
    (Rotate(bytes=100000000, seconds=None), Rotate(bytes=None, seconds=600.0))
    """
    if given is None:
        return None
    number, unit = _parsed(given)
    size = int(number * _BYTES.get(unit.upper(), 0))
    if size >= 1000:  # a file holds its header and at least a few packets
        return Rotate(bytes=min(size, sys.maxsize))
    seconds = number * _SECONDS.get(unit.lower().removesuffix("s") or "s", 0)
    if seconds >= 1:
        return Rotate(seconds=min(float(seconds), LONGEST_S))
    raise refusal("rotate", given, ROTATE_EXAMPLES)


def _parsed(given: Any) -> tuple[float, str]:
    """A number and its unit; no unit where the text is no amount."""
    found = _AMOUNT.fullmatch(given) if isinstance(given, str) and len(given) < 40 else None
    if found is None:
        return 0, ""
    number = float(found[1])
    return (number, found[2]) if math.isfinite(number) else (0, "")
