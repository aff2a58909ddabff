"""dig's text is that of BIND's dig, over a real BIND: every option, every record type."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import digs
import dns.query
import pytest
import zones
from bind import Bed

from netshell.classic import dig
from netshell.classic.digging.table import OPTIONS, named
from netshell.errors import BadArgument, NetshellError
from netshell.lookup.answer import Answer, Answers

WORDS = [
    line
    for line in Path(__file__).with_name("dig.words").read_text("ascii").splitlines()
    if not line.startswith("#")
]

TYPES = sorted(set(re.findall(r"^(?!\$)(\S+)\s.*?\bIN ([A-Z0-9-]+)\s", zones.EVERY, re.MULTILINE)))
"""Name and type of every record of the zone."""

LAYOUTS = (
    "",
    "+multiline",
    "+noall +answer +nocrypto +rrcomments +ttlunits",
    "+short +split=16",
    "+nosplit +multiline",
    "+unknownformat +multiline +nottlid",
    "+noclass +multiline +norrcomments",
    "+nottlid +noclass",
    "+nottlid +split=4",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's ~/.digrc counts here."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def words_of(line: str, bed: Bed) -> list[str]:
    words = shlex.split(line.format(**bed._asdict()))
    if "{" in line:
        return words
    return [f"@{bed.address}", "-p", str(bed.port), *words]


def same(words: list[str], peer: Callable[[str], Path], home: Path) -> digs.Printed:
    """Ours, compared with theirs: text, and status where ours is no refusal."""
    theirs, ours = digs.both(peer("dig"), words, home)
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status
    return ours


@pytest.mark.parametrize("line", WORDS)
def test_it_prints_what_dig_prints(
    line: str, bed: Bed, peer: Callable[[str], Path], home: Path
) -> None:
    if "::1" in line.split()[:2] and not bed.ipv6:
        pytest.skip("no IPv6 on loopback")
    same(words_of(line, bed), peer, home)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_record_type_in_every_layout(
    layout: str, bed: Bed, peer: Callable[[str], Path], home: Path
) -> None:
    assert len(TYPES) >= 90
    for at in range(0, len(TYPES), 15):  # dig's banner has room for no more
        words = [f"@{bed.address}", "-p", str(bed.port), *layout.split()]
        for owner, kind in TYPES[at : at + 15]:
            name = "example.test" if owner == "@" else f"{owner}.example.test"
            words += ["-q", name, "-t", kind]
        same(words, peer, home)


# --- the command line -----------------------------------------------------------------------


def refused(*words: str) -> str:
    with pytest.raises(NetshellError) as caught:
        dig.run(list(words), io.StringIO(), io.StringIO())
    return str(caught.value)


def test_an_unknown_option_is_named_with_the_nearest() -> None:
    assert "dig has no option +shrot; the nearest is +short" in refused("+shrot", "a")
    assert "dig has no option -Z" in refused("-Z", "a")
    assert "dig has no option +t;" in refused("+t", "a")  # several begin so
    assert "dig has no option +nobufsize" in refused("+nobufsize", "a")


@pytest.mark.parametrize(
    "option", [o for o in OPTIONS if o.refused], ids=lambda option: option.names[0]
)
def test_what_is_not_here_is_refused_with_its_reason(option: object) -> None:
    from netshell.classic.options import Option

    assert isinstance(option, Option)
    for name in option.names:
        assert option.refused in refused(name, "a")


@pytest.mark.parametrize(
    "words",
    [
        "+bufsize=70000 a",
        "+bufsize=x a",
        "+time=-1 a",
        "+edns=256 a",
        "+ednsflags=0x12345 a",
        "+ednsopt=65001:0 a",
        "+ednsopt=nosuch a",
        "+subnet=300.1.1.1/24 a",
        "+subnet=192.0.2.0/33 a",
        "+subnet=::/129 a",
        "+subnet a",
        "+cookie=xyz a",
        "+opcode=nosuch a",
        "+padding=513 a",
        "-p 70000 a",
        "-p",
        "-b nowhere a",
        "-b 127.0.0.1#x a",
        "-x 1:2:::3",
        "@ a",
        "a ixfr=x",
        "-4 -6 a",
    ],
)
def test_wrong_values_are_refused_in_one_line(words: str) -> None:
    with pytest.raises(BadArgument) as caught:
        dig.run(words.split(), io.StringIO(), io.StringIO())
    assert "\n" not in str(caught.value)


def test_abbreviations_are_those_that_are_unique() -> None:
    assert named("nostat") is not None and named("nostat")[:2] == ("stats", False)  # type: ignore[index]
    for short, whole in [("ad", "adflag"), ("add", "additional"), ("cl", "class"), ("i", "ignore"),
                         ("do", "dnssec"), ("ttl", "ttlid"), ("vc", "tcp"), ("rdflag", "recurse"),
                         ("edns", "edns"), ("ti", "timeout"), ("tls", "tls"), ("fa", "fail"),
                         ("co", "coflag"), ("retries", "retry")]:  # fmt: skip
        found = named(short)
        assert found is not None and found[0] == whole, short
    for several in ("a", "t", "s", "no", "", "tc", "e", "sh", "f"):
        assert named(several) is None, several


@pytest.mark.parametrize("word", ["+t", "+a", "+ad", "+i", "+f", "+ti=1", "+tri=1", "+do", "+cl",
                                  "+co", "+rd", "+rec", "+sta", "+nost", "+mu", "+ons", "+ttl",
                                  "+q", "+qu", "+qr", "+w", "+nos"])  # fmt: skip
def test_abbreviations_are_taken_where_dig_takes_them(
    word: str, bed: Bed, peer: Callable[[str], Path], home: Path
) -> None:
    words = [f"@{bed.address}", "-p", str(bed.port), "a.example.test", word]
    theirs, ours = digs.both(peer("dig"), words, home)
    assert (ours.status == -1) == (theirs.status == 1)
    assert ours.lines == theirs.lines


def test_a_name_that_is_none_has_digs_status(bed: Bed) -> None:
    printed = digs.ours([f"@{bed.address}", "-p", str(bed.port), "a..b", "a.example.test"])
    assert printed.status == 10
    assert printed.err == "dig: 'a..b' is not a legal name (empty label)\n"
    assert printed.out == ""


def test_a_batch_file(bed: Bed, peer: Callable[[str], Path], home: Path) -> None:
    batch = home / "batch"
    batch.write_text("a.example.test +noall +answer\n; no line\n\nmx example.test +multiline\n")
    same([f"@{bed.address}", "-p", str(bed.port), "-f", str(batch)], peer, home)
    same([f"@{bed.address}", "-p", str(bed.port), "+short", "-f", str(batch)], peer, home)
    printed = same(["-f", str(home / "nosuch")], peer, home)
    assert printed.status == 8


def test_digrc(bed: Bed, peer: Callable[[str], Path], home: Path) -> None:
    (home / ".digrc").write_text("+noall +answer\n+multiline -t mx\n")
    line = [f"@{bed.address}", "-p", str(bed.port), "example.test"]
    assert len(same(line, peer, home).lines) < 8
    assert len(same(["-r", *line], peer, home).lines) > 12
    same([*line, "-r", "a"], peer, home)


def test_help_and_version() -> None:
    out, err = io.StringIO(), io.StringIO()
    dig.run(["-v"], out, err)
    assert err.getvalue() == f"DiG {dig.VERSION}\n"
    dig.run(["-h"], out, err)
    assert "+short, +noshort" in out.getvalue()
    assert "not supported:" in out.getvalue()


def test_https_says_what_is_missing(bed: Bed) -> None:
    if dns.query.have_doh:
        pytest.skip("it is not missing")
    said = refused(f"@{bed.address}", "-p", str(bed.port), "+https", "a.example.test")
    assert "pip install 'dnspython[doh]'" in said


@pytest.mark.parametrize("words", ["a.example.test", "example.test +https-get mx", "nosuch.test"])
def test_https(words: str, bed: Bed, peer: Callable[[str], Path], home: Path) -> None:
    if not dns.query.have_doh:
        pytest.skip("dnspython has nothing to speak HTTP with (the crypto extra)")
    line = [f"@{bed.address}", "-p", str(bed.https), "+https", *words.split()]
    theirs, ours = digs.both(peer("dig"), line, home)
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status == 0


def test_a_certificate_that_nobody_vouches_for(
    bed: Bed, peer: Callable[[str], Path], home: Path
) -> None:
    words = ["@127.0.0.1", "-p", str(bed.tls), "+tls", "+tls-ca", "a.example.test"]
    theirs, ours = digs.both(peer("dig"), words, home)
    assert ours.lines == theirs.lines
    assert ours.status == 9  # dig's is 0, though no server answered: knowingly not ours


def test_files_of_tls_that_are_none(bed: Bed, home: Path) -> None:
    server = ["@127.0.0.1", "-p", str(bed.tls), "+tls", "a.example.test"]
    assert "cannot use for TLS" in refused(*server, f"+tls-ca={home}/nosuch")
    pair = [f"+tls-certfile={home}/nosuch", f"+tls-keyfile={home}/nosuch"]
    assert "No such file" in refused(*server, *pair)
    assert "go together" in refused(*server, pair[0])


def test_words_with_escapes_do_not_reach_the_terminal(bed: Bed) -> None:
    words = [f"@{bed.address}", "-p", str(bed.port), "a.example.test", "%[31m"]
    printed = digs.ours(words)
    assert "" not in printed.out
    assert "a.example.test" in printed.out


# --- what it leaves -------------------------------------------------------------------------


def run(bed: Bed, *words: str) -> object:
    line = [f"@{bed.address}", "-p", str(bed.port), *words]
    return dig.run(line, io.StringIO(), io.StringIO()).records


def test_the_records_stay(bed: Bed) -> None:
    answer = run(bed, "www.example.test")
    assert isinstance(answer, Answer)
    assert answer.addresses == ("192.0.2.80",)
    assert (answer.server, answer.protocol) == ((bed.address, bed.port), "udp")
    several = run(bed, "a.example.test", "mx", "example.test", "aaaa")
    assert isinstance(several, Answers)
    assert [each.question.rdtype for each in several] == ["MX", "AAAA"]
    assert run(bed, "a.example.test", "+short").short  # type: ignore[attr-defined]
    assert run(bed, "nowhere.example.test").status == "NXDOMAIN"  # type: ignore[attr-defined]


def test_a_zone_transfers_records_stay(bed: Bed) -> None:
    answer = run(bed, "example.test", "axfr")
    assert isinstance(answer, Answer)
    assert len(answer) == zones.EVERY.count(" IN ") + zones.BIG.count(" IN ") + 1


def test_no_server_leaves_no_records(bed: Bed) -> None:
    line = [f"@{bed.address}", "-p", str(bed.closed), "a.example.test"]
    outcome = dig.run(line, io.StringIO(), io.StringIO())
    assert outcome.status == 9
    assert list(outcome.records) == []
