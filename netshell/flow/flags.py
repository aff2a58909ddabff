"""What a TCP segment's flags mean, one by one and together (RFC 9293 section 3.1, RFC 3168)."""

from __future__ import annotations

from netshell.errors import BadArgument
from netshell.packet.flags import Flags

ECN = Flags.ECE | Flags.CWR | Flags.AE

EACH = (
    Flags.SYN, Flags.ACK, Flags.FIN, Flags.RST, Flags.PSH, Flags.URG, Flags.ECE, Flags.CWR,
    Flags.AE,
)  # fmt: skip
"""Each flag by itself, the telling ones first; ``flag.each`` in the catalogue has their texts."""

TOGETHER: dict[Flags, str] = {
    Flags.SYN: "SYN",
    Flags.SYN | Flags.ACK: "SYN_ACK",
    Flags.ACK: "ACK",
    Flags.PSH | Flags.ACK: "PSH_ACK",
    Flags.FIN | Flags.ACK: "FIN_ACK",
    Flags.RST: "RST",
    Flags.RST | Flags.ACK: "RST_ACK",
    Flags.SYN | Flags.FIN: "contradiction",
    Flags.SYN | Flags.RST: "contradiction",
    Flags.FIN: "FIN",
    Flags.FIN | Flags.PSH | Flags.URG: "FIN_PSH_URG",
    Flags(0): "none",
}
"""What the usual combinations are, by the name of their text in the catalogue; the ECN flags, and
PSH beside FIN, do not change them."""

BESIDE = "beside"
"""What a flag is that makes no segment by itself: PSH, URG and the ECN flags."""

_SCAPY = dict(zip("FSRPAUECN", Flags, strict=True))


def parse(text: str) -> Flags:
    """Flags as names, tcpdump's letters ("S.", "[P.]"), Scapy's ("PA") or a number ("0x12").

    Raises BadArgument for anything else.
    """
    bare = text.strip().removeprefix("[").removesuffix("]")
    if bare.lower().startswith("0x"):
        try:
            value = int(bare, 16)
        except ValueError:
            value = -1
        if 0 <= value < 0x200:
            return Flags(value)
    try:
        return Flags.parse(bare)
    except BadArgument:
        if bare and all(char in _SCAPY for char in bare):
            return Flags(sum({int(_SCAPY[char]) for char in bare}))
        raise


def meaning(flags: Flags) -> str:
    """What a segment with these flags is: the name of its text (``flag.segment`` in the catalogue);
    "" if unusual."""
    basic = flags & ~ECN
    for known in (basic, basic & ~Flags.PSH, basic & ~(Flags.PSH | Flags.URG)):
        if known in TOGETHER and (known or not flags):
            return TOGETHER[known]
    if not basic & ~(Flags.PSH | Flags.URG):
        return BESIDE
    if Flags.SYN in basic and basic & (Flags.FIN | Flags.RST):
        return TOGETHER[Flags.SYN | Flags.FIN]
    return ""


def ecn(flags: Flags) -> str:
    """What the ECN flags say in this segment: the name of its text (``flag.ecn`` in the catalogue);
    "" without them."""
    marks = flags & ECN
    if Flags.SYN not in flags:
        return ""  # in mid-connection each flag speaks for itself
    if Flags.ACK in flags:
        if marks == Flags.ECE:
            return "agreed"
        return "counting" if marks else ""
    if marks == Flags.ECE | Flags.CWR:
        return "offered"
    return "accurate" if marks == ECN else ""
