"""Which messages are asked for: what ``where`` takes, as questions to one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network

from netshell.errors import BadArgument, brief
from netshell.flow.given import nearest, whole_number, yes_or_no
from netshell.protocols.api import Message

Wanted = Callable[[Message], bool]


def of_protocol(given: object, known: Iterable[str] = ()) -> Wanted:
    """Raises BadArgument for a protocol that is not read."""
    from netshell.protocols.decoders import DECODERS

    names = {*known, *(each.name for each in DECODERS), "raw"}
    wanted = given.lower() if isinstance(given, str) else ""
    if wanted not in {name.lower() for name in names}:
        raise BadArgument(f"protocol {brief(given)}", next_step=nearest(wanted, sorted(names)))
    return lambda message: message.protocol.lower() == wanted


def of_kind(given: object) -> Wanted:
    wanted = _word(given, "kind").lower()
    return lambda message: message.kind.lower() == wanted


def with_text(given: object) -> Wanted:
    wanted = _word(given, "text").lower()
    return lambda message: wanted in message.asked.lower() or wanted in message.answered.lower()


def at_host(given: object) -> Wanted:
    try:
        network = ip_network(str(given), strict=False)
    except ValueError as error:
        raise BadArgument(
            f"host {brief(given, 80)}",
            why="it is no address and no network",
            next_step='use an address or a network: "10.0.0.1", "10.0.0.0/8"',
        ) from error

    def is_there(message: Message) -> bool:
        return any(ip_address(end.address) in network for end in message.ends or ())

    return is_there


def at_port(given: object) -> Wanted:
    port = whole_number(given, "port", "use a number from 0 to 65535", most=65535)
    return lambda message: any(end.port == port for end in message.ends or ())


def of_flow(given: object) -> Wanted:
    flow = whole_number(given, "flow", "use its number, 0 or more")
    return lambda message: message.flow == flow


def with_problem(given: object) -> Wanted:
    wanted = yes_or_no(given, "problem")
    return lambda message: bool(message.problem) == wanted


def which_lack(given: object) -> Wanted:
    wanted = yes_or_no(given, "lacking")
    return lambda message: bool(message.lacking) == wanted


def as_slow_as(given: object) -> Wanted:
    least = given
    if isinstance(least, bool) or not isinstance(least, int | float) or not least >= 0:
        raise BadArgument(f"min_duration_s {brief(given)}", next_step="use seconds: 0.2")
    seconds = least

    def is_slow(message: Message) -> bool:
        took_s = message.duration_s if message.running_s is None else message.running_s
        return took_s is not None and took_s >= seconds

    return is_slow


def _word(given: object, called: str) -> str:
    if not isinstance(given, str):
        raise BadArgument(f"{called} {brief(given)}", next_step="use a text")
    return given
