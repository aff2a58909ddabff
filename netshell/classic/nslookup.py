"""nslookup: a name's or an address's records, as BIND's nslookup 9.18 prints them (nslookup(1)).

Asking is dig's (``digging.conversation``), without EDNS; the text is in ``nslookup_text``. Exit
status: 0 for an answer, 1 for none or an error of the server, 10 for what is no name. What BIND
only warns of, a type or a number that is none, is warned of here too, and passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from netshell.classic.options import Option, refusal, unknown
from netshell.classic.outcome import Outcome
from netshell.errors import BadArgument

if TYPE_CHECKING:
    from netshell.lookup.answer import Answer

OPTIONS: tuple[Option, ...] = (
    Option(("-type", "-query", "-querytype", "-q", "-qu", "-ty"),
           "the type of record to ask for; A and AAAA unless given", "TYPE"),
    Option(("-port", "-po"), "the servers' port", "PORT"),
    Option(("-timeout", "-t"), "how many seconds to wait for a reply", "SECONDS"),
    Option(("-retry", "-ret"), "how often to ask", "COUNT"),
    Option(("-class", "-cl"), "the class: IN, CH, HS, ANY", "CLASS"),
    Option(("-domain", "-do"), "search short names in this domain", "NAME"),
    Option(("-ndots",), "search names with fewer dots than this", "COUNT"),
    Option(("-debug",), "show the whole reply"),
    Option(("-nodebug",), "do not (the default)"),
    Option(("-vc",), "ask over TCP"),
    Option(("-novc",), "ask over UDP (the default)"),
    Option(("-recurse",), "ask the server to ask others (the default)"),
    Option(("-norecurse",), "ask for what the server itself knows"),
    Option(("-search", "-defname"), "search short names in resolv.conf's domains (the default)"),
    Option(("-nosearch", "-nodefname"), "take names as they are"),
    Option(("-fail",), "take a SERVFAIL for the answer"),
    Option(("-nofail",), "ask the next server after a SERVFAIL (the default)"),
    Option(("-sil",), "accepted for old scripts"),
    Option(("-version",), "the version that the text is that of"),
    Option(("-all",), "settings", refused="there are no settings to show; ask, with -debug"),
    Option(("-d2", "-nod2"), "BIND's own steps", refused="they are BIND's; -debug shows replies"),
)  # fmt: skip

# Words without a value, each with the letters that are enough for it (BIND's CHECKOPT).
_WORDS = (
    ("recurse", 3), ("norecurse", 5), ("defname", 3), ("nodefname", 5), ("vc", 2), ("novc", 4),
    ("debug", 3), ("nodebug", 5), ("search", 3), ("nosearch", 5), ("sil", 3), ("fail", 3),
    ("nofail", 3), ("all", 3), ("d2", 2), ("nod2", 4), ("version", 3),
)  # fmt: skip
_VALUES = {name[1:]: option.names[0][1:] for option in OPTIONS if option.value
           for name in option.names}  # fmt: skip

VERSION = "9.18-netshell"
ILLEGAL = 10
_MOST = {"port": 65535, "timeout": 2**32 - 1, "retry": 2**31 - 1, "ndots": 128}
_CALLED = {"retry": "tries"}
_PTR = 12
_INTERACTIVE = "nslookup is not interactive here"


class Settings(NamedTuple):
    """What the options say; the defaults are nslookup's."""

    rdtype: int | None = None
    """None: A, and then AAAA."""
    rdclass: int = 1
    port: int = 53
    timeout: int = 0
    """Seconds; 0 is the 5 that BIND waits."""
    retry: int = 3
    ndots: int | None = None
    domain: str | None = None
    debug: bool = False
    vc: bool = False
    recurse: bool = True
    search: bool = True
    fail: bool = False
    version: bool = False


def run(arguments: Sequence[str], out: TextIO, err: TextIO) -> Outcome:
    """Look a name or an address up; the records are an Answer, or Answers of several questions.

    >>> run(["-type=mx", "example.org", "192.0.2.1"], out, err)         # doctest: +SKIP

    Raises BadArgument for an option that is not there and for the interactive form, NotFound for
    a server without address.
    """
    settings, names = _read(arguments, out)
    if settings.version:
        err.write(f"nslookup {VERSION}\n")
        return Outcome()
    if not names or names[0] == "-":
        raise BadArgument(_INTERACTIVE, next_step="give the name: nslookup NAME [SERVER]")
    if len(names) > 2:
        raise BadArgument(
            f"nslookup takes a name and a server, not {names[2]!r} too",
            next_step="look up one name after the other",
        )
    return _look_up(settings, names[0], names[1] if len(names) > 1 else None, out, err)


def _read(arguments: Sequence[str], out: TextIO) -> tuple[Settings, list[str]]:
    """The options, which may stand anywhere, and the words that are none."""
    settings, names = Settings(), []
    for word in arguments:
        if word.startswith("-") and word != "-":
            settings = _option(settings, word, out)
        else:
            names.append(word)
    return settings, names


def _option(settings: Settings, word: str, out: TextIO) -> Settings:
    bare, equals, value = word[1:].partition("=")
    low = bare.lower()
    if equals and low in _VALUES:
        return _valued(settings, _VALUES[low], value, out)
    name = next(
        (each for each, least in _WORDS if least <= len(low) and each.startswith(low)), None
    )
    if equals or name is None:
        if low in _VALUES:
            raise BadArgument(f"nslookup {word} needs a value", next_step=f"as in {word}=VALUE")
        raise unknown("nslookup", OPTIONS, word)
    for option in OPTIONS:
        if f"-{name}" in option.names and option.refused:
            raise refusal("nslookup", option, word)
    if name == "sil":
        return settings
    state = not name.startswith("no")
    field = name.removeprefix("no").replace("defname", "search")
    change: dict[str, Any] = {field: state}
    return settings._replace(**change)


def _valued(settings: Settings, name: str, value: str, out: TextIO) -> Settings:
    from netshell.lookup.numbers import class_number, type_number
    from netshell.view import clean

    if name in ("type", "class"):
        number = type_number(value) if name == "type" else class_number(value)
        if number is None:
            out.write(f"unknown query {name}: {clean(value)}\n")
            return settings
        return settings._replace(**dict[str, Any]({f"rd{name}": number}))
    if name == "domain":
        return settings._replace(domain=value, search=True)
    digits = value.isascii() and value.isdecimal()
    if not digits or int(value[:20]) > _MOST[name]:
        why = "out of range" if digits else "not a valid number"
        out.write(f"invalid {_CALLED.get(name, name)} '{clean(value)}': {why}\n")
        return settings
    return settings._replace(**dict[str, Any]({name: int(value)}))


def _look_up(
    settings: Settings, name: str, server: str | None, out: TextIO, err: TextIO
) -> Outcome:
    from netshell.classic.digging.line import Lookup, Whole
    from netshell.classic.nslookup_asking import Asking
    from netshell.classic.nslookup_text import Text
    from netshell.flow.key import Endpoint
    from netshell.lookup.asking import name_wire
    from netshell.lookup.names import brief
    from netshell.lookup.resolvconf import resolvers, search_list
    from netshell.lookup.servers import LOCAL
    from netshell.lookup.system import addresses
    from netshell.view import clean

    found = [(each, server) for each in addresses(server)] if server else [
        (each, each) for each in resolvers() or LOCAL
    ]  # fmt: skip
    servers = [(Endpoint(address, settings.port), called) for address, called in found]
    whole = Whole(
        cmd=False,
        search=settings.search,
        show_search=settings.debug,
        domain=settings.domain,
        ndots=settings.ndots,
        timeout_s=settings.timeout or 5,
    )
    reverse = _reverse(name)
    lookup = Lookup(
        name=reverse or name,
        rdtype=_PTR if reverse else settings.rdtype or 1,
        rdclass=settings.rdclass,
        ad=False,
        recurse=settings.recurse,
        edns=None,
        send_cookie=False,
        tcp=settings.vc,
        tries=max(settings.retry, 1),
        fail=settings.fail,
    )
    try:
        name_wire(lookup.name)
    except BadArgument as error:
        err.write(f"nslookup: {clean(brief(name))} is not a legal name ({error.why})\n")
        return Outcome(None, ILLEGAL)
    recursion = server is None and settings.recurse
    conversation = Asking(whole, out, *search_list(), expects_recursion=recursion)
    text = Text(whole, out, both=settings.rdtype is None, debug=settings.debug)
    conversation.shown = text
    try:
        conversation.look_up(lookup, servers)
        while text.next_name is not None:
            follow = lookup.copy()
            follow.name, follow.rdtype, text.next_name = text.next_name, 28, None
            conversation.look_up(follow, servers)
    except KeyboardInterrupt:
        return Outcome(_records(conversation.answers), 130)
    out.write("\n")
    return Outcome(_records(conversation.answers), int(text.failed or not text.reached))


def _reverse(name: str) -> str | None:
    """The name under which an address is registered; None for what is no address."""
    from netshell.classic.digging.line import reverse_name
    from netshell.lookup.system import literal_address

    if name.startswith("[") or literal_address(name) is None:
        return None
    return reverse_name(name.partition("%")[0]).removesuffix(".")


def _records(answers: Sequence[Answer]) -> object:
    from netshell.lookup.answer import Answers

    return answers[0] if len(answers) == 1 else Answers(answers)
