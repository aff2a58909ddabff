"""ifconfig's text is that of net-tools, over links of every kind that this kernel has."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import classics
import pytest
from conftest import missing

from netshell.classic import ifconfig
from netshell.classic.interface_lines import long_lines, short_line, with_aliases
from netshell.commands.ifaces import Interfaces
from netshell.errors import BadArgument, NotFound, Unavailable
from netshell.host.interfaces import Address, Counters, Device, Interface
from netshell.lab.wire import Wire

LINES = [
    "", "-a", "-s", "-a -s", "-v", "lo", "eth0", "eth0:1", "eth0:9", "pair0", "pair10", "down0",
    "tun7", "-s eth0", "-s eth0:1", "-s down0", "-a eth0", "-v eth0",
]  # fmt: skip


@pytest.fixture(scope="module")
def lab() -> Iterator[Wire]:
    ip = shutil.which("ip", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if ip is None:
        missing("iproute2 not installed")
    try:
        wire = Wire.open()
    except Unavailable as error:
        missing(str(error))
    with wire:
        wire.client.call(classics.add_interfaces, Path(ip))
        yield wire


@pytest.mark.parametrize("line", LINES)
def test_the_text_is_net_tools(lab: Wire, peer: Callable[[str], Path], line: str) -> None:
    if line == "tun7" and "tun7" not in lab.client.call(os.listdir, "/sys/class/net"):
        pytest.skip("no tun device here")
    their, mine = lab.client.call(classics.both, peer("ifconfig"), line.split())
    assert not classics.difference(their, mine)
    assert their.status == mine.status
    assert len(their.lines) > 1


def test_the_records_are_the_interfaces(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = ifconfig.run(["lo"], sys.stdout, sys.stderr)
    assert isinstance(outcome.records, Interfaces)
    assert [each.name for each in outcome.records] == ["lo"]
    assert "(Local Loopback)" in capsys.readouterr().out


def test_an_interface_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="error fetching interface information: Device not found"):
        ifconfig.run(["nosuch0"], io.StringIO(), io.StringIO())


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("eth0 up", "ip link set dev eth0 up"),
        ("eth0 down", "ip link set dev eth0 down"),
        ("eth0 192.0.2.1/24", "ip address add 192.0.2.1/24 dev eth0 && ip link set dev eth0 up"),
        ("eth0 192.0.2.1 netmask 255.255.255.128", "ip address add 192.0.2.1/25 dev eth0"),
        ("eth0 10.0.0.1 netmask 0xffff0000", "ip address add 10.0.0.1/16 dev eth0"),
        ("eth0 172.16.0.1 down", "ip address add 172.16.0.1/16 dev eth0"),
        ("eth0:1 192.0.2.9", "ip address add 192.0.2.9/24 dev eth0 label eth0:1"),
        ("eth0 inet6 add fd00::1/64", "ip address add fd00::1/64 dev eth0"),
        ("eth0 inet6 del fd00::1/64", "ip address del fd00::1/64 dev eth0"),
        ("ppp0 10.0.0.1 pointopoint 10.0.0.2", "ip address add 10.0.0.1 peer 10.0.0.2 dev ppp0"),
        ("eth0 10.0.0.1 broadcast 10.255.255.255", "broadcast 10.255.255.255 dev eth0"),
        ("eth0 hw ether 02:00:00:00:00:01", "ip link set dev eth0 address 02:00:00:00:00:01"),
        ("eth0 mtu 1400", "ip link set dev eth0 mtu 1400"),
        ("eth0 -promisc", "ip link set dev eth0 promisc off"),
        ("eth0 txqueuelen 10", "ip link set dev eth0 txqueuelen 10"),
        ("eth0 netmask 255.0.0.0", "ip address add ADDRESS/8 dev eth0"),
        ("e;reboot up", "ip link set dev 'e;reboot' up"),
        ("eth0 metric 3", "no command of ip(8) does that"),
        ("eth0 mtu", "ip link set dev eth0 mtu VALUE"),
        ("eth0 netmask nonsense", "ADDRESS/PREFIX"),
    ],
)
def test_what_would_change_something_is_refused_with_its_command(line: str, command: str) -> None:
    with pytest.raises(BadArgument) as error:
        ifconfig.run(line.split(), io.StringIO(), io.StringIO())
    assert "only reads" in str(error.value)
    assert command in str(error.value)


def test_what_this_machine_may_not_have() -> None:
    """A device with an interrupt, an alias, flags beyond 15 bits, large and compressed counts."""
    counted = Counters(rx_bytes=2**61, rx_packets=5, rx_compressed=7, tx_bytes=1536, rx_missed=2)
    interface = Interface(
        "eth1", 2, ("UP",), 1500, "02:00:00:00:00:01",
        addresses=(
            Address("192.0.2.1", 25, "IPv4", broadcast="192.0.2.127", label="eth1"),
            Address("192.0.2.2", 32, "IPv4", label="eth1:x"),
            Address("fe80::1", 64, "IPv6", scope="link"),
        ),
        counters=counted,
        flag_bits=0x11043 | 0x8000,
        link_type=1,
        link_address="02:00:00:00:00:01",
        queue_len=1000,
        device=Device(0xFE00, 0xFF00, 0x1000, 11, 3),
    )  # fmt: skip
    assert list(long_lines(interface, "eth1")) == [
        "eth1: flags=-28605<UP,BROADCAST,RUNNING,MULTICAST,DYNAMIC>  mtu 1500",
        "        inet 192.0.2.1  netmask 255.255.255.128  broadcast 192.0.2.127",
        "        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>",
        "        ether 02:00:00:00:00:01  txqueuelen 1000  (Ethernet)",
        "        RX packets 5  bytes 2305843009213693952 (1.9 EiB)",
        "        RX compressed 7",
        "        RX errors 0  dropped 2  overruns 0  frame 0",
        "        TX packets 0  bytes 1536 (1.5 KiB)",
        "        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0",
        "        device interrupt 11  base 0x1000  memory 0xfe00-ff00    dma 0x3",
        "",
    ]
    assert [name for _, name in with_aliases([interface])] == ["eth1", "eth1:x"]
    assert "no statistics available" in short_line(interface, "eth1:x")


@pytest.mark.parametrize(
    ("link_type", "address", "line"),
    [
        (1, "02:00:0a:4d:00:01", "ether 02:00:0a:4d:00:01  txqueuelen 9  (Ethernet)"),
        (768, "0a:01:01:01", "tunnel   txqueuelen 9  (IPIP Tunnel)"),
        (776, "0a:01:01:01", "sit  txqueuelen 9  (IPv6-in-IPv4)"),
        (512, "", "ppp  txqueuelen 9  (Point-to-Point Protocol)"),
        (
            778,
            "0a:01:01:01",
            "unspec 0A-01-01-01-00-00-00-00-00-00-00-00-00-00-00-00  txqueuelen 9  (UNSPEC)",
        ),
        (
            769,
            "fd:00:00:00:00:00:00:01:02:03:04:05:06:07:08:09",
            "unspec FD-00-00-00-00-00-00-01-00-00-00-00-00-00-00-00  txqueuelen 9  (UNSPEC)",
        ),
    ],
)
def test_links_of_other_kinds(link_type: int, address: str, line: str) -> None:
    made = Interface("x", 1, (), 1500, "", link_type=link_type, link_address=address, queue_len=9)
    assert f"        {line}" in list(long_lines(made, "x"))


def test_a_system_that_tells_flags_by_name_only() -> None:
    made = Interface("en0", 1, ("UP", "BROADCAST", "MULTICAST"), 1500, "")
    assert next(long_lines(made, "en0")) == "en0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500"


def test_names_are_ordered_by_their_numbers() -> None:
    found = [Interface(name, 1, (), 1500, "") for name in ("eth10", "lo", "eth9", "eth0")]
    assert [name for _, name in with_aliases(found)] == ["eth0", "eth9", "eth10", "lo"]
