"""Scapy's AsyncSniffer, made to end in one known place. Importing this imports Scapy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from scapy.sendrecv import AsyncSniffer
from scapy.sessions import DefaultSession


class BlockSession(DefaultSession):  # type: ignore[misc]
    """Scapy's hook for what a readable socket has: whole blocks, so no packet is ever dissected.

    ``take`` moves what came and answers False when the capture is over.
    """

    def __init__(self, take: Callable[[], bool]) -> None:
        super().__init__()
        self.failed: Exception | None = None
        self._take = take

    def recv(self, sock: Any) -> Iterator[Any]:
        try:
            goes_on = self._take()
        except Exception as error:  # noqa: BLE001  (Scapy would log it, drop it and go on)
            self.failed = error
            goes_on = False
        if not goes_on:
            raise EOFError
        return iter(())


class Sniffer(AsyncSniffer):  # type: ignore[misc]
    """An AsyncSniffer that calls ``finish`` last in its thread, with what went wrong if anything.

    Scapy leaves an error in ``.exception`` with ``.running`` still True; here it always ends.
    """

    def __init__(self, finish: Callable[[BaseException | None], None], **keywords: Any) -> None:
        super().__init__(**keywords)
        self._finish = finish

    def _run(self, *args: Any, **keywords: Any) -> None:
        error: BaseException | None = None
        try:
            super()._run(*args, **keywords)
            error = keywords["session"].failed
        except Exception as raised:  # noqa: BLE001  (told to the user as the capture's problem)
            error = raised
        finally:
            self._finish(error)
