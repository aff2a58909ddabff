"""What the server sends once the connection has begun: each message the answer to the ledger's
first entry, or said by itself. Rows are counted, and the first few kept as they are.

Source: PostgreSQL documentation, 55.2 "Message Flow".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from netshell.flow.sides import Side
from netshell.protocols.masking import hide_in_value, in_value
from netshell.protocols.postgres.exchange import (
    KEPT_BYTES,
    KEPT_NOTICES,
    KEPT_ROW,
    KEPT_ROWS,
    Exchange,
)
from netshell.protocols.postgres.framing import HEADER, Frames, Handler
from netshell.protocols.postgres.ledger import Ledger
from netshell.protocols.postgres.query import read
from netshell.protocols.postgres.steps import Notification, Told, told
from netshell.protocols.postgres.told import codec, is_fatal, oids

_ROW = ord("D")
_STEPS = {ord("1"): "P", ord("2"): "B", ord("3"): "C", ord("n"): "Dd"}  # what is without a body


class Answering(Frames):
    """The server's messages."""

    is_client = False

    def __init__(self, at: int, is_begun: bool, ledger: Ledger) -> None:
        super().__init__(at, is_begun)
        self._ledger = ledger
        self._orphan: Exchange | None = None  # an answer to what was not seen
        self._start: Exchange | None = None  # the end of a start that was not seen from the first
        self._keys: tuple[tuple[Side, int, int], ...] = ()  # where the key to cancel with is in it
        self.done_ns = 0
        """When the last answer was complete."""
        self._handlers: dict[int, Handler] = {
            _ROW: self._row, ord("C"): self._complete, ord("Z"): self._ready, ord("T"): self._heads,
            ord("1"): self._done, ord("2"): self._bound, ord("3"): self._done,
            ord("n"): self._done, ord("t"): self._types, ord("E"): self._error,
            ord("N"): self._notice, ord("S"): self._setting, ord("A"): self._notification,
            ord("I"): self._empty, ord("s"): self._suspended, ord("V"): self._returned,
            ord("G"): partial(self._copy, "in"), ord("H"): partial(self._copy, "out"),
            ord("W"): partial(self._copy, "both"),
            ord("d"): self._copy_data, ord("c"): self._copy_done,
            ord("R"): self._started, ord("K"): self._key, ord("v"): self._started,
        }  # fmt: skip

    @property
    def handlers(self) -> Mapping[int, Handler]:
        return self._handlers

    def torn(self, size: int, ns: int) -> None:
        ledger = self._ledger
        ledger.is_holed = ledger.is_unsure = True
        if ledger.is_pipelined:
            ledger.give_up("its answer lacks")
            return
        ledger.give_up("its answer lacks", is_last_kept=True)
        if ledger.asked:
            ledger.asked[0].now.lost += size
        elif self._orphan is not None:
            self._orphan.lost += size

    # --- the ordinary ---

    def read(self, data: bytes, begin_ns: int, ns: int) -> int:
        at, size, base = 0, len(data), self.at
        handlers, asked = self._handlers, self._ledger.asked
        while at + 5 <= size:
            kind, length = HEADER(data, at)
            end = at + 1 + length
            if end > size or not 4 <= length < KEPT_BYTES or kind not in handlers:
                break
            if kind == _ROW:
                at = self._rows(data, at, begin_ns, ns)
                begin_ns = ns
                continue
            if kind in _STEPS and asked:
                # Most of what a prepared statement is answered with: nothing but a step done.
                exchange = asked[0]
                step = exchange.step
                if exchange.steps[step : step + 1] in _STEPS[kind] and step < len(exchange.steps):
                    exchange.step = step + 1
                    if exchange.s_begin < 0:
                        exchange.s_begin, exchange.s_begin_ns = base + at, begin_ns
                    if kind == 50 and exchange.prepared is not None:
                        exchange.oids = exchange.prepared.oids
                    exchange.s_end, exchange.s_end_ns = base + end, ns
                    at, begin_ns = end, ns
                    continue
            handlers[kind](data[at + 5 : end], base + at, base + end, begin_ns, ns)
            at, begin_ns = end, ns
        return at

    def _rows(self, data: bytes, at: int, begin_ns: int, ns: int) -> int:
        """Pass over the rows that are whole; where they end."""
        size, begin, unpack = len(data), at, HEADER
        made = self._now("QE", self.at + at, begin_ns)
        count = 0
        first = made.first
        if first is None:
            first = made.first = []
            made.first_ns = ns
        while at + 5 <= size:
            kind, length = unpack(data, at)
            end = at + 1 + length
            if kind != _ROW or end > size or not 4 <= length < KEPT_BYTES:
                break
            if made.rows + count < KEPT_ROWS and length <= KEPT_ROW:
                first.append(data[at + 5 : end])
            count += 1
            at = end
        made.rows += count
        made.row_bytes += at - begin - 7 * count  # without the header and the columns' count
        made.s_end, made.s_end_ns = self.at + at, ns
        return at

    def _row(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        """A long one."""
        made = self._now("QE", begin, begin_ns)
        made.rows += 1
        made.row_bytes += end - begin - 7 + self.lost
        made.lost += self.lost
        if made.first is None:
            made.first, made.first_ns = [], ns
        made.s_end, made.s_end_ns = end, ns

    # --- whose answer it is ---

    def _now(self, steps: str, begin: int, begin_ns: int) -> Exchange:
        """What the server answers now."""
        asked = self._ledger.asked
        made = asked[0] if asked else None
        if made is None or made.step >= len(made.steps) or made.steps[made.step] not in steps:
            made = self._ledger.head(steps)
            if made is None:
                return self._unasked(begin, begin_ns)
        if made.s_begin < 0:
            made.s_begin, made.s_begin_ns = begin, begin_ns
            return made
        now = made.more[-1] if made.more else made
        if made.steps == "Q" and now.is_done:
            another = made.another()
            another.s_begin, another.s_begin_ns = begin, begin_ns
            if made.more is None:
                made.more = []
            made.more.append(another)
            return another
        return now

    def _unasked(self, begin: int, begin_ns: int) -> Exchange:
        """What is answered was not seen."""
        made = self._orphan
        if made is None or made.is_done:
            if made is not None:
                self._ledger.made.append(read(made))
            made = self._orphan = Exchange()
            made.kind, made.session = "answer", self._ledger.session
            made.is_executed = made.is_unseen = True
            made.s_begin, made.s_begin_ns = begin, begin_ns
        return made

    def _step(self, steps: str, begin: int, end: int, begin_ns: int, ns: int) -> Exchange | None:
        """What a message that gives no rows answers; None if that is not to be told."""
        made = self._ledger.head(steps)
        if made is None:
            return None
        made.step += 1
        if made.s_begin < 0:
            made.s_begin, made.s_begin_ns = begin, begin_ns
        made.s_end, made.s_end_ns = end, ns
        return made

    # --- answers of statements ---

    def _heads(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        asked = self._ledger.asked
        made: Exchange | None
        if asked and asked[0].steps == "Q":
            made = self._now("Q", begin, begin_ns)
        else:
            made = self._step("Dd", begin, end, begin_ns, ns)
            if made is None:
                made = self._now("QE", begin, begin_ns)
            elif made.steps[made.step - 1] == "d" and made.prepared is not None:
                made.prepared.heads = body
        made.heads = body
        made.lost += self.lost
        made.s_end, made.s_end_ns = end, ns

    def _over(self, made: Exchange, end: int, ns: int) -> None:
        """A statement is answered."""
        made.s_end, made.s_end_ns = end, ns
        if self.done_ns > made.begin_ns >= 0:
            made.before_ns = self.done_ns
        self.done_ns = ns
        if made.steps[made.step : made.step + 1] == "E":
            made.step += 1
            prepared = made.prepared
            if prepared is not None and not made.heads:
                made.heads = prepared.heads

    def _complete(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.tag = body[:-1]
        self._over(made, end, ns)

    def _empty(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.is_empty = True
        self._over(made, end, ns)

    def _suspended(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.is_suspended = True
        self._over(made, end, ns)

    def _ready(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        if self._start is not None:
            self._started(body, begin, end, begin_ns, ns)
            parts, self._start = self._start.parts(), None
            ledger.made.append(
                Told(
                    kind="startup", parts=parts, text="the connection has begun",
                    lacking="its beginning was not seen", secrets=self._keys,
                )
            )  # fmt: skip
            return
        orphan, self._orphan = self._orphan, None
        if orphan is not None:
            orphan.s_end, orphan.s_end_ns = end, ns
            orphan.state = body[0] if body else 0
            ledger.made.append(read(orphan))
            return
        ledger.finish(body[0] if body else 0, begin, end, begin_ns, ns)

    def _done(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        """Where it is not plain what it is to."""
        self._step("PCDd", begin, end, begin_ns, ns)

    def _bound(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._step("B", begin, end, begin_ns, ns)
        if made is not None and made.prepared is not None:
            made.oids = made.prepared.oids

    def _types(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._ledger.head("d")
        if made is None:
            return
        if made.s_begin < 0:
            made.s_begin, made.s_begin_ns = begin, begin_ns
        made.s_end, made.s_end_ns = end, ns
        made.oids = oids(body)
        if made.prepared is not None:
            made.prepared.oids = made.oids

    def _returned(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._ledger.head("F")
        if made is not None:
            made.s_begin, made.s_begin_ns = begin, begin_ns
            made.s_end, made.s_end_ns = end, ns

    def _started(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        """Of a start that was not seen from its beginning."""
        if self._start is None:
            self._start = self._alone(begin, end, begin_ns, ns)
        self._start.s_end, self._start.s_end_ns = end, ns

    def _key(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        self._keys = (("server", min(begin + 9, end), end),)
        self._started(body, begin, end, begin_ns, ns)

    # --- copying ---

    def _copy(self, way: str, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.copy = way
        made.s_end, made.s_end_ns = end, ns

    def _copy_data(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.copy = made.copy or "out"
        made.copied += 1
        made.copied_bytes += end - begin - 5 + self.lost
        made.lost += self.lost
        if made.first_ns is None:
            made.first_ns = ns
            made.first = []
        if made.first is not None and len(made.first) < KEPT_ROWS:
            made.first.append(body[:1000])
        made.s_end, made.s_end_ns = end, ns

    def _copy_done(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        made = self._now("QE", begin, begin_ns)
        made.s_end, made.s_end_ns = end, ns

    # --- errors, and what is said by itself ---

    def _error(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        asked = ledger.asked
        while len(asked) > 1 and asked[0].step >= len(asked[0].steps):
            ledger.answered.append(asked.popleft())
        if asked:
            made = asked[0]
            if made.steps == "Q":
                made = self._now("Q", begin, begin_ns)
            elif made.s_begin < 0:
                made.s_begin, made.s_begin_ns = begin, begin_ns
        elif self._orphan is not None or not is_fatal(body):
            made = self._unasked(begin, begin_ns)
        else:
            alone = self._alone(begin, end, begin_ns, ns)
            ledger.made.append(told("ErrorResponse", body, alone))
            return
        made.error, made.error_at = body, begin + 5
        made.lost += self.lost
        made.s_end, made.s_end_ns = end, ns
        if self.done_ns > made.begin_ns >= 0:
            made.before_ns = self.done_ns
        self.done_ns = ns
        if is_fatal(body):
            ledger.give_up("skipped: the connection ended")
            if self._orphan is not None:
                ledger.made.append(read(self._orphan))
                self._orphan = None

    def _alone(self, begin: int, end: int, begin_ns: int, ns: int) -> Exchange:
        made = Exchange()
        made.session = self._ledger.session
        made.s_begin, made.s_end, made.s_begin_ns, made.s_end_ns = begin, end, begin_ns, ns
        return made

    def _notice(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        made = ledger.asked[0].now if ledger.asked else self._orphan
        if made is None:
            alone = self._alone(begin, end, begin_ns, ns)
            ledger.made.append(told("NoticeResponse", body, alone))
            return
        if made.s_begin < 0:
            made.s_begin, made.s_begin_ns = begin, begin_ns
        made.s_end, made.s_end_ns = end, ns
        if made.notices is None:
            made.notices = []
        if len(made.notices) < KEPT_NOTICES:
            made.notices.append(body)

    def _setting(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        ledger = self._ledger
        name, _, value = body.partition(b"\0")
        text = hide_in_value(value.rstrip(b"\0").decode("utf-8", "replace"))
        if name == b"client_encoding":
            ledger.session = ledger.session._replace(encoding=codec(text))
        elif name == b"application_name":
            ledger.session = ledger.session._replace(application=text)
        if ledger.asked:
            made = ledger.asked[0].now
            if made.s_begin < 0:
                made.s_begin, made.s_begin_ns = begin, begin_ns
            made.s_end, made.s_end_ns = end, ns
        elif ledger.is_unsure or self._start is not None:
            self._started(body, begin, end, begin_ns, ns)
        else:
            parts = self._alone(begin, end, begin_ns, ns).parts()
            said = f"{name.decode('utf-8', 'replace')} = {text}"
            ledger.made.append(Told(kind="ParameterStatus", parts=parts, text=said))

    def _notification(self, body: bytes, begin: int, end: int, begin_ns: int, ns: int) -> None:
        encoding = self._ledger.session.encoding
        channel, _, payload = body[4:-1].partition(b"\0")
        at = begin + 10 + len(channel)  # the payload
        server: Side = "server"
        self._ledger.made.append(
            Notification(
                kind="NotificationResponse",
                parts=self._alone(begin, end, begin_ns, ns).parts(),
                channel=channel.decode(encoding, "replace"),
                payload=hide_in_value(payload.decode(encoding, "replace")),
                secrets=tuple((server, at + b, at + e) for b, e in in_value(payload)),
                pid=int.from_bytes(body[:4], "big"),
            )
        )

    @property
    def is_amid(self) -> bool:
        return super().is_amid or self._orphan is not None or self._start is not None

    @property
    def orphan(self) -> Exchange | None:
        """An answer, not complete, to what was not seen."""
        return self._orphan
