"""Fingerprints of who speaks: JA3 and JA3S (Salesforce, 2017), and JA4 (FoxIO, 2023).

They say which TLS library in which settings a client is, not who: many clients share one.
JA3: https://github.com/salesforce/ja3. JA4, TLS client fingerprint, which is under the 3-clause BSD
licence: https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md. Both leave out GREASE.
"""

from __future__ import annotations

from collections.abc import Iterable

from netshell.protocols.tls.hello import ALPN, SERVER_NAME, ClientHello, ServerHello
from netshell.protocols.tls.numbers import is_grease

_VERSIONS = {
    0x0304: "13",
    0x0303: "12",
    0x0302: "11",
    0x0301: "10",
    0x0300: "s3",
    0x0002: "s2",
}
_NOTHING = "0" * 12


def ja3_text(hello: ClientHello) -> str:
    """What JA3 hashes: version, ciphers, extensions, groups, point formats, in decimal."""
    fields = (hello.ciphers, hello.extensions, hello.groups, hello.points)
    return ",".join([str(hello.version), *map(_dashed, fields)])


def ja3s_text(hello: ServerHello) -> str:
    """What JA3S hashes: version, cipher, extensions."""
    return f"{hello.legacy},{hello.cipher},{'-'.join(map(str, hello.extensions))}"


def md5(text: str) -> str:
    """The hash that JA3 and JA3S are known by."""
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ja4(hello: ClientHello) -> tuple[str, str]:
    """JA4, and the same unhashed (JA4_r)."""
    ciphers = sorted(_hex(hello.ciphers))
    extensions = _hex(hello.extensions)
    kept = sorted(_hex(each for each in hello.extensions if each not in (SERVER_NAME, ALPN)))
    signatures = _hex(hello.signatures)
    named = "d" if SERVER_NAME in hello.extensions else "i"
    first = (
        f"t{_version(hello)}{named}{min(len(ciphers), 99):02}{min(len(extensions), 99):02}"
        f"{_alpn(hello.alpns)}"
    )
    second, third = ",".join(ciphers), ",".join(kept)
    told = f"{third}_{','.join(signatures)}" if signatures else third
    hashed = _sha256(told) if kept else _NOTHING
    return (
        f"{first}_{_sha256(second) if ciphers else _NOTHING}_{hashed}",
        f"{first}_{second}_{told}",
    )


def _dashed(numbers: Iterable[int]) -> str:
    return "-".join([str(each) for each in numbers if not is_grease(each)])


def _hex(numbers: Iterable[int]) -> list[str]:
    return [f"{each:04x}" for each in numbers if not is_grease(each)]


def _version(hello: ClientHello) -> str:
    told = [each for each in hello.versions if not is_grease(each)]
    return _VERSIONS.get(max(told) if told else hello.version, "00")


def _alpn(alpns: tuple[bytes, ...]) -> str:
    """The first and the last character of the first protocol; those of its hexadecimal digits,
    unless both of its ends are ASCII letters or digits."""
    name = alpns[0] if alpns else b""
    if not name:
        return "00"
    ends = bytes([name[0], name[-1]])
    if not ends.isalnum():
        return f"{name[0]:02x}"[0] + f"{name[-1]:02x}"[1]
    return ends.decode("ascii")


def _sha256(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:12]
