"""Some packets of a file that is being walked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netshell.flow.baseline import Baseline
from netshell.packet.chunk import Chunk
from netshell.packet.table import Columns, decode


@dataclass(slots=True)
class Stretch:
    """Some packets, with what was worked out from those before them where that is needed."""

    chunk: Chunk
    start: int  # number of the first
    columns: Columns | None = None
    baseline: Baseline | None = None
    comments: dict[int, tuple[str, ...]] = field(default_factory=dict)  # by row

    def decoded(self) -> Columns:
        if self.columns is None:
            self.columns = decode(self.chunk)
        return self.columns

    def chosen(self, which: Any) -> Stretch:
        """Those that a mask selects."""
        base = self.baseline
        places = np.cumsum(which) - 1 if self.comments else ()
        return Stretch(
            self.chunk[which],
            0,
            None if self.columns is None else self.columns[which],
            None
            if base is None
            else Baseline(base.seq_base[which], base.ack_base[which], base.window_shift[which]),
            {int(places[row]): said for row, said in self.comments.items() if which[row]},
        )
