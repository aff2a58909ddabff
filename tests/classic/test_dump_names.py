"""Names without -n: asked for once, never waited for long."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from netshell.classic.capturing.names import PATIENCE_TIMES, Names, interface_name

FOUR = bytes([192, 0, 2, 1])


def test_a_name_is_asked_for_once() -> None:
    asked: list[bytes] = []

    def ask(octets: bytes) -> str:
        asked.append(octets)
        return "host.example.org"

    names = Names(ask=ask)
    assert [names.host(FOUR), names.host(FOUR)] == ["host.example.org"] * 2
    assert asked == [FOUR]
    assert Names(no_domain=True, ask=ask).host(FOUR) == "host"


def test_an_address_without_a_name_stays() -> None:
    def ask(octets: bytes) -> str:
        raise socket.herror(1, "Unknown host")

    assert Names(ask=ask).host(FOUR) == "192.0.2.1"
    assert Names(ask=ask).host(bytes(15) + b"\1") == "::1"


def test_a_hostile_name_is_cleaned() -> None:
    assert "\x1b" not in Names(ask=lambda octets: "a\x1b[31mb\n").host(FOUR)


def test_nobody_is_waited_for_for_long() -> None:
    done = threading.Event()
    asked: list[bytes] = []

    def ask(octets: bytes) -> str:
        asked.append(octets)
        done.wait(60)
        return "late.example"

    names = Names(ask=ask, patience_s=0.01)
    hosts = [names.host(bytes([192, 0, 2, last])) for last in range(10)]
    done.set()
    assert hosts == [f"192.0.2.{last}" for last in range(10)]
    assert len(asked) == PATIENCE_TIMES


def test_services_of_tcp_and_udp_only() -> None:
    names = Names()
    assert names.port(6, 80) == socket.getservbyport(80, "tcp")
    assert names.port(17, 53) == socket.getservbyport(53, "udp")
    assert names.port(6, 65_001) == "65001"
    assert names.port(132, 80) == "80"


def test_ethers(tmp_path: Path) -> None:
    place = tmp_path / "ethers"
    place.write_text("# hosts\n2:0:0:0:0:1 one extra\n02:00:00:00:00:01 two\nnonsense here\n")
    names = Names(ethers=place)
    assert names.ether(bytes([2, 0, 0, 0, 0, 1])) == "one"
    assert names.ether(bytes(6)) == ""
    assert Names(ethers=tmp_path / "none").ether(bytes(6)) == ""


def test_interfaces() -> None:
    index, name = socket.if_nameindex()[0]
    assert interface_name(index) == name
    assert interface_name(2**31 - 1) == interface_name(2**40) == ""
