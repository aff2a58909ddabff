"""The lab's faults: what is lost, held, sent twice or dropped without a word, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from awaited import await_true

from netshell.commands import staged
from netshell.lab.faults import holding, silence
from netshell.lab.faults.losing import DATA, EVERYTHING, Lost
from netshell.lab.stage import NO_DELAY, PORT, Stage
from netshell.lab.wire import Wire


@pytest.fixture
def stage(wire: Wire) -> Iterator[Stage]:
    made = Stage(wire, staged.sniff_in(wire.client, "tcp", quiet=True))
    made.be_patient()
    made.client.configure({"tcp_early_retrans": "0"})
    yield made
    staged.let_go(made.capture)


def run(program: list[tuple[int, int, int, int]], segment: bytes, ip_id: int) -> int:
    """What a filter of classic BPF answers: only the instructions that ``losing`` uses."""
    at = register = 0
    while True:
        code, true, false, value = program[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x80:
            register = len(segment)
        elif code == 0x30:
            register = segment[value]
        elif code == 0x28:
            assert value == 0xFFF00004
            register = ip_id
        elif code == 0x54:
            register &= value
        else:
            holds = register > value if code == 0x25 else register == value
            at += true if holds else false


@pytest.mark.parametrize(
    ("lost", "size", "flags", "ip_id", "is_lost"),
    [
        (EVERYTHING, 20, 0x10, 1, True),
        (DATA, 61, 0x10, 1, True),
        (DATA, 60, 0x10, 1, False),
        (Lost(flags=0x01), 32, 0x11, 1, True),
        (Lost(flags=0x11), 32, 0x01, 1, False),
        (Lost(ip_id=7), 32, 0x10, 7, True),
        (Lost(ip_id=7), 32, 0x10, 8, False),
        (Lost(100, 0x08, 7), 101, 0x18, 7, True),
        (Lost(100, 0x08, 7), 100, 0x18, 7, False),
        (Lost(100, 0x08, 7), 101, 0x10, 7, False),
        (Lost(100, 0x08, 7), 101, 0x18, 8, False),
    ],
)
def test_a_filter_takes_what_is_so_in_every_respect(
    lost: Lost, size: int, flags: int, ip_id: int, is_lost: bool
) -> None:
    segment = bytes(13) + bytes([flags]) + bytes(size - 14)
    assert run(lost.program(), segment, ip_id) == (0 if is_lost else 0xFFFFFFFF)


def test_what_is_lost_is_on_the_wire_and_never_read(stage: Stage) -> None:
    stage.open(options=(NO_DELAY,))
    stage.server.lose(Lost(longer_than=200))
    stage.client.send(50)
    await_true(lambda: stage.server.waiting() == 50)
    stage.client.send(500)
    await_true(lambda: any(packet.payload_len == 500 for packet in stage.packets()))
    assert stage.server.waiting() == 50
    stage.server.hear()
    stage.client.send(20)  # its acknowledgment tells of the gap, and the sender fills it
    await_true(lambda: stage.server.waiting() == 570)


def test_what_is_held_is_not_on_the_wire_until_it_is_released(stage: Stage) -> None:
    stage.open()
    await_true(lambda: len(stage.packets()) == 3)
    stage.client.hold()
    stage.client.send(10)
    stage.server.send(20)
    await_true(lambda: stage.client.waiting() == 20)  # the other way is free
    assert stage.server.waiting() == 0
    assert len(stage.packets_of(stage.client)) == 2
    stage.client.release()
    await_true(lambda: stage.server.waiting() == 10)
    stage.client.send(30)
    await_true(lambda: stage.server.waiting() == 40)  # nothing is held any more


def test_a_kernel_without_token_buckets_is_told(wire: Wire) -> None:
    assert wire.client.call(_name_of_unknown) == (
        "cannot hold packets back in the lab: this kernel has no nosuch queueing discipline; "
        "load it with `sudo modprobe sch_tbf`"
    )


def _name_of_unknown() -> str:
    try:
        index = socket.if_nametoindex("eth0")
        holding._request(holding._TCMSG.pack(0, index, 0, 0xFFFFFFFF, 0), b"nosuch", b"")
    except Exception as error:  # noqa: BLE001  its text is what is asked for
        return str(error)
    return ""


@pytest.mark.parametrize("by", ["nft", "a socket filter"])
def test_a_firewall_says_nothing(
    stage: Stage, by: str, peer: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "nft":
        peer("nft")
    else:
        monkeypatch.setattr(silence.shutil, "which", lambda name, path: None)
    stage.server.listen()
    assert silence.drop(stage.server, PORT) == by
    stage.client.connect(stage.server)
    await_true(lambda: len(stage.packets()) >= 1)
    assert all(packet.src == stage.client.host.ipv4 for packet in stage.packets())
    assert stage.server.accept() == "EAGAIN"
