"""``explain``: what a flag, a state, a TTL, a word or a record of netshell's results means.

Here is decided what is meant. The kinds of words are :data:`families.FAMILIES`; each kind of
record has a file that says how an explanation of it is put together. All texts stand in
:mod:`netshell.catalogue`, in each language. To explain another kind of result: write its file, and
add its class to ``RESULTS``.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from netshell.catalogue import text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.segments import flags, state
from netshell.errors import BadArgument
from netshell.flow.called import checked_call
from netshell.flow.state import State
from netshell.results import Records, Result

if TYPE_CHECKING:
    from netshell.commands.explain.families import Family, Shown

KINDS = (
    'TCP flags ("SYN,ACK", "S.", "0x12"), a TCP state ("CLOSE_WAIT"), a TTL (54), a DNS status, '
    "a row of conns(), a packet ...; explain() lists all"
)

CONTENTS = (
    "states", "flags", "numbers", "sockets", "packets", "dns", "icmp", "interfaces", "columns",
    "flows", "findings", "messages", "codes",
)  # fmt: skip
"""What ``explain()`` says by itself, line by line."""

LIKELY = 3
"""So many of the nearest words are named for an unknown one."""

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
    >>> explain(443), explain(404)   # a port, an HTTP status
    >>> explain("NXDOMAIN")      # a word that netshell shows
    >>> explain("Recv-Q")        # a column of netstat; "RX dropped" of ifconfig
    >>> explain(conns()[0])      # a socket: its state, its own numbers
    >>> explain(cap[0])          # a packet: its flags, its TTL, what it does
    >>> explain(cap.flows[0])    # a conversation, as a colleague would tell it
    >>> explain(cap.findings[0]) # what is wrong, and what to do about it
    >>> explain(cap.messages[0]) # a request and its answer; also "HTTP 502"
    >>> explain()                # all that can be explained

    Also an answer of ``dig``, a route of ``iface_for``, an interface of
    ``ifaces``, a capture. A number up to 255 is a TTL first, a larger one an
    HTTP status or a port; a kind before a word or number says which is
    meant: "port 80". 0x12 in Python is the number 18: write flags as text,
    "0x12". Speaks the profile's language, or that of LANG: English, Korean.
    Raises BadArgument, naming the nearest words and what can be explained,
    for anything else.
    """
    if x is ...:
        lines = [text(f"contents.{each}", **_STATES.get(each, {})) for each in CONTENTS]
        return Explanation("contents", text("contents.subject"), tuple(lines))
    if isinstance(x, State):
        return state(x)
    if isinstance(x, str):
        return _text(x)
    from netshell.packet.flags import Flags

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
    return _number(found)


_STATES = {"states": {"states": ", ".join(State)}}


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


def _cannot(x: object) -> BadArgument:
    name = type(x).__name__
    article = "an" if name[:1].lower() in "aeio" else "a"
    if isinstance(x, Records) and len(x):
        step = f"give one of its {x.called}: explain(...[0])"
        return BadArgument(f"cannot explain {len(x)} {x.called} at once", next_step=step)
    return BadArgument(f"cannot explain {article} {name}", next_step=f"give {KINDS}")


def _number(number: int) -> Explanation:
    if not 0 <= number <= 0xFFFF:
        raise BadArgument(
            "cannot explain",
            where=str(number) if abs(number) < 10**9 else "a number this large",
            why="a TTL is from 0 to 255, a port up to 65535",
            next_step='write flags as text, such as "0x12"',
        )
    return _meant(str(number)) or _text(str(number))


def _text(said: str) -> Explanation:
    word = " ".join(said.split())
    if _bare(word) == "NONE":
        raise BadArgument(
            "cannot explain",
            where=repr(said),
            why="it could be several things",
            next_step='explain("0x0") is a segment without flags, explain("CLOSED") the state, '
            f"or give {KINDS}",
        )
    found = _precise(word) or _meant(word)
    if found is None:
        raise _unknown(said, word)
    return found


def _precise(word: str) -> Explanation | None:
    """What a word with its kind before it means: "port 443", "type AAAA"."""
    from netshell.commands.explain.families import FAMILIES

    for family in FAMILIES:
        for prefix in (family.name, *family.prefixes):
            if not word.lower().startswith(prefix):
                continue
            rest = word[len(prefix) :]
            if not re.match(r"[\s:=/]|[0-9]", rest):
                continue
            if found := family.find(rest.strip(" :=/")):
                return found[0]()
    return None


def _meant(word: str) -> Explanation | None:
    """What a word by itself means, and what else it can mean."""
    found = _meanings(word)
    if not found:
        return None
    _, (shown, _) = found[0]
    explained = shown()
    if len(found) == 1:
        return explained
    others = []
    for family, (_, asked) in found[1:]:
        label = text(f"ask.family.{family.name.replace(' ', '_')}")
        others.append(text("ask.meaning", label=label, asked=f"{family.name} {asked}"))
    also = text("ask.also", meanings="; ".join(others))
    return replace(explained, lines=(*explained.lines, also))


def _meanings(word: str) -> list[tuple[Family, tuple[Shown, str]]]:
    """The families that know a word, the one that is likely meant first."""
    from netshell.commands.explain.columns import PROGRAMS, TABLES
    from netshell.commands.explain.families import FAMILIES
    from netshell.commands.explain.ports import PORTS

    found = [(family, hit) for family in FAMILIES if (hit := family.bare(word))]
    names = [family.name for family, _ in found]
    if "type" in names and len(word) > 1:  # NSEC and CAA are letters of flags, too
        found = [each for each in found if each[0].name != "flags"]
    if len(found) > 1 and word.isdecimal() and int(word) not in PORTS:
        found = [each for each in found if each[0].name != "port"]
    if len(found) > 1 and any(name in TABLES for name in names):
        found = [each for each in found if each[0].name != "column"]

    def rank(each: tuple[Family, tuple[Shown, str]]) -> int:
        name = each[0].name
        if len(word) == 1:
            return name != "flags"
        columns = PROGRAMS.get(name) or TABLES.get(name)
        return 0 if columns is None else 1 + (word not in columns)

    return sorted(found, key=rank)


def _unknown(said: str, word: str) -> BadArgument:
    from difflib import get_close_matches

    from netshell.commands.explain.families import FAMILIES

    if _bare(word) == "LASTWAIT":
        why, likely = "no TCP state is called so: LAST_ACK is meant", ["LAST_ACK"]
    else:
        known: dict[str, str] = {}
        for family in FAMILIES:
            for each in family.words():
                known.setdefault(each.lower().replace("_", " "), each)
        near = get_close_matches(word.lower().replace("_", " ")[:60], known, LIKELY, 0.75)
        why, likely = "", [known[each] for each in near]
    asked = " or ".join(f'explain("{each}")' for each in likely)
    return BadArgument(
        "cannot explain",
        where=repr(said) if len(repr(said)) <= 60 else f"{said!r:.57}...",
        why=why,
        next_step=f"did you mean {asked}?" if asked else f"give {KINDS}",
    )


def _bare(word: str) -> str:
    return "".join(char for char in word.upper() if char.isalnum())
