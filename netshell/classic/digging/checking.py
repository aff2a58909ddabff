"""Whether what came is a reply to the question, and what dig says where it is none or broken."""

from __future__ import annotations

from typing import TextIO

from netshell.classic.digging.edns import COOKIE, options
from netshell.classic.digging.message import settle
from netshell.lookup.asking import Asking, name_wire
from netshell.lookup.numbers import OPCODES, class_text, type_text
from netshell.lookup.wire import QR, Malformed, Message, read


class GivenUp(Exception):
    """A lookup ends here without text and without blame."""


def checked(
    reply: bytes, asking: Asking, out: TextIO, *, datagram: bool, best_effort: bool, own: bytes
) -> Message | None:
    """The message, if it is one to the question; what is wrong with it is said.

    ``own`` is the cookie of one's own, without a server's part. None where another datagram may
    be the reply; raises GivenUp for one that ends the lookup.
    """
    if len(reply) < 12:
        if datagram:
            _say(out, ";; Warning: short (< header size) message received")
            return None
        _say(out, ";; ERROR: short (< header size) message")
        raise GivenUp
    message = read(reply)
    if message.id != asking.id:
        word = "Warning" if datagram else "ERROR"
        _say(out, f";; {word}: ID mismatch: expected ID {asking.id}, got {message.id}")
        if datagram:
            return None
        raise GivenUp
    if not message.bits & QR:
        _say(out, ";; Warning: query response not set")
    _readable(message, out, best_effort)
    if message.opcode != asking.opcode:
        expected, got = OPCODES[asking.opcode], OPCODES[message.opcode]
        _say(out, f";; Warning: Opcode mismatch: expected {expected}, got {got}")
        if datagram:
            return None
        raise GivenUp
    if not _matches(message, asking, out):
        if datagram:
            return None
        raise GivenUp
    _cookies(message, asking, out, own)
    return message


def _cookies(message: Message, asking: Asking, out: TextIO, own: bytes) -> None:
    """Say what is wrong with the cookie that came back."""
    sent = next((data for code, data in asking.options if code == COOKIE), b"")
    if not sent or asking.edns is None:
        return
    if message.opt is None:
        if sent != own:  # one that a server gave: it knows EDNS
            _say(out, ";; expected opt record in response")
        return
    got = cookie_of(message)
    if got and got[:8] != sent[:8]:
        _say(out, ";; Warning: Client COOKIE mismatch")


def _readable(message: Message, out: TextIO, best_effort: bool) -> None:
    """Say where a message is malformed; GivenUp where it cannot be shown."""
    try:
        settle(message)
        if message.fault is not None and not best_effort:
            raise message.fault
    except Malformed as error:
        _say(out, f";; Got bad packet: {error}")
        _say(out, f"{len(message.wire)} bytes")
        out.write(_hex(message.wire))
        raise GivenUp from None
    if message.fault is not None:
        _say(out, ";; Warning: Message parser reports malformed message packet.")


def _matches(message: Message, asking: Asking, out: TextIO) -> bool:
    if asking.header_only:
        return True
    wanted = name_wire(asking.name).lower()
    for ask in message.questions:
        same = ask.rdtype == asking.rdtype and ask.rdclass == asking.rdclass
        if not (same and name_wire(ask.name).lower() == wanted):
            got = f"{ask.name.rstrip('.') or '.'}/{type_text(ask.rdtype)}"
            got += f"/{class_text(ask.rdclass)}"
            _say(out, f";; ;; Question section mismatch: got {got}")
            return False
    return True


def cookie_of(message: Message) -> bytes:
    """The cookie of a message; b"" if it has none."""
    return next((data for code, data in options(message) if code == COOKIE), b"")


def _say(out: TextIO, text: str) -> None:
    out.write(f"{text}\n")


def _hex(octets: bytes) -> str:
    """Octets as dig dumps what it cannot read: 16 a line, the letters beside them."""
    lines = []
    for at in range(0, len(octets), 16):
        row = octets[at : at + 16]
        letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in row)
        digits = "".join(f"{octet:02x} " for octet in row)
        lines.append(f"{digits:<48}         {letters}\n")
    return "".join(lines)
