"""What a server repeats of what it was asked is masked as it is there."""

from __future__ import annotations

import pickle
from typing import Any

from mysql_bytes import LOGIN, column, err, ok, packet, packets, query, rows, said

from netshell.protocols.mysql.decoder import MySqlDecoder
from netshell.protocols.mysql.framing import KEPT
from netshell.protocols.secret import Masked, revealed

SYNTAX = b"You have an error in your SQL syntax; check the manual near '%s' at line 1"
IDENTIFIED = b"create user joe IDENTIFIED WITH x BY 'hunter2-xyz'"


def _last(sql: bytes, *answer: bytes) -> Any:
    return said(*LOGIN, ("client", query(sql)), ("server", packets(1, *answer)))[-1]


def _hidden(message: Any, stream: bytes, begin: int) -> list[bytes]:
    return [
        stream[low - begin : high - begin]
        for side, low, high in message.secrets
        if side == "server" and low >= begin
    ]


def _server_at() -> int:
    return sum(len(data) for side, data in LOGIN if side == "server")


def test_an_error_that_repeats_the_password() -> None:
    answer = err(words=SYNTAX % b"BY 'hunter2-xyz'")
    message = _last(IDENTIFIED, answer)
    assert "hunter2" not in message.error and "BY '***'" in message.error
    assert "hunter2" not in message.answered + message.problem
    assert "hunter2-xyz" in revealed(message).error
    assert _hidden(message, packet(1, answer), _server_at()) == [b"hunter2-xyz"]


def test_an_error_that_repeats_the_beginning_of_the_password() -> None:
    message = _last(IDENTIFIED, err(words=SYNTAX % b"BY 'hunte"))
    assert message.error.endswith("near 'BY '***' at line 1")


def test_an_error_of_a_statement_that_has_no_secret() -> None:
    message = _last(b"selec 'a b'", err(words=SYNTAX % b"selec 'a b'"))
    assert "'a b'" in message.error
    assert not isinstance(message.error, Masked)


def test_the_peek_at_an_error_has_no_literals() -> None:
    data = packet(1, err(words=SYNTAX % b"BY 'hunter2-xyz'"))
    peek = MySqlDecoder.peek(data, True)
    assert peek is not None and "near 'BY '***'' at line 1" in peek.text
    assert [data[begin:end] for begin, end in peek.secrets] == [b"hunter2-xyz"]


def test_a_column_that_is_called_what_was_asked() -> None:
    sql = b"select password('hunter2-xyz'), other from t"
    answer = (
        b"\2", column(b"password('hunter2-xyz')"), column(b"other"),
        b"\x04hash" + b"\x0bhunter2-xyz", ok(head=b"\xfe"),
    )  # fmt: skip
    message = _last(sql, *answer)
    assert message.columns == ("password('***')", "other")
    assert revealed(message).columns == ("password('hunter2-xyz')", "other")
    assert message.results[0].columns == message.columns
    assert message.results[0].first.values == (("***", "***"),)
    assert revealed(message).results[0].first.values == (("hash", "hunter2-xyz"),)
    assert "hunter2" not in f"{message.json()}{message!r}{message.results!r}"
    copied = pickle.loads(pickle.dumps(message))
    assert copied == message and "hunter2" not in copied.json()
    assert not any("hunter2" in str(line) for side in ("client", "server")
                   for line in message.said(side))  # fmt: skip
    hidden = _hidden(message, packets(1, *answer), _server_at())
    assert hidden == [b"hunter2-xyz"] * 3 + [b"hash"]  # the column's name is there twice


def test_connection_strings_in_rows() -> None:
    row = b"host=h password=hunter2"
    answer = (b"\1", column(b"a"), *rows(b"plain", row), ok(head=b"\xfe"))
    message = _last(b"select a from t", *answer)
    assert message.results[0].first.values == (("plain",), ("host=h password=***",))
    assert _hidden(message, packets(1, *answer), _server_at()) == [b"hunter2"]


def test_columns_that_are_called_so() -> None:
    answer = (b"\2", column(b"a"), column(b"pwd"), b"\1x\x07hunter2", b"\1y\xfb", ok(head=b"\xfe"))
    message = _last(b"select a, pwd from t", *answer)
    assert message.results[0].first.values == (("x", "***"), ("y", None))
    assert revealed(message).results[0].first.values == (("x", "hunter2"), ("y", None))
    assert _hidden(message, packets(1, *answer), _server_at()) == [b"hunter2"]


def test_all_rows_of_such_columns_are_hidden_where_they_came() -> None:
    count = 6000
    answer = (b"\1", column(b"pwd"), *rows(*[b"hunter2"] * count), ok(head=b"\xfe"))
    message = _last(b"select pwd from t", *answer)
    assert message.rows == count
    data = packets(1, *answer)
    left, begin = bytearray(data), _server_at()
    for side, low, high in message.secrets:
        if side == "server":
            left[low - begin : high - begin] = b"*" * (high - low)
    assert b"hunter2" not in left and len(left) == len(data)
    assert len(message.secrets) < 5000


def test_a_secret_that_goes_on_in_what_is_not_kept() -> None:
    sent = query(b"alter user joe identified by '" + b"x" * (KEPT + 1000) + b"'")
    message = said(*LOGIN, ("client", sent), ("server", packets(1, ok())))[-1]
    ((begin, end),) = (place for side, *place in message.secrets if side == "client")
    first = message.parts[0]
    assert (begin - first.begin, end) == (sent.find(b"xxx"), first.end)


def test_an_error_that_tells_the_value_of_a_secret_key() -> None:
    for key, is_secret in ((b"api_token", True), (b"acc.api_token", True), (b"n", False)):
        words = b"Duplicate entry 'hunter2-xyz' for key '%s'" % key
        data = packet(1, err(words=words))
        message = _last(b"insert into acc select * from old", err(words=words))
        peek = MySqlDecoder.peek(data, True)
        assert peek is not None
        for text in (message.error, message.json(), peek.text):
            assert ("hunter2" in text) is not is_secret
        assert revealed(message).error.endswith(words.decode())
        hidden = [b"hunter2-xyz"] * is_secret
        assert _hidden(message, data, _server_at()) == hidden
        assert [data[begin:end] for begin, end in peek.secrets] == hidden
