"""TCP's states: their names, the ways between them, and what each one means.

Names are RFC 9293's (section 3.3.2, hyphens written as underscores); the transitions are its
Figure 5. What it leaves to implementations is told as Linux does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from netshell.errors import BadArgument


class State(StrEnum):
    """A TCP connection's state, as RFC 9293 names it."""

    LISTEN = "LISTEN"
    SYN_SENT = "SYN_SENT"
    SYN_RECEIVED = "SYN_RECEIVED"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT_1 = "FIN_WAIT_1"
    FIN_WAIT_2 = "FIN_WAIT_2"
    CLOSE_WAIT = "CLOSE_WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST_ACK"
    TIME_WAIT = "TIME_WAIT"
    CLOSED = "CLOSED"

    @classmethod
    def parse(cls, text: str) -> State:
        """The state meant by any common spelling: netstat's, ss's, psutil's, the RFC's.

        >>> State.parse("fin-wait-2") is State.parse("FIN_WAIT2") is State.FIN_WAIT_2
        True

        Raises BadArgument for a name that is no TCP state.
        """
        found = _SPELLINGS.get(_bare(text))
        if found is None:
            raise BadArgument(
                "unknown TCP state",
                where=repr(text),
                next_step=f"one of {', '.join(cls)}",
            )
        return found


def _bare(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


_SPELLINGS: dict[str, State] = {_bare(state): state for state in State} | {
    "ESTAB": State.ESTABLISHED,
    "LISTENING": State.LISTEN,
    "NEWSYNRECV": State.SYN_RECEIVED,
    "SYNRECV": State.SYN_RECEIVED,
    "SYNRCVD": State.SYN_RECEIVED,
    "CLOSE": State.CLOSED,
    "NONE": State.CLOSED,
    "UNCONN": State.CLOSED,
    "FINWAIT1": State.FIN_WAIT_1,
    "FINWAIT2": State.FIN_WAIT_2,
}


# --- the ways between them --------------------------------------------------------------------


class Transition(NamedTuple):
    """From one state to the next: what happens, and what is sent for it ("" for nothing)."""

    state: State
    event: str
    sent: str
    next: State


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.CLOSED, "listen()", "", State.LISTEN),
    Transition(State.CLOSED, "connect()", "SYN", State.SYN_SENT),
    Transition(State.LISTEN, "SYN arrives", "SYN,ACK", State.SYN_RECEIVED),
    Transition(State.LISTEN, "close()", "", State.CLOSED),
    Transition(State.SYN_SENT, "SYN,ACK arrives", "ACK", State.ESTABLISHED),
    Transition(State.SYN_SENT, "SYN arrives", "SYN,ACK", State.SYN_RECEIVED),
    Transition(State.SYN_SENT, "close()", "", State.CLOSED),
    Transition(State.SYN_RECEIVED, "ACK of the SYN arrives", "", State.ESTABLISHED),
    Transition(State.SYN_RECEIVED, "RST arrives", "", State.LISTEN),
    Transition(State.SYN_RECEIVED, "close()", "FIN", State.FIN_WAIT_1),
    Transition(State.ESTABLISHED, "close()", "FIN", State.FIN_WAIT_1),
    Transition(State.ESTABLISHED, "FIN arrives", "ACK", State.CLOSE_WAIT),
    Transition(State.FIN_WAIT_1, "ACK of the FIN arrives", "", State.FIN_WAIT_2),
    Transition(State.FIN_WAIT_1, "FIN arrives", "ACK", State.CLOSING),
    Transition(State.FIN_WAIT_1, "FIN and ACK of the FIN arrive", "ACK", State.TIME_WAIT),
    Transition(State.FIN_WAIT_2, "FIN arrives", "ACK", State.TIME_WAIT),
    Transition(State.CLOSE_WAIT, "close()", "FIN", State.LAST_ACK),
    Transition(State.CLOSING, "ACK of the FIN arrives", "", State.TIME_WAIT),
    Transition(State.LAST_ACK, "ACK of the FIN arrives", "", State.CLOSED),
    Transition(State.TIME_WAIT, "2 MSL have passed", "", State.CLOSED),
)
"""RFC 9293 Figure 5, without sending from LISTEN, which sockets do not offer. A RST that is
accepted leads from the other states to CLOSED at once."""


# --- what they mean ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """A state in words: what has happened, which side is in it, how it ends, what to do."""

    what: str
    side: str
    ends: str
    act: str
    source: str


MEANINGS: dict[State, Meaning] = {
    State.LISTEN: Meaning(
        what="A program waits for connections on this port. It is not a connection itself.",
        side="The server.",
        ends="When its program closes it. Each connection that arrives gets a socket of its own; "
        "the kernel finishes the handshake, accept() only picks the result up.",
        act="In conns() and listeners(), waiting = connections that wait for accept(), backlog = "
        "how many may. Full means that the program accepts too slowly: new ones are dropped.",
        source="RFC 9293 3.3.2, listen(2)",
    ),
    State.SYN_SENT: Meaning(
        what="connect() was called: the SYN is sent, and no answer has come yet.",
        side="The client (active opener).",
        ends="SYN,ACK -> ESTABLISHED; RST -> connection refused; silence -> the SYN is sent again, "
        "and in the end connect() fails with a timeout.",
        act="One that stays: the host is down, or a firewall drops the SYN or its answer. "
        "Capture on both ends to see which.",
        source="RFC 9293 3.5",
    ),
    State.SYN_RECEIVED: Meaning(
        what="A SYN arrived and was answered with SYN,ACK; the handshake's third segment, the "
        "ACK, is missing.",
        side="The server; both sides after a simultaneous open.",
        ends="The ACK -> ESTABLISHED, without the program having to do anything; silence -> the "
        "SYN,ACK is sent again, then the attempt is forgotten.",
        act="Many that stay: the way back is broken (routing, firewall), or a SYN flood.",
        source="RFC 9293 3.5",
    ),
    State.ESTABLISHED: Meaning(
        what="The connection is open: both sides may send. On the server it is open before the "
        "program has called accept().",
        side="Both.",
        ends="close() here -> FIN_WAIT_1; the peer's FIN -> CLOSE_WAIT; a RST -> over at once. An "
        "idle connection has no timer and can outlive its peer, unless the program asked for "
        "keep-alive.",
        act="recv-q grows: the program here does not read. send-q grows: the peer does not "
        "acknowledge, or its window is closed.",
        source="RFC 9293 3.6, 3.8.4; RFC 1122 4.2.3.6",
    ),
    State.FIN_WAIT_1: Meaning(
        what="This side closed first: its FIN is sent, or waits behind data, and is not "
        "acknowledged yet.",
        side="The active closer, client or server.",
        ends="ACK of the FIN -> FIN_WAIT_2; FIN and ACK together -> TIME_WAIT; a FIN alone -> "
        "CLOSING; silence -> sent again, then given up.",
        act="One that stays: the peer is gone, or its window is closed and data still waits "
        "before the FIN (send-q).",
        source="RFC 9293 3.6",
    ),
    State.FIN_WAIT_2: Meaning(
        what="This side closed first and the peer acknowledged it, but the peer has not closed "
        "its own direction: it is in CLOSE_WAIT. Data may still arrive (half-close).",
        side="The active closer, client or server.",
        ends="The peer's FIN -> TIME_WAIT. Linux gives up after tcp_fin_timeout, but only once no "
        "process holds the socket; after a shutdown() it waits without limit.",
        act="Many: the program at the other end does not close its sockets. Look for CLOSE_WAIT "
        "there.",
        source="RFC 9293 3.6; Linux ip-sysctl",
    ),
    State.CLOSE_WAIT: Meaning(
        what="The peer closed its direction: its FIN arrived, and the kernel acknowledged it. "
        "The program on this side has not closed the socket yet.",
        side="The passive closer, client or server; the peer is in FIN_WAIT_2.",
        ends="The local program closes -> LAST_ACK. It has no timer of its own, even after the "
        "peer has given up: a write then draws a RST, and the next one fails (EPIPE).",
        act="A few that come and go are normal. Many that stay are a bug in the local program: "
        "it ignores end-of-file and leaks sockets. Its pid is in conns().",
        source="RFC 9293 3.6",
    ),
    State.CLOSING: Meaning(
        what="Both sides closed at the same time: the FINs crossed. The peer's FIN is "
        "acknowledged, the ACK of ours is missing.",
        side="Both, after a simultaneous close.",
        ends="That ACK -> TIME_WAIT, on both sides; silence -> the FIN is sent again, then "
        "given up.",
        act="Rare and short. One that stays has lost its peer.",
        source="RFC 9293 3.6, Figure 13",
    ),
    State.LAST_ACK: Meaning(
        what="The peer closed first, and now this side has closed too: its FIN is sent, the ACK "
        "of it is missing.",
        side="The passive closer, client or server.",
        ends="That ACK -> gone, without TIME_WAIT on this side; silence -> the FIN is sent again, "
        "then given up.",
        act="Short. Many that stay: the peers vanished, or a firewall forgot the connections "
        "and drops their FINs.",
        source="RFC 9293 3.6",
    ),
    State.TIME_WAIT: Meaning(
        what="All is closed and acknowledged. This side remembers the two addresses and ports, "
        "to repeat the last ACK if it was lost and to keep old segments out of a new connection.",
        side="The active closer, client or server; both after a simultaneous close.",
        ends="By itself: 60 s on Linux, fixed in the kernel (the RFC's 2 MSL would be 4 minutes). "
        "tcp_fin_timeout does not shorten it.",
        act="Normal: no process holds it, it costs little. Only a client that opens very many "
        "connections to one address and port runs out of ports: keep connections open.",
        source="RFC 9293 3.4.2, 3.6; Linux ip-sysctl",
    ),
    State.CLOSED: Meaning(
        what="No connection: not opened yet, or over.",
        side="Either.",
        ends="listen() or connect() begins a new one.",
        act="Nothing. A segment that arrives for it is answered with a RST.",
        source="RFC 9293 3.3.2, 3.5.2",
    ),
}
