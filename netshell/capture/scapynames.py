"""Scapy on a machine with an interface whose name is not UTF-8.

Scapy lists the interfaces while it is imported (scapy/arch/linux/rtnetlink.py) and decodes their
names strictly: one odd name, and it cannot be imported at all. The kernel allows any bytes there.
So the answers it reads have the names as ``ifaces()`` shows them, escaped.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_MODULE = "scapy.arch.linux.rtnetlink"
_ASK = "_sr1_rtrequest"
IFLA_IFNAME = 3
RTM_NEWLINK = 16


def guard() -> None:
    """Have Scapy read any name, whether it was imported already or will be."""
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        _patch(loaded)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Patches the one module right after it ran, before Scapy calls anything of it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _patch(module)

        loader.exec_module = exec_module
        return spec


def _patch(module: ModuleType) -> None:
    ask = getattr(module, _ASK, None)
    if ask is None or getattr(ask, "is_guarded", False):
        return

    def guarded(request: Any) -> Any:
        answers = ask(request)
        for answer in answers:
            if getattr(answer, "nlmsg_type", None) == RTM_NEWLINK:
                for attribute in answer.data:
                    if attribute.rta_type == IFLA_IFNAME:
                        name = bytes(attribute.rta_data)
                        attribute.rta_data = name.decode("utf-8", "backslashreplace").encode()
        return answers

    guarded.is_guarded = True  # type: ignore[attr-defined]
    setattr(module, _ASK, guarded)
