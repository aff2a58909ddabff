"""Messages explained: what was said, how long it took, what its protocol's error means."""

from __future__ import annotations

from collections.abc import Iterator

from netshell.commands.explain import codes
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.queries import lacking, sql
from netshell.commands.words import word
from netshell.protocols.api import Message
from netshell.protocols.spoken import in_words


def message(message: Message) -> Explanation:
    """One message, with the meaning of what is wrong with it."""
    lines = [_where(message)]
    if message.answered:
        lines.append(f"It was answered: {message.answered}.")
    lines += _times(message)
    if message.problem and message.problem not in message.answered:
        lines.append(f"What is wrong: {message.problem}.")
    if message.lacking:
        lines += [f"What is not there of it: {message.lacking}.", *lacking(message.lacking)]
    parts = tuple(_meanings(message))
    subject = f"{message.protocol}: {message.asked}"
    source = "" if parts else _SOURCES.get(message.protocol, "")
    return Explanation("message", subject, tuple(lines), source, parts)


_SOURCES = {
    "http": "RFC 9110, RFC 9112",
    "dns": "RFC 1035",
    "tls": "RFC 8446, RFC 5246",
    "redis": "Redis serialization protocol specification",
    "mysql": "MySQL Client/Server Protocol",
    "postgres": "PostgreSQL documentation, Frontend/Backend Protocol",
}


def _where(message: Message) -> str:
    ends = message.ends
    between = "" if ends is None else f" from {ends[0]} to {ends[1]}"
    if ends is not None and message.side == "server":
        between = f" from {ends[1]} to {ends[0]}"
    packets = message.packets
    if not packets:
        return f"A message of {message.protocol}{between}."
    named = f"packet {packets[0]}" if len(packets) == 1 else f"packets {packets[0]}-{packets[-1]}"
    return f"A message of {message.protocol}{between}, in {named} of flow {message.flow}."


def _times(message: Message) -> Iterator[str]:
    whole = message.duration_s
    if whole is None or message.answer_ns is None:
        return
    first = (message.answer_ns - message.time_ns) / 1e9
    told = f"The answer began after {in_words(first)}"
    if whole - first > first / 100:
        told += f" and was whole after {in_words(whole)}"
    yield f"{told}, by the clock of where it was captured."


def _meanings(message: Message) -> Iterator[Explanation]:
    """The protocol's own code in it, explained."""
    told = message.__dict__
    if message.protocol == "http":
        status = getattr(message, "status", None)
        if status is not None and not 200 <= status < 300:
            yield codes.http(status, getattr(message, "reason", ""))
    elif message.protocol == "dns":
        rcode = getattr(message, "rcode", "")
        if rcode and rcode != "NOERROR" and (meant := word(rcode)):
            yield Explanation(meant.kind, meant.name, meant.lines, meant.source)
    elif message.protocol == "tls":
        named = [getattr(message, "description", ""), *getattr(message, "alerts", ())]
        for alert in named:
            name = alert.rpartition(":")[2]
            if name and (found := codes.tls(name)):
                yield found
    elif message.protocol == "redis":
        if found := codes.redis(message.problem):
            yield found
    else:
        yield from sql(str(told.get("code", "")), message.protocol)
