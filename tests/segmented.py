"""Captures of one TCP connection from a list of segments, for tests of streams and dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from frames import chunk_of, segment

from netshell.flow.flows import Flow, flows_of
from netshell.flow.segments import Segments, segments_of
from netshell.flow.source import Held
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT = ("10.0.0.1", 40000, "10.0.0.2", 80)
SERVER = ("10.0.0.2", 80, "10.0.0.1", 40000)


class Cut(NamedTuple):
    """A segment, in relative numbers; ``captured`` bytes of the payload are in the frame."""

    seq: int
    data: bytes = b""
    flags: int = ACK
    ack: int = 1
    by_client: bool = True
    captured: int | None = None
    window: int = 1000
    options: bytes = b""


def chunk_from(cuts: Sequence[Cut], isn: int = 1000, peer_isn: int = 5000) -> Chunk:
    """The segments as captured packets, a microsecond apart; the ISNs of client and server."""
    frames, wire = [], []
    for cut in cuts:
        own, other = (isn, peer_isn) if cut.by_client else (peer_isn, isn)
        frame = segment(
            *(CLIENT if cut.by_client else SERVER),
            flags=cut.flags,
            seq=own + cut.seq,
            ack=other + cut.ack if cut.flags & ACK else 0,
            payload=cut.data,
            window=cut.window,
            options=cut.options,
        )
        wire.append(len(frame))
        kept = len(frame) if cut.captured is None else len(frame) - len(cut.data) + cut.captured
        frames.append(frame[:kept])
    return chunk_of(frames, wire_lens=wire)


def source_of(cuts: Sequence[Cut], isn: int = 1000, peer_isn: int = 5000) -> Held:
    """The same as a source, numbered from 0."""
    chunk = chunk_from(cuts, isn, peer_isn)
    return Held([(0, decode(chunk), chunk)])


def segments_from(cuts: Sequence[Cut], isn: int = 1000, peer_isn: int = 5000) -> Segments:
    """Their only flow's segments."""
    source = source_of(cuts, isn, peer_isn)
    return segments_of(source, source.flows, 0)


def flow_of(cuts: Sequence[Cut], isn: int = 1000, peer_isn: int = 5000) -> Flow:
    """Their only flow."""
    source = source_of(cuts, isn, peer_isn)
    return flows_of(source.flows, source)[0]


HANDSHAKE = (
    Cut(0, flags=SYN, ack=0),
    Cut(0, flags=SYN | ACK, by_client=False),
    Cut(1),
)
