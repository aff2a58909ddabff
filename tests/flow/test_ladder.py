"""A flow's ladder as it is shown, and what it says beside it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flow_frames import ipv4, udp
from frames import chunk_of
from tcp_talk import chunk

import netshell.render  # noqa: F401  offers the renderers
from netshell.capture.amount import Keep
from netshell.capture.capture import Capture
from netshell.capture.store import Store
from netshell.errors import NotFound, Unavailable
from netshell.flow.flow import Flow
from netshell.flow.ladder import FIRST, LAST, FlowLadder
from netshell.flow.rungs import duration
from netshell.packet.chunk import Chunk

GOLDEN = Path(__file__).parent.parent / "golden" / "ladder"
WEB = """
0    > S  0
0.1  < S. 0 1
0.2  > .  1 1
0.3  > P. 1 1 78
0.4  < .  1 79
5    < .  1 79 1000
5.1  < P. 1001 79 200
5.2  > .  79 1201
5.3  > F. 79 1201
5.5  < F. 1201 80
5.6  > .  80 1202
"""
LOSSY = """
0     > S  0
300   > S  0
310   < S. 0 1
320   > .  1 1
330   > P. 1 1 100
340   > .  201 1 100    # 101 is lost
350   < .  1 101
360   > .  301 1 100
370   < .  1 101
380   > .  401 1 100
390   < .  1 101
391   > .  101 1 100
400   < .  1 501
1900  > .  401 1 100
2000  > R. 501 1
"""
HALF_CLOSE = """
0   > S  0
10  < S. 0 1
20  > .  1 1
30  > FP. 1 1 10
40  < .  1 12
50  < P. 1 12 500
60  > .  12 501
70  < F. 501 12
80  > .  12 502
"""
REFUSED = """
0    > S  0
0.05 < R. 0 1
"""
TALKS = {"web": WEB, "lossy": LOSSY, "half-close": HALF_CLOSE, "refused": REFUSED}


def capture(told: Chunk, hosts: dict[str, list[str]] | None = None) -> Capture:
    cap = Capture(Store())
    cap.add(told)
    cap._store.end()
    cap.remarks.hosts.update(hosts or {})
    return cap


def flow(told: Chunk, hosts: dict[str, list[str]] | None = None) -> Flow:
    return capture(told, hosts).flows[0]


@pytest.mark.parametrize("name", TALKS)
@pytest.mark.parametrize(("width", "ascii"), [(80, False), (140, False), (80, True)])
def test_it_looks_as_it_did(name: str, width: int, ascii: bool) -> None:
    """To change a picture on purpose: run this file, and look at what it wrote."""
    text = flow(chunk(TALKS[name])).ladder().text(width, ascii)
    assert text + "\n" == _golden(name, width, ascii).read_text("utf-8")


def _golden(name: str, width: int, ascii: bool) -> Path:
    return GOLDEN / f"{name}-{width}{'-ascii' if ascii else ''}.txt"


def test_it_is_a_table_of_steps() -> None:
    ladder = flow(chunk(WEB)).ladder()
    assert len(ladder) == 11
    assert ladder[0].flags == "SYN" and ladder[-1].flags == "ACK"
    assert isinstance(ladder[2:4], FlowLadder) and len(ladder[2:4]) == 2
    data = json.loads(ladder.json())
    assert data[3]["client_bytes"] == 78 and data[3]["client_state"] == "ESTABLISHED"


def test_a_slice_begins_with_both_states() -> None:
    text = flow(chunk(WEB)).ladder()[4:].text(80)
    assert text.splitlines()[3].count("ESTABLISHED") == 2


def test_a_long_ladder_shows_its_ends_and_all_shows_all() -> None:
    lines = "\n".join(f"{i} > F. {i} 1" for i in range(FIRST + LAST + 100))
    ladder = flow(chunk(lines)).ladder()
    text = ladder.text(100)
    assert "⋮ 100 rungs left out" in text
    assert f"100 of {FIRST + LAST + 100} rungs left out: [{FIRST}:{FIRST + 100}]" in text
    assert "left out" not in ladder.all().text(100)
    assert ladder.all().text(0).count("►") == FIRST + LAST + 100


def test_names_of_hosts_are_told() -> None:
    text = flow(chunk(WEB), {"10.0.0.2": ["www.lab", "other"]}).ladder().text(100)
    assert "server www.lab" in text


def test_datagrams_are_arrows_without_states() -> None:
    there, back = ipv4(17, 0, 1, udp(5000, 53, 30)), ipv4(17, 1, 0, udp(53, 5000, 100))
    text = flow(chunk_of([there, back])).ladder().text(80)
    assert text.splitlines()[3:] == [
        "0  0.000000         │── len  30 ────────────────────────────►│",
        "1  0.000001  +1 µs  │◄─ len 100 ─────────────────────────────│",
    ]


def test_a_flow_seen_from_its_middle_says_so() -> None:
    text = flow(chunk("0 > P. 1 1 10\n1 < . 1 11")).ladder().text(80)
    assert text.endswith("both ends are taken to be ESTABLISHED")


def test_it_is_a_picture_for_files_and_notebooks(tmp_path: Path) -> None:
    ladder = flow(chunk(LOSSY)).ladder()
    root = ElementTree.fromstring(ladder.svg())
    assert root.tag.endswith("svg")
    path = ladder.save(tmp_path / "lossy.svg")
    assert path.read_text("utf-8") == ladder.svg()
    html = ladder._repr_html_()
    assert html is not None and "<svg" in html
    with pytest.raises(NotFound):
        ladder.save(tmp_path / "none" / "lossy.svg")


def test_a_picture_of_a_long_flow_is_shortened_and_says_so(tmp_path: Path) -> None:
    told = "".join(f"{i} {'<>'[i % 2]} S. {i * 7} 1\n" for i in range(600))
    ladder = flow(chunk(told)).ladder()
    text = ladder.svg()
    assert text.count("<g>") < FIRST + LAST + 20 and "of 600 rungs left out" in text
    assert ladder.save(tmp_path / "x.svg").read_text("utf-8") == text
    assert ladder.all().svg().count("<g>") >= 600


def test_a_fold_tells_the_bytes_of_both_ways_at_80() -> None:
    data = "".join(f"{1 + i / 1000} > . {1 + 9 * i} 1 9\n{1 + i / 1000} < . {1 + 8 * i} 1 8\n"
                   for i in range(60))  # fmt: skip
    text = flow(chunk("0 > S 0\n0.1 < S. 0 1\n0.2 > . 1 1\n" + data)).ladder().text(80)
    (line,) = [line for line in text.splitlines() if "⋮" in line]
    assert "bytes ►" in line and "bytes ◄" in line


def test_probes_of_a_closed_window_are_told_once() -> None:
    told = "0 > S 0\n1 < S. 0 1\n2 > . 1 1\n3 > P. 1 1 9\n" + "".join(
        f"{100 + 300 * i} < . 1 10\n{101 + 300 * i} > . 9 1\n" for i in range(60)
    )
    ladder = flow(chunk(told)).ladder()
    assert len(ladder) < 20
    assert sum(step.packets for step in ladder) == len(flow(chunk(told)).ladder(fold=False))
    assert max(len(step.findings) for step in ladder) > 50
    assert re.search(r"! [0-9]+ x keep_alive", ladder.text(100))


def test_a_flow_made_by_hand_has_none() -> None:
    made = replace(flow(chunk(WEB)), source=None)
    with pytest.raises(Unavailable, match="made by hand"):
        made.ladder()
    with pytest.raises(Unavailable, match="made by hand"):
        list(made.ladder(live=True))


def test_what_was_let_go_is_counted() -> None:
    cap = Capture(Store(keep=Keep(packets=4)))
    for line in WEB.strip().splitlines():
        cap.add(chunk(line))
        assert len(cap.flows) == 1
    held = len(cap) - cap.first
    assert held < 11
    text = cap.flows[0].ladder().text(100)
    assert f"{11 - held} of its packets not drawn: fragments, cut, or let go" in text
    assert "both ends are taken to be ESTABLISHED" in text


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0 µs"),
        (420, "0.4 µs"),
        (960, "1 µs"),
        (1_500, "1.5 µs"),
        (12_000, "12 µs"),
        (99_900, "100 µs"),
        (800_400, "800 µs"),
        (999_999, "1 ms"),
        (2_345_678, "2.3 ms"),
        (12_345_678, "12 ms"),
        (999_400_000, "999 ms"),
        (1_500_000_000, "1.5 s"),
        (119_400_000_000, "119 s"),
        (754 * 10**9, "12 min 34 s"),
        (7_325 * 10**9, "2 h 2 min"),
        (2**62, "1,281,023 h 53 min"),
    ],
)
def test_times_are_short(ns: int, text: str) -> None:
    assert duration(ns) == text


@pytest.mark.parametrize("name", TALKS)
def test_packets_have_their_numbers_at_80(name: str) -> None:
    lines = flow(chunk(TALKS[name])).ladder().text(80).splitlines()
    rungs = [line for line in lines if "─ " in line or "► " in line]
    assert len(rungs) > 1 and all(re.match(r" *[0-9]+", line) for line in rungs)


def write() -> None:
    """Write the pictures that ``test_it_looks_as_it_did`` compares with."""
    for name, text in TALKS.items():
        for width, ascii in ((80, False), (140, False), (80, True)):
            drawn = flow(chunk(text)).ladder().text(width, ascii) + "\n"
            _golden(name, width, ascii).write_text(drawn, "utf-8")


if __name__ == "__main__":
    write()
