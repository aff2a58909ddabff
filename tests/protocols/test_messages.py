"""Messages as users hold them: chosen, shown, as data, copied."""

from __future__ import annotations

import copy
import json
import math
import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from frames import chunk_of, segment
from recorder import Lines
from segmented import ACK, FIN, HANDSHAKE, Cut, chunk_from

from netshell import scan
from netshell.capture.amount import Keep
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import BadArgument, NetshellError, NoneOfThese, Unavailable
from netshell.flow.key import Endpoint
from netshell.packet.chunk import Chunk
from netshell.protocols import decoders
from netshell.protocols.api import Message, Part, Place
from netshell.protocols.messages import SHOWN, Messages
from netshell.protocols.raw import Raw
from netshell.protocols.secret import Masked
from netshell.view import draw


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations of lines are read, and nothing else."""
    monkeypatch.setattr(decoders, "DECODERS", (Lines,))


@dataclass(frozen=True, kw_only=True, repr=False)
class Said(Message):
    """A message by hand."""

    protocol: ClassVar[str] = "talk"

    text: str
    answer: str = ""
    error: str = ""
    values: tuple[object, ...] = ()

    @property
    def asked(self) -> str:
        return self.text

    @property
    def answered(self) -> str:
        return self.answer

    @property
    def problem(self) -> str:
        return self.error


START_NS = 1_700_000_000_000_000_000
ENDS = Endpoint("10.0.0.1", 40000), Endpoint("2001:db8::80", 5432)


def said(number: int, text: str, took_ms: float = -1, **given: object) -> Said:
    """The message of a flow of the same number, answered after so long."""
    at = START_NS + number * 10**9
    parts = [Part("client", 0, 10, at, at)]
    if took_ms >= 0:
        parts.append(Part("server", 0, 100 * number, at + 1, at + int(took_ms * 1e6)))
    made = Said(kind="Query", parts=tuple(parts), text=text, **given)  # type: ignore[arg-type]
    made.__dict__["_talk"] = Place(number, ENDS, (number, number + 1))
    return made


SECRET = Masked("PASS ***", "PASS hunter2")
SOME = Messages(
    [
        said(0, "select 1", 5, answer="1 row"),
        said(1, "select 2", 700, answer="no such table", error="42P01 no such table"),
        said(2, SECRET, lacking="no answer"),
        said(3, "\x1b[2Jselect 3", 0.5, answer="日本 rows", values=(b"\xff", SECRET, None, 1.5)),
    ]
)


def texts(messages: Sequence[Message]) -> list[int]:
    return [message.flow for message in messages]


def test_where_takes_what_is_asked_for() -> None:
    assert texts(SOME.where("talk", "query")) == [0, 1, 2, 3]
    assert texts(SOME.where(host="10.0.0.0/8", port=5432, text="SELECT")) == [0, 1, 3]
    assert texts(SOME.where(host="2001:db8::/32")) == [0, 1, 2, 3]
    assert texts(SOME.where(host="10.0.0.9")) == texts(SOME.where(port=80)) == []
    assert texts(SOME.where(problem=True)) == [1] and texts(SOME.where(problem=False)) == [0, 2, 3]
    assert texts(SOME.where(lacking=True)) == [2] and texts(SOME.where(flow=3)) == [3]
    assert texts(SOME.where(min_duration_s=0.005)) == [0, 1]
    assert texts(SOME.where(min_duration_s=0).where(text="rows")) == [3]


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"protocol": "tlk"}, "protocol 'tlk'; did you mean 'talk'?"),
        ({"protocol": 5}, "protocol 5; one of 'lines', 'raw', 'talk'"),
        ({"host": "example"}, "host 'example': it is no address and no network; "),
        ({"port": 70000}, "port 70000; use a number from 0 to 65535"),
        ({"flow": -1}, "flow -1; use its number, 0 or more"),
        ({"min_duration_s": "1"}, "min_duration_s '1'; use seconds: 0.2"),
        ({"min_duration_s": float("nan")}, "min_duration_s nan; use seconds: 0.2"),
        ({"kind": 1}, "kind 1; use a text"),
        ({"colour": 1}, "where() takes no 'colour'"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked: dict[str, object], line: str) -> None:
    with pytest.raises(BadArgument) as caught:
        SOME.where(**asked)  # type: ignore[arg-type]
    assert str(caught.value).startswith(line)


def test_the_slowest_and_the_largest_come_first() -> None:
    assert texts(SOME.slowest(2)) == [1, 0]
    assert texts(SOME.top(9, by="bytes")) == [3, 1, 0, 2]
    assert texts(SOME.top(by="wait", count=1)) == [0]
    with pytest.raises(BadArgument, match="order 'size'"):
        SOME.top(by="size")


def test_those_of_unknown_time_are_told_where_all_others_are_shown() -> None:
    unknown = len(SOME) - len(SOME.slowest(10**30))
    assert unknown
    assert "left out: how long" in str(SOME.slowest(10**30))
    assert "left out" not in str(SOME.slowest(2))


@pytest.mark.parametrize("name", ["problem", "lacking"])
def test_a_switch_is_true_or_false(name: str) -> None:
    for given in ("x", math.nan, object(), 1 + 2j, 1):
        with pytest.raises(BadArgument, match="use True or False"):
            SOME.where(**{name: given})  # type: ignore[arg-type]


def test_what_waits_in_a_running_capture_counts_by_the_time_it_waits() -> None:
    waits = said(9, SECRET, lacking="no answer")
    waits.__dict__["_until_ns"] = waits.time_ns + 3_200_000_000
    some = Messages([*SOME, waits])
    assert texts(some.slowest(2)) == [9, 1] and texts(some.where(min_duration_s=3)) == [9]
    assert texts(some.where(min_duration_s=3.3)) == []
    assert str(waits) == "talk PASS *** [no answer yet, 3.2 s]"
    assert dict(waits.facts())["lacking"] == "no answer yet, 3.2 s"
    assert "> 3.200 s" in str(some) and "[no answer yet, 3.2 s]" in str(some)
    assert waits.lacking == "no answer" and waits.duration_s is None
    assert waits.revealed().asked == "PASS hunter2" and waits.revealed().running_s == 3.2
    assert SOME[2].running_s is None and "yet" not in str(SOME[2])


def test_a_message_by_itself_is_revealed() -> None:
    assert (str(SOME[2]), str(SOME[2].revealed())) == (
        "talk PASS *** [no answer]", "talk PASS hunter2 [no answer]",
    )  # fmt: skip
    assert SOME[0].revealed() == SOME[0] and SOME[2].revealed().flow == 2


def test_a_line_of_a_message_is_safe_and_its_fields_are_what_came() -> None:
    hostile = said(0, "\x1b[2Jselect \u202e1", answer="\x1b]0;x\x07")
    assert str(hostile) == "talk \\x1b[2Jselect \\u202e1 → \\x1b]0;x\\x07"
    assert hostile.asked == "\x1b[2Jselect \u202e1"


def test_slices_and_counts() -> None:
    assert SOME.counts == {"talk": 4}
    assert texts(SOME[1:3]) == [1, 2] and isinstance(SOME[1:3], Messages)
    with pytest.raises(NetshellError, match="9 of 4 messages"):
        SOME[9]


# --- shown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_a_table_fits_and_is_clean(width: int) -> None:
    shown = draw(SOME.view(), width)
    assert max(map(len, shown.split("\n"))) <= width
    assert "\x1b" not in shown and "\\x1b[2Jselect 3" in shown
    assert "hunter2" not in shown and "PASS ***" in shown
    for text in ("select 2 → no such table", "[no answer]", "700 ms", "talk"):
        assert text in shown.replace("\n", " ")


def test_at_140_columns_nothing_is_left_out() -> None:
    head, first, *_ = draw(SOME.view(), 140).split("\n")
    assert head.split() == ["time", "flow", "protocol", "client", "server", "took", "message"]
    clock = time.strftime("%H:%M:%S", time.localtime(START_NS // 10**9))
    assert first.split()[:5] == [
        f"{clock}.000000", "0", "talk", "10.0.0.1:40000", "[2001:db8::80]:5432",
    ]  # fmt: skip
    assert first.endswith("5 ms  select 1 → 1 row")


def test_problems_stand_out() -> None:
    styles = [SOME.row(message)[-1].style for message in SOME]  # type: ignore[union-attr]
    assert styles == ["", "bad", "warn", ""]


def test_many_are_not_all_shown() -> None:
    many = Messages([said(number, "x") for number in range(SHOWN + 5)])
    assert str(many).endswith("… 5 messages left out; [a:b], .top(n) and .where() choose")
    assert str(Messages()) == "no messages"


def test_one_by_itself() -> None:
    shown = repr(SOME[1])
    for text in ("talk Query", "1, 10.0.0.1:40000 > [2001:db8::80]:5432", "1, 2", "700 ms"):
        assert text in shown
    assert str(SOME[2]) == "talk PASS *** [no answer]"


def test_secrets_are_shown_when_asked_for() -> None:
    revealed = SOME.revealed()
    assert "PASS hunter2" in str(revealed) and texts(revealed) == texts(SOME)
    assert revealed[3].values[1] == "PASS hunter2" and "hunter2" not in str(SOME)  # type: ignore[attr-defined]


# --- as data ------------------------------------------------------------------------------------


def test_json_has_what_all_have_and_the_protocols_own() -> None:
    found = json.loads(SOME.json())
    assert [each["flow"] for each in found] == [0, 1, 2, 3]
    assert found[1] | {"parts": 0} == {
        "protocol": "talk", "kind": "Query", "time_ns": START_NS + 10**9, "flow": 1,
        "client": "10.0.0.1:40000", "server": "[2001:db8::80]:5432", "side": "client",
        "asked": "select 2", "answered": "no such table", "problem": "42P01 no such table",
        "lacking": "", "answer_ns": START_NS + 10**9 + 1, "duration_s": 0.7, "packets": [1, 2],
        "parts": 0,
        "fields": {"text": "select 2", "answer": "no such table", "error": "42P01 no such table",
                   "values": []},
    }  # fmt: skip
    assert "hunter2" not in SOME.json()
    assert json.loads(SOME[0].json())["fields"]["text"] == "select 1"


def test_columns_have_one_value_a_message() -> None:
    (columns,) = SOME.data()
    assert {len(column.values) for column in columns.values()} == {4}
    asked = columns["asked"]
    assert asked.texts is not None and asked.texts[asked.values[0]] == "select 1"
    duration = columns["duration_s"]
    assert duration.values.tolist() == [0.005, 0.7, 0, 0.0005]
    assert duration.missing.tolist() == [False, False, True, False]
    assert columns["packets"].values.tolist() == [2, 2, 2, 2]
    assert columns["bytes"].values.tolist() == [10, 110, 10, 310]
    own = columns["fields"]
    assert own.texts is not None
    assert json.loads(own.texts[own.values[3]])["values"] == ["\\xff", "PASS ***", None, 1.5]


def test_frames_and_sql() -> None:
    pytest.importorskip("pyarrow")
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    assert polars and duckdb
    assert SOME.to_polars()["flow"].to_list() == [0, 1, 2, 3]
    assert SOME.to_pandas()["flow"].tolist() == [0, 1, 2, 3]
    assert Messages().to_arrow().num_rows == 0
    slow = SOME.sql("select count(*) as n from messages where duration_s > 0.1 and problem != ''")
    assert slow.to_pandas()["n"].tolist() == [1]


def test_what_is_nested_without_end_is_cut() -> None:
    deep: object = ()
    for _ in range(5000):
        deep = (deep,)
    (columns,) = Messages([said(0, "x", values=(deep,))]).data()
    assert columns["fields"].texts is not None and "…" in columns["fields"].texts[0]


def test_copies_are_by_themselves() -> None:
    for made in (pickle.loads(pickle.dumps(SOME)), copy.copy(SOME), copy.deepcopy(SOME)):
        assert made == SOME and str(made) == str(SOME)
        assert made[1].packets == (1, 2)
        with pytest.raises(BadArgument, match="not live"):
            made.live()


# --- of captures --------------------------------------------------------------------------------


def server(seq: int, data: bytes, ack: int) -> Cut:
    return Cut(seq, data, ACK, ack, by_client=False)


TALK = [*HANDSHAKE, Cut(1, b"ask x\n"), server(1, b"yes\n", 7), Cut(7, b"ask y\n")]


def captured(chunk: Chunk, store: Store | None = None) -> Capture:
    store = store or Store()
    store.add([chunk])
    store.end()
    return Capture(store)


def test_a_captures_messages_are_read_once() -> None:
    capture = captured(chunk_from(TALK))
    found = capture.messages
    assert [str(each) for each in found] == ["lines ask x → yes", "lines ask y [no answer]"]
    assert capture.messages is found
    assert [each.packets for each in found] == [(3, 4), (5,)]
    assert found[0].ends == (Endpoint("10.0.0.1", 40000), Endpoint("10.0.0.2", 80))
    capture.add(chunk_from([*TALK, server(5, b"no\n", 13)])[6:])
    assert [str(each) for each in capture.messages][1] == "lines ask y → no"


def test_a_flows_are_those_of_its_capture() -> None:
    capture = captured(chunk_from(TALK))
    alone = capture.flows[0].messages
    assert list(alone) == list(capture.messages) == list(capture.flows[0].messages)
    assert [each.packets for each in alone] == [each.packets for each in capture.messages]
    assert list(pickle.loads(pickle.dumps(capture.flows[0])).messages) == list(alone)
    assert list(pickle.loads(pickle.dumps(capture)).messages) == list(alone)
    assert list(capture[3:].messages) == list(alone)
    assert [each.packets for each in capture[3:].messages] == [(0, 1), (2,)]


def test_a_scan_reads_those_of_one_flow(tmp_path: Path) -> None:
    capture = captured(chunk_from(TALK))
    path = capture.save(tmp_path / "talk.pcap")
    scanned = scan(path)
    with pytest.raises(Unavailable, match="a scan has no messages"):
        _ = scanned.messages
    found = scanned.flows[0].messages
    assert [str(each) for each in found] == [str(each) for each in capture.messages]
    assert [each.packets for each in found] == [(3, 4), (5,)]


def test_packets_let_go_unread_are_told() -> None:
    chunk = chunk_from([*HANDSHAKE, *(Cut(1 + 6 * n, b"ask x\n") for n in range(20))])
    store = Store(keep=Keep(packets=4))
    for at in range(22):
        store.add([chunk[at : at + 1]])
    capture = captured(chunk[22:], store)
    found = capture.messages
    assert len(found) == 4 and "19 packets were let go (keep=) before they were read" in str(found)


def test_a_flow_of_itself_ends_with_its_capture() -> None:
    """A connection that is closed at both ends is not asked about any more."""
    cuts = [*TALK, Cut(13, b"", ACK | FIN), Cut(5, b"", ACK | FIN, 14, by_client=False)]
    assert [each.lacking for each in captured(chunk_from(cuts)).messages] == ["", "no answer"]


def test_who_began_it_may_be_the_guessed_server() -> None:
    """Neither a SYN nor a known port tells who is the client: what is said does."""
    hello = segment("10.0.0.9", 45000, "10.0.0.1", 46000, seq=1, ack=1)
    asks = segment("10.0.0.1", 46000, "10.0.0.9", 45000, payload=b"ask x\n", seq=1, ack=1)
    answer = segment("10.0.0.9", 45000, "10.0.0.1", 46000, payload=b"yes\n", seq=1, ack=7)
    for frames, side in (((asks, answer), "client"), ((hello, asks, answer), "server")):
        capture = captured(chunk_of(frames))
        (message,) = capture.messages
        assert (message.side, str(message)) == (side, "lines ask x → yes")
        ports = {"client": capture.flows[0].client.port, "server": capture.flows[0].server.port}
        assert ports[message.side] == 46000


@pytest.mark.parametrize("value", [10**5000, [10**5000]], ids=["number", "list"])
def test_a_number_of_thousands_of_digits_is_refused_in_a_line(value: object) -> None:
    messages = Messages([])
    for name in ("protocol", "kind", "host", "text"):
        with pytest.raises(BadArgument, match=r"a huge number|a list"):
            messages.where(**{name: value})  # type: ignore[arg-type]
    with pytest.raises(BadArgument, match=r"order a huge number|order a list"):
        messages.top(by=value)  # type: ignore[arg-type]
    cap = Capture(Store())
    for wrong in ({"payload": value}, {"reveal": value}):
        with pytest.raises(BadArgument, match=r"a huge number|a list"):
            cap.show(**wrong)  # type: ignore[arg-type]


def test_nothing_took_as_long_as_a_huge_number() -> None:
    assert len(Messages([]).where(min_duration_s=10**5000)) == 0


def test_places_of_what_compares_with_anything() -> None:
    one, other = said(1, "a"), said(2, "b")
    messages = Messages([one, other])
    array = np.array([1, 2])
    assert messages.index(other) == 1 and messages.count(one) == 1
    assert messages.count(array) == 0
    for absent in (None, array, said(3, "c")):
        with pytest.raises(NoneOfThese, match="none of these messages"):
            messages.index(absent)
    with pytest.raises(ValueError):
        messages.index(one, 1)


def test_what_no_side_said() -> None:
    for side in (None, np.array([1, 2]), "Client", 1):
        for message in (
            said(1, "a"),
            Raw(kind="bytes", parts=(Part("client", 0, 1, 0, 0),), reason="x"),
        ):
            with pytest.raises(BadArgument, match="side"):
                message.said(side)  # type: ignore[arg-type]
