"""One conversation, read: which protocol it is in, its messages, and what cannot be read.

A :class:`Talk` is fed what both sides said and gives messages. It chooses the decoder, goes over
to another one where the first says so (STARTTLS and its like), and tells once why it reads no
further. What is not to be read costs nothing more: then :attr:`Talk.is_over`.

Who is the client may be a guess (``may_turn``). A decoder that knows better is given the sides the
other way round, and its messages are turned back: their sides are the flow's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from netshell.flow.key import Endpoint
from netshell.flow.sides import SIDES, Side
from netshell.packet.ip import address_text
from netshell.protocols.api import Decoder, Likeness, Message, Part, Signs, other
from netshell.protocols.carried import Carried
from netshell.protocols.choosing import MOST, choose, speaking
from netshell.protocols.decoders import DECODERS
from netshell.protocols.raw import Raw

_SWITCHES = 16
"""How often a conversation may change its protocol: each looks at bytes anew."""

_TRIES = 16
"""How often one is looked at anew behind a gap before its protocol was known."""

_DATAGRAMS = 8
"""So many are looked at, where the first ones do not tell."""


class _Event(NamedTuple):
    """Something that a decoder is still to be told: bytes, or the end of a side (no bytes)."""

    side: Side
    data: bytes
    time_ns: int


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
        decoders: Iterable[type[Signs]] | None = None,
        flow: int = -1,
        *,
        may_turn: bool = False,
        is_guarded: bool = False,
        addresses: tuple[bytes, bytes] | None = None,
    ) -> None:
        """``begun``: it is fed from its first byte on. ``is_guarded``: a decoder that fails ends
        the reading with a message that says so; else what it raises goes through. ``addresses``
        are the client's and the server's, 16 bytes each; ``ports`` the server's and the client's
        then."""
        self.flow = flow
        """The flow's number in its capture."""
        self.is_over = False
        """Whether nothing that follows will be read."""
        self.decoder: Decoder | None = None
        """What reads it now."""
        given = DECODERS if decoders is None else tuple(decoders)
        self._decoders = self._all = speaking(given, transport)
        self._is_stream = transport == "tcp"
        self._ports, self._begun = tuple(ports), begun
        self._may_turn, self._is_turned = may_turn, False
        self._is_guarded, self._addresses = is_guarded, addresses
        self._carried = {side: Carried() for side in SIDES}
        self._early: list[_Event] = []  # what came before a decoder was chosen
        self._closed: set[Side] = set()
        self._tries = self._switches = 0
        self._after = ""  # the protocol that was read last
        self._unread: tuple[str, str] | None = None  # whoever read it before, and why no more

    @property
    def protocol(self) -> str:
        """What it is spoken in, as far as is known: "" not yet, or not at all."""
        return "" if self.decoder is None else self.decoder.name

    @property
    def ends(self) -> tuple[Endpoint, Endpoint] | None:
        """The flow's client and server, where they are known."""
        if self._addresses is None:
            return None
        client, server = map(address_text, self._addresses)
        return Endpoint(client, max(self._ports[1], 0)), Endpoint(server, max(self._ports[0], 0))

    def packets_of(self, parts: Iterable[Part]) -> tuple[int, ...]:
        """The numbers of the packets that parts of it came in, each once, in order."""
        found: set[int] = set()
        for part in parts:
            found.update(self._carried[part.side].packets(part.begin, part.end))
        return tuple(sorted(found))

    def forget(self, packet: int) -> None:
        """Packets before this one are there no more."""
        for carried in self._carried.values():
            carried.forget(packet)

    # --- fed ---

    def feed(self, side: Side, data: bytes, time_ns: int, packet: int = -1) -> Sequence[Message]:
        """What is complete with these bytes of one side."""
        if self.is_over or not data:
            return ()
        self._carried[side].add(len(data), time_ns, packet)
        decoder = self.decoder
        if decoder is None or side in self._closed:
            event = _Event(side, data, time_ns)
            try:
                return self._fed(event)
            except Exception as error:  # noqa: BLE001  as in _guarded, which would cost a call
                return self._failed(error, [event])
        try:
            made = decoder.feed(other(side) if self._is_turned else side, data, time_ns)
        except Exception as error:  # noqa: BLE001  as in _guarded, which would cost a call
            return self._failed(error, [_Event(side, data, time_ns)])
        if made:
            if self._is_turned:
                made = self._owned(made)
            else:  # as in _owned, which would cost two calls
                for message in made:
                    _set(message, "_talk", self)
        if decoder.follows is not None or decoder.why_stopped:
            return [*made, *self._guarded(lambda: self._changed(decoder, ()))]
        return made

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        """The same where bytes lack."""
        return () if self.is_over else self._guarded(lambda: self._gap(side, size, time_ns))

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        """The same where a side has said that it sends no more."""
        if self.is_over or side in self._closed:
            return ()
        self._closed.add(side)
        try:
            return self._close(side, time_ns)
        except Exception as error:  # noqa: BLE001  as in _guarded, which would cost a call
            return self._failed(error, ())

    def finish(self) -> Sequence[Message]:
        """What is left once nothing more can come: also what was never answered."""
        made: list[Message] = []
        if self.decoder is None and self._unread is None and not self.is_over:
            made += self._guarded(lambda: self._chosen(True))
        made += self.waiting()
        self.is_over, self.decoder = True, None
        self._early.clear()
        return made

    def waiting(self) -> Sequence[Message]:
        """What is not complete yet, of this moment; changes nothing."""
        decoder = self.decoder
        if decoder is None or self.is_over:
            return ()
        return self._guarded(lambda: self._owned(decoder.waiting()))

    def _guarded(
        self, call: Callable[[], Sequence[Message]], unfed: Sequence[_Event] = ()
    ) -> Sequence[Message]:
        try:
            return call()
        except Exception as error:  # noqa: BLE001  its mistake is not to end all reading
            return self._failed(error, unfed)

    def _fed(self, event: _Event) -> Sequence[Message]:
        """The same where it is not just for a decoder that reads."""
        if self.decoder is not None:  # behind a RST that nobody took for one
            made = self._owned(self.decoder.waiting())
            after, self.decoder, self._early = self.decoder.name, None, [event]
            return [*made, *self._ends(after, "bytes behind the end")]
        self._early.append(event)
        return self._chosen(False) if self._unread is None else self._raw()

    def _gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        made: Sequence[Message] = ()
        if self.decoder is None and self._unread is None:
            if any(event.data for event in self._early):
                made = self._chosen(True)
                self._tries += 1
            if self.decoder is None:  # from here on, it is a conversation from its midst
                self._begun, self.is_over = False, self._tries >= _TRIES
        decoder = self._reading
        if decoder is None:
            return made
        told = decoder.gap(other(side) if self._is_turned else side, size, time_ns)
        return [*made, *self._owned(told), *self._changed(decoder, ())]

    def _close(self, side: Side, time_ns: int) -> Sequence[Message]:
        decoder = self.decoder
        if decoder is None:
            if self._unread is not None:
                return ()
            self._early.append(_Event(side, b"", time_ns))
            return self._chosen(True) if len(self._closed) == len(SIDES) else ()
        told = decoder.close(other(side) if self._is_turned else side, time_ns)
        if decoder.follows is None and not decoder.why_stopped:
            return self._owned(told)
        return [*self._owned(told), *self._changed(decoder, ())]

    @property
    def _reading(self) -> Decoder | None:
        return self.decoder

    # --- choosing and changing the decoder ---

    def _chosen(self, is_all: bool) -> Sequence[Message]:
        """Give what came up to now to a decoder, once it is known to which."""
        early = self._early
        client, server = self._said("client"), self._said("server")
        if not client and not server:
            return ()
        if self._is_stream:
            is_all = is_all or len(client) >= MOST or len(server) >= MOST
        else:
            is_all = is_all or len(early) >= _DATAGRAMS
        found = choose(
            self._decoders, client, server, self._ports, self._begun, is_all, self._may_turn
        )
        if isinstance(found, Likeness):
            return ()
        if found is None:
            if self._after:
                only = self._decoders[0].name if len(self._decoders) == 1 else ""
                why = f"does not look like {only}" if only else "no decoder knows what follows"
                return self._ends(self._after, why)
            self.is_over = True
            early.clear()
            for carried in self._carried.values():
                carried.clear()
            return ()
        self._is_turned = found.is_turned
        return self._begin(found.decoder)

    def _said(self, side: Side) -> bytes:
        """What a side said first: of datagrams, the first one."""
        said = [event.data for event in self._early if event.side == side and event.data]
        return b"".join(said) if self._is_stream else said[0] if said else b""

    def _begin(self, chosen: type[Signs]) -> Sequence[Message]:
        early, self._early = self._early, []
        begin = {side: carried.size for side, carried in self._carried.items()}
        for event in early:
            begin[event.side] -= len(event.data)
        sides = SIDES[::-1] if self._is_turned else SIDES
        made: list[Message] = []
        decoder = self.decoder = chosen.decoder()(self._begun, begin[sides[0]], begin[sides[1]])
        for at, (side, data, time_ns) in enumerate(early):
            turned = other(side) if self._is_turned else side
            told = decoder.feed(turned, data, time_ns) if data else decoder.close(turned, time_ns)
            made += self._owned(told)
            if decoder.follows is not None or decoder.why_stopped:
                made += self._changed(decoder, early[at + 1 :])
                break
        return made

    def _changed(self, decoder: Decoder, unfed: Sequence[_Event]) -> Sequence[Message]:
        """What follows from a decoder's end, if it has ended. ``unfed`` comes next."""
        if decoder.follows is None and not decoder.why_stopped:
            return ()
        follows = decoder.follows
        rest = {side: decoder.rest(other(side) if self._is_turned else side) for side in SIDES}
        told = {event.side for event in unfed if not event.data}
        self._early = [*self._cut(rest, unfed), *unfed]
        self._early += [
            _Event(side, b"", self._carried[side].time_ns) for side in self._closed - told
        ]
        self.decoder, self._after = None, decoder.name
        self._switches += 1
        if decoder.why_stopped or follows == "raw" or self._switches > _SWITCHES:
            why = decoder.why_stopped or "no decoder knows what follows"
            return self._ends(decoder.name, why)
        if follows:
            self._decoders = tuple(each for each in self._all if each.name == follows)
            if not self._decoders:
                return self._ends(decoder.name, f"{follows} is not read")
        else:
            self._decoders = self._all
        self._begun = True
        return self._chosen(len(self._closed) == len(SIDES))

    def _cut(self, rest: dict[Side, bytes], unfed: Sequence[_Event]) -> list[_Event]:
        """Bytes given back by a decoder, in the pieces and the order they came in."""
        pieces: list[tuple[int, int, _Event]] = []
        for side, data in rest.items():
            size = len(data) + sum(len(event.data) for event in unfed if event.side == side)
            carried = self._carried[side]
            for time_ns, packet, piece in carried.cut(carried.size - size, data):
                pieces.append((time_ns, packet, _Event(side, piece, time_ns)))
        pieces.sort(key=lambda each: each[:2])
        return [event for _, _, event in pieces]

    # --- what is not read ---

    def _ends(self, after: str, reason: str) -> Sequence[Message]:
        """It reads no further: what is there by now, or comes next, is told as raw."""
        self._unread = after, reason
        return self._raw() if any(event.data for event in self._early) else ()

    def _failed(self, error: Exception, unfed: Sequence[_Event]) -> Sequence[Message]:
        """The end of a reading by a mistake in a decoder: nobody's capture is to suffer."""
        if not self._is_guarded:
            raise error
        after = "" if self.decoder is None else self.decoder.name
        name = f"the {after} decoder" if after else "a decoder"
        self.decoder, self._early = None, list(unfed)
        reason = f"{name} failed, please report it: {type(error).__name__}: {error}"
        self._unread = after, reason[:300]
        return self._raw(is_empty_told=True)

    def _raw(self, is_empty_told: bool = False) -> Sequence[Message]:
        """What is not read, as far as it is there."""
        after, reason = self._unread or ("", "")
        parts = []
        for side in SIDES:
            pieces = [event for event in self._early if event.side == side and event.data]
            size = sum(len(event.data) for event in pieces)
            if size:
                at = self._carried[side].size
                parts.append(Part(side, at - size, at, pieces[0].time_ns, pieces[-1].time_ns))
        self._early.clear()
        self.is_over = True
        self.decoder = None
        if not parts and is_empty_told:
            carried = self._carried["client"]
            at, time_ns = carried.size, max(each.time_ns for each in self._carried.values())
            parts.append(Part("client", at, at, time_ns, time_ns))
        if not parts:
            return ()
        parts.sort(key=lambda part: part.time_ns)
        raw = Raw(kind="raw", parts=tuple(parts), reason=reason, after=after)
        return _marked([raw], self)

    def _owned(self, messages: Sequence[Message]) -> Sequence[Message]:
        """Messages as this conversation's, their sides the flow's."""
        if not messages:
            return ()
        return _marked(map(_turned, messages) if self._is_turned else messages, self)


_set = object.__setattr__


def _marked(messages: Iterable[Message], talk: Talk) -> list[Message]:
    made = []
    for message in messages:
        _set(message, "_talk", talk)  # they are frozen; __dict__ would take twice the room
        made.append(message)
    return made


def _turned(message: Message) -> Message:
    """The same with its sides exchanged; another one, for a decoder may give one again."""
    made = object.__new__(type(message))
    made.__dict__.update(message.__dict__)
    made.__dict__["parts"] = tuple(part._replace(side=other(part.side)) for part in message.parts)
    made.__dict__["secrets"] = tuple(
        (other(side), begin, end) for side, begin, end in message.secrets
    )
    return made
