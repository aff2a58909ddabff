"""One flow's conversation as its packets come: in order at once, else by way of a Delivery.

Most streams come in order, and then a segment's bytes can be read as soon as it is there. Where
something lacks before it, a frame was cut, or the peer acknowledges what was not captured,
:class:`~netshell.flow.delivery.Delivery` goes on from that packet, until nothing waits any more.
The bytes and gaps of each side are those that Delivery alone gives for the whole flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netshell.flow.delivery import Delivery, Start
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
        self._resets: list[tuple[int, int]] = []

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

    def reset(self, side: int, seq: int) -> None:
        """A RST came meanwhile."""
        self._resets.append((side, seq))

    def deliver(self, segments: Segments, is_final: bool, now_ns: int) -> list[Message]:
        """What has become complete. ``segments`` are the flow's, from packet ``wants`` on."""
        delivery = self.delivery
        assert delivery is not None
        if self.talk is None:
            self.talk = self._opened(self)
        talk = self.talk
        made: list[Message] = []
        for heard in delivery.feed(segments, is_final, now_ns):
            if heard.lacking:
                made += talk.gap(heard.side, heard.lacking, heard.time_ns)
            else:
                made += talk.feed(heard.side, heard.data, heard.time_ns, heard.packet)
            if talk.is_over:
                return made
        time_ns = int(segments.time_ns[-1]) if len(segments) else now_ns
        for side in (0, 1):
            start = delivery.start(self.sides[side], 0)
            if start is not None:
                self.given[side] = True
                self.acked[side] = start.is_acked
                self.following[side] = (start.begin + start.is_ended) & _MOST
                if start.is_ended and not self.ended[side]:
                    self.ended[side] = True
                    made += self._close((side,), time_ns)
        if any(seq == self.following[side] for side, seq in self._resets):
            made += self._close((0, 1), time_ns)
        if not delivery.waits:
            self.delivery = None
            self._resets.clear()
        return made
