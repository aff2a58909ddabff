"""dig's text and ours for the same words, with what differs from run to run masked."""

from __future__ import annotations

import io
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from nameservers import Reply, Responder, framed, free_port, records

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


def theirs(
    dig_path: Path, words: Sequence[str], home: Path | str = "/nonexistent"
) -> Callable[[], Printed]:
    """Start BIND's dig; what it prints is had by calling what is returned."""
    running = subprocess.Popen(
        [dig_path, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"},
    )

    def printed() -> Printed:
        try:
            out, err = running.communicate(timeout=60)
        finally:
            running.kill()
            running.wait()
        text = out.decode("utf-8", "backslashreplace")
        return Printed(masked(text), running.returncode, err.decode("utf-8", "replace"))

    return printed


def ours(words: Sequence[str]) -> Printed:
    """What ours prints; an error is its line, with status -1."""
    out, err = io.StringIO(), io.StringIO()
    try:
        status = dig.run(words, out, err).status
    except NetshellError as error:
        return Printed(masked(out.getvalue()), -1, f"{error}\n")
    return Printed(masked(out.getvalue()), status, err.getvalue())


def both(
    dig_path: Path, words: Sequence[str], home: Path | str = "/nonexistent"
) -> tuple[Printed, Printed]:
    """Theirs and ours, at the same time: what they wait for, they wait for together.

    Asked for again where they differ: one of them may have waited in vain, or over the turn of a
    second. What is wrong differs each time.
    """
    for _ in range(4):
        other = theirs(dig_path, words, home)
        mine = ours(words)
        their = other()
        if their.out == mine.out:
            break
    return their, mine


def there(dig_path: str, words: list[str]) -> tuple[Printed, Printed]:
    """The same in the process that this is called in: a lab's host."""
    return both(Path(dig_path), words)


def among(
    dig_path: str, kinds: list[str], search: str, words: list[str]
) -> tuple[Printed, Printed]:
    """The same among several servers of /etc/resolv.conf, on one port of 127.0.0.1, .2 ...

    ``kinds``: "ok", "nx", "servfail", "refused", "silent", "closed", "cut" (and fine over TCP),
    "cut, closed" (and closed over TCP). ``search``: further lines of that file.
    """
    resolv, before = Path("/etc/resolv.conf"), Path("/etc/resolv.conf").read_text()
    addresses = [f"127.0.0.{number}" for number in range(1, len(kinds) + 1)]
    port = free_port()
    resolv.write_text("".join(f"nameserver {address}\n" for address in addresses) + search)
    try:
        with ExitStack() as stack:
            for address, kind in zip(addresses, kinds, strict=True):
                if kind != "closed":
                    udp, tcp = _SERVERS[kind]
                    stack.enter_context(Responder(udp, tcp, address, port))
            return there(dig_path, ["-p", str(port), *words])
    finally:
        resolv.write_text(before)


def _answers(rcode: int, *lines: str) -> tuple[Reply, Reply]:
    reply = records(*lines, rcode=rcode)
    return reply, lambda query: framed(reply(query))  # type: ignore[arg-type]


_OK = _answers(0, "x.test. 60 IN A 192.0.2.1")
_CUT = records(flags=0x200)
_SERVERS: dict[str, tuple[Reply, Reply | None]] = {
    "ok": _OK,
    "nx": _answers(3),
    "servfail": _answers(2),
    "refused": _answers(5),
    "silent": (lambda query: None, None),
    "cut": (_CUT, _OK[1]),
    "cut, closed": (_CUT, None),
}
