"""What of a flow is held no more: a capture that keeps its newest packets lets the oldest go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.errors import Unavailable

if TYPE_CHECKING:
    from netshell.flow.flow import Flow

NONE_HELD = "none of its packets are held any more"


def let_go(flow: Flow) -> str:
    """What to say of a flow's packets that were let go; "" where there are none, or none known.

    >>> let_go(cap.flows[0])                                           # doctest: +SKIP
    'its first 12 packets were let go'

    Raises nothing.
    """
    try:
        source = flow.origin
    except Unavailable:
        return ""
    if not source.lasting:  # a file has them all
        return ""
    first = next((start for start, _, _ in source.parts()), source.total)
    columns = source.flows
    if columns.first[flow.number] >= first:
        return ""
    held = len(flow.numbers)
    if not held:
        return NONE_HELD
    gone = int(columns.packets[flow.number]) - held
    if gone <= 0:
        return ""
    return "its first packet was let go" if gone == 1 else f"its first {gone:,} packets were let go"
