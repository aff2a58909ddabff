"""What a TCP segment's flags mean, one by one and together (RFC 9293 section 3.1, RFC 3168)."""

from __future__ import annotations

from netshell.errors import BadArgument
from netshell.packet.tcp import Flags

ECN = Flags.ECE | Flags.CWR | Flags.AE

EACH: dict[Flags, str] = {
    Flags.SYN: "opens a connection: the sequence number is the sender's first",
    Flags.ACK: "the acknowledgement number counts: every byte before it has arrived",
    Flags.FIN: "the sender has nothing more to send; the other direction stays open",
    Flags.RST: "the connection is refused or torn down at once",
    Flags.PSH: "pass the data on now; it marks no message and no end",
    Flags.URG: "the urgent pointer counts; hardly used (RFC 6093)",
    Flags.ECE: "congestion was marked on the way here (RFC 3168)",
    Flags.CWR: "the sender slowed down after that (RFC 3168)",
    Flags.AE: "with ECE and CWR: a counter of congestion marks (RFC 9768)",
}
"""Each flag by itself."""

TOGETHER: dict[Flags, tuple[str, str]] = {
    Flags.SYN: ("The handshake's first segment: a client asks for a connection.", "RFC 9293 3.5"),
    Flags.SYN | Flags.ACK: (
        "The handshake's second segment: the server's kernel accepts and acknowledges the SYN, "
        "whether or not its program has called accept().",
        "RFC 9293 3.5",
    ),
    Flags.ACK: (
        "An acknowledgement, and any segment in mid-connection: the handshake's third, data that "
        "arrived, a window update, a keep-alive. It may carry data.",
        "RFC 9293 3.4, 3.5",
    ),
    Flags.PSH | Flags.ACK: (
        "Data, and the sender had no more ready at that moment: often the end of a request or "
        "an answer, but nothing guarantees it.",
        "RFC 9293 3.9.1.2",
    ),
    Flags.FIN | Flags.ACK: (
        "The sender closes its direction; the peer acknowledges and may go on sending. Whoever "
        "sends the first FIN ends up in TIME_WAIT. Closing takes four segments, or three where "
        "the peer's ACK and FIN come as one.",
        "RFC 9293 3.6",
    ),
    Flags.RST: (
        "Aborted, or an answer to a segment that belongs to no connection here (it had an ACK, so "
        "the RST needs none).",
        "RFC 9293 3.5.2, 3.5.3",
    ),
    Flags.RST | Flags.ACK: (
        'In answer to a SYN: nothing listens on that port ("connection refused"). Later: aborted, '
        "as by close() with data unread or with linger 0, or by a firewall.",
        "RFC 9293 3.5.2; RFC 1122 4.2.2.13",
    ),
    Flags.SYN | Flags.FIN: (
        "A contradiction that no TCP sends: a scanner, or damage.",
        "RFC 9293 3.10.7",
    ),
    Flags.SYN | Flags.RST: (
        "A contradiction that no TCP sends: a scanner, or damage.",
        "RFC 9293 3.10.7",
    ),
    Flags.FIN: (
        "A FIN without ACK: no TCP sends this in a connection; a scanner tries what answers.",
        "RFC 9293 3.10.7.4",
    ),
    Flags.FIN | Flags.PSH | Flags.URG: (
        "No ACK, and flags that make no sense together: a scanner (the Christmas tree scan).",
        "RFC 9293 3.10.7.4",
    ),
    Flags(0): (
        "No flag at all: every segment after the SYN has ACK, so this is a scanner (the null "
        "scan), or damage.",
        "RFC 9293 3.10.7.4",
    ),
}
"""What the usual combinations are; the ECN flags, and PSH beside FIN, do not change them."""

BESIDE = (
    "Comes beside other flags: every segment after the SYN has ACK too.",
    "RFC 9293 3.1",
)
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


def meaning(flags: Flags) -> tuple[str, str]:
    """What a segment with these flags is, and where that is written; ("", "") if unusual."""
    basic = flags & ~ECN
    for known in (basic, basic & ~Flags.PSH, basic & ~(Flags.PSH | Flags.URG)):
        if known in TOGETHER and (known or not flags):
            return TOGETHER[known]
    if not basic & ~(Flags.PSH | Flags.URG):
        return BESIDE
    if Flags.SYN in basic and basic & (Flags.FIN | Flags.RST):
        return TOGETHER[Flags.SYN | Flags.FIN]
    return "", ""


def ecn(flags: Flags) -> str:
    """What the ECN flags say in this segment; "" without them."""
    marks = flags & ECN
    if Flags.SYN not in flags:
        return ""  # in mid-connection each flag speaks for itself
    if Flags.ACK in flags:
        if marks == Flags.ECE:
            return "ECE: the server agrees to use ECN (RFC 3168 6.1.1)."
        return "ECN flags: the server agrees to count congestion marks (RFC 9768)." if marks else ""
    if marks == Flags.ECE | Flags.CWR:
        return "ECE and CWR: the client offers ECN (RFC 3168 6.1.1)."
    return "ECE, CWR and AE: the client offers accurate ECN (RFC 9768)." if marks == ECN else ""
