"""dig's command line: what belongs to all lookups, and the lookups with what belongs to each.

dig(1), "Multiple queries": what stands before the first name is every lookup's, what stands
behind a name is that one's. Words that are a type or a class are taken for one wherever they
stand, until ``-t`` or ``-c`` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, ip_address
from typing import TextIO

from netshell.classic.digging.switches import Switch, apply
from netshell.classic.digging.table import OPTIONS, named
from netshell.classic.options import refusal, unknown
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.lookup.numbers import class_number, type_number
from netshell.view import clean

A, NS, PTR, IXFR, AXFR, ANY = 1, 2, 12, 251, 252, 255
_ALONE = "46himnruv"  # options of one letter that take no value


@dataclass(slots=True)
class Whole:
    """What holds for all lookups, wherever on the line it stands: the last one counts."""

    short: bool = False
    cmd: bool = True
    search: bool = False
    show_search: bool = False
    domain: str | None = None
    ndots: int | None = None
    timeout_s: int = 5
    split: int | None = None
    port: int | None = None
    source: Endpoint | None = None
    ipv4: bool = True
    ipv6: bool = True
    batch: str | None = None
    digrc: bool = True
    wants: str = ""
    """ "help" or "version", where that is all that is wanted."""
    question_given: bool = False
    comments_given: bool = False


@dataclass(slots=True)
class Lookup:
    """One question and how it is asked and shown; the defaults are dig's."""

    name: str = ""
    rdtype: int = A
    type_set: bool = False
    rdclass: int = 1
    class_set: bool = False
    serial: int | None = None
    servers: list[tuple[str, str]] | None = None
    """Addresses, each with the text it was given as; None: those of /etc/resolv.conf."""
    banner: str = ""
    """The first lines, printed before the first of its text."""
    # the question
    aa: bool = False
    ad: bool = True
    cd: bool = False
    ra: bool = False
    tc: bool = False
    z: bool = False
    recurse: bool = True
    opcode: int = 0
    qid: int | None = None
    header_only: bool = False
    edns: int | None = 0
    edns_flags: int = 0
    edns_negotiation: bool = True
    edns_options: list[tuple[int, bytes]] = field(default_factory=list)
    udp_size: int | None = None
    dnssec: bool = False
    co: bool = False
    nsid: bool = False
    subnet: bytes | None = None
    send_cookie: bool = True
    cookie: bytes | None = None
    expire: bool = False
    keepalive: bool = False
    padding: int = 0
    # the way
    tcp: bool = False
    tcp_set: bool = False
    tls: bool = False
    https: str | None = None
    https_get: bool = False
    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None
    host: str = ""
    tries: int = 3
    ignore: bool = False
    fail: bool = True
    bad_cookie: bool = True
    best_effort: bool = True
    trace: bool = False
    # the text
    question: bool = True
    answer: bool = True
    authority: bool = True
    additional: bool = True
    comments: bool = True
    stats: bool = True
    rr_comments: int = 0
    multiline: bool = False
    ttl: bool = True
    ttl_units: bool = False
    show_class: bool = True
    crypto: bool = True
    unknown: bool = False
    expand_aaaa: bool = False
    identify: bool = False
    one_soa: bool = False
    show_query: bool = False
    microseconds: bool = False

    def copy(self) -> Lookup:
        """One of its own, for a name."""
        return replace(self, edns_options=list(self.edns_options), banner="")


Found = Callable[[str], list[tuple[str, str]]]
"""The addresses of a server as written, each with the name it is shown by; raises NetshellError."""


class Line:
    """Reads command lines into ``lookups``; one for all of a run, with its batch file."""

    def __init__(self, found: Found, err: TextIO, version: str) -> None:
        self.whole = Whole()
        self.default = Lookup()
        self.lookups: list[Lookup] = []
        self._found, self._err, self._version = found, err, version
        self._count = 0
        self._first = True

    def read(
        self, words: Sequence[str], *, batch: bool = False, settings: bool = False
    ) -> list[Lookup]:
        """The lookups of a line. ``settings``: of ~/.digrc, which has none.

        Raises BadArgument for what dig does not know, NetshellError for a server without address.
        """
        return _Reading(self, words, batch, settings).all()

    def banner(self, words: Sequence[str]) -> str:
        """The comment that a line of arguments begins with; the first has more."""
        if not self.whole.cmd:
            return ""
        text = f"; <<>> DiG {self._version} <<>>{''.join(f' {clean(word)}' for word in words)}\n"
        if not self._first:
            return text
        self._first = False
        if self._count:
            text += f"; ({self._count} server{'s' if self._count > 1 else ''} found)\n"
        short = " +short" if self.whole.short else ""
        return f"\n{text};; global options:{short} +cmd\n"

    def warn(self, text: str) -> None:
        """A line to standard error."""
        self._err.write(f";; Warning, {text}\n")

    def find(self, text: str) -> list[tuple[str, str]]:
        """The addresses of a server; how many there are is said in the first banner."""
        addresses = self._found(text)
        self._count = len(addresses)
        return addresses


class _Reading:
    """One line, word by word."""

    def __init__(self, line: Line, words: Sequence[str], batch: bool, settings: bool) -> None:
        self.line, self.batch, self.settings = line, batch, settings
        self.words, self.left = list(words), list(words)
        self.lookup = line.default
        self.fresh = True  # the next name needs a lookup of its own
        if batch and not settings:
            self.lookup, self.fresh = line.default.copy(), False
        self.open = True  # types and classes by position
        self.greeted = False
        self.found: list[Lookup] = []

    def all(self) -> list[Lookup]:
        while self.left:
            word = self.left.pop(0)
            if word.startswith("%"):
                break
            if word.startswith("@"):
                self.lookup.servers = [*(self.lookup.servers or ()), *self.line.find(word[1:])]
            elif word.startswith("+"):
                self.plus(word)
            elif word.startswith("-"):
                self.dash(word)
            elif not (self.open and (self.type(word, True) or self.rdclass(word))):
                self.name(word)
            if self.line.whole.wants:
                return []
        batch_follows = self.line.whole.batch is not None and not self.batch
        if not (self.found or self.settings or batch_follows):
            lookup = self.line.default.copy()
            lookup.name = "."
            if not lookup.type_set:
                lookup.rdtype = NS
            lookup.banner = self.line.banner(self.words)
            self.found.append(lookup)
        return self.found

    def name(self, text: str) -> None:
        if self.settings:
            return
        if self.fresh:
            self.lookup = self.line.default.copy()
        self.fresh = True
        self.lookup.name = text
        if not self.greeted:
            self.lookup.banner = self.line.banner(self.words)
            self.greeted = True
        self.found.append(self.lookup)

    def plus(self, word: str) -> None:
        bare, equals, value = word[1:].partition("=")
        known = named(bare)
        if known is None:
            raise unknown("dig", OPTIONS, word)
        name, state, option = known
        if option.refused:
            raise refusal("dig", option, f"+{bare}")
        if not equals and state and option.value and not option.value.startswith("["):
            raise BadArgument(f"dig +{name} needs a value", next_step=f"give {option.shown}")
        first = self.lookup is self.line.default
        switch = Switch(name, state, value if equals else None, first, self.batch)
        apply(switch, self.lookup, self.line.whole, self.line.warn)

    def dash(self, word: str) -> None:
        letters, whole = word[1:], self.line.whole
        while letters and letters[0] in _ALONE:
            letter, letters = letters[0], letters[1:]
            match letter:
                case "4":
                    whole.ipv6 = False
                case "6":
                    whole.ipv4 = False
                case "r":
                    whole.digrc = False
                case "u":
                    self.lookup.microseconds = True
                case "h":
                    whole.wants = "help"
                case "v":
                    whole.wants = "version"
                case "m":
                    raise unknown("dig", OPTIONS, "-m")
            if not (whole.ipv4 or whole.ipv6):
                raise BadArgument("only one of -4 and -6 allowed")
            if whole.wants or not letters:
                return
        option = f"-{letters[:1]}"
        if option not in {"-b", "-c", "-f", "-p", "-q", "-t", "-x"}:
            is_letter = letters and not word.startswith("--")
            raise unknown("dig", OPTIONS, option if is_letter else word)
        value = letters[1:]
        if not value:
            if not self.left:
                raise BadArgument(f"dig {option} needs a value")
            value = self.left.pop(0)
        self.valued(option, value)

    def valued(self, option: str, value: str) -> None:
        whole = self.line.whole
        match option:
            case "-b":
                whole.source = _source(value)
            case "-c":
                self.open = False
                if not self.rdclass(value):
                    self.line.warn(f"ignoring invalid class {value}")
            case "-f":
                whole.batch = value
            case "-p":
                whole.port = _port(value)
            case "-q":
                self.name(value)
            case "-t":
                self.open = False
                if not self.type(value, False):
                    self.line.warn(f"ignoring invalid type {value}")
            case "-x":
                self.name(reverse_name(value))
                if not self.lookup.type_set:
                    self.lookup.rdtype = PTR
                if not self.lookup.class_set:
                    self.lookup.rdclass = 1

    def type(self, text: str, by_position: bool) -> bool:
        """Whether it is a type; then it is the lookup's."""
        lookup, whole = self.lookup, self.line.whole
        number = IXFR if text.lower().startswith("ixfr=") else type_number(text)
        if number is None:
            return False
        serial = None
        if number == IXFR:
            if "=" not in text:
                if by_position:
                    self.line.warn("ixfr requires a serial number")
                return by_position
            serial = _number(text.partition("=")[2], 0xFFFFFFFF, "a zone's serial number")
        if lookup.type_set:
            self.line.warn("extra type option")
        lookup.rdtype, lookup.serial = number, serial
        lookup.type_set = lookup.type_set or not self.settings
        if number in (AXFR, IXFR):
            lookup.question = whole.question_given
            lookup.comments = whole.comments_given
        if number in (IXFR, ANY) and not lookup.tcp_set:
            lookup.tcp = True
        return True

    def rdclass(self, text: str) -> bool:
        """Whether it is a class; then it is the lookup's."""
        number = class_number(text)
        if number is None:
            return False
        if self.lookup.class_set:
            self.line.warn("extra class option")
        self.lookup.rdclass, self.lookup.class_set = number, True
        return True


def reverse_name(text: str) -> str:
    """The name under which an address is registered; parts of one, too, for ``-x 192.0.2``.

    >>> reverse_name("192.0.2.1"), reverse_name("10.1")
    ('1.2.0.192.in-addr.arpa.', '1.10.in-addr.arpa.')
    """
    if ":" in text:
        try:
            address = ip_address(text)
        except ValueError:
            address = None
        if not isinstance(address, IPv6Address):
            raise BadArgument("not an address", where=repr(text), next_step="-x takes an address")
        digits = address.exploded.partition("%")[0].replace(":", "")
        return ".".join(reversed(digits)) + ".ip6.arpa."
    return ".".join(reversed(text.split("."))) + ".in-addr.arpa."


def _source(text: str) -> Endpoint:
    host, hash_, digits = text.partition("#")
    try:
        address = ip_address(host)
    except ValueError:
        raise BadArgument(
            "invalid address", where=text, next_step="-b takes one of this machine's addresses"
        ) from None
    port = _number(digits, 65535, "a port") if hash_ else 0
    return Endpoint(str(address), port)


def _port(text: str) -> int:
    return _number(text, 65535, "a port")


def _number(text: str, most: int, what: str) -> int:
    if text.isascii() and text.isdecimal() and int(text[:12]) <= most:
        return int(text)
    raise BadArgument(f"not {what}", where=repr(text), why=f"it is a number from 0 to {most}")
