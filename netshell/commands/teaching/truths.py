"""The right answer, from what was really captured and what both kernels say.

Each function makes one that is asked after the question's step was played. "New" packets are those
of that step, on the client's eth0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from netshell.commands.teaching.plan import Truth
from netshell.packet.flags import Flags

if TYPE_CHECKING:
    from netshell.commands.playing import Play, Scene

SIDES = ("client", "server")


def now(play: Play) -> Scene:
    """What the last step showed."""
    return play.scenes[-1]


def sent_by(play: Play, side: str | None) -> Sequence[Any]:
    """The new packets of one side; of both, if none is named."""
    address = None if side is None else play.hosts[side].ipv4
    return [packet for packet in now(play).packets if address in (None, packet.src)]


def flags_of(number: int, side: str | None = None) -> Truth:
    """The flags of a new packet; from 0, or from the end if negative."""
    return lambda play: str(sent_by(play, side)[number].flags)


def count(side: str | None = None) -> Truth:
    """How many packets are new."""
    return lambda play: str(len(sent_by(play, side)))


def count_of_all(side: str | None = None) -> Truth:
    """How many packets there are in the whole capture."""

    def count_all(play: Play) -> str:
        address = None if side is None else play.hosts[side].ipv4
        return str(sum(address in (None, packet.src) for packet in captured(play)))

    return count_all


def state(side: str) -> Truth:
    """One side's state, as its kernel says."""

    def state_of(play: Play) -> str:
        states = now(play).states
        assert states is not None
        return states[SIDES.index(side)]

    return state_of


def sockets(side: str, state: str) -> Truth:
    """How many of a side's sockets are in a state, as conns() there shows."""

    def count_sockets(play: Play) -> str:
        rows = now(play).client if side == "client" else now(play).server
        return str(sum(str(row.state) == state for row in rows))

    return count_sockets


def told(play: Play) -> str:
    """What the program was told, in the step itself."""
    return now(play).played.told


def error(play: Play) -> str:
    """The error that the program was told; NOTHING where it was none."""
    heard = now(play).played.told
    return heard if heard.isupper() else "NOTHING"


def who_sends(flag: Flags) -> Truth:
    """The side that sends the first new packet with a flag; nobody, if there is none."""

    def sender(play: Play) -> str:
        for packet in now(play).packets:
            if packet.flags & flag:
                return _side(play, packet)
        return "nobody"

    return sender


def who_is_in(state: str) -> Truth:
    """The side that is in a state: one, both or nobody."""

    def side(play: Play) -> str:
        states = now(play).states or ("", "")
        found = [name for name, each in zip(SIDES, states, strict=True) if each == state]
        return "both" if len(found) > 1 else (found or ["nobody"])[0]

    return side


def acknowledged(number: int, side: str) -> Truth:
    """The acknowledgment number of a side's new packet, counted from the other's SYN."""
    return lambda play: str(relative_ack(play, sent_by(play, side)[number]))


def relative_ack(play: Play, packet: Any) -> int:
    """A packet's acknowledgment number, as ladders write it: the other side's SYN had 0."""
    first = next(
        each.seq
        for each in reversed(captured(play))
        if each.flags is not None
        and each.flags & Flags.SYN
        and (each.src, each.sport, each.dport) == (packet.dst, packet.dport, packet.sport)
    )
    return int(packet.ack - first) % 2**32


def yes_if(holds: Callable[[Play], object]) -> Truth:
    """yes or no."""
    return lambda play: "yes" if holds(play) else "no"


def captured(play: Play) -> Sequence[Any]:
    """All packets up to now."""
    return [play.capture[at] for at in range(len(play.capture))]


def _side(play: Play, packet: Any) -> str:
    return "client" if packet.src == play.hosts["client"].ipv4 else "server"


# --- what several lessons ask --------------------------------------------------------------------


def kind_of(number: int, side: str | None = None) -> Truth:
    """What a new packet is: SYN, RST, FIN, DATA or ACK; NOTHING, if there is no such packet."""

    def kind(play: Play) -> str:
        packets = sent_by(play, side)
        return _kind(packets[number]) if packets else "NOTHING"

    return kind


def _kind(packet: Any) -> str:
    for flag in (Flags.SYN, Flags.RST, Flags.FIN):
        if packet.flags & flag:
            return str(flag)
    return "DATA" if packet.payload else "ACK"


def count_with(flag: Flags, *, new: bool = False) -> Truth:
    """How many packets have a flag, a SYN,ACK not counted as a SYN; in all, or of the new ones."""

    def count_flagged(play: Play) -> str:
        packets = now(play).packets if new else captured(play)
        other = Flags.ACK if flag == Flags.SYN else Flags(0)
        return str(sum(bool(each.flags & flag and not each.flags & other) for each in packets))

    return count_flagged


def side_of(number: int) -> Truth:
    """Who sends a new packet."""
    return lambda play: _side(play, now(play).packets[number])


def data_of(play: Play, side: str) -> list[Any]:
    """A side's new packets with data."""
    return [packet for packet in sent_by(play, side) if packet.payload]


def gap_s(first: Any, second: Any) -> float:
    """Seconds between two packets."""
    return float(second.time_ns - first.time_ns) / 1e9
