"""Numbers that a user gives: taken, or refused in one line, wherever they are asked for."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from plots import page

from netshell.errors import BadArgument
from netshell.flow.flows import Flows, flows_of
from netshell.flow.given import WIDEST, whole_number

NO_NUMBERS: list[Any] = ["x", 1.5, float("nan"), None, True, [], {}, b"x"]


def page_flows() -> Flows:
    source = page().origin
    return flows_of(source.flows, source)


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


@pytest.mark.parametrize("value", [[], {}, None, 5, "x", b"x"], ids=repr)
def test_no_order_is_no_order(value: Any) -> None:
    flows = page_flows()
    for ask in (flows.sort, lambda by: flows.top(1, by), lambda by: flows.slowest(1, by)):
        with pytest.raises(BadArgument, match=r"'bytes'|'wait'"):
            ask(value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, -5, 256, 10**30], ids=kind)
def test_no_protocol_is_no_protocol(value: Any) -> None:
    if value is None:
        return  # not asked for
    with pytest.raises(BadArgument, match="protocol"):
        page_flows().where(proto=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, -1, 10**30], ids=kind)
def test_no_count_is_no_count(value: Any) -> None:
    with pytest.raises(BadArgument, match=r"count|order") if value != 10**30 else nullcontext():
        page_flows().top(value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, -1, -(10**30)], ids=kind)
def test_a_stream_takes_sizes_and_offsets_only(value: Any) -> None:
    stream = page().stream("server")
    asked: list[Callable[[], object]] = [
        lambda: stream.blocks(value),  # at once, not when the first block is taken
        lambda: stream.octets(value, 10),
        lambda: stream.octets(0, value),
        lambda: stream.packets(value),
        lambda: stream.find(b"x", value),
    ]
    if value is not None:
        asked.append(lambda: stream.packets(0, value))
    for ask in asked:
        with pytest.raises(BadArgument, match=r"offset|size"):
            ask()


@pytest.mark.parametrize("value", ["GET", -1, 71, None, [b"x"]], ids=repr)
def test_a_stream_looks_for_bytes_only(value: Any) -> None:
    with pytest.raises(BadArgument, match="bytes"):
        page().stream("server").find(value)


def test_a_stream_gives_what_is_asked_for() -> None:
    stream = page().stream("server")
    assert len(stream) > 1000
    assert b"".join(stream.blocks(999)) == stream.data == stream.octets(0, 10**30)
    assert stream.octets(10**30, 10**31) == b"" and stream.octets(5, 9) == stream.data[5:9]
    assert stream.packets().tolist() == stream.packets(0, 10**30).tolist()
    with pytest.raises(BadArgument):
        stream.blocks(0)


ARRAY = np.arange(3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda flow, flows: flows.slowest(1, ARRAY),
        lambda flow, flows: flows.watch(ARRAY),
        lambda flow, flows: flows.where(known_by=ARRAY),
        lambda flow, flows: flows.where(finding=ARRAY),
        lambda flow, flows: flow.findings.where(kind=ARRAY),
        lambda flow, flows: flow.findings.where(severity=ARRAY),
        lambda flow, flows: flow.follow(ARRAY),
        lambda flow, flows: flow.follow(raw=ARRAY),
        lambda flow, flows: flow.stream(ARRAY),
        lambda flow, flows: flow.plot("rtt", ARRAY),
        lambda flow, flows: flow.plot("rtt").text(80, ARRAY),
        lambda flow, flows: flow.ladder(ARRAY),
        lambda flow, flows: flow.ladder(live=ARRAY),
        lambda flow, flows: flow.ladder().text(80, ARRAY),
        lambda flow, flows: flow.states.at(ARRAY),
    ],
)
def test_an_array_is_no_word_and_no_yes(ask: Callable[[Any, Any], object]) -> None:
    with pytest.raises(BadArgument) as caught:
        ask(page(), page_flows())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [None, "", 1.5, Decimal("NaN"), True])
def test_no_time_is_no_time(value: Any) -> None:
    with pytest.raises(BadArgument, match="time"):
        page().states.at(value)


def test_any_whole_number_is_a_time() -> None:
    states = page().states
    assert states.at(np.uint8(200)) == states.at(200) and states.at(1 << 100) is not None


@pytest.mark.parametrize("ports", [range(10**12), itertools.count(), itertools.repeat(80)])
def test_ports_without_end_are_refused_at_once(ports: Any) -> None:
    with pytest.raises(BadArgument, match="port"):
        page_flows().where(port=ports)
    assert len(page_flows().where(port=range(65536))) == 1


def test_arguments_that_there_are_not_are_one_line() -> None:
    flows = page_flows()
    with pytest.raises(BadArgument, match=r"^where\(\) takes no 'prot'; did you mean 'proto'\?$"):
        flows.where(prot="tcp")
    with pytest.raises(BadArgument, match=r"^top\(\): .*; it is called as top\(count=10, by="):
        flows.top(1, "bytes", 3)


def test_a_count_and_an_order_come_in_any_order() -> None:
    flows = page_flows()
    for told in (flows.top("bytes", 1), flows.top("bytes"), flows.top(1, by="bytes"),
                 flows.top("bytes", count=1)):  # fmt: skip
        assert len(told) == 1
    assert str(inspect.signature(flows.top)).startswith("(count: 'int' = 10, by")
