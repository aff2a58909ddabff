"""The names that this machine gives to addresses itself: /etc/hosts (hosts(5)), for completion."""

from __future__ import annotations

from pathlib import Path

HOSTS = Path("/etc/hosts")
LONGEST = 1 << 20
"""Bytes that are read: block lists put hundreds of thousands of names there."""


def hosts(path: Path = HOSTS) -> dict[str, str]:
    """Each name with its first address, in the file's order; {} if it cannot be read."""
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST).decode("utf-8", "replace")
    except OSError:
        return {}
    found: dict[str, str] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            if name.isprintable():
                found.setdefault(name, address)
    return found
