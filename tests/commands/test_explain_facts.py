"""What is often taught wrongly about TCP, and what explain() says of it, in both languages.

Each row: the mistake, the fact, where explain() says it, and the words that say it. Sources:
RFC 9293, RFC 1122, Linux ip-sysctl; the lab's tests hold the kernel to the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netshell import explain
from netshell.catalogue import speak
from netshell.errors import BadArgument
from netshell.flow.state import State
from netshell.flow.timeouts import here, syn_timeout_s

FACTS = (
    ("CLOSE_WAIT means that no ACK was sent", "CLOSE_WAIT",
     ("FIN arrived, and the kernel acknowledged it", "program on this side has not closed",
      "the peer is in FIN_WAIT_2", "RFC 9293 3.6"),
     ("FIN이 도착했고 커널이 ACK했습니다", "이쪽 프로그램이 아직 소켓을 닫지 않은",
      "상대는 FIN_WAIT_2")),
    ("CLOSE_WAIT times out", "CLOSE_WAIT",
     ("It has no timer of its own, even after the peer has given up",
      "a write then draws a RST, and the next one fails (EPIPE)"),
     ("타이머가 없어 저절로 끝나지 않습니다",
      "쓰면 RST가 돌아오고, 그다음 쓰기는 실패합니다(EPIPE)")),
    ("CLOSE_WAIT is ended by a timeout", "finding close_wait",
     ("no timeout ends it",), ("타임아웃이 없습니다",)),
    ("TIME_WAIT is on the server", "TIME_WAIT",
     ("active closer, client or server", "both after a simultaneous close"),
     ("먼저 닫은 쪽(active closer)", "동시에 닫았다면 양쪽 모두")),
    ("TIME_WAIT is on the server", "FIN,ACK",
     ("Whoever sends the first FIN ends up in TIME_WAIT",), ("첫 FIN을 보낸 쪽이 TIME_WAIT",)),
    ("tcp_fin_timeout shortens TIME_WAIT", "TIME_WAIT",
     ("60 s on Linux, fixed in the kernel (the RFC's 2 MSL would be 4 minutes)",
      "tcp_fin_timeout does not shorten it"),
     ("Linux에서는 60초로 커널에 고정", "2 MSL은 4분", "tcp_fin_timeout으로 줄어들지 않습니다")),
    ("FIN_WAIT_2 always times out", "FIN_WAIT_2",
     ("gives up after tcp_fin_timeout, but only once no process holds the socket",
      "after a shutdown() it waits without limit"),
     ("소켓을 가진 프로세스가 없을 때만", "끝없이 기다립니다")),
    ("closing takes four segments", "FIN,ACK",
     ("four segments, or three where the peer's ACK and FIN come as one",),
     ("세그먼트 네 개, 상대의 ACK와 FIN이 하나로 오면 세 개",)),
    ("FIN closes both directions", "FIN,ACK",
     ("closes its direction; the peer acknowledges and may go on sending",
      "the other direction stays open"),
     ("자기 방향을 닫습니다", "계속 보낼 수 있습니다", "반대 방향은 열려 있습니다")),
    ("FIN closes both directions", "FIN_WAIT_2",
     ("Data may still arrive (half-close)",), ("데이터가 더 올 수 있습니다(half-close)",)),
    ("close() always sends FIN", "RST,ACK",
     ("close() with data unread or with linger 0", "RFC 1122 4.2.2.13"),
     ("읽지 않은 데이터를 두고 한 close()나 linger 0",)),
    ("close() always sends FIN", "RST by server: aborted",
     ("closed with data unread, or with SO_LINGER 0",),
     ("읽지 않은 데이터를 두고 닫았거나 SO_LINGER 0",)),
    ("accept() completes the handshake", "SYN,ACK",
     ("the server's kernel accepts and acknowledges the SYN, whether or not its program has "
      "called accept()",),
     ("accept()를 호출했는지와 상관없이 서버의 커널이",)),
    ("accept() completes the handshake", "ESTABLISHED",
     ("open before the program has called accept()",), ("accept()를 호출하기 전에 이미",)),
    ("keep-alive is automatic", "ESTABLISHED",
     ("has no timer and can outlive its peer, unless the program asked for keep-alive",),
     ("프로그램이 keep-alive를 켜지 않았다면",)),
    ("keep-alive is automatic", "keepalive",
     ("opt-in per socket", "2 h idle, then 9 probes 75 s apart"),
     ("소켓마다 켜야 합니다", "2시간 유휴 뒤 75초 간격으로 9번")),
)  # fmt: skip


@pytest.fixture(params=["en", "ko"])
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    speak(request.param)
    yield request.param
    speak(None)


@pytest.mark.parametrize(("mistake", "word", "english", "korean"), FACTS)
def test_what_is_often_taught_wrongly_is_right(
    mistake: str, word: str, english: tuple[str, ...], korean: tuple[str, ...], lang: str
) -> None:
    text = str(explain(word))
    for said in english if lang == "en" else korean:
        assert said in text, mistake


def test_time_wait_can_be_taken_over_by_outgoing_connections_only(lang: str) -> None:
    """tcp_tw_reuse is often said to have to be 1: it is 2 by default, for loopback only."""
    for value, words in ((2, ("loopback only", "loopback에서만")), (1, ("on", "켜짐"))):
        said = here(State.TIME_WAIT, {"tcp_tw_reuse": value}.get)
        assert words[lang == "ko"] in said
        assert ("outgoing connections" if lang == "en" else "나가는 연결") in said


def test_when_a_syn_gives_up_is_read_from_the_settings(lang: str) -> None:
    """It is often said to be 127 s."""
    settings = {"tcp_syn_retries": 6, "tcp_syn_linear_timeouts": 4}
    assert "131" in here(State.SYN_SENT, settings.get)
    assert "tcp_syn_linear_timeouts 4" in here(State.SYN_SENT, settings.get)
    assert "127" in here(State.SYN_SENT, {"tcp_syn_retries": 6}.get)
    assert "63" in here(State.SYN_SENT, {"tcp_syn_retries": 5}.get)
    assert syn_timeout_s(6, 4) == 131


def test_keep_alives_times_are_read_from_the_settings(lang: str) -> None:
    names = ("tcp_keepalive_time", "tcp_keepalive_probes", "tcp_keepalive_intvl")
    said = here(State.ESTABLISHED, dict(zip(names, (7200, 9, 75), strict=True)).get)
    for part in ("7200", "9", "75", *(("ask for it",) if lang == "en" else ("켰을 때만",))):
        assert part in said


def test_fin_wait_2_ends_only_once_orphaned(lang: str) -> None:
    said = here(State.FIN_WAIT_2, {"tcp_fin_timeout": 60}.get)
    assert ("once orphaned" if lang == "en" else "프로세스가 없어지면") in said


@pytest.mark.parametrize("word", ["last_wait", "LAST-WAIT", "LASTWAIT", "last wait"])
def test_the_state_is_last_ack(word: str) -> None:
    with pytest.raises(BadArgument, match="LAST_ACK is meant"):
        explain(word)
    assert explain("LAST_ACK").subject == "LAST_ACK"
