"""Netlink's framing: cut, absurd and foreign answers end in one error, never in a traceback."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.errors import NetshellError, NotPermitted, Unavailable
from netshell.host import netlink

HEADER = netlink.HEADER


def message(kind: int, body: bytes = b"", flags: int = 0, sequence: int = 1) -> bytes:
    whole = HEADER.pack(HEADER.size + len(body), kind, flags, sequence, 0) + body
    return whole + bytes(-len(whole) % 4)


def test_walks_every_message() -> None:
    buffer = message(16, b"abc") + message(17) + message(18, b"wxyz")
    found = [(each.type, buffer[each.start : each.end]) for each in netlink.walk(buffer)]
    assert found == [(16, b"abc"), (17, b""), (18, b"wxyz")]


@pytest.mark.parametrize(
    "buffer",
    [
        message(16, b"abcd")[:-1],
        b"\0" * 16,
        HEADER.pack(15, 16, 0, 0, 0),
        HEADER.pack(2**32 - 1, 16, 0, 0, 0),
        b"\1",
        message(netlink.OVERRUN),
    ],
)
def test_what_does_not_fit_is_an_error(buffer: bytes) -> None:
    with pytest.raises(NetshellError, match="cannot read the kernel's answer"):
        list(netlink.walk(buffer))


@given(st.binary(max_size=120))
def test_noise_ends(noise: bytes) -> None:
    try:
        for each in netlink.walk(noise):
            assert HEADER.size <= each.start <= each.end <= len(noise)
            netlink.attributes(noise, each.start, each.end)
    except NetshellError as error:
        assert "kernel" in str(error)


@given(st.dictionaries(st.integers(0, 0x3FFF), st.binary(max_size=40), max_size=6))
def test_attributes_come_back(values: dict[int, bytes]) -> None:
    body = b"".join(netlink.attribute(kind, value) for kind, value in values.items())
    assert netlink.attributes(body, 0, len(body)) == values


def test_nested_marks_are_no_part_of_the_type() -> None:
    body = netlink.attribute(0x8000 | 18, b"x")
    assert netlink.attributes(body, 0, len(body)) == {18: b"x"}


def test_numbers_and_text() -> None:
    assert netlink.number(None, 7) == 7
    assert netlink.number((513).to_bytes(4, netlink.ORDER)) == 513
    assert netlink.text(b"eth0\0\0") == "eth0"
    assert netlink.text(b"\xff") == "\\xff"
    assert netlink.text(None) == ""


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EPERM, NotPermitted),
        (errno.EACCES, NotPermitted),
        (errno.ENOENT, Unavailable),
        (errno.EAFNOSUPPORT, Unavailable),
        (errno.ENOBUFS, NetshellError),
    ],
)
def test_refusals(number: int, kind: type[NetshellError]) -> None:
    error = netlink.refused("cannot ask", OSError(number, "x"), where="the kernel")
    assert type(error) is kind
    assert str(error).startswith("cannot ask the kernel: ")


# --- a kernel that misbehaves ---------------------------------------------------------------


class Talker(netlink.Netlink):
    """Netlink over a pair of datagram sockets: what the test sends is what "the kernel" says."""

    def __init__(self, *replies: bytes) -> None:
        self._socket, self._other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(60)
        self._sequence = 0
        for reply in replies:
            self._other.send(reply)

    def _receive(self) -> bytes:
        while True:
            data = self._socket.recv(1 << 16)
            if len(data) < HEADER.size:
                raise netlink._damaged("short")
            if HEADER.unpack_from(data)[3] == self._sequence:
                return data

    def close(self) -> None:
        self._socket.close()
        self._other.close()


Talk = Callable[..., Talker]


@pytest.fixture
def talk(request: pytest.FixtureRequest) -> Talk:
    def make(*replies: bytes) -> Talker:
        talker = Talker(*replies)
        request.addfinalizer(talker.close)
        return talker

    return make


ZERO = bytes(4)


def test_a_dump_ends_with_its_end_mark(talk: Talk) -> None:
    first = message(20, b"abcd")
    reply = talk(first, message(netlink.DONE, ZERO)).dump(20, b"")
    assert reply == ([first], False)


def test_an_end_mark_behind_the_last_message(talk: Talk) -> None:
    both = message(20, b"abcd") + message(netlink.DONE, ZERO)
    assert talk(both).dump(20, b"").buffers == [both]


def test_an_interrupted_dump_is_asked_again(talk: Talk) -> None:
    mark = netlink.DUMP_INTERRUPTED
    done = message(netlink.DONE, ZERO, mark)
    better = message(20, b"good", sequence=2)
    kernel = talk(message(20, b"bad!", mark), done, better, message(netlink.DONE, ZERO, sequence=2))
    assert kernel.dump(20, b"") == ([better], False)


def test_a_dump_that_never_settles_is_marked(talk: Talk) -> None:
    mark = netlink.DUMP_INTERRUPTED
    replies = [message(netlink.DONE, ZERO, mark, sequence=n) for n in range(1, 9)]
    assert talk(*replies).dump(20, b"").interrupted


class Overflowing(Talker):
    """Netlink whose receive buffer overflows so many times."""

    def __init__(self, times: int, *replies: bytes) -> None:
        super().__init__(*replies)
        self._times = times

    def _receive(self) -> bytes:
        if self._times:
            self._times -= 1
            raise OSError(errno.ENOBUFS, "No buffer space available")
        return super()._receive()


def test_what_an_overflow_lost_is_asked_for_again() -> None:
    # What was on its way for the broken dump is skipped by its number, or drained.
    kernel = Overflowing(1, message(20, b"lost"))
    kernel._restart = lambda: [  # type: ignore[method-assign]
        kernel._other.send(message(20, b"good", sequence=2)),
        kernel._other.send(message(netlink.DONE, ZERO, sequence=2)),
    ]
    assert kernel.dump(20, b"").buffers == [message(20, b"good", sequence=2)]
    kernel.close()


def test_leftovers_of_a_broken_dump_are_drained(talk: Talk) -> None:
    kernel = talk(message(20, b"lost"), message(netlink.DONE, ZERO))
    kernel._restart()
    kernel._other.send(message(netlink.DONE, ZERO))
    assert kernel.dump(20, b"") == ([], False)


def test_overflowing_for_ever_is_an_error() -> None:
    kernel = Overflowing(99)
    with pytest.raises(OSError) as caught:
        kernel.dump(20, b"")
    assert caught.value.errno == errno.ENOBUFS
    kernel.close()


def test_a_refusal_is_the_kernel_s_own(talk: Talk) -> None:
    refusal = (-errno.EHOSTUNREACH).to_bytes(4, netlink.ORDER, signed=True) + bytes(16)
    with pytest.raises(OSError) as caught:
        talk(message(netlink.ERROR, refusal)).ask(26, b"")
    assert caught.value.errno == errno.EHOSTUNREACH
    with pytest.raises(OSError) as caught:
        talk(message(netlink.DONE, refusal[:4])).dump(26, b"")
    assert caught.value.errno == errno.EHOSTUNREACH


def test_answers_to_other_questions_are_passed_over(talk: Talk) -> None:
    buffer, found = talk(message(24, b"old!", sequence=9), message(24, b"new!")).ask(26, b"")
    assert buffer[found.start : found.end] == b"new!"


@pytest.mark.parametrize("reply", [b"", b"x", message(2), message(2, b"ab"), message(20)[:15]])
def test_cut_answers_are_errors(talk: Talk, reply: bytes) -> None:
    with pytest.raises(NetshellError):
        talk(reply).dump(20, b"")


@pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux's")
def test_the_kernel_refuses_nonsense() -> None:
    with netlink.Netlink(netlink.ROUTE) as kernel, pytest.raises(OSError):
        kernel.ask(26, b"\xff" * 12)


@pytest.mark.skipif(not hasattr(socket, "AF_NETLINK"), reason="netlink is Linux's")
def test_a_family_that_is_not_there() -> None:
    with pytest.raises(Unavailable, match="cannot ask the kernel: this kernel does not answer it"):
        netlink.Netlink(31)
