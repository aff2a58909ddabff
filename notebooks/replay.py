"""A scenario of the lab as it was recorded: the same steps, packets and sockets, without the lab.

``NAME.pcap`` has the packets of the client's eth0, ``NAME.json`` for each step how many there were
by then, what the program was told, and what both kernels said of their sockets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from netshell import host as machine
from netshell.catalogue import text
from netshell.commands.conns import conns
from netshell.commands.playing import Scene
from netshell.commands.read import read
from netshell.errors import NetshellError
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.fake import Fake
from netshell.host.sockets import Socket, Timer
from netshell.lab.play import Played
from netshell.lab.scenarios import load
from netshell.results import Result
from netshell.view import Block, Lines, Note, Span


class Replay(Result):
    """What ``lab.run`` returns, as far as a recording can be it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.scenario = load(name)
        self._whole = read(folder / f"{name}.pcap")
        self._told = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.scenes: list[Scene] = []
        self.hosts: Mapping[str, ReplayedHost] = {
            side: ReplayedHost(self, side) for side in ("client", "server")
        }

    @property
    def capture(self) -> Any:
        """The packets up to now."""
        return self._whole[: self._told[len(self.scenes) - 1]["packets"] if self.scenes else 0]

    @property
    def flow(self) -> Any:
        """The connection that is looked at, up to now; None before its first packet."""
        return self._flow(self.capture, self._told[len(self.scenes) - 1])

    @property
    def over(self) -> bool:
        """Whether every step has been shown."""
        return len(self.scenes) == len(self.scenario.steps)

    def step(self) -> Scene:
        """Show the next step. Raises NetshellError when all were shown."""
        number = len(self.scenes)
        if self.over:
            raise NetshellError(f"{self.scenario.name} is over", next_step="run it again")
        step, told = self.scenario.steps[number], self._told[number]
        before = len(self.capture)
        held = self._whole[: told["packets"]]
        flow = self._flow(held, told)
        says = self.scenario.says(step)
        new = [held[at] for at in range(before, len(held))]
        played = Played(number, step, says, told["told"], new, step.states, flow)
        sentence = text(says, **told["values"], told=told["told"])
        sockets = (sockets_of(told["client"]), sockets_of(told["server"]))
        self.scenes.append(
            Scene(self.scenario.name, number + 1, len(self._told), played, sentence, *sockets)
        )
        return self.scenes[-1]

    def rest(self) -> Iterator[Scene]:
        """Show what is left, a step each time it is asked for one."""
        while not self.over:
            yield self.step()

    def stop(self) -> Replay:
        """Nothing is running here."""
        return self

    def view(self) -> Sequence[Block]:
        title = Lines([Span(text(self.scenario.title), "head")])
        return (title, Note(text(self.scenario.why), ""))

    @staticmethod
    def _flow(held: Any, told: Mapping[str, Any]) -> Any:
        ends = {told["values"]["client"], told["values"]["server"]}
        found = [flow for flow in held.flows if {str(flow.client), str(flow.server)} == ends]
        return (found or list(held.flows) or [None])[-1]


class ReplayedHost:
    """One host at the moment of the last step."""

    def __init__(self, play: Replay, name: str) -> None:
        self._play, self.name = play, name

    def conns(self, **wanted: Any) -> Any:
        """The sockets that its kernel told of then."""
        scenes = self._play.scenes
        with machine.pretend(Fake(list(getattr(scenes[-1], self.name)) if scenes else [])):
            return conns(**wanted)


def kept(play: Any) -> list[dict[str, Any]]:
    """What ``NAME.json`` says of a play of the lab that is over."""
    steps, packets = [], 0
    for scene in play.scenes:
        packets += len(scene.packets)
        steps.append(
            {
                "step": scene.played.step.name,
                "packets": packets,
                "told": scene.played.told,
                "values": _ends(play, scene),
                "client": [_plain(one) for one in scene.client],
                "server": [_plain(one) for one in scene.server],
            }
        )
    return steps


def _ends(play: Any, scene: Scene) -> dict[str, str]:
    """What the step's sentence calls the two ends: a connection's, or else the hosts' addresses."""
    if scene.flow is not None and scene.flow.proto == "tcp":
        return {"client": str(scene.flow.client), "server": str(scene.flow.server)}
    return {side: play.hosts[side].ipv4 for side in ("client", "server")}


def _plain(one: Socket) -> list[Any]:
    return [one.state, list(one.local), list(one.remote), one.recv_q, one.send_q, one.timer]


def sockets_of(told: Sequence[Sequence[Any]]) -> list[Socket]:
    """The sockets of one host, as they were written down."""
    return [
        Socket(
            "tcp", Endpoint(*local), Endpoint(*remote), State(state),
            recv_q=recv_q, send_q=send_q, timer=Timer(*timer) if timer else None,
            iface="*" if state == "LISTEN" else "eth0",
        )
        for state, local, remote, recv_q, send_q, timer in told
    ]  # fmt: skip
