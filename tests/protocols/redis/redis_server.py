"""A real Redis on loopback, for as long as a test needs it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from daemon import folder, free_port, is_open, serving


@contextlib.contextmanager
def redis_server(program: Path, *options: str) -> Iterator[int]:
    """Its port on 127.0.0.1. It keeps nothing on disk."""
    port = free_port()
    with folder() as home:
        command = [
            program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home),
            "--repl-diskless-sync-delay", "0", *options,
        ]  # fmt: skip
        with serving(command, home, lambda: is_open(port)):
            yield port
