"""Where a zone transfer ends: AXFR by its second SOA, IXFR by RFC 1995 section 4.

As dig sees it: only the SOA records count, and the first message that has none fails it.
"""

from __future__ import annotations

from netshell.lookup.wire import Message, Resource

_SOA = 6


class Transfer:
    """Counts a transfer's records, messages and bytes, and sees its end."""

    def __init__(self, serial: int | None) -> None:
        self.serial = serial
        """The serial number that the asker has; None for all of the zone."""
        self.records = self.messages = self.octets = 0
        self.complete = False
        self._newest: int | None = None
        self._changes: bool | None = None
        """Whether it is changes that came, by the second record; None before that."""
        self._repeated = False

    def take(self, message: Message) -> str | None:
        """Take the next message; what is wrong with the transfer, "" if there is no answer."""
        self.messages += 1
        self.octets += len(message.wire)
        if not message.answer:
            return ""
        for resource in message.answer:
            self.records += 1
            if self._newest is None and resource.rdtype != _SOA:
                return "  Didn't start with SOA answer."
            self._record(message, resource)
            if self.complete:
                break
        return None

    def _record(self, message: Message, resource: Resource) -> None:
        soa = resource.rdtype == _SOA
        if self._newest is None:
            self._newest = _serial(message, resource)
            # Nothing is newer: the one record is all of it (serial arithmetic, RFC 1982).
            had = self.serial
            self.complete = had is not None and (had - self._newest) & 0xFFFFFFFF < 1 << 31
        elif self._changes is None and not (soa and self.serial is None):
            self._changes = soa
        elif soa and (not self._changes or _serial(message, resource) == self._newest):
            # Among changes the newest SOA stands before what was added, and once more at the end.
            self.complete = self._repeated or not self._changes
            self._repeated = True


def _serial(message: Message, resource: Resource) -> int:
    return int.from_bytes(message.wire[resource.end - 20 : resource.end - 16], "big")
