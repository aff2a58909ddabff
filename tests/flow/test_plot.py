"""Pictures of a flow: what each shows, where from, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frames import chunk_of
from hypothesis import given, settings
from hypothesis import strategies as st
from plots import SIZE, ack, data, flow_from, page, source_from, transfer
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from segmented import ACK, HANDSHAKE, Cut, flow_of
from tcp_talk import talks

from netshell.errors import BadArgument
from netshell.flow.curves import PICTURES
from netshell.flow.flows import flows_of
from netshell.flow.plot import FlowPlot
from netshell.flow.source import Held
from netshell.flow.thinning import Curve
from netshell.packet.chunk import Chunk
from netshell.packet.table import decode
from netshell.view import cells

GOLDEN = Path(__file__).parent.parent / "golden" / "plot"
CASES = [(80, False), (140, False), (80, True)]


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize(("width", "ascii"), CASES)
def test_it_looks_as_it_did(kind: str, width: int, ascii: bool) -> None:
    """To change a picture on purpose: run this file, and look at what it wrote."""
    path = GOLDEN / _name(kind, width, ascii)
    assert page().plot(kind, side="server").text(width, ascii) + "\n" == path.read_text("utf-8")


def _name(kind: str, width: int, ascii: bool) -> str:
    return f"{kind}-{width}{'-ascii' if ascii else ''}.txt"


def curve(plot: FlowPlot, name: str) -> Curve:
    """The curve of a name, without the number behind it."""
    return next(each for each in plot.curves if each.name.partition(" (")[0] == name)


def ms(values: Any) -> list[float]:
    return [round(float(each) * 1000, 3) for each in values]


# --- what they show -------------------------------------------------------------------------


@pytest.mark.parametrize("isn", [5000, 2**32 - 3000], ids=["low", "wrapping"])
def test_a_sequence_has_data_acknowledgments_and_what_became_of_them(isn: int) -> None:
    plot = flow_from(transfer(isn), peer_isn=isn).plot("sequence")
    sent = curve(plot, "data")
    assert sent.name == "data (12)" and sent.low is not None
    assert sent.low.tolist()[:4] == [1, 1001, 2001, 4001] and sent.y[0] == 1 + SIZE
    assert ms(sent.x[:2]) == [22, 22.5]
    acked = curve(plot, "acknowledged")
    assert acked.y.tolist() == [1, 1, 2001, 3001, 3001, 3001, 6001, 10001, 10001, 12002, 12002]
    again = curve(plot, "retransmitted")
    assert (ms(again.x), again.y.tolist()) == ([45], [4001])
    late = curve(plot, "out of order")
    assert (ms(late.x), late.y.tolist()) == ([49], [9001])
    blocks = curve(plot, "SACK blocks")
    assert blocks.low is not None
    assert (blocks.low.tolist(), blocks.y.tolist()) == ([4001, 4001], [5001, 6001])
    assert ms(curve(plot, "zero window").x) == [50]
    assert ms(curve(plot, "SYN").x) == [0, 10] and ms(curve(plot, "FIN").x) == [91, 100]


def test_the_windows_edge_is_the_acknowledgment_and_the_window() -> None:
    edge = curve(page().plot("sequence"), "window's edge")
    assert edge.y.tolist()[0] == 1 + 4 * 2500 and edge.y.tolist()[7] == 10001


def test_a_window_far_above_the_data_is_told_and_not_drawn() -> None:
    told = [(at, cut._replace(window=60_000)) for at, cut in transfer()]
    plot = flow_from(told).plot("sequence")
    assert "window's edge" not in [each.name for each in plot.curves]
    assert "the window's edge is above the picture: a window of up to 240 kB is open" in str(plot)
    near = max(each.y.max() for each in plot.curves)
    assert near == 12002


def test_windows_of_unknown_scale_are_named() -> None:
    assert "scale is not known" in str(flow_from(transfer()[5:]).plot("window"))
    assert "scale is not known" not in str(page().plot("window"))


def test_throughput_adds_up() -> None:
    flow = page()
    plot = flow.plot("throughput")
    for name, total in (("goodput: each byte of payload once", 12 * SIZE),):
        rate = curve(plot, name)
        assert np.dot(rate.y[:-1], np.diff(rate.x)) == pytest.approx(total)
    wire = curve(plot, "on the wire: whole frames")
    assert np.dot(wire.y[:-1], np.diff(wire.x)) == pytest.approx(flow.server_bytes)
    assert "bins of 1 ms; on average 1" in str(plot)


def test_bytes_sent_twice_count_once_where_they_came_first() -> None:
    twice = [*transfer()[:6], data(60, 1), data(61, 1001), ack(62, 2001)]
    rate = curve(flow_from(twice).plot("throughput"), "goodput: each byte of payload once")
    assert [round(at * 1000) for at, y in zip(rate.x, rate.y, strict=True) if y] == [22, 61]


def test_round_trips_are_those_of_the_details() -> None:
    flow = page()
    dots = next(each for each in flow.plot("rtt", side="server").curves if each.kind == "dots")
    assert float(np.median(dots.y)) * 1000 == pytest.approx(flow.client_data_rtt_ms)
    assert dots.y.max() * 1000 == pytest.approx(flow.client_data_rtt_max_ms)
    level = next(each for each in flow.plot("rtt", side="server").curves if each.kind == "steps")
    assert level.name == "SYN,ACK to ACK: 500 µs" and ms(level.y) == [0.5, 0.5]
    level = next(each for each in flow.plot("rtt", side="client").curves if each.kind == "steps")
    assert level.name == "SYN to SYN,ACK: 10 ms" and ms(level.x) == [0, 11]


def test_what_is_in_flight_is_sent_and_not_acknowledged() -> None:
    plot = page().plot("window")
    flight = curve(plot, "in flight from the server")
    at = dict(zip(ms(flight.x), flight.y.tolist(), strict=True))
    assert at[22.5] == 2000 and at[24.5] == 3000 and at[46] == 0 and at[91] == 2001
    offered = curve(plot, "window that the client offers")
    assert set(offered.y.tolist()) == {10_000, 6_000, 0}


def test_nothing_is_in_flight_where_the_capture_missed_the_data() -> None:
    missed = [*transfer(), ack(110, 40_000)]
    flight = curve(flow_from(missed).plot("window"), "in flight from the server")
    assert flight.y.min() == 0


def test_it_is_of_the_side_that_sent_more_unless_said() -> None:
    flow = page()
    assert flow.plot("sequence").side == "server"
    assert "client 10.0.0.1:40000 > 10.0.0.2:80" in str(flow.plot("sequence", side="client"))


def test_round_trips_are_of_the_side_that_is_farther_from_the_other() -> None:
    flow = page()  # the server sent more, and the client's end answers at once
    assert flow.plot("rtt").side == "client"
    assert curve(flow.plot("rtt"), "acknowledged data").y.tolist() == [pytest.approx(0.01)]
    assert flow.plot("rtt", side="server").side == "server"


def test_round_trips_are_of_the_other_side_where_the_far_one_shows_none_over_time() -> None:
    late = [(30, Cut(1, b"x" * 100)), (90, Cut(1, ack=101, by_client=False))]
    early = [data(1, 1), ack(2, 1001), data(3, 1001), ack(5, 2001)]
    plot = flow_from([*early, *late]).plot("rtt")
    assert plot.side == "server" and plot.curves


# --- what cannot be drawn -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bogus", None, 7, ["rtt"], "x" * 500])
def test_another_kind_names_the_four(kind: Any) -> None:
    with pytest.raises(BadArgument, match='one of "sequence", "throughput", "rtt", "window"'):
        page().plot(kind)


def test_another_side_is_named() -> None:
    with pytest.raises(BadArgument, match='use "client" or "server"'):
        page().plot("rtt", side="left")


def test_only_tcp_has_them() -> None:
    chunk = chunk_of([bytes(Ether() / IP(dst="10.0.0.2") / UDP(sport=1, dport=53) / b"x")])
    source = Held([(0, decode(chunk), chunk)])
    with pytest.raises(BadArgument, match="udp has no plot: only TCP has"):
        flows_of(source.flows, source)[0].plot("sequence")


@pytest.mark.parametrize("kind", PICTURES)
def test_a_flow_without_data_says_so_in_a_line(kind: str) -> None:
    lines = str(flow_of(HANDSHAKE).plot(kind)).splitlines()
    assert len(lines) == 2 and lines[1] == "nothing to draw: no data was captured"
    lines = str(page().plot(kind, side="server").zoom(500, 600)).splitlines()
    assert len(lines) == 2 and lines[1].endswith("nothing happened between these times")


@pytest.mark.parametrize("kind", PICTURES)
def test_a_flow_of_one_moment_says_so_in_a_line(kind: str) -> None:
    lines = str(flow_of([Cut(1, b"x", ACK)]).plot(kind)).splitlines()
    assert len(lines) == 2 and lines[1].startswith("nothing to draw")


# --- nearer, and from elsewhere -------------------------------------------------------------


def test_one_round_trip_far_away_does_not_hide_many() -> None:
    asked = (0, Cut(101, b"q", ACK, ack=1001, by_client=True))
    many = []
    for i in range(40):
        many += [data(20 + i, 1001 + SIZE * i), ack(20.2 + i, 1001 + SIZE * (i + 1))]
    answer = (15, Cut(1001, b"", ACK, ack=102, by_client=False))
    plot = flow_from([asked, answer, *many]).plot("rtt")
    assert plot.side == "server"
    assert '.plot("rtt", "client")' in str(plot)


def test_zoom_counts_what_it_shows() -> None:
    plot = page().plot("sequence")
    (whole,) = [each for each in plot.curves if each.name.startswith("data (")]
    start = float(np.median(whole.x))
    near = plot.zoom(start, float(whole.x.max()))
    (part,) = [each for each in near.curves if each.name.startswith("data (")]
    assert 0 < int(part.name[6:-1]) < int(whole.name[6:-1])


def test_zoom_is_the_same_nearer() -> None:
    plot = page().plot("sequence").zoom(0.04, 0.06)
    assert ms(curve(plot, "data").x) == [47, 47.5, 48.5]
    acked = curve(plot, "acknowledged")
    assert ms(acked.x) == [40, 46, 50, 60] and acked.y.tolist() == [3001, 6001, 10001, 10001]
    nearer = page().plot("throughput").zoom(0.04, 0.05)
    assert "bins of 100 µs" in str(nearer)


@pytest.mark.parametrize("times", [(1, 0), (1, 1), ("a", "b"), (None, 1), (0, float("nan"))])
def test_zoom_takes_two_times(times: tuple[Any, Any]) -> None:
    with pytest.raises(BadArgument, match="seconds since the flow's start"):
        page().plot("rtt").zoom(*times)


class Passing(Held):
    """A source of which a flow's packets are kept apart, as those of a scan are."""

    lasting = False


@pytest.mark.parametrize("kind", PICTURES)
def test_it_is_the_same_from_packets_that_do_not_stay(kind: str) -> None:
    held = source_from(transfer())
    passing = Passing(held.parts())
    assert str(flows_of(passing.flows, passing)[0].plot(kind)) == str(page().plot(kind))


def test_what_is_drawn_is_data_too(tmp_path: Path) -> None:
    plot = page().plot("sequence")
    assert '"acknowledged"' in plot.json()
    assert plot.save(tmp_path / "x.svg").read_text("utf-8") == plot.svg()


@settings(max_examples=60, deadline=None)
@given(talks(), st.sampled_from(sorted(PICTURES)), st.sampled_from([60, 80, 133]), st.booleans())
def test_anything_can_be_drawn(chunk: Chunk, kind: str, width: int, ascii: bool) -> None:
    source = Held([(0, decode(chunk), chunk)])
    for flow in flows_of(source.flows, source):
        for side in (None, "client", "server"):
            text = flow.plot(kind, side).text(width, ascii)
            assert all(cells(line) <= width for line in text.splitlines())


def write() -> None:
    """Write the pictures that ``test_it_looks_as_it_did`` compares with."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for kind in PICTURES:
        for width, ascii in CASES:
            text = page().plot(kind, side="server").text(width, ascii) + "\n"
            (GOLDEN / _name(kind, width, ascii)).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
