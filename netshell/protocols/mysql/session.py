"""What a connection is known to be by now: who, where, what was agreed, what is prepared."""

from __future__ import annotations

from netshell.protocols.mysql.capabilities import QUERY_ATTRIBUTES, encoding
from netshell.protocols.mysql.wire import readable
from netshell.protocols.secret import Masked
from netshell.protocols.sql_secrets import NOTHING, Hidden, covered, secrets_in

STATEMENTS = 16_384
"""Prepared statements that are kept: the oldest are forgotten."""
MOST_SQL = 4 << 20
"""Bytes of their SQL that are."""

Kinds = tuple[tuple[int, bool], ...]
"""Types, each with whether it is unsigned."""


class Prepared:
    """A prepared statement."""

    __slots__ = (
        "columns", "count", "hidden", "is_known", "kinds", "long", "number", "row_kinds", "size",
        "statement",
    )  # fmt: skip

    def __init__(self, statement: str, hidden: Hidden, size: int, number: int | None) -> None:
        self.statement = statement
        self.hidden = hidden
        self.size = size
        self.number = number
        self.is_known = True  # whether its preparation was seen
        self.count: int | None = None  # of its placeholders
        self.kinds: Kinds = ()  # of the parameters bound last
        self.columns: tuple[str, ...] = ()
        self.row_kinds: Kinds = ()
        self.long: dict[int, tuple[bytes, int]] = {}  # sent before, and how much it was


class Session:
    """What is known of a connection. ``capabilities`` are None where the login was not seen."""

    __slots__ = (
        "_size", "backslashes", "capabilities", "database", "encoding", "has_eof", "last",
        "prepared", "server", "server_charset", "user",
    )  # fmt: skip

    def __init__(self) -> None:
        self.capabilities: int | None = None
        self.server = 0  # the server's capabilities
        self.server_charset = 0
        self.user = self.database = ""
        self.encoding = "latin-1"
        self.backslashes = True  # whether they escape in literals
        self.has_eof: bool | None = None  # whether EOF packets end columns; None not known
        self.prepared: dict[int, Prepared] = {}
        self.last: Prepared | None = None  # what number -1 is
        self._size = 0

    @property
    def assumed(self) -> str:
        """What is not known of it."""
        return "" if self.capabilities is not None else "its login was not seen"

    def has_attributes(self, data: bytes) -> bool:
        """Whether attributes stand before the SQL of a COM_QUERY."""
        if self.capabilities is None:
            return data[1:3] == b"\0\1"
        return bool(self.capabilities & QUERY_ATTRIBUTES)

    def set_charset(self, number: int) -> None:
        """The client's character set, by the number of its collation."""
        self.encoding = encoding(number)

    def text(self, data: bytes) -> str:
        """Bytes as text."""
        return readable(data, self.encoding)

    def sql(self, data: bytes) -> tuple[str, Hidden]:
        """SQL as text, and what is secret in it."""
        hidden = secrets_in(data, self.backslashes)
        whole = readable(data, self.encoding)
        if not hidden.places:
            return whole, hidden
        return Masked(readable(covered(data, hidden.places), self.encoding), whole), hidden

    def keep(self, prepared: Prepared) -> None:
        """A statement that the server has prepared."""
        assert prepared.number is not None
        self.forget(prepared.number)
        self.prepared[prepared.number] = prepared
        self._size += prepared.size
        while len(self.prepared) > STATEMENTS or self._size > MOST_SQL:
            self.forget(next(iter(self.prepared)))

    def find(self, number: int) -> Prepared:
        """The statement of a number; an unknown one if its preparation was not seen."""
        if number == 0xFFFFFFFF and self.last is not None:
            return self.last
        found = self.prepared.get(number)
        if found is None:
            found = Prepared("", NOTHING, 0, number)
            found.is_known = False
            self.keep(found)
        return found

    def forget(self, number: int) -> None:
        """A statement that was closed."""
        gone = self.prepared.pop(number, None)
        if gone is not None:
            self._size -= gone.size

    def reset(self) -> None:
        """All statements are gone."""
        self.prepared.clear()
        self._size = 0
        self.last = None
