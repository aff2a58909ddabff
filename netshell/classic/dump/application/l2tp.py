"""L2TP (RFC 2661): control messages with their attributes, and PPP packets in braces."""

from __future__ import annotations

from collections.abc import Callable

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope, escaped, named

_L2F, _L2TP = 1, 2
_CONTROL, _LENGTH, _SEQUENCE, _OFFSET, _PRIORITY = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100
_FLAGS = ((_CONTROL, "T"), (_LENGTH, "L"), (_SEQUENCE, "S"), (_OFFSET, "O"), (_PRIORITY, "P"))
_MANDATORY, _HIDDEN = 0x8000, 0x4000
_MESSAGES = {
    **{1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP"},
    **{9: "OCCN", 10: "ICRQ", 11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI"},
}
_METHODS = {
    **{0: "Reserved", 1: "Textual", 2: "CHAP", 3: "PAP", 4: "No Auth", 5: "MS-CHAPv1"},
}
_DIRECTIONS = {0: "global error", 1: "at peer", 2: "at local"}
_SHORT = "AVP too short"


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message of a tunnel."""
    write = scope.enter("l2tp").write
    flags = scope.u16(0)
    version = flags & 0xF
    if version == _L2F:
        write(" l2f:")
        return
    if version != _L2TP:
        write(" Unknown Version, neither L2F(1) nor L2TP(2)")
        return
    write(f" l2tp:[{''.join(letter for bit, letter in _FLAGS if flags & bit)}]")
    at, length = 2, scope.length
    declared = 0
    if flags & _LENGTH:
        declared = scope.u16(at)
        at += 2
    write(f"({scope.u16(at)}/")
    write(f"{scope.u16(at + 2)})")
    at += 4
    if flags & _SEQUENCE:
        write(f"Ns={scope.u16(at)},")
        write(f"Nr={scope.u16(at + 2)}")
        at += 4
    if flags & _OFFSET:
        padding = scope.u16(at)
        scope.need(at + 2, padding)
        at += 2 + padding
    if flags & _LENGTH:
        if length < declared:
            write(f" Length {declared} larger than packet")
            return
        length = declared
    if length < at:
        write(f" Length {length} smaller than header length")
    elif not flags & _CONTROL:
        from netshell.classic.dump.links import ppp

        write(" {")
        ppp.show(scope.sub(at, length - at), settings, state)
        write("}")
    elif not flags & _LENGTH:
        write(" No length")
    elif length == at:
        write(" ZLB")
    else:
        while at < length:
            size = _attribute(scope, at, length - at)
            if not size:
                break
            at += size


def _attribute(scope: Scope, at: int, left: int) -> int:
    """An attribute-value pair; its size, 0 where it is cut off."""
    write = scope.write
    write(" ")
    head = scope.u16(at)
    size = head & 0x3FF
    if size < 6 or size > left or not scope.has(at, size):
        scope.truncated()
        return 0
    write(f"{'*' if head & _MANDATORY else ''}{'?' if head & _HIDDEN else ''}")
    vendor, code = scope.u16(at + 2), scope.u16(at + 4)
    octets = scope.octets(at + 6, size - 6)
    if vendor:
        write(f"VENDOR{vendor:04x}:ATTR{code:04x}({octets.hex()})")
        return size
    name, value = _ATTRIBUTES.get(code, (f"AVP-#{code}", _nothing))
    write(f"{name}({'???' if head & _HIDDEN else value(octets)})")
    return size


# How values are written


def _nothing(octets: bytes) -> str:
    return ""


def _obsolete(octets: bytes) -> str:
    return "obsolete"


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def _decimal(size: int) -> Callable[[bytes], str]:
    """A number of `size` bytes."""

    def text(octets: bytes) -> str:
        return str(_number(octets[:size])) if len(octets) >= size else _SHORT

    return text


def _first(size: int) -> Callable[[bytes], str]:
    """The first `size` bytes."""

    def text(octets: bytes) -> str:
        return octets[:size].hex() if len(octets) >= size else _SHORT

    return text


def _letters(first: str, second: str) -> Callable[[bytes], str]:
    """The two lowest bits of four bytes; `first` is the second lowest."""

    def text(octets: bytes) -> str:
        if len(octets) < 4:
            return _SHORT
        value = _number(octets[:4])
        return (first if value & 2 else "") + (second if value & 1 else "")

    return text


def _message(octets: bytes) -> str:
    return named(_MESSAGES, _number(octets[:2]), "MSGTYPE-#%u") if len(octets) >= 2 else _SHORT


def _method(octets: bytes) -> str:
    return named(_METHODS, _number(octets[:2]), "AuthType-#%u") if len(octets) >= 2 else _SHORT


def _result(octets: bytes) -> str:
    """A result, an error, a text: the later ones may not be there."""
    if len(octets) < 2:
        return _SHORT
    text = str(_number(octets[:2]))
    if len(octets) == 2:
        return text
    if len(octets) < 4:
        return f"{text} {_SHORT}"
    text += f"/{_number(octets[2:4])}"
    return f"{text} {escaped(octets[4:])}" if len(octets) > 4 else text


def _version(octets: bytes) -> str:
    return f"{octets[0]}.{octets[1]}" if len(octets) >= 2 else _SHORT


def _cause(octets: bytes) -> str:
    """Q.931's cause code, its message and a text."""
    if len(octets) < 3:
        return _SHORT
    text = f"{_number(octets[:2])}, {octets[2]:02x}"
    return f"{text} {escaped(octets[3:])}" if len(octets) > 3 else text


def _low_byte(octets: bytes) -> str:
    return str(octets[1]) if len(octets) >= 2 else _SHORT


def _fields(form: str, *names: str) -> Callable[[bytes], str]:
    """Numbers of four bytes behind two reserved ones, each written as `form` says."""

    def text(octets: bytes) -> str:
        if len(octets) < 2:
            return _SHORT
        written = ""
        for index, name in enumerate(names):
            field = octets[2 + 4 * index : 6 + 4 * index]
            if len(field) < 4:
                return written + _SHORT
            written += f"{name}={_number(field):{form}} "
        return written

    return text


def _disconnected(octets: bytes) -> str:
    """RFC 3145: why, of which protocol, at which end, and a text."""
    if len(octets) < 5:
        return _SHORT
    text = f"{octets[:2].hex()}, {octets[2:4].hex()} "
    text += named(_DIRECTIONS, octets[4], "Direction-#%u")
    return f"{text} {escaped(octets[5:])}" if len(octets) > 5 else text


_ATTRIBUTES: dict[int, tuple[str, Callable[[bytes], str]]] = {
    0: ("MSGTYPE", _message),
    1: ("RESULT_CODE", _result),
    2: ("PROTO_VER", _version),
    3: ("FRAMING_CAP", _letters("A", "S")),
    4: ("BEARER_CAP", _letters("A", "D")),
    5: ("TIE_BREAKER", _first(8)),
    6: ("FIRM_VER", _decimal(2)),
    7: ("HOST_NAME", escaped),
    8: ("VENDOR_NAME", escaped),
    9: ("ASSND_TUN_ID", _decimal(2)),
    10: ("RECV_WIN_SIZE", _decimal(2)),
    11: ("CHALLENGE", bytes.hex),
    12: ("Q931_CC", _cause),
    13: ("CHALLENGE_RESP", _first(16)),
    14: ("ASSND_SESS_ID", _decimal(2)),
    15: ("CALL_SER_NUM", _decimal(4)),
    16: ("MINIMUM_BPS", _decimal(4)),
    17: ("MAXIMUM_BPS", _decimal(4)),
    18: ("BEARER_TYPE", _letters("A", "D")),
    19: ("FRAMING_TYPE", _letters("A", "S")),
    20: ("PACKET_PROC_DELAY", _obsolete),
    21: ("CALLED_NUMBER", escaped),
    22: ("CALLING_NUMBER", escaped),
    23: ("SUB_ADDRESS", escaped),
    24: ("TX_CONN_SPEED", _decimal(4)),
    25: ("PHY_CHANNEL_ID", _decimal(4)),
    26: ("INI_RECV_LCP", bytes.hex),
    27: ("LAST_SENT_LCP", bytes.hex),
    28: ("LAST_RECV_LCP", bytes.hex),
    29: ("PROXY_AUTH_TYPE", _method),
    30: ("PROXY_AUTH_NAME", escaped),
    31: ("PROXY_AUTH_CHAL", bytes.hex),
    32: ("PROXY_AUTH_ID", _low_byte),
    33: ("PROXY_AUTH_RESP", bytes.hex),
    34: (
        "CALL_ERRORS",
        _fields("d", "CRCErr", "FrameErr", "HardOver", "BufOver", "Timeout", "AlignErr"),
    ),
    35: ("ACCM", _fields("08x", "send", "recv")),
    36: ("RANDOM_VECTOR", bytes.hex),
    37: ("PRIVATE_GRP_ID", escaped),
    38: ("RX_CONN_SPEED", _decimal(4)),
    39: ("SEQ_REQUIRED", _nothing),
    46: ("PPP_DISCON_CC", _disconnected),
}
