"""Options of the classic commands: the table's rows, how a command line is read, and its help.

A tool's ``OPTIONS`` is the one place that knows its options. Parsing, ``--help``, Tab, the
refusals and the reference are all made from it. :func:`parse` follows getopt_long(3); dig and
nslookup, which read their command lines by rules of their own, build :class:`Given` themselves
and refuse with :func:`unknown`.

An option that a tool has and we do not is in the table too, ``refused`` saying why: it is never
ignored, and never taken for something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import TextWrapper

from netshell.errors import BadArgument


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its names, what it does in one line, its value, and why we do not have it."""

    names: tuple[str, ...]
    """Every spelling, the usual one first: ``("-n", "--numeric")``, ``("+short", "+noshort")``."""
    does: str
    """In one line, without a full stop; what is refused needs no more than the reason."""
    value: str = ""
    """The name of its value ("COUNT"), all in brackets if it may lack ("[IFACE]"); empty: none."""
    refused: str = ""
    """Why it cannot be had and what to do instead; empty: supported."""

    @property
    def may_lack(self) -> bool:
        """Whether its value may lack; then it is one only where it is attached."""
        return self.value.startswith("[") and self.value.find("]") == len(self.value) - 1

    @property
    def shown(self) -> str:
        """Its names and value as the help has them.

        >>> Option(("-c", "--count"), "", "COUNT").shown
        '-c, --count=COUNT'
        >>> Option(("+edns", "+noedns"), "", "[VERSION]").shown
        '+edns[=VERSION], +noedns'
        """
        names = [*self.names]
        # dig's second names switch it off; elsewhere the long name comes last
        at = 0 if names[0].startswith("+") else -1
        joint = "=" if any(map(is_long, names)) else "" if self.may_lack else " "
        if self.may_lack:
            names[at] += f"[{joint}{self.value[1:-1]}]"
        elif self.value:
            names[at] += f"{joint}{self.value}"
        return ", ".join(names)


class Given:
    """The options that were given, in order, and what was no option."""

    def __init__(self, options: Sequence[Option]) -> None:
        self._by_name = {name: option for option in options for name in option.names}
        self.found: list[tuple[Option, str, str | None]] = []
        """In order: the option, the name that it was given by, its value (None: it has none)."""
        self.rest: list[str] = []

    def add(self, name: str, value: str | None = None) -> None:
        """Note an option by one of its names."""
        self.found.append((self._by_name[name], name, value))

    def count(self, name: str) -> int:
        """How often it was given, by any of its names: 3 for ``-vvv``."""
        return sum(1 for _ in self._of(name))

    def value(self, name: str) -> str | None:
        """Its last value; None if it was not given, or without one."""
        return next(iter([*self._of(name)][::-1]), None)

    def values(self, name: str) -> list[str]:
        """All its values, in order."""
        return [value for value in self._of(name) if value is not None]

    def __contains__(self, name: str) -> bool:
        return self.count(name) > 0

    def _of(self, name: str) -> Iterator[str | None]:
        # A name that is not in the table is a mistake of ours: KeyError.
        wanted = self._by_name[name]
        return (value for option, _, value in self.found if option is wanted)


# --- reading a command line -----------------------------------------------------------------


def parse(
    tool: str, options: Sequence[Option], arguments: Sequence[str], *, mixed: bool = True
) -> Given:
    """Read a command line as getopt_long(3) does.

    Clusters (``-nnvvv``), values attached or apart (``-c5``, ``-c 5``, ``--count=5``,
    ``--count 5``), unique prefixes of long names, ``--``, and options behind operands, unless
    ``mixed`` is False: then the first operand ends them. A value in brackets is taken only where
    it is attached.

    Raises BadArgument for an option that is not there, that is refused, that lacks its value or
    has one that it does not take, and for a prefix of several.

    >>> table = (Option(("-v",), "more"), Option(("-c", "--count"), "stop after", "COUNT"))
    >>> given = parse("tcpdump", table, ["-vvc5", "port", "80", "-v"])
    >>> given.count("-v"), given.value("--count"), given.rest
    (3, '5', ['port', '80'])
    """
    given = Given(options)
    known = {name: option for option in options for name in option.names}
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            given.rest += words
            break
        if word.startswith("--"):
            _take_long(tool, options, known, word, words, given)
        elif word.startswith("-") and word != "-":
            _take_cluster(tool, options, known, word, words, given)
        else:
            given.rest.append(word)
            if not mixed:
                given.rest += words
                break
    return given


def _take_long(
    tool: str,
    options: Sequence[Option],
    known: dict[str, Option],
    word: str,
    words: list[str],
    given: Given,
) -> None:
    typed, equals, attached = word.partition("=")
    fitting = [typed] if typed in known else [name for name in known if name.startswith(typed)]
    if not fitting:
        raise unknown(tool, options, typed)
    if len({known[name].names for name in fitting}) > 1:
        raise BadArgument(
            f"{tool} has several options {typed}…", next_step=f"it is one of {', '.join(fitting)}"
        )
    name, option = fitting[0], known[fitting[0]]
    if option.refused:
        raise refusal(tool, option, name)
    if equals and not option.value:
        raise BadArgument(f"{tool} {name} takes no value", where=f"({word})")
    value: str | None = attached if equals else None
    if value is None and option.value and not option.may_lack:
        value = _next_value(tool, option, name, words)
    given.add(name, value)


def _take_cluster(
    tool: str,
    options: Sequence[Option],
    known: dict[str, Option],
    word: str,
    words: list[str],
    given: Given,
) -> None:
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        option = known.get(name)
        if option is None:
            raise unknown(tool, options, name, word)
        if option.refused:
            raise refusal(tool, option, name)
        if not option.value:
            given.add(name)
            continue
        if letters or option.may_lack:
            given.add(name, letters or None)
        else:
            given.add(name, _next_value(tool, option, name, words))
        return


def _next_value(tool: str, option: Option, name: str, words: list[str]) -> str:
    if not words:
        raise BadArgument(f"{tool} {name} needs a value", next_step=f"give {name} {option.value}")
    return words.pop(0)


# --- refusing -------------------------------------------------------------------------------


def unknown(tool: str, options: Sequence[Option], word: str, cluster: str = "") -> BadArgument:
    """The refusal of an option that is not supported: named, with its reason or the nearest one.

    ``cluster`` is the word that it stood in, if that had more than it.

    >>> print(unknown("dig", (Option(("+short",), "answers only"),), "+shrt"))
    dig has no option +shrt; the nearest is +short (answers only), --help lists all
    """
    bare = word.partition("=")[0]
    for option in options:
        if bare in option.names and option.refused:
            return refusal(tool, option, bare)
    where = f"(in {cluster})" if cluster not in ("", word) else ""
    near = nearest(options, bare, cluster)
    step = f"the nearest is {near[0]} ({near[1].does}), " if near else ""
    return BadArgument(
        f"{tool} has no option {word}", where=where, next_step=f"{step}--help lists all"
    )


def refusal(tool: str, option: Option, name: str) -> BadArgument:
    """The refusal of an option that the tool has and we do not."""
    return BadArgument(f"{tool} {name} is not supported", why=option.refused)


def nearest(options: Sequence[Option], word: str, cluster: str = "") -> tuple[str, Option] | None:
    """The supported name that is most like a word, and its option; None if there is none at all.

    >>> nearest((Option(("-n",), "numbers"), Option(("-v",), "more")), "-N")[0]
    '-n'
    """
    best: tuple[float, str, Option] | None = None
    for option in options:
        for name in option.names if not option.refused else ():
            # `-numeric` is a slip of `--numeric` rather than of a letter
            slip = is_long(name) and len(cluster) > 3 and name.startswith(f"-{cluster}")
            far = 0.0 if slip else _distance(word, name)
            if best is None or far < best[0]:
                best = far, name, option
    return (best[1], best[2]) if best else None


def is_long(name: str) -> bool:
    """Whether it is a word rather than a letter: a value goes behind ``=``."""
    return len(name) > 2 or name.startswith("+")


_KEYS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACE = {key: (row, at + row / 3) for row, keys in enumerate(_KEYS) for at, key in enumerate(keys)}


def _distance(word: str, name: str) -> float:
    """Edits between two names, neighbouring keys and cases being nearer than other letters."""
    rows = [[float(at) for at in range(len(name) + 1)]]
    for at, letter in enumerate(word, 1):
        row = [float(at)]
        for to, other in enumerate(name, 1):
            cost = min(rows[-1][to] + 1, row[to - 1] + 1, rows[-1][to - 1] + _slip(letter, other))
            if at > 1 and to > 1 and letter == name[to - 2] and word[at - 2] == other != letter:
                cost = min(cost, rows[-2][to - 2] + 1)
            row.append(cost)
        rows.append(row)
    return rows[-1][-1]


def _slip(letter: str, other: str) -> float:
    if letter == other:
        return 0
    if letter.lower() == other.lower():
        return 0.2
    here, there = _PLACE.get(letter.lower()), _PLACE.get(other.lower())
    if here is None or there is None:
        return 1
    far = abs(here[0] - there[0]) + abs(here[1] - there[1])
    return 0.6 + min(far, 10) / 25


# --- the help -------------------------------------------------------------------------------

WIDTH = 79
_NAMES_WIDTH = 24


def described(tool: str, takes: str, does: str, options: Sequence[Option]) -> str:
    """A tool's help: what it is called with, what it does, and each option of its table.

    ``takes`` is what stands behind the name in the usage line. At most 79 columns wide.
    """
    lines = TextWrapper(WIDTH, f"usage: {tool} ", " " * 9).wrap(takes)
    lines += ["", *TextWrapper(WIDTH).wrap(does), "", "options:"]
    lines += _rows((option.shown, option.does) for option in options if not option.refused)
    refused = [option for option in options if option.refused]
    if refused:
        lines += ["", "not supported:"]
        lines += _rows((option.shown, option.refused) for option in refused)
    return "\n".join(lines) + "\n"


def _rows(entries: Iterator[tuple[str, str]]) -> Iterator[str]:
    for names, text in entries:
        head = f"  {names:<{_NAMES_WIDTH}}  "
        indent = " " * (_NAMES_WIDTH + 4)
        if len(names) > _NAMES_WIDTH:
            yield from TextWrapper(WIDTH, "  ", "      ").wrap(names)
            head = indent
        yield from TextWrapper(WIDTH, head, indent).wrap(text)
