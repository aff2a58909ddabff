"""Handshakes and teardowns explained."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.segments import state
from netshell.commands.words import sentence
from netshell.flow.amounts import amount, duration
from netshell.flow.handshake import Handshake
from netshell.flow.state import State
from netshell.flow.states import Moment
from netshell.flow.teardown import Teardown

_TELLING_MS = 0.1  # a host takes as long for its answer alone
_OUTCOMES = {
    "complete": "SYN, SYN,ACK and ACK: both sides know that the other one hears them.",
    "refused": "A RST in answer to the SYN: nothing listens on that port, or a firewall says so.",
    "unanswered": "Nothing came back: a firewall drops the SYN or its answer, or the host is down.",
    "unfinished": "The server accepted, but its SYN,ACK was not acknowledged: it does not get "
    "through, or the SYN came from a forged address (a SYN flood, a scan).",
    "cut off": "A RST in place of the last step: a port scan, or a program that gave up.",
    "partly seen": "Not all of it is in the capture.",
    "not seen": "The capture began later, so sequence numbers count from what was seen first, and "
    "the scale of windows is not known.",
}


def handshake(handshake: Handshake) -> Explanation:
    lines = [sentence(str(handshake)), _OUTCOMES[handshake.outcome]]
    if handshake.server_rtt_ms is not None and handshake.client_rtt_ms is not None:
        server, client = handshake.server_rtt_ms, handshake.client_rtt_ms
        lines.append(
            f"From the capture's place to the server and back took {_span(server)}, to the client "
            f"{_span(client)}{_nearer(server, client)}."
        )
    if handshake.retries_s:
        after = ", ".join(f"{each:.1f}" for each in handshake.retries_s)
        lines.append(f"The SYN was sent again {after} s after the first: each wait doubles.")
    for side, offer in (("client", handshake.client), ("server", handshake.server)):
        if offer is not None:
            lines.append(f"The {side} offers {offer}.")
    return Explanation("handshake", "handshake", tuple(lines), "RFC 9293 3.5, RFC 7323, RFC 2018")


def _nearer(server_ms: float, client_ms: float) -> str:
    """At which end the capture was made, where the difference says something about it."""
    less, more = sorted((server_ms, client_ms))
    if more < 2 * less or more - less < _TELLING_MS:
        return ""
    return f": it was made nearer to the {'client' if client_ms < server_ms else 'server'}"


def _span(ms: float) -> str:
    return duration(round(ms * 1e6))


def teardown(teardown: Teardown) -> Explanation:
    lines = [sentence(str(teardown))]
    if teardown.why:
        lines.append(sentence(teardown.why))
    if teardown.half_closed_s is not None:
        lines.append(
            f"One direction was closed {_span(teardown.half_closed_s * 1000)} before the other; "
            f"{amount(teardown.half_closed_bytes)} still came in that time."
        )
    ends = {"client": teardown.client, "server": teardown.server}
    lines += [
        f"The {side} is in {where} at the end of the capture." for side, where in ends.items()
    ]
    told = sorted({where for where in ends.values() if where not in (State.CLOSED, State.LISTEN)})
    parts = tuple(state(State(where)) for where in told[:1])
    return Explanation("teardown", "teardown", tuple(lines), "RFC 9293 3.6", parts)


def moment(moment: Moment) -> Explanation:
    """A packet of a connection: what it did to the states of both ends, and what these mean."""
    lines = [f"Packet {moment.packet} came from the {moment.direction}: {moment.flags}."]
    lines.append(sentence(moment.why) if moment.why else "It changed no state.")
    for side, now, shown in (
        ("client", moment.client, moment.client_shown),
        ("server", moment.server, moment.server_shown),
    ):
        how = "is" if shown else "is, as far as can be inferred,"
        lines.append(f"The {side} {how} in {now}: {state(now).lines[0]}")
    return Explanation("states", f"packet {moment.packet}", tuple(lines), "RFC 9293 3.3.2")
