"""The prompt's words, the line below it, the banner, and the figures they show."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from netshell import host
from netshell.host.fake import Fake
from netshell.shell import banner, folders, here
from netshell.shell.figures import Figures, clock, counted, short
from netshell.shell.here import Here
from netshell.shell.profile import Profile
from netshell.shell.prompt import NetshellPrompts, toolbar


def figures(**changed: Any) -> Figures:
    some = Figures("eth0", "tcp port 80", 12, 0, 3.2, since_s=100.0, taken_s=165.0)
    return some._replace(**changed)


def prompt(interface: str = "eth0", *running: Figures) -> str:
    shell: Any = SimpleNamespace(
        interface=interface,
        figures=list(running),
        execution_count=4,
        pt_app=None,
        prompt_line_number_format="",
    )
    return "".join(text for _, text in NetshellPrompts(shell).in_prompt_tokens())


@pytest.fixture(autouse=True)
def utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))


def test_the_prompt_names_the_interface_and_what_is_captured() -> None:
    assert prompt() == "[eth0] In [4]: "
    assert prompt("") == "[offline] In [4]: "
    assert prompt("wlan0", figures()) == "[eth0 ●  12 pkt 0 drop] In [4]: "
    both = (figures(dropped=3), figures(iface="lo", packets=1500))
    assert prompt("wlan0", *both) == "[eth0,lo ● 1.5k pkt 3 drop] In [4]: "


def test_a_terminal_without_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert prompt("", figures()) == "[eth0 *  12 pkt 0 drop] In [4]: "
    assert "x>" in toolbar([figures(filter="x" * 99)], 60)


def test_the_line_below() -> None:
    line = " ● eth0  tcp port 80  12 packets  0 dropped  3/s  1:05"
    assert toolbar([figures()], 80) == line
    assert "every packet" in toolbar([figures(filter="")], 80)


@pytest.mark.parametrize("width", [42, 60, 80])
def test_the_counts_below_are_never_cut(width: int) -> None:
    long = figures(filter="host 10.0.0.1 or " * 9, packets=1_234_567, dropped=4_321)
    line = toolbar([long], width)
    assert len(line) <= width
    assert "1,234,567 packets" in line and "4,321 dropped" in line
    assert line.startswith(" ● eth0") and ("…" in line or width == 42)


def test_several_captures_have_a_line_each() -> None:
    several = [figures(iface=f"eth{n}", dropped=n * 7, filter="x" * n * 30) for n in range(7)]
    lines = toolbar(several[:3], 80).splitlines()
    assert [f"{n * 7} dropped" in line for n, line in enumerate(lines)] == [True] * 3
    assert max(map(len, lines)) <= 80
    lines = toolbar(several, 80).splitlines()
    assert len(lines) == 4
    assert lines[-1] == " ● 4 more  48 packets  126 dropped  captures()"


def test_numbers_for_people() -> None:
    assert [short(n) for n in (0, 999, 1000, 9949, 9999, 999_499, 1_234_567, 5e9)] == [
        "0", "999", "1.0k", "9.9k", "10k", "999k", "1.2M", "5.0G",
    ]  # fmt: skip
    assert (clock(59.9), clock(60), clock(3600)) == ("0:59", "1:00", "1:00:00")
    assert (counted(1, "packet"), counted(0, "packet")) == ("1 packet", "0 packets")


@pytest.mark.parametrize(
    ("there", "servers", "said"),
    [
        (
            Here("eth0", "192.0.2.7", "192.0.2.1", online=True),
            ["192.0.2.53", "192.0.2.54"],
            "eth0 192.0.2.7, gateway 192.0.2.1, resolver 192.0.2.53 192.0.2.54",
        ),
        (Here("tun0", "10.8.0.2", online=True), [], "tun0 10.8.0.2, no resolver configured"),
        (Here("eth0", "10.77.0.1"), ["10.77.0.2"],
         "eth0 10.77.0.1, no default route, resolver 10.77.0.2"),
        (Here(), ["10.77.0.2"], "offline: no interface has an address"),
    ],
)  # fmt: skip
def test_the_network_in_a_line(there: Here, servers: list[str], said: str) -> None:
    assert banner.network(there, servers) == said


def test_the_banner_is_clean_and_says_when_nothing_is_kept() -> None:
    text = banner.banner(Profile(name="x", tips=("evil \x1b[2J",)), keeps_history=False)
    assert text.splitlines()[0].startswith("netshell ") and "(x)" in text
    assert text.splitlines()[1:] == [
        "evil \\x1b[2J",
        "no folder to write to: this session's history is not kept",
    ]


def test_offline_is_an_answer() -> None:
    with host.pretend(Fake()):
        assert here.look() == Here() and here.interface() == ""


def test_here_is_what_the_kernel_routes_by() -> None:
    route = host.default_route()
    found = here.look()
    assert found.online is (route is not None)
    if route is not None:
        assert (found.iface, found.address, found.gateway) == (
            route.iface, route.source, route.gateway,
        )  # fmt: skip


def test_folders_follow_xdg_and_a_bad_home_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "relative/is/ignored")
    assert folders.state_folder() == tmp_path / ".local/state/netshell"
    assert folders.config_folder() == tmp_path / ".config/netshell"
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    folder, lasting = folders.open_state_folder()
    assert (folder, lasting) == (tmp_path / "elsewhere/netshell", True)
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder, lasting = folders.open_state_folder()
    assert not lasting and folder.is_dir() and folder.parent == tmp_path
    monkeypatch.setattr(sys, "platform", "darwin")
    assert folders.state_folder() == tmp_path / "Library/Application Support/netshell"
