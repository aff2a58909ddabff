"""``lab``: two hosts of one's own, and what TCP, DNS and HTTP do between them, step by step."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from netshell.catalogue import text
from netshell.errors import NetshellError
from netshell.lab.scenarios import SCENARIOS
from netshell.results import Result
from netshell.view import Block, Column, Lines, Note, Span, Table

if TYPE_CHECKING:
    from netshell.commands.playing import LabHost, Play, Scene
    from netshell.lab.scenario import Scenario

_HEADS = (Column("scenario"), Column("what it shows", shrink=True, least=20, wrap=True))


def opening(scenario: Scenario) -> Sequence[Block]:
    """What is said of a scenario before it is played: what it is, why, what was changed for it."""
    shown: list[Block] = [Lines([Span(text(scenario.title), "head")]), Note(text(scenario.why), "")]
    if scenario.settings:
        settings = [f"{name.rstrip('?')}={value}" for name, value in scenario.settings.items()]
        shown.append(Note(text("scenario.settings", settings=", ".join(settings))))
    return shown


class Lab(Result):
    """Two hosts on a private wire, and what can be played between them.

    >>> lab                               # what there is
    >>> lab.run("close_wait")             # begins one
    >>> lab.step()                        # its next step, and what came of it
    >>> lab.hosts["server"].conns()       # look around: also .sniff(), .shell()
    >>> lab.stop()

    Real kernels, real packets, no root: where the kernel allows user
    namespaces. Timers of the kernel are shortened where a scenario says so.
    One is played at a time; it ends with ``lab.stop()``, with the next one,
    and with this program.

    ``lab.play`` is what is played: its ``capture`` is that of the client's
    eth0, ``lab.play.flow.ladder()`` the ladder up to now.

    Raises NotFound for no such scenario (naming the nearest), Unavailable
    where this kernel lacks something.
    """

    __name__ = "lab"

    def __init__(self) -> None:
        self.play: Play | None = None

    def __call__(self) -> Lab:
        """``lab()`` is ``lab``, as the other names are called."""
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The scenarios' names."""
        return SCENARIOS

    def run(self, scenario: str) -> Play:
        """Begin a scenario; ``lab.step()`` plays its first step.

        Raises NotFound, Unavailable.
        """
        from netshell.commands.playing import Play

        begun = Play(scenario)
        self.stop()
        self.play = begun
        return begun

    def step(self) -> Scene:
        """Play the next step of what was begun; what it shows."""
        return self._running().step()

    def rest(self) -> list[Scene]:
        """Play all steps that are left."""
        return list(self._running().rest())

    @property
    def hosts(self) -> Mapping[str, LabHost]:
        """Both hosts of what is played: ``lab.hosts["server"].conns()``."""
        return self._running().hosts

    @property
    def client(self) -> LabHost:
        """``lab.hosts["client"]``."""
        return self.hosts["client"]

    @property
    def server(self) -> LabHost:
        """``lab.hosts["server"]``."""
        return self.hosts["server"]

    def stop(self) -> None:
        """End what is played, both hosts with it. May be repeated."""
        if self.play is not None and not self.play.stopped:
            self.play.stop()

    def _running(self) -> Play:
        if self.play is None or self.play.stopped:
            raise NetshellError(
                "nothing is played in the lab", next_step='begin: lab.run("handshake")'
            )
        return self.play

    def records(self) -> Any:
        return [{"scenario": name, "title": text(f"scenario.{name}.title")} for name in SCENARIOS]

    def view(self) -> Sequence[Block]:
        rows = [(Span(name, "key"), text(f"scenario.{name}.title")) for name in SCENARIOS]
        return (Table(_HEADS, rows), Note(text("scenario.how")))

    def __getattr__(self, name: str) -> Any:
        """What is imported of the folder netshell.lab, whose name this object has in netshell."""
        found = sys.modules.get(f"netshell.lab.{name}")
        if found is None:
            raise AttributeError(f"lab has no {name!r}; it has .run(), .step(), .hosts, .stop()")
        return found

    def __reduce__(self) -> str:
        return "lab"


lab = Lab()
"""The lab of this session."""
