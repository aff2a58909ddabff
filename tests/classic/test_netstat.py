"""netstat's text is that of net-tools, in a lab with sockets in every state."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import classics
import pytest
import tcp_states
from conftest import missing
from patience import DEADLINE_S

from netshell.classic import netstat
from netshell.classic.counters import SENTENCES, sections
from netshell.classic.peer_names import Names
from netshell.classic.repeating import screenful
from netshell.classic.socket_lines import program_name
from netshell.commands.conns import Sockets
from netshell.commands.ifaces import Interfaces
from netshell.commands.routes import RouteTable
from netshell.commands.unix import UnixSockets
from netshell.errors import BadArgument, Unavailable
from netshell.host.procnet import Section
from netshell.lab.wire import Wire

SOCKETS = """
-n|-an|-ant|-anu|-anw|-anx|-anU|-tulpn|-tunap|-ln|-lnt|-lnx|-x|-ax|-axp|-tn|-un|-wn
-ane|-anee|-ano|-aneo|-anpeo|-anW|-antW|-an4|-an6|-an46|-A inet -an|-A inet6,unix -an
--inet6 -an|--listening --tcp --numeric --programs|--numeric --numeric-users -ae
--numeric-hosts -a|-gn|-gnt|-gn6|-vn|-vtn|-vn4|-van|-vln
"""
NAMED = "-a|-at|-au|-aw|-aW|--numeric-ports -a|--numeric-users -ae|-g|-r|-re|-ree|-r6"
TABLES = "-rn|-rne|-rnee|-rn6|-rn46|-i|-ia|-in|-ie|-iae|-s|-st|-su|-sw|-s6|-s6t|-s6u|-s4|-s -t -u"


SHOWN: set[str] = set()
"""The states that ours showed in the lab at first: some of them last for a minute only."""


def words(text: str) -> list[str]:
    return [word for line in text.split("\n") for word in line.split("|") if word]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Two hosts; the client has sockets of every kind in every state, and several interfaces."""
    import shutil

    ss = shutil.which("ss")
    ip = shutil.which("ip", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if ss is None or ip is None:
        missing("iproute2 not installed")
    try:
        wire = Wire.open()
    except Unavailable as error:
        missing(str(error))
    with wire:
        wire.client.call(classics.name_hosts)
        wire.client.call(classics.add_interfaces, Path(ip))
        tcp_states.reach_all(wire, ss, v6=False)
        wire.client.call(tcp_states.listen, "dual", "::", 7070, both=True)
        wire.client.call(tcp_states.connect, "mapped", wire.client.ipv4, 7070)
        wire.client.call(tcp_states.accept, "dual", "mapped here")
        wire.client.call(tcp_states.keep_alive, "mapped")
        wire.client.call(classics.open_sockets, str(tmp_path_factory.mktemp("unix")))
        SHOWN.clear()
        for host in wire.hosts:
            mine = host.call(classics.ours, "netstat", ["-ant"])
            SHOWN.update(line.split()[5] for line in mine.lines[2:] if line)
        yield wire


@pytest.mark.parametrize("line", words(SOCKETS) + words(TABLES))
def test_the_text_is_net_tools(lab: Wire, peer: Callable[[str], Path], line: str) -> None:
    their, mine = lab.client.call(classics.both, peer("netstat"), line.split())
    assert not classics.difference(their, mine)
    assert their.status == mine.status
    assert their.err == mine.err
    assert len(their.lines) > 2


@pytest.mark.usefixtures("lab")
def test_every_state_is_compared() -> None:
    states = "LISTEN ESTABLISHED SYN_SENT FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE_WAIT CLOSING"
    assert set(states.split()) <= SHOWN
    assert SHOWN & {"LAST_ACK", "SYN_RECV"}


@pytest.mark.parametrize("line", ["-ant", "-anto", "-antpe", "-s", "-rn"])
def test_the_other_host_too(lab: Wire, peer: Callable[[str], Path], line: str) -> None:
    their, mine = lab.server.call(classics.both, peer("netstat"), line.split())
    assert not classics.difference(their, mine)


def test_every_sentence_is_the_programs_own(peer: Callable[[str], Path]) -> None:
    """The program prints whatever counters /proc/net has: each is given to it alone."""
    real = peer("netstat")
    lines = []
    for title, known in SENTENCES.items():
        if title.endswith("6"):
            continue
        for count in (12345, 0):
            lines += [f"{title}: {name}\n{title}: {count}\n" for name in [*known, "Unheard"]]
    table = "".join(lines)
    script = "mount -t tmpfs none /proc && mkdir /proc/net && cat > /proc/net/snmp && exec $0 -s"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script, real], input=table, capture_output=True, text=True
    )
    if done.returncode:
        missing(f"no mount namespace of one's own: {done.stderr.strip()}")
    found = []
    for part in lines:
        heads, counts = part.splitlines()
        title, _, name = heads.partition(": ")
        found.append(Section(title, ((name, int(counts.partition(": ")[2])),)))
    assert list(sections(found, ("raw", "tcp", "udp"))) == done.stdout.splitlines()


@pytest.mark.parametrize("line", words(NAMED))
def test_names_in_place_of_numbers(lab: Wire, peer: Callable[[str], Path], line: str) -> None:
    their, mine = lab.client.call(classics.both, peer("netstat"), line.split())
    assert not classics.difference(their, mine)


def test_hostile_names_are_cleaned(wire: Wire, tmp_path: Path) -> None:
    wire.client.call(classics.open_hostile, str(tmp_path))
    sleeper = wire.client.popen(
        ["bash", "-c", f"exec -a $'evil\\e[31m\\n' {sys.executable} -c '"
         "import socket; s = socket.create_server((\"127.0.0.1\", 6060)); print(1, flush=True); "
         "s.accept()'"], stdout=subprocess.PIPE,
    )  # fmt: skip
    assert sleeper.stdout is not None
    sleeper.stdout.readline()
    mine = wire.client.call(classics.ours, "netstat", ["-anp"])
    text = "\n".join(mine.lines)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"evil\x1b[31m" in text
    shown = [line.split()[-1] for line in mine.lines if "/two" in line or "@red" in line]
    assert [name[-4:] for name in shown if name.endswith("/two")] == ["/two"]
    assert r"@red\x1b[31m@\x07" in shown
    wire.client.end(sleeper)


def test_a_program_is_cut_where_net_tools_cuts_it() -> None:
    assert program_name(1234, (b"/usr/sbin/a-rather-long-name", b"x")) == "1234/a-rather-long-"
    assert program_name(7, (b"nginx: master process /usr",)) == "7/nginx: master pro"
    assert program_name(7, ()) == "7/"


@pytest.mark.parametrize("line", ["-antp", "-lxp"])
def test_an_ordinary_user_is_told_what_is_not_seen(peer: Callable[[str], Path], line: str) -> None:
    if os.geteuid():
        their, mine = classics.both(peer("netstat"), line.split())
        assert their.err == mine.err
        return
    pytest.skip("root sees all")


def test_the_records_are_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcome = netstat.run(["-ltn"], sys.stdout, sys.stderr)
        assert isinstance(outcome.records, Sockets)
        assert port in [each.local.port for each in outcome.records]
    assert isinstance(netstat.run(["-i"], sys.stdout, sys.stderr).records, Interfaces)
    assert isinstance(netstat.run(["-rn"], sys.stdout, sys.stderr).records, RouteTable)
    assert isinstance(netstat.run(["-lx"], sys.stdout, sys.stderr).records, UnixSockets)
    assert netstat.run(["-s"], sys.stdout, sys.stderr).records["Tcp"]["ActiveOpens"] >= 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-rs", "netstat -r and -s at once"),
        ("-z", "netstat has no option -z; the nearest is -x"),
        ("-C", "no routing cache since 3.6"),
        ("-M", "conntrack -L"),
        ("-S", "try ss -S"),
        ("5", "netstat takes no '5'; -c repeats each second"),
        ("-A nonsense", "no such family"),
        ("--ipx", "is not supported"),
        ("-s46", "ask for -4 or -6"),
        ("-rx", "UNIX sockets have no routes"),
    ],
)
def test_what_is_refused(line: str, said: str) -> None:
    with pytest.raises(BadArgument, match=re.escape(said)):
        netstat.run(line.split(), io.StringIO(), io.StringIO())


class TestRepeating:
    CODE = (
        "import sys; from netshell.classic import tool; "
        "sys.exit(tool('netstat').run(sys.argv[1:], sys.stdout, sys.stderr).status)"
    )

    def test_in_a_pipe_it_appends(self) -> None:
        child = subprocess.Popen(
            [sys.executable, "-c", self.CODE, "-tnc"], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        heads = 0
        for line in child.stdout:
            assert "\x1b" not in line
            heads += line.startswith("Active Internet")
            if heads == 2:
                break
        child.send_signal(signal.SIGINT)
        assert child.wait(DEADLINE_S) == 130
        child.stdout.close()

    def test_on_a_terminal_it_stays_in_place(self) -> None:
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(sys.executable, [sys.executable, "-c", self.CODE, "-tnc"])
        seen = b""
        deadline = time.monotonic() + DEADLINE_S
        while seen.count(b"\x1b[H") < 2 and time.monotonic() < deadline:
            seen += os.read(terminal, 4096)
        assert seen.startswith(b"\x1b[2J\x1b[H")
        os.write(terminal, b"\x03")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 130
        os.close(terminal)

    def test_what_changed_is_marked(self) -> None:
        text = screenful(["same", "new"], Counter(["same", "old"]), 80, 24)
        assert text == "\x1b[Hsame\x1b[K\r\n\x1b[7mnew\x1b[27m\x1b[K\r\n\x1b[J"
        first = screenful(["same"], None, 80, 24)
        assert "\x1b[7m" not in first

    def test_what_does_not_fit_is_counted(self) -> None:
        text = screenful([f"line {number}" for number in range(50)], None, 6, 10)
        assert text.count("\r\n") == 8
        assert "... 42 more lines" in text
        assert "line 1" not in text


def test_ports_of_udp_lite_have_the_services_of_udp() -> None:
    try:
        name = socket.getservbyport(53, "udp")
    except OSError:
        pytest.skip("no services(5) here")
    assert [Names().port(53, proto) for proto in ("udp", "udplite")] == [name, name]
