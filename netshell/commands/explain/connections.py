"""Handshakes and teardowns explained."""

from __future__ import annotations

import re

from netshell.catalogue import has, language, source, text
from netshell.catalogue.said import again
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import amount, sentence, side
from netshell.commands.explain.segments import state
from netshell.flow.amounts import duration
from netshell.flow.handshake import Handshake
from netshell.flow.state import State
from netshell.flow.states import Moment
from netshell.flow.teardown import Teardown

_TELLING_MS = 0.1  # a host takes as long for its answer alone


def handshake(handshake: Handshake) -> Explanation:
    outcome = handshake.outcome.replace(" ", "_")
    lines = [sentence(handshake.told(language())), text(f"connection.outcome.{outcome}")]
    if handshake.server_rtt_ms is not None and handshake.client_rtt_ms is not None:
        server, client = handshake.server_rtt_ms, handshake.client_rtt_ms
        near = _nearer(server, client)
        spans = {"server": _span(server), "client": _span(client)}
        lines.append(text(f"connection.spans{near}", **spans))
    if handshake.retries_s:
        after = ", ".join(f"{each:.1f}" for each in handshake.retries_s)
        lines.append(text("connection.retries", after=after))
    for name, offer in (("client", handshake.client), ("server", handshake.server)):
        if offer is not None:
            lines.append(text("connection.offers", side=side(name), offer=offer))
    subject = text("connection.handshake.subject")
    return Explanation("handshake", subject, tuple(lines), source("connection.handshake"))


def _nearer(server_ms: float, client_ms: float) -> str:
    """At which end the capture was made, where the difference says something about it."""
    less, more = sorted((server_ms, client_ms))
    if more < 2 * less or more - less < _TELLING_MS:
        return ""
    return "_near_client" if client_ms < server_ms else "_near_server"


def _span(ms: float) -> str:
    return duration(round(ms * 1e6))


def teardown(teardown: Teardown) -> Explanation:
    lines = [sentence(teardown.told(language()))]
    if teardown.why:
        lines.append(sentence(again(teardown.why)))
    if teardown.half_closed_s is not None:
        span, came = _span(teardown.half_closed_s * 1000), amount(teardown.half_closed_bytes)
        lines.append(text("connection.half", span=span, amount=came))
    ends = {"client": teardown.client, "server": teardown.server}
    lines += [text("connection.end", side=side(name), state=where) for name, where in ends.items()]
    told = sorted({where for where in ends.values() if where not in (State.CLOSED, State.LISTEN)})
    parts = tuple(state(State(where)) for where in told[:1])
    subject, where = text("connection.teardown.subject"), source("connection.teardown")
    return Explanation("teardown", subject, tuple(lines), where, parts)


def happened(why: str) -> str:
    """What a moment says that happened, "client: FIN arrives; server: close()", and remarks.

    >>> happened("server: FIN arrives, close()")
    'server: FIN arrives, close()'
    """
    parts = []
    for part in why.split("; "):
        name, colon, events = part.partition(": ")
        if colon and has(f"side.{name}"):
            said = ", ".join(map(_event, events.split(", ")))
            part = f"{side(name)}: {said}"
        parts.append(part)
    return "; ".join(parts)


def _event(event: str) -> str:
    key = f"event.{re.sub('[^a-z0-9]+', '_', event.lower()).strip('_')}"
    return text(key) if has(key) else event


def moment(moment: Moment) -> Explanation:
    """A packet of a connection: what it did to the states of both ends, and what these mean."""
    sent = {"packet": moment.packet, "side": side(moment.direction), "flags": moment.flags}
    lines = [text("connection.moment.from", **sent)]
    lines.append(
        sentence(happened(moment.why)) if moment.why else text("connection.moment.nothing")
    )
    for name, now, shown in (
        ("client", moment.client, moment.client_shown),
        ("server", moment.server, moment.server_shown),
    ):
        key = "is" if shown else "inferred"
        meant = text(f"state.{now}.what")
        lines.append(text(f"connection.moment.{key}", side=side(name), state=now, text=meant))
    subject = text("connection.moment.subject", packet=moment.packet)
    return Explanation("states", subject, tuple(lines), source("connection.moment"))
