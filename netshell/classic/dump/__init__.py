"""The text tcpdump prints: bytes and settings in, lines out; one file a protocol.

:func:`show_packet` is the door: what it returns is all of tcpdump 4.99's text of a packet from
behind the timestamp on, without the dumps of -x, -X and -A behind it. ``text`` says what a printer
is given and ``state`` what is remembered between packets. Printers are loaded when the first
packet is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netshell.classic.dump.text import Page, Scope, Truncated

if TYPE_CHECKING:
    from netshell.classic.dump.links.link import Link
    from netshell.classic.dump.settings import Settings
    from netshell.classic.dump.state import State


def show_packet(
    link: int, data: bytes, captured: int, wire_len: int, settings: Settings, state: State
) -> str:
    """tcpdump's text of one packet; it may be several lines, the last without its end.

    `link` is the DLT or LINKTYPE number, `data` the packet from its link header on, `captured` how
    many bytes of it were captured, `wire_len` how many it had. Never raises for what the bytes
    say. ``state.header_len`` is then the length of the link header.

    >>> from netshell.classic.dump.settings import Settings
    >>> from netshell.classic.dump.state import State
    >>> ping = bytes.fromhex("4500001c000100004001b7ec0a0000010a000002" "0800f7fd00010001")
    >>> show_packet(101, ping, 28, 28, Settings(numeric=True), State())
    'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, seq 1, length 8'
    """
    page = Page()
    scope = Scope(data, 0, min(captured, len(data)), wire_len, page)
    state.header_len = 0
    try:
        state.header_len = (_LINKS.get(link) or _printer(link))(scope, settings, state)
    except Truncated:
        scope.truncated()
    except RecursionError:
        # Tunnels in tunnels, deeper than any real ones; what was written so far stays.
        scope.truncated()
    return "".join(page.parts)


_LINKS: dict[int, Link] = {}


def _printer(link: int) -> Link:
    """The printer of a link type; loaded when the first packet is shown."""
    from netshell.classic.dump.links.link import LINKS, unsupported

    _LINKS.update(LINKS)
    return LINKS.get(link, unsupported)
