"""What the arguments of results' methods take: flows chosen, ordered, drawn and followed.

The words are those that the methods' errors name, from the same places. These are loaded at the
first Tab inside such a call, when the result that has the method is loaded already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from netshell.shell.values import FILE, FILTER, HOST, PAYLOAD, STATE, Names, Source, fixed


def source(qualname: str, option: str) -> Source | None:
    """Values for one option of a method ("Flows.where", or "where" if its class is not known).

    ``option`` is "" for the first argument of a method whose signature is not known.
    """
    return _BY_METHOD.get((qualname, option)) or _BY_METHOD.get(
        (qualname.rpartition(".")[2], option)
    )


def _of(about: str, module: str, name: str) -> Source:
    """The words that ``module`` has under ``name``, looked up when they are asked for."""

    def words(names: Names) -> Iterable[str]:
        return [str(word) for word in getattr(import_module(f"netshell.{module}"), name)]

    return Source(about, words)


def _kinds(names: Names) -> dict[str, str]:
    from netshell.flow.findings import FINDINGS

    return {rule.kind: rule.severity for rule in FINDINGS}


def _protocols(names: Names) -> list[str]:
    from netshell.packet.ip import PROTOCOLS

    return ["tcp", "udp", *(each.lower() for each in PROTOCOLS.values() if each[0] not in "TU")]


def _spoken(names: Names) -> list[str]:
    from netshell.protocols.decoders import DECODERS

    return [*dict.fromkeys(each.name for each in DECODERS), "raw"]


def _said(names: Names) -> Iterable[Any]:
    """Messages of the captures at hand: all of small ones, of others those that were read."""
    from netshell.capture.capture import Capture
    from netshell.protocols.messages import Messages

    for each in list(names.values()):
        if isinstance(each, Capture):
            yield from each.messages if len(each) <= _FEW_PACKETS else each.spoken.known[:_FEW]
        elif isinstance(each, Messages):
            yield from each[:_FEW]


_FEW_PACKETS = 5000  # are read within the time that a key may take
_FEW = 20_000  # messages are looked at


def _message_kinds(names: Names) -> list[str]:
    return _words(message.kind for message in _said(names))


def _databases(names: Names) -> list[str]:
    from netshell.protocols.statement import Statement

    return _words(each.database for each in _said(names) if isinstance(each, Statement))


def _users(names: Names) -> list[str]:
    from netshell.protocols.statement import Statement

    return _words(each.user for each in _said(names) if isinstance(each, Statement))


def _words(texts: Iterable[str]) -> list[str]:
    """Each once; what came from the wire and is no word that can be typed is left out."""
    found = dict.fromkeys(texts)
    return [each for each in found if each and each.isprintable() and not {*each} & {*"\"'\\"}]


_SPOKEN = Source("protocol", _spoken)
_KIND = Source("finding", _kinds)
_ORDER = _of("order", "flow.choice", "ORDERS")
_SQL = Source("protocol", fixed("postgres", "mysql"))
_SIDE = Source("side", fixed("client", "server"))
_TALKER = _of("field", "flow.talkers", "BY")

_BY_METHOD: dict[tuple[str, str], Source] = {
    ("filter", ""): FILTER,
    ("filter", "which"): FILTER,
    ("save", ""): FILE,
    ("save", "path"): FILE,
    ("to_parquet", ""): FILE,
    ("to_parquet", "path"): FILE,
    ("show", ""): PAYLOAD,
    ("show", "payload"): PAYLOAD,
    ("line", ""): PAYLOAD,
    ("line", "payload"): PAYLOAD,
    ("stream", ""): _SIDE,
    ("stream", "side"): _SIDE,
    ("follow", ""): _SIDE,
    ("follow", "side"): _SIDE,
    ("plot", ""): _of("picture", "flow.curves", "PICTURES"),
    ("plot", "kind"): _of("picture", "flow.curves", "PICTURES"),
    ("plot", "side"): _SIDE,
    ("Capture.top", "by"): _TALKER,
    ("Scan.top", "by"): _TALKER,
    ("Flows.top", "by"): _ORDER,
    ("Flows.sort", "by"): _ORDER,
    ("Flows.watch", "by"): _ORDER,
    ("Flows.slowest", "by"): _of("order", "flow.choice", "SLOW"),
    ("Flows.where", "host"): HOST,
    ("Flows.where", "client"): HOST,
    ("Flows.where", "server"): HOST,
    ("Flows.where", "proto"): Source("protocol", _protocols),
    ("Flows.where", "known_by"): _of("known by", "flow.flow", "KNOWN_BY"),
    ("Flows.where", "finding"): _KIND,
    ("Flows.where", "ended"): _of("ending", "flow.choice", "ENDINGS"),
    ("Flows.where", "state"): STATE,
    ("Capture.queries", "client"): HOST,
    ("Capture.queries", "server"): HOST,
    ("Capture.queries", "protocol"): _SQL,
    ("Queries.where", "client"): HOST,
    ("Queries.where", "server"): HOST,
    ("Queries.where", "protocol"): _SQL,
    ("Queries.where", "database"): Source("database", _databases),
    ("Queries.where", "user"): Source("user", _users),
    ("Capture.queries", "database"): Source("database", _databases),
    ("Capture.queries", "user"): Source("user", _users),
    ("Queries.top", "by"): _of("order", "protocols.queries", "ORDERS"),
    ("QueryGroups.top", "by"): _of("order", "protocols.queries_grouped", "ORDERS"),
    ("Messages.where", "protocol"): _SPOKEN,
    ("Messages.where", "kind"): Source("kind", _message_kinds),
    ("Messages.where", "host"): HOST,
    ("Messages.top", "by"): _of("order", "protocols.messages", "ORDERS"),
    ("Findings.where", "kind"): _KIND,
    ("Lab.run", ""): _of("scenario", "lab.scenarios", "SCENARIOS"),
    ("Lab.run", "scenario"): _of("scenario", "lab.scenarios", "SCENARIOS"),
    ("Findings.where", "severity"): _of("severity", "flow.findings.rule", "SEVERITIES"),
}


Parameters = dict[str, str]


def parameters(function: Callable[..., object]) -> tuple[Parameters, list[str], list[str]]:
    """A method's options with their defaults, those that need no name, and those needed."""
    from inspect import Parameter, signature

    found = list(signature(function).parameters.values())[1:]  # not self
    more = [each.name for each in found if each.kind is Parameter.VAR_KEYWORD]
    found = [each for each in found if each.kind is not Parameter.VAR_KEYWORD]
    about = {
        each.name: "needed" if each.default is Parameter.empty else f"default {each.default!r}"
        for each in found
    }
    in_order = [each.name for each in found if each.kind is not Parameter.KEYWORD_ONLY]
    for name in more:
        about |= dict.fromkeys(_unpacked(function, name), "optional")
    return about, in_order, [name for name in in_order if about[name] == "needed"]


def _unpacked(function: Callable[..., object], name: str) -> Iterable[str]:
    """The names that ``**name: Unpack[X]`` takes; none where X is not known."""
    from typing import get_args, is_typeddict

    from netshell.shell.members import hints

    for kind in get_args(hints(function).get(name)):
        if is_typeddict(kind):
            return list(kind.__annotations__)
    return ()
