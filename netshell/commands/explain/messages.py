"""Messages explained: what was said, how long it took, what its protocol's error means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from netshell.commands.explain import codes
from netshell.commands.explain.explanation import Explanation
from netshell.commands.words import word
from netshell.protocols.api import Message
from netshell.protocols.query import Query
from netshell.protocols.spoken import in_words

_MYSQL_CODE = re.compile(r"(\d{4,5})(?: \((\w{5})\))?")


def message(message: Message) -> Explanation:
    """One message, with the meaning of what is wrong with it."""
    lines = [_where(message)]
    if message.answered:
        lines.append(f"It was answered: {message.answered}.")
    lines += _times(message)
    if message.problem and message.problem not in message.answered:
        lines.append(f"What is wrong: {message.problem}.")
    if message.lacking:
        lines += [f"What is not there of it: {message.lacking}.", *_lacking(message.lacking)]
    parts = tuple(_meanings(message))
    subject = f"{message.protocol}: {message.asked}"
    source = "" if parts else _SOURCES.get(message.protocol, "")
    return Explanation("message", subject, tuple(lines), source, parts)


def query(query: Query) -> Explanation:
    """One executed statement of cap.queries()."""
    who = f"{query.user or 'somebody'} on {query.database or 'an unknown database'}"
    lines = [f"Sent by {query.client} to {query.server} in flow {query.flow}, as {who}."]
    if query.duration_s is not None:
        network = query.network_ms
        part = "" if network is None else f", of which the network took {network:.3f} ms"
        lines.append(f"It took {in_words(query.duration_s)}{part}.")
    if query.error:
        lines.append(f"The server refused it: {query.error}.")
    if query.lacking:
        lines += [f"What is not there of it: {query.lacking}.", *_lacking(query.lacking)]
    found = sql(query.code, query.protocol)
    return Explanation("message", query.statement or query.kind, tuple(lines), "", found)


def sql(code: str, protocol: str) -> tuple[Explanation, ...]:
    """What an SQL server's error code means: SQLSTATE, or MySQL's number with one."""
    if not code:
        return ()
    if protocol != "mysql":
        return (codes.sqlstate(code),)
    found = _MYSQL_CODE.fullmatch(code)
    return () if found is None else (codes.mysql(found[1], found[2] or ""),)


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


def _lacking(text: str) -> Iterator[str]:
    if "no answer" in text:
        yield (
            "To do: look how the flow ended (explain(cap.flows[n])): the server may be at it "
            "still, be stuck or gone, or the capture ended too soon."
        )
    elif "no query" in text or "no request" in text:
        yield "The capture began between the two, or took one direction only."
    elif "byte" in text:
        yield (
            "These packets were not captured, or cut: cap.stats.dropped counts the kernel's "
            "losses, snaplen= what is cut."
        )


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
