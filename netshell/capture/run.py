"""What a capture asks of whatever feeds it while it is live; ``live.py`` has the real one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from netshell.capture.source import Costs, Counters
from netshell.errors import NetshellError


class Run(Protocol):
    """What feeds a capture while it is live."""

    @property
    def running(self) -> bool: ...
    @property
    def problem(self) -> NetshellError | None: ...
    @property
    def notes(self) -> Sequence[str]: ...
    def counters(self) -> Counters: ...
    def costs(self) -> Costs: ...
    @property
    def files(self) -> Sequence[Path]: ...
    def stop(self) -> None: ...
