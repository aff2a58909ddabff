"""Record types people ask for, in a line each: for completion, for messages, for the docs.

Not a limit: any type that dnspython knows, and ``TYPEnnn`` (RFC 3597), can be asked for.
"""

from __future__ import annotations

RDTYPES: dict[str, str] = {
    "A": "IPv4 address",
    "AAAA": "IPv6 address",
    "CNAME": "the name this one is an alias of",
    "MX": "mail servers, by preference (lowest first)",
    "NS": "name servers of the zone",
    "SOA": "who runs the zone, its serial and its timers",
    "TXT": "text: SPF, DKIM, proofs of ownership",
    "PTR": "the name of an address",
    "SRV": "a service's servers: priority, weight, port, host",
    "CAA": "who may issue certificates",
    "HTTPS": "how to reach a web server: ALPN, ports, address hints",
    "SVCB": "the same for any service",
    "ANY": "whatever the server likes to tell (RFC 8482)",
    "DNAME": "an alias of everything below the name",
    "NAPTR": "rewriting rules, for SIP and ENUM",
    "TLSA": "a service's certificate (DANE)",
    "SSHFP": "a host's SSH key fingerprints",
    "DS": "the digest of the child zone's key",
    "DNSKEY": "the zone's public keys",
    "RRSIG": "signatures over the records of the name",
    "NSEC": "the next name, and which types this one has",
    "NSEC3": "the same with hashed names",
    "NSEC3PARAM": "how the zone hashes its names",
    "CDS": "the DS record that the child asks its parent for",
    "CDNSKEY": "the key that the child asks its parent to trust",
    "LOC": "a place on Earth",
    "HINFO": "a host's CPU and system; also the short answer to ANY",
    "URI": "a service's URI",
    "OPENPGPKEY": "a user's OpenPGP key",
    "SMIMEA": "a user's S/MIME certificate",
}
"""Common record types and what they hold, the most asked for first."""

NOT_ASKED = {
    "AXFR": "a zone transfer is a conversation, not a question",
    "IXFR": "a zone transfer is a conversation, not a question",
    "OPT": "it is part of every query already (EDNS)",
    "TSIG": "it signs a message and is never asked for",
    "TKEY": "it negotiates keys and is never asked for",
    "TYPE0": "it is reserved",
}
"""Types that no plain question can ask for, and why."""
