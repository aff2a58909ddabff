"""What is taken for a host name, and what is refused with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.errors import BadArgument
from netshell.lookup.names import check_host, check_literal, check_question, to_ascii


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("example.test", "example.test"),
        ("Example.TEST.", "Example.TEST."),
        ("straße.example", "xn--strae-oqa.example"),  # IDNA 2003 would ask for strasse.example
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("_sip._tcp.bücher.example", "_sip._tcp.xn--bcher-kva.example"),
    ],
)
def test_names_become_ascii(typed: str, sent: str) -> None:
    assert to_ascii(typed) == sent


@pytest.mark.parametrize("name", ["\u202eabc.test", "\ud800", "a..ü.\u0301b", "ü" * 64, "😀"])
def test_what_idna_refuses_is_refused(name: str) -> None:
    with pytest.raises(BadArgument) as caught:
        to_ascii(name)
    assert str(caught.value).isprintable()


def test_the_limits_are_those_of_rfc_1035() -> None:
    assert check_host("x" * 63 + ".test")
    assert check_host(".".join(["x" * 61] * 4) + ".test.")  # 252 octets
    with pytest.raises(BadArgument, match="64 octets"):
        check_host("x" * 64)
    with pytest.raises(BadArgument, match="254 octets"):
        check_host(".".join(["x" * 61] * 4) + ".tests9")
    with pytest.raises(BadArgument, match="empty"):
        check_host("a..b")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://me@example.test:8443/x?y#z", "example.test"),
        ("example.test:80", "example.test"),
        ("example.test/", "example.test"),
        ("[::1]:80", "::1"),
        ("[192.0.2.1]", "192.0.2.1"),
    ],
)
def test_an_error_says_what_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(BadArgument) as caught:
        check_host(typed)
    assert caught.value.next_step == f'use "{meant}"'


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("300.1.1.1", "not an IPv4 address '300.1.1.1': 300 is over 255"),
        ("1.2.3.99999999999999", "99999999... is over 255"),
        ("10.0.0.010", "010 begins with 0"),
        ("1.2.3.4.5", "it has 5 numbers, not 4"),
        ("fe80::1::2", "not an IPv6 address 'fe80::1::2': \"::\" may stand in it once only"),
        ("[fe80::1::2]", "once only"),
        (":::", "means nothing"),
        ("1:2:3", 'it has 3 groups and no "::"'),
        ("1:2:3:4:5:6:7:8:9", "it has 9 groups, not 8"),
        ("1:2:3:4::5:6:7:8", "it has 8 groups beside the ::, not 8"),
        ("fe80::12345", "12345 has more than 4 digits"),
        ("::1.2.3.400", "1.2.3.400 is no IPv4 address at its end"),
        ("1:2:3:4:5:6:7:", "7 groups"),
        ("::1%a/b", "the zone after %"),
    ],
)
def test_what_was_meant_as_an_address_is_not_looked_up(typed: str, says: str) -> None:
    for refuse in (check_host, check_question, check_literal):
        with pytest.raises(BadArgument) as caught:
            refuse(typed)
        assert says in str(caught.value)


@pytest.mark.parametrize("name", ["300.example", "127.1", "1.2.3", "host:80", "a::b.test", "10.1."])
def test_names_are_not_taken_for_addresses(name: str) -> None:
    check_literal(name)


def test_questions_may_ask_for_what_hosts_may_not() -> None:
    for name in ("0/25.2.0.192.in-addr.arpa", "*.example.test", "a\\032b.test", "."):
        check_question(name)


@given(st.text(max_size=300))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    for take in (check_host, check_question, to_ascii):
        try:
            sent = take(text)
        except BadArgument as error:
            assert str(error).isprintable()
        else:
            assert sent is None or sent.isascii()
