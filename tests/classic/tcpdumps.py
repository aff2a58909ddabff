"""The real tcpdump and ours, over the same file, line by line."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from netshell.classic import tcpdump
from netshell.errors import NetshellError


class Said(NamedTuple):
    """What a run printed, and how it ended."""

    out: str
    err: str
    status: int


class Pair:
    """Both programs."""

    def __init__(self, program: Path) -> None:
        # As root it would go on as a user who may not look into the folder.
        self.command = [str(program)]
        if os.geteuid() == 0:
            self.command += ["-Z", "root"]

    def theirs(self, *arguments: str) -> Said:
        done = subprocess.run(
            [*self.command, *arguments], capture_output=True, timeout=60, check=False
        )
        return Said(done.stdout.decode("latin-1"), done.stderr.decode("latin-1"), done.returncode)

    def hold(self, *arguments: str, err: bool = True) -> Said:
        """Fail where the two differ; what they said."""
        ours, theirs = run(*arguments), self.theirs(*arguments)
        assert ours.out.split("\n") == theirs.out.split("\n"), arguments
        if err:
            assert ours.err == theirs.err, arguments
        assert ours.status == theirs.status, arguments
        return ours


def run(*arguments: str) -> Said:
    """Ours, in this process."""
    out, err = io.StringIO(), io.StringIO()
    try:
        status = tcpdump.run(arguments, out, err).status
    except NetshellError as error:
        err.write(f"{error}\n")
        status = 1
    return Said(out.getvalue(), err.getvalue(), status)


def lines(said: Said) -> Sequence[str]:
    return said.out.splitlines()
