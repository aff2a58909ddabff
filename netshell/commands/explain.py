"""``explain``: what a flag, a state, a TTL, a socket or a packet means.

The texts stand with what they explain (``flow.state``, ``flow.flags``, ``flow.timeouts``); here is
decided what is meant, and how an explanation is put together.
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
from netshell.results import Result
from netshell.view import Block, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.host.sockets import Socket
    from netshell.packet.packet import Packet
    from netshell.packet.tcp import Flags

SETTINGS = Path("/proc/sys/net/ipv4")

KINDS = (
    'TCP flags ("SYN,ACK", "S.", "0x12"), a TCP state ("CLOSE_WAIT"), a TTL (54), '
    "a socket of conns(), a packet of a capture"
)


@dataclass(frozen=True, slots=True, repr=False)
class Explanation(Result):
    """What something means: its name, a few lines, and where it is written.

    ``kind`` is "flags", "state", "ttl", "socket" or "packet"; a packet's and a socket's ``parts``
    explain what they are made of.
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


def explain(x: object) -> Explanation:
    """Say what something of TCP/IP means, in a few lines with their source.

    >>> explain("CLOSE_WAIT")          # a state, in any spelling: "close-wait", "FIN_WAIT2"
    >>> explain("SYN,ACK")             # flags: names, tcpdump's "S.", Scapy's "SA", "0x12"
    >>> explain(54)                    # a TTL: where it started, how many hops it took
    >>> explain(conns()[0])            # a socket: its state, with its own numbers
    >>> explain(cap[0])                # a packet: its flags and its TTL

    A bare number is a TTL, and 0x12 in Python is the number 18: write flags as text, "0x12".
    Raises BadArgument, naming what can be explained, for anything else.
    """
    if isinstance(x, State):
        return _state(x)
    if isinstance(x, str):
        return _text(x)
    from netshell.packet.tcp import Flags  # loads numpy: a state needs none of it

    if isinstance(x, Flags):
        return _flags(x)
    from netshell.host.sockets import Socket
    from netshell.packet.packet import Packet

    if isinstance(x, Socket):
        return _socket(x)
    if isinstance(x, Packet):
        return _packet(x)
    try:
        number = None if isinstance(x, bool) else operator.index(x)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise BadArgument(f"cannot explain a {type(x).__name__}", next_step=f"give {KINDS}")
    return _number(number)


def _text(text: str) -> Explanation:
    ttl = re.fullmatch(r"\s*(?:(?:ttl|hop ?limit)\s*[:=]?\s*)?([0-9]{1,9})\s*", text, re.IGNORECASE)
    if ttl:
        return _number(int(ttl[1]))
    try:
        return _state(State.parse(text))
    except BadArgument:
        pass  # it may be flags
    from netshell.flow import flags

    try:
        return _flags(flags.parse(text))
    except BadArgument as error:
        shown = repr(text) if len(repr(text)) <= 60 else f"{text!r:.57}..."
        bare = "".join(char for char in text.upper() if char.isalnum())
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
            lines.append(f"{received} connections wait for accept(), {sent} may wait{full}.")
        return lines
    if received:
        lines.append(f"{received} bytes have arrived that the program has not read.")
    if sent and socket.proto == "tcp":
        lines.append(f"{sent} bytes are sent or waiting, and not acknowledged by the peer.")
    info = socket.tcp_info
    if info is not None and info.retransmits:
        lines.append(f"The oldest of them has been sent again {info.retransmits} times.")
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
