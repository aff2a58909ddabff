"""Where a command at the prompt writes: the screen, a file, or a program that reads it.

``netstat -ant | grep 80`` hands the text to sh's ``grep 80``; ``> file`` and ``2>&1`` are done
here. Outside of a terminal (a notebook), what the program writes is shown like anything else.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, TextIO

from netshell.errors import BadArgument, Unavailable
from netshell.saving import refused
from netshell.shell.words import Line, Word, expand

SH = "/bin/sh"


class Streams(NamedTuple):
    """What a command writes to, and the program that reads it, if any."""

    out: TextIO
    err: TextIO
    reader: Reader | None = None


@contextmanager
def streams(line: Line, names: Mapping[str, Any]) -> Iterator[Streams]:
    """Open what a line says; all is written and every reader has ended when it is left.

    Raises BadFile, NotFound or NotPermitted for a file that cannot be written, Unavailable where
    there is no sh. BrokenPipeError of a reader that has seen enough is no error here.
    """
    with ExitStack() as stack:
        out, err = sys.stdout, sys.stderr
        reader: Reader | None = None
        if line.pipe:
            reader = stack.enter_context(Reader(line.pipe, names))
            out = reader.stream
        if line.output is not None:
            out = stack.enter_context(_opened(line.output, line.appends, names))
        if line.together:
            err = out
        elif line.errors is not None:
            err = stack.enter_context(_opened(line.errors, line.errors_append, names))
        stack.enter_context(contextlib.suppress(BrokenPipeError))
        yield Streams(out, err, reader)
        out.flush()


def _opened(word: Word, appends: bool, names: Mapping[str, Any]) -> TextIO:
    found = expand([word], names)
    if len(found) != 1 or not found[0]:
        raise BadArgument("the text cannot be written", why="one file is to be named behind >")
    place = Path(found[0])
    try:
        return place.open("a" if appends else "w", encoding="utf-8", errors="backslashreplace")
    except (OSError, ValueError) as error:
        if isinstance(error, OSError):
            raise refused(place, error, "cannot write") from None
        raise BadArgument("cannot write", where=repr(found[0]), why=str(error)) from None


class Reader:
    """A program that reads what a command writes: sh runs it."""

    def __init__(self, command: str, names: Mapping[str, Any]) -> None:
        # Python's values reach sh as its variables, never as text that it reads.
        named = {
            name: str(names[name]) for name in re.findall(r"\$\{?(\w+)", command) if name in names
        }
        # A terminal is the program's own (`| less`); what stands for one must be written to.
        self._is_shown = not isinstance(sys.stdout, io.TextIOWrapper)
        end = subprocess.PIPE if self._is_shown else None
        sys.stdout.flush()
        try:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [SH, "-c", command],
                stdin=subprocess.PIPE,
                stdout=end,
                stderr=subprocess.STDOUT if self._is_shown else None,
                env=os.environ | named,
            )
        except (OSError, ValueError) as error:
            raise Unavailable(f"cannot run {command}", why=str(error)) from None
        assert self.process.stdin is not None
        self.stream = io.TextIOWrapper(
            self.process.stdin, encoding="utf-8", errors="backslashreplace"
        )
        self._copier: threading.Thread | None = None
        if self.process.stdout is not None:
            self._copier = threading.Thread(target=_copy, args=(self.process.stdout, sys.stdout))
            self._copier.start()

    @property
    def status(self) -> int:
        """Its exit status, once it has ended."""
        return self.process.returncode or 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.stream.close()
        try:
            self.process.wait()
        except KeyboardInterrupt:
            self.process.terminate()
            self.process.wait()
            raise
        finally:
            if self._copier is not None:
                self._copier.join()


def _copy(source: IO[bytes], target: TextIO) -> None:
    for line in io.TextIOWrapper(source, encoding="utf-8", errors="backslashreplace"):
        target.write(line)
