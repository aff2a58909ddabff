"""Lines by column are those of the protocols' printers, and of tcpdump, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from mixed_traffic import Packet, mixed, write
from tcpdumps import Pair

from netshell.classic.capturing import plain
from netshell.classic.capturing.lines import Printer
from netshell.classic.capturing.orders import Orders, orders_of
from netshell.classic.capturing.plain import Headers
from netshell.classic.capturing.table import OPTIONS
from netshell.classic.options import parse
from netshell.packet import pcap
from netshell.packet.chunk import Chunk

OPTIONS_OF_LINES = ("-n", "-nS", "-n -#", "-nt", "-ntt", "-nttt", "-ntttt", "-nttttt",
                    "-n --nano", "-nttt --nano -#", "-N")  # fmt: skip


def orders(options: str) -> Orders:
    return orders_of(parse("tcpdump", OPTIONS, options.split()))


def chunk(packets: list[Packet], folder: Path) -> Chunk:
    return pcap.parse(write(folder / "made.pcap", packets).read_bytes())[0]


def printed(chunks: list[Chunk], options: str, by_column: bool) -> tuple[list[str], Printer]:
    printer = Printer(orders(options), is_by_column=by_column)
    text = "".join(piece for one in chunks for piece in printer.lines(one))
    return text.split("\n"), printer


def compare(chunks: list[Chunk], options: str) -> None:
    by_column, one = printed(chunks, options, True)
    each, other = printed(chunks, options, False)
    assert by_column == each
    assert one.each.state.conversations == other.each.state.conversations
    assert one.count == other.count == sum(map(len, chunks))
    assert one.each.stamps.before == other.each.stamps.before


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few packets are looked at together already."""
    monkeypatch.setattr(plain, "LEAST", 2)


@pytest.mark.parametrize("options", OPTIONS_OF_LINES)
def test_mixed_traffic_by_column_is_as_one_by_one(options: str, tmp_path: Path) -> None:
    for seed in range(2):
        whole = chunk(mixed(seed, 300), tmp_path)
        compare([whole], options)
        compare([whole[at : at + 90] for at in range(0, len(whole), 90)], options)


def test_conversations_that_begin_anew_go_on_in_the_next_stretch(tmp_path: Path) -> None:
    for seed in range(20, 23):
        whole = chunk(mixed(seed, 900, share_odd=False), tmp_path)
        compare([whole[:300], whole[300:301], whole[301:]], "-n")


def test_most_of_it_is_plain(tmp_path: Path) -> None:
    """Else the tests above would prove nothing."""
    headers = Headers(chunk(mixed(1, 900), tmp_path))
    assert headers.plain.mean() > 0.3
    assert 0.02 < headers.odd.mean() < 0.4


def test_a_frame_at_the_end_of_the_bytes_is_looked_at_no_further(tmp_path: Path) -> None:
    whole = chunk(mixed(3, 60), tmp_path)
    for count in range(1, 60, 7):
        end = int(whole.offset[count - 1] + whole.captured_len[count - 1])
        part = whole[:count].elsewhere(whole.data[:end], whole.offset[:count])
        compare([part], "-n")


def test_names_are_asked_for_once_and_printed_by_column(tmp_path: Path) -> None:
    from dataclasses import replace

    asked: list[bytes] = []

    def host(octets: bytes) -> str:
        asked.append(octets)
        return f"host-{octets[-1]}.example"

    given = orders("-n")
    settings = replace(given.settings, host=host, port=lambda protocol, port: f"p{protocol}-{port}")
    given = replace(given, settings=settings)
    whole = chunk(mixed(5, 400, share_odd=False), tmp_path)
    texts = ["".join(Printer(given, is_by_column=each).lines(whole)) for each in (True, False)]
    assert texts[0].split("\n") == texts[1].split("\n")
    assert "host-1.example.p6-5000 > " in texts[0]


@pytest.mark.parametrize("options", ["-nn", "-nnttt", "-nn -#", "-nnS", "-nntttt"])
def test_tcpdump_prints_the_same(options: str, peer: Callable[[str], Path], tmp_path: Path) -> None:
    pair = Pair(peer("tcpdump"))
    for seed in range(40, 42):
        packets = [one for one in mixed(seed, 900) if one.captured <= one.wire_len]
        pair.hold(*options.split(), "-r", str(write(tmp_path / "made.pcap", packets)))


def test_an_empty_stretch_has_no_lines(tmp_path: Path) -> None:
    none = chunk(mixed(1, 5), tmp_path)[np.zeros(5, bool)]
    assert printed([none], "-n", True)[0] == [""]
