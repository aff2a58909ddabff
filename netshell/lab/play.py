"""Playing a scenario: step by step, each over when everything it must produce is there.

Nothing is waited for by time. A step ends when the packets, both kernels' states, the states that
the packets tell and what the program was told are those that the scenario declares; if they are not
within :data:`PATIENCE_S`, it did not happen, and the error says what was there instead.

The lab neither captures nor asks for sockets itself: its caller gives it :class:`Eyes`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from netshell.errors import NetshellError
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.lab import offload
from netshell.lab.scenario import Scenario, States, Step, pattern, token
from netshell.lab.stage import Stage, Watched
from netshell.lab.wire import Host, Wire

PATIENCE_S = 60.0
_LOOK_S = 0.005  # between two looks at the kernels

Row = tuple[str, Endpoint, Endpoint]
"""One socket as a kernel tells it: its state, its own end, the other one."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """How a play sees: ``sniff`` starts a capture of a host's eth0 with a filter, ``sockets`` asks
    a host's kernel for its TCP sockets."""

    sniff: Callable[[Host, str], Watched]
    sockets: Callable[[Host], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Played:
    """A step that happened: what was new and what is so now."""

    number: int
    """From 0."""
    step: Step
    says: str
    """The key of its sentence."""
    told: str
    """What the program was told, "" for nothing."""
    packets: Sequence[Any]
    """Those that are new, of the client's eth0."""
    states: States | None
    """What both kernels say of the connection, or None where none is looked at."""
    flow: Any
    """The connection as captured up to now, or None."""


class Play:
    """One scenario on a wire of its own; a context manager that ends it.

    >>> with Play(scenario, eyes) as play:                               # doctest: +SKIP
    ...     while not play.over:
    ...         play.step()

    The hosts and all that runs in them end with :meth:`close`, and with this process, however that
    ends.

    Raises Unavailable where this kernel lacks something, NetshellError when a step did not happen.
    """

    def __init__(self, scenario: Scenario, eyes: Eyes, patience_s: float = PATIENCE_S) -> None:
        self.scenario, self._eyes, self._patience_s = scenario, eyes, patience_s
        self.played: list[Played] = []
        self._seen = 0
        self.wire = Wire.open()
        try:
            self._set_up()
        except BaseException:
            self.wire.close()
            raise

    def _set_up(self) -> None:
        for host in self.wire.hosts:
            host.call(offload.turn_off, host.iface)
        self.capture = self._eyes.sniff(self.wire.client, self.scenario.filter)
        self.stage = Stage(self.wire, self.capture)
        try:
            for side in (self.stage.client, self.stage.server):
                side.configure(self.scenario.settings)
            if self.scenario.prepare is not None:
                self.scenario.prepare(self.stage)
        except BaseException:
            self.capture.stop()
            raise

    @property
    def hosts(self) -> dict[str, Host]:
        """The client and the server by name."""
        return {host.name: host for host in self.wire.hosts}

    @property
    def over(self) -> bool:
        """Whether every step has been played."""
        return len(self.played) == len(self.scenario.steps)

    def step(self) -> Played:
        """Play the next step; what came of it.

        Raises NetshellError when it did not happen, or all steps have been played.
        """
        number = len(self.played)
        if self.over:
            raise NetshellError(
                f"{self.scenario.name} is over",
                why=f"all its {number} steps have been played",
                next_step="play it again, or another one",
            )
        step = self.scenario.steps[number]
        told = step.do(self.stage) or ""
        told, states, count = self._await(step, told)
        held = self.capture[:count]  # what comes later is another step's
        new = [held[index] for index in range(self._seen, count)]
        self._seen, flow = count, self.flow(held)
        says = self.scenario.says(step)
        self.played.append(Played(number, step, says, told, new, states, flow))
        return self.played[-1]

    def rest(self) -> Iterator[Played]:
        """Play what is left, a step each time it is asked for one."""
        while not self.over:
            yield self.step()

    def _await(self, step: Step, told: str) -> tuple[str, States | None, int]:
        """Wait for what the step must produce: what was told, states, how many packets."""
        deadline = time.monotonic() + self._patience_s
        packets = pattern(step.packets)
        while True:
            wrong = []
            count = len(self.capture)
            new = "".join(f"{word};" for word in self.tokens(self._seen, count))
            if not packets.fullmatch(new):
                wrong.append(f"packets {new or 'none'} instead of {'; '.join(step.packets)}")
            states = None if step.states is None else self._kernels(step.states)
            if states != step.states:
                wrong.append(f"states {states} instead of {step.states}")
            seen = _inferred(self.flow(self.capture))
            expected = step.inferred or step.states
            if expected is not None and seen is not None and seen != expected:
                wrong.append(f"the packets tell {seen} instead of {expected}")
            if step.hears is not None:
                told = step.hears(self.stage)
            if not fnmatchcase(told, step.told):
                wrong.append(f"the program was told {told!r} instead of {step.told!r}")
            if not wrong and step.finds:
                kinds = {finding.kind for finding in self.capture.findings}
                wrong += [f"no finding {kind}" for kind in step.finds if kind not in kinds]
            if step.until is not None and not wrong and not step.until(self.stage):
                wrong.append("what it waits for did not come")
            if not wrong and len(self.capture) == count:
                return told, states, count
            if wrong and time.monotonic() > deadline:
                raise NetshellError(
                    "the step did not happen",
                    where=f"{step.name} of {self.scenario.name}",
                    why="; ".join(wrong),
                    next_step="play it again: a machine without a moment to spare may be too slow",
                )
            if not packets.fullmatch(new):
                self.capture.wait(count=count + 1, seconds=0.05)
            else:
                time.sleep(_LOOK_S)

    def tokens(self, start: int = 0, end: int | None = None) -> list[str]:
        """The packets of the client's eth0 as scenarios write them down."""
        client = self.wire.client.ipv4
        places = range(start, len(self.capture) if end is None else end)
        return [token(self.capture[place], client) for place in places]

    def _kernels(self, expected: States) -> States:
        """What both kernels say of the connection."""
        if self.stage.connection is None:
            ends = Endpoint("", 0), Endpoint("", 0)
        else:
            ends = self.stage.connection
        client, server = self.stage.client, self.stage.server
        if ends[0].address == server.host.ipv4:
            ends = ends[::-1]
        return (
            self._kernel(client.host, ends[0], ends[1], expected[0]),
            self._kernel(server.host, ends[1], ends[0], expected[1]),
        )

    def _kernel(self, host: Host, local: Endpoint, remote: Endpoint, expected: str) -> str:
        """One kernel's state of the connection.

        Without a socket of its own a connection is CLOSED, or LISTEN where one waits for it.
        """
        rows = self._eyes.sockets(host)
        own = [state for state, mine, peers in rows if (mine, peers) == (local, remote)]
        if own:
            return own[0]
        waits = any(state == State.LISTEN for state, _, _ in rows)
        return expected if waits and expected == State.LISTEN else str(State.CLOSED)

    def flow(self, captured: Watched) -> Any:
        """The connection that is looked at, as captured; None before its first packet."""
        flows = list(captured.flows)
        if self.stage.connection is None:
            return flows[-1] if flows else None
        ends = set(self.stage.connection)
        found = [flow for flow in flows if {flow.client, flow.server} == ends]
        return found[-1] if found else None

    def close(self) -> None:
        """End the capture, the programs and both hosts. May be repeated."""
        self.capture.stop()
        self.wire.close()

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _inferred(flow: Any) -> States | None:
    """What the packets tell of both ends; None without a TCP connection."""
    if flow is None or flow.client_flags is None:
        return None
    states = flow.states
    return str(states.client), str(states.server)
