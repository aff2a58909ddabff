"""The time synchronisation protocol of BSD's timed (Gusella and Zatti, 1985)."""

from __future__ import annotations

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, Truncated, escaped

_TYPES = (
    *("ANY", "ADJTIME", "ACK", "MASTERREQ", "MASTERACK", "SETTIME", "MASTERUP", "SLAVEUP"),
    *("ELECTION", "ACCEPT", "REFUSE", "CONFLICT", "RESOLVE", "QUIT", "DATE", "DATEREQ"),
    *("DATEACK", "TRACEON", "TRACEOFF", "MSITE", "MSITEREQ", "TEST", "SETDATE", "SETDATEREQ"),
    "LOOP",
)
_LOOP = 24
_WITH_TIME = (1, 5, 22, 23)
_NAME, _NAME_SIZE = 12, 256


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message: its type, a time or a count of hops, and who sent it."""
    write = scope.enter("timed").write
    kind = scope.u8(0)
    write(f"TSP_{_TYPES[kind]}" if kind < len(_TYPES) else f"(tsp_type {kind:#x})")
    write(f" vers {scope.u8(1)}")
    write(f" seq {scope.u16(2)}")
    if kind == _LOOP:
        write(f" hopcnt {scope.u8(4)}")
    elif kind in _WITH_TIME:
        seconds, micros = _signed(scope.u32(4)), _signed(scope.u32(8))
        if micros < 0:
            return
        write(" time ")
        if seconds < 0 and micros:
            seconds += 1
            if not seconds:
                write("-")
            micros = 1_000_000 - micros
        write(f"{seconds}.{micros:06d}" if micros >= 0 else f"{seconds}.-{-micros:05d}")
    write(" name ")
    text, zero, _ = scope.rest(_NAME, _NAME_SIZE).partition(b"\0")
    write(escaped(text))
    if not zero and not scope.has(_NAME, _NAME_SIZE):
        raise Truncated


def _signed(number: int) -> int:
    return (number ^ 1 << 31) - (1 << 31)
