"""``conns`` and ``listeners``: the sockets of this machine, and who and what they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netshell import columns
from netshell import host as machine
from netshell.commands.selection import wanted
from netshell.flow.state import State
from netshell.host.sockets import Socket, SocketRows, Wanted
from netshell.results import Records
from netshell.view import Block, Cell, Column, Note, Span, Style, Table

_STYLES: dict[str, Style] = {
    State.LISTEN: "key",
    State.ESTABLISHED: "good",
    State.SYN_SENT: "warn",
    State.SYN_RECEIVED: "warn",
    State.CLOSE_WAIT: "warn",
    State.TIME_WAIT: "quiet",
    State.CLOSED: "quiet",
}


class Sockets(Records[Socket]):
    """Sockets as a table: made when they are looked at, and the processes looked up then.

    A TCP listener's queues are connections: those that are ``waiting`` for accept(), and the
    ``backlog``, how many may. All others have bytes in ``recv-q`` and ``send-q``.

    Columns that say nothing here are left out: the protocol where there is only one, the peer
    where all of them wait for connections, queues that are all empty.
    """

    heads = (
        Column("proto"),
        Column("state"),
        Column("local", shrink=True, least=22, tail=6),
        Column("remote", shrink=True, least=22, tail=6),
        Column("iface", keep=1, shrink=True, least=15),
        Column("pid", "right", keep=2),
        Column("process", keep=1, shrink=True, least=7),
        Column("recv-q", "right", keep=4),
        Column("send-q", "right", keep=4),
        Column("waiting", "right", keep=4),
        Column("backlog", "right", keep=4),
        Column("user", keep=5, shrink=True),
        Column("timer", keep=6),
        Column("rtt", "right", keep=7),
    )
    empty = "no such sockets"
    called = "sockets"
    _called = "conns"  # among the tables whose columns a profile chooses

    def row(self, record: Socket) -> Sequence[Cell]:
        info = record.tcp_info
        rtt = info.rtt_ms if info else None
        shared = f" +{len(record.shared_with)}" if record.shared_with else ""
        queues = ["" if size is None else str(size) for size in (record.recv_q, record.send_q)]
        listener = record.state == State.LISTEN
        return (
            record.proto,
            Span(record.state, _STYLES.get(record.state, "")),
            str(record.local),
            str(record.remote),
            record.iface,
            "" if record.pid is None else str(record.pid),
            record.process + shared,
            *(("", "", *queues) if listener else (*queues, "", "")),
            record.user,
            str(record.timer or ""),
            "" if rtt is None else f"{rtt:.3g} ms",
        )

    def view(self) -> Sequence[Block]:
        records = list(self)
        if not records:
            return (Table(self.heads, (), empty=self.empty), *self.notes())
        named = columns.asked(self._called)
        hidden = self._silent(records) - set(named)
        rows = [self.row(record) for record in records]
        shown = [
            i
            for i, column in enumerate(self.heads)
            if column.name not in hidden and any(_text(row[i]) for row in rows)
        ]
        table = Table(
            tuple(self.heads[i] for i in shown), [[row[i] for i in shown] for row in rows]
        )
        return (columns.as_asked(self._called, table), *self.notes())

    def _silent(self, records: Sequence[Socket]) -> set[str]:
        """The columns that would say nothing about these records."""
        silent = set()
        if len({record.proto for record in records}) == 1:
            silent.add("proto")
        if all(record.listening for record in records):
            silent.add("remote")
        if not any(
            (record.recv_q or record.send_q) and record.state != State.LISTEN for record in records
        ):
            silent |= {"recv-q", "send-q"}
        return silent

    def notes(self) -> Sequence[Block]:
        rows = self._rows
        if not isinstance(rows, SocketRows):
            return ()
        notes = []
        if unseen := rows.unseen():
            sockets = "1 socket" if unseen == 1 else f"{unseen} sockets"
            them, are = ("its process", "is") if unseen == 1 else ("their processes", "are")
            if rows.denied():
                notes.append(Note(f"{sockets} of other users: run as root to see {them}."))
            else:
                notes.append(
                    Note(
                        f"{sockets} {are} held by no process seen from here: closed meanwhile, "
                        "the kernel's own, another container's, or closed even to root."
                    )
                )
        if rows.interrupted:
            notes.append(
                Note("Sockets came and went while the kernel listed them: ask again.", "warn")
            )
        return notes


class Listeners(Sockets):
    """Sockets that wait: all in the same state, so that it is not shown."""

    _called = "listeners"

    def _silent(self, records: Sequence[Socket]) -> set[str]:
        waiting = all(record.listening for record in records)
        return super()._silent(records) | ({"state"} if waiting else set())


def conns(
    state: str | Iterable[str] | None = None,
    proto: str = "tcp",
    host: Any = None,
    port: int | str | range | Iterable[int | str | range] | None = None,
    pid: int | Iterable[int] | None = None,
    process: str | None = None,
    listening: bool | None = None,
) -> Sockets:
    """The sockets of this machine: state, ends, interface, process, timer.

    state      a TCP state in any spelling ("ESTABLISHED", "time-wait"),
               several as a list or with commas; for UDP "ESTABLISHED"
               (connected) or "UNCONN"
    proto      "tcp" (default), "udp" or "all"
    host       an address, a network ("192.0.2.0/24") or a name; either end
    port       a number, a range ("8000-8100"), a service ("https"), or
               several; either end
    pid        a process's number, or several
    process    a process's name
    listening  True: only those that wait for peers; False: only the others

    >>> conns("ESTABLISHED", port=443)
    >>> conns(proto="all", process="nginx")

    All states are shown, as by ``ss -a``. On Linux the kernel is asked
    (sock_diag(7)); other users' processes are only visible to root. A TCP
    listener's queues are connections, ``waiting`` for accept() and at most
    (``backlog``); those of all others are bytes, ``recv-q`` and ``send-q``.

    Raises BadArgument for a value that is not of its kind, saying which
    values are, and NotFound for a host or process that does not exist.
    """
    question = wanted(
        state=state,
        proto=proto,
        host=host,
        port=port,
        pid=pid,
        process=process,
        listening=listening,
    )
    found = Sockets(machine.list_sockets(question))
    if question == Wanted(protos=question.protos):
        found.empty = "no sockets"
    return found


def listeners(
    proto: str = "all",
    host: Any = None,
    port: int | str | range | Iterable[int | str | range] | None = None,
    pid: int | Iterable[int] | None = None,
    process: str | None = None,
) -> Listeners:
    """The sockets that wait: TCP listeners, and UDP sockets without a peer.

    The arguments are those of :func:`conns`.

    >>> listeners(port="domain")
    """
    question = wanted(proto=proto, host=host, port=port, pid=pid, process=process, listening=True)
    found = Listeners(machine.list_sockets(question))
    if question == Wanted(protos=question.protos, listening=True):
        found.empty = "nothing listens here"
    return found


def _text(cell: Cell) -> str:
    return cell.text if isinstance(cell, Span) else cell
