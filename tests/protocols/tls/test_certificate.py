"""Certificates: what we read equals what `cryptography` reads, and broken ones do no harm."""

from __future__ import annotations

import datetime
import random
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tls_server import DAY, Pair, make

from netshell.protocols.tls.certificate import Certificate, nanoseconds, read_certificate


def der(pair: Pair) -> bytes:
    return pair.certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", ["ec", "ec384", "rsa", "ed25519"])
def test_what_cryptography_reads_is_what_we_read(tmp_path: Path, kind: str) -> None:
    """Every field, of a certificate and of the one that signed it."""
    root = make(tmp_path, "Root, of <all>", kind=kind, is_ca=True, organization="Beispiel GmbH")
    leaf = make(
        tmp_path, "wéb.example.com", root, kind=kind, organization=' #x;"y"\\z+ ',
        names=("web.example.com", "*.example.com"), addresses=("192.0.2.7", "2001:db8::7"),
    )  # fmt: skip
    for pair in (root, leaf):
        theirs, ours = pair.certificate, read_certificate(der(pair))
        assert ours.problem == ""
        assert ours.subject == theirs.subject.rfc4514_string()
        assert ours.issuer == theirs.issuer.rfc4514_string()
        assert int(ours.serial, 16) == theirs.serial_number
        assert ours.not_before == theirs.not_valid_before_utc
        assert ours.not_after == theirs.not_valid_after_utc
        assert ours.sha256 == _fingerprint(theirs)
        assert ours.is_self_signed == (pair is root)
        assert ours.is_ca == (pair is root)
    ours = read_certificate(der(leaf))
    assert ours.names == (
        "DNS:web.example.com", "DNS:*.example.com", "IP:192.0.2.7", "IP:2001:db8::7",
    )  # fmt: skip
    assert (ours.key, ours.key_bits) == {
        "ec": ("EC secp256r1", 256),
        "ec384": ("EC secp384r1", 384),
        "rsa": ("RSA", 2048),
        "ed25519": ("Ed25519", 256),
    }[kind]
    assert ours.signature_algorithm == {
        "rsa": "sha256WithRSAEncryption", "ed25519": "ED25519",
    }.get(kind, "ecdsa-with-SHA256")  # fmt: skip


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex()


def test_dates_are_judged_at_the_time_of_the_capture(tmp_path: Path) -> None:
    """The first and the last second belong to them, RFC 5280 4.1.2.5."""
    ours = read_certificate(der(make(tmp_path, "x", age=DAY, days=2)))
    assert ours.not_before is not None
    assert ours.not_after is not None
    begin, end = nanoseconds(ours.not_before), nanoseconds(ours.not_after)
    assert ours.is_valid_at(begin)
    assert not ours.is_valid_at(begin - 1)
    assert ours.is_valid_at(end + 999_999_999)
    assert not ours.is_valid_at(end + 1_000_000_000)
    assert ours.date_problem(begin - 1).startswith("not valid before 20")
    assert ours.date_problem(end + 10**9) == f"expired {ours.not_after:%Y-%m-%d %H:%M}"
    assert Certificate().is_valid_at(0) is None


def test_years_far_away_are_read(tmp_path: Path) -> None:
    """Up to 2049 a year has two digits, from then on four."""
    old = make(tmp_path, "x", age=60 * 365 * DAY, days=60 * 365 + 40 * 365)
    ours = read_certificate(der(old))
    assert ours.not_before == old.certificate.not_valid_before_utc
    assert ours.not_after == old.certificate.not_valid_after_utc
    assert ours.not_after is not None
    assert ours.not_after.year > 2050


@pytest.mark.parametrize(
    ("names", "host", "fits"),
    [
        (("DNS:example.com",), "example.com", True),
        (("DNS:Example.COM",), "eXample.com.", True),
        (("DNS:*.example.com",), "www.example.com", True),
        (("DNS:*.example.com",), "example.com", False),
        (("DNS:*.example.com",), "a.b.example.com", False),
        (("DNS:*.com",), "example.com", False),
        (("DNS:w*.example.com",), "www.example.com", False),
        (("DNS:*",), "example", False),
        (("IP:192.0.2.1",), "192.0.2.1", True),
        (("DNS:192.0.2.1",), "192.0.2.2", False),
        (("email:a@example.com",), "example.com", None),
        ((), "example.com", None),
    ],
)
def test_names_are_matched_as_rfc_9525_says(
    names: tuple[str, ...], host: str, fits: bool | None
) -> None:
    """A wildcard is a whole label, the first one, and stands for one."""
    assert Certificate(names=names).is_for(host) is fits


def test_what_is_no_certificate_is_told(tmp_path: Path) -> None:
    """What was read before the break stays."""
    whole = der(make(tmp_path, "example", names=("example.com",)))
    assert read_certificate(b"").problem == "not to be read: it ends too early"
    assert "instead of 0x30" in read_certificate(b"\x02\x01\x00").problem
    assert "are left" in read_certificate(whole[:-1]).problem
    deep = b"\x30\x80" + b"\x30\x80" * 5000
    assert "length in 0 bytes" in read_certificate(deep).problem
    broken = bytearray(whole)
    broken[whole.index(b"example") - 2] = 0xFF
    assert read_certificate(bytes(broken)).problem


def test_no_change_of_any_byte_raises(tmp_path: Path) -> None:
    """Whatever is written in it; the dates may be nonsense, too."""
    whole = der(make(tmp_path, "example", names=("a.example", "b.example"), addresses=("::1",)))
    chance = random.Random(5)
    for at in range(len(whole)):
        for value in (0, 0x7F, 0x80, 0xFF, whole[at] ^ 1, chance.randrange(256)):
            made = read_certificate(whole[:at] + bytes([value]) + whole[at + 1 :])
            made.is_valid_at(0)
            made.is_for("a.example")
            assert str(made) is not None
    for size in range(len(whole)):
        assert read_certificate(whole[:size]).problem


def test_strange_times_are_told() -> None:
    """Months and zones that there are not."""
    from netshell.protocols.tls import der as reading

    def moment(tag: int, text: bytes) -> datetime.datetime:
        data = bytes([tag, len(text)]) + text
        return reading.moment(data, reading.element(data, 0, len(data)))

    assert moment(0x17, b"491231235959Z").year == 2049
    assert moment(0x17, b"500101000000Z").year == 1950
    assert moment(0x17, b"5001010000Z").second == 0
    assert moment(0x18, b"20300101020000+0100") == moment(0x18, b"20300101010000Z")
    for text in (b"20301301000000Z", b"00010101000000+2300", b"2030", b"20300101000000.5Z"):
        with pytest.raises(reading.Broken):
            moment(0x18, text)


def test_a_subject_without_a_common_name_is_itself(tmp_path: Path) -> None:
    """And one with it is called by it."""
    assert read_certificate(der(make(tmp_path, "web", organization="Org"))).common_name == "web"
    bare = Certificate(subject="O=Org,C=KR")
    assert bare.common_name == "O=Org,C=KR"
    assert NameOID.COMMON_NAME.dotted_string == "2.5.4.3"
