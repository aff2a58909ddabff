"""What stands above the first prompt: the network in a line, and how to get help."""

from __future__ import annotations

from collections.abc import Sequence

from netshell._version import VERSION
from netshell.commands import VERBS
from netshell.lookup.resolvconf import resolvers
from netshell.settings import Profile
from netshell.shell import here
from netshell.shell.here import Here
from netshell.view import clean


def banner(profile: Profile, keeps_history: bool = True) -> str:
    """The lines above the first prompt, each ended."""
    name = "netshell " + VERSION + ("" if profile.name == "default" else f" ({profile.name})")
    lines = [f"{name}  {network(here.look(), resolvers())}", *profile.tips]
    does = {verb.name: verb.does for verb in VERBS}
    wide = max(map(len, profile.verbs), default=0)
    lines += [f"  {verb:<{wide}}  {does[verb]}" for verb in profile.verbs if verb in does]
    if not keeps_history:
        lines.append("no folder to write to: this session's history is not kept")
    return "".join(f"{clean(line)}\n" for line in lines)


def network(there: Here, servers: Sequence[str]) -> str:
    """The way out and the resolvers, in one line.

    >>> network(Here("eth0", "192.0.2.7", "192.0.2.1", online=True), ["192.0.2.53"])
    'eth0 192.0.2.7, gateway 192.0.2.1, resolver 192.0.2.53'
    """
    if not there.iface:
        return "offline: no interface has an address"
    parts = [f"{there.iface} {there.address}".rstrip()]
    if not there.online:
        parts.append("no default route")
    elif there.gateway:
        parts.append(f"gateway {there.gateway}")
    parts.append(f"resolver {' '.join(servers)}" if servers else "no resolver configured")
    return ", ".join(parts)
