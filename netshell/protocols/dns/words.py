"""What DNS calls the numbers of types, classes, answers' codes and opcodes."""

from __future__ import annotations

from functools import cache


@cache
def type_text(kind: int) -> str:
    """A record type's name: "A", "TYPE65400"."""
    if kind == 1:
        return "A"
    import dns.rdatatype

    return dns.rdatatype.to_text(dns.rdatatype.RdataType.make(kind))


@cache
def class_text(rdclass: int) -> str:
    """A class's name: "IN", "CLASS42"."""
    if rdclass == 1:
        return "IN"
    import dns.rdataclass

    return dns.rdataclass.to_text(dns.rdataclass.RdataClass.make(rdclass))


@cache
def rcode_text(rcode: int) -> str:
    """A response code's name: "NXDOMAIN", "BADVERS", "RCODE4000"."""
    if rcode == 0:
        return "NOERROR"
    import dns.rcode

    if rcode == 16:
        return "BADVERS"
    try:
        return dns.rcode.to_text(dns.rcode.Rcode.make(rcode))
    except ValueError:
        return f"RCODE{rcode}"


OPCODES = ("QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE", "DSO")


def opcode_text(opcode: int) -> str:
    """An opcode's name."""
    return OPCODES[opcode] if opcode < len(OPCODES) else f"OPCODE{opcode}"
