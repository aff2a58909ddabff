"""nslookup's text is that of BIND's, over a real BIND: every record type, every way to fail."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import classics
import pytest
import zones
from bind import Bed
from conftest import missing

from netshell.classic import nslookup
from netshell.errors import BadArgument, NetshellError, NotFound
from netshell.lookup.answer import Answer, Answers

LINES = """
example.test
-type=mx example.test
-type=soa example.test
-type=any example.test
-type=ns lame.example.test
-type=axfr example.test
-q=mx example.test
-QUERYTYPE=ns example.test
-REC -Type=MX example.test
nowhere.example.test
www.example.test
broken.example.test
outside.example.test
lame.example.test
closed.test
x.unloaded.test
-fail x.unloaded.test
192.0.2.80
192.0.2.81
2001:db8::1
-type=any 192.0.2.80
-debug 192.0.2.80
-debug www.example.test
-debug nope.example.test
-deb -type=soa example.test
-type=aaaa a.example.test
-type=aaaa aaaa.example.test
-debug -type=aaaa aaaa.example.test
-type=a mx.example.test
mx.example.test
mx.example.test.
a.example.test.
-type=aaaa a.example.test.
-type=txt txt.example.test
-type=txt big.example.test
-vc a.example.test
-norecurse -type=ns lame.example.test
-nosearch a
-domain=example.test a
-domain=example.test nowhere
-debug -domain=example.test a
-debug -domain=example.test nope
-ndots=5 -domain=example.test a.example.test
-class=ch -type=txt version.bind
-type=dnskey signed.test
-type=rrsig signed.test
-debug www.signed.test
child.signed.test
-type=dname x.dname.example.test
x.dname.example.test
-type=foo a.example.test
-type=65280 a.example.test
-type=TYPE1 a.example.test
-class=foo a.example.test
-timeout=x a.example.test
-retry=99999999999 a.example.test
-sil a.example.test
a..b
.
"""

TYPES = sorted(set(re.findall(r"^(?!\$)(\S+)\s.*?\bIN ([A-Z0-9-]+)\s", zones.EVERY, re.MULTILINE)))


def same(words: list[str], peer: Callable[[str], Path]) -> classics.Printed:
    for _ in range(4):  # one of them may have waited in vain: what is wrong differs each time
        their = classics.theirs(peer("nslookup"), words)
        mine = classics.ours("nslookup", words)
        if their.lines == mine.lines:
            break
    assert not classics.difference(their, mine)
    assert their.status == mine.status
    return mine


@pytest.mark.parametrize("line", LINES.split("\n")[1:-1])
def test_the_text_is_binds(bed: Bed, peer: Callable[[str], Path], line: str) -> None:
    same([f"-port={bed.port}", *line.split(), bed.address], peer)


@pytest.mark.parametrize(("name", "rdtype"), TYPES)
def test_every_type(bed: Bed, peer: Callable[[str], Path], name: str, rdtype: str) -> None:
    owner = "example.test" if name == "@" else f"{name}.example.test"
    same([f"-port={bed.port}", "-debug", f"-type={rdtype}", owner, bed.address], peer)


@pytest.mark.parametrize(
    "line",
    [
        "-port={closed} a.example.test 127.0.0.1",
        "-vc -port={closed} a.example.test 127.0.0.1",
        "-timeout=1 -retry=1 -port={silent} a.example.test 127.0.0.1",
        "-vc -timeout=1 -retry=1 -port={silent} a.example.test 127.0.0.1",
        "-port={port} a.example.test localhost",
        "-po={port} a.example.test 127.0.0.1",
    ],
)
def test_servers_that_fail(bed: Bed, peer: Callable[[str], Path], line: str) -> None:
    words = line.format(port=bed.port, closed=bed.closed, silent=bed.silent).split()
    same(words, peer)


SEARCHED = (
    "a|nowhere|a.example.test|-debug nope|x.unloaded.test|closed.test|192.0.2.80|a.b|-vc a"
    "|-norecurse a.example.test|-nosearch a|-type=txt big.example.test"
)
RUN = (
    "import sys; from netshell.classic import tool; "
    "sys.exit(tool('nslookup').run(sys.argv[1:], sys.stdout, sys.stderr).status)"
)


@pytest.mark.parametrize(
    "conf", ["nameserver 127.0.0.1\nsearch example.test signed.test", "{both}"], ids=["one", "two"]
)
@pytest.mark.parametrize("line", SEARCHED.split("|"))
def test_the_systems_servers(
    bed: Bed, peer: Callable[[str], Path], tmp_path: Path, conf: str, line: str
) -> None:
    """They are searched for, and passed over where they do not ask others."""
    if conf == "{both}" and not bed.ipv6:
        pytest.skip("no IPv6 here")
    text = conf.format(both="nameserver 127.0.0.1\nnameserver ::1")
    (tmp_path / "resolv.conf").write_text(f"{text}\n")
    script = f'mount --bind {tmp_path}/resolv.conf /etc/resolv.conf && exec "$@"'
    inside = ["unshare", "-Urm", "sh", "-c", script, "sh"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        missing("no mount namespace of one's own")
    words = [f"-port={bed.port}", *line.split()]
    found = [
        subprocess.run([*inside, *program, *words], capture_output=True, text=True, timeout=60)
        for program in ([peer("nslookup")], [sys.executable, "-c", RUN])
    ]
    assert found[1].stdout.splitlines() == found[0].stdout.splitlines()
    assert found[1].returncode == found[0].returncode


def test_what_is_no_name_has_dig_s_status(bed: Bed) -> None:
    mine = classics.ours("nslookup", [f"-port={bed.port}", "a..b", bed.address])
    assert (mine.status, mine.err) == (10, "nslookup: 'a..b' is not a legal name (empty label)\n")


def test_the_records_are_answers(bed: Bed) -> None:
    out = io.StringIO()
    port = f"-port={bed.port}"
    both = nslookup.run([port, "example.test", bed.address], out, out).records
    assert isinstance(both, Answers)
    assert [each.question.rdtype for each in both] == ["A", "AAAA"]
    one = nslookup.run([port, "-type=mx", "example.test", bed.address], out, out).records
    assert isinstance(one, Answer)
    assert [each.rdtype for each in one.answers] == ["MX", "MX"]


def test_hostile_text_is_escaped(bed: Bed) -> None:
    words = [f"-port={bed.port}", "-type=txt", "txt.example.test", bed.address]
    text = "\n".join(classics.ours("nslookup", words).lines)
    assert "\x1b" not in text
    assert r"\027[31mred" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "not interactive here; give the name"),
        ("- 127.0.0.1", "not interactive here; give the name"),
        ("-foo a", "nslookup has no option -foo; the nearest is"),
        ("-bogus=1 a", "nslookup has no option -bogus=1"),
        ("-type a", "nslookup -type needs a value"),
        ("-d2 a", "nslookup -d2 is not supported"),
        ("-all a", "nslookup -all is not supported"),
        ("a b c", "nslookup takes a name and a server, not 'c' too"),
    ],
)
def test_what_is_refused(line: str, said: str) -> None:
    with pytest.raises(BadArgument, match=re.escape(said)):
        nslookup.run(line.split(), io.StringIO(), io.StringIO())


def test_a_server_without_address() -> None:
    with pytest.raises(NetshellError) as error:
        nslookup.run(["a.example.test", "no-such-server.invalid"], io.StringIO(), io.StringIO())
    assert isinstance(error.value, NotFound) or "cannot look up" in str(error.value)


def test_the_version() -> None:
    err = io.StringIO()
    assert nslookup.run(["-version"], io.StringIO(), err).status == 0
    assert err.getvalue().startswith("nslookup 9.18")
