"""Writes ``docs/classic.rst``: every option of the classic commands, from their tables.

python docs/classic.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import TextWrapper

from netshell.classic import TOOLS, Tool
from netshell.classic.options import Option

PLACE = Path(__file__).with_suffix(".rst")

HEAD = """\
Classic commands
================

.. Made by ``python docs/classic.py`` from the tables in ``netshell/classic``: change it there.

``netstat``, ``ifconfig``, ``dig``, ``nslookup`` and ``tcpdump`` are typed at the prompt as in a
command shell, and outside as ``netshell tcpdump -nn -r web.pcap``. They print what the tool
prints; the records behind the text stay in ``_`` at the prompt. ::

    [eth0] In [1]: netstat -ant
    [eth0] In [2]: [each.remote for each in _]      # the same sockets, as records
    [eth0] In [3]: x = %dig naver.com               # with the percent sign: to a name
    [eth0] In [4]: tcpdump -nn -r $path | grep 443  # values of Python's, and pipes

A line that Python can run is Python: ``dig("x")``, ``dig = 3``, ``dig - x``. A line that begins
with a tool's name and is no Python, or could only fail as Python, is the tool's: ``netstat -ant``
is a subtraction of two names that nobody has given to anything. Once ``dig = 3`` has, ``dig -x``
is Python; ``%dig -x`` is the tool's always. ``|``, ``>``, ``>>``, ``2>``, ``2>&1`` and ``;`` are
what they are in sh(1), and so are quotes, ``~``, ``*`` and ``$NAME``; ``{name.attribute}`` is
Python's value. Behind ``;`` stands another tool, or Python. Other marks of a command shell
(``&&``, ``<``, ``&``) are refused.

An option that is not in a table is refused with the nearest one, and never ignored.
"""


def pages() -> str:
    """The whole text."""
    return "\n".join([HEAD, *(line for tool in TOOLS for line in _page(tool))])


def _page(tool: Tool) -> Iterator[str]:
    yield from (tool.name, "-" * len(tool.name), "")
    yield from TextWrapper(99).wrap(f"{tool.does[0].upper()}{tool.does[1:]}.")
    yield from ("", f"``{tool.name} {tool.takes}``", "")
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: 30 12 58", "")
    yield from _row("option", "", "what it does, or why it is refused")
    for option in tool.options:
        yield from _row(f"``{option.shown}``", *_about(option))
    yield ""


def _about(option: Option) -> tuple[str, str]:
    if option.refused:
        return "refused", ": ".join(map(_escaped, filter(None, (option.does, option.refused))))
    return "supported", _escaped(option.does)


def _row(*cells: str) -> Iterator[str]:
    for at, cell in enumerate(cells):
        first = "   * - " if at == 0 else "     - "
        yield from TextWrapper(99, first, " " * 7, break_long_words=False).wrap(cell) or [
            first.rstrip()
        ]


def _escaped(text: str) -> str:
    """Text as it is: what reStructuredText would take for marks is none."""
    return "".join(f"\\{char}" if char in "\\*`|_" else char for char in text)


if __name__ == "__main__":
    PLACE.write_text(pages(), "utf-8")
