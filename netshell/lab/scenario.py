"""What a scenario is: steps between two kernels, and what each of them must produce.

A scenario does one thing that TCP, DNS or a protocol above does, with the hosts' own kernels. It is
data and small functions: what is done (:attr:`Step.do`), which packets must then be on the client's
wire, which states both kernels must say, what the program must be told. Nothing here waits, draws
or captures: :class:`netshell.lab.play.Play` does the first, its caller the others.

Texts are keys of the catalogue: ``scenario.<name>.title``, ``.why`` and ``.<step>``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netshell.lab.stage import Stage
    from netshell.packet.packet import Packet

SYN, RST = 0x02, 0x04

States = tuple[str, str]
"""The client's and the server's, by RFC 9293's names; CLOSED where a kernel has no socket."""

Act = Callable[["Stage"], str | None]


BY_PACE = frozenset({"slow_server", "slow_network", "close_wait"})
"""Kinds of findings that depend on how fast steps follow one another."""

OPENING = ("> SYN", "< SYN,ACK", "> ACK")
"""The packets of a handshake."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what is done, and what must come of it before the step is over.

    ``packets`` are all that are new on the client's eth0, in their order (:func:`pattern`).
    ``states`` are those that both kernels say of the stage's connection (None: none is looked at),
    ``inferred`` those that the packets tell, where that is something else. ``told`` is what the
    program is told: the name of an error, or what it got; it is what ``do`` returns, or ``hears``
    where that comes later; "*" in it stands for anything. ``finds`` are kinds of findings that the
    capture must have by then, even if later packets take them back. ``until`` is what else is
    waited for.
    """

    name: str
    do: Act
    packets: Sequence[str] = ()
    states: States | None = None
    inferred: States | None = None
    told: str = ""
    finds: Sequence[str] = ()
    hears: Callable[[Stage], str] | None = None
    until: Callable[[Stage], bool] | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that can be played.

    ``settings`` are both hosts' sysctls below net.ipv4, where they shorten the kernel's timers.
    ``prepare`` is what stands before the first step: servers, filters. ``findings`` are the kinds
    of findings in the whole capture, each once, without those of :data:`BY_PACE` that come of
    thinking long between two steps.
    """

    name: str
    steps: tuple[Step, ...]
    findings: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Stage], object] | None = None
    filter: str = "tcp"

    @property
    def title(self) -> str:
        """Its title's key in the catalogue."""
        return f"scenario.{self.name}.title"

    @property
    def why(self) -> str:
        """The key of what one learns from it."""
        return f"scenario.{self.name}.why"

    def says(self, step: Step) -> str:
        """The key of a step's sentence."""
        return f"scenario.{self.name}.{step.name}"


def token(packet: Packet, client: str) -> str:
    """A packet in one word, as patterns name it; ``client`` is the client's address.

    >>> token(packet, "10.77.0.1")                                       # doctest: +SKIP
    '> PSH,ACK 5'
    """
    way = ">" if packet.src == client else "<"
    what = str(packet.flags) if packet.flags is not None else packet.proto.upper()
    size = len(packet.payload)
    words = [way, what, *([str(size)] if size else ())]
    if packet.flags is not None and packet.window_raw == 0 and not packet.flags & (SYN | RST):
        words.append("win0")
    return " ".join(words)


def pattern(packets: Iterable[str]) -> re.Pattern[str]:
    """What matches the tokens of some packets, each with ";" behind it.

    ``> SYN`` is by the client, ``<`` by the server, ``x`` by either. ``PSH,ACK 5`` carries five
    bytes, ``PSH,ACK n`` any number, nothing without. ``> SYN +`` comes once or more often,
    ``?`` perhaps, ``*`` any number of times. ``...`` is any number of any packets. Behind what
    closes the window stands ``win0``.

    Patterns allow for what a kernel's timers add while somebody thinks about a step: where one of
    them is set, its packets come "once or more often".

    >>> bool(pattern(["> SYN +", "< RST,ACK"]).fullmatch("> SYN;> SYN;< RST,ACK;"))
    True
    """
    return re.compile("".join(map(_one, packets)))


def _one(text: str) -> str:
    if text == "...":
        return "(?:[^;]*;)*?"
    words = text.split()
    times = words.pop() if words[-1] in "+?*" else ""
    way = "[<>]" if words[0] == "x" else words[0]
    rest = [r"\d+" if word == "n" else re.escape(word) for word in words[1:]]
    return f"(?:{' '.join([way, *rest])};){times}"
