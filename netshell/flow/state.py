"""TCP's states, by the names of RFC 9293 section 3.3.2 (hyphens written as underscores)."""

from __future__ import annotations

from enum import StrEnum

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
    "SYNRECV": State.SYN_RECEIVED,
    "SYNRCVD": State.SYN_RECEIVED,
    "CLOSE": State.CLOSED,
    "NONE": State.CLOSED,
    "UNCONN": State.CLOSED,
    "FINWAIT1": State.FIN_WAIT_1,
    "FINWAIT2": State.FIN_WAIT_2,
}
