"""What of a running capture reaches the screen: all that fits, a count of the rest, one end."""

from __future__ import annotations

import io
import sys
import threading
import time
from collections.abc import Callable

import pytest
from frames import chunk_of, segment

from netshell.capture.amount import Keep
from netshell.capture.capture import Capture
from netshell.capture.source import Costs, Counters
from netshell.capture.store import Store
from netshell.errors import CaptureFailed, NetshellError
from netshell.packet.packet import Packet
from netshell.shell.packets import drawing
from netshell.shell.printer import SCREEN, Printer, write
from netshell.shell.profile import Profile

DEADLINE_S = 60


class ByHand:
    """A run that a test feeds and ends."""

    files = ()

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.running = True
        self.problem: NetshellError | None = None
        self.dropped = 0

    def counters(self) -> Counters:
        return Counters(self.dropped, 0)

    def costs(self) -> Costs:
        return Costs(0, 0, 0, 0)

    def stop(self) -> None:
        self.running = False


@pytest.fixture
def run() -> ByHand:
    return ByHand()


@pytest.fixture
def capture(run: ByHand) -> Capture:
    return Capture(Store(), names=["eth0"], ifaces=["eth0"], filter_text="tcp", run=run)


class Screen:
    """What was written to standard output up to now."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    def getvalue(self) -> str:
        self._text += self._capsys.readouterr().out
        return self._text


@pytest.fixture
def screen(capsys: pytest.CaptureFixture[str]) -> Screen:
    return Screen(capsys)


def add(capture: Capture, count: int) -> None:
    capture.add(chunk_of([segment(seq=number) for number in range(count)]))


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    turn = threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        turn.wait(0.01)


def test_every_packet_once_in_order_and_one_end(
    capture: Capture, run: ByHand, screen: Screen
) -> None:
    printer = Printer(lambda packet: f"packet {packet.index}", lines_per_s=10_000)
    add(capture, 2)
    printer.follow(capture)
    add(capture, 30)
    eventually(lambda: "packet 31\n" in screen.getvalue())
    add(capture, 1)
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    lines = screen.getvalue().splitlines()
    assert lines == [
        *(f"packet {number}" for number in range(33)),
        "capture stopped: 33 packets, 0 dropped",
    ]
    assert not printer.figures
    eventually(lambda: all(each.name != "netshell-printer" for each in threading.enumerate()))


def test_what_the_prompt_showed_of_the_end_is_not_said_again(
    capture: Capture, run: ByHand, screen: Screen
) -> None:
    printer = Printer(lambda packet: f"packet {packet.index}", lines_per_s=10_000)
    add(capture, 2)
    printer.follow(capture)
    eventually(lambda: "packet 1\n" in screen.getvalue())
    printer.told(object())  # another one
    printer.told(capture)
    run.stop()
    eventually(lambda: all(each.name != "netshell-printer" for each in threading.enumerate()))
    assert screen.getvalue() == "packet 0\npacket 1\n"


def test_what_does_not_fit_is_counted(capture: Capture, run: ByHand, screen: Screen) -> None:
    printer = Printer(lambda packet: f"packet {packet.index}", lines_per_s=40)
    add(capture, 5000)
    printer.follow(capture)
    eventually(lambda: "not shown" in screen.getvalue())
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    lines = screen.getvalue().splitlines()
    shown = sum(line.startswith("packet ") for line in lines)
    skipped = [line for line in lines if "not shown (captured all the same)" in line]
    assert 10 <= shown < 200
    assert sum(int(line.split()[1].replace(",", "")) for line in skipped) == 5000 - shown
    assert lines[:2] == ["packet 0", "packet 1"]
    assert lines[-1] == "capture stopped: 5,000 packets, 0 dropped"


def test_a_rate_of_none_prints_no_packets(capture: Capture, run: ByHand, screen: Screen) -> None:
    printer = Printer(lambda packet: "never", lines_per_s=0)
    add(capture, 100)
    printer.follow(capture)
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    assert screen.getvalue() == "capture stopped: 100 packets, 0 dropped\n"


def test_a_fault_in_drawing_is_said_once_and_printing_goes_on(
    capture: Capture, run: ByHand, screen: Screen
) -> None:
    def draw(packet: Packet) -> str:
        if packet.index == 1:
            raise ZeroDivisionError("odd")
        return f"packet {packet.index}"

    printer = Printer(draw)
    add(capture, 3)
    printer.follow(capture)
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    assert screen.getvalue().splitlines()[:3] == [
        "packet 0",
        "packet 1 cannot be drawn: ZeroDivisionError('odd'); it is captured all the same",
        "packet 2",
    ]


def test_the_end_tells_what_went_wrong(capture: Capture, run: ByHand, screen: Screen) -> None:
    printer = Printer(str)
    run.dropped, run.problem = 1234, CaptureFailed("the capture ended", why="eth0 went down")
    run.stop()
    printer.follow(capture)
    eventually(lambda: "went down" in screen.getvalue())
    assert screen.getvalue().splitlines() == [
        "capture stopped: 0 packets, 1,234 dropped",
        "the capture ended: eth0 went down",
    ]


def test_what_was_let_go_before_its_turn_is_counted(run: ByHand, screen: Screen) -> None:
    capture = Capture(Store(keep=Keep(packets=10)), names=["eth0"], run=run)
    printer = Printer(lambda packet: f"packet {packet.index}")
    for _ in range(20):
        add(capture, 5)
    assert capture.first == 90
    printer.follow(capture)
    eventually(lambda: "packet 99" in screen.getvalue())
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    assert screen.getvalue().splitlines() == [
        *(f"packet {number}" for number in range(90, 100)),
        "… 90 packets not shown (captured all the same)",
        "capture stopped: 100 packets, 0 dropped",
    ]


def test_where_nothing_is_kept_nothing_is_shown(run: ByHand, screen: Screen) -> None:
    capture = Capture(Store(keep=Keep(packets=0)), names=["eth0"], run=run)
    printer = Printer(str)
    printer.follow(capture)
    add(capture, 100)
    eventually(lambda: printer._followed[0].shown == 100)
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    assert screen.getvalue() == "capture stopped: 100 packets, 0 dropped\n"


def test_notes_are_printed_once(capture: Capture, run: ByHand, screen: Screen) -> None:
    printer = Printer(str)
    printer.follow(capture)
    run.notes = ["the disk is too slow for x.pcap: 10 packets were not written"]
    eventually(lambda: "too slow" in screen.getvalue())
    run.notes = ["the disk is too slow for x.pcap: 20 packets were not written", "eth0 is gone"]
    eventually(lambda: "gone" in screen.getvalue())
    printer.close()
    assert screen.getvalue().splitlines() == [
        "the disk is too slow for x.pcap: 10 packets were not written",
        "eth0 is gone",
        "capture stopped: 0 packets, 0 dropped",
    ]


def test_two_captures_are_followed_at_once(screen: Screen) -> None:
    runs = [ByHand(), ByHand()]
    both = [Capture(Store(), names=[name], run=run) for name, run in zip("ab", runs, strict=True)]
    printer = Printer(lambda packet: f"{packet.iface} {packet.index}")
    for each in both:
        printer.follow(each)
        add(each, 2)
    assert [figures.iface for figures in printer.figures] == ["a", "b"]
    eventually(lambda: screen.getvalue().count("\n") == 4)
    assert set(screen.getvalue().splitlines()) == {"a 0", "a 1", "b 0", "b 1"}
    printer.close()
    assert not runs[0].running and not runs[1].running
    assert screen.getvalue().count("capture stopped") == 2


def test_figures_are_measured_and_announced(capture: Capture, run: ByHand) -> None:
    announced = threading.Event()
    printer = Printer(lambda packet: "", lines_per_s=0, changed=announced.set)
    printer.follow(capture)
    add(capture, 7)
    eventually(lambda: announced.is_set() and printer.figures[0].packets == 7)
    assert printer.figures[0].filter == "tcp"
    printer.close()


def test_what_was_printed_is_counted_at_once(
    capture: Capture, run: ByHand, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netshell.shell.printer.REFRESH_S", 1000)
    counts: list[int] = []
    printer = Printer(
        lambda packet: f"packet {packet.index}",
        changed=lambda: counts.extend(each.packets for each in printer.figures),
    )
    printer.follow(capture)
    eventually(lambda: time.monotonic() - printer.figures[0].taken_s > 0.06)
    add(capture, 3)
    eventually(lambda: 3 in counts)
    assert screen.getvalue().count("packet ") == 3
    printer.close()


def test_a_terminal_that_is_gone_ends_the_printing_not_the_capture(
    capture: Capture, run: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stdout", stream)
    printer = Printer(str)
    add(capture, 1)
    printer.follow(capture)
    eventually(lambda: not printer.figures)
    assert run.running


def test_lines_are_written_in_one_piece_and_in_the_streams_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    write(["one …", "two"])
    write([])
    assert raw.getvalue() == b"one \\u2026\ntwo\n"


def test_nothing_is_printed_into_what_is_written_in_pieces(screen: Screen) -> None:
    with SCREEN:
        sys.stdout.write("Out[1]: ")
        thread = threading.Thread(target=write, args=(["capture stopped"],))
        thread.start()
        thread.join(0.2)
        sys.stdout.write("captured\n")
    thread.join(DEADLINE_S)
    assert screen.getvalue() == "Out[1]: captured\ncapture stopped\n"


def test_a_hostile_name_in_a_note_or_the_end_is_printed_escaped(
    capture: Capture, run: ByHand, screen: Screen
) -> None:
    printer = Printer(lambda packet: packet.line())
    printer.follow(capture)
    run.notes.append("\x1b[2J\u202e came up after the capture began")
    eventually(lambda: "came up" in screen.getvalue())
    run.problem = CaptureFailed("the capture ended", where="on \x1b]0;x\x07", why="gone")
    run.stop()
    eventually(lambda: "gone" in screen.getvalue())
    assert screen.getvalue().splitlines() == [
        "\\x1b[2J\\u202e came up after the capture began",
        "capture stopped: 0 packets, 0 dropped",
        "the capture ended on \\x1b]0;x\\x07: gone",
    ]


def test_an_interface_of_any_name_is_printed_escaped(run: ByHand, screen: Screen) -> None:
    names = ["\x1b]0;own\x07", "\x1b[2J\u202e", "v\\xff"]
    capture = Capture(Store(), names=names, ifaces=names, run=run)
    printer = Printer(drawing(Profile()))
    chunk = chunk_of([segment(), segment(), segment()])
    chunk.iface[:] = range(3)
    capture.add(chunk)
    printer.follow(capture)
    run.stop()
    eventually(lambda: "stopped" in screen.getvalue())
    lines = screen.getvalue().splitlines()
    for line, name in zip(lines, ["\\x1b]0;own\\x07", "\\x1b[2J\\u202e", "v\\xff"], strict=False):
        assert line.isprintable() and f" {name} 10.0.0.1:40000 > " in line
