"""``netshell lab``: scenarios; ``netshell lab shell``: the shell on the client of a private wire.

The other host serves a web page and the names of ``lab.``; ``wire`` in the namespace reaches both
hosts (``wire.server.call(listeners)``). Everything ends with the shell.
"""

from __future__ import annotations

import sys

WELCOME = """\
On a private wire: this is the client; the server has http://www.lab/ and .lab
cap = sniff_host("www.lab", 80)      captures what this host and the server say
wire.server.call(listeners)          a verb on the server; so for wire.client
"""


def main(argv: list[str]) -> int:
    """Show what the lab has (``playing``), or open the shell in it; the exit status.

    Raises Unavailable where the kernel allows no namespaces, BadArgument, NotFound.
    """
    if argv != ["shell"]:
        from netshell.shell.playing import show

        return show(argv)
    from netshell.lab.servers import start_dns, start_http
    from netshell.lab.wire import Wire
    from netshell.shell.start import run

    with Wire.open() as wire:
        start_dns(wire.server)
        start_http(wire.server)
        wire.client.enter()
        sys.stdout.write(WELCOME)
        return run({"wire": wire}, in_lab=True)
