"""What one packet's payload says by itself, whichever side sent it."""

from __future__ import annotations

from netshell.protocols.api import Likeness, Peek
from netshell.protocols.line import brief
from netshell.protocols.masking import in_value, merged
from netshell.protocols.postgres.chain import CLIENT, ENOUGH, SERVER
from netshell.protocols.postgres.framing import HEADER
from netshell.protocols.postgres.hidden import in_row, in_trouble, secret_columns
from netshell.protocols.postgres.looks import CANCEL, looks_like_start
from netshell.protocols.postgres.splitting import arguments
from netshell.protocols.postgres.told import heads, trouble
from netshell.protocols.sql_reader import may_hide
from netshell.protocols.sql_secrets import covered, masked_sql

_MOST = 40
"""Messages of a packet that are looked at."""
_KINDS = frozenset(CLIENT) | frozenset(SERVER) | {ord("p")}
_WIDEST = 200


def peek(data: bytes, on_port: bool) -> Peek | None:
    """As :meth:`netshell.protocols.api.Decoder.peek`."""
    if not on_port and data[1:2] != b"\0":  # nearly all that is no PostgreSQL
        return None
    if data[:2] == b"\0\0":
        return _start(data)
    if not on_port:
        if data[2:3] != b"\0" or data[0] not in _KINDS or not _is_sure(data):
            return None
        return _messages(data)
    if len(data) < 5 or data[0] not in _KINDS or data[1] > 63:
        return _answer(data) if data in (b"S", b"N") else None
    return _messages(data)


def _is_sure(data: bytes) -> bool:
    """Whether a payload is messages of one side from its first byte to its last one, of which the
    bodies have their forms, and could hardly have them by chance."""
    size = len(data)
    for forms in (CLIENT, SERVER):
        at = weight = 0
        while at + 5 <= size:
            kind, length = HEADER(data, at)
            form, end = forms.get(kind), at + 1 + length
            if form is None or length < 4 or end > size:
                break
            fits = form(data[at + 5 : end])
            if not fits:
                break
            weight += fits
            at = end
        if at == size and weight >= ENOUGH:
            return True
    return False


def _answer(data: bytes) -> Peek:
    return Peek("yes to encryption" if data == b"S" else "no to encryption")


def _start(data: bytes) -> Peek | None:
    if looks_like_start(data) != Likeness.SURE:
        return None
    code = int.from_bytes(data[4:8], "big")
    if code == CANCEL:
        return Peek(f"CancelRequest pid {int.from_bytes(data[8:12], 'big')}", ((12, len(data)),))
    if code >> 16 != 3:
        return Peek("SSLRequest" if code & 0xFFFF == 5679 else "GSSENCRequest")
    words = data[8:].decode("utf-8", "replace").split("\0")
    given = dict(zip(words[::2], words[1::2], strict=False))
    told = [f"{name}={given[name]}" for name in ("user", "database") if given.get(name)]
    inside = in_value(data.replace(b"\0", b" "))  # options: -c app.password=...
    return Peek(" ".join(["StartupMessage", *told]), inside)


def _messages(data: bytes) -> Peek | None:
    texts: list[str] = []
    places: list[tuple[int, int]] = []
    rows = at = 0
    secret: frozenset[int] = frozenset()  # columns of the rows that follow
    size = len(data)
    is_sure = False
    for _ in range(_MOST):
        if at + 5 > size:
            break
        kind, length = HEADER(data, at)
        end = at + 1 + length
        if length < 4 or kind not in _KINDS:
            return None if not is_sure else Peek(", ".join(texts), tuple(places))
        body = data[at + 5 : end]
        if kind == 68 and body[:1] < b"\x07" and len(body) > 1:  # what has so few columns is a row
            rows += 1
            if secret and end <= size:
                places += [(at + 5 + first, at + 5 + last) for first, last in in_row(body, secret)]
            elif secret:  # it goes on in other packets
                places.append((at + 5, size))
            at = end
            is_sure = True
            continue
        if rows:
            texts.append(f"DataRow x{rows}")
            rows = 0
        if kind == 112:
            places.append((at + 5, min(end, size)))
            texts.append("PasswordMessage")
            is_sure = True
        elif end <= size:
            client, server = CLIENT.get(kind), SERVER.get(kind)
            if server is not None and server(body):
                if kind in b"EN" and (inside := in_trouble(body)):
                    places += [(at + 5 + begin, at + 5 + stop) for begin, stop in inside]
                    body = covered(body, inside)
                text = _of_server(kind, body)
                if kind == 84 and may_hide(body):
                    secret = secret_columns(heads(body, "utf-8"))
            elif client is not None and client(body):
                text = _of_client(kind, body, at + 5, places)
            else:
                return None
            is_sure = True
            if text:
                texts.append(text)
        else:
            begun = _cut(kind, body, at + 5, places)
            if begun is None and not is_sure:
                return None
            texts.append(begun or "...")
        at = end
    if rows:
        texts.append(f"DataRow x{rows}")
    return Peek(", ".join(texts), tuple(places)) if texts else None


def _cut(kind: int, body: bytes, at: int, places: list[tuple[int, int]]) -> str | None:
    """A message that goes on in other packets."""
    if kind == 80 or (kind == 81 and b"\0" not in body[:-1]):
        return _of_client(kind, body, at, places)
    return None


def _sql(body: bytes, at: int, places: list[tuple[int, int]]) -> str:
    text, hidden = masked_sql(body)
    found = hidden.places
    if body[:8].lstrip()[:1] in b"eE" and (given := arguments(body)):
        # Of EXECUTE: what they are for is not in this packet.
        found = merged((*found, *given))
        text = covered(body, found).decode("utf-8", "replace")
    places += [(at + begin, at + end) for begin, end in found]
    return brief(text, _WIDEST)


def _of_client(kind: int, body: bytes, at: int, places: list[tuple[int, int]]) -> str:
    name, _, rest = body.partition(b"\0")
    label = name.decode("utf-8", "replace")
    if kind == 81:
        return f"Query {_sql(name, at, places)}"
    if kind == 80:
        sql = rest.partition(b"\0")[0]
        return " ".join(["Parse", *label.split(), _sql(sql, at + len(name) + 1, places)])
    if kind == 66:
        statement = rest.partition(b"\0")[0].decode("utf-8", "replace")
        return f"Bind {statement}".strip()
    if kind in b"DC":
        return f"{'Describe' if kind == 68 else 'Close'} {label[1:]}".strip()
    return {69: "Execute", 83: "Sync", 72: "Flush", 88: "Terminate", 99: "CopyDone",
            100: "CopyData", 102: "CopyFail", 70: "FunctionCall"}.get(kind, "")  # fmt: skip


def _of_server(kind: int, body: bytes) -> str:
    if kind == 67:
        return body[:-1].decode("utf-8", "replace")
    if kind == 90:
        return {73: "idle", 84: "in transaction", 69: "failed"}.get(body[0], "")
    if kind in b"EN":
        return str(trouble(body))
    if kind == 65:
        return f"NOTIFY {body[4:].partition(bytes(1))[0].decode('utf-8', 'replace')}"
    if kind == 82:
        return "AuthenticationOk" if body == bytes(4) else "Authentication"
    if not body and kind in b"SHXc":
        return {83: "Sync", 72: "Flush", 88: "Terminate", 99: "CopyDone"}[kind]
    return {49: "ParseComplete", 50: "BindComplete", 51: "CloseComplete", 84: "RowDescription",
            116: "ParameterDescription", 110: "NoData", 115: "PortalSuspended",
            73: "EmptyQueryResponse", 71: "CopyInResponse", 72: "CopyOutResponse",
            87: "CopyBothResponse", 100: "CopyData", 83: "ParameterStatus",
            75: "BackendKeyData", 86: "FunctionCallResponse"}.get(kind, "")  # fmt: skip
