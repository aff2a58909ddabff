"""One flow's conversation as its packets come: in order at once, else by way of a Delivery.

Most streams come in order, and then a segment's bytes can be read as soon as it is there. Where
something lacks before it, a frame was cut, or the peer acknowledges what was not captured,
:class:`~netshell.flow.delivery.Delivery` goes on from that packet, until nothing waits any more.
The bytes and gaps of each side are those that Delivery alone gives for the whole flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from netshell.flow.delivery import Delivery, Heard, Start
from netshell.flow.reuse import ACK, FIN, RST, SYN
from netshell.flow.segments import Segments
from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Message
from netshell.protocols.talk import Talk

_MOST, _HALF = 0xFFFF_FFFF, 1 << 31
_UNKNOWN = -1


class Reading:
    """A flow that is read. Sides are numbers here: 0 and 1, as the flow table has them."""

    __slots__ = (
        "_heard", "_opened", "_resets", "acked", "delivery", "ended", "flow", "following", "given",
        "is_stream", "known", "last", "sides", "talk",
    )  # fmt: skip

    def __init__(self, flow: int, is_stream: bool, opened: Callable[[Reading], Talk]) -> None:
        """``opened`` makes its talk once something is said, and says which side is which."""
        self.flow = flow
        self.is_stream = is_stream
        self.sides: tuple[Side, ...] = SIDES
        self.talk: Talk | None = None
        self.delivery: Delivery | None = None
        """What puts it in order, while it is not."""
        self.last = 0
        """Its last packet, while there is a delivery."""
        self.ended = [False, False]  # whose FIN was there
        self.known = [False, False]  # of whom it was noted that its numbers are known
        self._opened = opened
        self.following = [_UNKNOWN, _UNKNOWN]  # the sequence number that each side sends next
        self.given = [False, False]  # whether bytes of it were read
        self.acked = [False, False]  # whether the other one has acknowledged anything
        self._heard = [_UNKNOWN, _UNKNOWN]  # and what, before anything of it was seen
        self._resets: list[_Reset] = []

    @property
    def is_over(self) -> bool:
        """Whether nothing that follows will be read."""
        return self.talk is not None and self.talk.is_over

    def knows(self, side: int) -> bool:
        """Whether the number that a side sends next is known."""
        return self.following[side] >= 0

    def datagram(
        self, side: int, data: bytes, lacking: int, time_ns: int, packet: int
    ) -> Sequence[Message]:
        """What a datagram completes; one of which bytes lack cannot be read."""
        if self.talk is None:
            self.talk = self._opened(self)
        if lacking:
            return self.talk.gap(self.sides[side], len(data) + lacking, time_ns)
        return self.talk.feed(self.sides[side], data, time_ns, packet)

    def segment(
        self, side: int, flags: int, seq: int, ack: int, size: int, data: memoryview,
        time_ns: int, packet: int,
    ) -> Sequence[Message] | None:  # fmt: skip
        """What a segment completes; None where it takes a delivery to tell. ``size`` is that of
        the payload on the wire, ``data`` what was captured of it."""
        start = (seq + 1) & _MOST if flags & SYN else seq
        following, peer = self.following, 1 - side
        expected = following[side]
        if expected < 0:
            if self._heard[side] not in (_UNKNOWN, start):
                return None
            expected = following[side] = start
        if flags & ACK and not flags & RST:
            known = following[peer]
            if known >= 0:
                if 0 < (ack - known) & _MOST < _HALF:
                    return None
                self.acked[peer] = True
            elif flags & SYN:
                following[peer] = ack
                self.acked[peer] = True
            elif self._heard[peer] in (_UNKNOWN, ack):
                self._heard[peer] = ack
            elif (ack - self._heard[peer]) & _MOST < _HALF:
                return None  # nothing of the peer was captured, and it said something
        if flags & RST:  # one that is out of order may be anybody's
            return self._close((0, 1), time_ns) if start == expected else ()
        if self.ended[side]:
            return ()
        skip = 0
        if start != expected:
            if not self.given[side]:
                return None
            skip = (expected - start) & _MOST
            if skip >= _HALF:
                return None  # something lacks before it
            if skip > size or (skip == size and not flags & FIN):
                return ()  # nothing new
        if len(data) < size:
            return None
        following[side] = (start + size) & _MOST
        made: Sequence[Message] = ()
        if size > skip:
            self.given[side] = True
            if self.talk is None:
                self.talk = self._opened(self)
            octets = bytes(data[skip:]) if skip else bytes(data)
            made = self.talk.feed(self.sides[side], octets, time_ns, packet)
        if flags & FIN:
            following[side] = (start + size + 1) & _MOST
            self.ended[side] = True
            if self.talk is not None and (told := self.talk.close(self.sides[side], time_ns)):
                made = [*made, *told]
        return made

    def _close(self, sides: Sequence[int], time_ns: int) -> Sequence[Message]:
        if self.talk is None:
            return ()
        return [each for side in sides for each in self.talk.close(self.sides[side], time_ns)]

    # --- out of order ---

    def delay(self, packet: int) -> Delivery:
        """From this packet on, a delivery puts it in order."""
        client = SIDES.index(self.sides[0])
        starts = [self._start(side, packet) for side in (client, 1 - client)]
        self.delivery = Delivery(starts=(starts[0], starts[1]))
        return self.delivery

    def _start(self, side: int, packet: int) -> Start | None:
        """Where a side goes on; None if nothing was read, so that it is for the delivery to say."""
        if not self.given[side] and not self.ended[side]:
            return None
        begin = self.following[side] - self.ended[side]
        return Start(begin, packet, self.acked[side], self.ended[side])

    def reset(self, side: int, seq: int, packet: int, time_ns: int) -> None:
        """A RST came meanwhile."""
        self._resets.append(_Reset(side, seq, packet, time_ns))

    def deliver(self, segments: Segments, is_final: bool, now_ns: int) -> list[Message]:
        """What has become complete. ``segments`` are the flow's, from packet ``wants`` on."""
        delivery = self.delivery
        assert delivery is not None
        if self.talk is None:
            self.talk = self._opened(self)
        made: list[Message] = []
        for reset in [each for each in self._resets if each.shown >= delivery.wants]:
            # What it ends is what was there by then, however much is at hand by now.
            before = int(np.searchsorted(segments.packet, reset.shown, "right"))
            made += self._delivered(segments[:before], False, 0)
            if self.is_over:
                return made
        made += self._delivered(segments, is_final, now_ns)
        if not delivery.waits:
            self.delivery = None
            self._resets.clear()
        return made

    def _delivered(self, segments: Segments, is_final: bool, now_ns: int) -> list[Message]:
        """The same of a stretch, each in its place: bytes, gaps and ends."""
        delivery, talk, following = self.delivery, self.talk, self.following
        assert delivery is not None and talk is not None
        given = list(delivery.feed(segments, is_final, now_ns))
        fins: list[_Fin] = []
        for side in (0, 1):
            start = delivery.start(self.sides[side], 0)
            if start is None:
                continue
            own = [heard for heard in given if heard.side == self.sides[side]]
            size = sum(heard.lacking or len(heard.data) for heard in own)
            following[side] = (start.begin + self.ended[side] - size) & _MOST  # before them
            self.given[side], self.acked[side] = True, start.is_acked
            if start.is_ended and not self.ended[side]:
                fins.append(self._fin(side, start.begin, segments, own, now_ns))
        told: list[Heard | _Fin | _Reset] = [*given]
        if fins or self._resets:  # where it is one packet, its bytes come first
            by_now = segments.packet[-1] if len(segments) else -1
            due = [each for each in self._resets if each.shown <= by_now]
            told = sorted([*given, *fins, *due], key=lambda each: each.shown)
        made: list[Message] = []
        for each in told:
            if isinstance(each, Heard):
                side = self.sides.index(each.side)
                following[side] = (following[side] + (each.lacking or len(each.data))) & _MOST
                made += self._tell(each)
            elif isinstance(each, _Fin):
                following[each.side] = (following[each.side] + 1) & _MOST
                self.ended[each.side] = True
                made += self._close((each.side,), each.time_ns)
            elif each.seq == following[each.side]:
                for heard in delivery.feed(segments, True):  # nothing that lacks is waited for
                    made += self._tell(heard)
                made += self._close((0, 1), each.time_ns)
            if talk.is_over:
                return made
        # What is before a RST may come, or be given up; what it is behind of, is over.
        self._resets = [
            each for each in self._resets
            if 0 < (each.seq - following[each.side]) & _MOST < _HALF
        ]  # fmt: skip
        return made

    def _tell(self, heard: Heard) -> Sequence[Message]:
        assert self.talk is not None
        if heard.lacking:
            return self.talk.gap(heard.side, heard.lacking, heard.time_ns)
        return self.talk.feed(heard.side, heard.data, heard.time_ns, heard.packet)

    def _fin(
        self, side: int, number: int, segments: Segments, before: Sequence[Heard], now_ns: int
    ) -> _Fin:
        """The end of a side, now that all ``before`` it is given; ``number`` is its FIN's."""
        is_client = self.sides[side] == SIDES[0]
        base = int(segments.base[0, 0 if is_client else 1]) if len(segments.base) else 0
        ends = ((segments.flags & FIN) > 0) & (segments.from_client == is_client)
        ends &= (segments.end + base - 1 - number) & _MOST == 0
        rows = np.flatnonzero(ends)[:1].tolist() or [*range(len(segments))][-1:]
        shown = int(segments.packet[rows[0]]) if rows else -1
        time_ns = int(segments.time_ns[rows[0]]) if rows else now_ns
        if before and before[-1].shown > shown:
            shown, time_ns = before[-1].shown, before[-1].time_ns
        return _Fin(side, shown, time_ns)


class _Fin(NamedTuple):
    """The end of a side that was out of order."""

    side: int
    shown: int  # the packet with which it could be read
    time_ns: int


class _Reset(NamedTuple):
    """A RST: the end of both, if it is in order when it comes."""

    side: int
    seq: int
    shown: int  # its packet
    time_ns: int
