"""Messages as they come over loopback, while the capture runs."""

from __future__ import annotations

import contextlib
import signal
import socket
import statistics
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from daemon import DEADLINE_S
from onloopback import capturing
from patience import shortest
from recorder import Exchange, Lines

from netshell.capture.capture import Capture
from netshell.errors import BadArgument
from netshell.protocols import decoders, live
from netshell.protocols.messages import Messages

WITHIN_S = 0.2


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conversations of lines are read, and nothing else."""
    monkeypatch.setattr(decoders, "DECODERS", (Lines,))


class Server:
    """Answers each line, when it is told to."""

    def __init__(self, client: socket.socket, served: socket.socket) -> None:
        self.client, self.served = client, served

    def ask(self, text: str) -> None:
        self.client.sendall(f"ask {text}\n".encode())
        assert self.served.recv(1000)

    def answer(self, text: str) -> None:
        self.served.sendall(f"{text}\n".encode())
        assert self.client.recv(1000)


@pytest.fixture
def talking() -> Iterator[tuple[Capture, Server]]:
    """A capture of a connection that is opened while it runs."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        capture = stack.enter_context(capturing(listening.getsockname()[1]))
        client = stack.enter_context(socket.create_connection(listening.getsockname()))
        served = stack.enter_context(listening.accept()[0])
        yield capture, Server(client, served)


def until(capture: Capture, count: int) -> Messages:
    """The capture's messages, once there are so many."""
    deadline = time.monotonic() + DEADLINE_S
    while len(found := capture.messages) < count and time.monotonic() < deadline:
        capture.wait(count=len(capture) + 1, seconds=0.05)
    return found


def test_a_message_is_there_soon_after_its_last_packet(talking: tuple[Capture, Server]) -> None:
    """Within 0.2 s, and without further packets: the median of several, in the best of some rounds,
    as other programs want the processor, too."""
    capture, server = talking
    came: list[tuple[Exchange, int]] = []
    arrived = threading.Semaphore(0)

    def listen() -> None:
        for message in capture.messages.live():
            came.append((message, time.time_ns()))  # type: ignore[arg-type]
            arrived.release()

    listening = threading.Thread(target=listen)
    listening.start()

    def late() -> float:
        for number in range(len(came), len(came) + 9):
            server.ask(f"{number}")
            server.answer(f"got {number}")
            assert arrived.acquire(timeout=DEADLINE_S)
        return statistics.median((when - message.end_ns) / 1e9 for message, when in came[-9:])

    try:
        assert shortest(late, WITHIN_S) <= WITHIN_S
    finally:
        capture.stop()
        listening.join(DEADLINE_S)
    assert [message.line for message, _ in came] == [f"ask {number}" for number in range(len(came))]


def test_what_is_not_answered_waits(talking: tuple[Capture, Server]) -> None:
    capture, server = talking
    server.ask("first")
    (waiting,) = until(capture, 1)
    assert waiting.lacking == "no answer" and waiting.packets == (3,)
    server.answer("done")
    deadline = time.monotonic() + DEADLINE_S
    while capture.messages[0].lacking and time.monotonic() < deadline:
        capture.wait(count=len(capture) + 1, seconds=0.05)
    server.ask("second")
    first, second = until(capture, 2)
    assert (first.answered, second.lacking) == ("done", "no answer")
    capture.stop()
    assert [each.lacking for each in capture.messages] == ["", "no answer"]
    assert capture.messages is capture.messages


def test_messages_are_kept_until_packets_come(talking: tuple[Capture, Server]) -> None:
    capture, server = talking
    server.ask("once")
    waits = until(capture, 1)[0]
    assert waits.running_s is not None and "no answer yet" in str(waits)
    assert (capture.messages[0].running_s or 0) > waits.running_s
    server.answer("done")
    deadline = time.monotonic() + DEADLINE_S
    while capture.messages[0].lacking and time.monotonic() < deadline:
        capture.wait(count=len(capture) + 1, seconds=0.05)
    count = len(capture)
    found = capture.messages
    assert capture.messages is found or len(capture) > count
    server.ask("twice")
    until(capture, 2)
    capture.stop()
    assert capture.messages[1].running_s is None


def test_some_are_live(talking: tuple[Capture, Server]) -> None:
    """What was asked for with where() is asked for of those to come."""
    capture, server = talking
    wanted = capture.messages.where(problem=True).live()
    for text, answer in (("a", "+yes"), ("b", "-no"), ("c", "-never")):
        server.ask(text)
        server.answer(answer)
    until(capture, 3)
    for message in wanted:
        assert message.answered == "-no"
        wanted.stop()
    assert not wanted.running and capture.running
    assert list(wanted) == []


def test_ctrl_c_ends_the_waiting_and_not_the_capture(talking: tuple[Capture, Server]) -> None:
    capture, _ = talking
    stream = capture.messages.live()
    me = threading.get_ident()

    def waits() -> bool:
        """Whether the main thread is where it iterates, and there in a lock of threading's."""
        top = frame = sys._current_frames()[me]
        while frame.f_back and frame.f_code is not live.LiveMessages.__iter__.__code__:
            frame = frame.f_back
        return bool(frame.f_back) and top.f_code.co_filename == threading.__file__

    def interrupt() -> None:
        while not waits():
            time.sleep(0.001)  # between two looks at the real condition
        signal.raise_signal(signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    assert list(stream) == []
    interrupting.join()
    assert stream.stopped and capture.running


def test_who_prints_them_is_told(
    talking: tuple[Capture, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    capture, _ = talking
    told: list[live.LiveMessages] = []
    monkeypatch.setattr(live, "started", [told.append])
    stream = capture.messages.live()
    assert told == [stream] and len(str(stream)) < 80
    assert str(stream).startswith("messages are printed as they come, first those there are; ")
    stream.stop()
    assert str(stream) == "it was stopped: no more messages come; iterate over those there are"
    other = capture.messages.live()
    capture.stop()
    assert str(other) == "the capture is over: no more messages come; iterate over those there are"


def test_messages_picked_by_hand_are_not_live(talking: tuple[Capture, Server]) -> None:
    capture, server = talking
    server.ask("one")
    found = until(capture, 1)
    with pytest.raises(BadArgument, match="not live"):
        found[:1].live()
