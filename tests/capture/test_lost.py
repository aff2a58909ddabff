"""What a capture stands on goes away while it runs: what came is kept, and it is said."""

from __future__ import annotations

import os
import shlex
import sys

import onhost
import pytest
from inlab import python

from netshell.lab.wire import Wire


@pytest.fixture(params=["ring", "libpcap"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "libpcap":
        pytest.importorskip("cypcap")
    return str(request.param)


def test_the_network_namespace_at_the_other_end_is_gone(wire: Wire, engine: str) -> None:
    """A container that ends takes both ends of its wire with it."""
    client = wire.client
    client.call(onhost.neighbour_begin, "to_it")
    client.call(onhost.begin, "ether proto 0x88b6", ("to_it",), engine)
    frame = b"\xff" * 6 + b"\x02\0\0\0\0\x99\x88\xb6" + b"\0" * 50
    client.call(onhost.send_frames_when_up, "to_it", [frame] * 3)
    assert client.call(onhost.wait, 3) == 3
    client.call(onhost.neighbour_end)
    running, problem, _ = client.call(onhost.wait_ended)
    assert not running
    assert problem.startswith("the capture ended on to_it: ")
    assert "gone" in problem or "disappeared" in problem
    assert problem.endswith("; what was captured is kept")
    assert client.call(onhost.seen)[0] == [frame] * 3


LOSE = """
import ctypes, struct
from netshell.capture import live, opening
def opener(*given, **options):
    source = opening.open_rings(*given, **options)
    libc = ctypes.CDLL(None, use_errno=True)  # capset(2), version 3: none of any
    assert not libc.capset(struct.pack("Ii", 0x20080522, 0), bytes(24))
    return source
cap = live.start("udp", ["lo"], open_source=opener)
onhost.receive_nothing("127.0.0.1"); onhost.send_datagrams("127.0.0.1", [b"x"] * 3)
cap.wait(count=3, seconds=60)
print(len(cap), cap.running, cap.problem)
onhost.send_datagrams("127.0.0.1", [b"y"] * 2)
cap.wait(count=5, seconds=60); cap.stop()
print(len(cap), cap.problem, cap.stats.dropped)
try: live.start("udp", ["lo"])
except NetshellError as error: print(type(error).__name__, error)
for sink in onhost.sinks: sink.close()
"""


def test_permission_is_needed_to_open_and_never_again(wire: Wire) -> None:
    """The capability is dropped once the capture is open, as careful programs do."""
    first, second, refusal = python(wire, LOSE).splitlines()
    assert first == "3 True None"
    assert second == "5 None 0"
    assert refusal.startswith(
        "NotPermitted cannot capture on lo: this user may not open packet sockets; run one of:  "
        f"sudo {shlex.quote(sys.executable)} "
    )
    assert f"sudo setcap cap_net_raw+eip {os.path.realpath(sys.executable)}  " in refusal
