"""What flows say: streams in, messages out.

``api`` is what a decoder is; each protocol has a folder of its own, and a line in ``decoders``.
``talk`` reads one conversation with them: which one it is, what follows a switch to another one,
what none can read. Pure: bytes and times in, values out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from netshell.packet.peeking import TOLD


def _tell(name: str, module: str, function: str) -> None:
    def told(*given: Any) -> Any:
        found = TOLD[name] = getattr(import_module(f"netshell.protocols.{module}"), function)
        return found(*given)

    TOLD[name] = told


# The layers below show packets and bytes: what those say, they ask here, and only then is loaded
# what knows it.
_tell("peek", "peeks", "peek")
_tell("secrets", "masking", "in_text")
_tell("spoken", "spoken", "spoken")
_tell("of_flow", "spoken", "of_flow")
