"""Tab behind a classic command."""

from __future__ import annotations

from pathlib import Path

import pytest
from saved_capture import two_datagrams

from netshell.shell.completion import complete
from netshell.shell.tool_options import complete_command
from netshell.shell.verbs import namespace


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return two_datagrams(tmp_path / "two.pcap")


def offered(text: str, **names: object) -> tuple[str, list[str]]:
    found = complete(text, {**namespace(), **names})
    return found.fragment, [each.text for each in found.candidates]


def test_options_come_with_what_they_do() -> None:
    found = complete("netstat -", namespace())
    about = {each.text: each.about for each in found.candidates}
    assert found.only and "routing table" in about["-r"] and "--route" not in about
    assert offered("netstat --rou") == ("--rou", ["--route"])
    fragment, clusters = offered("netstat -an")
    assert (
        fragment == "-an" and "-ant" in clusters and "-anr" in clusters and "-ana" not in clusters
    )
    assert "-Z" not in offered("tcpdump -")[1]  # refused
    assert offered("dig +sho") == ("+sho", ["+short", "+showsearch"])
    assert offered("dig example.org +nosho")[1] == ["+noshort", "+noshowsearch"]
    assert offered("dig +tim")[1] == ["+timeout="] and offered("dig +edn")[1][0] == "+edns"
    assert not [each for each in offered("dig +")[1] if each.startswith("+no")]


def test_values_come_from_what_this_machine_has(saved: Path) -> None:
    for line in (
        "tcpdump -i ",
        "%tcpdump -nni ",
        "tcpdump --interface=",
        "ifconfig ",
        "tcpdump -i",
    ):
        assert "lo" in offered(line)[1] or line == "tcpdump -i", line
    assert offered("tcpdump -il") == ("l", ["lo"])
    assert offered(f"tcpdump -r {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert offered(f"x = %tcpdump -nn -w {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert offered(f"netstat -a > {saved.parent}/tw") == ("tw", ["two.pcap"])
    assert "host" in offered("tcpdump -nn port 80 and ho")[1]
    assert "localhost" in offered("tcpdump -c 3 host localh")[1]
    assert offered("netstat -a | gre") == ("", [])
    assert "localhost" in offered("dig localh")[1] and "localhost" in offered("nslookup localh")[1]
    assert "MX" in offered("dig example.org ")[1] and "MX" in offered("dig -t M")[1]
    assert "localhost" in offered("dig @localh")[1]


def test_where_no_command_is_typed_python_is_completed() -> None:
    assert complete_command("dig = -", {}) is None
    assert complete_command("def f():\n    netstat -", {}) is None
    assert complete_command('x = """\nnetstat -', {}) is None
    assert complete_command("netstat -", {"netstat": 3}) is None
    assert offered("netst") == ("netst", ["netstat"])
    assert offered("x = netst") == ("netst", []) and offered("netst", netstat=3)[1] == []


def test_hosts_that_were_asked_for_come_again() -> None:
    cell = "get_ipython().run_tool('dig', '@192.0.2.1 -t MX asked.example.org +short')\n"
    assert "asked.example.org" in offered("dig ask", In=["", cell])[1]
    assert "asked.example.org" in offered('dig("ask', In=["", cell])[1]
    odd = ["run_tool(x)", "a.run_tool(x, 'y')", "a.run_tool('dig', 3)", "a.run_tool('dig')"]
    assert offered("dig ask", In=odd)[1] == []
