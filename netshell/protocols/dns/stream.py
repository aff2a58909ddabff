"""DNS over TCP: messages behind their length in two bytes (RFC 1035 section 4.2.2, RFC 7766).

Several queries may be under way, and be answered in any order. Behind a gap, the next message is
found again where a length is followed by a whole message of that length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Message
from netshell.protocols.dns.exchanges import Exchanges, incomplete
from netshell.protocols.dns.outline import SIZE, could_be, is_message, is_usual
from netshell.protocols.dns.signs import StreamSigns
from netshell.protocols.inbox import Inbox

_LONGEST = 65_535
_MOST_WRONG = 3
"""So many messages in a row that are none, and it is another protocol."""

_MOST_TRIES = 64
"""Places at which a message is looked for behind a gap."""


class DnsStream(StreamSigns, Decoder):
    """Reads a conversation of DNS messages over TCP."""

    most: ClassVar[int] = _LONGEST + 2

    def __init__(self, begun: bool = True, client_at: int = 0, server_at: int = 0) -> None:
        super().__init__(begun, client_at, server_at)
        at = {SIDES[0]: client_at, SIDES[1]: server_at}
        self._inboxes = {side: Inbox(side, at[side]) for side in SIDES}
        self._exchanges = Exchanges(is_stream=True)
        self._wrong = 0
        self._lost = dict.fromkeys(SIDES, 0)  # bytes that lacked, while a message is looked for
        self._tries = dict.fromkeys(SIDES, 0)
        self._lacking = dict.fromkeys(SIDES, "")  # what to say of the next message found

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        inbox = self._inboxes[side]
        inbox.add(data, time_ns)
        if self.why_stopped or (self._lost[side] and not self._found(inbox)):
            return ()
        made: list[Message] = []
        while len(inbox) >= 2:
            size = inbox.data[0] << 8 | inbox.data[1]
            if len(inbox) < size + 2:
                break
            whole = bytes(inbox.data[2 : size + 2])
            self._wrong = 0 if could_be(whole) else self._wrong + 1
            if self._wrong >= _MOST_WRONG:
                self.why_stopped = f"{_MOST_WRONG} messages in a row that are not DNS"
                break
            part = inbox.part(size + 2)
            inbox.skip(size + 2)
            lacking, self._lacking[side] = self._lacking[side], ""
            made += self._exchanges.heard(whole, part, lacking)
        return made

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        inbox = self._inboxes[side]
        self._lost[side] += size + len(inbox)
        self._tries[side] = 0
        inbox.skip(len(inbox))
        self._exchanges.gap(side)
        return ()

    def _found(self, inbox: Inbox) -> bool:
        """Whether a message begins again; what is before it is passed over."""
        side, data, at, found = inbox.side, inbox.data, 0, False
        while len(data) >= at + 2 + SIZE and self._tries[side] < _MOST_TRIES:
            size = data[at] << 8 | data[at + 1]
            if size < SIZE + 5 or not is_usual(data[at + 2 : at + 2 + SIZE]):
                at += 1
                continue
            if len(data) < at + 2 + size:
                break
            self._tries[side] += 1
            if found := is_message(bytes(data[at + 2 : at + 2 + size])):
                break
            at += 1
        self._lost[side] += at
        inbox.skip(at)
        if found:
            self._lacking[side], self._lost[side] = f"{self._lost[side]:,} bytes lack before it", 0
        elif self._tries[side] >= _MOST_TRIES:
            self.why_stopped = "bytes lack, and no message was found behind them"
        return found

    def waiting(self) -> Sequence[Message]:
        made: list[Message] = list(self._exchanges.waiting())
        for side, inbox in self._inboxes.items():
            if not len(inbox) or self.why_stopped:
                continue
            size = int.from_bytes(inbox.data[:2], "big") + 2
            lost = self._lost[side]
            lacking = (
                f"{lost:,} bytes lack before it" if lost else f"{len(inbox):,} of {size:,} bytes"
            )
            made.append(incomplete(bytes(inbox.data[2:]), inbox.part(len(inbox)), lacking))
        return made

    def rest(self, side: Side) -> bytes:
        return bytes(self._inboxes[side].data)
