"""TCP's states and flags explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netshell.catalogue import source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences
from netshell.flow.state import State
from netshell.flow.timeouts import here

if TYPE_CHECKING:
    from netshell.packet.tcp import Flags

SETTINGS = Path("/proc/sys/net/ipv4")


def state(state: State) -> Explanation:
    lines = list(sentences(f"state.{state}", "what", "side", "ends", "act"))
    settings = here(state, setting)
    if settings:
        lines.append(text("explain.here", text=settings))
    return Explanation("state", state, tuple(lines), source(f"state.{state}"))


def setting(name: str) -> int | None:
    """A setting of Linux's net.ipv4 in force now; None where there is none."""
    try:
        return int((SETTINGS / name).read_text("ascii"))
    except (OSError, ValueError):
        return None


def flags(flags: Flags) -> Explanation:
    from netshell.flow.flags import EACH, ECN, ecn, meaning
    from netshell.packet.tcp import Flags

    what, source = meaning(flags)
    lines = [what] if what else []
    if ecn(flags):
        lines.append(ecn(flags))
    # In a SYN the ECN flags negotiate, and say nothing of congestion.
    names = [flag for flag in EACH if flag in flags and not (flag in ECN and Flags.SYN in flags)]
    lines += [f"{flag}: {EACH[flag]}." for flag in names]
    letters = "" if not flags else f" ({flags.letters} in tcpdump)"
    return Explanation(
        "flags", f"{flags}{letters}", tuple(lines), source or "RFC 9293 3.1, RFC 3168"
    )
