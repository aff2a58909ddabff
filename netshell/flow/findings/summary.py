"""Many findings in few lines: those of one kind in one flow together, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from netshell.flow.findings.rule import SEVERITIES
from netshell.view import Block, Cell, Column, Note, Table

if TYPE_CHECKING:
    from netshell.flow.findings.finding import FindingRows


def summary(rows: FindingRows, most: int, heads: Sequence[Column]) -> Sequence[Block]:
    """A line for each kind in each flow, ``most`` at most; nothing where that saves no line.

    ``heads`` are those of findings one by one.

    The text is that of the first of them. Worse ones come first, then by packet.
    """
    key = rows.flow.astype(np.int64) * len(rows.rules) + rows.rule
    _, first, group, counts = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    if len(first) == len(rows) or len(first) < 2:
        return ()
    packet = rows.packet
    begin, end = (np.full(len(first), value, np.int64) for value in (packet.max(), packet.min()))
    np.minimum.at(begin, group.reshape(-1), packet)
    np.maximum.at(end, group.reshape(-1), packet)
    severity = np.array([SEVERITIES.index(rule.severity) for rule in rows.rules])[rows.rule[first]]
    order = np.lexsort((begin, -severity))
    lines: list[Sequence[Cell]] = []
    for at in order[:most].tolist():
        found, count = rows[int(first[at])], int(counts[at])
        where = f"{begin[at]}" if count == 1 else f"{begin[at]}..{end[at]}"
        kind = found.kind if count == 1 else f"{found.kind} x{count:,}"
        lines.append((where, str(found.flow), found.severity, kind, found.text))
    blocks: list[Block] = [Table((Column("packets", "right", keep=1), *heads[1:]), lines)]
    if len(order) > most:
        left = int(counts[order[most:]].sum())
        blocks.append(Note(f"… {left:,} findings left out; .where() and .counts choose"))
    blocks.append(
        Note("one line for each kind in each flow, with the first one's text; [a:b] and "
             ".where(kind=..., flow=...) have them one by one")
    )  # fmt: skip
    return blocks
