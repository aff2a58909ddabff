"""``-D`` and ``-L``: the interfaces as libpcap lists them, and an interface's link types."""

from __future__ import annotations

from typing import Any, TextIO

from netshell.classic.capturing.linktypes import described
from netshell.classic.outcome import Outcome
from netshell.errors import BadArgument, CaptureFailed, NotFound, Unavailable
from netshell.view import clean

# pcap_findalldevs(3)
_LOOPBACK, _UP, _RUNNING, _WIRELESS, _CONNECTION = 0x01, 0x02, 0x04, 0x08, 0x30
_STATES = ((_UP, "Up"), (_RUNNING, "Running"), (_LOOPBACK, "Loopback"), (_WIRELESS, "Wireless"))
_WIRED = {0x00: "Connection status unknown", 0x10: "Connected", 0x20: "Disconnected"}
_AIR = {0x00: "Association status unknown", 0x10: "Associated", 0x20: "Not associated"}

_WITH_DOCSIS = 1  # Ethernet cards may be connected to a cable modem termination system


def found() -> list[Any]:
    """libpcap's list (name, description, flags). Raises Unavailable, CaptureFailed."""
    try:
        import cypcap
    except ImportError:
        raise Unavailable(
            "cannot list the interfaces", why="cypcap is not installed",
            next_step="pip install cypcap, or use ifaces()",
        ) from None  # fmt: skip
    try:
        return list(cypcap.findalldevs())
    except cypcap.Error as error:
        raise CaptureFailed("cannot list the interfaces", why=str(error.args[-1])) from error


def interfaces(out: TextIO) -> Outcome:
    """Print the list: number, name, description, state."""
    for number, one in enumerate(found(), 1):
        about = f" ({clean(one.description)})" if one.description else ""
        state = f" [{_state(int(one.flags))}]" if int(one.flags) else ""
        out.write(f"{number}.{clean(one.name)}{about}{state}\n")
    out.flush()
    return Outcome()


def _state(flags: int) -> str:
    said = [name for bit, name in _STATES if flags & bit] or ["none"]
    words = _AIR if flags & _WIRELESS else _WIRED
    connection = words.get(flags & _CONNECTION)
    return ", ".join([*said, connection] if connection else said)


def named(given: str, present: list[str]) -> str:
    """The interface that ``-i`` means: a name, or a number in the list; the first one without.

    Raises BadArgument, NotFound, Unavailable.
    """
    if given in present or given == "any":
        return given
    if not given:
        names = [str(one.name) for one in found()]
        if not names:
            raise NotFound("cannot capture", why="no interface is available")
        return names[0]
    if given.isascii() and given.isdigit():
        names = [str(one.name) for one in found()]
        if not 0 < int(given) <= len(names):
            raise BadArgument(
                f"tcpdump -i: invalid adapter index {given}",
                why=f"{len(names)} interfaces are there",
                next_step="tcpdump -D lists them",
            )
        return names[int(given) - 1]
    return given


def links(given: str, err: TextIO) -> Outcome:
    """Print the link types of an interface, on standard error as tcpdump 4.99.3 does.

    Raises what ``named`` may, and NotFound.
    """
    from netshell.capture.nic import nics
    from netshell.packet.chunk import ETHERNET, SLL, SLL2

    present = nics()
    name = named(given, list(present))
    if name == "any":
        types = [described(SLL), described(SLL2)]
    elif name in present:
        nic = present[name]
        types = [described(nic.link)]
        if nic.link == ETHERNET and nic.arphrd == _WITH_DOCSIS:
            types.append("DOCSIS (DOCSIS) (printing not supported)")
    else:
        raise NotFound("tcpdump -L: no such interface", where=name, next_step="tcpdump -D")
    err.write(f"Data link types for {clean(name)} (use option -y to set):\n")
    err.writelines(f"  {one}\n" for one in types)
    err.flush()
    return Outcome()
