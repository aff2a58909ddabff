"""Layout and cleaning: what a terminal is given, whatever the text was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.view import Column, Lines, Note, Span, Table, cells, clean, draw, fit

TABLE = Table(
    (
        Column("proto"),
        Column("local", shrink=True, least=9),
        Column("state"),
        Column("timer", keep=2),
        Column("rtt", "right", keep=1),
    ),
    [
        ("tcp", "192.0.2.1:49152", Span("ESTABLISHED", "good"), "keepalive 7199 s", "0.31"),
        ("tcp", "[2001:db8::1]:443", "LISTEN", "", ""),
    ],
)


@given(st.text())
def test_cleaned_text_holds_nothing_that_acts_on_a_terminal(text: str) -> None:
    cleaned = clean(text)
    assert all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in cleaned)


@given(st.binary())
def test_any_bytes_become_printable_text(data: bytes) -> None:
    assert clean(data).isprintable()


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("a\x00b\x9bc", r"a\x00b\x9bc"),
        ("user\u202egnp.exe", r"user\u202egnp.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        (b"caf\xc3\xa9 \xff", r"café \xff"),
        ("two\nlines\r", r"two\nlines\r"),
    ],
)
def test_hostile_text_is_shown_not_obeyed(hostile: str | bytes, shown: str) -> None:
    assert clean(hostile) == shown


def test_a_table_at_its_natural_width() -> None:
    assert draw([TABLE]).splitlines() == [
        "proto  local              state        timer              rtt",
        "tcp    192.0.2.1:49152    ESTABLISHED  keepalive 7199 s  0.31",
        "tcp    [2001:db8::1]:443  LISTEN",
    ]


def test_a_narrow_table_names_the_columns_that_left() -> None:
    assert draw([TABLE], width=44).splitlines() == [
        "proto  local              state         rtt",
        "tcp    192.0.2.1:49152    ESTABLISHED  0.31",
        "tcp    [2001:db8::1]:443  LISTEN",
        "not shown at this width: timer",
    ]


def test_a_narrower_table_cuts_what_may_shrink() -> None:
    lines = draw([TABLE], width=32).splitlines()
    assert lines[1] == "tcp    192.0.2.1:4…  ESTABLISHED"
    assert lines[3] == "not shown at this width: timer,"


@given(st.integers(min_value=29, max_value=200))
def test_no_row_is_wider_than_the_width(width: int) -> None:
    assert all(cells(line) <= width for line in draw([TABLE], width=width).splitlines())


def test_wide_characters_keep_columns_aligned() -> None:
    table = Table((Column("name"), Column("port")), [("東京", "80"), ("ab", "443")])
    assert draw([table]).splitlines() == ["name  port", "東京  80", "ab    443"]


def test_an_empty_table_says_so_instead_of_showing_a_bare_head() -> None:
    assert draw([Table((Column("a"),), [], empty="no sockets match")]) == "no sockets match"


def test_paint_sees_clean_text_with_its_style() -> None:
    seen: list[tuple[str, str]] = []

    def paint(text: str, style: str) -> str:
        seen.append((text, style))
        return f"<{text}>"

    text = draw([Lines([[Span("\x1b[2J", "bad"), "plain"]]), Note("a note")], paint=paint)
    assert text == "<\\x1b[2J><plain>\n<a note>"
    assert seen == [(r"\x1b[2J", "bad"), ("plain", ""), ("a note", "quiet")]


def test_fit_keeps_columns_of_rank_zero_whatever_the_width() -> None:
    shown, _ = fit(TABLE.columns, [5, 18, 11, 16, 4], 1)
    assert shown == [0, 1, 2]


def test_a_cut_endpoint_keeps_its_port() -> None:
    table = Table((Column("local", shrink=True, least=9, tail=6),), [("[2001:db8::1]:33712",)])
    assert draw([table], width=14).splitlines() == ["local", "[2001:d…:33712"]


def test_notes_wrap_between_words() -> None:
    assert draw([Note("one two three four")], width=9).splitlines() == ["one two", "three", "four"]


PACKET = Lines(
    [
        [
            Span("16:20:50.120270", "quiet"),
            " 10.77.0.1:33712 > 10.77.0.2:80 ",
            Span("SYN", "key"),
            " seq 0 win 64240 len 0 ttl 64 (0 hops)",
        ]
    ]
)


def test_a_long_line_goes_on_below_its_beginning() -> None:
    assert draw([PACKET], width=62).splitlines() == [
        "16:20:50.120270 10.77.0.1:33712 > 10.77.0.2:80 SYN seq 0 win",
        "    64240 len 0 ttl 64 (0 hops)",
    ]
    assert len(draw([PACKET], width=92).splitlines()) == 1


def test_a_continued_line_keeps_its_indent_and_its_long_words() -> None:
    line = Lines(["    GET /" + "a" * 30])
    assert draw([line], width=24).splitlines() == [
        "    GET /aaaaaaaaaaaaaaa",
        "        aaaaaaaaaaaaaaa",
    ]


@given(st.lists(st.text(alphabet="ab 東\x1b", max_size=40)), st.integers(8, 60))
def test_no_line_is_wider_than_the_width_and_none_of_it_is_lost(
    parts: list[str], width: int
) -> None:
    drawn = draw([Lines([parts])], width=width)
    assert all(cells(line.rstrip()) <= width for line in drawn.splitlines())
    assert drawn.replace(" ", "").replace("\n", "") == clean("".join(parts)).replace(" ", "")


SENTENCE = "The answer begins 381.2 ms after the request ended, 48.0 ms of it at the server."
TOLD = Table(
    (Column("packet", "right", keep=1), Column("kind"), Column("text", least=30, wrap=True,
                                                               shrink=True)),
    [("2", "slow_network", SENTENCE), ("31", "reused_ports", "")],
)  # fmt: skip


def test_a_sentence_goes_on_in_its_column() -> None:
    assert draw([TOLD], 60).splitlines() == [
        "packet  kind          text",
        "     2  slow_network  The answer begins 381.2 ms after the",
        "                      request ended, 48.0 ms of it at the",
        "                      server.",
        "    31  reused_ports",
    ]


def test_a_sentence_without_room_stands_below_its_row() -> None:
    assert draw([TOLD], 45).splitlines() == [
        "packet  kind",
        "     2  slow_network",
        "    The answer begins 381.2 ms after the",
        "    request ended, 48.0 ms of it at the",
        "    server.",
        "    31  reused_ports",
    ]


@pytest.mark.parametrize("width", range(24, 130))
def test_no_word_of_a_sentence_is_lost(width: int) -> None:
    lines = draw([TOLD], width).splitlines()
    assert all(cells(line) <= width for line in lines)
    words = " ".join(lines).split()
    assert [word for word in words if word in SENTENCE.split()] == SENTENCE.split()


def test_a_value_of_one_record_goes_on_below_itself() -> None:
    long = "[2a00:d40:1:3:7aac:c0ff:fea7:d4c]:40526"
    table = Table((Column("field"), Column("value", shrink=True, least=20, wrap=True)),
                  [("end", long)])  # fmt: skip
    assert draw([table], 35).splitlines()[1:] == [
        "end    [2a00:d40:1:3:7aac:c0ff:",
        "       fea7:d4c]:40526",
    ]


def test_what_is_to_stay_whole_is_cut_last() -> None:
    columns = [
        Column("end", shrink=True, least=5, whole=2),
        Column("name", shrink=True, least=5),
        Column("kept", keep=1),
        Column("less", keep=2),
    ]
    natural = [20, 20, 4, 4]
    assert fit(columns, natural, 54) == ([0, 1, 2, 3], [20, 20, 4, 4])
    assert fit(columns, natural, 45) == ([0, 1, 2, 3], [20, 11, 4, 4])
    assert fit(columns, natural, 47) == ([0, 1, 2, 3], [20, 13, 4, 4])
    assert fit(columns, natural, 38) == ([0, 1, 2], [15, 15, 4])
    assert fit(columns, natural, 30) == ([0, 1, 2], [11, 11, 4])


@pytest.mark.parametrize("width", range(16, 60))
def test_a_number_stays_with_its_unit(width: int) -> None:
    text = "flow 3, 15 packets, 1,727 bytes, 3.794 s, RTT 0.2 ms and 12 segments"
    for block in (Note(text), Lines([text])):
        lines = [line.strip() for line in draw([block], width).splitlines()]
        assert " ".join(lines) == text
        assert not any(line.startswith(("packets", "bytes", "s,", "ms")) for line in lines)
