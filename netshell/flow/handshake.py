"""How a connection was opened: the packets, the times between them, what both ends agreed on.

RFC 9293 3.5 (handshake, simultaneous open), RFC 7323 (window scale, timestamps), RFC 2018 (SACK),
RFC 7413 (Fast Open).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netshell.catalogue.files import ENGLISH, counted, text
from netshell.flow.amounts import duration
from netshell.flow.arrival import copies
from netshell.flow.reuse import ACK, RST, SYN
from netshell.flow.segments import Segments
from netshell.packet.tcp import (
    FAST_OPEN,
    MPTCP,
    MSS,
    SACK,
    SACK_PERMITTED,
    TIMESTAMPS,
    WINDOW_SCALE,
    Options,
)
from netshell.results import Single

Rows = NDArray[np.intp]

OUTCOMES = (
    "complete", "refused", "unanswered", "unfinished", "cut off", "partly seen", "not seen",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What one side's SYN offers; None where it does not."""

    mss: int | None = None
    window_scale: int | None = None
    sack: bool = False
    timestamps: bool = False
    cookie: str | None = None  # Fast Open, in hexadecimal: "" asks for one
    mptcp: bool = False
    sack_blocks: bool = False  # RFC 2018 section 3: only behind the handshake

    def __str__(self) -> str:
        words = []
        if self.mss is not None:
            words.append(f"MSS {self.mss}")
        if self.window_scale is not None:
            words.append(f"window scale {self.window_scale}")
        words += [
            word
            for word, is_there in (
                ("SACK", self.sack),
                ("blocks (SACK, which no SYN should have)", self.sack_blocks),
                ("timestamps", self.timestamps),
                ("Fast Open", self.cookie is not None),
                ("Multipath TCP", self.mptcp),
            )
            if is_there
        ]
        return ", ".join(words) or "no options"


@dataclass(frozen=True, repr=False)
class Handshake(Single):
    """How a connection was opened, or not. Packets are their numbers in the capture.

    ``outcome`` is one of :data:`OUTCOMES`; times are None where a packet of them is missing, or
    the packets are not in the order of their times.

    >>> cap.flows[0].handshake
    """

    outcome: str
    simultaneous: bool  # both sent a SYN of their own
    syns: tuple[int, ...]  # the opener's SYNs: more than one where they were sent again
    syn_acks: tuple[int, ...]
    ack: int | None  # the third segment
    reset: int | None  # the RST instead
    reset_by: str  # "client", "server", ""
    retries_s: tuple[float, ...]  # from the first SYN to each of the others
    rtt_ms: float | None  # SYN (of several the last) to the third segment
    connect_ms: float | None  # the first SYN to the third segment: what the client waited
    server_rtt_ms: float | None  # SYN to SYN,ACK
    client_rtt_ms: float | None  # SYN,ACK to the third segment
    reset_ms: float | None  # SYN (or SYN,ACK, if there was one) to the RST
    client: Offer | None
    server: Offer | None
    sent_early: int  # bytes of data in the SYN (Fast Open)
    taken_early: int  # those that the SYN,ACK acknowledges

    @property
    def accepted(self) -> tuple[str, ...]:
        """What both sides offered, which is what is in use: "window scale", "SACK" ..."""
        if self.client is None or self.server is None:
            return ()
        one, other = self.client, self.server
        both = (
            ("window scale", one.window_scale is not None and other.window_scale is not None),
            ("SACK", one.sack and other.sack),
            ("timestamps", one.timestamps and other.timestamps),
            ("Multipath TCP", one.mptcp and other.mptcp),
        )
        return tuple(name for name, agreed in both if agreed)

    @property
    def fast_open(self) -> str:
        """What became of TCP Fast Open; "" if nobody asked for it."""
        return self._early(ENGLISH)

    def _early(self, lang: str) -> str:
        if self.sent_early:
            count, taken = self.sent_early, self.taken_early
            if not self.syn_acks:
                return text("handshake.fast_open.sent", lang, count=count)
            if 0 < taken < count:
                return text("handshake.fast_open.some", lang, count=count, taken=taken)
            return text(f"handshake.fast_open.{'all' if taken else 'none'}", lang, count=count)
        if self.client is None or self.client.cookie is None:
            return ""
        granted = self.server is not None and self.server.cookie
        return text(f"handshake.fast_open.{'granted' if granted else 'denied'}", lang)

    def __str__(self) -> str:
        return self.told(ENGLISH)

    def told(self, lang: str) -> str:
        """The whole in one line, in a language of the catalogue."""
        said = ", ".join(self._told(lang))
        if self.simultaneous:
            said = text("handshake.both", lang, text=said)
        early = self._early(lang)
        return text("handshake.early", lang, text=said, early=early) if early else said

    def _told(self, lang: str) -> list[str]:
        count = len(self.syns)
        again = [text("handshake.again", lang, count=count)] if count > 1 else []
        if self.outcome == "complete":
            if again and self.connect_ms is not None:
                span = _span(self.connect_ms)
                again = [text("handshake.again_connected", lang, count=count, span=span)]
            return [self._complete(lang), *again, *self.accepted]
        if self.outcome == "refused" and self.reset_ms is not None:
            return [text("handshake.refused_after", lang, span=_span(self.reset_ms)), *again]
        if self.outcome == "unanswered":
            said = [text("handshake.unanswered", lang), *again]
            if min(self.retries_s, default=0) < 0:
                said.append(text("handshake.clock", lang))
            elif self.retries_s:
                said.append(text("handshake.last", lang, seconds=f"{self.retries_s[-1]:.1f}"))
            return said
        if self.outcome == "unfinished":
            return [counted("handshake.unfinished", len(self.syn_acks), lang)]
        if self.outcome == "cut off":
            return [text("handshake.cut_off", lang, side=text(f"side.{self.reset_by}", lang))]
        return [text(f"handshake.{self.outcome.replace(' ', '_')}", lang)]

    def _complete(self, lang: str) -> str:
        spans, key = {}, "complete"
        if self.rtt_ms is not None:
            key, spans = f"{key}_in", {"span": _span(self.rtt_ms)}
        if self.server_rtt_ms is not None and self.client_rtt_ms is not None:
            key += "_trips"
            spans |= {"server": _span(self.server_rtt_ms), "client": _span(self.client_rtt_ms)}
        return text(f"handshake.{key}", lang, **spans)

    def facts(self) -> Iterable[tuple[str, str]]:
        yield "handshake", str(self)
        yield "SYN", _packets(self.syns)
        again = ", ".join(f"{each:.3f} s" for each in self.retries_s)
        again = f"{again} after the first" if again else ""
        yield "sent again", again if min(self.retries_s, default=0) >= 0 else "the clock went back"
        yield "SYN,ACK", _packets(self.syn_acks)
        yield "ACK", "" if self.ack is None else f"packet {self.ack}"
        yield "RST", "" if self.reset is None else f"packet {self.reset}, by {self.reset_by}"
        yield "client offers", "" if self.client is None else str(self.client)
        yield "server offers", "" if self.server is None else str(self.server)
        yield "in use", ", ".join(self.accepted)
        yield "not in use", ", ".join(self._declined())
        yield "fast open", self.fast_open

    def _declined(self) -> list[str]:
        """What one side offered and the other did not."""
        if self.client is None or self.server is None:
            return []
        names = ("window scale", "SACK", "timestamps", "Multipath TCP")
        found = []
        for who, offer, other in (
            ("client", self.client, "server"),
            ("server", self.server, "client"),
        ):
            text = str(offer)
            found += [
                f"{name} ({who} only, not {other})"
                for name in names
                if name in text and name not in self.accepted
            ]
        return found


def handshake_of(segments: Segments) -> Handshake:
    """The handshake of one flow; raises nothing."""
    return _Reading(segments).handshake()


class _Reading:
    """The first segments of a flow, by who sent them and what they are."""

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        flags, client = segments.flags, segments.from_client
        syn, ack, rst = (flags & SYN) > 0, (flags & ACK) > 0, (flags & RST) > 0
        fresh = ~copies(segments)
        self.client = client
        self.bare = [np.flatnonzero(fresh & own & syn & ~ack & ~rst) for own in (client, ~client)]
        self.answers = [np.flatnonzero(own & fresh & syn & ack & ~rst) for own in (client, ~client)]
        self.resets = np.flatnonzero(rst)
        self.talks = np.flatnonzero(~syn & ack & ~rst)

    def handshake(self) -> Handshake:
        segments, time = self.segments, self.segments.time_ns
        syns, answers = self.bare[0], self.answers[1]
        simultaneous = bool(len(self.bare[0]) and len(self.bare[1]))
        answer = int(answers[0]) if len(answers) else None
        until = len(segments) if answer is None else answer
        asked = syns[syns < until]
        syn = int(asked[-1]) if len(asked) else None
        third = self._third(-1 if answer is None else answer, simultaneous)
        reset = self._reset(third)
        start = syn if answer is None else answer
        first = int(syns[0]) if len(syns) else None
        offer = self._offer(syns, self.answers[0])
        reply = self._offer(self.bare[1], answers)
        early = 0 if first is None else int(segments.length[first])
        taken = 0 if answer is None else min(max(int(segments.ack[answer]) - 1, 0), early)
        return Handshake(
            outcome=self._outcome(syns, answers, third, reset),
            simultaneous=simultaneous,
            syns=tuple(segments.packet[syns].tolist()),
            syn_acks=tuple(segments.packet[np.sort(np.concatenate(self.answers))].tolist()),
            ack=None if third is None or answer is None else int(segments.packet[third]),
            reset=None if reset is None else int(segments.packet[reset]),
            reset_by="" if reset is None else self._who(reset),
            retries_s=tuple(((time[syns[1:]] - time[syns[:1]]) / 1e9).tolist()),
            connect_ms=self._apart(first, None if answer is None else third),
            rtt_ms=self._apart(syn, None if answer is None else third),
            server_rtt_ms=self._apart(syn, answer),
            client_rtt_ms=self._apart(answer, third),
            reset_ms=self._apart(start, reset),
            client=offer,
            server=reply,
            sent_early=early,
            taken_early=taken,
        )

    def _third(self, answer: int, simultaneous: bool) -> int | None:
        """The client's first segment behind the SYN,ACK that acknowledges it."""
        talks = self.talks[(self.talks > answer) & self.client[self.talks]]
        if not len(talks) and simultaneous:
            talks = self.talks
        return int(talks[0]) if len(talks) else None

    def _reset(self, third: int | None) -> int | None:
        """The RST that came in place of the handshake's end."""
        if not len(self.resets) or third is not None or not self._begun:
            return None
        for row in self.resets.tolist():
            if self._counts(row):
                return int(row)
        return None

    def _counts(self, row: int) -> bool:
        """Whether a RST is one that an end with nothing but its SYN must believe: it acknowledges
        it (RFC 9293 3.10.7.3). An end that has answered itself believes others, too."""
        side, segments = int(self.client[row]), self.segments
        mine = np.flatnonzero(~(segments.flags & RST > 0) & (self.client == (side == 0)))
        mine = mine[mine < row]
        if not len(mine) or (segments.flags[mine] & ACK).any():
            return True
        told = bool(segments.flags[row] & ACK)
        return told and 1 <= int(segments.ack[row]) <= int(segments.end[mine].max())

    @property
    def _begun(self) -> bool:
        return any(len(rows) for rows in (*self.bare, *self.answers))

    def _outcome(self, syns: Rows, answers: Rows, third: int | None, reset: int | None) -> str:
        if not self._begun:
            return "not seen"
        if reset is not None:
            alone = not len(answers) and not len(self.answers[0])
            return "refused" if alone and self._who(reset) == "server" else "cut off"
        if len(syns) and len(answers) and third is not None:
            return "complete"
        if third is not None or len(self.talks):
            return "partly seen"
        return "unfinished" if len(answers) or len(self.answers[0]) else "unanswered"

    def _who(self, row: int) -> str:
        return "client" if self.client[row] else "server"

    def _apart(self, earlier: int | None, later: int | None) -> float | None:
        if earlier is None or later is None:
            return None
        time = self.segments.time_ns
        apart = int(time[later] - time[earlier])
        return None if apart < 0 else apart / 1e6  # captured out of order: nobody knows

    def _offer(self, *kinds: Rows) -> Offer | None:
        """What the first SYN of one side offers."""
        for rows in kinds:
            if len(rows):
                return _offer(self.segments.options(int(rows[0])))
        return None


def _offer(options: Options) -> Offer:
    def number(kind: int) -> int | None:
        option = options.get(kind)
        return option.value if option is not None and isinstance(option.value, int) else None

    cookie = options.get(FAST_OPEN)
    return Offer(
        mss=number(MSS),
        window_scale=number(WINDOW_SCALE),
        sack=options.get(SACK_PERMITTED) is not None,
        timestamps=options.get(TIMESTAMPS) is not None,
        cookie=None if cookie is None else cookie.data.hex(),
        mptcp=options.get(MPTCP) is not None,
        sack_blocks=options.get(SACK) is not None,
    )


def _span(ms: float) -> str:
    return duration(round(ms * 1e6))


def _packets(numbers: tuple[int, ...]) -> str:
    if not numbers:
        return ""
    return f"packet{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
