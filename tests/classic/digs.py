"""dig's text and ours for the same words, with what differs from run to run masked."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from netshell.classic import dig
from netshell.errors import NetshellError

MASKS = (
    (re.compile(r"(<<>> DiG )\S+"), r"\1*"),
    (re.compile(r"(, id: )\d+"), r"\1*"),
    (re.compile(r"(;; Query time: )\d+"), r"\1*"),
    (re.compile(r"(;; WHEN: ).*"), r"\1*"),
    (re.compile(r"(; COOKIE: )[0-9a-f]+"), r"\1*"),
    (re.compile(r"( in )\d+( [mu]s)"), r"\1*\2"),
    (re.compile(r"(expected ID )\d+(, got )\d+"), r"\1*\2*"),
)
"""Version, id, times and cookies; nothing else."""


class Printed(NamedTuple):
    """What a run printed, masked, and its exit status."""

    out: str
    status: int
    err: str = ""

    @property
    def lines(self) -> list[str]:
        return self.out.split("\n")


def masked(text: str) -> str:
    """The text without what changes from run to run."""
    for pattern, kept in MASKS:
        text = pattern.sub(kept, text)
    return text


def theirs(dig_path: Path, words: Sequence[str], home: Path | str = "/nonexistent") -> Printed:
    """What BIND's dig prints."""
    done = subprocess.run(
        [dig_path, *words],
        capture_output=True,
        env={**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"},
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    out = done.stdout.decode("utf-8", "backslashreplace")
    return Printed(masked(out), done.returncode, done.stderr.decode("utf-8", "replace"))


def ours(words: Sequence[str]) -> Printed:
    """What ours prints; an error is its line, with status -1."""
    out, err = io.StringIO(), io.StringIO()
    try:
        status = dig.run(words, out, err).status
    except NetshellError as error:
        return Printed(masked(out.getvalue()), -1, f"{error}\n")
    return Printed(masked(out.getvalue()), status, err.getvalue())
