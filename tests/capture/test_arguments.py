"""Every wrong argument of a capture is one line of BadArgument, whatever it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import numpy as np
import pytest

from netshell.capture import arguments
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.commands.sniff import sniff
from netshell.commands.sniff_host import filter_for
from netshell.errors import BadArgument

HUGE = 10**5000  # more digits than Python writes

WRONG: dict[str, list[Any]] = {
    "filter": [1, b"x", ["tcp"]],
    "iface": [5, range(10**12), IPv4Network("10.0.0.0/8"), b"lo", [], [""], ["lo", None]],
    "count": ["5", 1.5, math.nan, True, 0, -HUGE, None.__class__],
    "seconds": ["5", math.nan, math.inf, True, 0, -HUGE, np.array([1, 2])],
    "snaplen": ["5", 1.5, 0, HUGE],
    "promisc": [np.array([True, False]), None, "yes", 2],
}


@pytest.mark.parametrize("name", WRONG)
def test_sniff_refuses_in_one_line(name: str) -> None:
    for value in WRONG[name]:
        options = {"iface": "lo", name: value}
        with pytest.raises(BadArgument) as caught:
            sniff(**options)
        line = str(caught.value)
        assert "\n" not in line
        assert len(line) < 200
        assert "; use" in line


@pytest.mark.parametrize(
    ("call", "values"),
    [
        (lambda cap, value: cap.wait(value), ["1", 1.5, math.nan, True, -1]),
        (lambda cap, value: cap.wait(seconds=value), ["1", math.nan, math.inf, True, [1]]),
        (
            lambda cap, value: cap.filter(value),
            [None, 1, [[True], [1, 2]], range(10**12), [True] * 9, iter([True]), {1: 2}],
        ),
    ],
)
def test_a_captures_methods_refuse_in_one_line(
    call: Callable[[Capture, Any], object], values: list[Any]
) -> None:
    cap = Capture(Store.of([]))
    for value in values:
        with pytest.raises(BadArgument) as caught:
            call(cap, value)
        assert "\n" not in str(caught.value)


def test_indexes_that_are_none() -> None:
    for index in ("x", None, 1.5):
        with pytest.raises(TypeError, match=r"packets have numbers: take one as cap\[0\]"):
            Capture(Store.of([]))[index]  # type: ignore[call-overload]


def test_large_times_are_taken() -> None:
    cap = Capture(Store.of([]))
    for seconds in (1e9, 1e300, 10**400, np.float64(1e20)):
        assert cap.wait(seconds=seconds) is cap
        assert arguments.seconds(seconds, "") == arguments.LONGEST_S


def test_numbers_of_numpy_and_text_of_other_kinds() -> None:
    class Text(str):
        pass

    assert arguments.whole(np.int64(5), "count", 1, "") == 5
    assert type(arguments.filter_text(Text("tcp"))) is str
    assert arguments.iface_names(Text("lo")) == ("lo",)
    assert arguments.iface_names("v\udcff") == ("v\\xff",)


@pytest.mark.parametrize(
    "port",
    ["1" * 5000, HUGE, -HUGE, 65536, "-1", 0],
    ids=["text", "huge", "least", "big", "-1", "0"],
)
def test_ports_that_are_none(port: Any) -> None:
    with pytest.raises(BadArgument, match=r"no such port .*; use 1 to 65535"):
        filter_for(["127.0.0.1"], port, "tcp")
