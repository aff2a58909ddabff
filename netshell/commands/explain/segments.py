"""TCP's states and flags explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences
from netshell.flow.state import State
from netshell.flow.timeouts import here

if TYPE_CHECKING:
    from netshell.packet.flags import Flags

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
    from netshell.packet.flags import Flags

    what, negotiated = meaning(flags), ecn(flags)
    lines = [text(f"flag.segment.{what}")] if what else []
    if negotiated:
        lines.append(text(f"flag.ecn.{negotiated}"))
    # In a SYN the ECN flags negotiate, and say nothing of congestion.
    names = [flag for flag in EACH if flag in flags and not (flag in ECN and Flags.SYN in flags)]
    lines += [text("flag.line.each", flag=flag, text=text(f"flag.each.{flag}")) for flag in names]
    if has(f"flag.todo.{what}"):
        lines.append(text("explain.act", text=text(f"flag.todo.{what}")))
    subject = str(flags)
    if flags:
        subject = text("flag.line.subject", flags=flags, letters=flags.letters)
    return Explanation("flags", subject, tuple(lines), source(f"flag.segment.{what or 'any'}"))
