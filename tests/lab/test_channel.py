"""Messages whole and in order, however the bytes arrive."""

from __future__ import annotations

import socket
import threading

import pytest

from netshell.lab.channel import Channel


def test_messages_survive_arriving_byte_by_byte() -> None:
    ours, theirs = socket.socketpair()
    recorded, record = socket.socketpair()
    Channel(record).send(1, b"one")
    Channel(record).send(2, b"")
    record.close()
    wire = recorded.makefile("rb").read()
    recorded.close()

    def trickle() -> None:
        for number in range(len(wire)):
            theirs.sendall(wire[number : number + 1])
        theirs.close()

    sender = threading.Thread(target=trickle)
    sender.start()
    channel = Channel(ours)
    assert [channel.receive() for _ in range(3)] == [(1, b"one"), (2, b""), None]
    sender.join()
    channel.close()


def test_hanging_up_wakes_who_waits() -> None:
    ours, theirs = (Channel(end) for end in socket.socketpair())
    received: list[object] = []
    waiting = threading.Thread(target=lambda: received.append(theirs.receive()))
    waiting.start()
    ours.hang_up()
    waiting.join()
    assert received == [None]
    with pytest.raises(OSError, match="Broken pipe"):
        theirs.send(1, b"too late")
    theirs.close()
