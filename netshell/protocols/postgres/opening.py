"""How a connection begins: encryption asked for, the startup message, authentication, settings.

Passwords and all other answers to authentication are masked, as is the key to cancel with.

Source: PostgreSQL documentation, 55.2.1 "Start-up", 55.2.10 and 55.2.11 (TLS, GSSAPI), 55.3 "SASL
Authentication", 55.7 "Message Formats".
"""

from __future__ import annotations

from netshell.flow.sides import Side
from netshell.protocols.api import Message, Part
from netshell.protocols.inbox import Inbox
from netshell.protocols.masking import hide_in_value, in_value, moved
from netshell.protocols.postgres.exchange import Session
from netshell.protocols.postgres.looks import CANCEL, MOST_STARTUP, REQUESTS
from netshell.protocols.postgres.steps import Cancel, Encryption, Startup
from netshell.protocols.postgres.told import STATES, codec, trouble
from netshell.protocols.secret import MASK, Masked

_MOST = 1 << 16
"""Bytes of a message of the server at the start."""

METHODS = {
    0: "ok", 2: "Kerberos V5", 3: "cleartext password", 4: "crypt password", 5: "MD5 password",
    6: "SCM credential", 7: "GSSAPI", 8: "GSSAPI continued", 9: "SSPI", 10: "SASL",
    11: "SASL continued", 12: "SASL final",
}  # fmt: skip
_STARTING = frozenset(b"RSKNEZv")


class Opening:
    """The start of one connection, until :attr:`is_over`."""

    def __init__(self, client_at: int, server_at: int) -> None:
        self.client, self.server = Inbox("client", client_at), Inbox("server", server_at)
        self.is_over = False
        """What follows is in the form of all other messages, and in the inboxes."""
        self.why_stopped = ""
        self.follows: str | None = None
        self.session = Session()
        self._asked: tuple[str, Part] | None = None  # an SSLRequest or GSSENCRequest
        self._parts: list[Part] = []  # of the startup
        self._secrets: list[tuple[Side, int, int]] = []
        self._version = ""
        self._parameters: list[tuple[str, str]] = []
        self._methods: list[str] = []
        self._settings: list[tuple[str, str]] = []
        self._negotiated = ""
        self._pid: int | None = None
        self._key = b""
        self._error: bytes | None = None
        self._notices: list[str] = []
        self._state = 0
        self._lost = 0

    def read(self) -> list[Message]:
        """What is complete."""
        made: list[Message] = []
        while not self.is_over and not self.why_stopped and self.follows is None:
            if not self._version:
                is_read = self._read_answer(made) if self._asked else self._read_request(made)
            else:
                is_read = self._read_client() or self._read_server(made)
            if not is_read:
                break
        return made

    def gap(self, size: int) -> None:
        """Bytes lack: the start is read no further."""
        self._lost += size
        self.is_over = True

    # --- before the startup message ---

    def _read_request(self, made: list[Message]) -> bool:
        data = self.client.data
        if self.server.data and not data:
            self.why_stopped = "the server spoke first"
            return False
        if len(data) < 8:
            return False
        length, code = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
        is_request = code in REQUESTS and length == 8
        if not is_request and not 8 < length <= MOST_STARTUP:
            self.why_stopped = f"a startup message of {length:,} bytes"
            return False
        if len(data) < length:
            return False
        part = self.client.part(length)
        body = self.client.take(length)[8:]
        if is_request:
            self._asked = REQUESTS[code], part
        elif code == CANCEL:
            key = Masked(MASK, body[4:].hex())
            hidden: tuple[tuple[Side, int, int], ...] = (("client", part.begin + 12, part.end),)
            pid = int.from_bytes(body[:4], "big")
            made.append(
                Cancel(kind="CancelRequest", parts=(part,), pid=pid, key=key, secrets=hidden)
            )
        elif code >> 16 != 3:
            self.why_stopped = f"protocol version {code >> 16}.{code & 0xFFFF} is not read"
            return False
        else:
            self._start(code, body, part)
        return True

    def _read_answer(self, made: list[Message]) -> bool:
        data = self.server.data
        if not data or self._asked is None:
            return False
        kind, asked = self._asked
        answer = bytes(data[:1])
        if answer == b"E":  # an old server: it does not know the question
            if len(data) < 5:
                return False
            size = 1 + int.from_bytes(data[1:5], "big")
            if not 5 <= size <= _MOST:
                self.why_stopped = "an error of impossible size"
                return False
            if len(data) < size:
                return False
        elif answer in (b"N", b"S" if kind == "SSLRequest" else b"G"):
            size = 1
        else:
            self.why_stopped = f"0x{answer.hex()} is no answer to {kind}"
            return False
        part = self.server.part(size)
        body = self.server.take(size)[5:]
        self._asked = None
        error = trouble(body) if body else None
        made.append(
            Encryption(
                kind=kind, parts=(asked, part), is_accepted=None if error else answer != b"N",
                error=f"{error.code} {error.message}" if error else "",
            )
        )  # fmt: skip
        if answer in (b"S", b"G"):
            self.follows = "tls" if answer == b"S" else "raw"
        return True

    def _start(self, code: int, body: bytes, part: Part) -> None:
        self._version = f"{code >> 16}.{code & 0xFFFF}"
        self._parts.append(part)
        words = body.split(b"\0")
        texts = [word.decode("utf-8", "replace") for word in words]
        for at in range(0, len(texts) - 1, 2):
            if not texts[at]:
                break
            self._parameters.append((texts[at], hide_in_value(texts[at + 1])))  # options: -c x=y
        inside = in_value(body.replace(b"\0", b" "))
        self._secrets += [("client", *place) for place in moved(inside, part.begin + 8)]
        given = dict(self._parameters)
        user = given.get("user", "")
        self.session = Session(
            user, given.get("database") or user, given.get("application_name", ""),
            codec(given.get("client_encoding", "UTF8")),
        )  # fmt: skip

    # --- after it ---

    def _read_client(self) -> bool:
        """An answer to authentication: all of it is secret, but for the mechanism's name."""
        data = self.client.data
        if len(data) < 5 or data[0] != ord("p"):
            return False
        size = 1 + int.from_bytes(data[1:5], "big")
        if not 5 <= size <= _MOST:
            self.why_stopped = f"an authentication message of {size:,} bytes"
            return False
        if len(data) < size:
            return False
        begin = self.client.at + 5
        if self._methods and self._methods[-1].startswith("SASL:"):
            mechanism, _, rest = bytes(data[5:size]).partition(b"\0")
            begin += size - 5 - len(rest)
            self._methods[-1] = mechanism.decode("utf-8", "replace")
        self._secrets.append(("client", begin, self.client.at + size))
        self._parts.append(self.client.part(size))
        self.client.skip(size)
        return True

    def _read_server(self, made: list[Message]) -> bool:
        data = self.server.data
        if len(data) < 5:
            return False
        size = 1 + int.from_bytes(data[1:5], "big")
        if data[0] not in _STARTING or not 5 <= size <= _MOST:
            self.why_stopped = f"the server sent 0x{data[0]:02x} at the connection's start"
            return False
        if len(data) < size:
            return False
        self._parts.append(self.server.part(size))
        kind, at = data[0], self.server.at
        body = self.server.take(size)[5:]
        self._tell(kind, body, at + 5)
        if self.is_over:
            made.append(self.message())
        return True

    def _tell(self, kind: int, body: bytes, at: int) -> None:
        if kind == ord("R"):
            self._authenticate(body)
        elif kind == ord("S"):
            name, _, value = body.rstrip(b"\0").partition(b"\0")
            text = hide_in_value(value.decode("utf-8", "replace"))
            setting = name.decode("utf-8", "replace"), text
            self._settings.append(setting)
            begin = at + len(name) + 1
            self._secrets += [("server", *place) for place in moved(in_value(value), begin)]
            if setting[0] == "client_encoding":
                self.session = self.session._replace(encoding=codec(setting[1]))
            elif setting[0] == "application_name":
                self.session = self.session._replace(application=setting[1])
        elif kind == ord("K"):
            self._pid, self._key = int.from_bytes(body[:4], "big"), body[4:]
            self._secrets.append(("server", at + min(4, len(body)), at + len(body)))
        elif kind == ord("v"):
            minor = int.from_bytes(body[2:4], "big")
            options = body[8:].rstrip(b"\0").decode("utf-8", "replace").replace("\0", ", ")
            unknown = f", unknown options {options}" if options else ""
            self._negotiated = f"the server speaks version 3.{minor}{unknown}"
        elif kind == ord("N"):
            self._notices.append(str(trouble(body)))
        elif kind == ord("E"):
            self._error, self.is_over = body, True
        else:
            self._state, self.is_over = body[0] if body else 0, True

    def _authenticate(self, body: bytes) -> None:
        code = int.from_bytes(body[:4], "big")
        method = METHODS.get(code, f"method {code}")
        if code == 10:
            names = [each.decode("utf-8", "replace") for each in body[4:].split(b"\0") if each]
            method = f"SASL: {', '.join(names)}"
        if code not in (8, 11, 12):
            self._methods.append(method)

    @property
    def waiting(self) -> list[Message]:
        """What is not complete."""
        if self._asked is not None:
            kind, part = self._asked
            return [Encryption(kind=kind, parts=(part,), lacking="no answer")]
        if self._version and not self.is_over:
            return [self.message("no answer" if len(self._parts) == 1 else "not complete")]
        if self._version and self._lost:
            return []
        return []

    def message(self, lacking: str = "") -> Startup:
        """The start as far as it is known."""
        session = self.session
        error = None if self._error is None else trouble(self._error, session.encoding)
        return Startup(
            kind="startup",
            parts=tuple(_joined(self._parts)),
            lacking=lacking,
            secrets=tuple(self._secrets),
            version=self._version,
            user=session.user,
            database=session.database,
            application=dict(self._parameters).get("application_name", ""),
            parameters=tuple(self._parameters),
            methods=tuple(self._methods),
            settings=tuple(self._settings),
            negotiated=self._negotiated,
            pid=self._pid,
            key=Masked(MASK, self._key.hex()) if self._key else "",
            error="" if error is None else error.message,
            code="" if error is None else error.code,
            severity="" if error is None else error.severity,
            detail="" if error is None else error.detail,
            hint="" if error is None else error.hint,
            notices=tuple(self._notices),
            transaction=STATES.get(self._state, ""),
        )

    def lost(self) -> list[Message]:
        """The start that a gap ended, if it was one."""
        if not self._version:
            return []
        return [self.message(f"{self._lost:,} bytes lack")]


def _joined(parts: list[Part]) -> list[Part]:
    """Parts of one side that follow each other, as one."""
    found: list[Part] = []
    for part in parts:
        if found and found[-1].side == part.side and found[-1].end == part.begin:
            found[-1] = found[-1]._replace(end=part.end, end_ns=part.end_ns)
        else:
            found.append(part)
    return found
