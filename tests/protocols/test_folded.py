"""Captures shown message by message, each with its packets below."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talking import http, talked

from netshell import read
from netshell.capture.capture import Capture
from netshell.errors import BadArgument, BadIndex
from netshell.protocols.api import Message, Part, Place
from netshell.protocols.folded import Carrier, Fold, folded
from netshell.protocols.talk import Talk
from netshell.view import cells, draw

GET = b"GET /a HTTP/1.1\nHost: h\n\n"
OK = b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"
LONG = b"HTTP/1.1 200 OK\nContent-Length: 9000\n\n" + b"x" * 9000


def shown(cap: Capture, **given: bool) -> list[str]:
    """Its lines, without times and ends."""
    lines = str(cap.show("none", **given)).splitlines()
    return [
        line if line.startswith("http ") or "…" in line else
        f"{line[: len(line) - len(line.lstrip())]}{' '.join(line.split()[4:9])}"
        for line in lines
    ]  # fmt: skip


def test_packets_stand_below_what_they_say() -> None:
    assert shown(talked(*http(GET, OK))) == [
        "SYN seq 0 win 1000",
        "SYN,ACK seq 0 ack 1",
        "ACK seq 1 ack 1",
        "http GET /a → 200 OK, 5 bytes, packets 3-5, 2 ms",
        "    PSH,ACK seq 1:29 ack 1",
        "    ACK seq 1 ack 29",
        "    PSH,ACK seq 1:44 ack 29",
        "    ACK seq 29 ack 44",
        "FIN,ACK seq 29 ack 44",
        "FIN,ACK seq 44 ack 30",
        "ACK seq 30 ack 45",
    ]


def test_of_many_packets_the_first_and_last_ones_are_shown() -> None:
    cap = talked(*http(GET, LONG))
    lines = shown(cap)
    fold = [line for line in lines if "…" in line]
    assert fold == ["    … 7 packets, 7,000 bytes, from 7 to 13; show(fold=False) has each"]
    assert len(lines) == 3 + 1 + 4 + 1 + 2 + 3
    each = str(cap.show("none", fold=False)).splitlines()
    assert each == [packet.line() for packet in cap]


def test_messages_in_one_packet_stand_below_each_other() -> None:
    two = [(side, said * 2) for side, said in http(GET, OK)]
    lines = [line for line in shown(talked(*two)) if line.startswith("http")]
    assert lines == [
        "http GET /a → 200 OK, 5 bytes, packets 3-5, 2 ms",
        "http GET /a → 200 OK, 5 bytes, packets 3-5 (above), 2 ms",
    ]
    text = str(talked(*two).show("none"))
    assert text.index("(above)") > text.rindex("    ")  # behind the packets that it shares


def test_of_many_messages_in_a_packet_the_first_and_last_ones_are_shown() -> None:
    many = [(side, said * 20) for side, said in http(GET, OK)]
    lines = shown(talked(*many))
    assert len([line for line in lines if line.startswith("http")]) == 1 + 12 + 4
    left = "    … 3 messages in the same packets left out; cap.messages has them"
    assert lines.count(left) == 1
    at = lines.index(left)
    assert all("(above)" in line for line in lines[at - 12 : at] + lines[at + 1 : at + 5])
    one_more = [(side, said * 18) for side, said in http(GET, OK)]
    assert not any("left out" in line for line in shown(talked(*one_more)))


def test_of_very_many_messages_the_first_and_last_ones_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[int] = []
    head = Fold.head
    monkeypatch.setattr(
        Fold, "head", lambda self, reveal=False: drawn.append(self.first) or head(self, reveal)
    )
    cap = talked(*(turn for _ in range(500) for turn in http(GET, OK)))
    assert len(cap.messages) == 500
    lines = shown(cap)
    assert len(drawn) == 300 + 100 == len([line for line in lines if line.startswith("http")])
    left = [line for line in lines if "left out" in line]
    hidden = len(cap) - len([line for line in lines if not line.startswith(("http", "…"))])
    assert left == [
        f"… 100 messages with {hidden} packets left out; "
        "cap.messages has them, show(fold=False) each packet"
    ]
    assert lines.index(left[0]) > lines.index(next(line for line in lines if "http" in line))
    assert len(str(cap.show("none", fold=False)).splitlines()) == len(cap)
    few = talked(*(turn for _ in range(401) for turn in http(GET, OK)))
    assert not any("left out" in line for line in shown(few))


def test_left_out_counts_what_was_left_out_before() -> None:
    pipelined = [turn for _ in range(402) for turn in ((s, d * 30) for s, d in http(GET, OK))]
    cap = talked(*pipelined)
    text = str(cap.show("none"))
    heads = sum(line.startswith("http") for line in text.splitlines())
    left = [int(n.replace(",", "")) for n in re.findall("… ([0-9,]+) messages", text)]
    assert heads + sum(left) == len(cap.messages) == 402 * 30
    assert len(text.splitlines()) < 1500


def test_what_is_wrong_is_in_the_line() -> None:
    gone = b"HTTP/1.1 500 Internal Server Error\nContent-Length: 0\n\n"
    cap = talked(*http(GET, gone), ("client", GET.replace(b"\n", b"\r\n")))
    lines = [line for line in shown(cap) if line.startswith("http")]
    assert "→ 500 Internal Server Error" in lines[0]
    assert "[no answer" in lines[1] and "packet 7" in lines[1]
    styles: dict[str, str] = {}
    draw(cap.show("none").view(), 0, lambda text, style: styles.setdefault(text, style) or text)
    assert styles["500 Internal Server Error"] == "bad"


def test_payloads_are_shown_below_their_packets() -> None:
    text = str(talked(*http(GET, OK)).show())
    assert "\n        GET /a HTTP/1.1\n" in text


def test_captures_without_messages_are_lines_as_before() -> None:
    cap = talked(("client", b"\0\1\2"), port=7)
    assert str(cap.show("none")) == "\n".join(packet.line() for packet in cap)
    assert str(cap[::-1].show("none")) == "\n".join(packet.line() for packet in reversed(list(cap)))
    assert str(Capture.show(cap[:0])) == ""


def test_a_slice_has_the_messages_that_are_in_it() -> None:
    cap = talked(*http(GET, OK), *http(GET, OK))
    lines = [line for line in shown(cap[:7]) if line.startswith("http")]
    assert lines == ["http GET /a → 200 OK, 5 bytes, packets 3-5, 2 ms"]


@pytest.mark.parametrize("width", [80, 140])
def test_it_fits_the_screen(width: int) -> None:
    long = b"GET /" + b"a/" * 400 + b" HTTP/1.1\nHost: h\n\n"
    text = draw(talked(*http(long, OK)).show().view(), width)
    assert max(map(cells, text.splitlines())) <= width
    (head,) = [line for line in text.splitlines() if line.startswith("http")]
    assert len(head) <= width


def test_an_array_is_no_answer_to_whether_to_fold() -> None:
    import numpy as np

    with pytest.raises(BadArgument, match="fold"):
        talked().show(fold=np.arange(3))  # type: ignore[arg-type]


def test_saved_packets_keep_what_is_masked(tmp_path) -> None:  # type: ignore[no-untyped-def]
    login = b"GET /a HTTP/1.1\nHost: h\nAuthorization: Bearer Bea-rer\n\n"
    cap = talked(*http(login, OK))
    assert "Bea-rer" not in str(cap.show())
    again = read(cap.save(tmp_path / "kept.pcapng"))
    assert any(b"Bea-rer" in packet.payload for packet in again)


@dataclass(frozen=True, kw_only=True, repr=False)
class Said(Message):
    """A message that is nothing but in some packets."""

    @property
    def asked(self) -> str:
        return "said"


def said(packets: set[int]) -> Said:
    message = Said(kind="said", parts=(Part("client", 0, 1, 0, 0),))
    object.__setattr__(message, "_talk", Place(0, None, tuple(sorted(packets))))
    return message


@given(
    st.lists(
        st.tuples(st.integers(-1, 2), st.integers(0, 1), st.integers(0, 1),
                  st.sampled_from([-1, 16, 17, 24])),
        max_size=20,
    ),
    st.lists(st.sets(st.integers(0, 19), min_size=1, max_size=6), max_size=6),
)  # fmt: skip
def test_each_packet_is_shown_once(
    packets: list[tuple[int, int, int, int]], messages: list[set[int]]
) -> None:
    carriers = [
        Carrier(number, flow, side, 1000 * number, data, flags)
        for number, (flow, side, data, flags) in enumerate(packets)
    ]
    told = [
        said(kept) for numbers in messages if (kept := {n for n in numbers if n < len(packets)})
    ]
    items = list(folded(carriers, told))
    shown = [
        number for item in items for number in ([item] if isinstance(item, int) else item.packets)
    ]
    assert sorted(shown) == list(range(len(packets)))
    folds = [item for item in items if not isinstance(item, int)]
    assert sorted(id(fold.message) for fold in folds) == sorted(map(id, told))
    for fold in folds:
        own = set(fold.message.packets)
        assert len(own - set(fold.packets)) == fold.above
        assert list(fold.packets) == sorted(fold.packets)
        first, left, last = fold.shown()
        assert (*first, *left, *last) == fold.packets and len(left) != 1


def test_messages_are_sliced_by_whole_numbers() -> None:
    cap = talked(*http(GET, OK))
    for messages in (cap.messages, cap.flows[0].follow()):
        assert isinstance(messages[:1], type(messages))
        for wrong in (slice(None, None, 0), slice(1.5, None)):
            with pytest.raises(BadIndex, match=r"^messages \[.*\]: a slice is of whole numbers"):
                messages[wrong]


def test_what_was_read_is_not_read_again_to_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cap = talked(*http(GET, OK))
    fed: list[int] = []
    feed = Talk.feed

    def counted(talk: Talk, *given: Any) -> Any:
        fed.append(1)
        return feed(talk, *given)

    monkeypatch.setattr(Talk, "feed", counted)
    assert len(cap.messages) == 1 and len(fed) == 2
    assert "http GET /a" in str(cap.show())
    assert len(fed) == 2
