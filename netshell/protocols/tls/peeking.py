"""What one packet's payload says: its records, as far as they are in it."""

from __future__ import annotations

from netshell.flow.amounts import amount
from netshell.protocols.api import Peek
from netshell.protocols.tls import numbers
from netshell.protocols.tls.records import (
    ALERT,
    CHANGE_CIPHER,
    DATA,
    HANDSHAKE,
    HEADER,
    HEARTBEAT,
    hello,
    is_header,
)
from netshell.view import clean

_MOST_WORDS = 6


def peek(data: bytes, on_port: bool) -> Peek | None:
    """As :meth:`netshell.protocols.api.Decoder.peek`."""
    if len(data) < HEADER or not 20 <= data[0] <= 24 or not is_header(data):
        return None
    size = len(data)
    words: list[str] = []
    at, octets, count = 0, 0, 0
    is_sure = on_port or hello(data) > 0
    while at + HEADER <= size and is_header(data, at):
        kind, length = data[at], data[at + 3] << 8 | data[at + 4]
        content = data[at + HEADER : at + HEADER + length]
        at += HEADER + length
        count += 1
        if kind == DATA:
            octets += length
        elif len(words) < _MOST_WORDS:
            words += _words(kind, length, content)
    is_sure |= at == size  # records up to the last byte
    if not is_sure or (at < size and not on_port and count < 2):
        return None
    if octets:
        words.append(f"Application Data {amount(octets)}")
    return Peek(", ".join(words[:_MOST_WORDS])) if words else None


def _words(kind: int, size: int, content: bytes) -> list[str]:
    if kind == ALERT:
        if size != 2:
            return ["Encrypted Alert"]
        return [f"Alert: {numbers.alert(content[1])}"] if len(content) == 2 else ["Alert"]
    if kind == CHANGE_CIPHER:
        return ["ChangeCipherSpec"]
    if kind == HEARTBEAT:
        return ["Heartbeat"]
    return _messages(content, size) if kind == HANDSHAKE else []


def _messages(content: bytes, size: int) -> list[str]:
    """Handshake messages; what does not look like any is encrypted, or goes on from before."""
    made: list[str] = []
    at = 0
    while at + 4 <= len(content) and len(made) < _MOST_WORDS:
        kind = content[at]
        length = int.from_bytes(content[at + 1 : at + 4], "big")
        if kind not in numbers.MESSAGES or (length > size and kind not in (1, 11)):
            return made or ["Encrypted Handshake"]
        made.append(_message(kind, content[at + 4 : at + 4 + length]))
        at += 4 + length
    return made


def _message(kind: int, body: bytes) -> str:
    name = numbers.MESSAGES[kind]
    if kind == 1:
        from netshell.protocols.tls.hello import read_client_hello

        said = read_client_hello(body)
        told = [each for each in said.versions or (said.version,) if each in numbers.VERSIONS]
        words = [
            said.server_name.decode("utf-8", "backslashreplace"),
            ",".join([each.decode("utf-8", "backslashreplace") for each in said.alpns[:4]]),
            numbers.VERSIONS[max(told)] if told else "",
        ]
        return clean(" ".join([name, *filter(None, words)]))
    if kind == 2:
        from netshell.protocols.tls.hello import read_server_hello

        chosen = read_server_hello(body)
        if chosen.is_retry:
            name = "HelloRetryRequest"
        version = numbers.called(numbers.VERSIONS, chosen.version)
        cipher = "" if chosen.cipher is None else numbers.short(numbers.cipher(chosen.cipher))
        alpn = chosen.alpn.decode("utf-8", "backslashreplace")
        return clean(" ".join(filter(None, [name, version, cipher, alpn])))
    return name
