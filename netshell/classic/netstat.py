"""netstat: sockets, routes, interfaces and counters, as net-tools 2.10 prints them (netstat(8))."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO, cast

from netshell import host
from netshell.classic import interface_lines, route_lines, socket_lines
from netshell.classic.counters import sections
from netshell.classic.options import Given, Option, parse
from netshell.classic.outcome import Outcome
from netshell.classic.peer_names import Names
from netshell.classic.repeating import repeat
from netshell.commands.conns import Sockets
from netshell.commands.ifaces import Interfaces
from netshell.commands.routes import RouteTable
from netshell.commands.unix import UnixSockets
from netshell.errors import BadArgument, Unavailable
from netshell.host.processes import Owners, command_line, read_owners
from netshell.host.sockets import Socket, Wanted

_OLD = "this family of protocols is in no kernel that netshell runs on"
_NONE = "net-tools itself has no support for it on today's kernels"

OPTIONS: tuple[Option, ...] = (
    Option(("-a", "--all"), "all sockets: those that wait for peers and the others"),
    Option(("-l", "--listening"), "only sockets that wait for peers"),
    Option(("-t", "--tcp"), "TCP; with -s, its counters"),
    Option(("-u", "--udp"), "UDP; with -s, its counters"),
    Option(("-U", "--udplite"), "UDP-Lite"),
    Option(("-w", "--raw"), "raw sockets; with -s, IP's and ICMP's counters"),
    Option(("-x", "--unix"), "UNIX domain sockets"),
    Option(("-4", "--inet", "--ip", "--tcpip"), "IPv4"),
    Option(("-6", "--inet6"), "IPv6"),
    Option(("-n", "--numeric"), "numbers in place of the names of hosts, ports and users"),
    Option(("--numeric-hosts",), "addresses in place of hosts' names"),
    Option(("--numeric-ports",), "numbers in place of services' names"),
    Option(("--numeric-users",), "numbers in place of users' names"),
    Option(("-p", "--programs"), "the process that holds each socket"),
    Option(("-e", "--extend"), "more of each: user and inode; -ee with -r even more"),
    Option(("-o", "--timers"), "the sockets' timers"),
    Option(("-W", "--wide"), "do not cut addresses"),
    Option(("-i", "--interfaces"), "the interfaces and their counters"),
    Option(("-r", "--route"), "the routing table"),
    Option(("-F", "--fib"), "with -r, the table that packets are routed by (the default)"),
    Option(("-s", "--statistics"), "what each protocol counted"),
    Option(("-g", "--groups"), "the multicast groups that were joined"),
    Option(("-c", "--continuous"), "again each second, in place on a terminal"),
    Option(("-v", "--verbose"), "say which protocols this system lacks"),
    Option(("-A", "--protocol"), "families: inet, inet6, unix; several with commas", "FAMILY"),
    Option(("-V", "--version"), "the version that the text is that of"),
    Option(("-C", "--cache"), "routing cache",
           refused="kernels have had no routing cache since 3.6; -r shows the table"),
    Option(("-S", "--sctp"), "SCTP", refused="SCTP sockets are not read; try ss -S"),
    Option(("-M", "--masquerade"), "masqueraded connections",
           refused=f"{_NONE}; conntrack -L lists them"),
    Option(("-N", "--symbolic"), "hardware names", refused="there are none to show; leave it out"),
    Option(("-Z", "--context"), "SELinux contexts", refused="they are not read; try ss -Z"),
    Option(("-2", "--l2cap"), "Bluetooth L2CAP", refused=_NONE),
    Option(("-f", "--rfcomm"), "Bluetooth RFCOMM", refused=_NONE),
    Option(("-d",), "debugging", refused="it changes nothing in net-tools; leave it out"),
    Option(("--ax25", "--ipx", "--netrom", "--x25", "--rose", "--ddp", "--ash", "--bluetooth"),
           "old families", refused=_OLD),
)  # fmt: skip

_VERSION = "net-tools 2.10 (by netshell)"
_FAMILIES = {"inet": "inet", "ip": "inet", "tcpip": "inet", "inet6": "inet6", "unix": "unix"}
_MAYBE_MISSING = (
    ("AF IPX", "ipx/socket"),
    ("AF AX25", "ax25"),
    ("AF X25", "x25"),
    ("AF NETROM", "nr"),
    ("AF ROSE", "rose"),
)
_INTERRUPTED = 130


class Ask(NamedTuple):
    """What a command line asks for, once options that imply others are worked out."""

    given: Given
    protocols: tuple[str, ...]
    """Of tcp, udp, udplite and raw, in the order in which they are listed."""
    inet: bool
    inet6: bool
    unix: bool
    names: Names

    def has(self, name: str) -> bool:
        return self.given.count(name) > 0


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
    """What a command line asks for, as text; the records are the sockets, routes or interfaces.

    >>> run(["-ltn"], out, err).records       # doctest: +SKIP

    Raises BadArgument for an option that is not there, Unavailable where the system does not say.
    """
    given = parse("netstat", OPTIONS, arguments)
    if given.rest:
        raise BadArgument(
            f"netstat takes no {given.rest[0]!r}",
            next_step="-c repeats each second, -A FAMILY and -t -u -w -x choose the sockets",
        )
    if given.count("-V"):
        out.write(f"{_VERSION}\n")
        return Outcome()
    kinds = [name for name in ("-i", "-r", "-s") if given.count(name)]
    if len(kinds) > 1:
        raise BadArgument(
            f"netstat {' and '.join(kinds)} at once", next_step="ask for one after the other"
        )
    ask = _asked(given)
    table = {"-i": _Interfaces, "-r": _Routes, "-s": _Counters}
    show = table[kinds[0]](ask) if kinds else _Sockets(ask)
    return _show(show, ask, out, err)


def _show(show: _Shown, ask: Ask, out: TextIO, err: TextIO) -> Outcome:
    if not ask.has("-c") or isinstance(show, _Counters):
        out.writelines(f"{line}\n" for line in show.lines(err))
        return Outcome(show.records)
    try:
        repeat(lambda: show.lines(err), out)
    except KeyboardInterrupt:
        if out.isatty():
            out.write("\n")
        return Outcome(show.records, _INTERRUPTED)
    raise AssertionError("it ends by Ctrl-C only")


def _asked(given: Given) -> Ask:
    families = set()
    for text in given.values("-A"):
        for word in text.split(","):
            if word not in _FAMILIES:
                raise BadArgument(
                    f"netstat -A {word}", why="no such family", next_step="inet, inet6 or unix"
                )
            families.add(_FAMILIES[word])
    inet = given.count("-4") > 0 or "inet" in families
    inet6 = given.count("-6") > 0 or "inet6" in families
    unix = given.count("-x") > 0 or "unix" in families
    chosen = [
        proto
        for proto, option in (("tcp", "-t"), ("udp", "-u"), ("udplite", "-U"), ("raw", "-w"))
        if given.count(option)
    ]
    every = ("tcp", "udp", "udplite", "raw")
    groups = given.count("-g") > 0
    counters = given.count("-s") > 0
    if not chosen and (inet or inet6 or counters or not (unix or groups)):
        chosen = list(every)
        unix = unix or not (inet or inet6 or counters or groups)
    numeric = given.count("-n") > 0
    names = Names(
        hosts=not (numeric or given.count("--numeric-hosts")),
        ports=not (numeric or given.count("--numeric-ports")),
        users=not (numeric or given.count("--numeric-users")),
    )
    return Ask(given, tuple(chosen), inet, inet6, unix, names)


class _Shown:
    """One of netstat's tables: its lines, made anew each time, and the records behind them."""

    records: Any = None

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def lines(self, err: TextIO) -> Iterator[str]:
        raise NotImplementedError


class _Sockets(_Shown):
    """The sockets, and with -g the multicast groups."""

    def lines(self, err: TextIO) -> Iterator[str]:
        ask = self.ask
        owners, programs = Owners(), None
        if ask.has("-p"):
            owners = read_owners()
            programs = _programs(owners)
            _tell_unseen(owners, err)
        columns = socket_lines.Columns(
            every=ask.has("-a"),
            listening=ask.has("-l"),
            extended=ask.has("-e"),
            timers=ask.has("-o"),
            wide=ask.has("-W"),
            names=ask.names,
            programs=programs,
        )
        self.records = None
        if ask.protocols:
            yield from socket_lines.internet_head(columns)
            shown: list[Socket] = []
            for socket in _listed(ask, owners):
                if columns.shows(socket):
                    shown.append(socket)
            yield from socket_lines.internet_lines(shown, columns)
            self.records = Sockets(shown)
        if ask.has("-g"):
            yield from _groups(ask)
        if ask.unix:
            yield from self._unix(owners, columns)
        if ask.has("-v"):
            _tell_missing(ask, err)

    def _unix(self, owners: Owners, columns: socket_lines.Columns) -> Iterator[str]:
        from netshell.host.unix import unix_sockets

        try:
            found = [each for each in unix_sockets(owners) if columns.shows_unix(each)]
        except Unavailable:
            if self.ask.has("-x"):
                raise
            return  # this system does not list them, and nobody asked for them alone
        yield from socket_lines.unix_head(columns)
        yield from socket_lines.unix_lines(found, columns)
        if self.records is None:
            self.records = UnixSockets(found)


def _listed(ask: Ask, owners: Owners) -> Iterator[Socket]:
    """The sockets of the protocols and families asked for, in netstat's order."""
    from netshell.host.rawsockets import raw_sockets

    both = ask.inet == ask.inet6
    for proto in ask.protocols:
        found: Iterable[Socket]
        if proto in ("tcp", "udp"):
            found = host.list_sockets(Wanted(protos=(cast(Any, proto),)))
        else:
            try:
                found = raw_sockets(cast(Any, proto), owners)
            except Unavailable:
                continue  # the system lists none of them
        for socket in found:
            if both or (socket.opened_as == "IPv6") == ask.inet6:
                yield socket


def _programs(owners: Owners) -> dict[int, str]:
    pids = {pids[0] for pids in owners.by_inode.values()}
    return {pid: socket_lines.program_name(pid, command_line(pid)) for pid in pids}


def _tell_unseen(owners: Owners, err: TextIO) -> None:
    if not owners.unlisted:
        return
    if owners.by_inode:
        err.write(
            "(Not all processes could be identified, non-owned process info\n"
            " will not be shown, you would have to be root to see it all.)\n"
        )
    else:
        err.write(
            f'(No info could be read for "-p": geteuid()={os.geteuid()} but you should be root.)\n'
        )


def _tell_missing(ask: Ask, err: TextIO) -> None:
    """With -v, and nothing chosen: which protocols this system has no sockets of."""
    from netshell.host.procnet import read_table

    if any(ask.has(name) for name in ("-t", "-u", "-U", "-w", "-x", "-g", "-4", "-6", "-A")):
        return
    sctp = [] if ask.has("-l") and not ask.has("-a") else ["sctp/assocs"]
    sctp += ["sctp/eps"] if ask.has("-l") or ask.has("-a") else []
    for name, table in (*(("AF INET (sctp)", each) for each in sctp), *_MAYBE_MISSING):
        try:
            read_table(table, name)
        except Unavailable:
            err.write(f"netstat: no support for `{name}' on this system.\n")


def _groups(ask: Ask) -> Iterator[str]:
    from netshell.host.procnet import groups

    both = ask.inet == ask.inet6
    found = [each for each in groups() if both or (":" in each.address) == ask.inet6]
    yield from route_lines.group_lines(found, ask.names)


class _Routes(_Shown):
    """The routing tables."""

    def lines(self, err: TextIO) -> Iterator[str]:
        from netshell.host.procnet import main_routes, main_routes6

        ask = self.ask
        if ask.unix and not (ask.inet or ask.inet6) and (ask.has("-x") or ask.has("-A")):
            raise BadArgument("netstat -r", why="UNIX sockets have no routes", next_step="omit -x")
        found = []
        if ask.inet or not ask.inet6:
            four = main_routes()
            found += four
            yield from route_lines.routes4(four, ask.given.count("-e"), ask.names)
        if ask.inet6:
            six = main_routes6()
            found += six
            yield from route_lines.routes6(six, ask.names)
        self.records = RouteTable(found)


class _Interfaces(_Shown):
    """The interfaces and their counters."""

    first = True

    def lines(self, err: TextIO) -> Iterator[str]:
        from netshell.host.procnet import addresses6

        if self.first:
            yield "Kernel Interface table"
        self.first = False
        extended = self.ask.has("-e")
        if not extended:
            yield interface_lines.NETSTAT_HEAD
        found = host.list_interfaces()
        six = addresses6() if extended else []
        shown = []
        for interface, name in interface_lines.with_aliases(found):
            if not interface_lines.is_shown(interface, self.ask.has("-a")):
                continue
            if extended:
                yield from interface_lines.long_lines(interface, name, six)
            else:
                yield interface_lines.short_line(interface, name)
            if interface.name == name:
                shown.append(interface)
        self.records = Interfaces(shown)


class _Counters(_Shown):
    """What each protocol counted."""

    def lines(self, err: TextIO) -> Iterator[str]:
        from netshell.host.procnet import protocol_counters

        ask = self.ask
        if (ask.inet and ask.inet6) or ask.has("-x"):
            raise BadArgument(
                "netstat -s of several families", next_step="ask for -4 or -6, one after the other"
            )
        found = protocol_counters(v6=ask.inet6)
        self.records = {section.name: dict(section.counters) for section in found}
        wanted = [proto for proto in ask.protocols if proto != "udplite"]
        yield from sections(found, wanted)
