"""Looks whose a live capture's connections are while they are open.

A thread of each live capture looks at what is new of it some times a second, as long as that is
little: in a flood, looking would take the time that capturing needs, and it gives up. From then on
connections are looked up when somebody asks for queries. It holds the packets, not the capture:
one that nobody wants any more is gone at once.
"""

from __future__ import annotations

import threading
import time

from netshell.capture.capture import Capture
from netshell.capture.conversations import Conversations
from netshell.capture.owners import Ask, Ends, Owners
from netshell.capture.store import Store
from netshell.flow.key import Endpoint

REST_S = 0.1
"""After a look, at least."""
SHARE = 20
"""And so many times as long as it took."""
MOST = 20_000
"""Packets that may be new at a look."""

_NOBODY = Ends(Endpoint("0.0.0.0", 1), Endpoint("0.0.0.0", 1))


def follow(capture: Capture, ask: Ask) -> None:
    """Know whose the connections of a capture are, from now on until it stops."""
    capture.owners = owners = Owners(ask)
    told = capture._store, capture._conversations, owners, ask
    threading.Thread(target=_run, args=told, name="netshell-owners", daemon=True).start()


def _run(store: Store, conversations: Conversations, owners: Owners, ask: Ask) -> None:
    ask({_NOBODY})  # what asking needs is loaded when the first connection comes
    looked_at = 0
    while not store.ended:
        store.wait(looked_at + 1, time.monotonic() + 1)
        total = store.total
        if total == looked_at:
            continue
        if total - looked_at > MOST:
            return
        begun = time.thread_time()
        owners.look(conversations.reach(store.parts()))
        looked_at = total
        store.wait(None, time.monotonic() + max(REST_S, SHARE * (time.thread_time() - begun)))
