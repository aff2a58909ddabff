"""``lab``: what can be played, played as at the prompt, with both hosts within reach."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import missing

from netshell import NetshellError
from netshell.catalogue import speak
from netshell.commands.lab import Lab
from netshell.errors import BadArgument, NotFound, Unavailable
from netshell.lab.scenarios import SCENARIOS


@pytest.fixture
def lab() -> Iterator[Lab]:
    one = Lab()
    yield one
    one.stop()


def run(lab: Lab, name: str) -> None:
    try:
        lab.run(name)
    except Unavailable as error:
        missing(str(error))


def test_it_lists_what_can_be_played(lab: Lab) -> None:
    shown = str(lab).splitlines()
    assert [line.split()[0] for line in shown[1 : len(SCENARIOS) + 1]] == list(SCENARIOS)
    assert lab.names == SCENARIOS
    assert lab() is lab
    listed = json.loads(lab.json())
    assert [each["scenario"] for each in listed] == list(SCENARIOS)


def test_listing_imports_no_scenario() -> None:
    code = (
        "import sys; from netshell import lab; str(lab)\n"
        "print([name for name in sys.modules if name.startswith('netshell.lab.scenarios.')])\n"
        "print('numpy' in sys.modules, 'scapy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nFalse False\n"


@pytest.mark.parametrize("before", ["", "import netshell.lab.wire\n", "import netshell.lab\n"])
def test_the_public_name_is_not_the_folder(before: str) -> None:
    code = before + (
        "from netshell import lab\nimport netshell\nimport netshell.lab.link as link\n"
        "print(type(lab).__name__, netshell.lab is lab, link.MTU, netshell.lab.link is link)\n"
        "from netshell.lab import channel\nprint(channel.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "Lab True 1500 True\nnetshell.lab.channel\n"


def test_an_unknown_name_gets_the_nearest(lab: Lab) -> None:
    with pytest.raises(NotFound) as raised:
        lab.run("closewait")
    assert str(raised.value) == (
        "no scenario 'closewait' in the lab; did you mean close_wait or time_wait?"
    )
    with pytest.raises(NotFound, match="lab lists them"):
        lab.run("xyz")


def test_nothing_is_played_yet(lab: Lab) -> None:
    for ask in (lab.step, lab.rest, lambda: lab.hosts, lambda: lab.client):
        with pytest.raises(NetshellError) as raised:
            ask()
        assert str(raised.value) == 'nothing is played in the lab; begin: lab.run("handshake")'
    lab.stop()
    with pytest.raises(AttributeError):
        lab.no_such_thing  # noqa: B018


def test_a_step_shows_sentence_packets_ladder_and_both_hosts(lab: Lab) -> None:
    run(lab, "handshake")
    assert lab.play is not None
    begun = str(lab.play)
    assert "A connection opens" in begun
    assert "lab.step() plays the first" in begun
    first = lab.step()
    assert first.packets == []
    assert first.ladder is None
    assert "nothing on the wire shows this" in str(first)
    second = lab.step()
    assert [str(packet.flags) for packet in second.packets] == ["SYN", "SYN,ACK", "ACK"]
    assert second.states == ("ESTABLISHED", "ESTABLISHED")
    shown = str(second)
    assert "Step 2 of 5" in shown
    assert "SYN_SENT │── SYN" in shown
    left, right = shown[shown.index("client: conns()") :].splitlines()[:2]
    assert "server: conns()" in left
    assert right.count(":8000") == 2
    assert "waiting 1 of 8" in right
    later = lab.step(), lab.step()
    assert len(second.flow.ladder()) == 3  # what came later is not in it
    assert len(later[1].flow.ladder()) == 5
    assert json.loads(second.json())["states"] == ["ESTABLISHED", "ESTABLISHED"]
    assert "plays step 5 of 5" in str(lab.play)
    assert [scene.number for scene in lab.rest()] == [5]
    assert lab.play.over
    with pytest.raises(NetshellError, match="handshake is over: all its 5 steps"):
        lab.step()
    assert "all 5 steps happened" in str(lab.play)


def test_the_verbs_work_in_each_host(lab: Lab) -> None:
    run(lab, "close_wait")
    lab.step()
    cap = lab.server.sniff("tcp", count=2)
    lab.step()
    assert cap.wait(seconds=30).filter_text == "tcp"
    assert [str(packet.flags) for packet in cap] == ["FIN,ACK", "ACK"]
    assert cap.ifaces == ("eth0",)
    held = lab.hosts["server"].conns("CLOSE_WAIT")
    assert len(held) == 1
    assert held[0].local == ("10.77.0.2", 8000)
    assert [str(each.state) for each in lab.client.conns()] == ["FIN_WAIT_2"]
    assert lab.client.run(["echo", "here"]).stdout == "here\n"
    assert repr(lab.server) == "<server 10.77.0.2: .conns(), .sniff(), .shell(), .run([program])>"
    with pytest.raises(BadArgument, match="there is no terminal"):
        lab.server.shell()


def test_captures_end_with_the_hosts(lab: Lab) -> None:
    run(lab, "refused")
    assert lab.play is not None
    mine, own = lab.client.sniff(), lab.play.capture
    lab.step()
    lab.stop()
    lab.stop()
    assert not mine.running
    assert not own.running
    assert len(own) == 2
    assert own.stats.dropped == 0
    assert str(own.flows[0].ended) == "RST by server: refused"
    with pytest.raises(NetshellError, match="nothing is played"):
        lab.step()


def test_a_capture_of_a_host_that_dies_ends(lab: Lab) -> None:
    run(lab, "refused")
    assert lab.play is not None
    cap = lab.client.sniff()
    for host in lab.play.hosts.values():
        host.run(["sh", "-c", f"kill -9 {host.host.pid}"], check=False)
    cap.stop()
    assert not cap.running
    with pytest.raises(NetshellError, match="cannot reach the lab's host"):
        lab.step()


def test_the_next_one_ends_the_one_before(lab: Lab) -> None:
    run(lab, "refused")
    before = lab.play
    assert before is not None
    with pytest.raises(NotFound):
        lab.run("no such")
    assert not before.stopped  # a wrong name costs nothing
    run(lab, "handshake")
    assert before.stopped
    assert lab.play is not before


def test_in_korean(lab: Lab) -> None:
    speak("ko")
    try:
        assert "연결 열기" in str(lab)
        run(lab, "refused")
        shown = str(lab.step())
        assert "프로그램이 받은 결과: ECONNREFUSED" in shown
    finally:
        speak(None)
