"""The settings in force: what verbs and results fall back on, and where each of them is from.

The lowest layer: whoever starts netshell (the shell, ``netshell -c``, a notebook's kernel) reads
profiles and calls :func:`use`; what is below asks :func:`in_force`. A program that only imports
netshell reads no files and has the values that stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

PAYLOADS = ("none", "ascii", "hex")
COLORS = ("auto", "dark", "light", "none")
LANGUAGES = ("", "en", "ko")
SNAPLEN = 262_144  # tcpdump's; more than any frame, offloaded ones included

BUILT_IN = "built-in"
"""The origin of a value that nobody has set."""


class Startup(NamedTuple):
    """Python that runs in the shell before the first prompt, as it was when it was looked at."""

    path: str
    source: bytes


class Profile(NamedTuple):
    """What a profile decides; the defaults are those of ``profiles/default``."""

    name: str = "default"
    title: str = "Everyday work"
    lang: str = ""
    interface: str = ""
    filter: str = ""
    snaplen: int = SNAPLEN
    keep: int | str = ""
    payload: str = "none"
    show: str = "ascii"
    explain: bool = False
    lines_per_s: int = 160
    columns: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """By table, the names of the columns it has, in their order; other tables have all."""
    colors: str = "auto"
    rows: int = 500
    verbs: tuple[str, ...] = ()
    tips: tuple[str, ...] = ("conns?  explains a verb, Tab completes it, and exit leaves",)
    startup: Startup | None = None
    origins: Mapping[str, str] = MappingProxyType({})
    """Where each value is from, by its key; what is not here is built in."""
    remarks: tuple[str, ...] = ()
    """What is to be said when the shell starts: what of the profile is not done, and why."""

    def value(self, key: Key) -> Any:
        """What a key's value is."""
        table = key.name.partition("columns.")[2]
        return self.columns.get(table, ()) if table else getattr(self, key.field)


class Key(NamedTuple):
    """What may stand in a profile: its section and name, and what becomes of it."""

    name: str
    field: str
    kind: type
    about: str
    choices: tuple[str, ...] = ()
    """The values it may have, or of which a list is; any, if there are none."""


COLUMNS: dict[str, tuple[str, ...]] = {
    "conns": (
        "proto", "state", "local", "remote", "iface", "pid", "process", "recv-q", "send-q",
        "waiting", "backlog", "user", "timer", "rtt",
    ),
    "listeners": (
        "proto", "state", "local", "remote", "iface", "pid", "process", "recv-q", "send-q",
        "waiting", "backlog", "user", "timer", "rtt",
    ),
    "flows": (
        "#", "proto", "client", "server", "name", "packets", "bytes", "sent", "received",
        "duration", "rtt", "wait", "resent", "findings", "ended", "flags", "client by",
    ),
    "messages": ("time", "flow", "protocol", "client", "server", "took", "message"),
    "queries": (
        "time", "took", "network", "rows", "database", "user", "client", "process", "statement",
        "parameters", "problem",
    ),
}  # fmt: skip
"""The tables whose columns a profile chooses, and the names of these."""

KEYS: tuple[Key, ...] = (
    Key("title", "title", str, "the profile in a few words"),
    Key("lang", "lang", str, "language of explanations and lessons", LANGUAGES),
    Key("capture.interface", "interface", str, "where sniff() captures"),
    Key("capture.filter", "filter", str, "what sniff() and sniff_host(host) capture"),
    Key("capture.snaplen", "snaplen", int, "bytes of a packet that are captured"),
    Key("capture.keep", "keep", str, "newest packets that are held"),
    Key("packets.payload", "payload", str, "payload beside packets as they come", PAYLOADS),
    Key("packets.show", "show", str, "payload in cap.show()", PAYLOADS),
    Key("packets.explain", "explain", bool, "a sentence on each packet's flags"),
    Key("packets.lines_per_second", "lines_per_s", int, "lines printed of a live capture"),
    *(
        Key(f"columns.{table}", "columns", list, f"columns of {table}", names)
        for table, names in COLUMNS.items()
    ),
    Key("screen.colors", "colors", str, "for a background", COLORS),
    Key("screen.rows", "rows", int, "rows of a table, before the rest is only counted"),
    Key("banner.verbs", "verbs", list, "verbs that the banner names"),
    Key("banner.tips", "tips", list, "lines below the banner"),
)

_IN_FORCE: list[Profile] = []


def in_force() -> Profile:
    """The profile that holds now; the built-in values until one is chosen."""
    return _IN_FORCE[0] if _IN_FORCE else _BUILT_IN


def use(profile: Profile | None) -> None:
    """Let a profile hold from now on; None: none is chosen."""
    _IN_FORCE[:] = [] if profile is None else [profile]


def is_chosen() -> bool:
    """Whether anybody has chosen a profile in this process."""
    return bool(_IN_FORCE)


_BUILT_IN = Profile()
