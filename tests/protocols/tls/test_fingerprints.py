"""JA3 and JA4 against what their authors publish."""

from __future__ import annotations

import pytest

from netshell.protocols.tls.fingerprints import ja3_text, ja4, md5
from netshell.protocols.tls.hello import ClientHello, read_client_hello

# The ClientHello of FoxIO's pcap/tls-sni.pcapng: Chrome, with GREASE.
CHROME = bytes.fromhex(
    "010001fc03030f9e38acb9a54a7c6e00e29a70ac2feee180ff76d7f25dca84932a66a42d1e5a20bc58b92f865e6b"
    "9aa4a6371cadcb0afe1da1c0f705209a11d52357f56d5dd9620020aaaa130113021303c02bc02fc02cc030cca9cc"
    "a8c013c014009c009d002f0035010001939a9a0000ff010001000033002b00290a0a000100001d0020cf55af2603"
    "e92f59eb321779706a18fa6b96b16c16404c2264ed687a59401878002d0002010100050005010000000044690005"
    "0003026832000d00120010040308040401050308050501080606010010000e000c02683208687474702f312e3100"
    "230000001b0003020002002b0007060a0a0304030300000022002000001d636c69656e7473657276696365732e67"
    "6f6f676c65617069732e636f6d00120000000a000a00080a0a001d0017001800170000000b000201006a6a000100"
    "001500ba" + "00" * 186
)
# That of its pcap/socks-https-example.pcap: TLS 1.0, no extension but the name.
OLD = bytes.fromhex(
    "0100006f0301529cbff829e8f23edf4bb09e1feaadd0131b7bc56eab3d7567b17e0374bd6b7500002e0039003800"
    "3500160013000a00330032002f009a00990096000500040015001200090014001100080006000300ff0100001800"
    "000014001200000f7777772e6578616d706c652e636f6d"
)


def test_ja4_of_published_captures() -> None:
    """FoxIO's own results for them, python/test/testdata."""
    assert ja4(read_client_hello(CHROME[4:])) == (
        "t13d1516h2_8daaf6152771_e5627efa2ab1",
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_"
        "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_"
        "0403,0804,0401,0503,0805,0501,0806,0601",
    )
    assert ja4(read_client_hello(OLD[4:])) == (
        "t10d230100_6a57a6f57151_000000000000",
        "t10d230100_0003,0004,0005,0006,0008,0009,000a,0011,0012,0013,0014,0015,0016,002f,0032,"
        "0033,0035,0038,0039,0096,0099,009a,00ff_",
    )


def test_ja4_without_signature_algorithms_has_no_underscore() -> None:
    """The example of "Extension hash" in the definition."""
    said = ClientHello(
        0x0303,
        extensions=(0x0005, 0x000A, 0x000B, 0x000D, 0x0012, 0x0015, 0x0017, 0x001B, 0x0023, 0x002B,
                    0x002D, 0x0033, 0x4469, 0xFF01),
    )  # fmt: skip
    assert ja4(said)[0] == "t12i001400_000000000000_6d807ffa2a79"


@pytest.mark.parametrize(
    ("alpn", "told"),
    [
        (b"h2", "h2"),
        (b"http/1.1", "h1"),
        (b"x", "xx"),
        (b"", "00"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
    ],
)
def test_ja4_tells_alpn_by_its_ends(alpn: bytes, told: str) -> None:
    """The examples of "ALPN Extension Value" in the definition."""
    assert ja4(ClientHello(0x0303, alpns=(alpn,)))[0].split("_")[0] == f"t12i0000{told}"


def test_ja4_counts_up_to_99() -> None:
    """And an unknown version is 00."""
    many = tuple(range(0x100, 0x100 + 120))
    assert ja4(ClientHello(0x0999, ciphers=many, extensions=many))[0].startswith("t00i999900_")


def test_ja3_of_its_definition() -> None:
    """The two examples of Salesforce's README."""
    said = ClientHello(
        769,
        ciphers=(47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4),
        extensions=(0, 10, 11),
        groups=(23, 24, 25),
        points=b"\0",
    )
    text = "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0"
    assert ja3_text(said) == text
    assert md5(text) == "ada70206e40642a3e4461f35503241d5"
    bare = ClientHello(769, ciphers=(4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99))
    assert ja3_text(bare) == "769,4-5-10-9-100-98-3-6-19-18-99,,,"
    assert md5(ja3_text(bare)) == "de350869b8c85de67a350c8d186f11e6"


def test_ja3_leaves_out_grease() -> None:
    """In ciphers, extensions and groups."""
    text = ja3_text(read_client_hello(CHROME[4:]))
    assert text.startswith("771,4865-4866-4867-49195-")
    assert text.endswith(",29-23-24,0")
    assert str(0xAAAA) not in text
