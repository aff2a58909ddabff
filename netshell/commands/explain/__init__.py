"""``explain``: what a flag, a state, a TTL, a word or a record of netshell's results means.

Here is decided what is meant. Each kind of thing has a file that says how an explanation of it is
put together; most texts stand with what they explain (``flow.state``, ``flow.flags``,
``lookup.status`` and others). To explain another kind of result: write its file, and add its class
to ``RESULTS``.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from importlib import import_module

from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.segments import flags, state
from netshell.commands.explain.ttls import number
from netshell.errors import BadArgument
from netshell.flow.called import checked_call
from netshell.flow.state import State
from netshell.results import Records, Result

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
    "Conversations: explain(cap.flows[0]), its .handshake, its .teardown",
    'How conversations end: explain("RST by server: aborted"), explain("no answer")',
    'Findings: explain(cap.findings[0]), explain("retransmission"), explain("zero window")',
    "Messages: explain(cap.messages[0]), explain(cap.queries()[0]), with what their error means",
    "Queries put together: a row of .grouped(), of .n_plus_one(), of .transactions()",
    'Error codes: explain("HTTP 502"), explain("SQLSTATE 40P01"), explain("MySQL 1213"), '
    'explain("WRONGTYPE"), explain("unknown_ca")',
)
"""What ``explain()`` says by itself."""

RESULTS: dict[str, tuple[str, str]] = {
    "netshell.host.sockets.Socket": ("sockets", "socket"),
    "netshell.packet.packet.Packet": ("packets", "packet"),
    "netshell.lookup.answer.Answer": ("answers", "answer"),
    "netshell.host.routes.Route": ("ways", "route"),
    "netshell.host.interfaces.Interface": ("ways", "interface"),
    "netshell.capture.capture.Capture": ("packets", "capture"),
    "netshell.flow.flow.Flow": ("flows", "flow"),
    "netshell.flow.handshake.Handshake": ("connections", "handshake"),
    "netshell.flow.states.Moment": ("connections", "moment"),
    "netshell.flow.teardown.Teardown": ("connections", "teardown"),
    "netshell.flow.findings.finding.Finding": ("findings", "finding"),
    "netshell.protocols.api.Message": ("messages", "message"),
    "netshell.protocols.query.Query": ("queries", "query"),
    "netshell.protocols.bursts.Burst": ("queries", "burst"),
    "netshell.protocols.bursts_grouped.Loop": ("queries", "loop"),
    "netshell.protocols.queries_grouped.QueryGroup": ("queries", "group"),
    "netshell.protocols.queries_transactions.Transaction": ("queries", "transaction"),
}
"""Classes of results, and the file and function here that explain them; loaded when needed."""


@checked_call
def explain(x: object = ...) -> Explanation:
    """Say what something of TCP/IP means, in a few lines with their source.

    >>> explain("CLOSE_WAIT")    # a state, in any spelling: "close-wait"
    >>> explain("SYN,ACK")       # flags: tcpdump's "S.", Scapy's "SA", "0x12"
    >>> explain(54)              # a TTL: where it started, how many hops
    >>> explain("NXDOMAIN")      # a word that netshell shows
    >>> explain(conns()[0])      # a socket: its state, its own numbers
    >>> explain(cap[0])          # a packet: its flags, its TTL, what it does
    >>> explain(cap.flows[0])    # a conversation, as a colleague would tell it
    >>> explain(cap.findings[0]) # what is wrong, and what to do about it
    >>> explain(cap.messages[0]) # a request and its answer; also "HTTP 502"
    >>> explain()                # all that can be explained

    Also an answer of ``dig``, a route of ``iface_for``, an interface of
    ``ifaces``, a capture. A bare number is a TTL, and 0x12 in Python is the
    number 18: write flags as text, "0x12". Raises BadArgument, naming what
    can be explained, for anything else.
    """
    if x is ...:
        return Explanation("contents", "explain(...) says what these mean", CONTENTS)
    if isinstance(x, State):
        return state(x)
    if isinstance(x, str):
        return _text(x)
    from netshell.packet.tcp import Flags  # loads numpy: a state needs none of it

    if isinstance(x, Flags):
        return flags(x)
    if isinstance(x, Result):
        return _result(x)
    try:
        found = None if isinstance(x, bool) else operator.index(x)  # type: ignore[arg-type]
    except TypeError:
        found = None
    if found is None:
        raise _cannot(x)
    return number(found)


def _result(x: Result) -> Explanation:
    if isinstance(x, Explanation):
        return x
    for kind in type(x).__mro__:
        if found := RESULTS.get(f"{kind.__module__}.{kind.__qualname__}"):
            module, function = found
            explained: Explanation = getattr(import_module(f"{__name__}.{module}"), function)(x)
            return explained
    if isinstance(x, Records) and len(x) == 1:
        return explain(x[0])
    raise _cannot(x)


def _state(text: str) -> Explanation:
    explained = state(State.parse(text))
    if text.strip() != "close_wait":
        return explained
    from netshell.flow.findings.meanings import MEANINGS

    also = f"As a finding: {MEANINGS['close_wait'].what}"
    return replace(explained, lines=(*explained.lines, also))


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
        return number(int(ttl[1]))
    if " " in text.strip():
        from netshell.commands.explain.endings import ending

        if ended := ending(text):
            return ended
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
        return _state(text)
    except BadArgument:
        pass  # it may be flags
    from netshell.commands.words import record_type, word

    if found := record_type(text):  # NSEC and CAA are letters of flags, too
        return Explanation(found.kind, found.name, found.lines, found.source)
    from netshell.flow.flags import parse

    try:
        return flags(parse(text))
    except BadArgument as error:
        if found := word(text):
            return Explanation(found.kind, found.name, found.lines, found.source)
        from netshell.commands.explain.codes import code

        if meant := code(text):
            return meant
        from netshell.flow.findings.meanings import kind_of, near

        if kind := kind_of(text):
            from netshell.commands.explain.findings import kind as explained

            return explained(kind)
        shown = repr(text) if len(repr(text)) <= 60 else f"{text!r:.57}..."
        likely = near(text)
        step = f'did you mean explain("{likely}")?' if likely else f"give {KINDS}"
        hint = "no TCP state is called so: LAST_ACK is meant" if bare == "LASTWAIT" else ""
        raise BadArgument("cannot explain", where=shown, why=hint, next_step=step) from error
