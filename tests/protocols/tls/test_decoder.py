"""TLS as it was recorded, whole and in pieces; what lacks; what is no TLS.

tests/protocols/tls/test_live.py writes the captures anew, with NETSHELL_RECORD=1 set.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from feeding import cuts, heard
from feeding import read as fed
from tls_server import RECORDED

from netshell import read
from netshell.flow.delivery import Heard
from netshell.flow.flow import Flow
from netshell.flow.sides import Side
from netshell.protocols.api import Message
from netshell.protocols.raw import Raw
from netshell.protocols.tls.decoder import Tls
from netshell.protocols.tls.half import MOST_MESSAGE
from netshell.protocols.tls.handshake import Handshake
from netshell.protocols.tls.traffic import Alert, ApplicationData, Heartbeat, Rehandshake

CAPTURES = sorted(RECORDED.glob("*.pcap"))
PLAIN = [path for path in CAPTURES if path.stem != "connect"]  # TLS from their first byte on
Said = tuple[Side, bytes]


def pieces(said: Sequence[Said]) -> list[Heard]:
    """Things said one after the other, a millisecond each."""
    return [Heard(side, data, at * 1_000_000, at) for at, (side, data) in enumerate(said)]


def messages(said: Sequence[Said], begun: bool = True) -> list[Message]:
    return fed(pieces(said), (443,), begun, [Tls])


def flows(name: str) -> list[Flow]:
    return list(read(RECORDED / name).flows.where(proto="tcp"))


def record(kind: int, content: bytes, version: int = 0x0303) -> bytes:
    return bytes([kind]) + version.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def hello(kind: int = 1, version: int = 0x0303) -> bytes:
    """A bare ClientHello or ServerHello of TLS 1.2, as a message."""
    body = version.to_bytes(2, "big") + bytes(range(32)) + b"\0"
    body += b"\0\x04\xc0\x2f\0\x35\x01\0" if kind == 1 else b"\xc0\x2f\0"
    return message(kind, body)


CHANGE = record(20, b"\x01")
FINISHED = record(22, bytes(8) + b"\x9c" * 32)
DATA = record(23, b"\xd5" * 40)


def handshake() -> list[Said]:
    """One of TLS 1.2 in which nothing but what must be is said."""
    answer = hello(2) + message(11, b"\0\0\0") + message(14, b"")
    return [
        ("client", record(22, hello(), 0x0301)),
        ("server", record(22, answer)),
        ("client", record(22, message(16, b"\0\x20" + bytes(32))) + CHANGE + FINISHED),
        ("server", CHANGE + FINISHED),
    ]


# --- as recorded ---


def test_a_recorded_handshake_of_tls_1_2() -> None:
    """Every field, written out by hand from openssl's and tshark's account of the capture."""
    (flow,) = flows("tls12.pcap")
    ours, *others = fed(heard(flow), decoders=[Tls])
    assert isinstance(ours, Handshake)
    assert str(ours).startswith(
        "tls ClientHello localhost h2,http/1.1 TLS 1.3 → "
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 h2, in "
    )
    assert ours.versions == ("TLS 1.3", "TLS 1.2")
    assert ours.ciphers[-1] == "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in ours.ciphers
    assert ours.groups[:3] == ("x25519", "secp256r1", "x448")
    assert ours.key_shares == ("x25519",)
    assert ours.signature_algorithms[:2] == ("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384")
    assert ours.extensions[:3] == ("server_name", "ec_point_formats", "supported_groups")
    assert ours.server_extensions == (
        "renegotiation_info",
        "ec_point_formats",
        "session_ticket",
        "application_layer_protocol_negotiation",
        "extended_main_secret",
    )
    assert (ours.resumed, ours.offered, ours.client_auth) == ("", (), False)
    assert (ours.size, ours.answer_size) == (517 + 93, 998 + 242)
    assert [(part.side, part.begin, part.end) for part in ours.parts] == [
        ("client", 0, 517), ("server", 0, 998), ("client", 517, 610), ("server", 998, 1240),
    ]  # fmt: skip
    own, root = ours.certificates
    assert own.subject == "CN=localhost"
    assert own.issuer == root.subject == "CN=Test CA,O=netshell,C=KR"
    assert own.names == ("DNS:localhost", "DNS:*.example.com", "IP:127.0.0.1")
    assert own.is_valid_at(ours.time_ns) and not own.is_self_signed
    assert [type(each) for each in others] == [Alert, Alert, ApplicationData]
    assert [str(each) for each in others] == [
        "tls encrypted alert",
        "tls encrypted alert",
        "tls application data, 1 record, 28 bytes → 1 record, 28 bytes",
    ]


EXPECTED = {
    "client-certificate-TLSv1_2.pcap": [
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, in",
        "alert handshake_failure by the server",
    ],
    "client-certificate-TLSv1_3.pcap": ["TLS 1.3 AES_256_GCM_SHA384, in"] * 2,
    "curl-1.2.pcap": ["TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 h2, in"] * 2,
    "curl-1.3.pcap": ["TLS 1.3 AES_256_GCM_SHA384, in"] * 2,
    "early-data.pcap": [
        "TLS 1.3 AES_256_GCM_SHA384, in",
        "TLS 1.3 AES_256_GCM_SHA384, resumed (PSK), in",
    ],
    "failed-another_host.pcap": ["alert bad_certificate by the client"],
    "failed-expired.pcap": ["alert certificate_expired by the client"],
    "failed-no_cipher.pcap": ["alert handshake_failure by the server"],
    "failed-no_name.pcap": ["alert unrecognized_name by the server"],
    "failed-no_version.pcap": ["alert protocol_version by the server"],
    "failed-unknown_ca.pcap": ["alert unknown_ca by the client"],
    "failed-unknown_ca_in_tls_1_3.pcap": ["alert unknown_ca by the client"],
    "renegotiation.pcap": ["TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, in"],
    "resumed-session-id.pcap": [
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, in",
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, resumed (session id), in",
    ],
    "resumed-ticket.pcap": [
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, in",
        "TLS 1.2 ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, resumed (ticket), in",
    ],
    "retry.pcap": ["TLS 1.3 AES_256_GCM_SHA384, in"],
    "tls12.pcap": ["TLS 1.2 ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 h2, in"],
    "tls13.pcap": [
        "TLS 1.3 AES_256_GCM_SHA384, in",
        "TLS 1.3 AES_256_GCM_SHA384, resumed (PSK), in",
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_was_answered(name: str) -> None:
    """Each handshake's outcome; what failed is followed by nothing."""
    outcomes = []
    for flow in flows(name):
        found = fed(heard(flow), decoders=[Tls])
        outcomes += [each.answered for each in found if isinstance(each, Handshake)]
        if isinstance(found[0], Handshake) and found[0].failure:
            assert len(found) == 1
            assert found[0].problem == found[0].failure
    assert [each.partition(", in")[0] for each in outcomes] == [
        each.partition(", in")[0] for each in EXPECTED[name]
    ]


def test_early_data_is_told_apart() -> None:
    """By the sizes of EndOfEarlyData and Finished."""
    _, second = [fed(heard(flow), decoders=[Tls])[0] for flow in flows("early-data.pcap")]
    assert isinstance(second, Handshake)
    assert (second.early_data, second.early_size) == ("accepted", 617)
    assert "early data: accepted, 617 bytes" in second.said("client")


def test_a_renegotiation_is_one_message() -> None:
    """Its records, among data."""
    (flow,) = flows("renegotiation.pcap")
    found = fed(heard(flow), decoders=[Tls])
    kinds = [type(each) for each in found]
    assert kinds == [Handshake, Rehandshake, Alert, Alert, ApplicationData]
    assert str(found[1]) == "tls renegotiation, encrypted, 4 records → new keys, 7 records"


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.stem)
def test_pieces_make_no_difference(path: Path) -> None:
    """Byte by byte, and cut at random: the same messages."""
    for flow in flows(path.name):
        whole = heard(flow)
        if sum(len(piece.data) for piece in whole) > 20_000:
            whole = whole[:40]
        expected = fed(whole, decoders=[Tls])
        assert expected
        for other in cuts(whole, seed=7):
            assert fed(other, decoders=[Tls]) == expected


def test_connections_are_known_at_any_port() -> None:
    """By their first bytes alone."""
    (flow,) = flows("retry.pcap")
    first, second = fed(heard(flow), ports=(12345,))
    assert isinstance(first, Handshake)
    assert isinstance(second, ApplicationData)
    assert first.retried == "secp384r1"
    assert len(first.waits) == 4
    assert 0 < sum(first.waits) <= first.end_ns - first.time_ns
    assert first.answer_wait_s + first.own_wait_s == pytest.approx(sum(first.waits) / 1e9)


# --- how it is said ---


def test_what_each_side_said() -> None:
    """Lists in a line each, bounded."""
    (flow,) = flows("tls12.pcap")
    ours = fed(heard(flow), decoders=[Tls])[0]
    client, server = ours.said("client"), ours.said("server")
    assert client[0] == "ClientHello localhost h2,http/1.1 TLS 1.3"
    assert "versions: TLS 1.3, TLS 1.2" in client
    assert "ALPN: h2, http/1.1" in client
    assert server[0] == "ServerHello TLS 1.2 h2"
    assert "resumed: no, in full" in server
    assert "certificate: CN=localhost" in server
    assert "  issuer: CN=Test CA,O=netshell,C=KR" in server
    assert "  for: DNS:localhost, DNS:*.example.com, IP:127.0.0.1" in server
    assert any(str(line).startswith("waited ") for line in server)
    assert len(client) + len(server) < 40
    assert all("\n" not in str(line) for line in [*client, *server])


def test_the_facts_of_a_handshake() -> None:
    """What its repr shows."""
    (flow,) = flows("tls12.pcap")
    facts = dict(fed(heard(flow), decoders=[Tls])[0].facts())
    assert facts["SNI"] == "localhost"
    assert facts["cipher"] == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
    assert facts["certificate"] == "CN=localhost"
    assert facts["names"] == "DNS:localhost, DNS:*.example.com, IP:127.0.0.1"
    assert facts["JA4"].startswith("t13d0512h2_")


def test_long_lists_are_cut() -> None:
    """With how many more there are."""
    many = b"".join(number.to_bytes(2, "big") for number in range(0xC001, 0xC001 + 60))
    body = b"\x03\x03" + bytes(32) + b"\0" + len(many).to_bytes(2, "big") + many + b"\x01\0"
    (ours,) = messages([("client", record(22, message(1, body)))])
    (line,) = [each for each in ours.said("client") if str(each).startswith("ciphers: ")]
    assert str(line).endswith(", and 36 more")


def test_failures_are_explained() -> None:
    """An alert's name, and what it means."""
    (flow,) = flows("failed-unknown_ca.pcap")
    ours = fed(heard(flow), decoders=[Tls])[0]
    told = "alert: unknown_ca (whoever signed the peer's certificate is not trusted)"
    assert told in ours.said("client")
    assert "failed: alert unknown_ca by the client" in ours.said("server")
    assert "doubt: certificate is signed by itself" in ours.said("server")


# --- structure ---


def test_messages_over_records_and_several_in_one() -> None:
    """Cut into records of any size, down to a byte, it is the same handshake."""
    expected = messages(handshake())
    assert [type(each) for each in expected] == [Handshake]
    assert expected[0].lacking == ""
    for size in (1, 3, 5, 7, 64):
        said: list[Said] = []
        for side, data in handshake()[:2]:
            content = data[5:]
            cut = [content[at : at + size] for at in range(0, len(content), size)]
            said.append((side, b"".join(record(22, each) for each in cut)))
        (found,) = messages([*said, *handshake()[2:]])
        assert isinstance(found, Handshake)
        assert (found.cipher, found.resumed, found.lacking) == (
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "", "",
        )  # fmt: skip


def test_old_versions_are_read() -> None:
    """SSL 3.0 to TLS 1.2 by the ServerHello's own version."""
    for version, name in ((0x300, "SSL 3.0"), (0x301, "TLS 1.0"), (0x302, "TLS 1.1")):
        said = handshake()
        said[0] = "client", record(22, hello(1, version), version)
        said[1] = "server", record(22, hello(2, version) + message(14, b""), version)
        (ours,) = messages(said)
        assert isinstance(ours, Handshake)
        assert (ours.version, ours.versions) == (name, (name,))


def test_an_sslv2_hello_is_named_and_refused() -> None:
    """Clearly, and its bytes are told as raw."""
    body = b"\x01\x03\x01\0\x06\0\0\0\x10" + b"\0\0\x2f\0\0\x35" + bytes(16)
    data = bytes([0x80 | len(body) >> 8, len(body) & 0xFF]) + body
    for said in ([data], [bytes([each]) for each in data]):
        (ours,) = messages([("client", each) for each in said])
        assert isinstance(ours, Raw)
        assert ours.reason == "SSLv2-compatible ClientHello (TLS 1.0 offered), not read"
        assert (ours.parts[0].begin, ours.parts[0].end) == (0, len(data))


def test_application_data_is_counted() -> None:
    """One message, whatever the number of records."""
    said = [*handshake(), *[("client", DATA)] * 100, ("server", DATA * 50 + DATA[:20])]
    shake, data = messages(said)
    assert isinstance(shake, Handshake)
    assert isinstance(data, ApplicationData)
    assert str(data) == (
        "tls application data, 100 records, 4,000 bytes → 50 records, 2,000 bytes"
        " [the server's last record is not complete]"
    )
    assert [(part.side, part.end - part.begin) for part in data.parts] == [
        ("client", 4500), ("server", 50 * 45 + 20),
    ]  # fmt: skip
    assert data.said("server") == ["application data, 50 records, 2,000 bytes sent"]


def test_the_end_tells_what_was_sent_once() -> None:
    """When both sides have closed; before, it is waiting."""
    decoder = Tls()
    for at, (side, data) in enumerate([*handshake(), ("client", DATA), ("server", DATA)]):
        made = decoder.feed(side, data, at)
    assert made == ()
    (waiting,) = decoder.waiting()
    assert decoder.close("client", 9) == []
    (told,) = decoder.close("server", 9)
    assert told == waiting
    assert decoder.waiting() == []


def test_a_close_amid_the_handshake() -> None:
    """By whom, and whether a ServerHello came."""
    for count, side, failure in (
        (1, "server", "closed by the server, no ServerHello came"),
        (2, "client", "closed by the client amid the handshake"),
    ):
        decoder = Tls()
        for said in handshake()[:count]:
            decoder.feed(*said, 5)
        (ours,) = decoder.close(side, 6)  # type: ignore[arg-type]
        assert ours.problem == failure
        assert decoder.waiting() == []


def test_an_encrypted_alert_amid_the_handshake() -> None:
    """The client's Finished was wrong, say."""
    said = [*handshake()[:3], ("server", CHANGE + record(21, b"\x77" * 26))]
    (ours,) = messages(said)
    assert ours.problem == "encrypted alert by the server"


def test_a_warning_does_not_end_it() -> None:
    """unrecognized_name as a warning, RFC 6066: the server goes on."""
    first, second, third, fourth = handshake()
    said = [first, ("server", record(21, b"\x01\x70") + second[1]), third, fourth]
    (ours,) = messages(said)  # type: ignore[arg-type]
    assert isinstance(ours, Handshake)
    assert (ours.failure, ours.alerts) == ("", ("server: unrecognized_name",))


def test_alerts_after_the_handshake() -> None:
    """In clear (nobody else sends them so) and encrypted."""
    said = [*handshake(), ("server", record(21, b"\x01\0")), ("client", record(21, b"\x02\x14"))]
    _, first, second = messages(said)
    assert isinstance(first, Alert)
    assert (str(first), first.problem) == ("tls alert close_notify", "")
    assert second.problem == "alert bad_record_mac"
    assert "another" not in str(second.said("client"))
    assert second.said("server") == []


def test_heartbleed_is_seen() -> None:
    """A heartbeat that claims more than it brings."""
    said = [*handshake()[:2], ("client", record(24, b"\x01\x40\0")), *handshake()[2:]]
    beat, shake = messages(said)
    assert isinstance(beat, Heartbeat)
    assert beat.problem == "claims 16,384 bytes and has 0 bytes (Heartbleed)"
    assert isinstance(shake, Handshake)


def test_a_message_that_is_too_long_is_passed_over() -> None:
    """It is told; nothing of it is kept."""
    size = MOST_MESSAGE + 1
    first, _, third, fourth = handshake()
    long = message(11, bytes(size)) + message(14, b"")
    cut = [record(22, long[at : at + 16384]) for at in range(0, len(long), 16384)]
    said = [first, ("server", record(22, hello(2)) + b"".join(cut)), third, fourth]
    (ours,) = messages(said)  # type: ignore[arg-type]
    assert isinstance(ours, Handshake)
    assert ours.lacking == f"Certificate of {size:,} bytes is not read"
    assert ours.certificates == ()
    assert ours.resumed == ""


def test_what_is_no_record_ends_the_reading() -> None:
    """What comes then is raw, with the reason."""
    said = [*handshake(), ("client", DATA), ("client", b"QUIT\r\n")]
    shake, data, raw = messages(said)  # type: ignore[misc]
    assert isinstance(shake, Handshake)
    assert isinstance(data, ApplicationData)
    assert isinstance(raw, Raw)
    begin = sum(len(each) for side, each in handshake() if side == "client") + len(DATA)
    assert raw.reason == f"no TLS record at byte {begin:,} of the client's"
    assert (raw.parts[0].begin, raw.parts[0].end) == (begin, begin + 6)


def test_half_a_hello_is_shown() -> None:
    """A ClientHello of which the end lacks."""
    (flow,) = flows("tls13.pcap")[:1]
    first = heard(flow)[0].data
    (ours,) = messages([("client", first[:200])])
    assert isinstance(ours, Handshake)
    assert ours.lacking == "not complete"
    assert "TLS_AES_128_GCM_SHA256" in ours.ciphers


def test_a_hello_that_ends_too_early() -> None:
    """It is read as far as it goes, and told."""
    whole = hello()[4:]
    for size in range(38, len(whole)):  # shorter ones are not taken for TLS
        said = [("client", record(22, message(1, whole[:size]))), *handshake()[1:]]
        (ours,) = messages(said)  # type: ignore[arg-type]
        assert isinstance(ours, Handshake)
        assert ours.lacking == "the ClientHello ends too early"
        assert ours.cipher == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"


# --- gaps and beginnings that lack ---


def test_a_gap_within_a_record_of_data() -> None:
    """The place of the next one is known: it is counted, and what lacks is told."""
    talk = [*pieces([*handshake(), ("server", DATA[:15])])]
    talk.append(Heard("server", b"", 5_000_000, 5, lacking=20))
    talk += [Heard("server", DATA[35:] + DATA, 6_000_000, 6)]
    _, data = fed(talk, decoders=[Tls])
    assert isinstance(data, ApplicationData)
    assert (data.records_sent, data.size) == (2, 80)
    assert data.lacking == "20 bytes of the server's lack"


def test_a_gap_to_the_end_of_a_record() -> None:
    """The next one begins behind it: nothing is searched."""
    talk = [*pieces([*handshake(), ("server", DATA[:15])])]
    talk.append(Heard("server", b"", 5_000_000, 5, lacking=len(DATA) - 15))
    talk.append(Heard("server", DATA, 6_000_000, 6))
    data = fed(talk, decoders=[Tls])[-1]
    assert isinstance(data, ApplicationData)
    assert (data.records_sent, data.lacking) == (2, "30 bytes of the server's lack")


def test_messages_over_records_behind_a_gap() -> None:
    """Once a record is whole messages again, the next may begin one that goes on."""
    first, second, third, fourth = handshake()
    chain = message(11, b"\0\0\x0d\0\0\x0a" + bytes(10))
    answer = hello(2) + message(22, bytes(5))
    said = pieces([first])
    said.append(Heard("server", b"", 1_000_000, 1, lacking=100))
    behind = record(22, answer) + record(22, chain[:9]) + record(22, chain[9:])
    said += [piece._replace(time_ns=2_000_000) for piece in pieces([("server", behind)])]
    said += [piece._replace(time_ns=9_000_000) for piece in pieces([third, fourth])]
    (ours,) = fed(said, decoders=[Tls])
    assert isinstance(ours, Handshake)
    assert [each.size for each in ours.certificates] == [10]
    assert ours.lacking == "100 bytes of the server's lack"
    assert second[0] == "server"


def test_what_a_client_says_stays_in_its_order() -> None:
    """In TLS 1.3, behind data that may be a certificate."""
    answer = hello(2)[4:] + b"\0\x06\0\x2b\0\x02\x03\x04"
    said: list[Said] = [
        ("client", record(22, hello())),
        ("server", record(22, message(2, answer)) + record(23, bytes(100))),
        ("client", record(23, bytes(200))),
        ("client", CHANGE),
        ("client", record(23, bytes(53))),
    ]
    (ours,) = messages(said)
    assert isinstance(ours, Handshake)
    assert (ours.version, ours.client_auth, ours.lacking) == ("TLS 1.3", True, "")
    assert all(part.begin < part.end for part in ours.parts)
    assert ours.parts[-1].end == sum(len(data) for side, data in said if side == "client")
    said[-1:] = [("client", record(21, b"\x02\x28"))]
    (ours,) = messages(said)
    assert ours.problem == "alert handshake_failure by the client"
    assert ours.parts[-1].end == sum(len(data) for side, data in said if side == "client")


def test_a_gap_over_records_is_searched_behind() -> None:
    """From the first record on that another one follows."""
    chance = random.Random(2)
    noise = bytes(chance.randrange(0x20, 0x7F) for _ in range(60))
    talk = [*pieces([*handshake(), ("server", DATA)])]
    talk.append(Heard("server", b"", 5_000_000, 5, lacking=2000))
    talk += [Heard("server", noise + DATA * 3, 6_000_000, 6)]
    expected = fed(talk, decoders=[Tls])
    data = expected[-1]
    assert isinstance(data, ApplicationData)
    assert (data.records_sent, data.size) == (4, 160)
    assert data.lacking == (
        "2,000 bytes of the server's lack, 60 bytes of the server's not read: amid a record"
    )
    for other in cuts(talk):
        assert fed(other, decoders=[Tls])[-1].lacking == data.lacking


@pytest.mark.parametrize("at", range(1, 4))
def test_a_gap_in_the_handshake(at: int) -> None:
    """What is left of it is read, and told as what it is."""
    said = pieces([*handshake(), ("client", DATA * 2), ("server", DATA * 2)])
    lost = said[at]
    said[at] = lost._replace(data=b"", lacking=len(lost.data))
    found = fed(said, decoders=[Tls])
    shake = found[0]
    assert isinstance(shake, Handshake)
    assert f"{len(lost.data)} bytes of the {lost.side}'s lack" in shake.lacking
    assert shake.failure == ""
    data = found[-1]
    assert isinstance(data, ApplicationData)
    assert data.records_sent + data.answer_records >= 2


def test_a_gap_amid_the_certificates() -> None:
    """Their record's end is known: what stands behind it is read."""
    answer = hello(2) + message(11, b"\0\x04\0\0\x03\xfd" + bytes(1021)) + message(14, b"")
    first, _, third, fourth = handshake()
    whole = record(22, answer)
    said = pieces([first, ("server", whole[:300])])
    said.append(Heard("server", b"", 2_000_000, 2, lacking=500))
    said += [Heard("server", whole[800:], 3_000_000, 3)]
    said += [piece._replace(time_ns=9_000_000) for piece in pieces([third, fourth])]
    (ours,) = fed(said, decoders=[Tls])
    assert isinstance(ours, Handshake)
    assert ours.lacking == "500 bytes of the server's lack"
    assert ours.resumed is None
    assert ours.failure == ""


def test_a_capture_that_begins_amid_data() -> None:
    """Records that follow each other are known, and where the first whole one begins."""
    said = [("client", DATA[10:] + DATA * 2), ("server", DATA * 3)]
    (data,) = messages(said, begun=False)  # type: ignore[arg-type]
    assert isinstance(data, ApplicationData)
    assert (data.records_sent, data.answer_records) == (2, 3)
    assert "35 bytes of the client's not read: amid a record" in data.lacking


def test_a_capture_that_begins_with_a_hello() -> None:
    """Without TCP's handshake before it: nothing lacks."""
    (ours,) = messages(handshake(), begun=False)
    assert isinstance(ours, Handshake)
    assert ours.lacking == ""
    assert ours.version == "TLS 1.2"


def test_a_capture_that_begins_amid_a_handshake() -> None:
    """What is left of it is no renegotiation."""
    for begin in (2, 3):
        said = [*handshake()[begin:], ("client", DATA * 2), ("server", DATA * 2)]
        shake, data = messages(said, begun=False)  # type: ignore[arg-type]
        assert isinstance(shake, Handshake)
        assert shake.asked == "handshake without its ClientHello"
        assert shake.lacking.startswith("no ClientHello seen")
        assert isinstance(data, ApplicationData)
        assert (data.records_sent, data.answer_records) == (2, 2)


def test_who_waited_for_whom() -> None:
    """By the times of what each side said; the shortest wait is what the way takes at most."""
    moments = [0, 30, 40, 65]
    talk = [
        piece._replace(time_ns=moment * 1_000_000)
        for piece, moment in zip(pieces(handshake()), moments, strict=True)
    ]
    (ours,) = fed(talk, decoders=[Tls])
    assert isinstance(ours, Handshake)
    assert ours.waits == (30_000_000, 10_000_000, 25_000_000)
    assert (ours.answer_wait_s, ours.own_wait_s, ours.round_trip_s) == (0.055, 0.01, 0.025)
    assert ours.duration_s == 0.065
    assert ours.said("server")[-3:] == [
        "took 65.0 ms",
        "waited 55.0 ms for the server, 2 times: the way there and back took at most 25.0 ms each,"
        " it itself at least 5.0 ms",
        "waited 10.0 ms for the client, with the way there and back",
    ]


def test_only_the_server_was_captured() -> None:
    """Its ServerHello tells what was chosen."""
    said = [each for each in handshake() if each[0] == "server"]
    (ours,) = messages([*said, ("server", DATA)])[:1]
    assert isinstance(ours, Handshake)
    assert ours.asked == "handshake without its ClientHello"
    assert "no ClientHello seen" in ours.lacking
    assert ours.said("server")[0] == "ServerHello TLS 1.2"
    assert ours.version == "TLS 1.2"


def test_only_the_client_was_captured() -> None:
    """Its handshake is over when it sends data."""
    said = [each for each in handshake() if each[0] == "client"]
    shake, data = messages([*said, ("client", DATA)])
    assert isinstance(shake, Handshake)
    assert shake.lacking == "no ServerHello seen"
    assert isinstance(data, ApplicationData)


# --- hostile ---


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_changed_bytes_do_no_harm(path: Path) -> None:
    """Whatever is changed, cut out or doubled: nothing is raised, and what comes out is shown."""
    chance = random.Random(path.stem)
    for flow in flows(path.name):
        whole = heard(flow)[:40]
        for _ in range(8):
            broken = []
            for piece in whole:
                data = bytearray(piece.data)
                for _ in range(chance.randrange(3)):
                    data[chance.randrange(len(data))] = chance.randrange(256)
                if chance.random() < 0.1:
                    broken.append(piece._replace(data=b"", lacking=chance.randrange(1, 3000)))
                if chance.random() < 0.9:
                    broken.append(piece._replace(data=bytes(data)))
            for begun in (True, False):
                for each in fed(broken, (443,), begun, [Tls]):
                    str(each), each.said("client"), each.said("server"), each.problem


@pytest.mark.parametrize(
    "data",
    [
        b"\x17\x03\x03\x00\x10" * 40_000,
        b"\x17\x03\x03\x00\x00" * 40_000,
        b"\x16\x03\x01\x00\x04\x01\x00\x00\x00" * 20_000,
        b"\x14\x03\x03\x00\x01\x01" * 30_000,
        b"\x17\x03\x03\x40\x00" * 40_000,
        b"\x16\x03\x03\x40\x00" * 40_000,
        record(22, b"\x0b\x01\xff\xff" + bytes(100)) * 2000,
    ],
)
def test_time_is_linear(data: bytes) -> None:
    """And memory bounded: by both at once, in small pieces, from the beginning or the midst."""
    for begun in (True, False):
        decoder = Tls(begun)
        began = time.process_time()
        if begun:
            decoder.feed("client", record(22, hello()), 0)
        for at in range(0, len(data), 50):
            decoder.feed("client", data[at : at + 50], at)
            if decoder.why_stopped:
                break
        decoder.waiting()
        assert time.process_time() - began < 5
        assert len(decoder.rest("client")) <= Tls.most
