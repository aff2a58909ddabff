"""One conversation, read: which protocol it is in, its messages, and what cannot be read.

A :class:`Talk` is fed what both sides said and gives messages. It chooses the decoder, goes over
to another one where the first says so (STARTTLS and its like), and tells once why it reads no
further. What is not to be read costs nothing more: then :attr:`Talk.is_over`.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Decoder, Likeness, Message, Part
from netshell.protocols.choosing import MOST, choose
from netshell.protocols.decoders import DECODERS
from netshell.protocols.raw import Raw

_SWITCHES = 16
"""How often a conversation may change its protocol: each looks at bytes anew."""

_Call = Callable[[Decoder], Sequence[Message]]


class Talk:
    """One flow's conversation.

    >>> talk = Talk("tcp", (5432,))                                    # doctest: +SKIP
    >>> for heard in delivery.feed(flow.segments, final=True):
    ...     messages += talk.feed(heard.side, heard.data, heard.time_ns, heard.packet)
    >>> messages += talk.finish()                                      # doctest: +SKIP
    """

    def __init__(
        self,
        transport: str,
        ports: Sequence[int] = (),
        begun: bool = True,
        decoders: Iterable[type[Decoder]] = DECODERS,
        flow: int = -1,
    ) -> None:
        self.flow = flow
        """The flow's number in its capture."""
        self.is_over = False
        """Whether nothing that follows will be read."""
        self.decoder: Decoder | None = None
        """What reads it now."""
        self._decoders = tuple(each for each in decoders if each.transport == transport)
        self._ports, self._begun = tuple(ports), begun
        self._early: list[tuple[Side, bytes, int]] = []  # what came before a decoder was chosen
        self._at = dict.fromkeys(SIDES, 0)  # bytes of each side up to now
        self._ends = {side: array("q") for side in SIDES}  # where each piece ends, and its packet
        self._packets = {side: array("q") for side in SIDES}
        self._switches = 0

    @property
    def protocol(self) -> str:
        """What it is spoken in, as far as is known: "" not yet, or not at all."""
        return "" if self.decoder is None else self.decoder.name

    def packets_of(self, parts: Iterable[Part]) -> tuple[int, ...]:
        """The numbers of the packets that parts of it came in, each once, in order."""
        found: set[int] = set()
        for part in parts:
            ends = self._ends[part.side]
            first = bisect_right(ends, part.begin)
            last = bisect_right(ends, max(part.end - 1, part.begin))
            found.update(self._packets[part.side][first : last + 1])
        return tuple(sorted(found))

    # --- fed ---

    def feed(self, side: Side, data: bytes, time_ns: int, packet: int = -1) -> Sequence[Message]:
        """What is complete with these bytes of one side."""
        if self.is_over or not data:
            return ()
        self._at[side] += len(data)
        self._ends[side].append(self._at[side])
        self._packets[side].append(packet)
        if self.decoder is None:
            self._early.append((side, data, time_ns))
            return self._chosen(False)
        return self._ask(lambda decoder: decoder.feed(side, data, time_ns))

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        """The same where bytes lack."""
        if self.is_over:
            return ()
        if self.decoder is None:
            made = self._chosen(True) if self._early else ()
            if not self._has_decoder():
                # From here on, it is a conversation from its midst.
                self._begun, self.is_over = False, False
                return made
            return [*made, *self.gap(side, size, time_ns)]
        return self._ask(lambda decoder: decoder.gap(side, size, time_ns))

    def _has_decoder(self) -> bool:
        return self.decoder is not None

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        """The same where a side has said that it sends no more."""
        if self.is_over:
            return ()
        if self.decoder is None:
            return ()
        return self._ask(lambda decoder: decoder.close(side, time_ns))

    def finish(self) -> Sequence[Message]:
        """What is left once nothing more can come: also what was never answered."""
        made = [] if self.is_over or self.decoder is not None else list(self._chosen(True))
        if self.decoder is not None and not self.is_over:
            made += self._owned(self.decoder.waiting())
        self.is_over = True
        return made

    def waiting(self) -> Sequence[Message]:
        """What is not complete yet, of this moment."""
        if self.decoder is None or self.is_over:
            return ()
        return list(self._owned(self.decoder.waiting()))

    # --- choosing and changing the decoder ---

    def _chosen(self, is_all: bool) -> Sequence[Message]:
        said = {
            side: b"".join(each[1] for each in self._early if each[0] == side) for side in SIDES
        }
        is_all = is_all or max(map(len, said.values())) >= MOST
        found = choose(
            self._decoders, said["client"], said["server"], self._ports, self._begun, is_all
        )
        if isinstance(found, Likeness):
            return ()
        if found is None:
            self.is_over = True
            self._early.clear()
            return ()
        return self._begin(found)

    def _begin(self, decoder: type[Decoder]) -> Sequence[Message]:
        early, self._early = self._early, []
        begin = {
            side: self._at[side] - sum(len(each[1]) for each in early if each[0] == side)
            for side in SIDES
        }
        self.decoder = decoder(self._begun, begin["client"], begin["server"])
        made: list[Message] = []
        for at, (side, data, time_ns) in enumerate(early):
            fed = partial(_fed, side=side, data=data, time_ns=time_ns)
            made += self._ask(fed, early[at + 1 :])
            if self.decoder is None or self.is_over or type(self.decoder) is not decoder:
                break  # what was left has been given on
        return made

    def _ask(self, call: _Call, unfed: Sequence[tuple[Side, bytes, int]] = ()) -> Sequence[Message]:
        """What the decoder says, and what follows from its end. ``unfed`` comes next."""
        decoder = self.decoder
        assert decoder is not None
        made = list(self._owned(call(decoder)))
        if decoder.follows is None and not decoder.why_stopped:
            return made
        time_ns = made[-1].end_ns if made else 0
        rest = {side: decoder.rest(side) for side in SIDES}
        self._early = [(side, data, time_ns) for side, data in rest.items() if data]
        self._early += unfed
        self.decoder = None
        self._switches += 1
        if decoder.why_stopped or decoder.follows == "raw" or self._switches > _SWITCHES:
            reason = decoder.why_stopped or "no decoder knows what follows"
            made += self._raw(decoder.name, reason)
            self.is_over = True
            return made
        if decoder.follows:
            self._decoders = tuple(each for each in DECODERS if each.name == decoder.follows)
        self._begun = True
        return [*made, *(self._chosen(False) if self._early else ())]

    def _raw(self, after: str, reason: str) -> Iterator[Message]:
        """What is not read any further, as far as it is there."""
        parts = []
        for side in SIDES:
            pieces = [each for each in self._early if each[0] == side]
            size = sum(len(data) for _, data, _ in pieces)
            if size:
                at = self._at[side]
                parts.append(Part(side, at - size, at, pieces[0][2], pieces[-1][2]))
        self._early.clear()
        if parts:
            yield from self._owned(
                [Raw(kind="raw", parts=tuple(parts), reason=reason, after=after)]
            )

    def _owned(self, messages: Iterable[Message]) -> Iterator[Message]:
        for message in messages:
            object.__setattr__(message, "_talk", self)
            yield message


def _fed(decoder: Decoder, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
    return decoder.feed(side, data, time_ns)
