"""What an exchange in HTTP is: a request, its answer, and how long they took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from netshell.flow.sides import Side
from netshell.protocols.api import Message, Part
from netshell.protocols.http1.body import NO_BODY, Body
from netshell.protocols.http1.half import Half
from netshell.protocols.http1.head import (
    NO_HEADERS,
    NO_START,
    Headers,
    Start,
    request_line,
    status_line,
)
from netshell.protocols.http1.reading import lines_of
from netshell.protocols.line import in_words
from netshell.view import Line


class Exchange:
    """A request, and its answer, while they come."""

    answer: Half | None = None
    interim: tuple[Half, ...] = ()
    is_given = False
    note = ""
    """What lacks, beside what its halves say."""
    kept = 0
    """Bytes of it that are kept while it waits."""

    def __init__(self, request: Half | None) -> None:
        self.request = request


class Interim(NamedTuple):
    """An answer before the final one (RFC 9110 section 15.2)."""

    status: int
    reason: str
    headers: Headers
    time_ns: int


@dataclass(frozen=True, kw_only=True, repr=False)
class HttpExchange(Message):
    """One request with its answer, as one of them was seen at least.

    What was not seen is empty: the ``method`` of an answer without a request, the ``status`` of a
    request without an answer. Secrets are masked in the target, the headers and the bodies.
    """

    protocol: ClassVar[str] = "http"

    method: str
    target: str  # as it was sent: "/a?b=1", "http://host/a", "host:443", "*"
    version: str  # of the request: "HTTP/1.1"
    status: int | None  # of the final answer, or of 101
    reason: str
    response_version: str
    request_headers: Headers
    response_headers: Headers
    request_body: Body
    response_body: Body
    interim: tuple[Interim, ...]
    asked_ns: int | None  # when the request's last byte could be read; None: not yet
    replied_ns: int | None  # when the final answer's first byte could be read
    done_ns: int | None  # when its last one could; None: not yet
    faults: tuple[str, ...]  # what in its framing breaks the specification

    _source: ClassVar[Exchange | None] = None

    def read(self) -> None:
        """Read what was not looked at yet: what it is made of may change."""
        for name in _READS:
            getattr(self, name)
        self.__dict__.pop("_source", None)

    def __getstate__(self) -> dict[str, Any]:
        self.read()
        return super().__getstate__()

    @cached_property  # type: ignore[misc]
    def secrets(self) -> tuple[tuple[Side, int, int], ...]:
        """Where masked bytes are: found when they are asked for, which is seldom."""
        ends = [(part.begin, part.end) for part in self.parts]
        client = [*self.request_headers.secrets(), *self.request_body.secrets(ends)]
        server = [place for each in self.interim for place in each.headers.secrets()]
        server += [*self.response_headers.secrets(), *self.response_body.secrets(ends)]
        return (
            *(("client", begin, end) for begin, end in client),
            *(("server", begin, end) for begin, end in server),
        )

    # --- what it is ---

    @property
    def host(self) -> str:
        """Whom it was for: the target's host, or the Host field."""
        if "://" in self.target:
            rest = self.target.partition("://")[2]
            return rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
        if self.method == "CONNECT":
            return self.target
        return self.request_headers.get("host")

    @property
    def url(self) -> str:
        """The target with its host (RFC 9110 section 7.1): masked as the target is."""
        if not self.method or "://" in self.target or self.method == "CONNECT":
            return self.target
        target = "" if self.target == "*" else self.target
        return f"http://{self.host}{target}" if self.host else target

    @property
    def content_type(self) -> str:
        """The answer's media type: "text/html"."""
        return self.response_headers.get("content-type").partition(";")[0].strip().lower()

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection stays open after it (RFC 9112 section 9.3); None: not known."""
        if self.status is None:
            return None
        options = (
            f"{self.request_headers.get('connection')},{self.response_headers.get('connection')}"
        )
        told = [each.strip().lower() for each in options.split(",")]
        if "close" in told:
            return False
        return self.response_version != "HTTP/1.0" or "keep-alive" in told

    # --- how long it took ---

    @property
    def time_ns(self) -> int:
        source = self._source
        if source is None or source.request is None or source.answer is None:
            return self.parts[0].time_ns
        # As ``parts`` say, which would be made of all messages, else: they are sorted by this.
        return min(source.request.time_ns, source.answer.time_ns)

    @property
    def answer_ns(self) -> int | None:
        """When the first byte of the final answer could be read; None without one."""
        return self.replied_ns

    @property
    def first_byte_s(self) -> float | None:
        """From the request's last byte to the final answer's first one: what the server thought.
        Less than 0 where it answered before the request was whole."""
        if self.asked_ns is None or self.replied_ns is None:
            return None
        return (self.replied_ns - self.asked_ns) / 1e9

    @property
    def sending_s(self) -> float | None:
        """From the request's first byte to its last one."""
        if not self.method or self.asked_ns is None:
            return None
        return (self.asked_ns - self.time_ns) / 1e9

    @property
    def transfer_s(self) -> float | None:
        """From the final answer's first byte to its last one."""
        if self.done_ns is None or self.replied_ns is None:
            return None
        return (self.done_ns - self.replied_ns) / 1e9

    @property
    def duration_s(self) -> float | None:
        """From the request's first byte to the answer's last one; None without either."""
        if self.replied_ns is None or self.kind == "answer":
            return None
        return (self.end_ns - self.time_ns) / 1e9

    # --- in words ---

    def facts(self) -> Iterable[tuple[str, str]]:
        yield from super().facts()
        yield "url", _line(self.url)
        for name, seconds in (
            ("request sent in", self.sending_s),
            ("server thought", self.first_byte_s),
            ("answer sent in", self.transfer_s),
        ):
            if seconds:  # nothing to say of what came in one packet
                yield name, in_words(seconds)
        yield "first", ", ".join(f"{each.status} {each.reason}" for each in self.interim)
        if self.keep_alive is not None:
            yield "connection", "stays open" if self.keep_alive else "is closed after it"

    @property
    def asked(self) -> str:
        if not self.method:
            return "a request that was not seen" if self.kind == "answer" else "an unread request"
        url = self.url if "://" not in self.target and self.method == "CONNECT" else self.target
        return _line(f"{self.method} {url}")

    @property
    def answered(self) -> str:
        if self.status is None:
            return ""
        told = [_line(f"{self.status} {self.reason}".strip())]
        if self.status == 101:
            upgrade = self.response_headers.get("upgrade")
            return ", ".join([*told, _line(upgrade)] if upgrade else told)
        body = self.response_body
        if body.size:
            told += [each for each in (body.type,) if each]
            told.append(_amount(body))
        return ", ".join(told)

    @property
    def problem(self) -> str:
        found = [_line(f"{self.status} {self.reason}".strip())] if (self.status or 0) >= 400 else []
        return "; ".join([*found, *self.faults])

    def said(self, side: Side) -> Sequence[Line]:
        return list(self._said(side))

    def _said(self, side: Side) -> Iterator[Line]:
        if (side == self.side) == (self.kind != "answer"):
            if self.method:
                yield f"{self.method} {self.target} {self.version}"
                yield from lines_of(self.request_headers, self.request_body)
            return
        if self.status is not None:
            yield _line(f"{self.response_version} {self.status} {self.reason}".strip())
        for each in self.interim:  # each with its own time: the head's is the final one's
            after = in_words((each.time_ns - self.time_ns) / 1e9)
            text = _line(f"{self.response_version} {each.status} {each.reason}".strip())
            fields = "".join(f", {name}: {value}" for name, value in [*each.headers][:_FEW])
            yield f"{text} after {after}{fields}"
        if self.status is not None:
            yield from lines_of(self.response_headers, self.response_body)


_FEW = 4  # fields of an answer before the final one that are told


def made_of(exchange: Exchange, lacking: str = "", parts: tuple[Part, ...] = ()) -> HttpExchange:
    """The message of an exchange, which reads its fields when they are asked for.

    ``parts`` are told where the exchange is not whole.
    """
    made = object.__new__(HttpExchange)
    _set(made, "_source", exchange)  # it is frozen; __dict__ would take twice the room
    if lacking:
        _set(made, "lacking", lacking)
    if parts:
        _set(made, "parts", parts)
    return made


_set = object.__setattr__


def in_order(parts: list[Part]) -> tuple[Part, ...]:
    """Parts in the order of time; at one time, the client's first."""
    return tuple(sorted(parts, key=lambda part: (part.time_ns, part.side)))


def _interim(half: Half) -> Interim:
    start = status_line(half.head)
    return Interim(start.status, start.reason, half.headers, half.time_ns)


def _faults(half: Half | None) -> tuple[str, ...]:
    return () if half is None else half.framing[1]


def _line(text: str) -> str:
    return text if text.isprintable() else " ".join(text.split())


def _amount(body: Body) -> str:
    """The bytes of a body: decoded, and as they were sent."""
    codings = body.codings
    if not codings:
        return f"{body.size:,} byte{'' if body.size == 1 else 's'}"
    coded = f"{', '.join(codings)[:40]} {body.size:,}"
    size = body.decoded_size
    return f"{coded} bytes" if size is None else f"{size:,} bytes ({coded})"


# Few of a capture's exchanges are looked at: those that a decoder made read a field when it is
# asked for.


def _parts(exchange: Exchange) -> tuple[Part, ...]:
    halves = (exchange.request, *exchange.interim, exchange.answer)
    return in_order([half.part for half in halves if half is not None])


def _method(request: Half | None) -> str:
    return "" if request is None else request.word.decode("latin-1")


def _status(answer: Half | None) -> int | None:
    return None if answer is None else int(answer.word or 0) or None


def _request_line(request: Half | None) -> Start:
    return NO_START if request is None else request_line(request.head)


def _status_line(answer: Half | None) -> Start:
    return NO_START if answer is None else status_line(answer.head)


def _headers(half: Half | None) -> Headers:
    return NO_HEADERS if half is None else half.headers


def _body(half: Half | None) -> Body:
    return NO_BODY if half is None else half.body


def _end_ns(half: Half | None) -> int | None:
    return half.end_ns if half is not None and half.is_whole else None


_READS: dict[str, Callable[[Exchange], Any]] = {
    "kind": lambda source: _method(source.request) or ("request" if source.request else "answer"),
    "parts": _parts,
    "method": lambda source: _method(source.request),
    "target": lambda source: _request_line(source.request).target,
    "version": lambda source: _request_line(source.request).version,
    "status": lambda source: _status(source.answer),
    "reason": lambda source: _status_line(source.answer).reason,
    "response_version": lambda source: _status_line(source.answer).version,
    "request_headers": lambda source: _headers(source.request),
    "response_headers": lambda source: _headers(source.answer),
    "request_body": lambda source: _body(source.request),
    "response_body": lambda source: _body(source.answer),
    "interim": lambda source: tuple([_interim(half) for half in source.interim]),
    "asked_ns": lambda source: _end_ns(source.request),
    "replied_ns": lambda source: (
        source.answer.time_ns if source.answer is not None and source.answer.word else None
    ),
    "done_ns": lambda source: _end_ns(source.answer),
    "faults": lambda source: _faults(source.request) + _faults(source.answer),
}


class _Lazy:
    """A field that is read from what a message is made of when it is first looked at."""

    def __init__(self, name: str, make: Callable[[Exchange], Any]) -> None:
        self._name, self._make = name, make

    def __get__(self, message: HttpExchange | None, owner: type[HttpExchange]) -> Any:
        source = None if message is None else message._source
        if message is None or source is None:
            raise AttributeError(self._name)
        value = self._make(source)
        _set(message, self._name, value)
        return value


for _field, _make in _READS.items():
    setattr(HttpExchange, _field, _Lazy(_field, _make))

# Python leaves room in an object for what those before it had: for what is looked at most, too.
for _field in ("method", "target", "status", "kind", "parts"):
    getattr(made_of(Exchange(None)), _field)
