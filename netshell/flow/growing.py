"""A ladder that grows while its capture runs.

Whoever shows it takes the steps that are new through a :class:`Cursor` of its own, whenever it
likes. Working them out again looks at the whole flow; after that it rests for several times as
long, so a long flow never takes more than a part of the time, and nobody waits for it.

A packet is told a moment after it was seen: what follows may explain it (whether a SYN arrived
shows in its answer). What is ordinary waits a little longer, to be folded with what follows.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from netshell.flow.given import yes_or_no
from netshell.flow.ongoing import Ongoing
from netshell.flow.state import State
from netshell.view import Block, Note

if TYPE_CHECKING:
    from netshell.flow.flow import Flow
    from netshell.flow.steps import Rows, Step

TICK_S = 0.1
SETTLE_S = 0.3  # how long packets wait for what explains them
HOLD_S = 0.5  # and ordinary ones at the end for what they are folded with
SHORT_S = 0.05  # what takes longer is done apart, and shown when it is there
REST = 4  # times the work that is rested after it

started: list[Callable[[LiveLadder], object]] = []
"""Who is told of every ladder that grows: the prompt's printer."""

_OVER = (State.CLOSED, State.TIME_WAIT)


class LiveLadder(Ongoing):
    """A flow's ladder, growing until the connection is over, the capture stops, or :meth:`stop`.

    At netshell's prompt, its rungs are printed above the prompt as they come. Iterated, it gives
    them as :class:`~netshell.flow.steps.Step`, and waits for the next one; Ctrl-C ends it.

    >>> ladder = cap.flows[0].ladder(live=True)
    >>> ladder.stop()
    >>> for step in cap.flows[0].ladder(live=True): ...
    """

    def __init__(self, flow: Flow, fold: bool = True) -> None:
        super().__init__()
        self.flow = flow
        self.fold = yes_or_no(fold, "fold")
        self._working = threading.Lock()
        self._rows: Rows | None = None
        self._total = -1  # packets that the rows were made of
        self._rested_at = self._cost_s = 0.0
        self._worker: threading.Thread | None = None
        self._is_watched = bool(started)
        for tell in started:
            tell(self)

    @property
    def origin_runs(self) -> bool:
        return self.flow.origin.running and not self.is_over

    @property
    def is_over(self) -> bool:
        """Whether the connection is closed at both ends, as far as was looked."""
        rows = self._rows
        if rows is None or not len(rows):
            return False
        ends = [rows.change(side, len(rows) - 1) for side in (0, 1)]
        return all(end is not None and end.state in _OVER for end in ends)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it is stopped: then True."""
        return self._stopped.wait(seconds)

    def __iter__(self) -> Iterator[Step]:
        cursor = Cursor(self)
        while True:
            is_last = not self.running  # asked first: then what is taken is all there is
            yield from cursor.take(is_last=is_last)
            if is_last and not self.running:
                return
            try:
                self.wait(TICK_S)
            except KeyboardInterrupt:
                self.stop()

    @property
    def is_current(self) -> bool:
        """Whether nothing came since the flow was looked at."""
        return self._total == self.flow.origin.total

    def rows(self, now: bool = False) -> Rows:
        """The flow's packets up to now; those of a moment ago while it works or rests, unless
        ``now``."""
        rows, worker = self._rows, self._worker
        if rows is None or now:
            return self._work()
        if worker is not None and worker.is_alive():
            return rows
        if self.is_current or time.monotonic() < self._rested_at:
            return rows
        if self._cost_s < SHORT_S:
            return self._work()
        self._worker = threading.Thread(target=self._work, name="netshell-ladder", daemon=True)
        self._worker.start()
        return rows

    def _work(self) -> Rows:
        """Look at the whole flow again if there is more of it."""
        from netshell.flow.ladder import rows_of

        with self._working:
            total = self.flow.origin.total
            if self._rows is None or total != self._total:
                begun = time.thread_time()  # what it takes from others, not what they take from it
                rows = rows_of(self.flow)
                self._cost_s = time.thread_time() - begun
                self._rested_at = time.monotonic() + REST * self._cost_s
                self._rows, self._total = rows, total
            return self._rows

    def view(self) -> Sequence[Block]:
        from netshell.flow.ladder import ladder_of

        if self._is_watched and self.running:
            text = f"the ladder of flow {self.flow.number} grows above the prompt"
            return (Note(f"{text}; Ctrl-C or .stop() ends it", "good"),)
        shown = ladder_of(self.flow, self.fold).view()
        return (*shown, Note("● grows while the capture runs", "good")) if self.running else shown


class Cursor:
    """Takes the steps of a growing ladder, each once."""

    def __init__(self, ladder: LiveLadder, clock: Callable[[], float] = time.monotonic) -> None:
        self._ladder = ladder
        self._clock = clock
        self._packet = -1  # the last one taken
        self._explained = -1  # the last one seen long enough ago
        self._before = 0  # ordinary ones at the end of what was taken
        self._held_since: float | None = None
        self._rows: Rows | None = None
        self._looked_at = 0.0  # when the flow was looked at for these rows
        self._seen: deque[tuple[float, int]] = deque()  # when, and up to which packet

    def take(self, most: int | None = None, is_last: bool = False) -> Sequence[Step]:
        """What is new, in at most ``most`` steps: if it is more, the middle becomes one.

        Ordinary packets at the end may be left for the next time, unless this ``is_last``.
        """
        import numpy as np

        from netshell.flow.steps import EDGE, Steps, folded

        rows = self._ladder.rows(now=is_last)
        start = int(np.searchsorted(rows.packet, self._packet, "right"))
        plain = rows.plain(start)
        if not is_last:
            plain = plain[: max(self._settled(rows) - start, 0)]
        end = len(plain)
        tail, before = _tail(plain, self._before)
        if self._ladder.fold and not is_last:
            held = min(max(tail - max(EDGE - before, 0), 0), end)
            if self._holds(held):
                end -= held
        if end == 0:
            return ()
        starts = np.arange(end + 1)
        if self._ladder.fold:
            starts = folded(plain[:end], self._before, is_open=not is_last)
        if most is not None and len(starts) - 1 > most:
            first = (most + 1) // 2
            starts = np.append(starts[:first], starts[len(starts) - 1 - (most - first) :])
        tail, before = _tail(plain[:end], self._before)
        self._before = tail + before
        self._packet = int(rows.packet[start + end - 1])
        return list(Steps(rows, starts + start))

    def _settled(self, rows: Rows) -> int:
        """How many of the rows were seen long enough before the latest look at the flow."""
        if rows is not self._rows or self._ladder.is_current:
            self._rows, self._looked_at = rows, self._clock()
        looked, last = self._looked_at, int(rows.packet[-1]) if len(rows) else -1
        if not self._seen or self._seen[-1][1] < last:
            self._seen.append((looked, last))
        while self._seen and looked - self._seen[0][0] >= SETTLE_S:
            self._explained = max(self._explained, self._seen.popleft()[1])
        return int(rows.packet.searchsorted(self._explained, "right"))

    def _holds(self, held: int) -> bool:
        """Whether ordinary packets at the end wait."""
        if not held:
            self._held_since = None
            return False
        now = self._clock()
        if self._held_since is None:
            self._held_since = now
        if now - self._held_since < HOLD_S:
            return True
        self._held_since = None
        return False


def _tail(plain: Any, before: int) -> tuple[int, int]:
    """How many ordinary ones are at the end, and how many of the same run came earlier."""
    import numpy as np

    special = np.flatnonzero(~plain)
    return (len(plain) - int(special[-1]) - 1, 0) if len(special) else (len(plain), before)
