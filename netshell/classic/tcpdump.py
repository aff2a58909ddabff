"""``tcpdump``: packets of an interface or a file, as tcpdump 4.99 prints them.

The options are in ``capturing/table.py``, what they ask for together in ``capturing/orders.py``;
the text of protocols is in ``dump/``, one file each. Packets come from :mod:`netshell.capture`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from netshell._version import VERSION
from netshell.classic.capturing.orders import Orders, orders_of
from netshell.classic.capturing.table import OPTIONS as OPTIONS
from netshell.classic.options import parse
from netshell.classic.outcome import Outcome
from netshell.errors import BadArgument

DOES = "packets of the wire or a file, as tcpdump 4.99 prints them"


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
    """Print packets as they come; what was captured or read stays as a Capture or a Scan.

    >>> run(["-nn", "-r", "web.pcap", "tcp", "port", "80"], sys.stdout, sys.stderr).records

    Raises NetshellError (options, filter, files, interfaces), BrokenPipeError where ``out``'s
    reader is gone. Ctrl-C ends it as in tcpdump: with its closing lines.
    """
    given = parse("tcpdump", OPTIONS, arguments)
    if "--help" in given:
        from netshell.classic.options import described

        out.write(described("tcpdump", "[OPTION ...] [EXPRESSION]", DOES, OPTIONS))
        return Outcome()
    if "--version" in given:
        out.write(f"tcpdump of netshell {VERSION}, after tcpdump 4.99\n")
        return Outcome()
    orders = orders_of(given)
    if "-D" in given or "-L" in given:
        from netshell.classic.capturing import listing

        return listing.interfaces(out) if "-D" in given else listing.links(orders.iface, err)
    _check(orders)
    if orders.program:
        from netshell.classic.capturing import program

        return program.show(orders, out, err)
    if orders.read:
        from netshell.classic.capturing import offline

        return offline.run(orders, out, err)
    from netshell.classic.capturing import online

    return online.run(orders, out, err)


def _check(orders: Orders) -> None:
    if orders.rotation and not orders.write:
        raise BadArgument("tcpdump -C and -G make no sense without -w", next_step="add -w FILE")
