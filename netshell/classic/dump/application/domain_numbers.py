"""The names that tcpdump 4.99 has for the numbers of DNS.

IANA's registry (https://www.iana.org/assignments/dns-parameters) has more: what is newer than
tcpdump's list is written as its number.
"""

from __future__ import annotations

# fmt: off
TYPES = {
    1: "A", 2: "NS", 3: "MD", 4: "MF", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR",
    10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 14: "MINFO", 15: "MX", 16: "TXT", 17: "RP",
    18: "AFSDB", 19: "X25", 20: "ISDN", 21: "RT", 22: "NSAP", 23: "NSAP_PTR", 24: "SIG",
    25: "KEY", 26: "PX", 27: "GPOS", 28: "AAAA", 29: "LOC", 30: "NXT", 31: "EID",
    32: "NIMLOC", 33: "SRV", 34: "ATMA", 35: "NAPTR", 36: "KX", 37: "CERT", 38: "A6",
    39: "DNAME", 40: "SINK", 41: "OPT", 42: "APL", 43: "DS", 44: "SSHFP", 45: "IPSECKEY",
    46: "RRSIG", 47: "NSEC", 48: "DNSKEY", 99: "SPF", 100: "UINFO", 101: "UID", 102: "GID",
    103: "UNSPEC", 104: "UNSPECA", 249: "TKEY", 250: "TSIG", 251: "IXFR", 252: "AXFR",
    253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI",
}
# fmt: on

CLASSES = {1: "IN", 3: "CHAOS", 4: "HS", 255: "ANY"}

OPERATIONS = (
    *("", " inv_q", " stat", " op3", " notify", " update", " op6", " op7"),
    *(" op8", " updateA", " updateD", " updateDA", " updateM", " updateMA"),
    *(" zoneInit", " zoneRef"),
)

# fmt: off
_RESULTS = {
    0: "", 1: " FormErr", 2: " ServFail", 3: " NXDomain", 4: " NotImp", 5: " Refused",
    6: " YXDomain", 7: " YXRRSet", 8: " NXRRSet", 9: " NotAuth", 10: " NotZone",
    15: " NoChange", 16: " BadVers", 23: " BadCookie",
}
# fmt: on

_WITHOUT_SPACE = (17, 21)
"""Results before whose number tcpdump's list has no space."""


def result(code: int) -> str:
    """How a response's code is written, extended by EDNS or not.

    >>> result(3), result(12), result(17), result(0)
    (' NXDomain', ' Resp12', 'Resp17', '')
    """
    named = _RESULTS.get(code)
    if named is not None:
        return named
    return f"Resp{code}" if code in _WITHOUT_SPACE else f" Resp{code & 0xFFF}"
