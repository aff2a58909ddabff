"""netshell: sockets, names, routes and packets at one Python prompt.

The public names load on first use (PEP 562), so that importing the package stays cheap:

>>> from netshell import conns, dig, iface_for, sniff_host
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from netshell._version import VERSION as __version__
from netshell.commands import VERBS
from netshell.errors import NetshellError

if TYPE_CHECKING:
    from netshell.commands.captures import captures as captures
    from netshell.commands.conns import conns as conns
    from netshell.commands.conns import listeners as listeners
    from netshell.commands.dig import dig as dig
    from netshell.commands.explain import explain as explain
    from netshell.commands.iface_for import iface_for as iface_for
    from netshell.commands.ifaces import ifaces as ifaces
    from netshell.commands.lab import lab as lab
    from netshell.commands.lesson import lesson as lesson
    from netshell.commands.profile import profile as profile
    from netshell.commands.read import read as read
    from netshell.commands.scan import scan as scan
    from netshell.commands.sniff import sniff as sniff
    from netshell.commands.sniff_host import sniff_host as sniff_host
    from netshell.commands.tour import tour as tour

__all__ = ["NetshellError", "__version__", *(verb.name for verb in VERBS)]


def __getattr__(name: str) -> object:
    for verb in VERBS:
        if verb.name == name:
            loaded: object = verb.load()
            globals()[name] = loaded
            return loaded
    raise AttributeError(f"module 'netshell' has no attribute {name!r}")


class _Names(ModuleType):
    """The folder ``netshell.lab`` has the name of the public ``lab``: importing from the one, which
    Python notes here, must not hide the other."""

    def __setattr__(self, name: str, value: object) -> None:
        if name != "lab" or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Names


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext netshell``: the verbs, their display and completion in any IPython or Jupyter."""
    from netshell.shell.extension import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext netshell``: the names stay, IPython stops minding them."""
    from netshell.shell.extension import unload_ipython_extension as unload

    unload(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
