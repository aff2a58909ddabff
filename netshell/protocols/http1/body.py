"""Bodies of HTTP messages: counted whole, and the beginning kept, to be decoded when looked at.

What is kept is bounded (KEPT bytes as they were sent, without the framing of chunks); content
codings are undone by :mod:`netshell.protocols.http1.coding`, which has bounds of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import pairwise

from netshell.protocols.http1.coding import KEPT, Decoded, decode
from netshell.protocols.http1.head import NO_HEADERS, Headers, Places
from netshell.protocols.masking import in_body, mask
from netshell.protocols.secret import Masked

Runs = tuple[tuple[int, int], ...]
"""Where stretches of what is kept are: the offset in it, and the place in the side's stream."""

_TEXTUAL = re.compile(
    r"text/|multipart/|application/(?:[\w.+-]*(?:json|xml|yaml|javascript|graphql|sql|toml)\b"
    r"|x-www-form-urlencoded|x-ndjson)|image/svg\+xml|message/http"
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NO_TEXT = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"))


class Body:
    """The body of a request or an answer.

    ``str()`` is its beginning as text, secrets masked; ``size`` and ``decoded_size`` count all
    of it.
    """

    __slots__ = ("_decoded", "_runs", "_whole", "headers", "kept", "size", "trailers")

    def __init__(
        self,
        headers: Headers,
        size: int = 0,
        kept: bytes = b"",
        runs: Runs = (),
        trailers: Headers = NO_HEADERS,
        whole: bool = False,
    ) -> None:
        self.headers = headers
        """The head's fields that say what it is."""
        self.size = size
        """Bytes of it as they were sent: coded, without the framing of chunks; of what lacks,
        what was to be there."""
        self.kept = kept
        """Its beginning as it was sent."""
        self.trailers = trailers
        """The fields after its last chunk (RFC 9112 section 7.1.2)."""
        self._runs, self._whole = runs, whole
        self._decoded: Decoded | None = None

    @property
    def type(self) -> str:
        """The media type that the head gives: "text/html"."""
        return self.headers.get("content-type").partition(";")[0].strip().lower()

    @property
    def codings(self) -> tuple[str, ...]:
        """What it is coded with, in the order it was applied: ("gzip",)."""
        given = [self.headers.get(name) for name in ("content-encoding", "transfer-encoding")]
        names = [each.strip().lower() for each in ",".join(given).split(",")]
        return tuple(each for each in names if each not in ("", "identity", "chunked"))

    @property
    def decoded(self) -> Decoded:
        """Its beginning without the codings, and how many bytes it is then."""
        if self._decoded is None:
            self._decoded = decode(self.kept, self.codings, len(self.kept) == self.size)
        return self._decoded

    @property
    def data(self) -> bytes:
        """Its beginning without the codings: 64 KiB at most. Secrets are in it."""
        return self.decoded.data

    @property
    def decoded_size(self) -> int | None:
        """Bytes of it without the codings; None if that is not known."""
        if not self.codings:
            return self.size
        return self.decoded.size if self.decoded.is_whole else None

    @property
    def is_text(self) -> bool:
        """Whether it is to be read: by its media type, or, without one, by what it is."""
        if self.type:
            return _TEXTUAL.match(self.type) is not None
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(self.data[:1024])
        except UnicodeDecodeError:
            return False
        return _CONTROL.search(text) is None

    @property
    def text(self) -> str:
        """Its beginning as text in its charset, secrets masked."""
        data = self.data
        made = mask(data, in_body(self.headers.get("content-type"), data), self._charset())
        return made.whole if self._whole and isinstance(made, Masked) else made

    def _charset(self) -> str:
        for parameter in self.headers.get("content-type").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return _codec(value.strip().strip("\"'"))
        return "utf-8"

    def secrets(self, ends: Iterable[tuple[int, int]] = ()) -> Places:
        """Where its secrets stand in its side's stream; all of it, if it is coded and has some.

        The last one may go on in what is not kept: it ends with the message then, which is from
        one of some places to another.
        """
        if not self.size:
            return ()
        places = in_body(self.headers.get("content-type"), self.data)
        if not places:
            return self.trailers.secrets()
        if self.codings:
            places = ((0, len(self.kept)),)
        found = []
        runs = (*self._runs, (len(self.kept), 0))
        for (offset, place), (end, _) in pairwise(runs):
            for first, last in places:
                first, last = max(first, offset), min(last, end)
                if first < last:
                    found.append((place + first - offset, place + last - offset))
        if found and places[-1][1] >= len(self.kept) < self.size:
            begin, end = found[-1]
            found[-1] = begin, max([end, *(last for first, last in ends if first <= begin < last)])
        return (*found, *self.trailers.secrets())

    def __revealed__(self) -> Body:
        """The same with nothing masked."""
        headers, trailers = self.headers.__revealed__(), self.trailers.__revealed__()
        return Body(headers, self.size, self.kept, self._runs, trailers, whole=True)

    def __len__(self) -> int:
        return self.size

    def __str__(self) -> str:
        return self.text if self.is_text else f"{self.size:,} bytes of {self.type or 'data'}"

    def __repr__(self) -> str:
        return f"Body({self.size:,} bytes{f', {self.type}' if self.type else ''})"

    def __eq__(self, others: object) -> bool:
        if not isinstance(others, Body):
            return NotImplemented
        return self._key() == others._key()

    def __hash__(self) -> int:
        return hash((self.size, self.kept))

    def _key(self) -> tuple[object, ...]:
        return (self.size, self.kept, self._runs, self.headers, self.trailers, self._whole)


NO_BODY = Body(NO_HEADERS)


def _codec(name: str) -> str:
    """A charset's codec for text; UTF-8 where there is none, or one that is no charset."""
    try:
        found = codecs.lookup(name[:40])
    except (LookupError, ValueError):
        return "utf-8"
    is_text = getattr(found, "_is_text_encoding", True) and found.name not in _NO_TEXT
    return found.name if is_text else "utf-8"


__all__ = ("KEPT", "NO_BODY", "Body", "Runs")
