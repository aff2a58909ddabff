"""How records are laid out: BIND's columns, tabs, lines and the options that change them."""

from __future__ import annotations

from dataclasses import dataclass

TAB = 8
LINE = 80


@dataclass(frozen=True, slots=True)
class Style:
    """What dig's options say of the text of records; the defaults are dig's."""

    comments: bool = True
    rr_comments: bool = False
    multiline: bool = False
    ttl: bool = True
    ttl_units: bool = False
    rdclass: bool = True
    crypto: bool = True
    unknown: bool = False
    """All data in the form of RFC 3597."""
    expand_aaaa: bool = False
    split: int | None = None
    """Letters of a word of base64 or hex; None as the layout has it, 0 for no spaces."""

    @property
    def columns(self) -> tuple[int, int, int, int]:
        """Where TTL, class, type and data begin at the earliest."""
        if self.multiline or not (self.ttl or self.rdclass):
            return 24, 24, 24, 32
        if not (self.ttl and self.rdclass):
            return 24, 24, 32, 40
        return 24, 32, 40, 48

    @property
    def width(self) -> int:
        """How many letters a word of base64 or hex fills, before two are taken off."""
        if self.split is not None:
            return self.split
        return LINE - self.columns[3] if self.multiline else 60

    @property
    def break_(self) -> str:
        """What stands between the parts of long data."""
        return "\n" + indent(0, self.columns[3])[0] if self.multiline else " "

    def short(self) -> Style:
        """The style of data alone, on one line: ``+short`` knows no multiline."""
        return Style(
            rr_comments=self.rr_comments,
            crypto=self.crypto,
            unknown=self.unknown,
            expand_aaaa=self.expand_aaaa,
            split=self.split,
        )


def indent(column: int, to: int) -> tuple[str, int]:
    """White space from a column to another, at least one space, and the column then."""
    to = max(to, column + 1)
    tabs = max(to // TAB - column // TAB, 0)
    spaces = to - to // TAB * TAB if tabs else to - column
    return "\t" * tabs + " " * spaces, to


def words(text: str, size: int, between: str, step: int) -> str:
    """Text in words as BIND cuts them: groups of ``step`` letters, as many as stay below size."""
    if size < step:
        size = step
    groups = 0
    while (groups + 1) * step < size:
        groups += 1
    length = max(groups, 1) * step
    return between.join(text[at : at + length] for at in range(0, len(text), length))


UNITS = ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def duration(seconds: int, verbose: bool) -> str:
    """A TTL in weeks, days, hours, minutes and seconds.

    >>> duration(694861, False), duration(90, True), duration(0, True)
    ('1w1d1h1m1s', '1 minute 30 seconds', '0 seconds')
    """
    parts: list[str] = []
    left = seconds
    for size, name in UNITS:
        count, left = divmod(left, size)
        if count or (size == 1 and not parts):
            plural = "" if count == 1 else "s"
            parts.append(f"{count} {name}{plural}" if verbose else f"{count}{name[0]}")
    return (" " if verbose else "").join(parts)
