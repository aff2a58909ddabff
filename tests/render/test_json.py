"""JSON: the same text as the standard library's, however it is put together."""

from __future__ import annotations

import datetime
import json
from collections import namedtuple
from dataclasses import dataclass
from enum import Flag, StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netshell.flow.key import Endpoint
from netshell.render.json import plain, text
from netshell.results import Result


@dataclass(frozen=True)
class Several:
    first: Any
    percent_s: Any
    third: Any = None


@dataclass(frozen=True)
class One:
    only: Any


@dataclass(frozen=True)
class Empty:
    pass


class Colour(StrEnum):
    RED = "red"


class Bits(Flag):
    A = 1


class Holding(Result):
    def __init__(self, value: Any) -> None:
        self.value = value

    def records(self) -> Any:
        return self.value


def expected(value: Any) -> Any:
    return json.dumps(plain(value), indent=2, ensure_ascii=False)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text('a%"\\\né', max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text('k%"', max_size=3), inner, max_size=3)
        | st.builds(Several, inner, inner, inner)
        | st.builds(One, inner)
        | st.just(Empty())
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_it_is_the_standard_librarys_text(value: Any) -> None:
    assert text(Holding(value)) == expected(value)


@pytest.mark.parametrize(
    "value",
    [
        Endpoint("::1", 80),
        [Endpoint("::1", 80), ()],
        namedtuple("Nothing", ())(),
        Several(Colour.RED, Bits.A, b"\xff%s"),
        Several(datetime.date(2024, 1, 2), np.uint8(7), np.float64(0.5)),
        Several(np.array([1])[0], {1: 2}, frozenset({3})),
        MappingProxyType({"a": [1]}),
        [[], {}, [[]], (), set()],
        float("nan"),
        "100 %s",
        range(3),
        memoryview(b"x"),
        object,
    ],
    ids=str,
)
def test_values_of_every_kind(value: Any) -> None:
    assert text(Holding(value)) == expected(value)
