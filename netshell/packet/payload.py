"""A payload as lines of text, safe on any terminal: as characters, or as a hex dump."""

from __future__ import annotations

from collections.abc import Iterable

from netshell.errors import BadArgument, brief

Places = tuple[tuple[int, int], ...]
"""Begin and end (exclusive) of stretches of bytes."""

_PRINTED = bytes(
    byte if 0x20 <= byte < 0x7F or byte == 0x0A else (0x20 if byte == 0x09 else 0x2E)
    for byte in range(256)
)
_DUMPED = bytes(0x2E if byte < 0x20 else _PRINTED[byte] for byte in range(256))


def ascii_lines(data: bytes) -> list[str]:
    """The payload's text: line ends break lines, a tab is a blank, what else does not print is
    a dot.

    >>> ascii_lines(b"GET / HTTP/1.1\\r\\n\\x1b[2J")
    ['GET / HTTP/1.1', '.[2J']
    """
    if not data:
        return []
    text = data.replace(b"\r\n", b"\n").translate(_PRINTED).decode("ascii")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def hex_lines(data: bytes) -> list[str]:
    """Sixteen bytes a line: offset, hex, characters.

    >>> hex_lines(b"GET /")
    ['0000  47 45 54 20 2f                                   GET /']
    """
    shown = data.translate(_DUMPED).decode("ascii")
    return [
        f"{at:04x}  {data[at : at + 16].hex(' '):<47}  {shown[at : at + 16]}"
        for at in range(0, len(data), 16)
    ]


def payload_lines(data: bytes, style: str) -> list[str]:
    """The payload in the style asked for: "none", "ascii" or "hex". Raises BadArgument."""
    known = isinstance(style, str)  # an array cannot even be compared
    if known and style == "ascii":
        return ascii_lines(data)
    if known and style == "hex":
        return hex_lines(data)
    if known and style == "none":
        return []
    raise BadArgument(
        "unknown payload style", where=f"{brief(style)}", next_step="one of none, ascii, hex"
    )


def hide(data: bytes, places: Iterable[tuple[int, int]], at: int = 0) -> bytes:
    """The same bytes with ``*`` for each one in these places; ``data`` begins at place ``at``.

    >>> hide(b"token=abc", [(6, 9)])
    b'token=***'
    """
    hidden: bytearray | None = None
    for begin, end in places:
        begin, end = max(begin - at, 0), min(end - at, len(data))
        if begin < end:
            hidden = bytearray(data) if hidden is None else hidden
            hidden[begin:end] = b"*" * (end - begin)
    return data if hidden is None else bytes(hidden)
