"""One conversation: which decoder reads it, what follows it, and what is told of the rest."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import pytest
from recorder import DatagramRecorder, Exchange, Lines, Recorder, Told

from netshell.flow.sides import Side
from netshell.protocols.api import Decoder, Likeness, Message
from netshell.protocols.raw import Raw
from netshell.protocols.talk import Talk

CLIENT: Side = "client"
SERVER: Side = "server"


def lines(*decoders: type[Decoder], **given: bool) -> Talk:
    return Talk("tcp", (9, 40000), decoders=(Lines, *decoders), flow=3, **given)


class Late(Recorder):
    """Takes what Lines does not."""

    name = "late"

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        return Likeness.SURE if (client or server)[:4] == b"LATE" else Likeness.NO


class Patient(Recorder):
    """Waits for its client."""

    name = "patient"

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        return Likeness.NO if client else Likeness.MORE


class Greeting(Recorder):
    """Its server speaks first."""

    name = "greeting"

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        if not server:
            return Likeness.MORE
        return Likeness.SURE if server.startswith(b"hello") else Likeness.NO


def told(messages: Sequence[Message]) -> list[tuple[str, str, bytes, int]]:
    return [
        (each.kind, each.side, each.data, each.gap) for each in messages if isinstance(each, Told)
    ]


def test_a_question_and_its_answer() -> None:
    talk = lines()
    assert talk.feed(CLIENT, b"as", 10, 0) == ()
    assert talk.protocol == ""
    assert list(talk.feed(CLIENT, b"k x\n", 20, 1)) == []
    assert talk.protocol == "lines"
    (message,) = talk.feed(SERVER, b"yes\n", 30, 2)
    assert isinstance(message, Exchange)
    assert (message.asked, message.answered, message.flow) == ("ask x", "yes", 3)
    assert (message.packets, message.time_ns, message.end_ns) == ((0, 1, 2), 10, 30)
    assert list(talk.finish()) == [] and talk.is_over


def test_what_is_not_answered_is_told_at_the_end_and_asking_changes_nothing() -> None:
    talk = lines()
    talk.feed(CLIENT, b"ask x\n", 10, 0)
    for _ in range(2):
        (waiting,) = talk.waiting()
        assert waiting.lacking == "no answer" and waiting.packets == (0,)
    assert list(talk.finish()) == [waiting]
    assert talk.waiting() == () and talk.feed(CLIENT, b"ask y\n", 20, 1) == ()


def test_what_nobody_reads_is_given_up_and_forgotten() -> None:
    talk = lines()
    assert talk.feed(CLIENT, b"\x16\x03 something else", 10, 0) == ()
    assert talk.is_over and talk.packets_of(()) == ()
    assert talk.finish() == []


def test_its_port_decides_between_doubts() -> None:
    assert Talk("tcp", (4711, 1), decoders=(Lines,)).feed(CLIENT, b"?x", 0) == []
    talk = Talk("tcp", (4712, 1), decoders=(Lines,))
    talk.feed(CLIENT, b"?x", 0)
    assert talk.is_over


def test_four_kilobytes_are_looked_at_and_no_more() -> None:
    talk = Talk("tcp", (1,), decoders=(Greeting,))
    for at in range(41):
        assert not talk.is_over
        talk.feed(CLIENT, b"x" * 100, at, at)
    assert talk.is_over


def test_the_end_of_both_sides_decides() -> None:
    talk = Talk("tcp", (4711,), decoders=(Lines, Greeting))
    assert talk.feed(CLIENT, b"?x\n", 1, 0) == ()  # a greeting may still come
    assert talk.close(CLIENT, 2) == () and talk.protocol == ""
    talk.close(SERVER, 3)
    assert talk.protocol == "lines"


def test_an_end_before_the_choice_is_told_in_its_place() -> None:
    talk = Talk("tcp", (), decoders=(Greeting,))
    talk.feed(CLIENT, b"abc", 1, 0)
    talk.close(CLIENT, 2)
    found = talk.feed(SERVER, b"hello", 3, 1)
    assert told(found) == [
        ("data", "client", b"abc", 0), ("close", "client", b"", 0), ("data", "server", b"hello", 0),
    ]  # fmt: skip


# --- changes of the protocol --------------------------------------------------------------------


def test_another_protocol_follows_and_bytes_keep_their_pieces_and_times() -> None:
    talk = lines(Late)
    talk.feed(CLIENT, b"ask secure\nLA", 10, 0)
    talk.feed(CLIENT, b"TE one", 20, 1)
    found = talk.feed(SERVER, b"go\nLATE two", 30, 2)
    assert [each.protocol for each in found] == ["lines", "recorder", "recorder", "recorder"]
    pieces = [each for each in found if isinstance(each, Told)]
    assert [(each.data, each.time_ns, each.packets) for each in pieces] == [
        (b"LA", 10, (0,)), (b"TE one", 20, (1,)), (b"LATE two", 30, (2,)),
    ]  # fmt: skip
    assert [part.begin for each in found[1:] for part in each.parts] == [11, 13, 3]
    assert told(talk.feed(CLIENT, b"more", 40, 3)) == [("data", "client", b"more", 0)]


def test_another_protocol_follows_what_was_fed_in_one_go() -> None:
    """Also where the change comes while bytes from before the choice are given on."""
    talk = lines(Late, Patient)
    talk.feed(SERVER, b"go\n", 5, 0)
    assert talk.protocol == "" and not talk.is_over
    found = talk.feed(CLIENT, b"ask secure\n", 6, 1)
    assert talk.is_over  # the answer came before the question
    assert isinstance(found[-1], Raw) and found[-1].reason == "an answer to nothing"


def test_what_follows_is_known_to_nobody() -> None:
    talk = lines(Late)
    talk.feed(CLIENT, b"ask secure\n", 10, 0)
    assert len(talk.feed(SERVER, b"go\n", 20, 1)) == 1
    (raw,) = talk.feed(CLIENT, b"\x16\x03\x01", 30, 2)
    assert isinstance(raw, Raw) and raw.after == "lines" and raw.packets == (2,)
    assert raw.asked == "3 bytes, no decoder knows what follows" and talk.is_over


@pytest.mark.parametrize(
    ("asked", "reason"),
    [("raw", "no decoder knows what follows"), ("nothing", "nothing was asked for")],
)
def test_what_is_not_read_any_further_is_raw(asked: str, reason: str) -> None:
    """Whether its first bytes are there with the last message, or come later."""
    talk = lines()
    talk.feed(CLIENT, f"ask {asked}\nabc".encode(), 10, 0)
    _, raw = talk.feed(SERVER, b"ok\ndefg", 20, 1)
    assert isinstance(raw, Raw) and raw.reason == reason and raw.problem == reason
    assert [(part.side, part.begin, part.end) for part in raw.parts] == [
        ("client", 4 + len(asked) + 1, 4 + len(asked) + 4), ("server", 3, 7),
    ]  # fmt: skip
    talk = lines()
    talk.feed(CLIENT, f"ask {asked}\n".encode(), 10, 0)
    assert len(talk.feed(SERVER, b"ok\n", 20, 1)) == 1 and not talk.is_over
    (later,) = talk.feed(SERVER, b"x", 30, 2)
    assert isinstance(later, Raw) and later.packets == (2,) and talk.is_over


def test_ends_are_told_to_what_follows() -> None:
    talk = lines(Late)
    talk.feed(CLIENT, b"ask secure\nLATE", 10, 0)
    talk.close(CLIENT, 20)
    found = talk.feed(SERVER, b"go\n", 30, 1)
    assert told(found) == [("data", "client", b"LATE", 0), ("close", "client", b"", 0)]


# --- gaps ---------------------------------------------------------------------------------------


def test_behind_a_gap_it_is_from_its_midst() -> None:
    talk = Talk("tcp", (), decoders=(Greeting,))
    talk.feed(CLIENT, b"abc", 1, 0)
    assert list(talk.gap(CLIENT, 10, 2)) == []
    found = talk.feed(SERVER, b"hello", 3, 1)
    assert told(found) == [("data", "server", b"hello", 0)]
    assert isinstance(talk.decoder, Recorder) and not talk.decoder.begun


def test_a_gap_decides_and_is_told() -> None:
    talk = Talk("tcp", (4711,), decoders=(Lines, Greeting))
    talk.feed(CLIENT, b"?x\n", 1, 0)
    talk.gap(CLIENT, 7, 2)
    assert talk.protocol == "" and not talk.is_over
    (raw,) = talk.feed(CLIENT, b"abc", 3, 1)
    assert isinstance(raw, Raw) and raw.reason == "7 bytes lack"


def test_gaps_without_end_are_given_up() -> None:
    talk = Talk("tcp", (), decoders=(Greeting,))
    for at in range(100):
        talk.feed(CLIENT, b"abc", at, at)
        talk.gap(CLIENT, 10, at)
    assert talk.is_over


def test_bytes_behind_the_end_are_raw() -> None:
    talk = lines()
    talk.feed(CLIENT, b"ask x\n", 10, 0)
    talk.close(CLIENT, 20)
    waiting, raw = talk.feed(CLIENT, b"ask y\n", 30, 1)
    assert waiting.lacking == "no answer"
    assert isinstance(raw, Raw) and raw.reason == "bytes behind the end" and talk.is_over


# --- who is who ---------------------------------------------------------------------------------


def test_a_guess_at_the_client_yields_to_what_is_said() -> None:
    talk = lines(may_turn=True, begun=False)
    talk.feed(SERVER, b"ask x\n", 10, 0)
    (message,) = talk.feed(CLIENT, b"yes\n", 20, 1)
    assert (message.side, message.asked, message.answered) == ("server", "ask x", "yes")
    assert [part.side for part in message.parts] == ["server", "client"]
    assert message.packets == (0, 1) and message.said("server") == ["ask x"]
    talk.feed(SERVER, b"ask y\n", 30, 2)
    assert [part.side for each in talk.waiting() for part in each.parts] == ["server"]
    assert [part.side for each in talk.waiting() for part in each.parts] == ["server"]


def test_what_is_known_is_not_turned() -> None:
    talk = lines()
    talk.feed(SERVER, b"ask x\n", 10, 0)
    assert talk.is_over


def test_turned_bytes_are_given_on_to_their_sides() -> None:
    talk = lines(Late, may_turn=True)
    talk.feed(SERVER, b"ask secure\nLATE one", 10, 0)
    found = talk.feed(CLIENT, b"go\nLATE two", 20, 1)
    assert told(found) == [
        ("data", "server", b"LATE one", 0), ("data", "client", b"LATE two", 0),
    ]  # fmt: skip


# --- datagrams ----------------------------------------------------------------------------------


class Picky(DatagramRecorder):
    """Tells by the first datagram of each side."""

    name = "picky"

    @classmethod
    def looks_like(cls, client: bytes, server: bytes, begun: bool = True) -> Likeness:
        if client not in (b"", b"one") or server not in (b"", b"uno"):
            return Likeness.NO
        return Likeness.SURE if client and server else Likeness.MORE


def test_of_datagrams_the_first_ones_are_looked_at() -> None:
    talk = Talk("udp", (), decoders=(Picky, Lines))
    talk.feed(CLIENT, b"one", 1, 0)
    talk.feed(CLIENT, b"two", 2, 1)
    found = talk.feed(SERVER, b"uno", 3, 2)
    assert [data for _, _, data, _ in told(found)] == [b"one", b"two", b"uno"]


def test_of_many_datagrams_that_do_not_tell_no_more_are_kept() -> None:
    talk = Talk("udp", (), decoders=(Picky,))
    for at in range(8):
        assert not talk.is_over
        talk.feed(CLIENT, b"one", at, at)
    assert talk.is_over


# --- mistakes -----------------------------------------------------------------------------------


def test_a_mistake_of_a_decoder_is_told_and_ends_nothing_else() -> None:
    talk = lines(is_guarded=True)
    (raw,) = talk.feed(CLIENT, b"ask crash\n", 10, 0)
    assert isinstance(raw, Raw) and talk.is_over
    assert raw.reason == "the lines decoder failed, please report it: ValueError: a mistake"
    talk = lines(is_guarded=True)
    talk.feed(CLIENT, b"ask x\n", 10, 0)
    assert "please report it" in talk.feed(CLIENT, b"ask crash\n", 20, 1)[0].asked


def test_tests_see_it() -> None:
    with pytest.raises(ValueError, match="a mistake"):
        lines().feed(CLIENT, b"ask crash\n", 10, 0)


@pytest.mark.parametrize("name", ["looks_like", "gap", "close", "waiting", "rest"])
def test_wherever_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Lines, name, broken)
    talk = lines(is_guarded=True)
    found = [*talk.feed(CLIENT, b"ask x\nask raw\n", 10, 0), *talk.feed(SERVER, b"ok\n", 20, 1)]
    if name == "gap":
        found += talk.gap(SERVER, 5, 30)
    found += [*talk.close(CLIENT, 40), *talk.waiting(), *talk.feed(SERVER, b"ok\nmore\n", 50, 2)]
    found += talk.finish()
    assert sum("please report it" in str(each) for each in found) == 1


# --- by itself ----------------------------------------------------------------------------------


def test_a_message_is_pickled_without_its_conversation() -> None:
    talk = Talk(
        "tcp", (80, 40000), decoders=(Lines,), flow=3,
        addresses=(b"\0" * 10 + b"\xff\xff\x0a\0\0\1", b"\0" * 10 + b"\xff\xff\x0a\0\0\2"),
    )  # fmt: skip
    talk.feed(CLIENT, b"ask x\n", 10, 7)
    (message,) = talk.feed(SERVER, b"yes\n", 20, 9)
    data = pickle.dumps(message)
    again = pickle.loads(data)
    assert again == message and len(data) < 600
    assert (again.flow, again.packets, again.ends) == (3, (7, 9), message.ends)
    assert str(again.ends[0]) == "10.0.0.1:40000" and str(again.ends[1]) == "10.0.0.2:80"


def test_packets_let_go_are_forgotten() -> None:
    talk = lines()
    for at in range(10_000):
        talk.feed(CLIENT, b"ask x\n", at, at)
    talk.forget(9_000)
    (message,) = talk.feed(SERVER, b"yes\n", 10_000, 10_000)
    assert message.packets == (9_000, 10_000) or message.packets == (10_000,)
    assert [each.packets for each in talk.waiting()][-1] == (9_999,)
