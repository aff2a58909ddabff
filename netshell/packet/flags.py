"""TCP's flags by name and letter (RFC 9293 section 3.1, RFC 3168, RFC 9768); light to import."""

from __future__ import annotations

import re
from enum import IntFlag
from functools import lru_cache

from netshell.errors import BadArgument


class Flags(IntFlag):
    """A segment's flags.

    >>> str(Flags.SYN | Flags.ACK), (Flags.PSH | Flags.ACK).letters
    ('SYN,ACK', 'P.')
    """

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20
    ECE = 0x40
    CWR = 0x80
    AE = 0x100

    def __str__(self) -> str:
        return flags_text(int(self))

    @property
    def letters(self) -> str:
        """As tcpdump writes them: ``S``, ``S.``, ``P.``, ``F.``, ``R``, ``.``; ``none``."""
        text = "".join(letter for flag, letter in _LETTERS if self & flag)
        return text or "none"

    @classmethod
    def parse(cls, text: str) -> Flags:
        """The flags meant by names ("SYN,ACK", "syn-ack", "psh|ack") or tcpdump's letters ("S.").

        Raises BadArgument for anything else.
        """
        if text and all(char in _BY_LETTER for char in text):
            return cls(sum({_BY_LETTER[char] for char in text}))
        flags = cls(0)
        if text.strip().lower() == "none":
            return flags
        for name in re.split(r"[\s,|+\-/]+", text.strip().upper()):
            flag = _BY_NAME.get(name)
            if flag is None:
                raise BadArgument(
                    "unknown TCP flags",
                    where=repr(text),
                    next_step=f"names like SYN,ACK (of {', '.join(_BY_NAME)}) or letters like S.",
                )
            flags |= flag
        return flags


_SPOKEN = (
    Flags.SYN,
    Flags.FIN,
    Flags.RST,
    Flags.PSH,
    Flags.ACK,
    Flags.URG,
    Flags.ECE,
    Flags.CWR,
    Flags.AE,
)
"""The order people say them in: SYN,ACK and FIN,ACK and PSH,ACK."""

_LETTERS = (
    (Flags.FIN, "F"),
    (Flags.SYN, "S"),
    (Flags.RST, "R"),
    (Flags.PSH, "P"),
    (Flags.ACK, "."),
    (Flags.URG, "U"),
    (Flags.ECE, "E"),
    (Flags.CWR, "W"),
    (Flags.AE, "e"),
)
_BY_LETTER = {letter: int(flag) for flag, letter in _LETTERS}
_BY_NAME = {str(flag.name): flag for flag in _SPOKEN} | {"NS": Flags.AE}


@lru_cache(maxsize=512)
def flags_text(value: int) -> str:
    """What ``str(Flags(value))`` says, without making one."""
    return ",".join(str(flag.name) for flag in _SPOKEN if value & flag.value) or "none"
