"""A small sample of the damaged conversations; ``fuzz_decoders.py`` takes 100,000 a decoder."""

from __future__ import annotations

import pytest
from fuzz.fuzz_decoders import DECODERS, run, seeds
from recorder import Lines, Recorder

from netshell.protocols.api import Decoder


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda each: f"{each.name}-{each.transport}")
def test_damaged_conversations_raise_nothing_and_never_hang(decoder: type[Decoder]) -> None:
    run(decoder, 1, 60, 1)


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda each: f"{each.name}-{each.transport}")
def test_each_decoder_has_conversations_to_begin_with(decoder: type[Decoder]) -> None:
    assert seeds(decoder)


def test_what_a_case_raises_is_told_with_its_number() -> None:
    class Failing(Recorder):
        name = "failing"

        def feed(self, side: object, data: bytes, time_ns: int) -> list[object]:  # type: ignore[override]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run(Failing, 7, 1, 1)
    assert caught.value.__notes__[0].startswith("case 7 of seed 1, failing (tcp)")


def test_what_grows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Growing(Lines):
        name = "growing"

        def feed(self, side: object, data: bytes, time_ns: int) -> list[object]:  # type: ignore[override]
            self._inboxes[side].add(data, time_ns)  # type: ignore[index]
            return []

    monkeypatch.setattr("fuzz.fuzz_decoders.KEPT_EVERY", 1)
    with pytest.raises(AssertionError, match="bytes kept"):
        run(Growing, 0, 20, 1)
