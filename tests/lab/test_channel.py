"""Messages whole and in order, however the bytes arrive."""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from pathlib import Path

import pytest
from patience import DEADLINE_S

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


def blocks_on(thread: threading.Thread, descriptor: int) -> bool:
    """Whether the thread is in a system call on that descriptor: proc_pid_syscall(5)."""
    call = Path(f"/proc/self/task/{thread.native_id}/syscall").read_text().split()
    return call[1:2] == [hex(descriptor)]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc what a thread waits for")
@pytest.mark.parametrize("waiting_end", [0, 1])
def test_hanging_up_wakes_who_waits_at_either_end(waiting_end: int) -> None:
    sockets = socket.socketpair()
    ours, theirs = channels = [Channel(end) for end in sockets]
    received: queue.Queue[object] = queue.Queue()
    waiting = threading.Thread(
        target=lambda: received.put(channels[waiting_end].receive()), daemon=True
    )
    waiting.start()
    deadline = time.monotonic() + DEADLINE_S
    while not blocks_on(waiting, sockets[waiting_end].fileno()):
        assert time.monotonic() < deadline
    ours.hang_up()
    assert received.get(timeout=DEADLINE_S) is None
    with pytest.raises(OSError, match="Broken pipe"):
        theirs.send(1, b"too late")
    theirs.close()
