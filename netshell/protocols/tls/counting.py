"""What was counted of both sides, as a message of its moment."""

from __future__ import annotations

from collections.abc import Mapping

from netshell.flow.amounts import amount
from netshell.flow.sides import Side
from netshell.protocols.api import other
from netshell.protocols.tls.half import Half
from netshell.protocols.tls.traffic import ApplicationData


def counted(halves: Mapping[Side, Half], alert_size: int) -> ApplicationData | None:
    """All data up to now; None if there was none.

    ``alert_size``: bytes that an encrypted alert has, where it is told by that; 0 where not.
    """
    pairs = [(half, part) for half in halves.values() for part in [half.part()] if part is not None]
    if not pairs:
        return None
    pairs.sort(key=lambda pair: pair[1].time_ns)
    first = pairs[0][0]
    second = halves[other(first.side)]
    server = halves["server"]
    is_refused = server.records == 1 and server.octets == alert_size and not server.lacks
    return ApplicationData(
        kind="application data",
        parts=tuple([part for _, part in pairs]),
        lacking=", ".join([each for half in halves.values() for each in _lacking(half)]),
        records_sent=first.records,
        size=first.octets,
        answer_records=second.records,
        answer_size=second.octets,
        refused=is_refused,
    )


def _lacking(half: Half) -> list[str]:
    made = []
    if half.lacks:
        made.append(f"{amount(half.lacks)} of the {half.side}'s lack{'s' * (half.lacks == 1)}")
    unread = half.unread + (len(half.inbox) if half.is_lost else 0)
    if unread:
        made.append(f"{amount(unread)} of the {half.side}'s not read: amid a record")
    if half.kind or (half.inbox.data and not half.is_lost):
        made.append(f"the {half.side}'s last record is not complete")
    return made
