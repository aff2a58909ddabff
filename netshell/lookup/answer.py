"""What a name server answered: records with the moment they expire, and who said so, how, when.

Plain data: nothing here knows dnspython. Texts are in the presentation format of RFC 1035
section 5.1 (as dig prints them), names absolute with their final dot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, overload

from netshell.flow.key import Endpoint
from netshell.lookup.status import FLAG, NEXT_STEP, NXDOMAIN, STATUS
from netshell.results import Records, Result, Single, place, stretch
from netshell.view import Block, Column, Lines, Note, Span, Style, Table, clean

SECOND = 1_000_000_000
REVERSE = (".in-addr.arpa.", ".ip6.arpa.")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked."""

    name: str
    rdtype: str
    rdclass: str = "IN"

    def __str__(self) -> str:
        return f"{self.name} {self.rdtype}"


@dataclass(frozen=True, slots=True, repr=False)
class Record(Single):
    """One resource record as it arrived.

    ``ttl`` is in seconds, counted from its arrival; ``expires_ns`` is that end, in nanoseconds
    since the epoch, by this machine's clock.
    """

    name: str
    ttl: int
    rdclass: str
    rdtype: str
    data: str
    expires_ns: int

    @property
    def expires(self) -> datetime:
        """When a cache that got the record with this answer must forget it, in local time."""
        return datetime.fromtimestamp(self.expires_ns / SECOND).astimezone()

    def __str__(self) -> str:
        return clean(f"{self.name} {self.ttl} {self.rdclass} {self.rdtype} {self.data}")

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "name", self.name
        yield "type", self.rdtype
        yield "class", "" if self.rdclass == "IN" else self.rdclass
        yield "data", self.data
        yield "ttl", f"{self.ttl} s, until {clock(self.expires, self.ttl)}"


@dataclass(frozen=True, slots=True)
class Edns:
    """The reply's EDNS part (RFC 6891): ``options`` as text, each with its name or number."""

    version: int
    flags: tuple[str, ...]
    udp_size: int
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One server on the way from the root: whom it serves, who it is, and what it said."""

    zone: str
    server: Endpoint
    server_name: str
    time_ms: float
    says: str


class DnsRecords(Records[Record]):
    """Records of one section as a table."""

    heads = (
        Column("name", shrink=True, least=24),
        Column("ttl", align="right"),
        Column("expires", keep=1),
        Column("type"),
        Column("data"),
    )
    empty = "no records"
    called = "records"

    def row(self, record: Record) -> Sequence[Span | str]:
        alias: Style = "key" if record.rdtype in ("CNAME", "DNAME") else ""
        return (
            Span(record.name, "quiet"),
            str(record.ttl),
            Span(clock(record.expires, record.ttl), "quiet"),
            Span(record.rdtype, alias),
            record.data,
        )


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Result, Sequence[Record]):
    """A name server's answer; iterating and indexing it gives the records of its answer section.

    ``status`` is the response code's name ("NOERROR", "NXDOMAIN", ...), ``flags`` the header's, by
    dig's names, ``time_ms`` from sending the question to the reply that is shown, ``size`` in
    bytes, ``protocol`` "udp" or "tcp", ``remarks`` what happened on the way (servers passed over,
    a retry over TCP), ``path`` the referrals followed with ``trace=True``.
    """

    status: str
    flags: tuple[str, ...]
    question: Question
    answers: tuple[Record, ...]
    authority: tuple[Record, ...]
    additional: tuple[Record, ...]
    server: Endpoint
    protocol: str
    time_ms: float
    size: int
    id: int
    received_ns: int
    edns: Edns | None = None
    server_name: str = ""
    remarks: tuple[str, ...] = ()
    path: tuple[Step, ...] = ()
    whole: bool = True
    """Whether all of the reply arrived and could be read."""
    short: bool = field(default=False, compare=False)

    # -- as a sequence of its answers

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.answers)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> DnsRecords: ...
    def __getitem__(self, index: int | slice) -> Record | DnsRecords:
        if isinstance(index, slice):
            return DnsRecords(self.answers[stretch(index, "records")])
        return self.answers[place(index, len(self.answers), "records")]

    def to_pandas(self) -> Any:
        """The answer section as a ``pandas.DataFrame``. Raises Unavailable without the extra."""
        return DnsRecords(self.answers).to_pandas()

    def to_polars(self) -> Any:
        """The answer section as a ``polars.DataFrame``. Raises Unavailable without the extra."""
        return DnsRecords(self.answers).to_polars()

    def to_arrow(self) -> Any:
        """The answer section as a ``pyarrow.Table``. Raises Unavailable without the extra."""
        return DnsRecords(self.answers).to_arrow()

    # -- what it says

    @property
    def addresses(self) -> tuple[str, ...]:
        """The texts of the A and AAAA records of the answer, in order."""
        return tuple(record.data for record in self.answers if record.rdtype in ("A", "AAAA"))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names that the CNAME records lead through, from the one asked for to the last.

        Only the name asked for where there is no alias.
        """
        targets = {r.name.lower(): r.data for r in self.answers if r.rdtype == "CNAME"}
        chain = [self.question.name]
        while (target := targets.pop(chain[-1].lower(), None)) is not None:
            chain.append(target)
        return tuple(chain)

    @property
    def no_data(self) -> bool:
        """True where the name exists but has no record of the type asked for (RFC 2308 2.2)."""
        if self.status != "NOERROR" or self._has_type() or self.referral or not self.whole:
            return False
        return not self.open_alias

    @property
    def open_alias(self) -> bool:
        """True where the answer is an alias whose end this server does not tell.

        It leads out of what the server holds, or in a circle.
        """
        if self.status != "NOERROR" or self._has_type() or len(self.aliases) == 1:
            return False
        told = any(record.rdtype == "SOA" for record in self.authority)
        return self.circle or not (told or "ra" in self.flags)

    @property
    def circle(self) -> bool:
        """True where the aliases lead back to one of them."""
        *before, last = (name.lower() for name in self.aliases)
        return last in before

    @property
    def referral(self) -> bool:
        """True where the server only says which servers to ask instead (RFC 1034 4.3.1)."""
        return (
            self.status == "NOERROR"
            and not self._has_type()
            and "aa" not in self.flags
            and any(record.rdtype == "NS" for record in self.authority)
            and not any(record.rdtype == "SOA" for record in self.authority)
        )

    @property
    def negative_ttl(self) -> int | None:
        """For how many seconds "there is none" may be cached; None if it may not be.

        The smaller of the SOA record's own TTL and its last field (RFC 2308 section 5).
        """
        if self.status != "NXDOMAIN" and not self.no_data:
            return None
        for record in self.authority:
            minimum = record.data.rpartition(" ")[2]
            if record.rdtype == "SOA" and minimum.isdecimal():
                return min(record.ttl, int(minimum))
        return None

    def _has_type(self) -> bool:
        wanted = self.question.rdtype
        return any(wanted in (record.rdtype, "ANY") for record in self.answers)

    # -- how it looks

    def view(self) -> Sequence[Block]:
        if self.short:
            return (Lines([record.data for record in self.answers]), *self._problem())
        blocks: list[Block] = [self._way()] if self.path else []
        if self.answers:
            blocks += DnsRecords(self.answers).view()
        else:
            blocks.append(Lines([Span(f"no answer to {self.question}", "head")]))
        if self.authority and (self.no_data or self.referral or self.status != "NOERROR"):
            rows = DnsRecords(self.authority)
            blocks.append(Table(rows.heads, [rows.row(r) for r in rows], title="authority"))
        blocks += self._problem()
        blocks += self._said_beside()
        blocks.append(Note(self._how()))
        return blocks

    def _way(self) -> Table:
        columns = (
            Column("zone"),
            Column("server", shrink=True),
            Column("ms", align="right"),
            Column("says"),
        )
        rows = [
            (
                step.zone,
                f"{step.server_name} {step.server}".strip(),
                f"{step.time_ms:.1f}",
                step.says,
            )
            for step in self.path
        ]
        return Table(columns, rows)

    def _problem(self) -> list[Block]:
        """Why there is nothing, or not what was asked for."""
        notes: list[Block] = []
        if self.status != "NOERROR":
            notes.append(Note(f"{self.status}: {self._meaning()}.", "bad"))
        elif not self.whole and not self._has_type():
            text = (
                f"The reply is cut or malformed: whether {self.question.name} has a "
                f"{self.question.rdtype} record cannot be told from it; ask another server."
            )
            notes.append(Note(text, "warn"))
        elif self.no_data:
            last = self.aliases[-1]
            text = f"NODATA: {last} exists, but has no {self.question.rdtype} record."
            notes.append(Note(text, "warn"))
        elif self.open_alias:
            last = self.aliases[-1]
            text = f"The alias leads to {last}, which this server does not look up; ask for that."
            if self.circle:
                text = "The aliases lead in a circle: no address can ever be found."
            notes.append(Note(text, "warn"))
        elif self.referral:
            text = "A referral: the server does not know, and names the servers that do."
            notes.append(Note(text, "warn"))
        for option in self.edns.options if self.edns else ():
            if option.startswith("EDE"):
                notes.append(Note(f"The server adds: {option} (RFC 8914).", "warn"))
        negative = self.negative_ttl
        if negative is not None:
            ends = datetime.fromtimestamp(self.received_ns / SECOND + negative).astimezone()
            text = (
                f'Caches may remember this "none" for {negative} s, until {clock(ends, negative)}: '
                "the smaller of the SOA's TTL and its last field (RFC 2308 5)."
            )
            notes.append(Note(text))
        return notes

    def _meaning(self) -> str:
        if self.status == "NXDOMAIN":
            last = self.aliases[-1]  # the status is about the end of the chain (RFC 6604)
            if last.endswith(REVERSE):
                return "no name is registered for this address in the reverse zone"
            step = "check the spelling"
            if last.count(".") < 2:
                step = "give the full name, the search list of /etc/resolv.conf is not tried"
            return f"{last} {NXDOMAIN}; {step}"
        meaning = STATUS.get(self.status, "the server reports an error")
        step = "" if "cd" in self.flags else NEXT_STEP.get(self.status, "")
        return f"{meaning}; {step}" if step else meaning

    def _said_beside(self) -> list[Block]:
        notes: list[Block] = []
        if len(self.aliases) > 1:
            notes.append(Note(f"An alias (CNAME): {' -> '.join(self.aliases)}"))
        meanings = [f"{flag}, {FLAG[flag]}" for flag in self.flags if flag in FLAG]
        if "rd" in self.flags and "ra" not in self.flags:
            meanings.append("ra is missing, so this server only tells what it knows itself")
        if meanings:
            notes.append(Note(f"Flags {' '.join(self.flags)}: {'; '.join(meanings)}."))
        notes += [Note(remark, "warn") for remark in self.remarks]
        return notes

    def _how(self) -> str:
        who = f"{self.server_name} ({self.server})" if self.server_name else str(self.server)
        beside = [
            f"{len(section)} in .{name}"
            for name, section in (("authority", self.authority), ("additional", self.additional))
            if section
        ]
        text = (
            f"{self.status} from {who} over {self.protocol.upper()} in {self.time_ms:.1f} ms, "
            f"{self.size} bytes"
        )
        return f"{text}; also {', '.join(beside)}" if beside else text


class Answers(Records[Answer]):
    """The answers to several questions, in the order they were asked."""

    called = "answers"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of all answers, each once."""
        return tuple(dict.fromkeys(a for answer in self for a in answer.addresses))

    def view(self) -> Sequence[Block]:
        blocks: list[Block] = []
        for answer in self:
            if blocks and not answer.short:
                blocks.append(Lines([""]))
            blocks += answer.view()
        return blocks


def clock(moment: datetime, ahead_s: int) -> str:
    """A moment ahead, as the clock shows it: with the day if it is not within the day's span."""
    return moment.strftime("%H:%M:%S" if ahead_s < 43200 else "%Y-%m-%d %H:%M")
