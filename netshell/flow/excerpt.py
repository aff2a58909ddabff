"""A stretch of bytes as lines to read: text as text, all else as a hex dump, long ones folded."""

from __future__ import annotations

import codecs

from netshell.flow.covered import Bytes
from netshell.packet.payload import hex_lines
from netshell.view import Line, Span, Style

INDENT = "    "
LONGEST = 320
"""Bytes of one line of text; of a longer one the rest is left out, and counted."""

_SAMPLE = 4096  # bytes that decide whether it is text
_TAB = 4
_HEX_ROW = 16


def excerpt(
    source: Bytes, begin: int, end: int, most: int | None, *, style: Style = "", raw: bool = False
) -> list[Line]:
    """Bytes ``begin`` to ``end`` as indented lines, ``most`` of them (None: all), and one that
    says how much is left out. ``raw``: as a hex dump whatever they are."""
    lines, shown = part(source, begin, end, most, style=style, raw=raw)
    if shown < end - begin:
        lines.append(left_out(end - begin - shown))
    return lines


def left_out(size: int, more: str = "") -> Span:
    """The line that says how much is not shown."""
    return Span(f"{INDENT}… {size:,} bytes left out{more}", "quiet")


def part(
    source: Bytes, begin: int, end: int, most: int | None, *, style: Style = "", raw: bool = False
) -> tuple[list[Line], int]:
    """The lines alone, and how many bytes are in them.

    What begins as text and goes on as something else (a head and a compressed body) is shown so.
    """
    size = max(end - begin, 0)
    if not size or most == 0:
        return [], 0
    sample = source.octets(begin, min(end, begin + _SAMPLE))
    heading = 0 if raw else _heading(sample, len(sample) < size)
    rows: list[str] = []
    shown = 0
    if heading:
        held = heading if heading < len(sample) else size
        if most is not None:
            held = min(held, most * (LONGEST + 1))
        rows, shown = _text(source.octets(begin, begin + held), most, held < size)
    if heading < len(sample) and shown == heading and (most is None or len(rows) < most):
        room = size if most is None else (most - len(rows)) * _HEX_ROW
        rest = source.octets(begin + heading, min(begin + heading + room, end))
        rows += hex_lines(rest)
        shown += len(rest)
    return [Span(INDENT + text if text else "", style) for text in rows], shown


def _heading(sample: bytes, cut: bool) -> int:
    """How many bytes from the first on are text: all, or whole lines of it."""
    if is_text(sample, cut):
        return len(sample)
    at = 0
    for line in sample.splitlines(keepends=True):
        if not line.endswith(b"\n") or not is_text(line):
            break
        at += len(line)
    return at


def is_text(sample: bytes, cut: bool = False) -> bool:
    """Whether bytes are for people to read: UTF-8, one character in ten at most not printing."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(sample, final=not cut)
    odd = sum(not (c.isprintable() or c in "\r\n\t") or c == "\ufffd" for c in text)
    return "\0" not in text and odd * 10 <= len(text)


def _text(data: bytes, most: int | None, cut: bool) -> tuple[list[str], int]:
    """Lines, and how many bytes of the data are in them; ``cut``: more bytes follow it."""
    rows: list[str] = []
    at = 0
    skipped = 0
    while at < len(data) and (most is None or len(rows) < most):
        stop = data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop
        line = data[at:stop]
        if most is not None and (len(line) > LONGEST or (cut and stop == len(data))):
            decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
            text = decoder.decode(line[:LONGEST]) + "…"  # never half a character
            skipped += max(len(line) - LONGEST, 0)
        else:
            text = line.removesuffix(b"\r").decode("utf-8", "backslashreplace")
        rows.append(text.expandtabs(_TAB))
        at = stop + 1
    return rows, min(at, len(data)) - skipped
