"""The verbs users type: one file each, loaded on first use.

``VERBS`` is the one registry: ``netshell.__getattr__``, the shell's namespace, its completion and
``--help`` all read it. To add a verb: write ``commands/<verb>.py``, add its line here, mirror a
test, add a CHANGELOG line.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import netshell.render  # noqa: F401 - offers the renderers to whatever a verb returns


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb's name, the module that holds it and what it does, in one line."""

    name: str
    module: str
    does: str

    def load(self) -> Any:
        """The function itself; imports its module on first use."""
        return getattr(import_module(f"netshell.commands.{self.module}"), self.name)


VERBS: tuple[Verb, ...] = (
    Verb("conns", "conns", "sockets, their state, process and interface"),
    Verb("listeners", "conns", "the sockets that wait for connections"),
    Verb("ifaces", "ifaces", "interfaces, their addresses and counters"),
    Verb("iface_for", "iface_for", "which interface leads to a host, as the kernel answers"),
    Verb("dig", "dig", "what a name resolves to, for how long, and who says so"),
    Verb("sniff", "sniff", "capture packets that match a BPF filter"),
    Verb(
        "sniff_host", "sniff_host", "capture one host's packets on the interface that leads there"
    ),
    Verb("captures", "captures", "what is being captured; captures().stop() ends it"),
    Verb("read", "read", "open a capture file"),
    Verb("scan", "scan", "ask capture files larger than memory"),
    Verb("profile", "profile", "the settings in force, and where each is from"),
    Verb("lab", "lab", "two hosts of your own, and what TCP does between them, step by step"),
    Verb("lesson", "lesson", "lessons: predict what comes, see it happen, compare"),
    Verb("tour", "tour", "five minutes through the whole shell"),
    Verb("explain", "explain", "what a flag, state, finding, packet or conversation means"),
)
