"""Host names as people type them, made ready for a resolver or refused in one line.

The limits are RFC 1035 section 2.3.4 (labels of 1 to 63 octets, names of at most 255 on the wire);
names beyond ASCII become A-labels by IDNA 2008 (RFC 5891) with UTS 46's mapping, as in browsers.
"""

from __future__ import annotations

import re

from netshell.errors import BadArgument

LABEL_MAX = 63
NAME_MAX = 253  # as text without the final dot: 255 on the wire, less the first length and the root


def to_ascii(name: str) -> str:
    """The name with every label in ASCII; a final dot stays.

    >>> to_ascii("straße.example.")
    'xn--strae-oqa.example.'

    Any ASCII that prints is left alone (an underscore, an escape): what it means is for the caller.
    Raises BadArgument for labels that IDNA does not allow.
    """
    if name.isascii():
        return name
    import idna  # only for names beyond ASCII: its tables cost start-up time

    labels = []
    # The other stops that IDNA takes for a dot (RFC 3490 3.1): ideographic, full and half width.
    for label in re.split("[.\u3002\uff0e\uff61]", name):
        if label.isascii():
            labels.append(label)
            continue
        try:
            labels.append(idna.encode(label, uts46=True, transitional=False).decode("ascii"))
        except UnicodeError as error:  # idna.IDNAError is one
            why = str(error).partition("\n")[0] or "not allowed by IDNA 2008"
            raise BadArgument("not a host name", where=brief(name), why=why) from error
    return ".".join(labels)


def check_literal(text: str) -> None:
    """Raises BadArgument for what was meant as an address and is none; a name passes.

    Four numbers with dots, and what has two colons or more, are meant as addresses: no name
    server is asked about them. (A name of numbers can still be asked for with a final dot.)
    """
    bare = text.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3,}", bare, re.ASCII):
        why = _wrong_ipv4(bare.split("."))
        if why:
            raise BadArgument("not an IPv4 address", where=brief(text), why=why)
    bare = bare.removeprefix("[").removesuffix("]")
    address, percent, zone = bare.partition("%")
    if address.count(":") >= 2 and re.fullmatch(r"[0-9A-Fa-f:.]+", address, re.ASCII):
        raise BadArgument(
            "not an IPv6 address", where=brief(text), why=_wrong_ipv6(address, percent, zone)
        )


def _wrong_ipv4(parts: list[str]) -> str:
    if len(parts) > 4:
        return f"it has {len(parts)} numbers, not 4"
    for part in parts:
        if len(part) > 1 and part.startswith("0"):
            return f"{part[:9]} begins with 0, which some programs take for octal"
        if len(part) > 3 or int(part) > 255:
            return f"{part if len(part) < 10 else part[:9] + '...'} is over 255"
    return ""


def _wrong_ipv6(address: str, percent: str, zone: str) -> str:
    groups = [group for group in address.split(":") if group]
    if ":::" in address:
        return '":::" means nothing, "::" stands for groups of zeros'
    if address.count("::") > 1:
        return '"::" may stand in it once only'
    if len(groups) > 8 or (len(groups) == 8 and "::" in address):
        return f"it has {len(groups)} groups{' beside the ::' if '::' in address else ''}, not 8"
    for group in groups:
        if "." in group:
            if group is not groups[-1] or _wrong_ipv4(group.split(".")) or group.count(".") != 3:
                return f"{group[:20]} is no IPv4 address at its end"
        elif len(group) > 4:
            return f"{group[:20]} has more than 4 digits"
    if "::" not in address and len(groups) < (7 if "." in address else 8):
        return f'it has {len(groups)} groups and no "::"'
    if percent:
        return "the zone after % is no interface's name" if zone else "nothing stands behind the %"
    return "a colon is too many"


def check_host(host: str) -> str:
    """A host name fit for the system's resolver, in ASCII; a final dot stays.

    Raises BadArgument for what can be no host name, with the part that probably was meant.
    """
    if not host.strip():
        raise BadArgument("no host given", next_step='name one, such as "localhost" or "192.0.2.1"')
    check_literal(host)
    name = to_ascii(host)
    for char in name:
        if char in ":/@?#[]%" or not 0x20 < ord(char) < 0x7F:
            meant = _meant(name)
            raise BadArgument(
                "not a host name",
                where=brief(host),
                why=f"it contains {char!r}",
                next_step=f'use "{meant}"' if meant else "",
            )
    check_lengths(name, host)
    return name


def check_lengths(name: str, typed: str) -> None:
    """Raises BadArgument, naming what was ``typed``, where RFC 1035's limits are broken.

    For names without escapes; the root (".") has no labels to check.
    """
    bare = name.removesuffix(".")
    labels = bare.split(".") if bare else []
    if name != "." and not all(labels or [""]):
        raise BadArgument("not a host name", where=brief(typed), why="a label is empty")
    for label in labels:
        if len(label) > LABEL_MAX:
            raise BadArgument(
                "not a host name",
                where=brief(typed),
                why=f"a label has {len(label)} octets, the limit is {LABEL_MAX} (RFC 1035 2.3.4)",
            )
    if len(bare) > NAME_MAX:
        raise BadArgument(
            "not a host name",
            where=brief(typed),
            why=f"it has {len(bare)} octets, the limit is {NAME_MAX} (RFC 1035 2.3.4)",
        )


def _meant(text: str) -> str:
    """The host inside a URL, mail address or host:port; "" if none shows."""
    rest = text.strip()
    if "://" in rest:
        rest = rest.split("://", 1)[1]
    for separator in "/?#":
        rest = rest.split(separator, 1)[0]
    rest = rest.rpartition("@")[2]
    if rest.startswith("["):
        rest = rest[1:].partition("]")[0]  # an IPv6 address with a port, or IPv4 in brackets
        fits = rest and all(c.isalnum() or c in ":.%" for c in rest)
    else:
        rest = rest.partition(":")[0]
        fits = rest and rest != text and all(c.isalnum() or c in "-._" for c in rest)
    return rest if fits else ""


def check_question(name: str) -> None:
    """Raises BadArgument for what was not meant as a name: white space, a URL, host:port.

    Everything else may stand in the DNS (RFC 2181 section 11); an escape (``\\032``) asks for the
    rest.
    """
    if not name.strip():
        raise BadArgument("no name given", next_step='name one, such as "example.com"')
    check_literal(name)
    odd = next((char for char in name if char.isspace() or not char.isprintable()), "")
    if not odd and ("://" in name or re.search(r":\d*$", name) or "@" in name):
        odd = "@" if "@" in name else ":"
    if odd:
        meant = _meant(name)
        raise BadArgument(
            "not a domain name",
            where=brief(name),
            why=f"it contains {odd!r}",
            next_step=f'use "{meant}"' if meant else "",
        )


def brief(name: str) -> str:
    """A name in quotes for an error line, cut where it is long."""
    return repr(name) if len(repr(name)) <= 80 else f"{name!r:.76}...'"
