"""The notebooks' exercises: each is checked against the capture that the notebook made.

    check("07.1", answer, cap)

No answer is stored: what is right is counted in the packets, and a wrong answer is told where to
look. An exercise that nobody has answered (``...``) says what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from netshell.flow.state import State
from netshell.results import Result
from netshell.view import Block, Note


class Exercise(NamedTuple):
    """What is right, where to look, and what is to be said once it was found."""

    truth: Callable[[Any], Any]
    look: str
    why: str


class Verdict(Result):
    """What became of an answer: ``is_right`` is None for one that was not given."""

    def __init__(self, is_right: bool | None, text: str) -> None:
        self.is_right = is_right
        self._text = text

    def view(self) -> tuple[Block, ...]:
        style = "quiet" if self.is_right is None else "good" if self.is_right else "warn"
        return (Note(self._text, style),)  # type: ignore[arg-type]


def check(name: str, answer: Any, given: Any) -> Verdict:
    """Whether an answer is what ``given``, a capture, tells."""
    exercise = EXERCISES[name]
    if answer is ...:
        return Verdict(None, "Your turn: put your answer in place of the ... and run this cell.")
    truth = exercise.truth(given)
    if _plain(answer) == _plain(truth):
        return Verdict(True, f"Right: {truth}. {exercise.why}")
    return Verdict(False, f"Not {answer}. {exercise.look}")


def _plain(value: Any) -> Any:
    """Answers alike in everything but how they are written."""
    if isinstance(value, str):
        return " ".join(value.upper().replace("_", " ").replace("-", " ").split()).rstrip(".")
    return value


def _syns(capture: Any) -> int:
    """How many packets carry a SYN."""
    return sum(packet.flags is not None and "SYN" in str(packet.flags) for packet in capture)


def _asked(capture: Any, name: str) -> Any:
    """The first DNS message about a name."""
    return next(each for each in capture.messages if each.qname == name)


def _first_in(capture: Any, state: State) -> str:
    """The side of the first connection that reached a state first."""
    for moment in capture.flows[0].states:
        for side in ("client", "server"):
            if getattr(moment, side) is state:
                return side
    return "neither"


def _last_in(capture: Any, state: State) -> str:
    """The side that is in a state at the end."""
    states = capture.flows[0].states
    return next(
        (side for side in ("client", "server") if getattr(states, side) is state), "neither"
    )


def _between_fins(capture: Any) -> str:
    """The state of the side that closed second, before it did."""
    flow = capture.flows[0]
    second = "server" if flow.teardown.closed_first == "client" else "client"
    first = flow.teardown.segments[0]
    return str(next(getattr(each, second) for each in flow.states if each.packet == first))


def _busiest_port(capture: Any) -> int:
    """The port that the client sent the most bytes to."""
    sent: dict[int, int] = {}
    for packet in capture:
        if packet.src == "10.77.0.1" and packet.dport is not None:
            sent[packet.dport] = sent.get(packet.dport, 0) + packet.wire_len
    return max(sent, key=lambda port: sent[port])


def _web(capture: Any) -> Any:
    """The capture's HTTP messages."""
    return capture.messages.where(protocol="http")


EXERCISES = {
    "00.1": Exercise(
        lambda cap: next(f for f in cap.flows if f.proto == "tcp").teardown.closed_first,
        "Find the first FIN in the ladder: whose arrow is it on?",
        "It closed first, so TIME_WAIT is on its side.",
    ),
    "00.2": Exercise(
        lambda cap: _syns(cap),
        "Count the arrows with SYN in their flags, both ways.",
        "One SYN for each direction; the second one carries the ACK of the first.",
    ),
    "01.1": Exercise(
        lambda cap: len(cap.flows),
        "Each connection is a flow: len(cap.flows).",
        "Same addresses, same server port, different client ports.",
    ),
    "01.2": Exercise(
        lambda cap: cap.flows[0].client.port,
        "It stands behind the client's address in cap.flows.",
        "Such a port is called ephemeral: the kernel takes one that is free.",
    ),
    "01.3": Exercise(
        lambda cap: sum(len(packet.payload) for packet in cap),
        "Look for a len in the ladder of cap.flows[0] that is not 0.",
        "Opening and closing needs no data, and an open connection costs no packets.",
    ),
    "02.1": Exercise(
        lambda cap: min(one.ttl for one in _asked(cap, "www.lab.").answers),
        "There are two records, and the address needs both.",
        "The alias may change after that, and then the address is another one.",
    ),
    "02.2": Exercise(
        lambda cap: _asked(cap, "missing.lab.").rcode,
        "It stands in the row of missing.lab in cap.messages.",
        "The name itself does not exist, whatever type is asked for.",
    ),
    "02.3": Exercise(
        lambda cap: next(
            each.qname for each in cap.messages if cap.flows[each.flow].proto == "tcp"
        ),
        "Which of cap.flows is tcp, and which message has its number?",
        "60 texts of 60 bytes do not fit one datagram.",
    ),
    "03.1": Exercise(
        lambda cap: cap[1].relative_ack,
        "Look at the second arrow of the ladder: what stands behind ack?",
        "A SYN counts as one byte: the next one that is expected is number 1.",
    ),
    "03.2": Exercise(
        lambda cap: _first_in(cap, State.ESTABLISHED),
        "Look where ESTABLISHED stands beside the ladder, and at which arrow.",
        "The SYN,ACK proves to the client that both ways work; the server learns it with the ACK.",
    ),
    "03.3": Exercise(
        lambda cap: cap.flows[0].handshake.client.mss,
        "It stands in the SYN's options, and in flow.handshake.",
        "1,500 bytes of an Ethernet frame, less 20 of IP and 20 of TCP.",
    ),
    "04.1": Exercise(
        lambda cap: _last_in(cap, State.TIME_WAIT),
        "Look at the sockets below the last ladder.",
        "It sent the first FIN. Being client or server does not matter.",
    ),
    "04.2": Exercise(
        lambda cap: len(cap.flows[0].teardown.segments),
        "Count from the first FIN,ACK on: flow.teardown says it, too.",
        "Each FIN is acknowledged; where an ACK and a FIN go together there are three.",
    ),
    "04.3": Exercise(
        lambda cap: _between_fins(cap),
        "Look at the server's side of the ladder, behind the first FIN.",
        "Its kernel knew that the client was done, its program had not closed yet.",
    ),
    "05.1": Exercise(
        lambda cap: "server" if cap.flows[0].teardown.closed_first == "client" else "client",
        "Who sent a FIN? The other one did not close.",
        "CLOSE_WAIT is always on the side whose program has not called close().",
    ),
    "05.2": Exercise(
        lambda cap: cap.flows[0].teardown.segments[0],
        "flow.states has the number of the packet behind which the server is in CLOSE_WAIT.",
        "It is the client's FIN.",
    ),
    "05.3": Exercise(
        lambda cap: str(cap[-1].flags),
        "It is the last arrow of the ladder.",
        "Nobody was left on the client to take the bytes.",
    ),
    "06.1": Exercise(
        lambda cap: cap.flows[0].retransmitted_packets,
        "The column resent of cap.flows has it: flow.retransmitted_packets.",
        "Each of them is a segment that the network, here a filter, did not deliver.",
    ),
    "06.2": Exercise(
        lambda cap: next(
            side
            for side in ("client", "server")
            if getattr(cap.flows[0], f"{side}_retransmitted_packets")
        ),
        "Who sends the data? The findings' sentences name it.",
        "Only the sender of data sends again; the receiver can merely ask for it.",
    ),
    "06.3": Exercise(
        lambda cap: len(cap.flows[0].stream("server").gaps),
        "flow.stream('server').gaps are the bytes that lack, once all is put together.",
        "TCP repaired every loss: the program read the page whole and in order.",
    ),
    "07.1": Exercise(
        lambda cap: sum(message.status >= 400 for message in _web(cap)),
        "Look at the statuses in cap.messages: 4xx and 5xx are errors.",
        "A 404 is an answer like any other: TCP delivered it without a fault.",
    ),
    "07.2": Exercise(
        lambda cap: max(len(flow.messages) for flow in cap.flows),
        "Count the messages of each flow: len(flow.messages).",
        "Keep-alive: they shared one handshake and one teardown.",
    ),
    "07.3": Exercise(
        lambda cap: max(_web(cap), key=lambda message: len(message.packets)).target,
        "Each message has .packets: which has the most?",
        "A large body is cut into segments of at most the MSS.",
    ),
    "08.1": Exercise(
        lambda cap: cap.queries()[0].rows,
        "Look at the rows of the first statement in cap.queries().",
        "N+1: one for the list, and one more for each of its rows.",
    ),
    "08.2": Exercise(
        lambda cap: round(cap.queries().transactions()[0].idle_s * 1e3),
        "queries.transactions() has a column for it.",
        "All that time it may have held locks that others waited for.",
    ),
    "08.3": Exercise(
        lambda cap: cap.queries().errors[0].code,
        "It stands in the column problem of queries.errors.",
        "42703 is undefined_column: the statement was wrong, the connection is fine.",
    ),
    "09.1": Exercise(
        lambda cap: _syns(cap),
        "select count(*) from packets where flags like '%SYN%'",
        "Two for each connection that was opened, one where nobody answered.",
    ),
    "09.2": Exercise(
        lambda cap: _busiest_port(cap),
        "Group what 10.77.0.1 sent by dport, and sum wire_len.",
        "Requests and acknowledgments of pages: more than all the names together.",
    ),
    "09.3": Exercise(
        lambda cap: max(cap.flows, key=lambda flow: flow.retransmitted_packets or 0).number,
        "cap.flows.top(1, by='retransmitted') or the column server_retransmitted_packets.",
        "That is the download over the bad line of notebook 06.",
    ),
}
