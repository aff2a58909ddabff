"""What a capture received, lost, let go and wrote, and what that cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netshell._version import VERSION
from netshell.capture.source import Costs, Counters
from netshell.packet.options import texts
from netshell.packet.packing import Statistics
from netshell.packet.remarks import APPLICATION, IF_FILTER, About, Remarks
from netshell.results import Result
from netshell.view import Block, Lines


@dataclass(frozen=True, slots=True, repr=False)
class CaptureStats(Result):
    """What arrived and what did not; all counts are packets unless the name says otherwise.

    >>> cap.stats.dropped, cap.stats.rate
    (0, 51234.7)
    """

    received: int
    dropped: int  # by the kernel, for want of room: the capture has a gap
    dropped_by_interface: int  # by the network card, before the kernel saw them
    truncated: int  # packets of which only the first bytes were kept (snaplen)
    bytes: int  # that the packets had on the wire
    let_go: int = 0  # received, but held no more (keep)
    written: int = 0  # to files (write)
    unwritten: int = 0  # received, but not written: the disk was full or too slow
    seconds: float = 0.0  # the capture has run, or ran
    cpu: float = 0.0  # of one CPU, its own threads' share over that time; 1.0 is all of it

    @property
    def rate(self) -> float:
        """Packets a second, over the whole time."""
        return self.received / self.seconds if self.seconds > 0 else 0.0

    def records(self) -> dict[str, int | float]:
        return {
            "received": self.received,
            "dropped": self.dropped,
            "dropped_by_interface": self.dropped_by_interface,
            "truncated": self.truncated,
            "bytes": self.bytes,
            "let_go": self.let_go,
            "written": self.written,
            "unwritten": self.unwritten,
            "seconds": round(self.seconds, 3),
            "rate": round(self.rate, 1),
            "cpu": round(self.cpu, 4),
        }

    def view(self) -> Sequence[Block]:
        counts = [
            f"{name.replace('_', ' ')}: {value:,}"
            for name, value in self.records().items()
            if name not in ("seconds", "rate", "cpu")
        ]
        if not self.seconds:  # of a file
            return [Lines(counts)]
        return [
            Lines(
                [
                    *counts,
                    f"rate: {self.rate:,.0f} packets/s over {self.seconds:,.1f} s",
                    f"own CPU: {self.cpu:.1%}",
                ]
            )
        ]


def remarks_of(filter_text: str, counters: Counters, costs: Costs) -> Remarks:
    """What a pcapng file of a live capture says beside its packets.

    Its interfaces are those that ``counters.each`` has, and say what they lost from the
    capture's begin until now, or its end.
    """
    options = texts(IF_FILTER, [f"\0{filter_text}"] if filter_text else [])
    ended_ns = costs.began_ns + round(costs.seconds * 1e9)
    interfaces = {
        number: About(
            options=options,
            statistics=Statistics(
                one.received + one.dropped_by_interface,
                one.dropped + one.dropped_by_interface,
                costs.began_ns,
                ended_ns,
            ),
        )
        for number, one in enumerate(counters.each)
    }
    return Remarks(interfaces=interfaces, machine={APPLICATION: f"netshell {VERSION}"})
