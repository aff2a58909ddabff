"""A scenario of the lab as users hold it: what each step shows, and both hosts within reach."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from netshell.capture.capture import Capture
from netshell.catalogue import text
from netshell.commands import staged
from netshell.commands.conns import _STYLES as STYLES
from netshell.commands.conns import Sockets, conns
from netshell.commands.lab import opening
from netshell.errors import BadArgument
from netshell.host.sockets import NOWHERE, Socket
from netshell.lab.play import Play as Playing
from netshell.lab.play import Played
from netshell.lab.scenarios import load
from netshell.lab.wire import Host
from netshell.results import Result
from netshell.view import Block, Cell, Column, Lines, Note, Span, Table


class LabHost:
    """One host of a scenario: its verbs, its shell, and what else can be done there."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.name, self.ipv4, self.ipv6, self.iface = host.name, host.ipv4, host.ipv6, host.iface
        self.captures: list[Capture] = []

    def __repr__(self) -> str:
        return f"<{self.name} {self.ipv4}: .conns(), .sniff(), .shell(), .run([program])>"

    def conns(self, *args: Any, **options: Any) -> Sockets:
        """The sockets of this host: ``conns()`` run there, with the same arguments."""
        return self.host.call(conns, *args, **options)

    def sniff(self, filter: str = "", **options: Any) -> Capture:
        """Capture this host's eth0 in the background: ``sniff()`` with the same options."""
        self.captures.append(staged.sniff_in(self.host, filter, **options))
        return self.captures[-1]

    def run(self, argv: Sequence[str | Path], **options: Any) -> Any:
        """Run a program here to its end: ``lab.hosts["server"].run(["ss", "-tan"]).stdout``."""
        return self.host.run(argv, **options)

    def call(self, function: Any, *args: Any, **options: Any) -> Any:
        """What a function of a module returns, run in this host."""
        return self.host.call(function, *args, **options)

    def shell(self, program: str | None = None) -> int:
        """An interactive shell in this host, until it ends; its exit status.

        ``program`` is $SHELL if not given; "netshell" opens another one of these in there.

        Raises BadArgument without a terminal, NotFound without that program.
        """
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise BadArgument(
                "cannot open a shell",
                where=f"on {self.name}",
                why="there is no terminal",
                next_step='run a program there: .run(["ss", "-tan"]).stdout',
            )
        shell = program or os.environ.get("SHELL") or "/bin/sh"
        argv = [shell]
        if Path(shell).name == "bash":
            argv += ["--norc", "-i"]  # the prompt is to say where one is
        elif shell == "netshell":
            argv = [sys.executable, "-m", "netshell"]
        environment = {**os.environ, "PS1": f"[{self.name}] $ "}
        process = self.host.popen(
            argv, stdin=None, stdout=None, stderr=None, start_new_session=False, env=environment
        )
        status: int = process.wait()
        return status


@dataclass(frozen=True, slots=True, repr=False)
class Scene(Result):
    """What a step shows: its sentence, the new packets, the ladder so far, both hosts' sockets."""

    scenario: str
    number: int
    """From 1."""
    steps: int
    played: Played
    sentence: str
    client: Sequence[Socket]
    server: Sequence[Socket]
    drawn: bool = True
    """Whether the ladder and the sockets are shown."""

    @property
    def packets(self) -> Sequence[Any]:
        """The packets that are new, of the client's eth0."""
        return self.played.packets

    @property
    def flow(self) -> Any:
        """The connection so far; None before its first packet."""
        return self.played.flow

    @property
    def ladder(self) -> Any:
        """The ladder so far; None before the first packet."""
        return None if self.flow is None else self.flow.ladder()

    @property
    def states(self) -> tuple[str, str] | None:
        """What both kernels say of the connection."""
        return self.played.states

    def records(self) -> Any:
        return {
            "scenario": self.scenario,
            "step": self.played.step.name,
            "sentence": self.sentence,
            "told": self.played.told,
            "states": self.states,
            "packets": [packet.line() for packet in self.packets],
        }

    def view(self) -> Sequence[Block]:
        head = text("scenario.step", number=self.number, steps=self.steps)
        shown: list[Block] = [Lines([Span(head, "head")]), Note(self.sentence, "")]
        if self.played.told:
            told = text("scenario.told", told=self.played.told)
            shown.append(Note(told, "warn" if self.played.told.startswith("E") else "key"))
        if not self.drawn:
            return shown
        if not self.packets:
            shown.append(Note(text("scenario.silent")))
        if self.flow is not None:
            shown += [*self.ladder.view()]
        elif self.packets:
            shown.append(Lines([packet.line() for packet in self.packets]))
        shown.append(both(self.client, self.server))
        return shown


def both(client: Sequence[Socket], server: Sequence[Socket]) -> Table:
    """The sockets of both hosts side by side."""
    columns = tuple(Column(f"{name}: conns()") for name in ("client", "server"))
    rows = zip_longest(map(_cell, client), map(_cell, server), fillvalue="")
    return Table(columns, list(rows), empty=text("scenario.no_sockets"))


def _cell(socket: Socket) -> Cell:
    """A socket in a few words: its state, its ports, what waits in it and for what."""
    words = [f"{socket.state:<11}", f":{socket.local.port}"]
    if socket.remote != NOWHERE:
        words.append(f"> :{socket.remote.port}")
    if socket.listening:
        words.append(f"waiting {socket.recv_q} of {socket.send_q}" if socket.recv_q else "")
    else:
        words += [f"{name} {size}" for name, size in _queues(socket) if size]
    words.append(str(socket.timer or ""))
    return Span(" ".join(filter(None, words)), STYLES.get(socket.state, ""))


def _queues(socket: Socket) -> tuple[tuple[str, int | None], ...]:
    return ("recv-q", socket.recv_q), ("send-q", socket.send_q)


class Play(Result):
    """A scenario that is played: ``step()`` plays the next step and shows what came of it.

    A context manager; what it opened ends with ``stop()``, or with this process.

    Raises NotFound for no such scenario, Unavailable where this kernel lacks something.
    """

    def __init__(self, name: str) -> None:
        self.scenario = load(name)
        self._playing = Playing(self.scenario, staged.EYES)
        self.scenes: list[Scene] = []
        self.hosts: Mapping[str, LabHost] = {
            name: LabHost(host) for name, host in self._playing.hosts.items()
        }
        self.stopped = False

    @property
    def capture(self) -> Capture:
        """What is and was on the client's eth0: an ordinary capture."""
        captured: Any = self._playing.capture
        return captured  # type: ignore[no-any-return]

    @property
    def over(self) -> bool:
        """Whether every step has been played."""
        return self._playing.over

    @property
    def next_step(self) -> Any:
        """The step that step() will play, None when it is over."""
        return None if self.over else self.scenario.steps[len(self.scenes)]

    @property
    def flow(self) -> Any:
        """The connection that is looked at, as captured; None before its first packet."""
        return self._playing.flow(self.capture)

    def step(self) -> Scene:
        """Play the next step; what it shows.

        Raises NetshellError when the play is over, or the step did not happen.
        """
        played = self._playing.step()
        sockets = {name: list(host.conns()) for name, host in self.hosts.items()}
        sentence = text(played.says, **self._values(played))
        self.scenes.append(
            Scene(
                self.scenario.name,
                played.number + 1,
                len(self.scenario.steps),
                played,
                sentence,
                sockets["client"],
                sockets["server"],
            )
        )
        return self.scenes[-1]

    def rest(self) -> Iterator[Scene]:
        """Play the steps that are left, each when it is asked for."""
        while not self.over:
            yield self.step()

    def _values(self, played: Played) -> dict[str, str]:
        """What a sentence may name."""
        ends = self._playing.stage.connection
        known = {"client": self.hosts["client"].ipv4, "server": self.hosts["server"].ipv4}
        if ends is not None:
            known |= {"client": str(ends[0]), "server": str(ends[1])}
        return {**known, "told": played.told}

    def view(self) -> Sequence[Block]:
        steps = len(self.scenario.steps)
        if self.over:
            done = "scenario.over"
        elif self.scenes:
            done = "scenario.next"
        else:
            done = "scenario.begin"
        next_one = Note(text(done, number=len(self.scenes) + 1, steps=steps))
        return (*opening(self.scenario), next_one)

    def records(self) -> Any:
        return [scene.records() for scene in self.scenes]

    def stop(self) -> Play:
        """End both hosts and all that runs there; captures keep their packets."""
        self.stopped = True
        for capture in (
            self.capture,
            *(one for host in self.hosts.values() for one in host.captures),
        ):
            staged.let_go(capture)
        self._playing.close()
        return self

    def __enter__(self) -> Play:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()
