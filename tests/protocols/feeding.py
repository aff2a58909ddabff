"""How the tests of decoders feed them: what a capture's flows said, whole, byte by byte, cut."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from netshell.capture.capture import Capture
from netshell.flow.delivery import Delivery, Heard
from netshell.flow.flow import Flow
from netshell.protocols.api import Message, Signs
from netshell.protocols.decoders import DECODERS
from netshell.protocols.talk import Talk


def heard(flow: Flow) -> list[Heard]:
    """What both sides of a TCP flow said."""
    return list(Delivery().feed(flow.segments, final=True))


def read(
    pieces: Iterable[Heard],
    ports: Sequence[int] = (),
    begun: bool = True,
    decoders: Iterable[type[Signs]] = DECODERS,
) -> list[Message]:
    """The messages of one TCP conversation."""
    talk = Talk("tcp", ports, begun, decoders)
    found: list[Message] = []
    for piece in pieces:
        if piece.lacking:
            found += talk.gap(piece.side, piece.lacking, piece.time_ns)
        else:
            found += talk.feed(piece.side, piece.data, piece.time_ns, piece.packet)
    return [*found, *talk.finish()]


def of_capture(capture: Capture, decoders: Iterable[type[Signs]] = DECODERS) -> list[Message]:
    """The messages of all of a capture's TCP flows, flow by flow."""
    found: list[Message] = []
    for flow in capture.flows.where(proto="tcp"):
        ports = (flow.server.port or 0, flow.client.port or 0)
        begun = flow.stream("client").is_begun
        found += read(heard(flow), ports, begun, decoders)
    return found


def cuts(pieces: Sequence[Heard], seed: int = 0) -> Iterator[list[Heard]]:
    """The same in other pieces: byte by byte, and at random places."""
    yield [
        piece._replace(data=piece.data[at : at + 1])
        for piece in pieces
        for at in range(len(piece.data) or 1)
    ]
    chance = random.Random(seed)
    for _ in range(5):
        made = []
        for piece in pieces:
            places = sorted(chance.randrange(len(piece.data) + 1) for _ in range(3))
            if piece.lacking:
                made.append(piece)
                continue
            for begin, end in zip([0, *places], [*places, len(piece.data)], strict=True):
                if end > begin:
                    made.append(piece._replace(data=piece.data[begin:end]))
        yield made
