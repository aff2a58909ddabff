"""TCP's states: their names, and the ways between them. What each means: catalogue, state.toml.

Names are RFC 9293's (section 3.3.2, hyphens written as underscores); the transitions are its
Figure 5. What it leaves to implementations is told as Linux does it.
"""

from __future__ import annotations

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
