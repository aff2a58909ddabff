"""What one packet of MySQL says by itself, in a few words, for the line of a packet.

Only what fills its packet as it should is told, and that it is a greeting everywhere, anything else
on MySQL's ports alone.
"""

from __future__ import annotations

from netshell.protocols.api import Likeness, Peek
from netshell.protocols.line import one_line
from netshell.protocols.masking import in_value, mask, merged, moved
from netshell.protocols.mysql.answers import error_of
from netshell.protocols.mysql.commands import COMMANDS
from netshell.protocols.mysql.framing import HEAD
from netshell.protocols.mysql.greeting import read_greeting, read_response
from netshell.protocols.mysql.likeness import greeting
from netshell.protocols.mysql.repeated import near, of_key
from netshell.protocols.mysql.resync import is_command, is_text
from netshell.protocols.mysql.wire import Malformed, Reader, readable
from netshell.protocols.sql_secrets import covered, secrets_in

_SHOWN = 160
_SEARCHED = 2048  # bytes of SQL in which secrets are looked for, in a line
_MYSQL = 1


def peek(data: bytes, on_port: bool) -> Peek | None:
    """What a packet's payload says; None if that is not sure."""
    if len(data) <= HEAD or (not on_port and data[HEAD] not in (0x0A, 0xFF)):
        return None
    size = data[0] | data[1] << 8 | data[2] << 16
    number = data[3]
    try:
        if number == 0 and data[HEAD] in (0x0A, 0xFF):
            return _greeting(data)
        if not on_port:
            return None
        if number == 0:
            return _command(data, size)
        if HEAD + size > len(data):
            return None
        if number in (1, 2) and size >= 32 and data[HEAD + 9 : HEAD + 28] == bytes(19):
            return _login(data, size)
        return _answer(data[HEAD : HEAD + size], number)
    except Malformed:
        return None


def _greeting(data: bytes) -> Peek | None:
    if greeting(data) != Likeness.SURE:
        return None
    if data[HEAD] == 0xFF:
        return _error(data[HEAD : HEAD + int.from_bytes(data[:3], "little")])
    said = read_greeting(data[HEAD:])
    version = said.version.removeprefix("5.5.5-")
    kind = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    return Peek(f"greeting {version.split('-')[0]} {kind}")


def _command(data: bytes, size: int) -> Peek | None:
    code = data[HEAD]
    kind = COMMANDS.get(code)
    end = HEAD + size
    if kind is None or not kind.sizes[0] <= size <= kind.sizes[1]:
        return None
    if code not in (0x03, 0x16):
        if end > len(data) and code not in (0x17, 0x18):
            return None
        if end <= len(data) and not is_command(data, HEAD, end):
            return None
        if code in (0x02, 0x05, 0x06):
            return Peek(f"{kind.name} {one_line(readable(data[HEAD + 1 : end]))}")
        named = code in (0x17, 0x18, 0x19, 0x1A, 0x1C, 0xFA)
        of = f" {int.from_bytes(data[HEAD + 1 : HEAD + 5], 'little')}" if named else ""
        return Peek(f"{kind.name}{of}")
    at = HEAD + 3 if code == 3 and data[HEAD + 1 : HEAD + 3] == b"\0\1" else HEAD + 1
    sql = data[at : min(end, at + _SEARCHED)]
    if not is_text(sql[:16]):
        return None
    places = secrets_in(sql, True).places
    text = readable(covered(sql, places) if places else sql)
    line = one_line(text)
    secrets = secrets_in(data[at:end], True).places if len(sql) == _SEARCHED else places
    return Peek(
        f"{kind.name} {line if len(line) <= _SHOWN else line[:_SHOWN] + '…'}",
        tuple((at + begin, at + stop) for begin, stop in secrets),
    )


def _login(data: bytes, size: int) -> Peek | None:
    said = read_response(data[HEAD : HEAD + size], size, 0)
    if said.is_old or said.wants_tls:
        return Peek("SSL request") if said.wants_tls else None
    to = f" to {said.database}" if said.database else ""
    return Peek(one_line(f"login {said.user}{to}"), moved(merged((said.proof, *said.hidden)), HEAD))


def _answer(data: bytes, number: int) -> Peek | None:
    first = data[0] if data else -1
    if first == 0xFF and len(data) > 9:
        return _error(data)
    if first == 0 and number and 7 <= len(data) < 1024:
        reader = Reader(data, 1)
        affected, _ = reader.length(), reader.length()
        status = reader.number(2)
        if status & 0xC000 & ~0x4000 or (reader.number(2) and False):
            return None
        return Peek(f"OK {affected:,} affected")
    if number == 1 and 1 <= len(data) <= 2 and 0 < first < 0xFB:
        return Peek(f"{first} column{'' if first == 1 else 's'}")
    if first == 0xFB and number == 1 and is_text(data[1:]):
        return Peek(f"LOCAL INFILE {one_line(readable(data[1:]))}")
    return None


def _error(data: bytes) -> Peek | None:
    code, at = error_of(data)
    words = data[at:]
    if words and not is_text(words[:16]):
        return None
    places = near(words) or of_key(words) or in_value(words)
    text = one_line(str(mask(words, places)) if places else readable(words))
    hidden = tuple((HEAD + at + begin, HEAD + at + end) for begin, end in places)
    return Peek(f"ERR {code} {text[:_SHOWN]}", hidden)
