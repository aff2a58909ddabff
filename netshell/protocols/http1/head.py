"""Heads of HTTP messages: the start line, and the fields below it.

RFC 9112 sections 2 to 5, as leniently as it lets receivers be: lines may end with a bare LF
(2.2), values may be folded over several lines (5.2), and a name may have blanks before its colon
(5.1). What the start line says, and the fields, are read when somebody looks at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

from netshell.protocols.masking import in_header, in_url, mask, moved
from netshell.protocols.secret import Masked, revealed
from netshell.results import place, stretch

METHODS = (
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND",
    "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "SUBSCRIBE",
    "UNSUBSCRIBE", "NOTIFY", "M-SEARCH", "PURGE", "LINK", "UNLINK", "MKCALENDAR", "ACL", "QUERY",
    "RPC_IN_DATA", "RPC_OUT_DATA", "SOURCE", "VERSION-CONTROL", "CHECKOUT", "MERGE", "BIND",
)  # fmt: skip
"""Usual ones (IANA's registry and some more): what others are called shows only on a whole line."""

REQUEST = re.compile(
    rb"([\w!#$%&'*+.^`|~-]{1,64}+) ++([^ \r\n]++|[^\r\n]*[^\r\n ]) ++(HTTP/1\.\d)[ \t]*\r?\n"
)
STATUS = re.compile(rb"(HTTP/1\.\d)[ \t]++(\d{3})(?:[ \t]([^\n]*))?\r?\n")
"""Start lines of HTTP/1.x: method, target and version; version, status and reason."""
_FIELD = re.compile(rb"\n([^\s:][^:\n]{0,255}+):[ \t]*+([^\n]*(?:\n[ \t][^\n]*)*)")

Places = tuple[tuple[int, int], ...]


PLAIN_REQUEST = re.compile(rb"([A-Z-]{1,32}) ([^ \r\n]+) (HTTP/1\.\d)\r\n")
"""The same as nearly all are: what it matches, REQUEST matches, too, and takes twice as long."""

NEXT = re.compile(
    rb"\n(?=[\r\ncCtTuU])"  # without it, it takes a third longer
    rb"(?:(\r?\n)|(?i:content-length:[ ]?(\d{1,18})(?=\r?\n[^ \t])"
    rb"|transfer-encoding:[ ]?(chunked)(?=\r?\n[^ \t])"
    rb"|(content-length|transfer-encoding|upgrade)[ \t]*:))"
)
"""What decides how a head, and the body after it, goes on: its end, a length, chunks; or a field
that is to be looked at closer."""


class Start(NamedTuple):
    """What a start line says."""

    method: str
    target: str  # secrets in it are masked
    version: str  # "HTTP/1.1"
    status: int  # 0 of a request
    reason: str


NO_START = Start("", "", "", 0, "")


def request_line(head: bytes) -> Start:
    """What a head's request line says; nothing if it has none.

    >>> request_line(b"GET /a?token=7 HTTP/1.1\\r\\n")
    Start(method='GET', target='/a?token=***', version='HTTP/1.1', status=0, reason='')
    """
    line = PLAIN_REQUEST.match(head) or REQUEST.match(head)
    if line is None:
        return NO_START
    method, target, version = line.groups()
    places = in_url(target)
    shown = mask(target, places, "latin-1") if places else target.decode("latin-1")
    return Start(method.decode("latin-1"), shown, version.decode("latin-1"), 0, "")


def status_line(head: bytes) -> Start:
    """What a head's status line says; nothing if it has none.

    >>> status_line(b"HTTP/1.1 404 Not Found\\r\\n")
    Start(method='', target='', version='HTTP/1.1', status=404, reason='Not Found')
    """
    line = STATUS.match(head)
    if line is None:
        return NO_START
    version, status, reason = line.groups()
    text = reason.rstrip().decode("latin-1") if reason else ""
    return Start("", "", version.decode("latin-1"), int(status), text)


class Headers(Sequence[tuple[str, str]]):
    """The fields of a head, in order: pairs of name and value, as they were written.

    Secrets in the values are masked. Folded values are in one line. They are read when they are
    looked at: until then, this is the head's bytes.

    >>> headers = Headers(b"GET / HTTP/1.1\\r\\nHost: a.example\\r\\nCookie: id=7\\r\\n\\r\\n")
    >>> headers.get("host"), list(headers)[1]
    ('a.example', ('Cookie', 'id=***'))
    """

    __slots__ = ("_at", "_pairs", "_places", "_whole", "raw")

    def __init__(self, raw: bytes, at: int = 0, whole: bool = False) -> None:
        self.raw = raw
        """The head as it came, start line and all; secrets are in it."""
        self._at, self._whole = at, whole  # where it begins in its side's stream; nothing masked
        self._pairs: tuple[tuple[str, str], ...] | None = None
        self._places: Places = ()

    def get(self, name: str, default: str = "") -> str:
        """The value of a field, however its name is written; of repeated ones, all, with commas
        between them (RFC 9110 section 5.3)."""
        name = name.lower()
        found = [value for each, value in self._read() if each.lower() == name]
        if not found:
            return default
        return found[0] if len(found) == 1 else ", ".join(found)

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a repeated field (Set-Cookie) one by one."""
        name = name.lower()
        return tuple(value for each, value in self._read() if each.lower() == name)

    def secrets(self) -> Places:
        """Where the head's secrets stand in its side's stream, those of the start line too."""
        self._read()
        return self._places

    def _read(self) -> tuple[tuple[str, str], ...]:
        if self._pairs is None:
            raw, pairs = self.raw, []
            line = raw[: raw.find(b"\n") + 1]
            places = [*in_url(line)]
            for match in _FIELD.finditer(raw, len(line) - 1 if line else 0):
                name, value = match[1].rstrip().decode("latin-1"), match[2].rstrip()
                hidden = in_header(name, value)
                places += moved(hidden, match.start(2))
                pairs.append((name, _unfolded(mask(value, hidden, "latin-1"))))
            made = tuple(pairs)
            self._places = moved(tuple(places), self._at)
            self._pairs = revealed(made) if self._whole else made
        return self._pairs

    def __revealed__(self) -> Headers:
        """The same with nothing masked."""
        return Headers(self.raw, self._at, whole=True)

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._read())

    @overload
    def __getitem__(self, index: int) -> tuple[str, str]: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[str, str], ...]: ...

    def __getitem__(self, index: int | slice) -> tuple[str, str] | tuple[tuple[str, str], ...]:
        pairs = self._read()
        if isinstance(index, slice):
            return pairs[stretch(index, "headers")]
        return pairs[place(index, len(pairs), "headers")]

    def __eq__(self, others: object) -> bool:
        if not isinstance(others, Headers):
            return NotImplemented
        return (self.raw, self._at, self._whole) == (others.raw, others._at, others._whole)

    def __hash__(self) -> int:
        return hash((self.raw, self._at))

    def __repr__(self) -> str:
        return repr(self._read())


def _unfolded(text: str) -> str:
    if "\n" not in text:
        return text
    line = " ".join(text.split())
    return Masked(line, " ".join(text.whole.split())) if isinstance(text, Masked) else line


NO_HEADERS = Headers(b"")
