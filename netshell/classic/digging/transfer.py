"""Where a zone transfer ends: AXFR by its second SOA, IXFR by RFC 1995 section 4."""

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
        self._whole = serial is None
        self._adding = False

    def take(self, message: Message) -> str | None:
        """Take the next message; what is wrong with the transfer, "" if the server says no."""
        if self._newest is None and message.rcode:
            return ""
        if self._newest is None and not _starts(message):
            return "  Didn't start with SOA answer."
        self.messages += 1
        self.octets += len(message.wire)
        for resource in message.answer:
            self.records += 1
            self._record(message, resource)
        if self.serial is not None and self.records == 1:
            # One SOA alone: there is nothing newer, or the server would have to use TCP.
            self.complete = True
        return None

    def _record(self, message: Message, resource: Resource) -> None:
        if resource.rdtype != _SOA:
            if self.records == 2:
                self._whole = True
            return
        serial = int.from_bytes(message.wire[resource.end - 20 : resource.end - 16], "big")
        if self._newest is None:
            self._newest = serial
        elif self._whole or ((self._adding or self.records == 2) and serial == self._newest):
            self.complete = True
        elif self.records > 2:
            self._adding = not self._adding


def _starts(message: Message) -> bool:
    return bool(message.answer) and message.answer[0].rdtype == _SOA
