"""What an answer says of itself, from data alone."""

from __future__ import annotations

from datetime import datetime

import dns.rcode
import dns.rdatatype
import pytest

from netshell.flow.key import Endpoint
from netshell.lookup.answer import SECOND, Answer, Answers, DnsRecords, Edns, Question, Record
from netshell.lookup.rdtypes import NOT_ASKED, RDTYPES
from netshell.lookup.status import NEXT_STEP, STATUS
from netshell.view import draw

NOW = 1_700_000_000 * SECOND


def test_a_record_alone() -> None:
    shown = draw(record("a.test. 60 A 192.0.2.1").view()).splitlines()
    assert shown[1].split() == ["name", "a.test."]
    assert shown[3].split() == ["data", "192.0.2.1"]
    assert shown[4].startswith("ttl    60 s, until ")


def record(line: str) -> Record:
    name, ttl, rdtype, data = line.split(None, 3)
    return Record(name, int(ttl), "IN", rdtype, data, NOW + int(ttl) * SECOND)


def answer(
    *answers: str, authority: tuple[str, ...] = (), status: str = "NOERROR", flags: str = "qr rd ra"
) -> Answer:
    return Answer(
        status=status,
        flags=tuple(flags.split()),
        question=Question("a.test.", "A"),
        answers=tuple(map(record, answers)),
        authority=tuple(map(record, authority)),
        additional=(),
        server=Endpoint("192.0.2.53", 53),
        protocol="udp",
        time_ms=1.25,
        size=99,
        id=7,
        received_ns=NOW,
    )


SOA = "test. 900 SOA ns.test. admin.test. 1 7200 900 1209600 300"


def test_it_is_a_sequence_of_its_answers() -> None:
    given = answer("a.test. 60 A 192.0.2.1", "a.test. 60 A 192.0.2.2")
    assert len(given) == 2
    assert [r.data for r in given] == ["192.0.2.1", "192.0.2.2"] == list(given.addresses)
    assert given[-1].data == "192.0.2.2"
    assert isinstance(given[:1], DnsRecords)
    assert given == answer("a.test. 60 A 192.0.2.1", "a.test. 60 A 192.0.2.2")
    assert not answer()
    with pytest.raises(AttributeError):
        given.status = "x"  # type: ignore[misc]


def test_records_expire_by_the_local_clock() -> None:
    given = record("a.test. 60 A 192.0.2.1")
    assert given.expires == datetime.fromtimestamp(1_700_000_060).astimezone()
    assert given.expires.strftime("%H:%M:%S") in str(answer("a.test. 60 A 192.0.2.1"))
    far = answer("a.test. 604800 A 192.0.2.1")
    assert far[0].expires.strftime("%Y-%m-%d %H:%M") in str(far)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(authority=(SOA,)), "NODATA: a.test. exists, but has no A record."),
        (answer(), "NODATA"),
        (answer("a.test. 9 CNAME b.test.", authority=(SOA,)), "NODATA: b.test. exists"),
        (answer("a.test. 9 CNAME b.test.", flags="qr aa"), "does not look up; ask for that"),
        (answer("a.test. 9 CNAME B.test.", "b.test. 9 CNAME A.test."), "in a circle"),
        (answer("a.test. 9 CNAME a.test."), "in a circle"),
        (answer(authority=("test. 9 NS ns.test.",), flags="qr"), "A referral"),
        (answer(status="NXDOMAIN"), "NXDOMAIN: a.test. does not exist"),
        (answer("a.test. 9 CNAME b.c.test.", status="NXDOMAIN"), "NXDOMAIN: b.c.test. does not"),
        (answer(status="SERVFAIL"), "ask again with cd=True"),
        (answer(status="REFUSED"), "does not want to answer"),
        (answer(status="BADTRUNC"), "BADTRUNC: the server reports an error."),
    ],
)
def test_it_says_why_there_is_nothing(given: Answer, said: str) -> None:
    assert said in str(given)
    assert sum(word in str(given) for word in ("NODATA", "circle", "A referral", "ask for th")) <= 1


def test_servfail_with_validation_off_does_not_advise_it_again() -> None:
    assert "cd=True" not in str(answer(status="SERVFAIL", flags="qr rd ra cd"))


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (answer(authority=(SOA,)), 300),
        (answer(authority=(SOA.replace("900 SOA", "60 SOA"),), status="NXDOMAIN"), 60),
        (answer(status="NXDOMAIN"), None),
        (answer("a.test. 60 A 192.0.2.1", authority=(SOA,)), None),
        (answer(authority=(r"test. 9 SOA \# 4 01020304",)), 9),
        (answer(authority=(r"test. 9 SOA \# 1 0a",)), None),
    ],
)
def test_how_long_none_may_be_remembered(given: Answer, seconds: int | None) -> None:
    assert given.negative_ttl == seconds


def test_hostile_text_stays_text() -> None:
    given = answer("e\x1b[2Jvil. 60 TXT \u202e\x07")
    given = Answer(
        **{name: getattr(given, name) for name in given.__slots__}
        | {
            "edns": Edns(0, (), 512, ("EDE 6: \x1b[31m",)),
            "remarks": ("\x9b31m",),
            "server_name": "\u202e",
        }
    )
    for text in (str(given), draw(given.view(), 40)):
        assert text.replace("\n", "").isprintable()


def test_it_fits_a_narrow_screen() -> None:
    for width in (20, 40, 80):
        draw(answer("a.test. 60 A 192.0.2.1", authority=(SOA,)).view(), width)


def test_answers_show_one_after_the_other() -> None:
    both = Answers([answer("a.test. 60 A 192.0.2.1"), answer("a.test. 60 A 192.0.2.1")])
    assert both.addresses == ("192.0.2.1",)
    assert str(both).count("NOERROR from 192.0.2.53:53") == 2


def test_types_and_codes_are_real() -> None:
    for name in [*RDTYPES, *NOT_ASKED]:
        dns.rdatatype.from_text(name)
    assert not RDTYPES.keys() & NOT_ASKED.keys()
    for name in [*STATUS, *NEXT_STEP]:
        dns.rcode.from_text(name)
