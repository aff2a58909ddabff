"""dig in the lab: +trace over a hierarchy of its own, and the servers that /etc/resolv.conf names.

Both digs run on the wire's server, where the resolver, the root and all below it are.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import digs
import pytest
from conftest import missing
from hierarchy import hierarchy

from netshell.classic import dig
from netshell.errors import Unavailable
from netshell.lab.wire import Wire
from netshell.lookup.answer import Answer

TRACES = """
www.example.test +nottlid
+trace www.example.test
+trace www.example.test +nodnssec +all
+trace www.example.test +short
+trace nowhere.example.test +short
+trace nowhere.example.test
+trace nowhere.test
+trace example.test mx +noidentify
+trace example.test ns
+trace example.test soa +multiline +qr
+trace txt txt.example.test
+trace .
+trace test ds
+trace www.example.test +tcp
+trace www.example.test txt www.example.test
+trace www.example.test +additional +question +stats +ttlunits
-4 +trace www.example.test
-6 +trace www.example.test +time=1 +tries=1
@127.0.0.10 +trace www.example.test
@127.0.0.12 +trace www.example.test
@127.0.0.1 +trace +time=1 +tries=1 www.example.test
@127.0.0.10 +norecurse www.example.test
@127.0.0.13 www.example.test
@ns.example.test www.example.test
-x 127.0.0.1 +trace
x.lame.test +trace
x.gone.test +trace

. ns
+nocmd
""".strip().split("\n")

AMONG = {
    "all silent": (["silent", "silent"], ""),
    "the first silent": (["silent", "ok"], ""),
    "the first closed": (["closed", "ok"], ""),
    "all closed": (["closed", "closed"], ""),
    "the first fails": (["servfail", "ok"], ""),
    "all fail": (["servfail", "servfail"], ""),
    "the first refuses": (["refused", "ok"], ""),
    "cut": (["cut", "ok"], ""),
    "cut, closed over TCP": (["cut, closed", "ok"], ""),
    "no such name": (["nx"], "search a.test b.test\n"),
    "a domain": (["nx"], "domain a.test\noptions ndots:2\n"),
    "found by search": (["ok"], "search test b.test\n"),
}

MORE = """
x.test
x.test +comments +nofail
x.test +tcp
x.test +tcp +nocomments
x +search
x +showsearch
x.y +showsearch
x.y +showsearch +ndots=2
x. +showsearch
x +domain=d.test
x +nosearch +question
""".strip().split("\n")


@pytest.fixture(scope="module")
def lab(peer: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A wire with the hierarchy on its server."""
    named, _ = peer("named"), peer("dig")
    try:
        wire = Wire.open()
    except Unavailable as error:
        missing(str(error))
    with wire, hierarchy(wire, named, tmp_path_factory.mktemp("hierarchy")):
        for kind in ("A", "AAAA"):  # what the resolver adds is then the same each time
            wire.server.run(["dig", "a.root.test", kind])
        yield wire


def cached(text: str) -> str:
    """Without the TTLs of what the resolver remembers: they fall by the second."""
    told = r"(?m)^(\.\t+|a\.root\.test\.\t+)[\dwdhms]+(\s+IN\s+(?:NS|A|AAAA)\s)"
    return re.sub(told, r"\1*\2", text)


@pytest.mark.parametrize("line", TRACES)
def test_it_prints_what_dig_prints(line: str, lab: Wire, peer: Callable[[str], Path]) -> None:
    theirs, ours = lab.server.call(digs.there, str(peer("dig")), ["-r", *shlex.split(line)])
    assert cached(ours.out).split("\n") == cached(theirs.out).split("\n")
    # Where the way ends there is an error's line for dig's own.
    assert (ours.status, theirs.status) == (-1, 1) or ours.status == theirs.status


PAIRS = [
    (name, line)
    for name, (_, search) in AMONG.items()
    for line in MORE
    if (search or not ("search" in line or "domain" in line))
    and ("silent" not in name or line in MORE[:3:2])  # each costs its timeouts
]


@pytest.mark.parametrize(("name", "line"), PAIRS)
def test_servers_are_asked_in_digs_order(
    name: str, line: str, lab: Wire, peer: Callable[[str], Path]
) -> None:
    kinds, search = AMONG[name]
    if search:
        line += " +noall +answer +question +stats"
    words = [*shlex.split(line), "+time=1", "+tries=2"]
    theirs, ours = lab.server.call(digs.among, str(peer("dig")), kinds, search, ["-r", *words])
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status


def walked(words: list[str]) -> object:
    import io

    return dig.run(words, io.StringIO(), io.StringIO()).records


def test_the_way_stays_with_the_answer(lab: Wire) -> None:
    answer = lab.server.call(walked, ["+trace", "www.example.test"])
    assert isinstance(answer, Answer)
    assert answer.addresses == ("192.0.2.80",)
    assert [step.server.address for step in answer.path] == [
        lab.server.ipv4, "127.0.0.10", "127.0.0.11", "127.0.0.12",
    ]  # fmt: skip
    assert [step.server_name for step in answer.path][1:] == [
        "a.root.test", "ns.nic.test", "ns.example.test",
    ]  # fmt: skip
