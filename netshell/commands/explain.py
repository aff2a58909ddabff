"""``explain``: what a flag, a state, a TTL, a word or a record of netshell's results means.

The texts stand with what they explain (``flow.state``, ``flow.flags``, ``lookup.status`` and
others); here is decided what is meant, and how an explanation is put together.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from netshell.errors import BadArgument
from netshell.flow.state import MEANINGS, State
from netshell.flow.timeouts import here
from netshell.results import Records, Result
from netshell.view import Block, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.capture.capture import Capture
    from netshell.host.interfaces import Interface
    from netshell.host.routes import Route
    from netshell.host.sockets import Socket
    from netshell.lookup.answer import Answer
    from netshell.packet.packet import Packet
    from netshell.packet.tcp import Flags

SETTINGS = Path("/proc/sys/net/ipv4")

KINDS = (
    'TCP flags ("SYN,ACK", "S.", "0x12"), a TCP state ("CLOSE_WAIT"), a TTL (54), a DNS status, '
    "a row of conns(), a packet ...; explain() lists all"
)

CONTENTS = (
    'TCP states: explain("CLOSE_WAIT"), in any spelling; one of ' + ", ".join(State),
    'TCP flags: explain("SYN,ACK"), explain("S."), explain("0x12")',
    'TTLs: explain(54), explain("ttl")',
    "Sockets: explain(conns()[0]), with their own numbers",
    "Packets and captures: explain(cap[0]), explain(cap)",
    'DNS: explain(dig("example.org")), explain("NXDOMAIN"), explain("ra"), explain("MX")',
    'Interfaces: explain(ifaces("lo")), explain("LOWER_UP")',
    'Routes: explain(iface_for("192.0.2.1")), explain("blackhole")',
    'Timers of sockets: explain("keepalive")',
)
"""What ``explain()`` says by itself."""


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Result):
    """What something means: its name, a few lines, and where it is written.

    ``kind`` is "flags", "state", "ttl", "socket", "packet", "dns" and the like; a packet's and a
    socket's ``parts`` explain what they are made of.
    """

    kind: str
    subject: str
    lines: tuple[str, ...]
    source: str = ""
    parts: tuple[Explanation, ...] = ()

    def view(self) -> Sequence[Block]:
        blocks: list[Block] = [Lines([Span(self.subject, "head")])]
        blocks += [Note(line, "") for line in self.lines]
        if self.source:
            blocks.append(Note(self.source))
        for part in self.parts:
            blocks += part.view()
        return blocks


def explain(x: object = ...) -> Explanation:
    """Say what something of TCP/IP means, in a few lines with their source.

    >>> explain("CLOSE_WAIT")    # a state, in any spelling: "close-wait"
    >>> explain("SYN,ACK")       # flags: tcpdump's "S.", Scapy's "SA", "0x12"
    >>> explain(54)              # a TTL: where it started, how many hops
    >>> explain("NXDOMAIN")      # a word that netshell shows
    >>> explain(conns()[0])      # a socket: its state, its own numbers
    >>> explain(cap[0])          # a packet: its flags and its TTL
    >>> explain()                # all that can be explained

    Also an answer of ``dig``, a route of ``iface_for``, an interface of
    ``ifaces``, a capture. A bare number is a TTL, and 0x12 in Python is the
    number 18: write flags as text, "0x12". Raises BadArgument, naming what
    can be explained, for anything else.
    """
    if x is ...:
        return Explanation("contents", "explain(...) says what these mean", CONTENTS)
    if isinstance(x, State):
        return _state(x)
    if isinstance(x, str):
        return _text(x)
    from netshell.packet.tcp import Flags  # loads numpy: a state needs none of it

    if isinstance(x, Flags):
        return _flags(x)
    if isinstance(x, Result):
        return _result(x)
    try:
        number = None if isinstance(x, bool) else operator.index(x)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise _cannot(x)
    return _number(number)


def _result(x: Result) -> Explanation:
    from netshell.capture.capture import Capture
    from netshell.host.interfaces import Interface
    from netshell.host.routes import Route
    from netshell.host.sockets import Socket
    from netshell.lookup.answer import Answer
    from netshell.packet.packet import Packet

    if isinstance(x, Socket):
        return _socket(x)
    if isinstance(x, Packet):
        return _packet(x)
    if isinstance(x, Answer):
        return _answer(x)
    if isinstance(x, Route):
        return _route(x)
    if isinstance(x, Interface):
        return _interface(x)
    if isinstance(x, Capture):
        return _capture(x)
    if isinstance(x, Explanation):
        return x
    if isinstance(x, Records) and len(x) == 1:
        return explain(x[0])
    raise _cannot(x)


def _cannot(x: object) -> BadArgument:
    name = type(x).__name__
    article = "an" if name[:1].lower() in "aeio" else "a"
    if isinstance(x, Records) and len(x):
        step = f"give one of its {x.called}: explain(...[0])"
        return BadArgument(f"cannot explain {len(x)} {x.called} at once", next_step=step)
    return BadArgument(f"cannot explain {article} {name}", next_step=f"give {KINDS}")


def _text(text: str) -> Explanation:
    ttl = re.fullmatch(r"\s*(?:(?:ttl|hop ?limit)\s*[:=]?\s*)?([0-9]{1,9})\s*", text, re.IGNORECASE)
    if ttl:
        return _number(int(ttl[1]))
    bare = "".join(char for char in text.upper() if char.isalnum())
    if bare == "NONE":
        raise BadArgument(
            "cannot explain",
            where=repr(text),
            why="it could be several things",
            next_step='explain("0x0") is a segment without flags, explain("CLOSED") the state, '
            f"or give {KINDS}",
        )
    try:
        return _state(State.parse(text))
    except BadArgument:
        pass  # it may be flags
    from netshell.commands.words import record_type, word

    if found := record_type(text):  # NSEC and CAA are letters of flags, too
        return Explanation(found.kind, found.name, found.lines, found.source)
    from netshell.flow import flags

    try:
        return _flags(flags.parse(text))
    except BadArgument as error:
        if found := word(text):
            return Explanation(found.kind, found.name, found.lines, found.source)
        shown = repr(text) if len(repr(text)) <= 60 else f"{text!r:.57}..."
        hint = "no TCP state is called so: LAST_ACK is meant" if bare == "LASTWAIT" else ""
        raise BadArgument(
            "cannot explain", where=shown, why=hint, next_step=f"give {KINDS}"
        ) from error


# --- states -----------------------------------------------------------------------------------


def _state(state: State) -> Explanation:
    meaning = MEANINGS[state]
    lines = [
        meaning.what,
        f"Who: {meaning.side}",
        f"Ends: {meaning.ends}",
        f"To do: {meaning.act}",
    ]
    settings = here(state, setting)
    if settings:
        lines.append(f"On this machine: {settings}")
    return Explanation("state", state, tuple(lines), meaning.source)


def setting(name: str) -> int | None:
    """A setting of Linux's net.ipv4 in force now; None where there is none."""
    try:
        return int((SETTINGS / name).read_text("ascii"))
    except (OSError, ValueError):
        return None


# --- flags ------------------------------------------------------------------------------------


def _flags(flags: Flags) -> Explanation:
    from netshell.flow.flags import EACH, ECN, ecn, meaning
    from netshell.packet.tcp import Flags

    what, source = meaning(flags)
    lines = [what] if what else []
    if ecn(flags):
        lines.append(ecn(flags))
    # In a SYN the ECN flags negotiate, and say nothing of congestion.
    names = [flag for flag in EACH if flag in flags and not (flag in ECN and Flags.SYN in flags)]
    lines += [f"{flag}: {EACH[flag]}." for flag in names]
    letters = "" if not flags else f" ({flags.letters} in tcpdump)"
    return Explanation(
        "flags", f"{flags}{letters}", tuple(lines), source or "RFC 9293 3.1, RFC 3168"
    )


# --- TTLs -------------------------------------------------------------------------------------

_STARTS = {
    32: "some small and old devices",
    64: "Linux, Android, macOS, iOS, BSD",
    128: "Windows",
    255: "routers, Solaris, and protocols that check for a neighbour (RFC 5082)",
}
FAR = 30
"""More routers than this between two hosts hardly occur."""


def _number(number: int) -> Explanation:
    if not 0 <= number <= 255:
        raise BadArgument(
            "cannot explain",
            where=str(number) if abs(number) < 10**9 else "a number this large",
            why="a TTL is from 0 to 255",
            next_step='write flags as text, such as "0x12"',
        )
    from netshell.flow.flags import TOGETHER
    from netshell.packet.tcp import Flags

    ttl = _ttl(number)
    if number and Flags(number) in TOGETHER:
        also = f'As flags {number:#x} would be {Flags(number)}: explain("{number:#x}").'
        return replace(ttl, lines=(*ttl.lines, also))
    return ttl


def _ttl(ttl: int) -> Explanation:
    from netshell.packet.ip import hops

    subject, source = f"TTL {ttl}", "RFC 791 3.2, RFC 1122 3.2.1.7, RFC 8200 3 (hop limit)"
    if ttl == 0:
        line = (
            "Nothing may be sent with it, and a router discards what reaches it: damage, or forged."
        )
        return Explanation("ttl", subject, (line,), source)
    if ttl == 1:
        meant = (
            "Ends here: the next router discards it and reports ICMP time exceeded.",
            "Usually meant so: multicast for this link only, or a probe of traceroute.",
        )
        return Explanation("ttl", subject, meant, source)
    initial, passed = hops(ttl)
    who = f"Likely started at {initial} ({_STARTS[initial]})"
    if not passed:
        lines = [f"{who}: no router passed, the sender is on this link, or is this machine."]
    else:
        lines = [f"{who}: {passed} router{'s' if passed > 1 else ''} passed."]
    other = {32: 64, 64: 128, 128: 255}.get(initial, 0)
    if passed > FAR:
        sure = f"Unsure: more than {FAR} routers are rare, so the sender may start elsewhere."
    elif initial == 32:
        sure = f"Unsure: few start at 32; from {other} it would be {other - ttl} routers."
    else:
        sure = (
            "Fairly sure: common start values are far apart and paths rarely longer than "
            f"{FAR}. The sender can choose another one, and tunnels hide routers."
        )
    lines.append(sure)
    lines.append(
        "It counts the way from the sender to here; the way back may be longer or shorter."
    )
    return Explanation("ttl", subject, tuple(lines), source)


# --- sockets and packets ----------------------------------------------------------------------


def _socket(socket: Socket) -> Explanation:
    state = socket.state
    lines = [_holder(socket)]
    lines += _queues(socket)
    lines += _measured(socket)
    if socket.timer:
        lines.append(f"Timer: {socket.timer}.")
    if socket.proto == "udp" or not state:
        lines.append("UDP has no states: connected only means that one peer's datagrams are taken.")
        return Explanation("socket", str(socket), tuple(lines), "RFC 768, udp(7)")
    return Explanation("socket", str(socket), tuple(lines), parts=(_state(State(state)),))


def _holder(socket: Socket) -> str:
    if socket.pid is not None:
        user = f" of user {socket.user}" if socket.user else ""
        shared = f" and {len(socket.shared_with)} more" if socket.shared_with else ""
        return f"Held by {socket.process or 'a process'}, pid {socket.pid}{shared}{user}."
    if socket.state in (State.TIME_WAIT, State.SYN_RECEIVED):
        return "No process holds it: the kernel does what is left."
    if socket.inode:
        return "Its process is not visible to this user: look again as root."
    return "No process holds it, or none that this user may see."


def _queues(socket: Socket) -> list[str]:
    lines = []
    received, sent = socket.recv_q, socket.send_q
    if socket.state == State.LISTEN:
        if received is not None and sent is not None:
            full = ": full, new connections are dropped" if received > sent else ""
            waits = "1 connection waits" if received == 1 else f"{received} connections wait"
            lines.append(
                f"Waiting {received}, backlog {sent}: {waits} for accept(), {sent} may{full}."
            )
        return lines
    if received:
        lines.append(f"recv-q {received}: so many bytes arrived that the program has not read.")
    if sent and socket.proto == "tcp":
        lines.append(f"send-q {sent}: so many bytes are not acknowledged by the peer, or not sent.")
    if received == sent == 0 and socket.tcp_info is not None:
        lines.append("recv-q 0, send-q 0: all that arrived is read, all that was sent has arrived.")
    return lines


def _measured(socket: Socket) -> list[str]:
    """What the kernel measures of a connection, where it does."""
    info = socket.tcp_info
    if info is None:
        return []
    told = dict(info.important())
    lines = [
        f"Round trip: {told['rtt']}; an acknowledgement is waited for {info.rto_ms:g} ms.",
        f"Sent again: {told['retransmits']}.",
    ]
    if info.cwnd and info.mss:
        most = info.cwnd * info.mss
        lines.append(
            f"Congestion window: {info.cwnd} segments of {info.mss} bytes, so at most {most} bytes "
            "on the way at once."
        )
    return lines


def _packet(packet: Packet) -> Explanation:
    parts = []
    if packet.flags is not None:
        parts.append(_flags(packet.flags))
    if packet.ttl is not None:
        parts.append(_ttl(packet.ttl))
    line = packet.line(payload="none")
    nothing = () if parts else ("Neither TCP flags nor a TTL: no IP packet, or cut too short.",)
    return Explanation("packet", line, nothing, parts=tuple(parts))


# --- other results ----------------------------------------------------------------------------


def _answer(answer: Answer) -> Explanation:
    from netshell.commands.words import sentence, word

    lines = list(answer.in_words())
    if answer.status == "NOERROR" and answer.answers and (meant := word(answer.question.rdtype)):
        lines.insert(0, meant.lines[0])
    if answer.answers:
        least = min(record.ttl for record in answer.answers)
        lines.insert(1, f"A cache may keep it for {least} s (the TTL), counted from its arrival.")
    return Explanation(
        "dns", str(answer.question), tuple(map(sentence, lines)), "RFC 1035, RFC 2308"
    )


def _route(route: Route) -> Explanation:
    from netshell.commands.words import sentence
    from netshell.host.routes import KINDS as ROUTES
    from netshell.host.routes import REFUSALS

    to = route.destination
    if not route.usable:
        line = sentence(f"{to}: {REFUSALS.get(route.kind, route.kind)}")
        return Explanation("route", f"route to {to}", (line,), "ip-route(8)")
    way = f"through the gateway {route.gateway}" if route.gateway else "directly: no gateway"
    if route.kind == "local":
        way = "and stay on this machine: the address is its own"
    lines = [f"Packets to {to} leave by {route.iface}, {way}."]
    if route.kind != "unicast" and route.kind != "local":
        lines.append(sentence(f"{route.kind}: {ROUTES.get(route.kind, '')}"))
    if route.source:
        lines.append(f"They carry the source address {route.source}, unless a program binds one.")
    if route.mtu:
        lines.append(f"A packet may have {route.mtu} bytes (the MTU); larger ones are split up.")
    if route.prefix or route.table:
        entry = f"the entry {route.prefix}" if route.prefix else "an entry"
        table = f" of the table {route.table}" if route.table else ""
        lines.append(f"The kernel took {entry}{table}, the most specific that fits.")
    if len(route.hops) > 1:
        lines.append(f"It is one of {len(route.hops)} ways: which one depends on the connection.")
    return Explanation("route", f"route to {to}", tuple(lines), "ip-route(8)")


def _interface(interface: Interface) -> Explanation:
    from netshell.commands.words import sentence
    from netshell.host.interfaces import FLAGS

    carries = "is up and carries" if interface.up else "does not carry"
    kind = f", of the kind {interface.kind}" if interface.kind else ""
    lines = [f"It {carries}; packets of at most {interface.mtu} bytes (the MTU){kind}."]
    if interface.master:
        lines.append(f"It is part of {interface.master}.")
    lost = interface.counters.rx_dropped + interface.counters.tx_dropped
    errors = interface.counters.rx_errors + interface.counters.tx_errors
    if lost or errors:
        lines.append(f"{lost} packets were dropped and {errors} were damaged since it came up.")
    lines += [f"{flag}: {sentence(FLAGS[flag])}" for flag in interface.flags if flag in FLAGS]
    return Explanation("interface", interface.name, tuple(lines), "netdevice(7), ip-link(8)")


def _capture(capture: Capture) -> Explanation:
    held = len(capture)
    packets = "1 packet" if held == 1 else f"{held} packets"
    runs = ", and goes on: cap.stop() ends it" if capture.running else ""
    lines = [f"It holds {packets}{runs}."]
    if capture.filter_text:
        lines.append(f"Only what fits the filter: {capture.filter_text}")
    if capture.ifaces:
        lines.append(f"Captured on {', '.join(capture.ifaces)}.")
    lines += [
        "One packet: cap[0]; what it means: explain(cap[0]).",
        'Some of them: cap[:10], cap.filter("port 80"); with their payload: cap.show().',
        'Keep it: cap.save("some.pcap"); open it again: read("some.pcap").',
    ]
    return Explanation("capture", "a capture", tuple(lines), "pcap-filter(7)")
