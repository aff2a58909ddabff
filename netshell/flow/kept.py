"""The details of a source's flows, kept as far as they were worked out.

A table that shows forty flows needs the segments of forty; an order needs all. Flows looked at one
by one cost a pass over the capture each, so after some of them all are worked out together.
Segments are not kept, which would take many bytes a packet; only what they told of each flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.errors import Unavailable
from netshell.flow.source import Source
from netshell.results import Data

if TYPE_CHECKING:
    from netshell.flow.details import Details

ALONE = 8
"""So many flows are looked at one by one before all are."""

Chosen = NDArray[np.intp]


class _Told:
    """Fields of some flows, and which finding each of them has."""

    def __init__(self, numbers: Chosen) -> None:
        self.numbers = numbers
        self.fields: dict[str, Data] = {}
        self.kinds: Mapping[str, NDArray[np.intp]] = {}


class DetailTable:
    """The details of flows, as they are when they are asked for: anew once packets were added."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._total = -1
        self._all: _Told | None = None
        self._few: _Told | None = None
        self._alone: dict[int, Mapping[str, Any]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: worked out again when they are asked for."""
        return DetailTable, (self._source,)

    @property
    def at_hand(self) -> bool:
        """Whether the details of many flows are to be had: of files that are only walked, no."""
        return self._source.lasting

    def take(self, chosen: Chosen, names: Iterable[str] | None = None) -> dict[str, Data]:
        """Fields of some flows, all unless named. Raises Unavailable where only single flows can
        be looked at."""
        from netshell.flow.details import NAMES

        names = NAMES if names is None else tuple(names)
        told, rows = self._of(chosen)
        self._fill(told, names)
        found = ((name, told.fields[name]) for name in names)
        return {name: Data(of.values[rows], of.missing[rows], of.texts) for name, of in found}

    def having(self, kind: str, chosen: Chosen) -> NDArray[np.bool_]:
        """Which of some flows have a finding of a kind; raises as :meth:`take`."""
        told, rows = self._of(chosen)
        if not told.kinds:
            told.kinds = self._details(told.numbers).kinds()
        mask = np.zeros(len(told.numbers), np.bool_)
        mask[told.kinds[kind]] = True
        found: NDArray[np.bool_] = mask[rows]
        return found

    def one(self, number: int) -> Mapping[str, Any]:
        """Every field of one flow as a plain value, None where it is missing."""
        from netshell.flow.details import NAMES

        self._renew()
        if number in self._alone:
            return self._alone[number]
        told, row = self._all, number
        few = self._few
        if told is None and few is not None and number in few.numbers:
            told, row = few, int(np.searchsorted(few.numbers, number))
        if told is None:
            alone = len(self._alone) < ALONE or not self.at_hand
            told = _Told(np.array([number])) if alone else self._whole()
            row = 0 if alone else number
        self._fill(told, NAMES)
        values = {name: _plain(told.fields[name], row) for name in NAMES}
        if told is not self._all and told is not few:
            if len(self._alone) >= ALONE:
                del self._alone[next(iter(self._alone))]
            self._alone[number] = values
        return values

    def _of(self, chosen: Chosen) -> tuple[_Told, Chosen]:
        """What is kept of flows among which these are, and their rows in there."""
        if not self.at_hand:
            raise Unavailable(
                "a scanned file has no details of all its flows",
                why="they need its packets in memory",
                next_step='read(path, "host ...").flows, or .flows[0] of the scan by itself',
            )
        self._renew()
        if self._all is not None:
            return self._all, chosen
        numbers = np.unique(chosen)
        if 2 * len(numbers) > len(self._source.flows):
            return self._whole(), chosen
        few = self._few
        if few is None or not np.isin(numbers, few.numbers, assume_unique=True).all():
            few = self._few = _Told(numbers)
        return few, np.searchsorted(few.numbers, chosen)

    def _whole(self) -> _Told:
        if self._all is None:
            self._all = _Told(np.arange(len(self._source.flows)))
        return self._all

    def _fill(self, told: _Told, names: tuple[str, ...]) -> None:
        left = [name for name in names if name not in told.fields]
        if left:
            details = self._details(told.numbers)
            told.fields.update({name: details[name] for name in left})

    def _details(self, numbers: Chosen) -> Details:
        from netshell.flow.details import Details
        from netshell.flow.segments import segments_of

        source, flows = self._source, self._source.flows
        if len(numbers) == 1:  # found without marking all packets
            return Details(segments_of(source, flows, int(numbers[0])))
        return Details(segments_of(source, flows, numbers))

    def _renew(self) -> None:
        total = self._source.total
        if total != self._total:
            self._all = self._few = None
            self._alone = {}
            self._total = total


def _plain(data: Data, row: int) -> Any:
    if data.missing[row]:
        return None
    value = data.values[row].item()
    return value if data.texts is None else data.texts[value]
