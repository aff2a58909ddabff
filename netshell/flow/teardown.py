"""How a connection was closed: who began, with which segments, and what a RST lets one conclude.

The kind of ending is :mod:`netshell.flow.ending`'s, here is what belongs to it. RFC 9293 3.6
(closing, half-close), RFC 1122 4.2.2.13 (a RST instead of a FIN), Linux (when it sends a RST).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from netshell.catalogue.files import ENGLISH, counted, text
from netshell.catalogue.said import Said, again
from netshell.flow.amounts import duration
from netshell.flow.ending import (
    ABORTED,
    AFTER_CLOSE,
    AT_ONCE,
    CLOSED,
    CUT_OFF,
    HALF,
    NO_ANSWER,
    NONE,
    ONE_SIDED,
    OPEN,
    PHRASES,
    REFUSED,
    SIDES,
    SILENT,
    STRAY,
    UNACKNOWLEDGED,
    UNFINISHED,
    endings,
)
from netshell.flow.reuse import ACK, RST, SYN
from netshell.flow.segments import Segments
from netshell.flow.state import State
from netshell.flow.tracker import TIME_WAIT_NS, end_ns, states_at, track
from netshell.results import Single

WAITED_NS = 1_000_000_000
"""An answer may still come until then: the time after which a SYN is sent again (RFC 6298 2)."""


@dataclass(frozen=True, repr=False)
class Teardown(Single):
    """How a connection was closed, or that it was not. Packets are their numbers in the capture.

    >>> cap.flows[0].teardown
    """

    ended: str  # as in the table of flows: "FIN by client", "RST by server: refused" ...
    closed_first: str  # "client", "server", "both" (at once), "" (nobody sent a FIN)
    segments: tuple[int, ...]  # the FINs and what acknowledged them: three or four
    duration_s: float | None  # from the first of them to the last
    half_closed_s: float | None  # from the first FIN to the other one, or to the capture's end
    half_closed_bytes: int  # that the other side still sent in that time
    reset: int | None  # the RST that ended it
    reset_by: str  # "client", "server", ""
    resets: int  # RST segments, all of them
    why: str  # what the wire proves about the ending, "" where the phrase says it all
    client: State  # at the end of the capture
    server: State
    waiting_s: float | None  # how long they have been in those states, if one waits for the other
    time_wait_s: float | None  # how long a TIME_WAIT still lasts then, on Linux

    @property
    def merged(self) -> bool:
        """Whether a FIN and the ACK of the other one went together: three segments, not four."""
        return len(self.segments) == 3

    @property
    def simultaneous(self) -> bool:
        """Whether the FINs crossed."""
        return self.closed_first == "both"

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def told(self, lang: str) -> str:
        """The whole in one line, in a language of the catalogue; how it ended as tables name it."""
        said = self.ended or again(self.why, lang) or text("teardown.none", lang)
        if self.ended in PHRASES[2 * CLOSED : 2 * AT_ONCE + 2] and self.duration_s is not None:
            count, span = len(self.segments), _span(self.duration_s)
            said = text("teardown.segments", lang, text=said, count=count, span=span)
        if self.half_closed_bytes:
            came = counted("amount.byte", self.half_closed_bytes, lang)
            said = text("teardown.half", lang, text=said, amount=came)
        if self.waiting_s is not None:
            where = {"client": self.client, "server": self.server}
            said = text("teardown.waiting", lang, text=said, span=_span(self.waiting_s), **where)
        return said

    def facts(self) -> Iterable[tuple[str, str]]:
        yield "ended", self.ended or ("" if self.why else "no TCP")
        yield "closed first", self.closed_first
        yield "segments", ", ".join(f"packet {number}" for number in self.segments)
        yield "took", "" if self.duration_s is None else _span(self.duration_s)
        if self.half_closed_s is not None:
            sent = f"{self.half_closed_bytes:,} bytes"
            yield "half-closed", f"{_span(self.half_closed_s)}, {sent} from the other side in it"
        yield "RST", "" if self.reset is None else f"packet {self.reset}, by {self.reset_by}"
        yield "RST segments", str(self.resets) if self.resets > (self.reset is not None) else ""
        yield "why", self.why
        if self.ended:
            yield "states", f"client {self.client}, server {self.server}, at the capture's end"
        yield "for", "" if self.waiting_s is None else _span(self.waiting_s)
        yield "TIME_WAIT", _rest(self.time_wait_s)


def teardown_of(segments: Segments, now_ns: int | None = None) -> Teardown:
    """The teardown of one flow; raises nothing.

    ``now_ns``: when the capture ended; its last packet's time if not given.
    """
    if not len(segments):
        return Teardown(
            "", "", (), None, None, 0, None, "", 0, "", State.CLOSED, State.CLOSED, None, None
        )
    return _Reading(segments, end_ns(segments) if now_ns is None else now_ns).teardown()


class _Reading:
    def __init__(self, segments: Segments, now_ns: int) -> None:
        self.segments = segments
        last_ns = int(segments.time_ns.max())
        self.now_ns = max(now_ns, last_ns)
        found = endings(segments)
        self.kind, self.by = int(found.kind[0]), int(found.by[0])
        self.phrase = found.phrase(0)
        self.fin, self.acked = found.fin[0].tolist(), found.acked[0].tolist()
        self.reset = int(found.reset[0])

    def teardown(self) -> Teardown:
        segments = self.segments
        used = sorted({row for row in (*self.fin, *self.acked) if row != NONE})
        found = track(segments, self.now_ns)
        client, server = states_at(found, self.now_ns)
        half_s, half_bytes = self._half()
        time = segments.time_ns
        waits = {client, server} & {State.CLOSE_WAIT, State.FIN_WAIT_2} and self.kind == HALF
        since = max(int(time[changes[-1].row]) for changes in (found.client, found.server))
        ends = [
            began + TIME_WAIT_NS - self.now_ns
            for state, began in zip((client, server), found.since_ns, strict=True)
            if state is State.TIME_WAIT
        ]
        took = int(time[used[-1]] - time[used[0]]) if used else 0  # below 0: the clock went back
        return Teardown(
            ended=self.phrase,
            closed_first=self._first(),
            segments=tuple(segments.packet[used].tolist()),
            duration_s=took / 1e9 if len(used) > 1 and took >= 0 else None,
            half_closed_s=half_s,
            half_closed_bytes=half_bytes,
            reset=None if self.reset == NONE else int(segments.packet[self.reset]),
            reset_by="" if self.reset == NONE else SIDES[self.by],
            resets=int(np.count_nonzero(segments.flags & RST)),
            why=self._why(),
            client=client,
            server=server,
            waiting_s=max(self.now_ns - since, 0) / 1e9 if waits else None,
            time_wait_s=max(ends) / 1e9 if ends else None,
        )

    def _first(self) -> str:
        fins = [side for side in (0, 1) if self.fin[side] != NONE]
        if not fins:
            return ""
        if self.kind == AT_ONCE:
            return "both"
        if self.kind in (CLOSED, HALF, ONE_SIDED, UNACKNOWLEDGED):
            return SIDES[self.by]
        return SIDES[min(fins, key=lambda side: int(self.fin[side]))]

    def _half(self) -> tuple[float | None, int]:
        """How long only one direction was closed, and what still came from the other."""
        first = self._first()
        if first not in SIDES:
            return None, 0
        side = SIDES.index(first)
        fin, other = self.fin[side], self.fin[1 - side]
        if other != NONE and self.acked[side] == other and other == self._following(fin, 1 - side):
            return None, 0  # one answer to both: nothing was in between
        if self.acked[side] == NONE:
            return None, 0
        segments, time = self.segments, self.segments.time_ns
        if other != NONE:
            until = int(time[other])
        else:
            until = int(time[self.reset]) if self.reset != NONE else self.now_ns
        mine = (segments.from_client == (side == 1)) & ((segments.flags & RST) == 0)
        behind = segments.seq + segments.length
        rows = np.arange(len(segments))
        stop = len(segments) if other == NONE else other + 1
        before = behind[mine & (rows < fin)].max(initial=1)
        reached = behind[mine & (rows < stop)].max(initial=1)
        return max(until - int(time[fin]), 0) / 1e9, max(int(reached - before), 0)

    def _following(self, row: int, side: int) -> int:
        """The first segment of one side behind a row."""
        mine = self.segments.from_client == (side == 0)
        rows = np.flatnonzero(mine[row + 1 :])
        return row + 1 + int(rows[0]) if len(rows) else NONE

    def _why(self) -> str:
        """What the wire proves, and what it cannot tell."""
        if self.kind in (CLOSED, AT_ONCE):
            return self._behind()
        if self.kind in (NO_ANSWER, OPEN, UNFINISHED) and (ignored := self._ignored()):
            return ignored
        if self.kind == NO_ANSWER and self.now_ns - int(self.segments.time_ns.max()) < WAITED_NS:
            return Said("teardown.why.too_soon")
        if self.kind == CUT_OFF and self._answers_another():
            return Said("teardown.why.answers", packet=self._packet(self._answers()[-1]))
        if self.kind == CUT_OFF and not self._was_answered():
            return Said("teardown.why.before_answer")
        if self.kind in _WHY:
            return Said(f"teardown.why.{_WHY[self.kind]}")
        if self.kind == HALF:
            return Said("teardown.why.half", side=self._side(1 - self.by))
        if self.kind == ABORTED:
            return self._aborted()
        if self.kind == AFTER_CLOSE:
            fin, drawn = self._packet(self.fin[self.by]), self._drawn()
            return Said("teardown.why.after_close", side=self._side(self.by), fin=fin, drawn=drawn)
        if self.kind == STRAY:
            return Said("teardown.why.stray", side=self._side(self.by), drawn=self._drawn())
        if self.kind == SILENT:
            return self._silent()
        return ""

    def _side(self, side: int) -> Said:
        return Said(f"side.{SIDES[side]}")

    def _aborted(self) -> str:
        """Who aborts with its own numbers and an ACK: no segment drew it."""
        side = self.by
        if not self._spoke():
            return Said("teardown.abort.alone")
        who = self._side(side)
        if not self._begins(1 - side):
            return Said("teardown.abort.unseen", side=who)
        received = int(self.segments.ack[self.reset]) - 1
        if self.fin[1 - side] != NONE and self.fin[1 - side] < self.reset:
            received -= 1
        if received <= 0:
            return Said("teardown.abort.nothing", side=who)
        return Said("teardown.abort.bytes", side=who, count=received)

    def _spoke(self) -> bool:
        """Whether anything but RSTs was captured before it."""
        return bool(((self.segments.flags[: self.reset] & RST) == 0).any())

    def _begins(self, side: int) -> bool:
        """Whether the capture shows one side's first number: its SYN, or the answer to it."""
        segments = self.segments
        mine = segments.from_client == (side == 0)
        syn = ((segments.flags & SYN) > 0) & ((segments.flags & RST) == 0)
        return bool((syn & (mine | ((segments.flags & ACK) > 0))).any())

    def _behind(self) -> str:
        """That RSTs came though both sides had closed, where there are any."""
        rows = np.flatnonzero(self.segments.flags & RST)
        if not len(rows):
            return ""
        sides = np.unique(self.segments.from_client[rows])
        who = Said(f"side.the.{SIDES[int(not sides[0])] if len(sides) == 1 else 'both'}")
        over = all(row != NONE and row < rows[0] for row in self.acked)
        key = f"teardown.{'behind_over' if over else 'behind'}"
        first = self._packet(rows[0])
        if len(rows) == 1:
            return Said(f"{key}.one", who=who, packet=first)
        return Said(f"{key}.many", who=who, count=len(rows), packet=first)

    def _ignored(self) -> str:
        """Why the first RST ends nothing, where there is one."""
        segments = self.segments
        rows = np.flatnonzero(segments.flags & RST)
        if not len(rows):
            return ""
        kind = "syn" if self.kind == NO_ANSWER else "window"
        return Said(f"teardown.ignored.{kind}", packet=self._packet(rows[0]))

    def _answers(self) -> Any:
        """The other side's SYN,ACKs before the RST."""
        segments = self.segments
        theirs = segments.from_client[: self.reset] == (self.by == 1)
        kind = segments.flags[: self.reset] & (SYN | ACK | RST)
        return np.flatnonzero(theirs & (kind == (SYN | ACK)))

    def _answers_another(self) -> bool:
        """Whether a RST in the handshake answers a SYN,ACK that acknowledges what was not sent."""
        segments, rows = self.segments, self._answers()
        if not len(rows) or not self._begins_itself(self.by):
            return False
        mine = segments.from_client[: self.reset] == (self.by == 0)
        sent = int(segments.end[: self.reset][mine].max(initial=0))
        ack = int(segments.ack[rows[-1]])
        return not 1 <= ack <= sent and int(segments.seq[self.reset]) == ack

    def _begins_itself(self, side: int) -> bool:
        segments = self.segments
        syn = (segments.flags & (SYN | RST)) == SYN
        return bool((syn & (segments.from_client == (side == 0))).any())

    def _drawn(self) -> str:
        """The segment that a RST answers: the other side's last one before it."""
        mine = self.segments.from_client == (self.by == 1)
        rows = np.flatnonzero(mine[: self.reset])
        if not len(rows):
            return Said("teardown.drawn.unseen")
        return Said("teardown.drawn.packet", packet=self._packet(rows[-1]))

    def _was_answered(self) -> bool:
        """Whether a SYN,ACK came before the RST."""
        flags = self.segments.flags[: self.reset]
        return bool(((flags & (SYN | ACK)) == (SYN | ACK)).any())

    def _silent(self) -> str:
        """That nothing came back, and when the silent side was heard last, if it was."""
        rows, who = np.flatnonzero(self.segments.from_client == (self.by == 1)), self._side(self.by)
        if not len(rows):
            return Said("teardown.why.silent", side=who)
        return Said("teardown.why.silent_since", side=who, packet=self._packet(rows[-1]))

    def _packet(self, row: Any) -> int:
        return int(self.segments.packet[int(row)])


_WHY = {
    REFUSED: "refused",
    CUT_OFF: "cut_off",
    NO_ANSWER: "no_answer",
    UNACKNOWLEDGED: "unacknowledged",
    ONE_SIDED: "one_sided",
}


def _span(seconds: float) -> str:
    return duration(round(seconds * 1e9))


def _rest(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"for {seconds:.0f} s more, if it is Linux"
