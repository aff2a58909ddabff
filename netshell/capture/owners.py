"""Whose sockets a live capture's TCP connections are, remembered beyond their end.

The kernel tells it while a socket is open only. So connections are looked up as they appear:
``look`` is called while the capture runs, and looks at those that are new since. What asks the
system is given from above; here is only what was answered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from netshell.flow.flow_columns import FlowColumns
from netshell.flow.key import Endpoint
from netshell.packet.ip import address_text

_TCP = 6
_TRIES = 3
"""So often is asked about a connection: it may be seen before its socket is in the tables."""

_REST = 4
"""Times as long as asking took nothing is asked after it."""


class Ends(NamedTuple):
    """A socket by its ends, as it has them itself."""

    local: Endpoint
    remote: Endpoint


Ask = Callable[[Collection[Ends]], Mapping[Ends, str]]
"""Who holds sockets, as far as they are of this machine: "python3[1234]"."""


class Owners:
    """Who the clients of a capture's connections are; where only the server is of this machine,
    who that is."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._rested_at = 0.0
        self._seen = 0  # flows that were looked at
        self._open: dict[int, tuple[Ends, int, int]] = {}  # flow: ends, since when, tries left
        self._known: dict[Ends, list[tuple[int, str]]] = {}  # by client and server: since when, who

    def look(self, flows: FlowColumns) -> None:
        """Ask about connections that are new, and about those not found yet."""
        with self._lock:
            for row in range(self._seen, len(flows)):
                if flows.proto[row] == _TCP and flows.client_port[row] >= 0:
                    client = _endpoint(flows.client[row], flows.client_port[row])
                    server = _endpoint(flows.server[row], flows.server_port[row])
                    since = int(flows.first_ns[row])
                    self._open[row] = Ends(client, server), since, _TRIES
            self._seen = len(flows)
            if not self._open:
                return
            if self._clock() < self._rested_at:
                return
            begun = self._clock()
            wanted = {ends for ends, _, _ in self._open.values()}
            found = self._ask(wanted | {Ends(ends.remote, ends.local) for ends in wanted})
            ended = self._clock()
            self._rested_at = ended + _REST * (ended - begun)
            for row, (ends, since, tries) in list(self._open.items()):
                who = found.get(ends) or found.get(Ends(ends.remote, ends.local))
                if who:
                    self._known.setdefault(ends, []).append((since, who))
                if who or tries <= 1:
                    del self._open[row]
                else:
                    self._open[row] = ends, since, tries - 1

    def of(self, client: Endpoint, server: Endpoint, start_ns: int) -> str:
        """Who it was, of a flow that began then; "" if that is not known."""
        ends = Ends(client, server)
        known = self._known.get(ends) or self._known.get(Ends(server, client)) or []
        return next((who for since, who in reversed(known) if since <= start_ns), "")


def _endpoint(address: object, port: int) -> Endpoint:
    return Endpoint(address_text(bytes(address)), int(port))  # type: ignore[call-overload]
