"""A draft becomes a frozen socket with the same fields, and decodes tcp_info on sight."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from netshell.errors import NetshellError
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host import netlink
from netshell.host.draft import CONGESTION, INFO, DiagSocket, Draft, finished
from netshell.host.sockets import Socket, Timer

END, PEER = Endpoint("10.0.0.1", 80), Endpoint("10.0.0.2", 5000)
VALUES: tuple[Any, ...] = (
    *("tcp", END, PEER, State.ESTABLISHED, 7, "nginx", "www", 1, 2),
    *(Timer("on", 200, 1), "eth0", None, 99, (8,), 3, 33, "IPv6"),
)


def test_every_field_is_where_it_belongs() -> None:
    made = finished(Draft(*VALUES))
    expected = Socket(*VALUES)
    for field in dataclasses.fields(Socket):
        assert getattr(made, field.name) == getattr(expected, field.name), field.name
    assert isinstance(made, Socket)


def test_it_is_frozen() -> None:
    made = finished(Draft(*VALUES))
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.pid = 1  # type: ignore[misc]


def test_it_is_replaced_and_hashed_like_any_other() -> None:
    made = finished(Draft(*VALUES))
    other = dataclasses.replace(made, pid=8)
    assert (type(other), other.pid, other.process) == (DiagSocket, 8, "nginx")
    assert dataclasses.replace(other, pid=7) == made
    assert hash(dataclasses.replace(other, pid=7)) == hash(made)


def test_tcp_info_is_decoded_once() -> None:
    raw = netlink.attribute(INFO, bytes(240)) + netlink.attribute(CONGESTION, b"bbr\0")
    made = finished(Draft(*VALUES[:11], raw, *VALUES[12:]))
    assert made.tcp_info is not None
    assert made.tcp_info.congestion == "bbr"
    assert made.tcp_info is made.tcp_info


def test_damaged_attributes_are_our_error() -> None:
    made = finished(Draft(*VALUES[:11], b"\xff\xff\x02\x00", *VALUES[12:]))
    with pytest.raises(NetshellError, match="cannot read the kernel's answer"):
        assert made.tcp_info
