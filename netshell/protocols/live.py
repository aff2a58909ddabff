"""Messages as they come, while their capture runs.

Whoever shows them takes what is new through a :class:`Cursor` of its own. They are there as soon
as their last byte was captured: waiting for packets is waiting in the capture's store, and what
time alone brings (a gap nobody will fill) is looked for often enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from netshell.flow.ongoing import Ongoing
from netshell.protocols.api import Message
from netshell.view import Block, Note

TICK_S = 0.05
"""How often is looked where no packet wakes us: whether it was stopped, what time brings."""

started: list[Callable[[LiveMessages], object]] = []
"""Who is told of all messages that are asked for as they come: the prompt's printer."""


class Origin(Protocol):
    """A capture, as far as its messages come from it."""

    @property
    def running(self) -> bool:
        """Whether more packets may come."""
        ...

    @property
    def is_behind(self) -> bool:
        """Whether packets are there that :meth:`since` has not come to."""
        ...

    def since(self, count: int) -> tuple[list[Message], int]:
        """What was complete behind the first ``count`` messages, and how many there are. Of many
        packets that wait, it reads a part."""
        ...

    def wait(self, seconds: float) -> None:
        """Until packets come, the capture ends, or so long."""
        ...


class LiveMessages(Ongoing):
    """The messages of a capture, each once it is complete, until the capture or :meth:`stop` ends
    it.

    >>> for message in cap.messages.live(): print(message)             # doctest: +SKIP

    At netshell's prompt they are printed above it, first those there are. Iterated, it gives
    the ones there are, and waits for the next; Ctrl-C ends it, not the capture.
    """

    def __init__(
        self,
        origin: Origin,
        wanted: Sequence[Callable[[Message], bool]] = (),
        draw: Callable[[Message], Sequence[Block]] | None = None,
        called: str = "messages",
    ) -> None:
        """``draw`` gives a message's blocks where it is printed; ``called`` is what they are
        called there."""
        super().__init__()
        self.draw, self.called = draw, called
        self._origin, self._wanted = origin, tuple(wanted)
        self._is_watched = bool(started) and origin.running  # else there is nothing to wait for
        for tell in started if self._is_watched else ():
            tell(self)

    @property
    def origin_runs(self) -> bool:
        return self._origin.running

    @property
    def is_behind(self) -> bool:
        """Whether more can be taken at once."""
        return not self.stopped and self._origin.is_behind

    def wait(self, seconds: float) -> None:
        """Wait so long, or until packets come."""
        self._origin.wait(seconds)

    def cursor(self) -> Cursor:
        """Takes each message once, from the first one on."""
        return Cursor(self._origin, self._wanted)

    def __iter__(self) -> Iterator[Message]:
        cursor = self.cursor()
        try:
            while True:
                is_last = not self.running  # asked first: then what is taken is all there is
                for message in () if self.stopped else cursor.take():
                    yield message
                    if self.stopped:
                        break
                if self.is_behind:
                    continue
                if is_last:
                    return
                self.wait(TICK_S)
        except KeyboardInterrupt:
            self.stop()

    def view(self) -> Sequence[Block]:
        if self._is_watched and self.running:
            text = f"{self.called} are printed as they come, first those there are"
            return (Note(f"{text}; Ctrl-C ends it", "good"),)
        if self.running:
            return (Note(f"{self.called} come as the capture runs: iterate over them", "good"),)
        over = "it was stopped" if self.stopped else "the capture is over"
        return (Note(f"{over}: no more {self.called} come; iterate over those there are"),)


class Cursor:
    """Takes messages as they come, each once."""

    def __init__(self, origin: Origin, wanted: Sequence[Callable[[Message], bool]]) -> None:
        self._origin, self._wanted = origin, wanted
        self._count = 0

    def take(self) -> list[Message]:
        """Those that are new."""
        found, self._count = self._origin.since(self._count)
        return [message for message in found if all(wanted(message) for wanted in self._wanted)]
