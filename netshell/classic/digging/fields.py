"""What record data are made of: numbers, names, strings, addresses, base64 and hex.

:class:`Data` takes them from the front of a record's bytes and never goes beyond their end; the
functions below it make the text of a type that is a row of them.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable

from netshell.classic.digging.style import Style, words
from netshell.lookup.wire import CUT, Malformed, labels_at, name_at


class Data:
    """The bytes of one record's data, taken from the front; never beyond their end."""

    def __init__(self, wire: bytes, start: int, end: int, style: Style, rdtype: int = 0) -> None:
        self.wire, self.at, self.end, self.style = wire, start, end, style
        self.rdtype = rdtype

    @property
    def left(self) -> int:
        return self.end - self.at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise Malformed(CUT)
        self.at += count
        return self.wire[self.at - count : self.at]

    def rest(self) -> bytes:
        return self.take(self.left)

    def some(self) -> Data:
        """Itself, if there is more. Raises Malformed."""
        if not self.left:
            raise Malformed(CUT)
        return self

    def number(self, octets: int) -> int:
        return int.from_bytes(self.take(octets), "big")

    def name(self) -> str:
        text, self.at = name_at(self.wire, self.at, self.end)
        return text

    def string(self) -> str:
        return quoted(self.take(self.number(1)))

    def address4(self) -> str:
        return ".".join(map(str, self.take(4)))

    def address6(self) -> str:
        return socket.inet_ntop(socket.AF_INET6, self.take(16))

    # -- long data

    def base64(self) -> str:
        return self._words(base64.b64encode(self.rest()).decode("ascii"), 4)

    def hex(self) -> str:
        return self._words(self.rest().hex().upper(), 2)

    def _words(self, text: str, step: int) -> str:
        if self.style.width == 0:
            return text
        return words(text, self.style.width - 2, self.style.break_, step)


_SINK, _SSHFP = 40, 44

_NAMES = {
    2: (0, 1), 3: (0, 1), 4: (0, 1), 5: (0, 1), 6: (0, 2), 7: (0, 1), 8: (0, 1), 9: (0, 1),
    12: (0, 1), 14: (0, 2), 15: (2, 1), 17: (0, 2), 18: (2, 1), 21: (2, 1), 23: (0, 1),
    24: (18, 1), 26: (2, 2), 30: (0, 1), 33: (6, 1), 36: (2, 1), 39: (0, 1), 46: (18, 1),
    47: (0, 1), 58: (0, 2), 107: (2, 1),
}  # fmt: skip
"""Types whose names may have come compressed: the octets before them, and how many they are."""


def generic(data: Data) -> str:
    """Data of an unknown type (RFC 3597 section 5): names as they are without compression."""
    before, names = _NAMES.get(data.rdtype, (0, 0))
    if names and data.left:
        octets = data.take(before)
        for _ in range(names):
            labels, data.at = labels_at(data.wire, data.at, data.end)
            octets += b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
        octets += data.rest()
        data = Data(octets, 0, len(octets), data.style)
    length = data.left
    if not length:
        return r"\# 0"
    if data.style.multiline:
        return rf"\# {length} ( {data.hex()} )"
    return rf"\# {length} {data.hex()}"


def quoted(octets: bytes) -> str:
    """A character string in quotes."""
    return f'"{escaped(octets)}"'


def escaped(octets: bytes) -> str:
    return "".join(
        f"\\{octet:c}" if octet in b'"\\' else chr(octet) if 0x20 <= octet < 0x7F
        else f"\\{octet:03}"
        for octet in octets
    )  # fmt: skip


# --- types that are a row of fields ---------------------------------------------------------

_FIELD: dict[str, Callable[[Data], str]] = {
    "1": lambda data: str(data.number(1)),
    "2": lambda data: str(data.number(2)),
    "4": lambda data: str(data.number(4)),
    "n": Data.name,
    "s": Data.string,
    "a": Data.address4,
    "q": lambda data: quoted(data.rest()),
}


def row(fields: str) -> Callable[[Data], str]:
    """A type whose data are these fields with spaces between."""
    takers = [_FIELD[field] for field in fields]
    return lambda data: " ".join(take(data) for take in takers)


def strings(data: Data) -> str:
    texts = [data.string()]
    while data.left:
        texts.append(data.string())
    return " ".join(texts)


def multi(data: Data, head: str, body: str) -> str:
    """Fields and long data, the latter in brackets on lines of their own."""
    style = data.style
    return f"{head} ({style.break_}{body} )" if style.multiline else f"{head} {body}"


def secret(data: Data, shown: Callable[[], str]) -> str:
    """Long data, or that they are left out."""
    if data.style.crypto:
        return shown()
    data.rest()
    return "[omitted]"


def wrapped(fields: str, encoding: str, hidden: bool = False) -> Callable[[Data], str]:
    """A type of a few fields and long data."""
    fixed = row(fields)

    def show(data: Data) -> str:
        head = fixed(data)
        if not data.left and data.rdtype != _SINK:
            raise Malformed("FORMERR" if data.rdtype == _SSHFP else CUT)
        encode = data.base64 if encoding == "base64" else data.hex
        body = secret(data, encode) if hidden else encode()
        return multi(data, head, body) if body else head

    return show


def bracketed(encoding: str, hidden: bool = False) -> Callable[[Data], str]:
    """A type that is long data only."""

    def show(data: Data) -> str:
        data.some()
        encode = data.base64 if encoding == "base64" else data.hex
        body = secret(data, encode) if hidden else encode()
        return f"( {body} )" if data.style.multiline else body

    return show
