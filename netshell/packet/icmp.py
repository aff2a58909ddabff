"""ICMP (RFC 792) and ICMPv6 (RFC 4443, 4861, 2710, 3810) messages in words."""

from __future__ import annotations

TYPES = {
    0: "echo reply",
    3: "unreachable",
    4: "source quench",
    5: "redirect",
    8: "echo request",
    9: "router advertisement",
    10: "router solicitation",
    11: "time exceeded",
    12: "parameter problem",
    13: "timestamp request",
    14: "timestamp reply",
    17: "mask request",
    18: "mask reply",
    42: "extended echo request",
    43: "extended echo reply",
}
CODES = {
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 4): "fragmentation needed",
    (3, 5): "source route failed",
    (3, 6): "network unknown",
    (3, 7): "host unknown",
    (3, 9): "network prohibited",
    (3, 10): "host prohibited",
    (3, 13): "prohibited by filter",
    (5, 0): "redirect network",
    (5, 1): "redirect host",
    (11, 0): "TTL exceeded in transit",
    (11, 1): "fragment reassembly timed out",
}
TYPES_6 = {
    1: "unreachable",
    2: "packet too big",
    3: "time exceeded",
    4: "parameter problem",
    128: "echo request",
    129: "echo reply",
    130: "multicast listener query",
    131: "multicast listener report",
    132: "multicast listener done",
    133: "router solicitation",
    134: "router advertisement",
    135: "neighbor solicitation",
    136: "neighbor advertisement",
    137: "redirect",
    143: "multicast listener report v2",
}
CODES_6 = {
    (1, 0): "no route",
    (1, 1): "prohibited by filter",
    (1, 2): "beyond the source's scope",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, 5): "source address refused by policy",
    (1, 6): "route rejected",
    (3, 0): "hop limit exceeded in transit",
    (3, 1): "fragment reassembly timed out",
}
_ECHO, _ECHO_6 = (0, 8, 42, 43), (128, 129)
_SOLICITATION, _ADVERTISEMENT = 135, 136


def describe(data: bytes, version: int) -> str:
    """The message at the start of ``data`` in words, without the protocol's name.

    >>> describe(bytes.fromhex("0800f7f700010003"), 4)
    'echo request id 1 seq 3'
    """
    if len(data) < 2:
        return "[cut off]"
    kind, code = data[0], data[1]
    types, codes = (TYPES_6, CODES_6) if version == 6 else (TYPES, CODES)
    text = codes.get((kind, code)) or types.get(kind) or f"type {kind}"
    if (kind, code) not in codes and code:
        text += f" code {code}"
    if len(data) < 8:
        return text
    if kind in (_ECHO_6 if version == 6 else _ECHO):
        number = data[6] << 8 | data[7] if kind not in (42, 43) else data[6]
        return f"{text} id {data[4] << 8 | data[5]} seq {number}"
    if version == 6 and kind in (_SOLICITATION, _ADVERTISEMENT) and len(data) >= 24:
        from netshell.packet.ip import address_text  # loads numpy: the names need none of it

        return f"{text} {'for' if kind == _SOLICITATION else 'of'} {address_text(data[8:24])}"
    if version == 6 and kind == 2:
        return f"{text} mtu {int.from_bytes(data[4:8], 'big')}"
    if version == 4 and (kind, code) == (3, 4):
        return f"{text} mtu {data[6] << 8 | data[7]}"
    return text
