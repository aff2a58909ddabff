"""The states of a connection, packet by packet, as users hold them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

from netshell.flow.given import whole_number
from netshell.flow.segments import Segments
from netshell.flow.state import State
from netshell.flow.track import Track
from netshell.flow.tracker import states_at, track
from netshell.packet.tcp import Flags
from netshell.results import Records, Single
from netshell.view import Block, Cell, Column, Note, Table

SHOWN = 60  # rows a table shows of itself when it has more


@dataclass(frozen=True, slots=True, repr=False)
class Moment(Single):
    """One packet, and the state of both ends once it has arrived, or was lost.

    ``client_shown`` and ``server_shown`` are False where the state is inferred: nothing that the
    end sent proves it.
    """

    packet: int  # number in the capture
    time_ns: int
    direction: str  # "client" or "server": who sent it
    flags: Flags
    client: State
    server: State
    client_shown: bool
    server_shown: bool
    why: str  # what happened to which end, "" if neither state changed

    def __str__(self) -> str:
        ends = f"{_cell(self.client, self.client_shown)} {_cell(self.server, self.server_shown)}"
        return f"{self.packet} {self.direction} {self.flags} {ends} {self.why}".rstrip()

    def facts(self) -> Iterable[tuple[str, str]]:
        yield "packet", f"{self.packet}, {self.flags} from the {self.direction}"
        for side, state, shown in (
            ("client", self.client, self.client_shown),
            ("server", self.server, self.server_shown),
        ):
            yield side, f"{state}{'' if shown else ', inferred: nothing it sent proves it'}"
        yield "why", self.why


class Moments(Sequence[Moment]):
    """Those of a flow, each made when it is asked for."""

    def __init__(self, segments: Segments, found: Track) -> None:
        self.segments, self.found = segments, found
        self._at = [[change.row for change in changes] for changes in (found.client, found.server)]

    def __len__(self) -> int:
        return len(self.segments)

    @overload
    def __getitem__(self, index: int) -> Moment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Moment]: ...
    def __getitem__(self, index: int | slice) -> Moment | list[Moment]:
        if isinstance(index, slice):
            return [self._moment(row) for row in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._moment(index % len(self))

    def telling(self) -> list[int]:
        """The rows that change a state or have a remark, and the first and the last one."""
        last = len(self) - 1
        return sorted({0, last, *self._at[0], *self._at[1], *self.found.remarks})

    @property
    def all_shown(self) -> bool:
        """Whether what the ends sent proves every state."""
        return all(change.shown for side in (self.found.client, self.found.server)
                   for change in side)  # fmt: skip

    def _moment(self, row: int) -> Moment:
        segments, (client, server) = self.segments, self._at
        here = self.found.client[bisect_right(client, row) - 1]
        there = self.found.server[bisect_right(server, row) - 1]
        return Moment(
            packet=int(segments.packet[row]),
            time_ns=int(segments.time_ns[row]),
            direction="client" if segments.from_client[row] else "server",
            flags=Flags(int(segments.flags[row])),
            client=here.state,
            server=there.state,
            client_shown=here.shown,
            server_shown=there.shown,
            why=self._why(row),
        )

    def _why(self, row: int) -> str:
        parts = []
        ends = (("client", self.found.client), ("server", self.found.server))
        for (name, changes), at in zip(ends, self._at, strict=True):
            mine = changes[bisect_left(at, row) : bisect_right(at, row)]
            events = ", ".join(change.event for change in mine if change.event)
            if events:
                parts.append(f"{name}: {events}")
        remark = self.found.remarks.get(row)
        return "; ".join([*parts, remark] if remark else parts)


class States(Records[Moment]):
    """The state of both ends of a connection after each of its packets.

    >>> cap.flows[0].states
    >>> cap.flows[0].states.client            # at the end of what was captured
    """

    heads = (
        Column("packet", "right"),
        Column("from"),
        Column("flags"),
        Column("client"),
        Column("server"),
        Column("why", shrink=True, least=24, wrap=True),
    )
    empty = "no TCP packets"
    called = "steps"
    table_name = "states"

    def row(self, record: Moment) -> Sequence[Cell]:
        return (
            str(record.packet),
            record.direction,
            str(record.flags),
            _cell(record.client, record.client_shown),
            _cell(record.server, record.server_shown),
            record.why,
        )

    def view(self) -> Sequence[Block]:
        rows = self._rows
        if not isinstance(rows, Moments) or len(rows) <= SHOWN:
            return super().view()
        told = rows.telling()[:SHOWN]
        left = len(rows) - len(told)
        return (
            Table(self.heads, [self.row(rows[at]) for at in told]),
            Note(f"… {left:,} packets left out, most of which change nothing; [a:b] shows all"),
            *self.notes(),
        )

    def notes(self) -> Sequence[Block]:
        rows = self._rows
        if isinstance(rows, Moments):
            shown = rows.all_shown
        else:
            shown = all(each.client_shown and each.server_shown for each in rows)
        if shown:
            return ()
        return (Note("in parentheses: inferred, nothing in the capture proves it"),)

    @property
    def client(self) -> State | None:
        """The client's state behind the last packet; None without packets."""
        return self[-1].client if len(self) else None

    @property
    def server(self) -> State | None:
        """The server's state behind the last packet; None without packets."""
        return self[-1].server if len(self) else None

    def at(self, time_ns: int) -> tuple[State, State]:
        """Client's and server's states at a time behind the last packet.

        A TIME_WAIT is over by then if it is 60 s old, as on Linux. CLOSED both without packets.
        Raises BadArgument for what is no whole number.
        """
        time_ns = whole_number(
            time_ns, "time", "use nanoseconds since 1970, such as a packet's time_ns", -(1 << 63)
        )
        rows = self._rows
        if isinstance(rows, Moments) and len(rows):
            return states_at(rows.found, time_ns)
        return self.client or State.CLOSED, self.server or State.CLOSED


def states_of(segments: Segments, now_ns: int | None = None) -> States:
    """The states of one flow; ``now_ns`` as for :func:`netshell.flow.tracker.track`."""
    return States(Moments(segments, track(segments, now_ns)))


def _cell(state: State, shown: bool) -> str:
    return str(state) if shown else f"({state})"
