"""Capture files larger than memory: questions are answered by walking them, window by window.

A :class:`Scan` holds no packet: each question is one pass over the files, which takes as much
memory as a window and the answer. Ctrl-C ends a pass with one line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from netshell.capture import arguments
from netshell.capture.capture import Capture
from netshell.capture.dissect import dissect
from netshell.capture.fields import fields
from netshell.capture.places import title
from netshell.capture.progress import Progress
from netshell.capture.store import Store
from netshell.capture.stretch import Stretch
from netshell.capture.walk import Files
from netshell.capture.windows import WINDOW
from netshell.errors import BadArgument, NetshellError, Stopped, Unavailable
from netshell.flow.baseline import Baselines
from netshell.flow.called import checked_call
from netshell.flow.talkers import Talkers, Tally
from netshell.packet.chunk import Chunk
from netshell.packet.packet import Packet
from netshell.packet.remarks import Remarks
from netshell.packet.table import Columns
from netshell.results import Data, Tabular
from netshell.view import Block, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.flow.flows import Flows

FIRST_LINES = 30  # packets a scan shows of itself
STRETCH = 1 << 16  # packets decoded together

Which = str | Callable[[Packet], Any]


@dataclass(slots=True)
class _Pass:
    """One walk over the files."""

    files: Files
    through: list[int]  # packets that came to each filter, and through the last
    remarks: Remarks  # what the files say, up to now

    @property
    def count(self) -> int:
        return self.through[-1]


class Scan(Tabular):
    """The packets of files, walked when something is asked. From :func:`netshell.scan`.

    >>> pcap = scan("huge.pcap.gz")
    >>> pcap.top(by="src"), pcap.filter("port 53").count()
    >>> pcap.filter("host 10.0.0.1").save("one.pcapng")
    """

    table_name = "packets"

    def __init__(self, places: Sequence[str], filters: tuple[Which, ...] = ()) -> None:
        self.places = tuple(places)
        """The files."""
        self._filters = filters
        self._passed: set[str] = set()  # pipes that a pass has been through
        self._known: int | None = None  # the count, once a pass went through
        self._problem: NetshellError | None = None
        self._names: tuple[str, ...] = ()
        self.remarks = Remarks()
        """What the files say beside their packets, as far as the last pass met it; see
        ``Capture``. Comments are those of the packets that passed the filters."""

    @property
    def problem(self) -> NetshellError | None:
        """What cut a file short, as far as a pass has met it."""
        return self._problem

    @property
    def names(self) -> tuple[str, ...]:
        """The interfaces that the last pass met."""
        return self._names

    @property
    def filter_text(self) -> str:
        """The BPF filters, as one expression; empty for every packet."""
        texts = [which for which in self._filters if isinstance(which, str)]
        return texts[0] if len(texts) == 1 else " and ".join(f"({text})" for text in texts)

    # --- questions ---

    def __len__(self) -> int:
        """The number of packets: a pass over the files, the first time."""
        return self.count()

    def __bool__(self) -> bool:
        return next(iter(self._bare(1)), None) is not None

    def count(self) -> int:
        """The number of packets. Raises Stopped by Ctrl-C, and what opening the files may."""
        if self._known is None:
            with self._asking("counting") as stretches:
                for _ in stretches:
                    pass
        return self._known or 0

    @property
    def flows(self) -> Flows:
        """The conversations among the packets, in the order of their first packets: one pass.

        What is kept is some 300 bytes a flow; ``flow.numbers`` takes a pass of its own.

        >>> scan("huge.pcap").flows.top(10)
        """
        from netshell.capture.conversations import count_flows
        from netshell.capture.packets import Walked
        from netshell.flow.flows import flows_of
        from netshell.flow.table import FlowTable

        table = FlowTable()
        with self._asking("collecting flows of") as stretches:
            count_flows(table, (each.decoded() for each in stretches))
        flows = table.columns()
        return flows_of(flows, Walked(self._numbered, self._packet, flows, table.packets))

    @property
    def findings(self) -> NoReturn:
        """Raises Unavailable: each segment is judged by all before it, so they must be at hand.

        >>> read("huge.pcap", "host 10.0.0.1").findings, scan("huge.pcap").flows[0].findings
        """
        raise Unavailable(
            "a scan has no findings",
            why="it keeps no packets, and each is judged by those before it",
            next_step='read(path, "host ...").findings, or .flows[0].findings of one flow',
        )

    @property
    def messages(self) -> NoReturn:
        """Raises Unavailable: a message may begin in one part of the file and end in another.

        >>> read("huge.pcap", "host 10.0.0.1").messages, scan("huge.pcap").flows[0].messages
        """
        raise Unavailable(
            "a scan has no messages",
            why="it keeps no packets, and each conversation is read by all of its own",
            next_step='read(path, "host ...").messages, or .flows[0].messages of one flow',
        )

    def queries(self, *args: Any, **which: Any) -> NoReturn:
        """Raises Unavailable, as :attr:`messages`.

        >>> read("huge.pcap", "port 5432").queries(), scan("huge.pcap").flows[0].queries()
        """
        raise Unavailable(
            "a scan has no queries",
            why="it keeps no packets, and each conversation is read by all of its own",
            next_step='read(path, "port 5432").queries(), or .flows[0].queries() of one flow',
        )

    def _numbered(self) -> Iterator[tuple[int, Columns, Chunk]]:
        with self._asking("looking for packets in") as stretches:
            for stretch in stretches:
                yield stretch.start, stretch.decoded(), stretch.chunk

    def _packet(self, number: int) -> Packet:
        with self._asking("looking for a packet in", baselines=True) as stretches:
            for stretch in stretches:
                if number < stretch.start + len(stretch.chunk):
                    return next(islice(self._packets(stretch), number - stretch.start, None))
        raise IndexError(f"packet {number}")

    @checked_call
    def top(self, by: str = "src", count: int = 10) -> Talkers:
        """Who talks most, by bytes on the wire.

        ``by`` is src, dst, host (either), sport, dport, port (either), proto, vlan or iface.

        >>> scan("huge.pcap").top(by="dst", count=3)

        Raises BadArgument for another ``by``, and for no count.
        """
        tally, count = Tally(by), arguments.whole(count, "count", 0, "use 0 or more")
        with self._asking("counting") as stretches:
            for stretch in stretches:
                tally.extend(stretch.decoded())
        return tally.top(count, self._names)

    def filter(self, which: Which) -> Scan:
        """The packets that a BPF filter or a function of a packet selects; nothing is read yet.

        Raises BadArgument for anything else; for a bad filter, when a question is asked.
        """
        if isinstance(which, str):
            return self._with((*self._filters, which) if which.strip() else self._filters)
        if not callable(which):
            raise BadArgument(
                "cannot filter",
                where=f"by {type(which).__name__}",
                next_step="use a BPF filter or a function of a packet",
            )
        return self._with((*self._filters, which))

    def _with(self, filters: tuple[Which, ...]) -> Scan:
        made = Scan(self.places, filters)
        made._passed = self._passed
        return made

    def columns(self) -> Iterator[Columns]:
        """The packets' fields as arrays, some ten thousand packets at a time."""
        with self._asking("decoding") as stretches:
            for stretch in stretches:
                yield stretch.decoded()

    def __iter__(self) -> Iterator[Packet]:
        """Every packet, with relative numbers as in a Capture."""
        with self._asking("reading", baselines=True) as stretches:
            for stretch in stretches:
                yield from self._packets(stretch)

    def head(self, count: int = FIRST_LINES) -> Capture:
        """The first packets as a Capture; the files are read only as far as needed.

        >>> scan("huge.pcap").filter("port 53").head(5)
        """
        count = arguments.whole(count, "count", 0, "use 0 packets or more")
        store = Store(count)
        for stretch in self._bare(count):
            store.add([stretch.chunk])
        store.end()
        return Capture(
            store,
            names=self._names,
            filter_text=self.filter_text,
            origin=f"the first {store.total:,} packets of {self._title()}",
            remarks=self.remarks.selected(range(store.total)),
        )

    def data(self) -> Iterator[Mapping[str, Data]]:
        """The packets as named arrays, stretch by stretch: data frames, Parquet and SQL read it."""
        some = False
        with self._asking("reading") as stretches:
            for stretch in stretches:
                some = True
                said = {stretch.start + row: texts for row, texts in stretch.comments.items()}
                yield fields(stretch.decoded(), stretch.start, self._names, said)
        if not some:
            yield fields(Columns.concat([]), 0, ())

    def save(self, path: str | Path) -> Path:
        """Write the packets to a file and return its path, in one pass; see ``Capture.save``."""
        from netshell.capture.save import save

        names: list[str] = []

        def chunks(stretches: Iterator[Stretch]) -> Iterator[Chunk]:
            for stretch in stretches:
                names[:] = self._names
                yield stretch.chunk

        with self._asking("saving") as stretches:
            return save(chunks(stretches), path, names, self.remarks)

    # --- walking ---

    def _bare(self, count: int) -> Iterator[Stretch]:
        """The first stretches, until they hold so many packets."""
        found = 0
        with self._asking("reading") as stretches:
            for stretch in stretches:
                yield stretch
                found += len(stretch.chunk)
                if found >= count:
                    return

    @contextmanager
    def _asking(self, doing: str, baselines: bool = False) -> Iterator[Iterator[Stretch]]:
        """A pass over the files: the packets that pass the filters, stretch by stretch.

        Raises Stopped if Ctrl-C ends what is done with them.
        """
        self._once()
        files = Files(self.places, WINDOW)
        self.remarks = Remarks()
        passing = _Pass(files, [0] * (len(self._filters) + 1), self.remarks)
        try:
            with Progress(f"{doing} {self._title()}", files.size) as progress:
                yield self._walk(passing, progress, baselines)
        except KeyboardInterrupt:
            size = files.size
            part = f" at {100 * files.done // size} %" if size else ""
            raise Stopped(
                f"stopped {doing} {self._title()}{part}",
                why="Ctrl-C",
                next_step=f"{passing.count:,} packets were seen",
            ) from None
        finally:
            files.close()  # what is done with the packets may have failed before the first

    def _once(self) -> None:
        """See to it that what can be gone through once only is. Raises BadArgument."""
        for place in self.places:
            if Path(place).is_fifo():
                if place in self._passed:
                    raise BadArgument(
                        "cannot scan again",
                        where=place,
                        why="a pipe can be gone through only once",
                        next_step="use read(), which keeps its packets",
                    )
                self._passed.add(place)

    def _walk(self, passing: _Pass, progress: Progress, baselines: bool) -> Iterator[Stretch]:
        files = passing.files
        baselines = baselines or any(callable(which) for which in self._filters)
        state = Baselines() if baselines else None
        first = 0
        for chunk in files:
            said = files.remarks
            commented = list(said.of_packets)
            self._names = files.names
            passing.remarks.update(said)
            for at in range(0, len(chunk), STRETCH):
                stretch = Stretch(chunk[at : at + STRETCH], 0)
                end = first + len(stretch.chunk)
                for number in commented[bisect_left(commented, first) :]:
                    if number >= end:
                        break
                    stretch.comments[number - first] = said.of_packets[number]
                first = end
                if state is not None:
                    stretch.baseline = state.extend(stretch.decoded())
                stretch = self._filtered(stretch, passing.through)
                for row, texts in stretch.comments.items():
                    passing.remarks.of_packets[stretch.start + row] = texts
                if len(stretch.chunk):
                    yield stretch
            progress.at(files.done, f"{passing.count:,} packets")
        self._names = files.names
        passing.remarks.update(files.remarks)
        if self._filters:
            passing.remarks.forget_counts()
        self._known = passing.count
        self._problem = files.problem

    def _filtered(self, stretch: Stretch, through: list[int]) -> Stretch:
        """What passes all filters; packets are numbered anew behind each."""
        from netshell.capture import bpf

        for i, which in enumerate(self._filters):
            stretch.start = through[i]
            through[i] += len(stretch.chunk)
            if isinstance(which, str):
                chosen = bpf.matches(which, stretch.chunk)
            else:
                found = (bool(which(packet)) for packet in self._packets(stretch))
                chosen = np.fromiter(found, bool, len(stretch.chunk))
            stretch = stretch.chosen(chosen)
        stretch.start = through[-1]
        through[-1] += len(stretch.chunk)
        return stretch

    def _packets(self, stretch: Stretch) -> Iterator[Packet]:
        columns, names = stretch.decoded(), self._names
        for row in range(len(stretch.chunk)):
            iface = int(stretch.chunk.iface[row])
            yield Packet(
                stretch.start + row,
                columns,
                row,
                stretch.chunk.frame(row),
                (-1, -1, -1) if stretch.baseline is None else stretch.baseline.row(row),
                names[iface] if iface < len(names) else "",
                dissect,
                stretch.comments.get(row, ()),
            )

    # --- shown ---

    def _title(self) -> str:
        return title(list(self.places))

    def records(self) -> Any:
        return [packet.records() for packet in self]

    def view(self) -> Sequence[Block]:
        head = self.head()
        size = sum(Path(place).stat().st_size for place in self.places if Path(place).is_file())
        text = f"{self._title()}: {size / 1e6:,.1f} MB, read when asked"
        if self.filter_text:
            text += f', filter "{self.filter_text}"'
        blocks: list[Block] = [Lines([[Span(text, "head")]])]
        blocks += [packet.lines() for packet in head]
        if len(head) == FIRST_LINES:
            blocks.append(Note("… and so on; .count(), .top() and .save() go through all of them"))
        blocks += [Note(text, "warn") for text in self.remarks.notes]
        if self._problem is not None:
            blocks.append(Note(str(self._problem), "bad"))
        return blocks
