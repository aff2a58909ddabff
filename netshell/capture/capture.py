"""The capture that users hold: packets of an interface or a file, growing while it runs.

It owns no thread and no socket: a :class:`Store` holds the packets, and a *run* (``live.py``)
feeds it. Everything is made when asked for: raw blocks become chunks, chunks columns, and a row
of the columns a :class:`Packet`. What filters and slices take is in ``choosing.py``, what a
capture looks like in ``showing.py``.
"""

from __future__ import annotations

import contextlib
import operator
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack, overload

import numpy as np

from netshell.capture import arguments, choosing, hints, showing
from netshell.capture.baselines import Running
from netshell.capture.block import Piece
from netshell.capture.conversations import Conversations
from netshell.capture.dissect import dissect, packet_list
from netshell.capture.merge import compacted
from netshell.capture.run import Run
from netshell.capture.showing import Listing
from netshell.capture.stated import Stated
from netshell.capture.stats import remarks_of
from netshell.capture.store import Part, Store, holding, start_of
from netshell.errors import BadArgument, BadIndex, NetshellError, NoRow, brief
from netshell.flow.called import checked_call
from netshell.packet.packet import Packet
from netshell.packet.remarks import Remarks
from netshell.packet.table import Columns
from netshell.results import Data, stretch
from netshell.settings import in_force
from netshell.view import Block

if TYPE_CHECKING:
    from netshell.capture.owners import Owners
    from netshell.capture.packets import InMemory
    from netshell.capture.spoken import Spoken
    from netshell.flow.findings import Findings
    from netshell.flow.flows import Flows
    from netshell.flow.kept import DetailTable
    from netshell.flow.source import Source
    from netshell.flow.talkers import Talkers
    from netshell.protocols.messages import Messages
    from netshell.protocols.names import Names
    from netshell.protocols.queries import Queries
    from netshell.protocols.queries_chosen import Which
    from netshell.protocols.queries_live import LiveQueries


class Capture(Stated):
    """Packets, from ``sniff``, ``sniff_host`` or ``read``.

    >>> cap = sniff("tcp port 80")
    >>> len(cap), cap[0], cap[-10:], cap.columns.ttl
    >>> cap.filter("host 10.0.0.1").save("one.pcap")

    Indexes and slices; iterates, waiting for the next packet while it runs; ``with sniff(...) as
    cap:`` stops it at the end.
    """

    table_name = "packets"

    def __init__(
        self,
        store: Store,
        *,
        names: Sequence[str] = (),
        ifaces: Sequence[str] = (),
        filter_text: str = "",
        origin: str = "",
        run: Run | None = None,
        problem: NetshellError | None = None,
        baselines: Running | None = None,
        remarks: Remarks | None = None,
    ) -> None:
        self.names = tuple(names)
        """The interfaces packets come from; ``packet.iface`` is one of them."""
        self.ifaces = tuple(ifaces)
        """The interfaces that were asked for: names, or "any"."""
        self.filter_text = filter_text
        """The BPF filter; empty for every packet."""
        self._store = store
        self._origin = origin
        self._run = run
        self._problem = problem
        self._baselines = baselines or Running()
        self.remarks = remarks or Remarks()
        """What a pcapng file says beside its packets: ``comments``, ``of_packets`` (comments by
        packet number), ``hosts`` (names by address), ``interfaces`` (by number), ``dropped``."""
        self._conversations = Conversations()
        self._found: tuple[tuple[int, int], weakref.ref[Findings]] | None = None
        self._details: DetailTable | None = None
        self._spoken: Spoken | None = None
        self._hostnames: Names | None = None
        self.owners: Owners | None = None
        """Whose the connections of a live capture are; whoever started it gives this."""
        self._hint = hints.note(filter_text) if run is not None else ""

    def add(self, piece: Any) -> None:
        """Append raw packets (a Chunk); any thread may. Raises BadArgument for anything else."""
        if not isinstance(piece, Piece):
            raise BadArgument(
                f"packets {brief(piece)}",
                why="they are no raw packets",
                next_step="use read() or sniff() to get packets",
            )
        self._store.add([piece])

    def stop(self) -> Self:
        """End the capture, with everything that came until now in it. May be repeated."""
        if self._run is not None:
            self._run.stop()
        return self

    def wait(self, count: int | None = None, seconds: float | None = None) -> Self:
        """Wait until the capture holds ``count`` packets, ``seconds`` passed, or it ended.

        Ctrl-C only ends the waiting. The capture goes on in any case; ``stop()`` ends it.

        >>> cap = sniff("icmp").wait(count=4).stop()
        """
        if count is not None:
            count = arguments.whole(count, "count", 0, "use 0 packets or more")
        if seconds is not None:
            seconds = arguments.seconds(seconds, "use a time, or leave it out to wait without end")
        deadline = None if seconds is None else time.monotonic() + seconds
        with contextlib.suppress(KeyboardInterrupt):
            self._store.wait(count, deadline)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # --- packets ---

    @overload
    def __getitem__(self, index: int) -> Packet: ...
    @overload
    def __getitem__(self, index: slice) -> Capture: ...
    def __getitem__(self, index: int | slice) -> Packet | Capture:
        parts = self._store.parts()
        total = parts[-1].end if parts else 0
        if isinstance(index, slice):
            start, stop, step = stretch(index, "packets").indices(total)
            # No array takes any number: steps beyond the packets are all alike.
            step = max(-total - 1, min(step, total + 1))
            numbers = np.arange(start, stop, step)
            return choosing.selected(self, numbers[numbers >= start_of(parts)], parts)
        try:
            index = operator.index(index)
        except TypeError:
            raise BadIndex(
                "packets have numbers",
                why=f"take one as cap[0], some as cap[:5], not [{brief(index)}]",
            ) from None
        number = index + total if index < 0 else index
        if not 0 <= number < total:
            named = f"packet {index}" if abs(index) < _LONG else "no such packet: a huge number"
            raise NoRow(f"{named} of {total}")
        if number < parts[0].start:
            raise NoRow(f"packet {number} was let go; the oldest held is {parts[0].start}")
        part = parts[holding(parts, number)]
        self._baselines.reach(number + 1, parts)
        return self._packet(part, number - part.start)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: the packets of this moment, as a capture that has ended."""
        parts = [Part(compacted(part.chunk), part.start) for part in self._store.parts()]
        given = {
            "names": self.names,
            "ifaces": self.ifaces,
            "filter_text": self.filter_text,
            "origin": self._origin,
            "problem": self.problem,
            "remarks": self.remarks,
        }
        return _restored, (parts, given)

    def __contains__(self, packet: object) -> bool:
        """Whether a packet is among those of this moment; does not wait for more."""
        if not isinstance(packet, Packet):
            return False
        parts = self._store.parts()
        return any(
            self._packet(part, int(row), (-1, -1, -1)) == packet
            for part in parts
            for row in np.flatnonzero(part.chunk.time_ns == packet.time_ns)
        )

    def __iter__(self) -> Iterator[Packet]:
        """Every packet held; while the capture runs, waits for the next one, and ends with it."""
        number = 0
        while self._store.wait(number + 1):
            parts = self._store.parts()
            if not parts:  # nothing is kept
                number = self._store.total
                continue
            number = max(number, start_of(parts))
            self._baselines.reach(parts[-1].end, parts)
            for part in parts[holding(parts, number) :]:
                for row in range(number - part.start, len(part)):
                    yield self._packet(part, row)
                number = part.end

    def _packet(self, part: Part, row: int, baseline: tuple[int, int, int] | None = None) -> Packet:
        iface = int(part.chunk.iface[row])
        return Packet(
            part.start + row,
            part.columns,
            row,
            part.chunk.frame(row),
            self._baselines.row(part.start + row) if baseline is None else baseline,
            self.names[iface] if iface < len(self.names) else "",
            dissect,
            self.remarks.of_packets.get(part.start + row, ()),
            self,
        )

    @property
    def columns(self) -> Columns:
        """Every field of every packet as arrays (netshell.packet.schema says what each holds)."""
        return Columns.concat([part.columns for part in self._store.parts()])

    @property
    def flows(self) -> Flows:
        """The conversations among the packets up to now, in the order of their first packets.

        >>> cap.flows.top(10), cap.flows.where(port=443)
        """
        from netshell.flow.flows import flows_of
        from netshell.flow.kept import DetailTable

        source = self.source
        self._details = self._details or DetailTable(source)
        return flows_of(source.flows, source, self._details)

    @property
    def findings(self) -> Findings:
        """What is remarkable about the TCP segments up to now: retransmissions, zero windows ...

        >>> cap.findings.counts, cap.findings.where(kind="retransmission")

        Worked out once as long as what it gave is in use and no packet was added; of a running
        capture, once a second at most, since what is not answered shows by time.
        """
        from netshell.flow.findings import find
        from netshell.flow.segments import segments_of

        source = self.source
        # What is not answered, or not closed, shows by time alone.
        moment = source.total, (source.until_ns or 0) // 10**9
        known = None if self._found is None else self._found[1]()
        if known is None or self._found is None or self._found[0] != moment:
            flows = self._conversations.reach(self._store.parts(), whole=True)
            known = find(segments_of(source, flows))
            self._found = moment, weakref.ref(known)
        return known

    @property
    def messages(self) -> Messages:
        """What the conversations said: HTTP, DNS, TLS, PostgreSQL, MySQL, Redis, on any port.

        >>> cap.messages, cap.messages.where(protocol="dns"), cap.messages.slowest(10)
        >>> for message in cap.messages.live(): ...

        In the order of time, each request with its answer. Read once, and only what is new when
        packets were added. Of a running capture, with what is not complete yet.
        """
        return self.spoken.messages(self._in_memory)

    @overload
    def queries(
        self, statement: object = None, *, live: Literal[False] = False, reveal: bool = False,
        **which: Unpack[Which],
    ) -> Queries: ...  # fmt: skip
    @overload
    def queries(
        self, statement: object = None, *, live: Literal[True], reveal: bool = False,
        **which: Unpack[Which],
    ) -> LiveQueries: ...  # fmt: skip
    def queries(
        self, statement: object = None, *, live: bool = False, reveal: bool = False,
        **which: Unpack[Which],
    ) -> Queries | LiveQueries:  # fmt: skip
        """The SQL that was executed: how long each statement took, its rows, its error.

        >>> cap.queries().slowest(10), cap.queries().grouped()
        >>> cap.queries().n_plus_one(), cap.queries(database="shop", error=True)
        >>> sniff_host("db1", 5432).queries(live=True)

        PostgreSQL's and MySQL's; of a running capture also those that run by now. With ``live``,
        they are printed above the prompt as they come, and iterated. Which ones: ``statement``,
        ``database``, ``user``, ``client``, ``error``, ``min_duration_s`` ... as
        :meth:`Queries.where` has them. Passwords in them are masked unless ``reveal``. Raises
        BadArgument.
        """
        from netshell.capture import queried

        return queried.of_capture(self, self._in_memory, statement, live, reveal, which)

    @property
    def spoken(self) -> Spoken:
        """What its messages are read with."""
        from netshell.capture.spoken import Spoken

        with _SPOKEN:  # any thread may be the first to ask
            self._spoken = self._spoken or Spoken(self._store)
        return self._spoken

    @property
    def hostnames(self) -> Names:
        """The names that DNS answers in it gave to addresses: what ``flow.name`` is taken from."""
        from netshell.protocols.names import Names

        with _SPOKEN:
            self._hostnames = self._hostnames or Names()
        return self._hostnames

    @property
    def source(self) -> Source:
        """The packets as flows, segments and findings look at them again."""
        return self._in_memory

    @property
    def _in_memory(self) -> InMemory:
        from netshell.capture.packets import InMemory

        return InMemory(self, self._store, self._conversations)

    def filter(self, which: str | Callable[[Packet], Any] | Any) -> Capture:
        """The packets that a BPF filter, a function of a packet, or an array of bools selects.

        >>> cap.filter("tcp port 80")
        >>> cap.filter(lambda packet: b"GET" in packet.payload)
        >>> cap.filter(cap.columns.ttl < 5)

        Of a running capture: those that are there now. Raises BadArgument for a bad filter.
        """
        return choosing.filtered(self, which)

    @property
    def scapy(self) -> Any:
        """The packets as a Scapy PacketList, dissected now."""
        return packet_list(self._snapshot())

    def _snapshot(self) -> Sequence[Packet]:
        parts = self._store.parts()
        self._baselines.reach(parts[-1].end if parts else 0, parts)
        return [self._packet(part, row) for part in parts for row in range(len(part))]

    def save(self, path: str | Path) -> Path:
        """Write the packets of this moment to a file and return its path.

        ``.pcapng`` keeps interfaces and what they lost, directions, comments and all else of
        ``remarks``, ``.pcap`` (or ``.cap``) what older tools read; both in nanoseconds. An
        existing file is replaced once the new one is whole. Raises BadArgument, NotPermitted,
        NotFound, NetshellError (disk full).
        """
        from netshell.capture.save import save

        chunks = [part.chunk for part in self._store.parts()]
        said = self.remarks
        if self._run is not None:
            said = remarks_of(self.filter_text, self._run.counters(), self._run.costs())
        return save(chunks, path, self.names, said)

    @checked_call
    def top(self, by: str = "src", count: int = 10) -> Talkers:
        """Who talks most, by bytes on the wire.

        ``by`` is src, dst, host (either), sport, dport, port (either), proto, vlan or iface.

        >>> cap.top(by="dport", count=3)

        Raises BadArgument for another ``by``, and for no count.
        """
        from netshell.flow.talkers import Tally

        tally, count = Tally(by), arguments.whole(count, "count", 0, "use 0 or more")
        for part in self._store.parts():
            tally.extend(part.columns)
        return tally.top(count, self.names)

    def data(self) -> Iterator[Mapping[str, Data]]:
        """The packets of this moment as named arrays, for data frames and SQL."""
        from netshell.capture.fields import fields

        parts, said = self._store.parts(), self.remarks.of_packets
        for part in parts:
            yield fields(part.columns, part.start, self.names, said)
        if not parts:
            yield fields(Columns.concat([]), 0, self.names, said)

    # --- shown ---

    @checked_call
    def show(
        self, payload: str | None = None, *, fold: bool = True, reveal: bool = False
    ) -> Listing:
        """Every packet of this moment with its payload: "ascii", "hex" or "none"; by default as
        the profile says, at first "ascii".

        >>> cap[:3].show("hex"), cap.show("none", fold=False)

        Packets that carry a message (``.messages``) stand below a line that says it, of many the
        first and last ones, as of many messages; ``fold=False`` shows each by itself. Passwords
        and the like are shown as ``*``, unless ``reveal``; the packets, and files they are saved
        to, keep them. Raises BadArgument for another payload style.
        """
        # One that is over needs no copy: what its messages were read for is not read again.
        is_whole = self._store.ended and not self.running and not self.first
        payload = in_force().show if payload is None else payload
        return Listing(self if is_whole else self[:], payload, fold, reveal)

    def records(self) -> Any:
        return [packet.records() for packet in self._snapshot()]

    def view(self) -> Sequence[Block]:
        return showing.blocks(self)


_SPOKEN = threading.Lock()
_LONG = 10**18  # numbers that are too long for a line


def _restored(parts: Sequence[Part], given: Mapping[str, Any]) -> Capture:
    """A capture out of its pickle."""
    return Capture(Store.of(parts), **given)
