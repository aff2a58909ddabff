"""Messages explained: what was said, how long it took, what its protocol's error means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netshell.catalogue import source, text
from netshell.commands.explain import codes
from netshell.commands.explain.dnsterms import rcode
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.queries import lacking, sql
from netshell.protocols.api import Message
from netshell.protocols.spoken import in_words


def message(message: Message) -> Explanation:
    """One message, with the meaning of what is wrong with it."""
    lines = [_where(message)]
    if message.answered:
        lines.append(text("message.answered", text=_without_stop(message.answered)))
    lines += _times(message)
    if message.problem and message.problem not in message.answered:
        lines.append(text("message.wrong", text=_without_stop(message.problem)))
    if message.lacking:
        lines += [text("message.lacking", text=message.lacking), *lacking(message.lacking)]
    parts = tuple(_meanings(message))
    subject = f"{message.protocol}: {message.asked}"
    where = (
        ""
        if parts or message.protocol not in SPOKEN
        else source(f"message.protocol.{message.protocol}")
    )
    return Explanation("message", subject, tuple(lines), where, parts)


SPOKEN = ("http", "dns", "tls", "redis", "mysql", "postgres")
"""The protocols whose specification is known here."""


def _where(message: Message) -> str:
    ends, packets = message.ends, message.packets
    values: dict[str, object] = {"protocol": message.protocol}
    key = "alone"
    if ends is not None:
        sent = ends if message.side != "server" else ends[::-1]
        key, values = "from", values | {"source": sent[0], "target": sent[1]}
    if not packets:
        return text(f"message.{key}", **values)
    if len(packets) == 1:
        named = text("message.packet", number=packets[0])
    else:
        named = text("message.packets", numbers=_numbers(packets))
    key = "in" if ends is None else "from_in"
    return text(f"message.{key}", packets=named, flow=message.flow, **values)


def _numbers(packets: Sequence[int]) -> str:
    """Packet numbers in words, those that follow each other as a range."""
    runs: list[tuple[int, int]] = []
    for number in packets:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    words = [f"{first}" if first == last else f"{first}-{last}" for first, last in runs]
    if len(words) > _RUNS:
        return f"{', '.join(words[: _RUNS - 1])} … {words[-1]}"
    if len(words) == 1:
        return words[0]
    return text("message.several", most=", ".join(words[:-1]), last=words[-1])


_RUNS = 6  # that are told


def _without_stop(said: str) -> str:
    """What was said, in a sentence that ends with a full stop of its own."""
    return said.removesuffix(".")


def _times(message: Message) -> Iterator[str]:
    whole = message.duration_s
    if whole is None or message.answer_ns is None:
        return
    first = (message.answer_ns - message.time_ns) / 1e9
    if whole - first > first / 100:
        yield text("message.began_whole", first=in_words(first), whole=in_words(whole))
    else:
        yield text("message.began", first=in_words(first))


def _meanings(message: Message) -> Iterator[Explanation]:
    """The protocol's own code in it, explained."""
    told = message.__dict__
    if message.protocol == "http":
        status = getattr(message, "status", None)
        if status is not None and not 200 <= status < 300:
            yield codes.http(status, getattr(message, "reason", ""))
    elif message.protocol == "dns":
        said = getattr(message, "rcode", "")
        if said and said != "NOERROR":
            yield rcode(said)
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
