"""What each ``+option`` sets: of its lookup, or of the whole run.

``table`` says which there are and what they are for; ``line`` finds them on the command line.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from netshell.classic.digging.edns import NAMES
from netshell.errors import BadArgument
from netshell.lookup.numbers import OPCODES

if TYPE_CHECKING:
    from netshell.classic.digging.line import Lookup, Whole


class Switch(NamedTuple):
    """A ``+option`` as given: its full name, its state, its value (None: none was given)."""

    name: str
    state: bool
    value: str | None
    first: bool
    """Whether it stands before the first name."""
    batch: bool
    """Whether it stands in a batch file."""

    def number(self, most: int) -> int:
        """Its value as a number. Raises BadArgument."""
        text = self.value or ""
        if not (text.isascii() and text.isdecimal() and int(text[:12]) <= most):
            raise BadArgument(
                f"dig +{self.name}: not a number", where=repr(text), why=f"it is from 0 to {most}"
            )
        return int(text)

    def octets(self, text: str) -> bytes:
        """Hexadecimal digits as bytes. Raises BadArgument."""
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise BadArgument(f"dig +{self.name}: not hexadecimal", where=repr(text)) from None


Warn = Callable[[str], None]

_FIELDS = {
    "aaonly": "aa", "additional": "additional", "adflag": "ad", "answer": "answer",
    "authority": "authority", "badcookie": "bad_cookie", "besteffort": "best_effort",
    "cdflag": "cd", "class": "show_class", "coflag": "co", "crypto": "crypto",
    "ednsnegotiation": "edns_negotiation", "expandaaaa": "expand_aaaa", "expire": "expire",
    "fail": "fail", "header-only": "header_only", "identify": "identify", "ignore": "ignore",
    "keepalive": "keepalive", "multiline": "multiline", "onesoa": "one_soa", "qr": "show_query",
    "raflag": "ra", "recurse": "recurse", "stats": "stats", "tcflag": "tc", "tls": "tls",
    "ttlid": "ttl", "unknownformat": "unknown", "zflag": "z",
}  # fmt: skip
"""Switches that are one field of the lookup."""

_NEED_EDNS = {"coflag", "cookie", "dnssec", "nsid", "padding", "subnet"}


def apply(switch: Switch, lookup: Lookup, whole: Whole, warn: Warn) -> None:
    """Set what it sets. Raises BadArgument for a value that does not fit."""
    name, state = switch.name, switch.state
    if state and name in _NEED_EDNS and lookup.edns is None:
        lookup.edns = 0
    if field := _FIELDS.get(name):
        setattr(lookup, field, state)
    elif not (_shown(switch, lookup, whole) or _way(switch, lookup, whole, warn)):
        _asked(switch, lookup, whole)


def _shown(switch: Switch, lookup: Lookup, whole: Whole) -> bool:
    """Those of the text; False if it is none of them."""
    state = switch.state
    match switch.name:
        case "all":
            for section in ("question", "answer", "authority", "additional", "comments", "stats"):
                setattr(lookup, section, state)
            whole.cmd = state
        case "cmd":
            whole.cmd = state
        case "comments":
            lookup.comments = state
            whole.comments_given = state if switch.first else whole.comments_given
        case "question":
            lookup.question = state
            whole.question_given = state if switch.first else whole.question_given
        case "short":
            whole.short = state
            if state:
                whole.cmd = False
                lookup.answer, lookup.rr_comments = True, -1
                for section in ("question", "authority", "additional", "comments", "stats"):
                    setattr(lookup, section, False)
        case "rrcomments":
            lookup.rr_comments = 1 if state else -1
        case "ttlunits":
            lookup.ttl, lookup.ttl_units = True, state
        case "split":
            _split(switch, whole)
        case _:
            return False
    return True


def _split(switch: Switch, whole: Whole) -> None:
    if not switch.state:
        whole.split = 0
    elif switch.value is not None:
        # Three more, as BIND has it: what shows the words takes two off.
        letters = (switch.number(1023) + 3) // 4 * 4
        whole.split = letters + 3 if letters else 0


def _way(switch: Switch, lookup: Lookup, whole: Whole, warn: Warn) -> bool:
    """Those of how servers are asked; False if it is none of them."""
    state, value = switch.state, switch.value
    match switch.name:
        case "tcp":
            if not switch.batch:
                lookup.tcp, lookup.tcp_set = state, True
        case "https" | "https-get":
            path = value or "/dns-query"
            lookup.https = (path if path.startswith("/") else f"/{path}") if state else None
            lookup.https_get = state and switch.name == "https-get"
        case "tls-ca":
            lookup.authorities = (value or "") if state else None
        case "tls-certfile":
            lookup.certificate = value if state else None
        case "tls-keyfile":
            lookup.key = value if state else None
        case "tls-hostname":
            lookup.host = (value or "") if state else ""
        case "timeout":
            whole.timeout_s = max(switch.number(0xFFFF), 1)
        case "tries":
            lookup.tries = max(switch.number(0xFFFFFFFF), 1)
        case "retry":
            lookup.tries = switch.number(0xFFFFFFFE) + 1
        case "search" | "defname":
            if not lookup.trace:
                whole.search = state
        case "showsearch":
            if not lookup.trace:
                whole.search = whole.show_search = state
        case "domain":
            whole.domain, whole.search = value, True
        case "ndots":
            whole.ndots = switch.number(0xFFFF)
        case "trace":
            _trace(lookup, whole, state)
        case "idnin":
            if not state:
                warn("names beyond ASCII cannot be asked for as they are")
        case _:
            return False
    return True


def _trace(lookup: Lookup, whole: Whole, state: bool) -> None:
    lookup.trace = state
    if state:
        lookup.recurse = lookup.identify = lookup.authority = lookup.dnssec = True
        lookup.send_cookie = True
        lookup.comments = lookup.stats = lookup.additional = lookup.question = False
        lookup.rr_comments = 0
        whole.search = False


def _asked(switch: Switch, lookup: Lookup, whole: Whole) -> None:
    """Those of the question itself."""
    state, value = switch.state, switch.value
    match switch.name:
        case "bufsize":
            lookup.udp_size = None if value is None else switch.number(0xFFFF)
        case "cookie":
            lookup.send_cookie = state
            lookup.cookie = switch.octets(value) if value else None
        case "dnssec":
            lookup.dnssec = state
        case "edns":
            lookup.edns = (0 if value is None else switch.number(255)) if state else None
        case "ednsflags":
            lookup.edns_flags = _bits(switch) if state and value is not None else 0
        case "ednsopt":
            if state:
                lookup.edns_options.append(_option(switch))
            else:
                lookup.edns_options.clear()
        case "nsid":
            lookup.nsid = state
        case "opcode":
            lookup.opcode = _opcode(switch) if state else 0
        case "padding":
            lookup.padding = switch.number(512)
        case "qid":
            lookup.qid = switch.number(0xFFFF) if state else None
        case "subnet":
            lookup.subnet = _subnet(switch) if state else None


def _bits(switch: Switch) -> int:
    text = switch.value or ""
    base = 16 if text[:2].lower() == "0x" else 8 if text[:1] == "0" else 10
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if not 0 <= number <= 0xFFFF:
        raise BadArgument(f"dig +{switch.name}: not 16 bits", where=repr(text))
    return number & ~0xC000  # its named flags have options of their own


def _option(switch: Switch) -> tuple[int, bytes]:
    code, _, digits = (switch.value or "").partition(":")
    number = NAMES.get(code.upper())
    if number is None:
        number = switch._replace(value=code).number(0xFFFF)
    return number, switch.octets(digits)


def _opcode(switch: Switch) -> int:
    text = (switch.value or "").upper()
    return OPCODES.index(text) if text in OPCODES else switch.number(15)


def _subnet(switch: Switch) -> bytes:
    """An option of RFC 7871: the family, how many bits count, and the octets that have some."""
    text = switch.value or ""
    host, slash, digits = text.partition("/")
    if host == "0" and (not slash or digits == "0"):
        # No family: whoever sees it may not tell of the client (RFC 7871 7.1.2).
        return bytes([0, 1, 0, 0])
    try:
        parts = host.split(".")
        short = ":" not in host and len(parts) < 4 and bool(slash)
        address = ip_address(".".join([*parts, *["0"] * (4 - len(parts))]) if short else host)
        bits = int(digits) if slash else address.max_prefixlen
    except ValueError:
        bits = -1
    if not 0 <= bits <= (most := address.max_prefixlen if bits >= 0 else -1):
        raise BadArgument(
            f"dig +{switch.name}: not a subnet", where=repr(text), next_step="such as 192.0.2.0/24"
        )
    kept = int(address) >> (most - bits) << (most - bits) if bits < most else int(address)
    octets = kept.to_bytes(most // 8, "big")[: (bits + 7) // 8]
    return bytes([0, 1 if most == 32 else 2, bits, 0]) + octets
