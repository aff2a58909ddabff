"""A renegotiation, up to TLS 1.2: encrypted, so that only its records are seen."""

from __future__ import annotations

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Part, other
from netshell.protocols.tls import records
from netshell.protocols.tls.half import Record
from netshell.protocols.tls.traffic import Rehandshake


class Again:
    """A renegotiation while it goes on."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._counts = dict.fromkeys(SIDES, 0)
        self._changed: set[Side] = set()
        self._finished: set[Side] = set()

    @property
    def is_complete(self) -> bool:
        """Whether both sides have sent something with their new keys."""
        return len(self._finished) == len(SIDES)

    def add(self, record: Record) -> None:
        """A handshake record, or one that says that the keys change."""
        side = record.part.side
        self._counts[side] += 1
        if record.kind == records.CHANGE_CIPHER:
            self._changed.add(side)
        elif side in self._changed:
            self._finished.add(side)
        for at, part in enumerate(self._parts):
            if part.side == side:
                self._parts[at] = part._replace(end=record.part.end, end_ns=record.part.end_ns)
                return
        self._parts.append(record.part)

    def message(self) -> Rehandshake:
        """What there is of it."""
        first = self._parts[0].side
        return Rehandshake(
            kind="renegotiation",
            parts=tuple(self._parts),
            records_sent=self._counts[first],
            answer_records=self._counts[other(first)],
            is_complete=self.is_complete,
        )
