"""``+trace``: from the root down, each zone's servers asked for the next one's (RFC 1034 5.3.3).

As dig walks: the root's servers come from the servers asked first, the addresses of all others
from the system's resolver, not from the glue; all servers of a zone are tried in random order.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from netshell.classic.digging.checking import GivenUp
from netshell.classic.digging.conversation import NO_ANSWER, Conversation, Exchange, Unanswered
from netshell.classic.digging.line import NS, Lookup
from netshell.errors import LookupFailed, NetshellError, NotFound
from netshell.flow.key import Endpoint
from netshell.lookup.answer import Step
from netshell.lookup.asking import name_labels
from netshell.lookup.wire import Message, Resource, name_at, name_text

MOST = 33
"""Steps after which a walk that leads nowhere ends: as many as dig takes."""

Servers = Sequence[tuple[Endpoint, str]]


def walk(conversation: Conversation, lookup: Lookup, servers: Servers, port: int) -> None:
    """Follow a name from the root, printing what each server says; the last answer is kept.

    Raises BadArgument for what is no name, NotFound and LookupFailed where the way ends: a name
    server has no address, or the referrals lead in a circle.
    """
    name = name_text(name_labels(lookup.name))
    zone: list[bytes] = []
    steps: list[Step] = []
    asked = replace(lookup, rdtype=NS, rdclass=1, serial=None)
    for number in range(MOST):  # the last of them raises at the latest
        try:
            exchange = conversation.ask(asked, name if number else ".", servers)
        except Unanswered:
            conversation.status = NO_ANSWER
            return
        except GivenUp:
            return
        message = exchange.message
        assert message is not None
        conversation.shown.message(exchange)
        # dig has this line behind what it prints of the referral itself.
        found = _referral(conversation, message, zone, answers=number == 0)
        if found and number == MOST - 1:
            raise _endless(lookup)
        if found:
            zone, names = found
            servers = _addresses(conversation, names, port)
        conversation.shown.statistics(exchange, len(message.wire))
        steps.append(_step(exchange, zone if found else []))
        if not found:
            _keep(conversation, exchange, steps)
            return
        asked = replace(lookup, recurse=False, banner="")


def _endless(lookup: Lookup) -> LookupFailed:
    return LookupFailed(
        "too many referrals", where=f"for {lookup.name}", why=f"{MOST} led no further",
        next_step="the servers named last refer to themselves",
    )  # fmt: skip


def _referral(
    conversation: Conversation, message: Message, zone: list[bytes], *, answers: bool
) -> tuple[list[bytes], list[str]] | None:
    """The next zone and its servers' names; None if the message leads no further."""
    if not answers and message.answer:
        return None
    records = message.answer if answers else message.authority
    names: list[str] = []
    child: list[bytes] = []
    said = False
    for resource in records:
        if resource.rdtype != NS:
            continue
        owner = name_labels(resource.name)
        if not answers and not _below(owner, zone):
            if not said:
                horizontal = _same(owner, zone)
                kind = "BAD (HORIZONTAL) REFERRAL" if horizontal else "BAD REFERRAL"
                conversation.say(f";; {kind}")
                said = True
            if not _same(owner, zone):
                continue
        child = owner
        names.append(_target(message, resource))
    return (child, names) if names else None


def _target(message: Message, resource: Resource) -> str:
    return name_at(message.wire, resource.start, resource.end)[0].removesuffix(".")


def _addresses(
    conversation: Conversation, names: list[str], port: int
) -> list[tuple[Endpoint, str]]:
    from netshell.lookup.system import addresses

    whole = conversation.whole
    family = 0 if whole.ipv4 and whole.ipv6 else 4 if whole.ipv4 else 6
    found: list[tuple[Endpoint, str]] = []
    failed: list[str] = []
    for name in names:
        try:
            texts = addresses(name, family)
        except NetshellError as error:
            why = "not found" if isinstance(error, NotFound) else "failure"
            conversation.say(f"couldn't get address for '{name}': {why}")
            failed.append(name)
            continue
        found += [(Endpoint(text, port), name) for text in texts]
    if not found:
        raise NotFound(
            "couldn't get address for", where=repr(failed[-1]), why="no more servers of the zone",
            next_step="the zone's NS records, or the names in them, are wrong",
        )  # fmt: skip
    random.shuffle(found)
    return found


def _step(exchange: Exchange, child: list[bytes]) -> Step:
    message = exchange.message
    assert message is not None
    from netshell.lookup.numbers import rcode_text

    says = f"ask the servers of {name_text(child)}" if child else rcode_text(message.rcode)
    zone = message.authority[0].name if message.authority else "."
    return Step(zone, exchange.server, exchange.called, exchange.took_us / 1000, says)


def _keep(conversation: Conversation, exchange: Exchange, steps: list[Step]) -> None:
    before = len(conversation.answers)
    conversation.keep(exchange)
    if len(conversation.answers) > before:
        conversation.answers[-1] = replace(conversation.answers[-1], path=tuple(steps))


def _same(one: list[bytes], other: list[bytes]) -> bool:
    return [label.lower() for label in one] == [label.lower() for label in other]


def _below(owner: list[bytes], zone: list[bytes]) -> bool:
    return len(owner) > len(zone) and _same(owner[len(owner) - len(zone) :], zone)
