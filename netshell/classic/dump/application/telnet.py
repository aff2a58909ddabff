"""Telnet (RFC 854): the commands at a segment's beginning; what people type has no text."""

from __future__ import annotations

from collections.abc import Sequence

from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_FIRST, _SE, _SB, _DONT, _IAC = 236, 240, 250, 254, 255
_COMMANDS = (
    *("EOF", "SUSP", "ABORT", "EOR", "SE", "NOP", "DMARK", "BRK", "IP", "AO", "AYT", "EC", "EL"),
    *("GA", "SB", "WILL", "WONT", "DO", "DONT", "IAC"),
)
_OPTIONS = (
    *("BINARY", "ECHO", "RCP", "SUPPRESS GO AHEAD", "NAME", "STATUS", "TIMING MARK", "RCTE"),
    *("NAOL", "NAOP", "NAOCRD", "NAOHTS", "NAOHTD", "NAOFFD", "NAOVTS", "NAOVTD", "NAOLFD"),
    *("EXTEND ASCII", "LOGOUT", "BYTE MACRO", "DATA ENTRY TERMINAL", "SUPDUP", "SUPDUP OUTPUT"),
    *("SEND LOCATION", "TERMINAL TYPE", "END OF RECORD", "TACACS UID", "OUTPUT MARKING"),
    *("TTYLOC", "3270 REGIME", "X.3 PAD", "NAWS", "TSPEED", "LFLOW", "LINEMODE", "XDISPLOC"),
    *("OLD-ENVIRON", "AUTHENTICATION", "ENCRYPT", "NEW-ENVIRON"),
)
_QUALIFIERS = ("IS", "SEND", "INFO")
_AUTHENTICATION, _ENCRYPT = 37, 38
_AUTHENTICATION_WORDS: tuple[Sequence[str], ...] = (
    ("IS", "SEND", "REPLY", "NAME"),
    (
        *("NULL", "KERBEROS_V4", "KERBEROS_V5", "SPX", "MINK", "SRP", "RSA", "SSL", "", ""),
        *("LOKI", "SSA", "KEA_SJ", "KEA_SJ_INTEG", "DSS", "NTLM"),
    ),
)
_ENCRYPT_WORDS: tuple[Sequence[str], ...] = (
    (
        *("IS", "SUPPORT", "REPLY", "START", "END", "REQUEST-START", "REQUEST-END"),
        *("END_KEYID", "DEC_KEYID"),
    ),
    (
        *("NULL", "DES_CFB64", "DES_OFB64", "DES3_CFB64", "DES3_OFB64", ""),
        *("CAST5_40_CFB64", "CAST5_40_OFB64", "CAST128_CFB64", "CAST128_OFB64"),
    ),
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """``[telnet DO ECHO, WILL NAWS]``: every command up to the first other byte."""
    scope.enter("telnet")
    at, stop, opened = 0, scope.length, False
    while at < stop and scope.u8(at) == _IAC:
        words, behind = _command(scope, at, stop)
        if not behind:
            break
        scope.write(", " if opened else " [telnet ")
        opened = True
        scope.write(words)
        at = behind
        if at > stop:  # the length has become a very large number in C: it reads on
            stop = 1 << 32
    if opened:
        scope.write("]")


def _command(scope: Scope, at: int, length: int) -> tuple[str, int]:
    """A command's text and the offset behind it; 0 where it is none, or goes on behind `length`.

    Raises Truncated where it goes on behind the captured bytes.
    """
    if at + 1 >= length:
        return "", 0
    code = scope.u8(at + 1)
    at += 2
    if code == _IAC:
        return "IAC IAC", at
    if code < _FIRST:
        return "", 0
    name = _COMMANDS[code - _FIRST]
    if not _SB <= code <= _DONT:
        return name, at
    if at >= length:
        return "", 0
    option = scope.u8(at)
    at += 1
    text = f"{name} {_word(_OPTIONS, option)}"
    if code != _SB:
        return text, at
    end = at
    while end + 1 < length and not (scope.u8(end) == _IAC and scope.u8(end + 1) == _SE):
        end += 1
    if scope.u8(end) != _IAC:
        return "", 0
    words: tuple[Sequence[str], ...] = {
        _AUTHENTICATION: _AUTHENTICATION_WORDS,
        _ENCRYPT: _ENCRYPT_WORDS,
    }.get(option, (_QUALIFIERS,))
    for index, octet in enumerate(scope.octets(at, end - at)):
        text += f" {_word(words[index] if index < len(words) else (), octet)}"
    # The end's two bytes are taken as read, even where the segment ends with the first.
    return text + " SE", end + 2


def _word(names: Sequence[str], value: int) -> str:
    """A name, or the number as C writes it with ``#``: 0 has no 0x."""
    return (names[value] if value < len(names) else "") or (f"{value:#x}" if value else "0")
