"""Which name servers this machine is set up to ask (resolv.conf(5)).

Reads the file and nothing else, so that a banner can show it at no cost.
"""

from __future__ import annotations

from pathlib import Path

RESOLV_CONF = Path("/etc/resolv.conf")
MOST = 3  # MAXNS of <resolv.h>: the C library and dig look no further


def resolvers(path: Path = RESOLV_CONF) -> tuple[str, ...]:
    """The configured name servers' addresses, in the order they are asked; () if none is.

    With none, resolv.conf(5) has the name server on the local machine asked; that is left to the
    caller, so that "nothing is configured" can be told apart. A file that cannot be read counts as
    none, as it does for the C library.
    """
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return ()
    found: list[str] = []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and words[1] not in found:
            found.append(words[1])
    return tuple(found[:MOST])


def search_list(path: Path = RESOLV_CONF) -> tuple[tuple[str, ...], int]:
    """The domains in which short names are searched, and with fewer dots than how many (ndots).

    The last ``search`` or ``domain`` counts (resolv.conf(5)); ((), 1) where there is none.
    """
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return (), 1
    domains: tuple[str, ...] = ()
    ndots = 1
    for line in text.splitlines():
        match line.split():
            case ["search", *names]:
                domains = tuple(names)
            case ["domain", name, *_]:
                domains = (name,)
            case ["options", *words]:
                for word in words:
                    digits = word.removeprefix("ndots:")
                    if digits != word and digits.isdecimal():
                        ndots = min(int(digits), 15)
    return domains, ndots
