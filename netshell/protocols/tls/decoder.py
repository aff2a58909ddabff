"""TLS over TCP, without any keys: handshakes, alerts, and how much was sent.

Records are read one by one until a handshake is over; from then on only their headers are, and
counted. Handshake messages may go over several records, and records over several pieces. What is
not TLS where a record should begin ends the reading; behind a gap, records are searched for.
What makes messages is imported when there is one: recognising and peeking do without.

RFC 8446 (TLS 1.3), RFC 5246 (1.2), RFC 6101 (SSL 3.0). An SSLv2-compatible ClientHello is named
and not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netshell.flow.amounts import amount
from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Message
from netshell.protocols.tls import numbers, records
from netshell.protocols.tls.half import MOST, MOST_MESSAGE, Half, Record
from netshell.protocols.tls.looks import are_messages
from netshell.protocols.tls.signs import TlsSigns
from netshell.protocols.tls.sizes import sizes

if TYPE_CHECKING:
    from netshell.protocols.tls.again import Again
    from netshell.protocols.tls.progress import Progress

_MOST_HELD = 4  # records of a client that may still be its handshake
_ENDING = frozenset({0})  # close_notify
_HARMLESS = frozenset({41, 90, 100, 112})  # as warnings: the handshake goes on
_FATAL = 2
_TLS_1_3 = 0x0304
_SMALLEST_ENCRYPTED = 16


class Tls(TlsSigns, Decoder):
    """Reads one TLS connection."""

    most = MOST

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        places = (client_at, server_at)
        self._halves = {side: Half(side, at, begun) for side, at in zip(SIDES, places, strict=True)}
        self._progress: Progress | None = None
        self._is_over = not begun  # the handshake is: what comes is data
        self._has_read = not begun  # the client's first bytes
        self._is_amid = not begun  # maybe in a handshake: no data was seen yet
        self._version = 0
        self._alert_size = 0
        self._held: list[Record] = []  # the client's, in TLS 1.3: its Finished, or data behind it
        self._again: Again | None = None

    def rest(self, side: Side) -> bytes:
        return bytes(self._halves[side].inbox.data)

    # --- fed ---

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        half = self._halves[side]
        if self._is_over and self._progress is None and half.is_smooth:
            counted = half.count(data, time_ns)
            if counted == len(data):
                return ()
            data = data[counted:]
        half.inbox.add(data, time_ns)
        return self._read(half)

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        half = self._halves[side]
        half.gap(size)
        if self._progress is not None:
            self._progress.lacks[side] += size
        else:
            half.lacks += size
        return self._read(half)

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        half = self._halves[side]
        half.is_closed = True
        made: list[Message] = []
        progress = self._progress
        if progress is not None:
            if self._held:
                made += self._done()
            elif progress.version and progress.version < _TLS_1_3 and side in progress.finished:
                pass  # it has said all of the handshake that it has to
            elif not progress.has_answer:
                made += self._done(f"closed by the {side}, no ServerHello came")
            else:
                made += self._done(f"closed by the {side} amid the handshake")
        if all(each.is_closed for each in self._halves.values()):
            if self._progress is not None:
                made += self._done(f"closed by the {side} amid the handshake")
            made += self._counted()
            self._again = None
            for each in self._halves.values():
                each.reset()
        return made

    def waiting(self) -> Sequence[Message]:
        made: list[Message] = []
        if self._progress is not None:
            made.append(self._unfinished(self._progress))
        elif not self._is_over:
            client = self._halves["client"]
            if records.hello(client.inbox.data):
                made.append(self._unfinished(_cut_hello(client)))
        return [*made, *self._counted()]

    def _unfinished(self, progress: Progress) -> Message:
        for half in self._halves.values():
            if half.talk or half.inbox.data:
                return progress.message(lacking="not complete")
        return progress.message(lacking="not complete" if progress.has_answer else "no answer")

    # --- records ---

    def _read(self, half: Half) -> Sequence[Message]:
        made: list[Message] = []
        if not (self._has_read or half.is_lost) and half.side == "client" and half.inbox.data:
            data = half.inbox.data
            if data[0] & 0x80 and len(data) < records.old_size(data):
                return made
            self._has_read = True
            version = records.old_hello(data)
            if version:
                self.why_stopped = f"SSLv2-compatible ClientHello ({version} offered), not read"
                return made
        while True:
            record = half.read()
            if half.unread and self._progress is not None:
                self._progress.lacks[half.side] += half.unread
                half.unread = 0
            if record is None:
                break
            made += self._record(half, record)
        if half.broken:
            if self._progress is not None:
                made += self._done(lacking=half.broken)
            made += self._counted()
            self.why_stopped = half.broken
        return made

    def _record(self, half: Half, record: Record) -> Sequence[Message]:
        if record.kind == records.DATA:
            return self._data(half, record)
        if self._held and self._progress is not None:
            self._hold(self._progress)  # before what comes behind it
        if not record.whole:
            return ()  # torn: told as what lacks
        if record.kind == records.HANDSHAKE:
            return self._handshake(half, record)
        if record.kind == records.CHANGE_CIPHER:
            return self._change(half, record)
        if record.kind == records.ALERT:
            return self._alert(half, record)
        return self._heartbeat(half, record)

    def _data(self, half: Half, record: Record) -> Sequence[Message]:
        progress = self._progress
        if progress is None:
            self._is_over, self._is_amid = True, False
            half.add(record)
            return ()
        if progress.answer is None:
            hello = progress.hello
            if half.side == "client" and hello is not None and 42 in hello.extensions:
                progress.add(record.part)
                progress.early_size += record.size
                return ()
            made = self._done(lacking="no ServerHello seen")
            half.add(record)
            return made
        if progress.version < _TLS_1_3:
            made = () if half.side in progress.finished else self._done(lacking="no Finished seen")
            half.add(record)
            return made
        if half.side == "server":
            if self._held:
                made = self._done()
                half.add(record)
                return made
            progress.encrypted += 1
            progress.add(record.part)
            return ()
        return self._client_data(progress, record)

    def _client_data(self, progress: Progress, record: Record) -> Sequence[Message]:
        """What a client sends in TLS 1.3 behind the ServerHello: early data, which the size of a
        Finished ends; or a certificate, up to that; or its Finished."""
        assert progress.answer is not None
        known = sizes(numbers.cipher(progress.answer.cipher or 0))
        is_early = progress.hello is not None and 42 in progress.hello.extensions
        if record.size == known.finished:
            self._hold(progress)
            progress.add(record.part)
            return self._done()
        if record.size == known.alert:
            self._hold(progress)
            progress.add(record.part)
            progress.alert("client: encrypted, by its size")
            return self._done("encrypted alert by the client")
        if is_early:
            progress.add(record.part)
            if record.size == known.early_end and progress.encrypted:
                progress.early_ended = True
            else:
                progress.early_size += record.size
            return ()
        self._held.append(record)
        return self._done() if len(self._held) >= _MOST_HELD else ()

    def _hold(self, progress: Progress) -> None:
        """What was held belongs to the handshake: a certificate, or that there is none."""
        progress.asks_client |= bool(self._held)
        for record in self._held:
            progress.add(record.part)
        self._held.clear()

    def _handshake(self, half: Half, record: Record) -> Sequence[Message]:
        is_hello = records.hello(record.whole) > 0
        content = record.whole[records.HEADER :]
        if not is_hello and not half.talk and not half.dropping:
            if half.is_changed:
                return self._encrypted(half, record)
            if half.is_torn and not are_messages(content):
                if self._progress is None:
                    return self._encrypted(half, record)
                self._progress.add(record.part)
                return ()
        if is_hello and half.is_torn:
            half.talk.clear()
        half.is_torn = False
        progress = self._progress
        if progress is None:
            if self._is_over and not (is_hello or self._is_amid):
                return self._encrypted(half, record)
            progress = self._begin()
        progress.add(record.part)
        self._talk(half, content, progress)
        return self._ended(progress)

    def _begin(self) -> Progress:
        """A handshake begins, or is seen from its midst on."""
        from netshell.protocols.tls.progress import Progress

        self._progress = Progress()
        return self._progress

    def _talk(self, half: Half, content: bytes, progress: Progress) -> None:
        """Handshake messages in a record, which may begin and end amid one."""
        if half.dropping:
            dropped = min(half.dropping, len(content))
            half.dropping -= dropped
            content = content[dropped:]
        talk = half.talk
        talk += content
        at = 0
        while len(talk) - at >= 4:
            size = int.from_bytes(talk[at + 1 : at + 4], "big")
            if size > MOST_MESSAGE:
                name = numbers.MESSAGES.get(talk[at], f"message {talk[at]}")
                progress.unkept = f"{name} of {amount(size)} is not read"
                half.dropping = max(4 + size - (len(talk) - at), 0)
                at = min(at + 4 + size, len(talk))
                break
            if len(talk) - at < 4 + size:
                break
            progress.take(half.side, talk[at], bytes(talk[at + 4 : at + 4 + size]))
            at += 4 + size
        del talk[:at]

    def _encrypted(self, half: Half, record: Record) -> Sequence[Message]:
        """A handshake record that nobody can read: Finished, or a renegotiation."""
        progress = self._progress
        if progress is None and self._is_amid:
            progress = self._begin()
        if progress is not None:
            progress.add(record.part)
            progress.finished.add(half.side)
            return self._ended(progress)
        if self._again is None:
            from netshell.protocols.tls.again import Again

            self._again = Again()
        again = self._again
        again.add(record)
        return self._renewed(again)

    def _change(self, half: Half, record: Record) -> Sequence[Message]:
        half.is_changed = True
        half.talk.clear()
        if self._progress is not None:
            self._progress.add(record.part)
            self._progress.changed.add(half.side)
        elif self._is_over and self._again is not None:
            self._again.add(record)
        return ()

    def _alert(self, half: Half, record: Record) -> Sequence[Message]:
        from netshell.protocols.tls.traffic import Alert

        progress, side = self._progress, half.side
        if record.size >= _SMALLEST_ENCRYPTED:
            if progress is None:
                return [Alert(kind="alert", parts=(record.part,))]
            progress.add(record.part)
            progress.alert(f"{side}: encrypted")
            return self._done(f"encrypted alert by the {side}")
        level, number = record.whole[records.HEADER], record.whole[-1]
        name = numbers.alert(number)
        if progress is None:
            told = {1: "warning", _FATAL: "fatal"}.get(level, f"level {level}")
            return [Alert(kind="alert", parts=(record.part,), level=told, description=name)]
        progress.add(record.part)
        progress.alert(f"{side}: {name}")
        if level != _FATAL and number in _HARMLESS:
            return ()
        if number in _ENDING:
            return self._done(f"closed by the {side} amid the handshake")
        return self._done(f"alert {name} by the {side}")

    def _heartbeat(self, half: Half, record: Record) -> Sequence[Message]:
        from netshell.protocols.tls.traffic import Heartbeat

        content = record.whole[records.HEADER :]
        if half.is_changed or len(content) < 3 or content[0] not in (1, 2):
            return [Heartbeat(kind="heartbeat", parts=(record.part,), size=record.size)]
        kind = "heartbeat request" if content[0] == 1 else "heartbeat response"
        claimed = content[1] << 8 | content[2]
        return [Heartbeat(kind=kind, parts=(record.part,), size=len(content) - 3, claimed=claimed)]

    # --- what is complete ---

    def _ended(self, progress: Progress) -> Sequence[Message]:
        return self._done() if len(progress.finished) == len(SIDES) else ()

    def _done(self, failure: str = "", lacking: str = "") -> Sequence[Message]:
        """The handshake is over. What was held of the client then is data."""
        progress, self._progress = self._progress, None
        assert progress is not None
        held, self._held = self._held, []
        client = self._halves["client"]
        if held:  # the first one ends it, whatever else is in it
            progress.add(held[0].part)
        for record in held[1:]:
            client.add(record)
        self._is_over, self._is_amid, self._version = True, False, progress.version
        if progress.answer is not None and self._version >= _TLS_1_3:
            self._alert_size = sizes(numbers.cipher(progress.answer.cipher or 0)).alert
        for half in self._halves.values():
            half.talk.clear()
        return [progress.message(failure, lacking)]

    def _renewed(self, again: Again) -> Sequence[Message]:
        if not again.is_complete:
            return ()
        self._again = None
        return [again.message()]

    def _counted(self) -> Sequence[Message]:
        """What was counted, as a message of this moment."""
        made: list[Message] = []
        if self._again is not None:
            made.append(self._again.message())
        from netshell.protocols.tls.counting import counted

        data = counted(self._halves, self._alert_size)
        return made if data is None else [*made, data]


def _cut_hello(half: Half) -> Progress:
    """A ClientHello whose record is not complete."""
    from netshell.protocols.tls.progress import Progress

    progress = Progress()
    inbox = half.inbox
    progress.add(inbox.part(len(inbox)))
    progress.take("client", records.CLIENT_HELLO, bytes(inbox.data[records.HEADER + 4 :]))
    return progress
