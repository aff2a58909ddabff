"""A packet's bytes as tcpdump dumps them: hexadecimal (-x), both (-X), ASCII (-A).

Each function gives the text with the line feed before it, as what a packet's line is continued by.
"""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.settings import Settings

_LINE = 16  # bytes of a line
_INDENT = "\n\t"
_HEX_WIDTH = 40  # cells of eight pairs of bytes, each behind a space

# What is no graphic ASCII character is a dot; in plain ASCII, blanks and line feeds stay, and so
# does a carriage return until it is known what follows it.
_GRAPHIC = bytes(octet if 0x21 <= octet <= 0x7E else 0x2E for octet in range(256))
_TEXT = bytes(
    octet if 0x20 <= octet <= 0x7E or octet in b"\t\n\r" else 0x2E for octet in range(256)
)


def plain(octets: bytes, indent: str = _INDENT) -> str:
    r"""Hexadecimal, sixteen bytes a line; empty for no bytes.

    >>> plain(b"\x45\x00\x05")
    '\n\t0x0000:  4500 05'
    """
    return "".join(
        f"{indent}0x{at:04x}:  {octets[at : at + _LINE].hex(' ', -2)}"
        for at in range(0, len(octets), _LINE)
    )


def both(octets: bytes, indent: str = _INDENT) -> str:
    r"""Hexadecimal and what of it is a graphic ASCII character.

    >>> both(b"GET /")
    '\n\t0x0000:  4745 5420 2f                             GET./'
    """
    seen = octets.translate(_GRAPHIC).decode("ascii")
    return "".join(
        f"{indent}0x{at:04x}: {' ' + octets[at : at + _LINE].hex(' ', -2):<{_HEX_WIDTH}}"
        f"  {seen[at : at + _LINE]}"
        for at in range(0, len(octets), _LINE)
    )


def text(octets: bytes) -> str:
    r"""ASCII with its blanks and line feeds; a carriage return before a line feed is left out.

    So is one that is among the last two bytes.

    >>> text(b"OK\r\n\x00.\r")
    '\nOK\n..'
    """
    shown = octets.translate(_TEXT).decode("ascii")
    head, end = shown[:-2], shown[-2:]
    if end.startswith("\n"):
        head = head.removesuffix("\r")
    head = head.replace("\r\n", "\n").replace("\r", ".")
    return f"\n{head}{end.replace(chr(13), '')}"


def dumped(octets: bytes, header_len: int, settings: Settings) -> str:
    """What the settings ask for of a packet of which the link header has ``header_len`` bytes.

    Empty where they ask for nothing, or for what is behind the link header and nothing is.
    """
    how: Callable[[bytes], str]
    if settings.both:
        how, times = both, settings.both
    elif settings.hexadecimal:
        how, times = plain, settings.hexadecimal
    elif settings.ascii:
        how, times = text, settings.ascii
    else:
        return ""
    if times > 1:
        return how(octets)
    return how(octets[header_len:]) if len(octets) > header_len else ""
