"""Packets above the prompt: every capture started at the prompt is followed and printed, and so
is every ladder that grows, and messages that are asked for as they come.

The printer pulls: it looks every tenth of a second at what the captures hold, so a capture never
waits for the screen. What exceeds the rate is counted instead of shown. One thread, which is there
only while something is captured, and one place that writes, so lines are never mixed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from netshell.errors import NetshellError
from netshell.shell.figures import Figures, counted, measure
from netshell.view import Style, clean

if TYPE_CHECKING:
    from netshell.flow.growing import LiveLadder
    from netshell.flow.watching import Watch
    from netshell.protocols.live import LiveMessages

TICK_S = 0.1
REFRESH_S = 0.5
RUNGS = 16  # of a ladder at each tick; what is beyond is folded, not lost

SCREEN = threading.RLock()
"""Held by whoever writes what belongs together in several pieces: nothing is printed between."""

Paint = Callable[[str, Style], str]


class Growing(Protocol):
    """What is printed piece by piece while a capture runs: a ladder, messages."""

    ended: bool
    what: str

    @property
    def source(self) -> Any: ...

    def lines(self, most: int) -> list[str]:
        """The lines that are new."""
        ...

    def stop(self) -> object: ...


@dataclass(slots=True)
class _Followed:
    capture: Any
    shown: int = 0  # packets up to here are printed or counted as skipped
    skipped: int = 0  # not yet told to the user
    complained: bool = False
    noted: set[str] = field(default_factory=set)  # what its notes were about
    figures: Figures | None = None
    ended_at: float | None = None  # when it was found stopped
    is_told: bool = False  # the prompt showed what came of it


_GRACE_S = 0.25
"""So long the closing line waits for the answer to ``cap.stop()``, which says the same."""


class Printer:
    """Follows captures and prints their packets, at most ``lines_per_s`` lines a second.

    ``draw(packet)`` gives a packet's lines, ``changed()`` is called when the figures are new (the
    prompt repaints itself then). Both run in the printer's thread.
    """

    def __init__(
        self,
        draw: Callable[[Any], str],
        lines_per_s: int = 160,
        changed: Callable[[], None] = lambda: None,
        paint: Paint | None = None,
    ) -> None:
        self._draw = draw
        self._rate = lines_per_s
        self._changed = changed
        self._paint = paint or (lambda text, style: text)
        self._lock = threading.Lock()  # guards the list, the thread and every write
        self._followed: list[_Followed] = []
        self._growing: list[Growing] = []
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._is_held = False
        self._lines_left = self._burst
        self._filled_at = time.monotonic()
        self._measured_at = 0.0

    @property
    def _burst(self) -> float:
        return max(1.0, self._rate / 4)

    @property
    def figures(self) -> list[Figures]:
        """The latest figures of the captures that run, oldest first."""
        return [each.figures for each in self._followed if each.figures and each.capture.running]

    def follow(self, capture: Any) -> None:
        """Print this capture's packets from its first one on, until it stops."""
        with self._lock:
            self._followed.append(_Followed(capture, figures=measure(capture)))
            self._start()

    def told(self, capture: Any) -> None:
        """Somebody was shown what came of this capture: it needs not be said again."""
        for each in list(self._followed):
            each.is_told |= each.capture is capture

    def grow(self, ladder: LiveLadder) -> None:
        """Print a ladder's rungs as they come; meanwhile no packets, which would stand between."""
        from netshell.shell.ladders import Growing

        self._add(Growing(ladder, self._paint))

    def tell(self, messages: LiveMessages) -> None:
        """Print messages as they come; meanwhile no packets."""
        from netshell.shell.messages import Coming

        self._add(Coming(messages))

    def _add(self, growing: Growing) -> None:
        with self._lock:
            self._growing.append(growing)
            self._start()

    @property
    def ladders(self) -> list[Any]:
        """The ladders that grow, and the messages that come: each has ``stop``."""
        return [each.source for each in self._growing]

    def watch(self, watch: Watch) -> None:
        """Draw flows in one place until they are watched no more; meanwhile nothing is printed."""
        from netshell.shell.watches import draw_in_place, is_possible

        if is_possible():
            self._is_held = True
            try:
                draw_in_place(watch, self._paint)
            finally:
                self._is_held = False

    def _start(self) -> None:
        if self._thread is None and not self._closing.is_set():
            self._thread = threading.Thread(target=self._run, name="netshell-printer", daemon=True)
            self._thread.start()

    def measure(self) -> None:
        """Take fresh figures now: before a prompt is drawn."""
        for each in list(self._followed):
            each.figures = measure(each.capture, each.figures)
        self._measured_at = time.monotonic()

    def close(self) -> None:
        """Stop what still runs, print the rest, end the thread."""
        for ladder in self.ladders:
            ladder.stop()
        for each in list(self._followed):
            if each.capture.running:
                each.capture.stop()
        self._closing.set()
        thread = self._thread
        if thread is not None:
            thread.join(5)

    # --- the thread -------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            closing = self._closing.wait(TICK_S)
            self._tick()
            with self._lock:
                if closing or not (self._followed or self._growing):
                    self._thread = None
                    break
        self._changed()

    def _tick(self) -> None:
        now = time.monotonic()
        if self._is_held:  # what came by then is not printed later either
            for each in list(self._followed):
                each.shown, each.skipped = len(each.capture), 0
            return
        self._lines_left = min(self._burst, self._lines_left + (now - self._filled_at) * self._rate)
        self._filled_at = now
        mute = bool(self._growing)
        printed = self._grow()
        for each in list(self._followed):
            ended = not each.capture.running  # asked first: then the packets counted are the last
            if mute:
                each.shown = len(each.capture)  # its rungs stand for them
            lines = [*self._new(each)]
            printed = printed or bool(lines)
            lines += self._notes(each)
            if ended and each.ended_at is None:
                each.ended_at = now
            if ended and not self._is_due(each, now):
                ended = False  # who stopped it may be shown what came of it
            if ended:
                lines += self._last(each)
            try:
                write(lines)
            except (OSError, ValueError):
                ended = True  # the terminal is gone; the capture goes on without a listener
            if ended:
                with self._lock:
                    self._followed.remove(each)
        # Packets above the prompt are counted in it at once, or it would contradict them.
        if (printed or now - self._measured_at >= REFRESH_S) and self._followed:
            self.measure()
            self._changed()

    def _grow(self) -> bool:
        """Print what is new of the ladders; whether there was anything."""
        printed = False
        for each in list(self._growing):
            lines = self._rungs(each)
            try:
                write(lines)
            except (OSError, ValueError):
                each.ended = True  # the terminal is gone
            printed = printed or bool(lines)
            if each.ended:
                with self._lock:
                    self._growing.remove(each)
        return printed

    def _rungs(self, each: Growing) -> list[str]:
        try:
            return each.lines(RUNGS)
        except Exception as error:  # noqa: BLE001  a fault in drawing must not end the printing
            each.ended = True
            why = str(error) if isinstance(error, NetshellError) else repr(error)
            return [self._paint(f"the {each.what} cannot be drawn: {why}", "bad")]

    def _new(self, each: _Followed) -> Iterable[str]:
        total = len(each.capture)
        if self._rate <= 0:
            each.shown = total
            return
        if each.capture.first >= total:  # nothing is kept: there is nothing to show
            each.shown = total
            return
        if each.skipped and (self._lines_left >= 1 or total == each.shown):
            yield self._skip_note(each)
        while each.shown < total and self._lines_left >= 1:
            if (oldest := each.capture.first) > each.shown:  # let go before it was its turn
                each.skipped += min(oldest, total) - each.shown
                each.shown = min(oldest, total)
                continue
            text = self._packet(each)
            self._lines_left -= text.count("\n") + 1
            each.shown += 1
            yield text
        # A little more than fits is shown at the next tick; what floods is left out for good.
        if total - each.shown > self._burst:
            each.skipped += total - each.shown
            each.shown = total

    def _packet(self, each: _Followed) -> str:
        try:
            return self._draw(each.capture[each.shown])
        except Exception as error:  # noqa: BLE001  a fault in drawing must not end the printing
            if each.complained:
                return self._paint(f"packet {each.shown}: not drawn", "quiet")
            each.complained = True
            why = str(error) if isinstance(error, NetshellError) else repr(error)
            return self._paint(
                f"packet {each.shown} cannot be drawn: {why}; it is captured all the same", "bad"
            )

    def _skip_note(self, each: _Followed) -> str:
        many, each.skipped = each.skipped, 0
        return self._paint(
            f"… {counted(many, 'packet')} not shown (captured all the same)", "quiet"
        )

    def _notes(self, each: _Followed) -> Iterable[str]:
        """What happened to a capture that goes on, each once."""
        for note in each.capture.notes:
            about = note.partition(": ")[0]  # behind it stands what may change, as a count
            if about not in each.noted:
                each.noted.add(about)
                yield self._paint(clean(note), "warn")

    def _is_due(self, each: _Followed, now: float) -> bool:
        """Whether the end of a capture is to be told by now."""
        since = now if each.ended_at is None else each.ended_at
        return each.is_told or self._closing.is_set() or now - since >= _GRACE_S

    def _last(self, each: _Followed) -> list[str]:
        left_out = each.skipped + len(each.capture) - each.shown
        each.skipped, each.shown = left_out, len(each.capture)
        lines = [self._skip_note(each)] if left_out and self._rate > 0 else []
        stats = each.capture.stats
        text = f"capture stopped: {counted(len(each.capture), 'packet')}, {stats.dropped:,} dropped"
        text += f", {stats.written:,} written" if stats.written else ""
        text += f", {stats.unwritten:,} not written" if stats.unwritten else ""
        lost = stats.dropped or stats.unwritten
        if not each.is_told:
            lines.append(self._paint(text, "warn" if lost else "quiet"))
        if each.capture.problem is not None:
            lines.append(self._paint(str(each.capture.problem), "bad"))
        return lines


def write(lines: Iterable[str]) -> None:
    """Lines in one piece on standard output as it is now: above the prompt while it is there."""
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    stream = sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with SCREEN:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
