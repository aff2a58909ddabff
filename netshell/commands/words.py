"""The words that netshell's results show, beside states and flags, and where each is explained.

The texts stand with what they are about: ``lookup.status`` for DNS, ``host.interfaces`` and
``host.routes`` for the machine. Here is only found which of them a word is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what it belongs to, what it means (sentences), and where that is written."""

    kind: str
    name: str
    lines: tuple[str, ...]
    source: str


def word(text: str) -> Word | None:
    """What a word means that is neither a TCP state nor TCP flags; None if it is not known."""
    bare = text.strip()
    for find in (_ttl, _status, _record_type, _dns_flag, _interface_flag, _route, _timer):
        found = find(bare)
        if found is not None:
            return found
    return None


def record_type(text: str) -> Word | None:
    """The DNS record type of that name; None for none, and for "A", which is also the ACK flag."""
    return _record_type(text.strip())


def _ttl(text: str) -> Word | None:
    if text.lower() not in ("ttl", "hop limit", "hoplimit", "hops"):
        return None
    lines = (
        "In an IP packet: how many routers may still pass it on. Each takes one off, and the one "
        "that reaches 0 discards it. explain(54) says where a value started.",
        "In a DNS record: for how many seconds a cache may keep it.",
    )
    return Word("word", "TTL", lines, "RFC 791 3.2, RFC 8200 3 (hop limit), RFC 1035 3.2.1")


def _status(text: str) -> Word | None:
    from netshell.lookup.status import NEXT_STEP, STATUS, WORDS

    name = text.upper().replace(" ", "")
    said = WORDS.get(name) or STATUS.get(name)
    if said is None:
        return None
    step = NEXT_STEP.get(name)
    lines = (sentence(said), sentence(f"to do: {step}")) if step else (sentence(said),)
    return Word("dns", name, lines, "RFC 1035 4.1.1, RFC 2308, RFC 6895")


def _record_type(text: str) -> Word | None:
    from netshell.lookup.rdtypes import RDTYPES

    name = text.upper()
    if len(name) < 2 or name not in RDTYPES:
        return None
    lines = (sentence(f"a DNS record: {RDTYPES[name]}"), f'To ask: dig("example.org", "{name}")')
    return Word("dns", name, lines, "RFC 1035 3.2.2")


def _dns_flag(text: str) -> Word | None:
    from netshell.lookup.status import ALWAYS, FLAG

    said = FLAG.get(text) or ALWAYS.get(text)
    if said is None:
        return None
    return Word("dns", text, (sentence(f"a flag of a DNS answer: {said}"),), "RFC 1035, RFC 4035")


def _interface_flag(text: str) -> Word | None:
    from netshell.host.interfaces import FLAGS

    name = text.upper().replace("-", "_")
    if name not in FLAGS:
        return None
    line = sentence(f"a flag of an interface: {FLAGS[name]}")
    return Word("interface", name, (line,), "netdevice(7), ip-link(8)")


def _route(text: str) -> Word | None:
    from netshell.host.routes import KINDS, REFUSALS

    name = text.lower()
    said = KINDS.get(name) or (REFUSALS.get(name) if name != "none" else None)
    if said is None:
        return None
    return Word("route", name, (sentence(f"a kind of route: {said}"),), "ip-route(8)")


def _timer(text: str) -> Word | None:
    from netshell.host.sockets import TIMERS

    name = text.lower().replace("-", "")
    if name not in TIMERS:
        return None
    return Word("timer", name, (sentence(f"a timer of a socket: {TIMERS[name]}"),), "netstat(8)")


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
