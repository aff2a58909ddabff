"""The shell in a real pseudo terminal, and what its screen shows: pexpect types, pyte paints."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import pexpect
import pyte

DEADLINE_S = 60
NETSHELL = (sys.executable, "-W", "error::DeprecationWarning", "-m", "netshell")
UP, TAB, ENTER, CTRL_C, CTRL_D = "\x1b[A", "\t", "\r", "\x03", "\x04"


def environment(home: Path, **more: str) -> dict[str, str]:
    """A user of one's own: everything the shell may write is below ``home``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "IPYTHON", "PYTHON"))}
    for unwanted in ("NO_COLOR", "COLUMNS", "LINES"):
        kept.pop(unwanted, None)
    return kept | {"HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"} | more


class Shell:
    """A shell on a screen of its own; ``until`` waits for what it is to show."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        command: tuple[str, ...] = NETSHELL,
        columns: int = 100,
        rows: int = 40,
        enter: Callable[[], None] | None = None,
        **more: str,
    ) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=2000, ratio=1)
        self._stream = pyte.ByteStream(self.screen)
        program, *rest = (*command, *arguments)
        self.raw = b""
        self.process: Any = pexpect.spawn(
            program,
            rest,
            env=environment(home, **more),  # type: ignore[arg-type]
            dimensions=(rows, columns),
            preexec_fn=enter,
            cwd=str(home),
        )

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.close(force=True)

    def type(self, keys: str) -> None:
        """Press keys; nothing is pressed that is not in ``keys``."""
        self.process.send(keys)

    def run(self, line: str) -> None:
        """Type a line, enter it and wait for the prompt that follows."""
        before = self.prompts
        self.type(line + ENTER)
        self.until(lambda: self.prompts > before and self.at_prompt, f"the prompt after {line!r}")

    @property
    def lines(self) -> list[str]:
        """What is on the screen, and above it what has scrolled out."""
        width = self.screen.columns
        above = [
            "".join(row[column].data for column in range(width)).rstrip()
            for row in self.screen.history.top
        ]
        return [*above, *(line.rstrip() for line in self.screen.display)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def prompts(self) -> int:
        return sum("] In [" in line for line in self.lines)

    @property
    def cursor_line(self) -> str:
        """The line with the cursor, as far as it is written on."""
        return str(self.screen.display[self.screen.cursor.y]).rstrip()

    @property
    def at_prompt(self) -> bool:
        return self.cursor_line.endswith("]:") and "In [" in self.cursor_line

    def until(self, condition: Callable[[], Any], what: str, seconds: float = DEADLINE_S) -> None:
        """Read what the shell writes until the condition holds; fails with the screen if not."""
        deadline = time.monotonic() + seconds
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"waited for {what}; the screen:\n{self.text}"
            try:
                self._feed(self.process.read_nonblocking(65536, timeout=min(left, 0.5)))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert condition(), f"the shell ended before {what}; the screen:\n{self.text}"

    def shows(self, text: str) -> None:
        """Wait for a text on the screen."""
        self.until(lambda: text in self.text, repr(text))

    def ready(self) -> None:
        """Wait for the first prompt."""
        self.until(lambda: self.at_prompt, "the first prompt")

    def end(self) -> int:
        """Wait for the end; the exit status."""
        deadline = time.monotonic() + DEADLINE_S
        while self.process.isalive() and time.monotonic() < deadline:
            try:
                self._feed(self.process.read_nonblocking(65536, timeout=0.5))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        self.process.wait()
        assert self.process.exitstatus is not None, self.text
        return int(self.process.exitstatus)

    def _feed(self, data: bytes) -> None:
        self.raw += data
        # prompt_toolkit asks where the cursor is; a terminal answers.
        self._stream.feed(data)
        for _ in range(data.count(b"\x1b[6n")):
            cursor = self.screen.cursor
            self.process.send(f"\x1b[{cursor.y + 1};{cursor.x + 1}R")
