"""``netshell lab``: the shell on the client of a private wire, where nothing can be broken.

The other host serves a web page and the names of ``lab.``; ``wire`` in the namespace reaches both
hosts (``wire.server.call(listeners)``). Everything ends with the shell.
"""

from __future__ import annotations

import sys

from netshell.errors import BadArgument

WELCOME = """\
On a private wire: this is the client; the server has http://www.lab/ and .lab
cap = sniff_host("www.lab", 80)      captures what this host and the server say
wire.server.call(listeners)          a verb on the server; so for wire.client
"""


def main(argv: list[str]) -> int:
    """Open the lab and the shell in it; the exit status.

    Raises Unavailable where the kernel allows no namespaces.
    """
    if argv:
        raise BadArgument("netshell lab", why=f"takes no {argv[0]!r}", next_step="run it alone")
    from netshell.lab.servers import start_dns, start_http
    from netshell.lab.wire import Wire
    from netshell.shell.start import run

    with Wire.open() as wire:
        start_dns(wire.server)
        start_http(wire.server)
        wire.client.enter()
        sys.stdout.write(WELCOME)
        return run({"wire": wire}, in_lab=True)
