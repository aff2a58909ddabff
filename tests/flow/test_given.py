"""Numbers that a user gives: taken, or refused in one line, wherever they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plots import page

from netshell.errors import BadArgument
from netshell.flow.given import WIDEST, whole_number

NO_NUMBERS: list[Any] = ["x", 1.5, float("nan"), None, True, [], {}, b"x"]


def kind(value: Any) -> str:
    return type(value).__name__


@pytest.mark.parametrize("value", [*NO_NUMBERS, -1, 11, 1 << 16000, -(1 << 16000)], ids=kind)
def test_what_is_no_such_number_is_refused_in_one_line(value: Any) -> None:
    with pytest.raises(BadArgument) as caught:
        whole_number(value, "count", "0 to 10", most=10)
    assert "0 to 10" in str(caught.value) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize("value", [0, 10, np.int8(3), np.uint64(4)])
def test_whole_numbers_of_any_kind_are_taken(value: Any) -> None:
    assert whole_number(value, "count", "0 to 10", most=10) == int(value)


@pytest.mark.parametrize("width", [*NO_NUMBERS, -1, WIDEST + 1, 10**30], ids=kind)
def test_no_picture_is_drawn_in_a_width_that_there_is_not(width: Any) -> None:
    flow = page()
    for picture in (flow.plot("sequence"), flow.ladder()):
        with pytest.raises(BadArgument, match="width"):
            picture.text(width)
        assert picture.text(WIDEST)
