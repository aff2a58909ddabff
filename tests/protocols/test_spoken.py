"""Flows followed message by message: what is asked, answered, wrong, lost, and not read."""

from __future__ import annotations

import json

import pytest
from segmented import HANDSHAKE, Cut, chunk_from, flow_of
from talking import http, talked

from netshell.capture.capture import Capture
from netshell.capture.store import Part, Store
from netshell.errors import BadArgument, NoRow
from netshell.flow.dialogue import Dialogue
from netshell.protocols.spoken import Spoken, in_words
from netshell.render.html import page
from netshell.view import cells, draw

OK = b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"
GET = b"GET /a HTTP/1.1\nHost: h\n\n"
MISSING = b"HTTP/1.1 404 Not Found\nContent-Length: 0\n\n"
LOGIN = (
    b"POST /login?token=Tok3n HTTP/1.1\nHost: h\nAuthorization: Bearer Bea-rer\n"
    b"Cookie: sid=S1d\nContent-Type: application/json\nContent-Length: 38\n\n"
    b'{"user": "bob", "password": "hunter2"}'
)
SET = b"HTTP/1.1 200 OK\nSet-Cookie: sid=S2d; Path=/\nContent-Length: 0\n\n"
SECRETS = ("Tok3n", "Bea-rer", "S1d", "hunter2", "S2d")


def test_each_message_with_its_answer_below() -> None:
    flow = talked(*http(GET, OK), *http(GET, MISSING)).flows[0]
    said = flow.follow()
    assert isinstance(said, Spoken) and len(said) == 2
    assert [message.status for message in said] == [200, 404]
    assert str(said).splitlines() == [
        "tcp 10.0.0.1:40000 > 10.0.0.2:80, http, 2 messages, 1 with a problem",
        "0.003000 client GET /a HTTP/1.1, packet 3",
        "    Host: h",
        "0.005000 server HTTP/1.1 200 OK after 2 ms, packet 5",
        "    Content-Length: 5",
        "",
        "    hello",
        "0.007000 client GET /a HTTP/1.1, packet 7",
        "    Host: h",
        "0.009000 server HTTP/1.1 404 Not Found after 2 ms, packet 9",
        "    Content-Length: 0",
    ]


def test_a_statement_of_several_lines_stands_below_its_place() -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (4 + len(body)).to_bytes(4, "big") + body

    start = (18).to_bytes(4, "big") + (196608).to_bytes(4, "big") + b"user\0ann\0\0"
    ready = message(b"Z", b"I")
    flow = talked(
        ("client", start), ("server", message(b"R", bytes(4)) + ready),
        ("client", message(b"Q", b"select 1\nfrom t\0")),
        ("server", message(b"C", b"SELECT 0\0") + ready), port=5432,
    ).flows[0]  # fmt: skip
    lines = str(flow.follow()).splitlines()
    at = next(at for at, line in enumerate(lines) if "Query" in line)
    assert lines[at].endswith("client Query, packet 7")
    assert lines[at + 1 : at + 3] == ["    select 1", "    from t"]


def test_an_answer_before_the_final_one_has_its_own_time() -> None:
    post = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    flow = talked(
        ("client", post), ("server", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("client", b"abc"), *http(b"", OK)[1:],
    ).flows[0]  # fmt: skip
    lines = str(flow.follow()).splitlines()
    at = next(at for at, line in enumerate(lines) if " server " in line)
    assert lines[at].startswith("0.009000 server HTTP/1.1 200 OK after 6 ms")
    assert lines[at + 1] == "    HTTP/1.1 100 Continue after 2 ms"


def test_it_is_a_sequence_of_messages() -> None:
    flow = talked(*http(GET, OK), *http(GET, MISSING)).flows[0]
    said = flow.follow()
    assert said[-1].status == 404 and said[0] == flow.messages[0]
    assert isinstance(said[1:], Spoken) and list(said[1:]) == [said[1]]
    assert "200 OK" not in str(said[1:])
    with pytest.raises(NoRow, match="2 messages"):
        said[2]
    assert [each["status"] for each in json.loads(said.json())] == [200, 404]


def test_one_side_by_itself() -> None:
    flow = talked(*http(GET, OK)).flows[0]
    assert " server " not in str(flow.follow("client"))
    assert " client " not in str(flow.follow(side="server"))
    with pytest.raises(BadArgument, match='"client" or "server"'):
        flow.follow("left")


def test_an_answer_that_takes_time_says_when_it_was_whole() -> None:
    body = b"x" * 4000
    answer = b"HTTP/1.1 200 OK\nContent-Length: 4000\n\n" + body
    text = str(talked(*http(GET, answer)).flows[0].follow())
    assert "200 OK after 2 ms, whole after 6 ms, 5 packets 5-9" in text


def test_lines_are_counted_and_all_there_when_asked_for() -> None:
    headers = b"".join(b"X-%d: %d\n" % (n, n) for n in range(30))
    flow = talked(*http(b"GET / HTTP/1.1\n" + headers + b"\n", OK)).flows[0]
    text = str(flow.follow(lines=4))
    assert "X-3: 3" in text and "X-4: 4" not in text
    assert "… 26 lines left out; lines=None shows them" in text
    assert "X-29: 29" in str(flow.follow(lines=None))
    for lines in (0, True, "x"):
        with pytest.raises(BadArgument, match="use 1 or more"):
            flow.follow(lines=lines)  # type: ignore[arg-type]


def test_what_lacks_is_marked() -> None:
    unanswered = talked(("client", GET.replace(b"\n", b"\r\n"))).flows[0]
    assert "1 not whole" in str(unanswered.follow())
    assert "    [no answer" in str(unanswered.follow())
    answer = b"HTTP/1.1 200 OK\nContent-Length: 4000\n\n" + b"x" * 4000
    cut = talked(*http(GET, answer), lost=[6]).flows[0]
    text = str(cut.follow())
    assert "1,000 bytes" in text and "[" in text and "1 not whole" in text
    assert "server: 1,000 bytes not captured" in text  # of the stream


def test_behind_a_switch_to_what_nobody_reads_stand_bytes_and_the_reason() -> None:
    upgrade = (
        b"GET /chat HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: websocket\n\n",
        b"HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: websocket\n\n",
    )
    flow = talked(
        *http(*upgrade), ("server", b"\x81\x05hello"), ("client", b"\x81\x02ok" * 30)
    ).flows[0]
    text = str(flow.follow(lines=3))
    assert "101 Switching Protocols" in text
    assert "server 7 bytes not read: " in text and "hello" in text
    assert "client 120 bytes not read: " in text
    assert "72 bytes left out" in text  # three rows of hex


@pytest.mark.parametrize("width", [80, 140])
def test_it_fits_the_screen(width: int) -> None:
    long = b"GET /" + b"a/" * 400 + b" HTTP/1.1\nHost: h\nX: " + b"b" * 900 + b"\n\n"
    said = talked(*[turn for _ in range(50) for turn in http(long, OK)]).flows[0].follow()
    text = draw(said.view(), width)
    assert max(map(cells, text.splitlines())) <= width
    assert "… 10 messages left out; [a:b] has them" in text


def test_secrets_are_shown_when_they_are_asked_for_only() -> None:
    cap = talked(*http(LOGIN, SET))
    flow = cap.flows[0]
    masked = [
        str(flow.follow()),
        flow.follow().json(),
        page(flow.follow()),
        str(flow.follow(raw=True, lines=None)),
        flow.follow(raw=True).json(),
        page(flow.follow(raw=True)),
        str(flow.stream("client")),
        flow.stream("client").json(),
        flow.stream("server").json(),
        str([turn.data for turn in flow.follow(raw=True)]),
        str(cap.show()),
        str(cap.show("hex", fold=False)),
        cap.show().json(),
        str(cap),
        page(cap.show()),
        *(draw([packet.lines("ascii")]) for packet in cap),
        *(draw(packet.view()) for packet in cap),
        *(packet.line("ascii") for packet in cap),
    ]
    for text in masked:
        for secret in SECRETS:
            assert secret not in text
            assert secret.encode().hex(" ") not in text
    assert "bob" in masked[0] and "bob" in masked[3] + masked[6]
    revealed = [
        str(flow.follow(reveal=True)),
        "".join(turn.data.decode() for turn in flow.follow(raw=True, reveal=True)),
        str(cap.show(reveal=True)),
        "".join(packet.line("ascii", reveal=True) for packet in cap),
    ]
    for text in revealed:
        assert all(secret in text for secret in SECRETS)
    assert flow.follow(reveal=True)[0].target == "/login?token=Tok3n"


def test_bytes_as_data_are_what_was_sent() -> None:
    cap = talked(*http(LOGIN, SET))
    flow = cap.flows[0]
    assert b"hunter2" in flow.stream("client").data
    assert any(b"hunter2" in packet.payload and b"hunter2" in packet.raw for packet in cap)
    hidden = b"".join(turn.data for turn in flow.follow("client", raw=True))
    assert len(hidden) == len(flow.stream("client")) and b'"password": "*******"' in hidden


def test_raw_is_bytes_turn_by_turn() -> None:
    flow = talked(*http(GET, OK)).flows[0]
    dialogue = flow.follow(raw=True)
    assert isinstance(dialogue, Dialogue)
    assert [turn.data[:4] for turn in dialogue] == [b"GET ", b"HTTP"]
    assert "47 45 54 20" in str(dialogue)


def test_a_flow_that_nobody_reads_is_a_dialogue_with_its_secrets_hidden() -> None:
    said = b"hello there\r\nAuthorization: Basic Qm9i\r\npassword=hunter2&x=1\r\n"
    flow = talked(("client", said), ("server", b"go on\r\n"), port=7).flows[0]
    dialogue = flow.follow()
    assert isinstance(dialogue, Dialogue) and [turn.side for turn in dialogue] == [
        "client", "server",
    ]  # fmt: skip
    assert "Authorization: Basic ****" in str(dialogue) and "password=*******&x=1" in str(dialogue)
    assert "hunter2" in str(flow.follow(reveal=True))


def test_packets_that_are_all_at_hand_without_a_reader_are_turns() -> None:
    flow = flow_of([*HANDSHAKE, Cut(1, b"GET / HTTP/1.1\r\n\r\n")])
    assert isinstance(flow.follow(), Dialogue)


def test_revealing_is_no_accident() -> None:
    cap = talked(*http(GET, OK))
    for reveal in ("no", 1, None):
        with pytest.raises(BadArgument, match="use True to show secrets"):
            cap.flows[0].follow(reveal=reveal)  # type: ignore[arg-type]
        with pytest.raises(BadArgument, match="use True to show secrets"):
            cap.show(reveal=reveal)  # type: ignore[arg-type]
        with pytest.raises(BadArgument, match="use True to show secrets"):
            cap[3].line("ascii", reveal=reveal)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.5, "1.500 s"), (1234.5, "1,234.500 s"), (0.0012, "1.2 ms"), (0.000012, "12 µs"),
     (0, "0 µs"), (0.0001, "100 µs")],
)  # fmt: skip
def test_durations_are_in_the_unit_that_reads_best(seconds: float, text: str) -> None:
    assert in_words(seconds) == text


@pytest.mark.parametrize("mss", [1, 3, 7, 50])
def test_a_secret_that_is_cut_into_packets_is_hidden_in_each(mss: int) -> None:
    """What a packet shows of its payload knows what was before it."""
    cap = talked(*http(LOGIN, SET), mss=mss)
    shown = hidden = b""
    for packet in cap:
        if packet.payload and packet.sport == 40000:
            rows = packet.line("hex").splitlines()[1:]
            shown += bytes.fromhex("".join(row[10:57] for row in rows))
    sent = cap.flows[0].stream("client").data
    hidden = b"".join(turn.data for turn in cap.flows[0].follow("client", raw=True))
    assert len(shown) == len(sent)
    for secret in SECRETS[:4]:
        begin = sent.index(secret.encode())
        assert shown[begin : begin + len(secret)] == b"*" * len(secret)
        assert secret.encode() not in hidden
    assert b'{"user": "bob", "password": "*******"}' in shown


def test_a_secret_that_is_sent_again_is_hidden_again() -> None:
    login = LOGIN.replace(b"\n", b"\r\n")
    head, rest = login[:-10], login[-10:]  # amid the password
    cuts = [
        *HANDSHAKE,
        Cut(1, head, 24),
        Cut(1 + len(head), rest, 24),
        Cut(1 + len(head), rest, 24),
    ]
    cap = Capture(Store.of([Part(chunk_from(cuts), 0)]))
    for packet in list(cap)[4:]:
        assert packet.payload == rest and "er2" not in packet.line("ascii")
        assert "er2" in packet.line("ascii", reveal=True)
