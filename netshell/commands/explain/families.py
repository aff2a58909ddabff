"""The kinds of words that can be explained, in the order in which they are looked for.

To add one: a :class:`Family` in FAMILIES, its label in ``ask.toml``, its texts in a file of their
own. What a word means in several of them is told by the first, and the others are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from netshell.catalogue import has, source, text
from netshell.commands.explain import codes, columns, dnsterms, icmps, options, ports, segments
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.kinds import kind as explained
from netshell.commands.explain.ttls import number as ttl
from netshell.commands.explain.ttls import word as ttl_word
from netshell.errors import BadArgument
from netshell.flow.kinds import KINDS, kind_of
from netshell.flow.state import State

Shown = Callable[[], Explanation]


class Family(NamedTuple):
    """A kind of words: how it is asked for precisely, and what finds a word of it.

    ``find`` gives what shows the explanation, and the word as it is to be asked for precisely;
    None for a word that is none of it. ``loose`` finds it where nothing in front of it says which
    family is meant; it is ``find`` where not given.
    """

    name: str
    """Of its label in the catalogue, and what may stand before the word."""
    find: Callable[[str], tuple[Shown, str] | None]
    loose: Callable[[str], tuple[Shown, str] | None] | None = None
    prefixes: tuple[str, ...] = ()
    """What else may stand before the word."""
    words: Callable[[], Iterable[str]] = tuple
    """What there is in it, to name the nearest of a word that is unknown."""

    def bare(self, said: str) -> tuple[Shown, str] | None:
        """The word by itself."""
        return (self.loose or self.find)(said)


_ENDS = ("still ", "no answer", "handshake ", "rst by ", "fin by ", "timeout: ")
"""How what endings are called begins: the phrases themselves load numpy."""


def _ending(said: str) -> tuple[Shown, str] | None:
    if not said.lower().startswith(_ENDS):
        return None
    from netshell.commands.explain.endings import ending

    found = ending(said)
    return None if found is None else (lambda: found, found.subject)


def _ttl(said: str) -> tuple[Shown, str] | None:
    if _is_number(said, 9):
        return lambda: ttl(int(said)), said
    return None


def _ttl_loose(said: str) -> tuple[Shown, str] | None:
    if said.lower() in ("ttl", "hop limit", "hoplimit", "hops"):
        return ttl_word, said
    if _is_number(said, 3) and int(said) < 256:
        return lambda: ttl(int(said)), said
    return None


def _state(said: str) -> tuple[Shown, str] | None:
    try:
        found = State.parse(said)
    except BadArgument:
        return None  # it may be of another family
    return lambda: segments.state(found), found


def _record_type(said: str) -> tuple[Shown, str] | None:
    name = dnsterms.type_name(said)
    return (lambda: dnsterms.record_type(name), name) if name else None


def _record_type_loose(said: str) -> tuple[Shown, str] | None:
    """Names only: a number is something else. One letter is told by ``find`` alone."""
    if _is_number(said, 9):
        return None
    return _record_type(said)


def _flags(said: str) -> tuple[Shown, str] | None:
    from netshell.flow.flags import parse

    try:
        found = parse(said)
    except BadArgument:
        return None  # it may be of another family
    return lambda: segments.flags(found), said


def _rcode(said: str) -> tuple[Shown, str] | None:
    name = dnsterms.rcode_name(said)
    return (lambda: dnsterms.rcode(name), name) if name else None


def _rcode_loose(said: str) -> tuple[Shown, str] | None:
    return None if _is_number(said, 9) else _rcode(said)


def _dns_flag(said: str) -> tuple[Shown, str] | None:
    name = said.lower()
    return (lambda: dnsterms.flag(name), name) if name in dnsterms.FLAGS else None


def _extended(said: str) -> tuple[Shown, str] | None:
    number = dnsterms.extended_name(said)
    return (lambda: dnsterms.extended(number), number) if number else None


def _option(said: str) -> tuple[Shown, str] | None:
    name = options.option_name(said)
    return (lambda: options.option(name), name) if name else None


def _option_loose(said: str) -> tuple[Shown, str] | None:
    return None if _is_number(said, 9) else _option(said)


def _icmp(said: str) -> tuple[Shown, str] | None:
    return _icmp_of(said, 4)


def _icmp6(said: str) -> tuple[Shown, str] | None:
    return _icmp_of(said, 6)


def _icmp_of(said: str, version: int) -> tuple[Shown, str] | None:
    numbers = icmps.numbers(said)
    if numbers is None:
        numbers = icmps.named(said, version)
    if numbers is None or not icmps.known(version, numbers[0]):
        return None
    kind, code = numbers
    asked = str(kind) if code is None else f"{kind}/{code}"
    return lambda: icmps.message(version, kind, code), asked


def _icmp_loose(said: str) -> tuple[Shown, str] | None:
    return None if icmps.numbers(said) else _icmp(said)


def _icmp6_loose(said: str) -> tuple[Shown, str] | None:
    return None if icmps.numbers(said) else _icmp6(said)


def _status(said: str) -> tuple[Shown, str] | None:
    named = codes.named_status(said)
    found = codes.status(said) if named is None else codes.http(named)
    return None if found is None else (lambda: found, said if named is None else str(named))


def _status_loose(said: str) -> tuple[Shown, str] | None:
    known = codes.named_status(said) is not None or _number_in(said, codes.REASONS)
    return _status(said) if known else None


def _sqlstate(said: str) -> tuple[Shown, str] | None:
    found = codes.state(said)
    return None if found is None else (lambda: found, said)


def _sqlstate_loose(said: str) -> tuple[Shown, str] | None:
    if len(said) != 5 or not any(char.isdigit() for char in said):
        return None  # a word: the few codes of letters only are to be asked for precisely
    return _sqlstate(said) if has(f"sqlstate.{said.upper()}.what") else None


def _mysql(said: str) -> tuple[Shown, str] | None:
    found = codes.error(said)
    return None if found is None else (lambda: found, said)


def _mysql_loose(said: str) -> tuple[Shown, str] | None:
    return _mysql(said) if len(said) == 4 and has(f"mysql.{said}.what") else None


def _redis(said: str) -> tuple[Shown, str] | None:
    found = codes.redis(said)
    return None if found is None else (lambda: found, found.subject)


def _redis_loose(said: str) -> tuple[Shown, str] | None:
    return None if " " in said else _redis(said)


def _tls(said: str) -> tuple[Shown, str] | None:
    found = codes.tls(said)
    return None if found is None else (lambda: found, found.subject)


def _finding(said: str) -> tuple[Shown, str] | None:
    kind = kind_of(said)
    if kind is None:
        return None

    return lambda: explained(kind), kind


def _port(said: str) -> tuple[Shown, str] | None:
    number = ports.port_number(said)
    return None if number is None else (lambda: ports.port(number), str(number))


def _port_loose(said: str) -> tuple[Shown, str] | None:
    """A number that is no TTL's is any port, a small one only a well-known one."""
    if _is_number(said, 9) and int(said) < 256 and int(said) not in ports.PORTS:
        return None
    return _port(said)


def _of_all(kind: str, word: str, *keys: str) -> tuple[Shown, str] | None:
    """A word of a kind whose texts all have one source; the first text must be there."""
    if not has(keys[0]):
        return None
    lines = tuple(text(key) for key in keys if has(key))
    return lambda: Explanation(kind, word, lines, source(f"{kind}.all")), word


def _interface(said: str) -> tuple[Shown, str] | None:
    name = said.upper().replace("-", "_")
    return _of_all("interface", name, f"interface.flag.{name}", "interface.about")


def _route(said: str) -> tuple[Shown, str] | None:
    name = said.lower()
    return _of_all("route", name, f"route.kind.{name}")


def _timer(said: str) -> tuple[Shown, str] | None:
    name = said.lower().replace("-", "")
    return _of_all("timer", name, f"timer.kind.{name}", f"timer.more.{name}")


def _field(program: str) -> Callable[[str], tuple[Shown, str] | None]:
    def find(said: str) -> tuple[Shown, str] | None:
        name = columns.of_program(program, said)
        return (lambda: columns.field(program, name), said) if name else None

    return find


def _column(table: str) -> Callable[[str], tuple[Shown, str] | None]:
    def find(said: str) -> tuple[Shown, str] | None:
        key = columns.of_table(table, said)
        return (lambda: columns.column(key, table), said) if key else None

    return find


def _column_own(table: str) -> Callable[[str], tuple[Shown, str] | None]:
    """Only what the table has a text of its own for."""

    def find(said: str) -> tuple[Shown, str] | None:
        return _column(table)(said) if table in columns.tables_with(said) else None

    return find


def _is_number(said: str, digits: int) -> bool:
    return said.isascii() and said.isdecimal() and len(said) <= digits


def _number_in(said: str, known: Iterable[int]) -> bool:
    return _is_number(said, 9) and int(said) in known


def _types() -> Iterable[str]:
    from netshell.lookup.numbers import TYPES

    return (*TYPES, *dnsterms.EXTRA_TYPES)


def _phrases() -> Iterable[str]:
    from netshell.flow.ending import PHRASES

    return filter(None, PHRASES)


FAMILIES: tuple[Family, ...] = (
    Family("ending", _ending, words=_phrases),
    Family("state", _state, words=lambda: tuple(State)),
    Family("ttl", _ttl, _ttl_loose, ("hop limit", "hoplimit")),
    Family("type", _record_type, _record_type_loose, ("record type", "rdtype", "record"), _types),
    Family("flags", _flags, prefixes=("flag", "tcp flags", "tcp flag")),
    Family("dns flag", _dns_flag, prefixes=("dns",), words=lambda: dnsterms.FLAGS),
    Family("rcode", _rcode, _rcode_loose, ("dns status",), lambda: (*dnsterms.RCODES, "NODATA")),
    Family("interface flag", _interface, prefixes=("interface",)),
    Family("route", _route, prefixes=("route kind",)),
    Family("timer", _timer),
    Family("http", _status, _status_loose, ("http status", "status", "http/")),
    Family("redis", _redis, _redis_loose, ("redis error",), lambda: codes.REDIS),
    Family("alert", _tls, prefixes=("tls", "tls alert"), words=lambda: codes.ALERTS),
    Family("finding", _finding, words=lambda: KINDS),
    Family("option", _option, _option_loose, ("tcp option",), lambda: options.NUMBERS.values()),
    Family("icmp", _icmp, _icmp_loose, ("icmp type",), icmps.words),
    Family("icmp6", _icmp6, _icmp6_loose, ("icmpv6", "icmp6 type", "icmpv6 type")),
    Family("sqlstate", _sqlstate, _sqlstate_loose, ("sqlstate:",)),
    Family("mysql", _mysql, _mysql_loose, ("mariadb", "mysql error", "er", "error")),
    Family("ede", _extended, lambda said: None, ("extended error", "ede:")),
    Family("port", _port, _port_loose, ("tcp port", "udp port"), lambda: ports.PORTS.values()),
    *(
        Family(name, _field(name), words=lambda name=name: columns.PROGRAMS[name])  # type: ignore[misc]
        for name in columns.PROGRAMS
    ),
    *(
        Family(name, _column(name), _column_own(name), words=lambda name=name: columns.TABLES[name])  # type: ignore[misc]
        for name in columns.TABLES
        if name not in (*columns.PROGRAMS, "any")
    ),
    Family("column", _column("any")),
)
"""All of them. The name of one, or a prefix, before a word says that it is meant: "port 443"."""
