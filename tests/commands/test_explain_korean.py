"""``explain`` in Korean: all of it, within a terminal's width, and harmless whatever is asked."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from netshell import explain
from netshell.catalogue import speak
from netshell.commands.explain.families import FAMILIES
from netshell.commands.explain.roles import ordinal
from netshell.errors import BadArgument
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.interfaces import Interface
from netshell.host.routes import Route
from netshell.host.sockets import Socket, Timer
from netshell.lookup.answer import Answer, Question, Record
from netshell.packet.flags import Flags
from netshell.view import draw
from tests.commands.test_explain_flows import TALK, as_capture, made
from tests.flow.findings.conversations import captured
from tests.flow.findings.test_beyond import CASES, WHO

HANGUL = re.compile("[가-힣]")


@pytest.fixture(autouse=True)
def _korean() -> Iterator[None]:
    speak("ko")
    yield
    speak(None)


WORDS = sorted({word for family in FAMILIES for word in family.words()})


@pytest.mark.parametrize(
    "word", [*WORDS, *map(str, Flags), "0x0", "ttl", "EDE 6", "SQLSTATE 40P01"]
)
def test_every_word_is_explained_in_korean_within_the_width(word: str) -> None:
    found = explain(word)
    for line in found.lines:
        assert HANGUL.search(line) or line.startswith(("할 일: ", "다른 뜻: ")), line
    assert all(wcswidth(line) <= 80 for line in draw(found.view(), 80).splitlines())


def test_the_contents_and_numbers() -> None:
    assert "explain(...)이 뜻을 말하는 것" in str(explain())
    assert "라우터 7개를 지났습니다" in str(explain(57))
    assert "TLS를 쓰는 웹" in str(explain(443))
    for value in range(256):
        assert HANGUL.search(str(explain(value)))


@pytest.mark.parametrize("case", [case[0] for case in CASES])
def test_conversations_findings_and_packets(case: str) -> None:
    cap = made(case)
    flow = cap.flows[0]
    asked = [flow, flow.handshake, flow.teardown, *flow.states, cap, *cap, *cap.findings]
    for x in asked:
        found = explain(x)
        assert HANGUL.search(str(found))
        assert not re.search(r"[{}]", str(found))
        assert all(wcswidth(line) <= 80 for line in draw(found.view(), 80).splitlines())


def test_how_it_was_opened_and_closed_is_told_in_korean() -> None:
    cap = as_capture(captured([(WHO, TALK)]))
    flow = cap.flows[0]
    text = str(explain(flow))
    assert "핸드셰이크: " in text and "에 완료(서버 " in text and "종료: FIN by client" in text
    assert "세그먼트 3개" in str(explain(flow.teardown))
    assert "서버: FIN의 ACK 도착" in str(explain(flow.states[-1]))
    assert str(flow.handshake).startswith("complete in ")  # by itself it stays what it was
    again = pickle.loads(pickle.dumps(flow.teardown))
    assert str(explain(again)) == str(explain(flow.teardown))


SOCKET = Socket(
    "tcp", Endpoint("192.0.2.1", 80), Endpoint("192.0.2.2", 40000), state=State.CLOSE_WAIT, pid=12,
    process="nginx", user="www", recv_q=7, send_q=9, timer=Timer("on", 204, 3), inode=5,
)  # fmt: skip


def test_records_of_this_machine_and_answers() -> None:
    text = str(explain(SOCKET))
    assert "사용자 www의 nginx, pid 12가 쥐고 있습니다." in text
    assert "pid 13이 쥐고 있습니다" in str(explain(replace(SOCKET, pid=13, user="")))
    assert "아직 소켓을 닫지 않은" in text
    assert "라우터" not in text
    route = Route("192.0.2.9", "eth0", "192.0.2.1", "192.0.2.254", "main", 1500, prefix="default")
    assert "192.0.2.9로 가는 패킷은 eth0으로 나가" in str(explain(route))
    link = Interface("eth0", 2, ("UP", "LOWER_UP"), 1500, "", state="up", kind="veth")
    assert "LOWER_UP: 링크가 연결되어" in str(explain(link))
    record = Record("a.test.", 60, "IN", "A", "192.0.2.1", 0)
    answer = Answer(
        "NOERROR", ("qr", "rd"), Question("a.test.", "A"), (record,), (), (),
        Endpoint("192.0.2.53", 53), "udp", 1.0, 50, 1, 0,
    )  # fmt: skip
    text = str(explain(answer))
    assert "이름의 IPv4 주소" in text and "60초(TTL)" in text and "ra가 없으니" in text
    assert "없습니다" in str(explain(replace(answer, status="NXDOMAIN", answers=())))


def test_ordinals() -> None:
    assert [ordinal(n, "en") for n in (1, 2, 3, 11, 1023)] == [
        "1st",
        "2nd",
        "3rd",
        "11th",
        "1,023rd",
    ]
    assert ordinal(1023, "ko") == "1,023"


# --- hostile text, in both languages ------------------------------------------------------------

HOSTILE = "\x1b]0;x\x07\u202e\x9b31m</script>"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_hostile_text_in_records_never_reaches_the_terminal(lang: str) -> None:
    speak(lang)
    evil = Endpoint(HOSTILE, 80)
    for x in (
        replace(SOCKET, process=HOSTILE, user=HOSTILE, local=evil, remote=evil),
        Route(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1500, prefix=HOSTILE),
        Interface(HOSTILE, 2, ("UP", HOSTILE), 1500, "", state="up", kind=HOSTILE, master=HOSTILE),
        Answer(HOSTILE, (HOSTILE,), Question(HOSTILE, HOSTILE), (), (), (), evil, HOSTILE, 1.0, 1,
               1, 0, server_name=HOSTILE, remarks=(HOSTILE,)),
    ):  # fmt: skip
        for text in (str(explain(x)), draw(explain(x).view(), 80)):
            assert all(line.isprintable() for line in text.split("\n")), repr(text)


@given(
    st.text(max_size=40) | st.sampled_from([f"{word}{HOSTILE}" for word in ("port ", "type ", "")])
)
def test_whatever_is_asked_is_explained_or_refused_in_one_harmless_line(word: str) -> None:
    try:
        text = str(explain(word))
    except BadArgument as error:
        text = str(error)
        assert "\n" not in text and len(text) < 400
    assert all(line.isprintable() for line in text.split("\n"))


@pytest.mark.parametrize("prefix", [family.name for family in FAMILIES])
@pytest.mark.parametrize(
    "word", ["", "0", "99999", "-1", "x.y", "{x}", "{0.__class__}", "a.what", HOSTILE]
)
def test_words_behind_every_prefix(prefix: str, word: str) -> None:
    try:
        text = str(explain(f"{prefix} {word}"))
    except BadArgument as error:
        text = str(error)
    assert all(line.isprintable() for line in text.split("\n"))


def test_what_findings_say_of_a_packet_is_told_in_korean() -> None:
    said = {
        finding.kind: str(explain(finding)) for case in CASES for finding in made(case[0]).findings
    }
    assert "RST로 포트 80 연결을 거부합니다" in said["connection_refused"]
    assert "SYN에 응답이 없습니다: 방화벽이 버리거나" in said["syn_unanswered"]
    assert "프로그램이 소켓을 CLOSE_WAIT에 남겨 둡니다" in said["close_wait"]
