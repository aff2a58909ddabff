"""What is open around the cursor, in lines that stop anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.shell.typed import locate


@pytest.mark.parametrize(
    ("text", "callees", "string"),
    [
        ("", [], None),
        ("conns(", ["conns"], None),
        ("conns(state='LIS", ["conns"], "LIS"),
        ('x = [dig("a.b", ("A", "M', ["", "dig", ""], "M"),
        ('print(len(dig("x")), conns(', ["print", "conns"], None),
        ('dig("a\\"b', ["dig"], 'a\\"b'),
        ("dig('''a\nb", ["dig"], "a\nb"),
        ("dig('a\nconns(", ["dig", "conns"], None),
        ('dig(rb"x', ["dig"], "x"),
        ("dig(\"it's", ["dig"], "it's"),
        ("cap.filter('tcp", ["cap.filter"], "tcp"),
        ("dig('x') + conns(", ["conns"], None),
        (")]}conns(", ["conns"], None),
        ("dig('x', # a comment (\n", ["dig"], None),
    ],
)
def test_brackets_and_strings(text: str, callees: list[str], string: str | None) -> None:
    cursor = locate(text)
    assert [call.callee for call in cursor.calls] == callees
    assert cursor.string == string and cursor.code


def test_inside_a_comment_nothing_is_open() -> None:
    assert not locate("dig( # what").code


def test_arguments_are_counted_by_place_and_by_name() -> None:
    call = locate("dig('x', 'MX', tcp=True, ser").calls[0]
    assert (call.argument, call.keyword, call.given) == (2, "", {"tcp"})
    call = locate("conns(state=x, host= ").calls[0]
    assert (call.argument, call.keyword, call.given) == (0, "host", {"state", "host"})
    assert locate("conns(a == b").calls[0].keyword == ""
    assert locate("conns(a <= b").calls[0].keyword == ""


@given(st.text("adf('\"#=,)[]{}\\ \nrbR.", max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    cursor = locate(text)
    assert len(cursor.calls) <= sum(map(text.count, "([{"))
    if cursor.string is not None:
        assert text.endswith(cursor.string)
