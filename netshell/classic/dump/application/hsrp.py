"""HSRP version 1 (RFC 2281): who is the router; with -v the times, priority and password."""

from __future__ import annotations

from netshell.classic.dump.duration import duration
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_OPERATIONS = {0: "hello", 1: "coup", 2: "resign"}
_STATES = {0: "initial", 1: "learn", 2: "listen", 4: "speak", 8: "standby", 16: "active"}


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message."""
    scope.enter("hsrp")
    version = scope.u8(0)
    scope.write(f"HSRPv{version}")
    if version:
        return
    scope.write("-")
    scope.write(f"{named(_OPERATIONS, scope.u8(1), 'unknown (%u)')} {scope.length}: ")
    scope.write(f"state={named(_STATES, scope.u8(2), 'Unknown (%u)')} ")
    scope.write(f"group={scope.u8(6)} ")
    if reserved := scope.u8(7):
        scope.write(f"[reserved={reserved}!] ")
    scope.write(f"addr={settings.host(scope.octets(16, 4))}")
    if settings.verbose:
        password = scope.octets(8, 8).partition(b"\0")[0]
        scope.write(
            f" hellotime={duration(scope.u8(3))} holdtime={duration(scope.u8(4))}"
            f' priority={scope.u8(5)} auth="{escaped(password)}"'
        )
