"""dig's options, in one table: what each does, and why some are not here."""

from __future__ import annotations

from netshell.classic.options import Option

_REMOVED = "BIND removed it; validate with delv"
_TSIG = "no signed questions here; use BIND's own dig for a zone that needs them"


def _switch(name: str, does: str, *others: str) -> Option:
    names = [f"{sign}{each}" for each in (name, *others) for sign in ("+", "+no")]
    return Option(tuple(names), does)


OPTIONS: tuple[Option, ...] = (
    Option(("-4",), "ask over IPv4 only"),
    Option(("-6",), "ask over IPv6 only"),
    Option(("-b",), "send from this address", "ADDRESS[#PORT]"),
    Option(("-c",), "the class: IN, CH, HS, ANY, CLASSnnn", "CLASS"),
    Option(("-f",), "a line of arguments a lookup, from a file (- for standard input)", "FILE"),
    Option(("-h",), "print this help"),
    Option(("-p",), "the servers' port instead of 53", "PORT"),
    Option(("-q",), "the name, whatever it looks like", "NAME"),
    Option(("-r",), "do not read ~/.digrc"),
    Option(("-t",), "the type: A, MX, AXFR, IXFR=SERIAL, TYPEnnn ...", "TYPE"),
    Option(("-u",), "times in microseconds"),
    Option(("-v",), "print the version"),
    Option(("-x",), "the name of this address (PTR)", "ADDRESS"),
    _switch("aaonly", "set the flag aa in the question", "aaflag"),
    _switch("additional", "show the additional section"),
    _switch("adflag", "set the flag ad in the question (on)"),
    _switch("all", "show all, or nothing"),
    _switch("answer", "show the answer section"),
    _switch("authority", "show the authority section"),
    _switch("badcookie", "ask again where the server wants a cookie (on)"),
    _switch("besteffort", "show what can be read of a malformed message (on)"),
    Option(("+bufsize",), "the size of a reply over UDP that is offered", "[BYTES]"),
    _switch("cdflag", "set the flag cd: take what fails validation"),
    _switch("class", "show the class of records"),
    _switch("cmd", "show the first lines, with the version and the arguments"),
    _switch("coflag", "set the flag co: compact denial of existence", "co"),
    _switch("comments", "show the header, section names and other comments"),
    Option(("+cookie", "+nocookie"), "send a cookie, this one or a new one (on)", "[HEX]"),
    _switch("crypto", "show keys, digests and signatures"),
    _switch("defname", "the same as +search"),
    _switch("dnssec", "ask for signatures", "do"),
    Option(("+domain",), "search in this domain only", "NAME"),
    Option(("+edns", "+noedns"), "the version of EDNS (0)", "[VERSION]"),
    Option(("+ednsflags", "+noednsflags"), "set these bits of EDNS's flags", "[BITS]"),
    _switch("ednsnegotiation", "ask again with the version that the server has (on)"),
    Option(("+ednsopt", "+noednsopt"), "send an option of EDNS", "CODE[:HEX]"),
    _switch("expandaaaa", "write all digits of AAAA records"),
    _switch("expire", "ask when the zone expires"),
    _switch("fail", "take SERVFAIL for an answer, do not ask the next server (on)"),
    _switch("header-only", "send no question"),
    Option(("+https", "+nohttps"), "ask over HTTPS, port 443 (dnspython[doh])", "[PATH]"),
    Option(("+https-get", "+nohttps-get"), "the same with GET", "[PATH]"),
    _switch("identify", "say which server gave a short answer"),
    _switch("idnin", "names beyond ASCII are encoded (on)"),
    _switch("ignore", "do not ask over TCP where the reply was truncated"),
    _switch("keepalive", "ask for a connection that is kept"),
    _switch("multiline", "records over several lines, with explanations"),
    Option(("+ndots",), "names with fewer dots are searched first", "COUNT"),
    _switch("nsid", "ask who the server is"),
    _switch("onesoa", "one SOA record only in a zone transfer"),
    Option(("+opcode", "+noopcode"), "the operation: QUERY, STATUS, NOTIFY ...", "OPCODE"),
    Option(("+padding",), "fill questions to a multiple of this", "BYTES"),
    Option(("+qid", "+noqid"), "the question's id", "NUMBER"),
    _switch("qr", "show the question as it is sent"),
    _switch("question", "show the question section"),
    _switch("raflag", "set the flag ra in the question"),
    _switch("recurse", "ask the server to ask others (on)", "rdflag"),
    Option(("+retry", "+retries"), "how often to ask again (2)", "COUNT"),
    _switch("rrcomments", "explain keys"),
    _switch("search", "use the search list of /etc/resolv.conf"),
    _switch("short", "show the data of the answers only"),
    _switch("showsearch", "show all of a search"),
    Option(("+split", "+nosplit"), "words of this many letters in base64 and hex", "[LETTERS]"),
    _switch("stats", "show time, server and size"),
    Option(("+subnet", "+nosubnet"), "ask as for a client there (ECS)", "ADDRESS[/BITS]"),
    _switch("tcflag", "set the flag tc in the question"),
    _switch("tcp", "ask over TCP", "vc"),
    Option(("+timeout",), "seconds to wait for a reply (5)", "SECONDS"),
    _switch("tls", "ask over TLS, port 853"),
    Option(("+tls-ca", "+notls-ca"), "check the certificate, by this file", "[FILE]"),
    Option(("+tls-certfile", "+notls-certfile"), "our certificate", "FILE"),
    Option(("+tls-keyfile", "+notls-keyfile"), "our certificate's key", "FILE"),
    Option(("+tls-hostname", "+notls-hostname"), "the name to be in the certificate", "NAME"),
    _switch("trace", "ask from the root down"),
    Option(("+tries",), "how often to ask (3)", "COUNT"),
    _switch("ttlid", "show the TTL of records", "ttl"),
    _switch("ttlunits", "TTLs in weeks, days, hours, minutes and seconds"),
    _switch("unknownformat", "data as types are shown that nobody knows (RFC 3597)"),
    _switch("zflag", "set the header's unused flag"),
    Option(("-k",), "", "FILE", refused=_TSIG),
    Option(("-m",), "", refused="there is no memory of BIND's to debug"),
    Option(("-y",), "", "[HMAC:]NAME:KEY", refused=_TSIG),
    Option(("+dns64prefix", "+nodns64prefix"), "",
           refused="ask for the AAAA records of ipv4only.arpa instead"),
    Option(("+dscp", "+nodscp"), "", "VALUE", refused="BIND ignores it; nothing would be set"),
    Option(("+http-plain", "+nohttp-plain"), "", "[PATH]",
           refused="no HTTP without TLS here; use +https, +tls or +tcp"),
    Option(("+http-plain-get", "+nohttp-plain-get"), "", "[PATH]",
           refused="no HTTP without TLS here; use +https-get, +tls or +tcp"),
    Option(("+idnout", "+noidnout"), "", refused="names are shown as they are on the wire"),
    Option(("+keepopen", "+nokeepopen"), "", refused="each question has a connection of its own"),
    Option(("+mapped", "+nomapped"), "", refused="dig 9.18 has it no more; use -4"),
    Option(("+nssearch", "+nonssearch"), "",
           refused="ask each server of the zone for its SOA: dig @SERVER ZONE SOA +short"),
    Option(("+showbadcookie", "+noshowbadcookie"), "", refused="use +nobadcookie"),
    Option(("+sigchase", "+nosigchase"), "", refused=_REMOVED),
    Option(("+topdown", "+notopdown"), "", refused=_REMOVED),
    Option(("+trusted-key", "+notrusted-key"), "", "KEY", refused=_REMOVED),
    Option(("+unexpected", "+nounexpected"), "",
           refused="dig 9.18 has it no more; replies of others are never shown"),
    Option(("+yaml", "+noyaml"), "", refused="use dig(...).json() at the prompt"),
)  # fmt: skip
"""Every option of dig 9.18."""

SHORTCUTS = {
    "ad": "adflag", "cd": "cdflag", "cl": "class", "do": "dnssec", "i": "ignore", "ht": "https",
    "http": "https", "f": "",
}  # fmt: skip
"""Abbreviations of several options that dig takes for one of them, and one it refuses."""


def named(word: str) -> tuple[str, bool, Option] | None:
    """The option that ``+word`` abbreviates: its first name without the sign, and its state.

    ``word`` has no value. Abbreviations are taken where they are unique; None where they are not.

    >>> named("nostat")[:2], named("ad")[:2], named("t")
    (('stats', False), ('adflag', True), None)
    """
    state = not word.startswith("no")
    bare = word if state else word[2:]
    wanted = SHORTCUTS.get(bare, bare)
    fitting: dict[str, Option] = {}
    for option in OPTIONS:
        for name in option.names:
            if not name.startswith("+") or (
                name.startswith("+no") and "+" + name[3:] in option.names
            ):
                continue
            if name[1:] == wanted:
                return _checked(option, wanted, state)
            if wanted and name[1:].startswith(wanted):
                fitting[option.names[0]] = option
    if len(fitting) != 1:
        return None
    return _checked(next(iter(fitting.values())), wanted, state)


def _checked(option: Option, wanted: str, state: bool) -> tuple[str, bool, Option] | None:
    """None where the option has no such state (+nobufsize)."""
    name = option.names[0][1:]
    if not state and f"+no{name}" not in option.names:
        return None
    return name, state, option
