"""``captures``: what is being captured in this session, so that nothing runs out of reach.

Every capture that a verb starts is remembered here: held while it runs, whatever becomes of its
name, and only known once it has ended, so that its packets go when nobody holds it any more.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from netshell.capture.capture import Capture
from netshell.results import Records
from netshell.view import Block, Cell, Column, Span, Style, Table

_STYLES: dict[str, Style] = {"running": "good", "failed": "bad", "stopped": "quiet"}


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One line of ``captures()`` as data."""

    number: int
    """Its place: ``captures()[number]``."""
    ifaces: tuple[str, ...]
    filter: str
    packets: int
    dropped: int
    state: str
    """"running", "stopped", or "failed" (``problem`` of the capture says why)."""


class Captures(Records[Capture]):
    """Captures in the order they were started; indexing gives the :class:`Capture` itself."""

    heads = (
        Column("number", "right"),
        Column("interface"),
        Column("filter", shrink=True, least=12),
        Column("packets", "right"),
        Column("dropped", "right"),
        Column("state"),
    )
    empty = "no captures"

    def view(self) -> Sequence[Block]:
        rows: list[Sequence[Cell]] = [
            (
                str(each.number),
                ", ".join(each.ifaces),
                each.filter or "every packet",
                f"{each.packets:,}",
                Span(f"{each.dropped:,}", "bad" if each.dropped else ""),
                Span(each.state, _STYLES[each.state]),
            )
            for each in self.records()
        ]
        return (Table(self.heads, rows, empty=self.empty),)

    def records(self) -> Sequence[CaptureRow]:  # type: ignore[override]  # not the packets
        return [
            CaptureRow(
                number,
                each.ifaces,
                each.filter_text,
                len(each),
                each.stats.dropped,
                "running" if each.running else "failed" if each.problem else "stopped",
            )
            for number, each in enumerate(self)
        ]

    def stop(self) -> Self:
        """Stop every one of these that runs; each keeps the packets it has.

        >>> captures().stop()
        """
        for each in self:
            each.stop()
        return self


_known: list[weakref.ref[Capture]] = []
_running: list[Capture] = []


def remember(capture: Capture) -> None:
    """Know this capture from now on, and hold it while it runs."""
    _known.append(weakref.ref(capture))
    _running.append(capture)
    let_go()


def let_go() -> None:
    """Stop holding the captures that have ended."""
    _running[:] = [each for each in _running if each.running]
    _known[:] = [each for each in _known if each() is not None]


def captures() -> Captures:
    """The captures of this session: those that run, and those still held.

    ``captures()[0]`` is the first one itself, even if no name is left for it.

    >>> captures()
    >>> captures()[0].stop()
    >>> captures().stop()
    """
    let_go()
    return Captures([capture for each in list(_known) if (capture := each()) is not None])
