"""Content codings undone: whole, cut, damaged, bombs."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from netshell.protocols.http1.coding import COUNTED, KEPT, decode

TEXT = b"<p>Hello, hello, hello.</p>\n" * 5000
CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", CODED)
def test_whole(coding: str) -> None:
    found = decode(CODED[coding](TEXT), [coding])
    assert (found.data, found.size) == (TEXT[:KEPT], len(TEXT))
    assert found.is_whole and not found.reason


@pytest.mark.parametrize("coding", CODED)
def test_cut_and_damaged(coding: str) -> None:
    coded = CODED[coding](TEXT)
    found = decode(coded[: len(coded) * 2 // 3], [coding], is_whole=False)
    assert TEXT.startswith(found.data) and not found.is_whole
    for damaged in (b"\xff" + coded[1:], coded[:9] + b"\xff" * 20, b"", b"\0"):
        found = decode(damaged, [coding])
        assert found.size < len(TEXT)
        assert TEXT.startswith(found.data) or found.reason


@pytest.mark.parametrize("coding", CODED)
def test_a_bomb_is_decoded_to_a_bound(coding: str) -> None:
    coded = CODED[coding](bytes(COUNTED * 4))
    found = decode(coded, [coding])
    assert len(found.data) == KEPT and not found.is_whole
    assert COUNTED < found.size < COUNTED * 1.1 and "more than" in found.reason


def test_raw_deflate_and_several_members() -> None:
    raw = zlib.compress(TEXT)[2:-4]
    assert decode(raw, ["deflate"]).size == len(TEXT)
    assert decode(gzip.compress(b"a") + gzip.compress(b"b"), ["gzip"]).data == b"ab"


def test_codings_over_each_other() -> None:
    assert decode(gzip.compress(brotli.compress(TEXT)), ["br", "gzip"]).size == len(TEXT)
    assert "over each other" in decode(TEXT, ["gzip"] * 9).reason
    assert "'rot13' is not known" in decode(TEXT, ["rot13"]).reason


@pytest.mark.parametrize(("coding", "library"), [("br", "brotli"), ("zstd", "zstandard")])
def test_without_the_library(coding: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    found = decode(CODED[coding](TEXT), [coding])
    assert found.data == b"" and f"{library} is not installed" in found.reason
    assert "netshell[compress]" in found.reason
