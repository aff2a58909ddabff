"""The two commonest things, read in one go: a batch in one piece, and its whole answer in one.

Nine of ten statements are ``[Parse] Bind [Describe] Execute Sync``, or a Query, sent at once and
answered at once. Reading them message by message makes the same of them, at twice the cost. What
is not exactly so is left to that: nothing is changed before all of a piece is understood.
"""

from __future__ import annotations

from netshell.protocols.postgres.exchange import KEPT_BYTES, KEPT_ROW, KEPT_ROWS, Exchange, Prepared
from netshell.protocols.postgres.framing import HEADER
from netshell.protocols.postgres.ledger import Ledger
from netshell.protocols.postgres.query import read
from netshell.protocols.postgres.told import oids

_SYNC = b"S\0\0\0\4"
_EXECUTED = b"D\0\0\0\6P\0" + b"E\0\0\0\x09\0\0\0\0\0" + _SYNC
"""What nearly all batches end with: Describe and Execute the unnamed portal, all rows, Sync."""
_PARSED, _BOUND = b"1\0\0\0\4", b"2\0\0\0\4"
_BEGINS = {
    "Q": b"", "BES": _BOUND, "BDES": _BOUND, "PBES": _PARSED + _BOUND, "PBDES": _PARSED + _BOUND,
}  # fmt: skip
"""What the answer to a batch begins with; of those with a D, a description follows."""


def batch(data: bytes, at: int, ns: int, ledger: Ledger) -> bool:
    """Note a piece of the client's that begins at a place of its stream, if it is one batch."""
    size = len(data)
    if size > KEPT_BYTES or data[-5:] != _SYNC or ledger.unit is not None:
        return False
    kind, length = HEADER(data)
    prepared: Prepared | None = None
    steps, place, end = "", 0, 1 + length
    if kind == 80:  # Parse
        sql = data.find(0, 5, end) + 1
        close = data.find(0, sql, end) if sql else -1
        if close < 0 or size < end + 15:
            return False
        prepared = Prepared(data[5 : sql - 1], data[sql:close])
        if end - close > 3:
            prepared.oids = oids(data[close + 1 : end])
        steps, place = "P", end
        kind, length = HEADER(data, place)
        end = place + 1 + length
    name = data.find(0, place + 5, end) + 1
    values = data.find(0, name, end) + 1 if name else 0
    if kind != 66 or not values or size < end + 15:  # Bind
        return False
    label = data[name : values - 1]
    if prepared is None:
        known = ledger.statements.get(label)
        if known is None:
            return False
        made_of = known
    elif prepared.name != label:
        return False
    else:
        made_of = prepared
    portal, bound = data[place + 5 : name - 1], data[values:end]
    steps += "B"
    if end + len(_EXECUTED) == size and not portal and data.endswith(_EXECUTED):
        steps, limit = steps + "DES", 0
    else:
        executed = _executed(data, end, portal)
        if executed is None:
            return False
        steps, limit = steps + executed[0], executed[1]
    made = Exchange()
    made.kind, made.session, made.steps = "Execute", ledger.session, steps
    made.begin, made.end, made.begin_ns, made.end_ns = at, at + size, ns, ns
    made.prepared, made.portal, made.is_executed = made_of, portal, True
    made.bind, made.bind_at = bound, at + values
    if limit:
        made.limit = limit
    ledger.ask(made)
    if prepared is not None:
        made.sql_at, made.oids = at + 6 + len(label), prepared.oids
        made.replaced = ledger.statements.get(label)
        ledger.named(ledger.statements, label, prepared, len(prepared.sql))
    ledger.named(ledger.portals, portal, made, len(bound) if portal else 0)
    ledger.waiting_bytes += size
    ledger.end_batch()
    return True


def _executed(data: bytes, at: int, portal: bytes) -> tuple[str, int] | None:
    """The steps of a batch behind its Bind, and the rows asked for; None if these are others."""
    size, steps = len(data), ""
    kind, length = HEADER(data, at)
    end = at + 1 + length
    if kind == 68:  # Describe: this portal
        if data[at + 5 : end] != b"P" + portal + b"\0" or size < end + 10:
            return None
        at, steps = end, "D"
        kind, length = HEADER(data, at)
        end = at + 1 + length
    if kind != 69 or end + 5 != size or length != len(portal) + 9:  # Execute
        return None
    if data[at + 5 : at + 6 + len(portal)] != portal + b"\0":
        return None
    return f"{steps}ES", int.from_bytes(data[end - 4 : end], "big")


def answer(data: bytes, at: int, ns: int, done_ns: int, ledger: Ledger) -> bool:
    """Note a piece of the server's, if it is the whole answer to the one thing that waits for it.

    ``done_ns``: when the last answer was complete.
    """
    asked = ledger.asked
    if len(asked) != 1 or ledger.answered or data[-6:-1] != b"Z\0\0\0\5":
        return False
    made = asked[0]
    steps = made.steps
    begin = _BEGINS.get(steps)
    if begin is None or made.step or made.s_begin >= 0 or not data.startswith(begin):
        return False
    size = len(data) - 6
    place = len(begin)
    kind, length = HEADER(data, place)
    end = place + 1 + length
    heads = b""
    if "D" in steps or (kind == 84 and steps == "Q"):  # RowDescription, or NoData
        if end > size or length >= KEPT_BYTES or (kind != 84 and (kind != 110 or length != 4)):
            return False
        heads = data[place + 5 : end] if kind == 84 else heads
        place = end
        kind, length = HEADER(data, place)
        end = place + 1 + length
    first: list[bytes] | None = None
    rows = 0
    if kind == 68:
        first, begin_rows = [], place
        while kind == 68 and end < size and length > 3:
            if rows < KEPT_ROWS and length <= KEPT_ROW:
                first.append(data[place + 5 : end])
            rows += 1
            place = end
            kind, length = HEADER(data, place)
            end = place + 1 + length
        made_bytes = place - begin_rows - 7 * rows
    if kind != 67 or end != size or not 5 <= length < KEPT_BYTES:  # CommandComplete
        return False
    if first is not None:
        made.rows, made.first, made.first_ns, made.row_bytes = rows, first, ns, made_bytes
    if heads:
        made.heads = heads
    made.s_begin, made.s_end, made.s_begin_ns, made.s_end_ns = at, at + size + 6, ns, ns
    made.tag, made.state, made.step = data[place + 5 : end - 1], data[-1], len(steps) - 1
    if done_ns > made.begin_ns:
        made.before_ns = done_ns
    prepared = made.prepared
    if prepared is not None:
        made.oids = prepared.oids
        if not heads:
            made.heads = prepared.heads
    asked.popleft()
    ledger.unit = ledger.last = None
    ledger.waiting_bytes = 0
    ledger.is_holed = ledger.is_unsure = False
    ledger.made.append(read(made))
    return True
