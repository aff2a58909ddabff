"""Replies that no sane server sends: the text is that of BIND's dig, and never a traceback."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import digs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nameservers import Reply, Responder, framed

from netshell.classic import dig
from netshell.classic.digging.edns import opt_lines
from netshell.classic.digging.message import Parts, message_text, settle
from netshell.classic.digging.style import Style
from netshell.lookup.wire import Malformed, read

ID = 4242
ADDRESS = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1])


def record(rdtype: int, data: bytes, rdclass: int = 1, ttl: int = 60) -> bytes:
    return b"\xc0\x0c" + struct.pack("!HHIH", rdtype, rdclass, ttl, len(data)) + data


def opt(*options: tuple[int, bytes], ttl: int = 0, size: int = 1232) -> bytes:
    data = b"".join(struct.pack("!HH", code, len(text)) + text for code, text in options)
    return b"\0" + struct.pack("!HHIH", 41, size, ttl, len(data)) + data


def reply(
    body: bytes = b"",
    counts: tuple[int, int, int] = (0, 0, 0),
    flags: int = 0x8400,
    question: bytes | None = None,
    asked: int = 1,
    off: int = 0,
) -> Reply:
    """A reply with this body; ``off`` is how far its id is from the question's."""

    def send(query: bytes) -> bytes:
        end = 12
        while query[end]:
            end += 1 + query[end]
        own = query[12 : end + 5] if question is None else question
        id_ = int.from_bytes(query[:2], "big") + off & 0xFFFF
        bits = flags | (query[2] & 1) << 8
        return struct.pack("!6H", id_, bits, asked, *counts) + own + body

    return send


def answer(rdtype: int, data: bytes, rdclass: int = 1, ttl: int = 60) -> Reply:
    return reply(record(rdtype, data, rdclass, ttl), (1, 0, 0))


def extra(*options: tuple[int, bytes], ttl: int = 0) -> Reply:
    return reply(opt(*options, ttl=ttl), (0, 0, 1))


Y = b"\1y\4test\0\0\1\0\1"
X = b"\1x\4test\0\0\1\0\1"

MESSAGES: dict[str, Reply] = {
    "short": lambda query: b"abc",
    "header only": lambda query: query[:2] + bytes([0x84, 0]) + bytes(8),
    "no question": reply(question=b"", asked=0),
    "other question": reply(question=Y),
    "other class": reply(question=b"\1x\4test\0\0\1\0\3"),
    "other case": reply(ADDRESS, (1, 0, 0), question=b"\1X\4TeSt\0\0\1\0\1"),
    "two questions": reply(question=X + Y, asked=2),
    "wrong id": reply(off=1),
    "wrong id, then right": lambda query: [
        reply(off=1)(query), reply(ADDRESS, (1, 0, 0))(query)],  # type: ignore[list-item]
    "no reply": reply(flags=0),
    "opcode": reply(flags=0x8400 | 4 << 11),
    "one byte too many": reply(ADDRESS + b"x", (1, 0, 0)),
    "bytes too many": reply(ADDRESS + b"xyz", (1, 0, 0)),
    "cut": reply(ADDRESS[:-2], (1, 0, 0)),
    "cut in the header of a record": reply(ADDRESS[:5], (1, 0, 0)),
    "fewer than announced": reply(ADDRESS, (2, 0, 0)),
    "good, then bad": reply(ADDRESS + record(1, b"abc"), (2, 0, 0)),
    "bad, then good": reply(record(1, b"abcde") + ADDRESS, (2, 0, 0)),
    "bad in another section": reply(ADDRESS + record(1, b"abc"), (1, 0, 1)),
    "pointer to itself": reply(b"\xc0\x18" + ADDRESS[2:], (1, 0, 0)),
    "pointer into a loop": reply(b"\1a\xc0\x18" + ADDRESS[2:], (1, 0, 0)),
    "pointer forwards": reply(b"\xc0\x40" + ADDRESS[2:], (1, 0, 0)),
    "label of no kind": reply(b"\x80\0" + ADDRESS[2:], (1, 0, 0)),
    "name too long": reply((b"\x3f" + b"a" * 63) * 4 + b"\0" + ADDRESS[2:], (1, 0, 0)),
    "names with escapes": reply(b"\x06\x1b[31m\0\0" + ADDRESS[2:], (1, 0, 0)),
    "names with signs": reply(b"\x08@$ab\"'.;\0" + ADDRESS[2:], (1, 0, 0)),
    "formerr": reply(flags=0x8001),
    "notimp": reply(flags=0x8004),
    "servfail": reply(flags=0x8002),
    "refused": reply(flags=0x8005),
    "rcode 11": reply(flags=0x800B),
    "unused flag": reply(flags=0x8440),
    "class": answer(1, b"abcd", rdclass=3),
    "class of no name": answer(1, b"abcd", rdclass=77),
    "class any": answer(1, b"abcd", rdclass=255),
    "ttl": answer(1, b"abcd", ttl=0xFFFFFFFF),
    "opt among answers": reply(opt(), (1, 0, 0)),
    "two opt": reply(opt() + opt(), (0, 0, 2)),
    "opt with a name": reply(b"\1a" + opt(), (0, 0, 1)),
    "tsig": reply(b"\0" + struct.pack("!HHIH", 250, 255, 0, 0), (0, 0, 1)),
    "badvers": extra(ttl=1 << 24),
    "rcode 32": extra(ttl=2 << 24),
    "opt flags": extra(ttl=0xC001 | 3 << 16),
}  # fmt: skip

DATA: dict[str, tuple[int, bytes]] = {
    "a short": (1, b"abc"), "a long": (1, b"abcde"), "a none": (1, b""),
    "soa short": (6, b"\0\0abc"), "soa long": (6, b"\0\0" + bytes(21)),
    "mx short": (15, b"\0"), "ptr to nowhere": (12, b"\xc0\xff"), "ptr beyond": (12, b"\5abc"),
    "ptr too long": (12, (b"\x3f" + b"a" * 63) * 4 + b"\0"), "txt cut": (16, b"\5abc"),
    "txt none": (16, b""), "txt escapes": (16, b"\4\x1b[31"), "hinfo half": (13, b"\1a"),
    "null": (10, b"abc"), "null none": (10, b""), "any": (255, b""), "opt": (41, b""),
    "apl family": (42, bytes([0, 9, 1, 1, 1])), "apl bits": (42, bytes([0, 1, 40, 1, 1])),
    "loc numbers": (29, bytes([0, 0xAA, 0, 0]) + bytes(12)),
    "loc version": (29, bytes([1, 0xAA, 0, 0]) + bytes(12)),
    "loc far": (29, bytes([0, 0x12, 0x12, 0x12]) + b"\xff" * 12),
    "nsec window": (47, bytes([0, 0, 0])), "nsec long": (47, bytes([0, 0, 40]) + bytes(40)),
    "caa cut": (257, bytes([0, 5]) + b"ab"), "caa no tag": (257, bytes([0, 0]) + b"ab"),
    "svcb twice": (64, bytes([0, 1, 0, 0, 3, 0, 2, 1, 1, 0, 3, 0, 2, 1, 1])),
    "svcb no alpn": (64, bytes([0, 1, 0, 0, 1, 0, 0])),
    "svcb cut": (64, bytes([0, 1, 0, 0, 3, 0, 9, 1, 1])),
    "svcb signs": (64, bytes([0, 1, 0, 0, 1, 0, 8, 7]) + b'a,b\\"\x1bc'),
    "key none": (48, bytes([1, 0, 3, 8])), "key nothing": (25, bytes([0xC0, 0, 3, 8])),
    "rrsig none": (46, bytes(18) + b"\0"),
    "rrsig times": (46, bytes([0, 1, 8, 2, 0, 0, 0, 60]) + b"\xff" * 4 + b"\x80\0\0\0\1\2\0sig"),
    "ds none": (43, bytes([1, 2, 8, 1])), "ds short": (43, bytes([1, 2, 8, 1]) + b"abcd"),
    "ds unknown": (43, bytes([1, 2, 8, 9]) + b"abcd"), "sshfp none": (44, bytes([1, 2])),
    "hip none": (55, bytes([0, 2, 0, 0])), "nsap none": (22, b""),
    "wks none": (11, bytes([1, 2, 3, 4, 6])), "gpos letters": (27, b"\1a\1b\1c"),
    "eui short": (108, b"abc"), "uri none": (256, bytes(4)), "doa none": (259, bytes(9) + b"\1a"),
    "amtrelay kind": (260, bytes([1, 9, 1, 2])), "amtrelay none": (260, bytes([1, 9])),
    "nsec3 short": (50, bytes([1, 1, 0, 1, 2, 0xAB, 0xCD, 3, 1, 2, 3])),
    "nsec3 none": (50, bytes([1, 1, 0, 1, 0, 0, 0, 1, 0x40])), "x25 letters": (19, b"\1a"),
    "zonemd short": (63, bytes([0, 0, 0, 1, 1, 1]) + b"abc"), "a6 prefix": (38, b"\x81"),
    "a6 name": (38, b"\x80\0"), "atma": (34, b"\0abc"), "tlsa none": (52, b"abc"),
    "cert none": (37, b"abcde"), "csync none": (62, bytes(6)), "dhcid none": (49, b""),
    "openpgpkey none": (61, b""), "eid none": (31, b""), "ipseckey none": (45, bytes([1, 0, 0])),
    "sink none": (40, bytes([1, 0, 0])), "isdn three": (20, b"\1a\1b\1c"), "rp half": (17, b"\0"),
    "keydata": (65533, bytes(20)), "talink": (58, b"\0\xc0\x0c"), "tkey": (249, b"\0" + bytes(16)),
    "srv compressed": (33, bytes(6) + b"\xc0\x0c"), "px": (26, b"\0\1\xc0\x0c\xc0\x0c"),
    "sig": (24, bytes([0, 1, 8, 2, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2]) + b"\xc0\x0csig"),
    "naptr pattern": (35, bytes([0, 1, 0, 1, 1, 0x73, 0, 3, 0x61, 0x62, 0x63, 0])),
}  # fmt: skip

OPTIONS: dict[str, tuple[int, bytes]] = {
    "llq": (1, bytes(18)), "llq short": (1, b"abc"), "update lease": (2, bytes([0, 0, 14, 16])),
    "nsid": (3, b'ab\0"\\\xff\x1b[31m'), "nsid none": (3, b""), "dau": (5, bytes([8, 13])),
    "subnet 4": (8, bytes([0, 1, 24, 0, 192, 0, 2])),
    "subnet 6": (8, bytes([0, 2, 56, 48, 0x20, 1, 0xD, 0xB8, 1, 2, 3])),
    "subnet none": (8, bytes(4)), "subnet family": (8, bytes([0, 3, 24, 0, 1, 2, 3])),
    "subnet short": (8, bytes([0, 1, 24, 0, 192, 0])),
    "subnet bits": (8, bytes([0, 1, 23, 0, 192, 0, 3])), "expire": (9, bytes([0, 0, 14, 16])),
    "expire none": (9, b""), "expire short": (9, b"abc"), "cookie echoed": (10, b"12345678"),
    "cookie bad": (10, b"1234567812345678"), "cookie short": (10, b"1234"),
    "keepalive": (11, bytes([0, 100])), "keepalive none": (11, b""), "keepalive odd": (11, b"abc"),
    "padding": (12, bytes(200)), "padding none": (12, b""), "chain": (13, b"\3abc\0"),
    "key tags": (14, bytes([0, 1, 255, 2])), "key tags odd": (14, b"abc"),
    "error": (15, bytes([0, 15])), "error unknown": (15, bytes([0, 99]) + b"x"),
    "error short": (15, b"a"), "error zero": (15, bytes([0, 3]) + b"e\0"),
    "error text": (15, bytes([0, 15]) + b'because\n\x1b"\\\xc3\xa9'),
    "client tag": (16, bytes([0, 5])), "client tag odd": (16, b"abc"),
    "server tag": (17, bytes([0, 5])), "report channel": (18, b"\3abc\0"),
    "unknown": (65001, bytes([1, 2, 0x41, 0x1B, 0xFF])), "unknown none": (65001, b""),
}  # fmt: skip

REPLIES = {
    **MESSAGES,
    **{f"data: {name}": answer(*given) for name, given in DATA.items()},
    **{f"option: {name}": extra(given) for name, given in OPTIONS.items()},
}

UNLIKE = {
    "data: svcb twice", "data: svcb no alpn", "data: caa no tag", "data: rrsig none",
    "data: hip none", "data: nsec3 short", "data: naptr pattern", "data: x25 letters",
    "data: amtrelay kind", "data: amtrelay none", "data: loc far",
}  # fmt: skip
"""Data whose contents BIND refuses; only their form counts here."""


@pytest.mark.parametrize("name", [name for name in REPLIES if name not in UNLIKE])
def test_it_says_what_dig_says(name: str, peer: Callable[[str], Path]) -> None:
    with Responder(REPLIES[name]) as server:
        port = server.endpoint.port
        words = ["-r", "@127.0.0.1", "-p", str(port), "x.test", "+time=1", "+tries=1"]
        words.append(f"+qid={ID}")
        theirs, ours = digs.both(peer("dig"), words)
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status
    assert "\x1b" not in ours.out


@pytest.mark.parametrize("name", sorted(UNLIKE))
def test_what_dig_refuses_for_its_contents_is_shown_or_refused_cleanly(name: str) -> None:
    with Responder(REPLIES[name]) as server:
        port = str(server.endpoint.port)
        ours = digs.ours(["-r", "@127.0.0.1", "-p", port, "x.test", "+time=1", "+tries=1"])
    assert ours.status == 0
    assert "\x1b" not in ours.out


TCP: dict[str, Callable[[bytes], bytes | list[bytes] | None]] = {
    "wrong id": lambda query: framed(reply(off=1)(query)),  # type: ignore[arg-type]
    "short": lambda query: framed(b"abc"),
    "nothing": lambda query: framed(b""),
    "closed": lambda query: None,
    "closed within": lambda query: framed(bytes(40))[:20],
    "other question": lambda query: framed(reply(question=Y)(query)),  # type: ignore[arg-type]
    "bad": lambda query: framed(answer(1, b"abcde")(query)),  # type: ignore[arg-type]
    "good": lambda query: framed(reply(ADDRESS, (1, 0, 0))(query)),  # type: ignore[arg-type]
}


SOA = record(6, b"\0\0" + bytes([0, 0, 0, 5]) + bytes(16))

TRANSFERS: dict[str, list[Reply]] = {
    "two messages": [reply(SOA, (1, 0, 0)), reply(ADDRESS + SOA, (2, 0, 0))],
    "no second SOA": [reply(SOA + ADDRESS, (2, 0, 0))],
    "a later message cannot be read": [reply(SOA, (1, 0, 0)), answer(1, b"abcde")],
    "a later message fails": [reply(SOA, (1, 0, 0)), reply(flags=0x8402), reply(SOA, (1, 0, 0))],
    "no SOA": [reply(ADDRESS, (1, 0, 0))],
    "no record": [reply()],
    "refused": [reply(flags=0x8005)],
    "records behind the end": [reply(SOA + ADDRESS + SOA + ADDRESS, (4, 0, 0))],
}


@pytest.mark.parametrize("name", TRANSFERS)
@pytest.mark.parametrize("more", ["", "+comments", "+onesoa", "ixfr=4", "ixfr=5"])
def test_zone_transfers_of_odd_messages(name: str, more: str, peer: Callable[[str], Path]) -> None:
    def send(query: bytes) -> bytes | list[bytes] | None:
        return [framed(each(query)) for each in TRANSFERS[name]]  # type: ignore[arg-type]

    with Responder(reply(flags=0x8600), send) as server:
        port = str(server.endpoint.port)
        words = ["-r", "@127.0.0.1", "-p", port, "x.test", "axfr", "+time=2", "+tries=2"]
        words += [f"+qid={ID}", *more.split()]
        theirs, ours = digs.both(peer("dig"), words)
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status


@pytest.mark.parametrize("name", TCP)
@pytest.mark.parametrize("kind", ["a", "axfr"])
def test_it_says_what_dig_says_over_tcp(name: str, kind: str, peer: Callable[[str], Path]) -> None:
    with Responder(reply(flags=0x8600), TCP[name]) as server:
        port = str(server.endpoint.port)
        words = [
            "-r",
            "@127.0.0.1",
            "-p",
            port,
            "x.test",
            kind,
            "+time=2",
            "+tries=2",
            f"+qid={ID}",
        ]
        theirs, ours = digs.both(peer("dig"), words)
    assert ours.lines == theirs.lines
    assert ours.status == theirs.status


def test_a_server_that_wants_a_cookie(peer: Callable[[str], Path]) -> None:
    """BADCOOKIE, with a cookie: asked again, and over TCP the second time (RFC 7873 5.3)."""

    def wants(query: bytes) -> bytes:
        at = query.index(b"\0\x0a\0") + 4
        cookie = query[at : at + 8] + b"serverco"
        bad: bytes = extra((10, cookie), ttl=1 << 24)(query)  # type: ignore[assignment]
        return bad[:3] + bytes([bad[3] & 0xF0 | 7]) + bad[4:]

    for more in ("+badcookie", "+nobadcookie", "+nocookie", "+short"):
        if more == "+nocookie":
            continue
        with Responder(wants, lambda query: framed(reply(ADDRESS, (1, 0, 0))(query))) as server:  # type: ignore[arg-type]
            port = str(server.endpoint.port)
            words = ["-r", "@127.0.0.1", "-p", port, "x.test", "+time=2", "+tries=1", more]
            theirs, ours = digs.both(peer("dig"), words)
        assert ours.lines == theirs.lines
        assert ours.status == theirs.status


# --- bytes of all kinds ---------------------------------------------------------------------


@given(st.binary(max_size=300), st.integers(0, 65535))
def test_any_bytes_are_read_or_refused(octets: bytes, kind: int) -> None:
    whole = struct.pack("!6H", ID, 0x8400, 1, 1, 0, 1) + X + record(kind, octets) + opt()
    for wire in (octets, struct.pack("!6H", ID, 0x8400, 1, 2, 2, 2) + octets, whole):
        shown(wire)


@given(st.data())
def test_every_record_type_takes_any_data(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(range(1, 70)) | st.sampled_from([99, 104, 249, 257, 32768]))
    head = struct.pack("!6H", ID, 0x8400, 1, 1, 0, 0) + X
    shown(head + record(kind, data.draw(st.binary(max_size=80))))


@given(st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=40)), max_size=5))
def test_any_option_is_shown_or_refused(options: list[tuple[int, bytes]]) -> None:
    shown(struct.pack("!6H", ID, 0x8400, 1, 0, 0, 1) + X + opt(*options))


def shown(wire: bytes) -> None:
    try:
        message = read(wire)
        settle(message)
    except Malformed:
        return
    for style in (Style(), Style(multiline=True, rr_comments=True), Style(unknown=True, split=0)):
        text = message_text(message, style, Parts())
        assert all(char.isprintable() or char in "\n\t" for char in text)
    opt_lines(message, b"")


def test_a_server_that_floods_does_not_hold_it_up() -> None:
    """Strays do not prolong the wait."""
    with Responder(lambda query: [bytes(12)] * 50) as server:
        out = io.StringIO()
        words = ["@127.0.0.1", "-p", str(server.endpoint.port), "+time=1", "+tries=1", "x.test"]
        assert dig.run(words, out, io.StringIO()).status == 9
    assert out.getvalue().count("ID mismatch") == 50
