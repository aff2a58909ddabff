"""What a DNS answer's status, flags and emptiness mean, in words.

Response codes: RFC 1035 section 4.1.1, RFC 2136, RFC 6891. Flags: RFC 1035, RFC 4035.
"""

from __future__ import annotations

NXDOMAIN = (
    "does not exist: it has no record of any type, and neither has anything below it (RFC 8020)"
)
"""What NXDOMAIN says, after the name that it says it of."""

STATUS: dict[str, str] = {
    "FORMERR": "the server could not read the question (RFC 1035 4.1.1)",
    "SERVFAIL": "the server failed to find out: the zone's own servers do not answer or are set up "
    "wrongly, or the answer failed DNSSEC validation. It does not mean that the name is missing",
    "NOTIMP": "the server does not support this kind of question",
    "REFUSED": "the server does not want to answer: it does not hold this zone, and does not ask "
    "others on behalf of this address",
    "YXDOMAIN": "a name exists that should not, or a DNAME made the name too long",
    "YXRRSET": "a record set exists that should not",
    "NXRRSET": "a record set that should exist does not",
    "NOTAUTH": "the server is not authoritative for the zone, or the request's signature is wrong",
    "NOTZONE": "the name is not in the zone",
    "BADVERS": "the server does not know this EDNS version (RFC 6891 6.1.3)",
    "BADCOOKIE": "the server wants a DNS cookie first (RFC 7873)",
}
"""What each response code says; NOERROR needs no words, NXDOMAIN has its own."""

WORDS: dict[str, str] = {
    "NOERROR": "the server answered; whether there is a record of the type asked for is another "
    "matter (NODATA)",
    "NXDOMAIN": f"the name {NXDOMAIN}",
    "NODATA": "the name exists, but has no record of the type asked for. It is no status: the "
    "server says NOERROR, and sends no such record (RFC 2308 2.2)",
}
"""The words that are no error of a server."""

NEXT_STEP: dict[str, str] = {
    "SERVFAIL": "ask again with cd=True (validation off): an answer then points at DNSSEC, "
    "SERVFAIL again at the zone's servers",
    "REFUSED": 'ask a resolver that serves you, or a server listed by dig(zone, "NS")',
    "NOTIMP": "ask another server",
    "FORMERR": "ask another server",
}
"""What to do about a response code."""

FLAG: dict[str, str] = {
    "aa": "the server is an authority: it holds the zone itself",
    "tc": "truncated, there is more than fitted",
    "ra": "the server asks others for you",
    "ad": "the server says that it validated the DNSSEC signatures",
    "cd": "taken without DNSSEC validation, as asked",
}
"""What the header's flags say that change what an answer is worth."""

ALWAYS: dict[str, str] = {
    "qr": "this is an answer, not a question",
    "rd": "the question asked the server to ask others if need be",
}
"""The flags that say nothing new."""
