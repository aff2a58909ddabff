"""What a profile changes: captures, packets, tables and colours; each value against the default."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from inlab import python
from pty_shell import Shell, environment
from queried import query

from netshell.commands.conns import Listeners, Sockets
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host.sockets import Socket
from netshell.lab.wire import Wire
from netshell.protocols.queries import Queries
from netshell.render import terminal
from netshell.settings import Profile, use
from netshell.view import Table, draw


@pytest.fixture(autouse=True)
def none_in_force() -> Iterator[None]:
    yield
    use(None)


def with_columns(**columns: tuple[str, ...]) -> None:
    use(Profile(columns=MappingProxyType(columns)))


SETTINGS = "from netshell.settings import Profile, use\nuse(Profile({}))\n"
SHOW = "print(c.ifaces, repr(c.filter_text)); c.stop()\n"


# --- captures -------------------------------------------------------------------------------


def test_interface_and_filter_are_the_defaults_of_sniff(wire: Wire) -> None:
    code = SETTINGS.format("interface='lo', filter='udp port 9999'")
    code += f"c = sniff(); {SHOW}c = sniff('tcp', 'eth0'); {SHOW}c = sniff(''); {SHOW}"
    assert python(wire, code).splitlines() == [
        "('lo',) 'udp port 9999'",
        "('eth0',) 'tcp'",
        "('lo',) ''",
    ]


def test_the_filter_chooses_among_a_hosts_packets(wire: Wire) -> None:
    host = wire.server.ipv4
    code = SETTINGS.format("interface='lo', filter='udp port 53 or tcp port 80'")
    code += f"c = sniff_host('{host}'); {SHOW}c = sniff_host('{host}', 443); {SHOW}"
    code += f"c = sniff_host('{host}', proto='icmp'); {SHOW}"
    assert python(wire, code).splitlines() == [
        f"('eth0',) '(host {host}) and (udp port 53 or tcp port 80)'",
        f"('eth0',) 'tcp port 443 and host {host}'",
        f"('eth0',) '(icmp or icmp6) and host {host}'",
    ]


def test_snaplen_and_keep_are_the_defaults(wire: Wire) -> None:
    code = SETTINGS.format("interface='lo', snaplen=60, keep=10")
    code += (
        "onhost.receive_nothing('127.0.0.1')\n"
        "def sent(**given):\n"
        "    with sniff('udp port 9999', **given) as cap:\n"
        "        onhost.send_datagrams('127.0.0.1', [b'x' * 900] * 3000)\n"
        "        cap.wait(count=3000, seconds=60)\n"
        "    return len(cap[-1].raw), cap.first > 0\n"
        "print(sent(), sent(snaplen=200, keep='all')); onhost.sinks.pop().close()\n"
    )
    assert python(wire, code) == "(60, True) (200, False)\n"


def test_an_error_says_which_setting_it_is_about(wire: Wire) -> None:
    code = (
        "from netshell.settings import Profile, use\n"
        "use(Profile(filter='tcp prot 80', interface='eth9', origins={'capture.filter': 'a.toml, "
        "line 7', 'capture.interface': '--set'}))\n"
        "for call in (sniff, lambda: sniff('tcp'), lambda: sniff('tcp prot 80', 'lo'),\n"
        f"             lambda: sniff_host('{wire.server.ipv4}')):\n"
        "    try: call()\n"
        "    except NetshellError as error: print(error)\n"
    )
    both, iface, typed, host = python(wire, code).splitlines()
    assert "capture.filter is set by a.toml, line 7" in both
    assert "eth9" in iface and "(capture.interface is set by --set)" in iface
    assert "set by" not in typed
    assert "capture.filter is set by a.toml, line 7" in host


# --- packets --------------------------------------------------------------------------------


@pytest.mark.parametrize(("show", "held"), [("ascii", "GET / HTTP"), ("hex", "4745 5420")])
def test_show_has_the_profiles_payload(wire: Wire, show: str, held: str) -> None:
    code = SETTINGS.format(f"show={show!r}") + (
        "with sniff('udp port 9999', 'lo') as cap:\n"
        "    onhost.send_datagrams('127.0.0.1', [b'GET / HTTP/1.1'])\n"
        "    cap.wait(count=1, seconds=60)\n"
        "print(cap.show(fold=False)); print('---'); print(cap.show('none'))\n"
    )
    shown, _, bare = python(wire, code).partition("---")
    assert held in shown.replace("47 45 54 20", "4745 5420") and held not in bare


# --- tables ---------------------------------------------------------------------------------

LISTENS = Socket("tcp", Endpoint("0.0.0.0", 80), Endpoint("*", 0), State.LISTEN, send_q=128)
TALKS = Socket(
    "tcp", Endpoint("10.0.0.1", 80), Endpoint("10.0.0.9", 4444), State.ESTABLISHED, 77, "web",
    recv_q=3,
)  # fmt: skip


def heads(shown: object) -> list[str]:
    (table,) = [block for block in shown.view() if isinstance(block, Table)][:1]  # type: ignore[attr-defined]
    return [column.name for column in table.columns]


def test_sockets_have_the_columns_that_are_asked_for() -> None:
    both = Sockets([LISTENS, TALKS])
    assert heads(both)[0] == "state" and "local" in heads(both)
    with_columns(conns=("process", "remote", "state", "timer"))
    assert heads(both) == ["process", "remote", "state"]  # no timer runs
    assert draw(both.view()).splitlines()[2].split() == ["web", "10.0.0.9:4444", "ESTABLISHED"]
    assert heads(Listeners([LISTENS])) == ["local", "waiting", "backlog"]
    with_columns(conns=("proto",), listeners=("state", "local"))
    assert heads(both) == ["proto"]  # left out before, since all are alike
    assert heads(Listeners([LISTENS])) == ["state", "local"]


def test_the_last_that_is_named_leaves_first_where_it_is_narrow() -> None:
    with_columns(conns=("remote", "local", "state", "process"))
    both = Sockets([LISTENS, TALKS])
    assert "process" in draw(both.view(), 80).splitlines()[0]
    narrow = draw(both.view(), 42).splitlines()[0]
    assert narrow.split()[:2] == ["remote", "local"] and "process" not in narrow


def test_queries_have_the_columns_that_are_asked_for() -> None:
    queries = Queries([query(0.0, "SELECT 1", (), 0.012, rows=20)])
    assert heads(queries)[0] == "time"
    with_columns(queries=("statement", "took", "problem"))
    assert heads(queries) == ["statement", "took"]


def test_flows_keep_what_they_are_ordered_by(wire: Wire) -> None:
    code = SETTINGS.format("columns={'flows': ('server', 'proto'), 'messages': ('message',)}") + (
        "with sniff('udp port 9999', 'lo') as cap:\n"
        "    onhost.send_datagrams('127.0.0.1', [b'x'])\n"
        "    cap.wait(count=1, seconds=60)\n"
        "for flows in (cap.flows, cap.flows.top(1), cap.flows.top(1, by='sent')):\n"
        "    print([column.name for column in flows.view()[0].columns])\n"
        "print([column.name for column in cap.messages.view()[0].columns])\n"
    )
    assert python(wire, code).splitlines() == [
        "['server', 'proto']",
        "['server', 'proto', 'bytes']",
        "['server', 'proto', 'sent']",
        "['message']",
    ]


# --- colours --------------------------------------------------------------------------------


def test_colours_are_those_of_the_background() -> None:
    painted = {}
    for colors in ("auto", "dark", "light", "none"):
        use(Profile(colors=colors))
        painted[colors] = terminal.paint("x", "warn")
    assert painted["none"] == "x" and len(set(painted.values())) == 4


def test_the_screen_has_them(tmp_path: Path) -> None:
    raw = {}
    for colors in ("dark", "light", "none"):
        with Shell(tmp_path, "--set", f"screen.colors={colors}") as shell:
            shell.ready()
            shell.run("profile()[:2]")
            shell.shows("Everyday work")
            raw[colors] = shell.raw
    assert b"\x1b[1m" in raw["dark"] and b"\x1b[1m" not in raw["none"]
    prompts = {colors: raw[colors].partition(b"In [")[0][-60:] for colors in raw}
    assert len(set(prompts.values())) == 3


# --- the shell ------------------------------------------------------------------------------


def test_the_banner_has_the_profiles_verbs_and_tips(tmp_path: Path) -> None:
    with Shell(tmp_path, "--profile", "sql", columns=80) as shell:
        shell.ready()
        above = shell.lines[: next(at for at, line in enumerate(shell.lines) if "In [1]" in line)]
        assert " (sql) " in above[0].partition("  ")[0] + " "
        assert any(line.split()[:2] == ["sniff_host", "capture"] for line in above)
        assert any(".n_plus_one()" in line for line in above)
        shell.run("profile()")
        shell.shows("capture.filter")
        shell.shows("profiles/sql/profile.toml")


def test_profile_is_there_in_scripts_and_says_what_was_chosen(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "netshell"
    own.mkdir(parents=True, mode=0o755)
    (own / "netshell.toml").write_text("[screen]\nrows = 3\n")
    script = tmp_path / "script.py"
    script.write_text(
        "for each in profile():\n    print(each.key, each.value, each.origin, sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "netshell", "--profile", "dns", "--set", "packets.show=hex",
         str(script)],
        capture_output=True, text=True, timeout=120, check=True,
        env=environment(tmp_path, NO_COLOR="1", NETSHELL_PROFILE="web"),
    )  # fmt: skip
    said = dict(line.split("|", 1) for line in done.stdout.splitlines())
    assert said["profile"] == "dns|--profile"
    assert said["capture.keep"] == "200000|profiles/dns/profile.toml, line 8"
    assert said["screen.rows"] == "3|~/.config/netshell/netshell.toml, line 2"
    assert said["packets.show"] == "hex|--set"
    assert said["screen.colors"] == "none|NO_COLOR in the environment"
    assert said["lang"] == "en|LANG in the environment"
    assert said["capture.snaplen"] == "262144|built-in"


def test_a_program_that_imports_netshell_reads_no_files(tmp_path: Path) -> None:
    own = tmp_path / ".config" / "netshell"
    own.mkdir(parents=True, mode=0o755)
    (own / "netshell.toml").write_text("not = = toml")
    code = "from netshell import profile; print(profile()[3].origin, len(profile()))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True,
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.stdout.startswith("built-in ")
    done = subprocess.run(
        [sys.executable, "-m", "netshell", "-c", "1"], capture_output=True, text=True,
        timeout=120, check=False, env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "line 1, column" in done.stderr


@pytest.mark.parametrize("command", ["demo", "lab"])
def test_a_users_settings_do_not_break_what_has_a_network_of_its_own(
    wire: Wire, tmp_path: Path, command: str
) -> None:
    own = tmp_path / ".config" / "netshell"
    own.mkdir(parents=True, mode=0o755)
    text = '[capture]\ninterface = "wlan7"\nfilter = "udp port 1"\nkeep = 1\nsnaplen = 20\n'
    (own / "netshell.toml").write_text(text)
    if command == "demo":
        done = subprocess.run(
            [sys.executable, "-m", "netshell", "demo"], capture_output=True, text=True,
            timeout=240, check=False, env=environment(tmp_path),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        with Shell(tmp_path, "lab", "shell") as shell:
            shell.ready()
            shell.run("cap = sniff(); cap.ifaces != ('wlan7',), cap.stop().filter_text")
            shell.shows("(True, 'udp port 1')")
