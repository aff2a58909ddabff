"""Times before packets: one by one and by column."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from netshell.classic.capturing.cells import text
from netshell.classic.dump.stamp import Mode, Stamps

SECOND = 10**9
BEGIN = 1_700_000_000 * SECOND


@pytest.fixture(params=["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    times = [BEGIN, BEGIN + 1_500, BEGIN + 2 * SECOND, BEGIN + SECOND]
    said = {mode: [Stamps(mode).text(BEGIN + 1_234)] for mode in Mode}
    for mode in (Mode.SINCE_BEFORE, Mode.SINCE_FIRST):
        stamps = Stamps(mode, nanoseconds=True)
        said[mode] = [stamps.text(each) for each in times]
    monkeypatch.undo()
    time.tzset()
    assert said == {
        Mode.CLOCK: ["23:13:20.000001 "],
        Mode.NONE: [""],
        Mode.UNIX: ["1700000000.000001 "],
        Mode.DATE: ["2023-11-14 23:13:20.000001 "],
        Mode.SINCE_BEFORE: [" 00:00:00.000000000 ", " 00:00:00.000001500 ",
                            " 00:00:01.999998500 ", "-00:00:01.000000000 "],
        Mode.SINCE_FIRST: [" 00:00:00.000000000 ", " 00:00:00.000001500 ",
                           " 00:00:02.000000000 ", " 00:00:01.000000000 "],
    }  # fmt: skip


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_columns_are_as_one_by_one(mode: Mode, nanoseconds: bool, zone: str) -> None:
    chance = np.random.default_rng(3)
    spread = np.cumsum(chance.integers(-(10**6), 10**8, 400))
    # over the end of a summer time
    times = np.concatenate([BEGIN + spread, 1_730_000_000 * SECOND + 20_000 * spread])
    one, many = Stamps(mode, nanoseconds), Stamps(mode, nanoseconds)
    each = [one.text(int(when)) for when in times]
    found = []
    for part in (times[:5], times[5:6], times[6:6], times[6:]):
        cells = many.cells(part)
        assert cells is not None
        found += [text(row) for row in cells]
    assert found == each
    assert one.before == many.before


@pytest.mark.parametrize("when", [-1, 2**31 * SECOND, 2**32 * SECOND])
def test_what_has_no_text_is_left_to_one_by_one(when: int) -> None:
    stamps = Stamps(Mode.DATE)
    assert stamps.cells(np.array([BEGIN, when])) is None
    assert stamps.text(when) == "[Error converting time] "
    since = Stamps(Mode.SINCE_BEFORE)
    assert since.cells(np.array([0, BEGIN])) is None
    assert since.before is None
