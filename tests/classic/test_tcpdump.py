"""``tcpdump`` on files, beside the real one: every option of printing, reading and writing."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mixed_traffic import Packet, mixed, write
from tcpdumps import Pair, lines, run

from netshell import errors
from netshell.capture.capture import Capture
from netshell.capture.scan import Scan
from netshell.classic import tcpdump
from netshell.classic.capturing import offline
from netshell.lab.interpreter import module_environment

READING = "reading from file {}, link-type EN10MB (Ethernet), snapshot length 262144\n"


@pytest.fixture
def pair(peer: Callable[[str], Path]) -> Pair:
    return Pair(peer("tcpdump"))


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Some hundred packets of mixed traffic."""
    return str(write(tmp_path / "mixed.pcap", sane(mixed(7, 320))))


def sane(packets: list[Packet]) -> list[Packet]:
    """Without records that contradict themselves, which are read as if they did not."""
    return [one for one in packets if one.captured <= one.wire_len]


DUMPS = ("-x", "-xx", "-X", "-XX", "-A", "-AA", "-xX", "-Ax", "-AX")
TIMES = ("", "-t", "-tt", "-ttt", "-tttt", "-ttttt", "--nano", "--time-stamp-precision=nano -ttt",
         "--micro -tt", "--nano --micro -ttttt", "--time-stamp-precision micro -tttt")  # fmt: skip


class TestPrinting:
    @pytest.mark.parametrize("options", DUMPS)
    def test_dumps(self, options: str, pair: Pair, file: str) -> None:
        pair.hold("-nn", options, "-r", file)
        pair.hold("-nnqt", options, "-r", file)

    @pytest.mark.parametrize("options", TIMES)
    def test_times(self, options: str, pair: Pair, file: str) -> None:
        pair.hold("-nnq", *options.split(), "-r", file)

    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"])
    def test_local_times_over_a_change_of_the_clock(
        self, zone: str, pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = sane(mixed(1, 1))[0]
        seconds = [1_711_846_799, 1_711_846_800, 1_730_000_000, 1_710_054_000, 0, 2**31 - 1]
        packets = [one._replace(time_ns=second * 10**9 + 5) for second in seconds]
        place = write(tmp_path / "times.pcap", packets)
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            for options in ("-nn", "-nntttt", "-nnttt", "-nnttttt"):
                pair.hold(options, "-r", str(place))
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_times_beyond_what_has_a_text(self, pair: Pair, tmp_path: Path) -> None:
        one = sane(mixed(1, 1))[0]
        packets = [one._replace(time_ns=second * 10**9) for second in (2**31, 5, 2**32 - 1)]
        place = write(tmp_path / "times.pcap", packets)
        for options in ("-nn", "-nntt", "-nntttt"):
            pair.hold(options, "-r", str(place))

    @pytest.mark.parametrize(
        "options", ["-#", "--number -t", "-S", "-q", "-N", "-K", "-v", "-vvv", "-e", "-c 5",
                    "-c5 -#", "-l", "-U -B 100 -p --immediate-mode", "-s 64", "-s0"]
    )  # fmt: skip
    def test_other_options(self, options: str, pair: Pair, file: str) -> None:
        pair.hold("-nn", *options.split(), "-r", file)

    def test_records_that_contradict_themselves(self, pair: Pair, tmp_path: Path) -> None:
        packets = [
            one._replace(wire_len=wire, captured=captured)
            for one, wire, captured in zip(
                mixed(2, 4), (300_000, 0, 400_000, 64), (20, 0, 0, 0), strict=True
            )
        ]
        place = write(tmp_path / "odd.pcap", packets)
        said = pair.hold("-nn", "-#", "-ttt", "-r", str(place))
        assert "[Invalid header: len(300000) > 262144]" in said.out

    def test_what_is_longer_than_the_file_says_is_cut(self, pair: Pair, tmp_path: Path) -> None:
        place = write(tmp_path / "short.pcap", sane(mixed(7, 50)), snaplen=40)
        pair.hold("-nnXX", "-r", str(place))


class TestReading:
    @pytest.mark.parametrize(
        "expression", ["tcp and port 5000", "udp or arp", "ip6", "len > 90 and not icmp",
                       "tcp[tcpflags] & tcp-syn != 0", "host 10.0.0.1", "vlan"]
    )  # fmt: skip
    def test_filters(self, expression: str, pair: Pair, file: str) -> None:
        assert pair.hold("-nn", "-c", "9", "-r", file, *expression.split()).out
        pair.hold("-nn", "-#", "-r", file, expression)
        pair.hold("--count", "-r", file, expression)

    def test_a_filter_from_a_file(self, pair: Pair, file: str, tmp_path: Path) -> None:
        place = tmp_path / "filter"
        place.write_text("# only these\ntcp and # of this\nport 5000\n")
        pair.hold("-nn", "-F", str(place), "-r", file)
        with pytest.raises(errors.NotFound, match="tcpdump -F: cannot read the filter from "):
            tcpdump.run(["-F", "/nowhere/it", "-r", file], io.StringIO(), io.StringIO())

    def test_counting(self, pair: Pair, tmp_path: Path) -> None:
        for count, text in ((0, "0 packets\n"), (1, "1 packet\n"), (5, "5 packets\n")):
            place = write(tmp_path / "some.pcap", sane(mixed(4, 9))[:count])
            assert pair.hold("--count", "-r", str(place)).out == text

    def test_what_stays_are_the_packets_that_were_printed(self, file: str) -> None:
        out = io.StringIO()
        found = tcpdump.run(
            ["-nn", "-t", "-c", "7", "-r", file, "dst port 5000"], out, io.StringIO()
        )
        assert isinstance(found.records, Capture)
        assert len(found.records) == len(out.getvalue().splitlines()) == 7
        assert all(".5000: " in line for line in out.getvalue().splitlines())
        assert {packet.dport for packet in found.records} <= {5000, None}

    def test_of_a_large_file_stays_a_scan(self, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(offline, "KEPT", -1)
        out = io.StringIO()
        found = tcpdump.run(["-nn", "-r", file, "dst port 9"], out, io.StringIO()).records
        assert isinstance(found, Scan)
        assert found.count() == len(out.getvalue().splitlines())

    @pytest.mark.parametrize("left", [30, 45, 24, 100])
    def test_a_file_cut_short(self, left: int, pair: Pair, file: str, tmp_path: Path) -> None:
        place = tmp_path / "cut.pcap"
        place.write_bytes(Path(file).read_bytes()[:left])
        said = pair.hold("-nn", "-r", str(place), err=False)
        assert said.status == (left != 24)
        assert said.err.startswith(READING.format(place))
        assert ("tcpdump: pcap_loop: " in said.err) == (left != 24)

    def test_files_that_are_none(self, tmp_path: Path) -> None:
        for name, content in (("empty", b""), ("text", b"no capture at all")):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(errors.BadFile, match="cannot read"):
                tcpdump.run(["-r", str(tmp_path / name)], io.StringIO(), io.StringIO())
        with pytest.raises(errors.NotFound):
            tcpdump.run(["-r", str(tmp_path / "none")], io.StringIO(), io.StringIO())

    @pytest.mark.parametrize("link", [0, 1, 12, 101, 108, 113, 147, 228])
    def test_the_link_type_is_told(self, link: int, pair: Pair, tmp_path: Path) -> None:
        place = write(tmp_path / "none.pcap", [], link=link, snaplen=1500)
        pair.hold("-r", str(place))

    def test_pcapng(self, pair: Pair, file: str, tmp_path: Path) -> None:
        from netshell import read

        place = read(file).save(tmp_path / "x.pcapng")
        pair.hold("-nn", "-r", str(place))
        pair.hold("-nn", "--nano", "-r", str(place))

    def test_a_pcapng_file_that_says_much_of_itself(
        self, pair: Pair, file: str, tmp_path: Path
    ) -> None:
        from netshell import read

        octets = read(file).save(tmp_path / "x.pcapng").read_bytes()
        comment = b"\x01\0" + struct.pack("<H", 8000) + b"c" * 8000
        length = struct.pack("<I", 28 + len(comment))
        section = octets[:4] + length + octets[8:24] + comment + length
        place = tmp_path / "long.pcapng"
        place.write_bytes(section + octets[struct.unpack_from("<I", octets, 4)[0] :])
        pair.hold("-nn", "-r", str(place))

    def test_a_pipe_s_packets_are_printed_as_they_come(self, file: str) -> None:
        octets = Path(file).read_bytes()
        first = 24 + 16 + struct.unpack_from("<I", octets, 32)[0]
        with python("-nn", "-r", "-", stdin=subprocess.PIPE) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(octets[:first])
            running.stdin.flush()
            assert running.stdout.readline().endswith(b"\n")  # before the next was written
            running.stdin.write(octets[first:])
            running.stdin.close()
            rest = running.stdout.read()
        assert rest.count(b"\n") + 1 == len(lines(run("-nn", "-r", file)))

    def test_a_reader_that_is_gone(self, file: str) -> None:
        with python("-nn", "-l", "-r", file) as running:
            assert running.stdout is not None
            running.stdout.readline()
            running.stdout.close()
            assert running.wait(60) in (0, 141)
            assert running.stderr is not None
            assert running.stderr.read().decode() == READING.format(file)


def python(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Ours as a program of its own."""
    code = (
        "import sys\nfrom netshell.classic.tcpdump import run\n"
        "try:\n    sys.exit(run(sys.argv[1:], sys.stdout, sys.stderr).status)\n"
        "except BrokenPipeError:\n    import os; os._exit(141)\n"
    )
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=module_environment(), **options,
    )  # fmt: skip


def contents(folder: Path) -> dict[str, bytes]:
    return {place.name: place.read_bytes() for place in folder.iterdir()}


class TestWriting:
    @pytest.mark.parametrize(
        "options",
        ["", "-c 20", "-C 1", "-C 1 -W 3", "-C 1 -W 12", "-C 1 -W 1", "--nano",
         "-C 1 -c 2000", "-G 3600", "-W 5", "-U", "-G 3600 -C 1"],
    )  # fmt: skip
    def test_the_same_files_are_written(self, options: str, pair: Pair, tmp_path: Path) -> None:
        packets = sane(mixed(8, 40))
        large = [
            one._replace(
                octets=one.octets + bytes(1200),
                captured=len(one.octets) + 1200,
                wire_len=len(one.octets) + 1200,
            )
            for one in packets
        ]
        file = str(write(tmp_path / "large.pcap", large * 100))
        made = []
        for who in ("ours", "theirs"):
            (tmp_path / who).mkdir()
            arguments = [*options.split(), "-r", file, "-w", str(tmp_path / who / "x-%m"), "ip"]
            made.append(run(*arguments) if who == "ours" else pair.theirs(*arguments))
        assert made[0] == made[1]
        assert contents(tmp_path / "ours") == contents(tmp_path / "theirs")

    def test_printed_and_written(self, pair: Pair, file: str, tmp_path: Path) -> None:
        place = tmp_path / "copy.pcap"
        pair.hold("-nn", "--print", "-w", str(place), "-r", file)
        pair.hold("-nn", "-v", "-w", str(place), "-r", file)

    def test_to_standard_output(self, pair: Pair, file: str) -> None:
        with python("-w", "-", "-r", file, "udp") as running:
            ours, _ = running.communicate(timeout=60)
        theirs = subprocess.run(
            [*pair.command, "-w", "-", "-r", file, "udp"], capture_output=True, check=True
        ).stdout
        assert ours == theirs
        assert len(ours) > 100

    def test_where_it_cannot_be_written(self, file: str, tmp_path: Path) -> None:
        with pytest.raises(errors.NotFound, match="cannot write"):
            tcpdump.run(
                ["-r", file, "-w", str(tmp_path / "no" / "x")], io.StringIO(), io.StringIO()
            )
        with pytest.raises(errors.BadArgument, match="standard output takes no bytes here"):
            tcpdump.run(["-r", file, "-w", "-"], io.StringIO(), io.StringIO())


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ("-c 0", "tcpdump -c: invalid packet count 0"),
            ("-c -1", "tcpdump -c: invalid packet count -1"),
            ("-c x", "tcpdump -c: invalid packet count x"),
            ("-c 5x", "tcpdump -c: invalid packet count 5x; use -c 5"),
            ("-s -1", "tcpdump -s: invalid snaplen -1: it must be >= 0 and <= 262144"),
            ("-s 262145", "tcpdump -s: invalid snaplen 262145"),
            ("-C 0 -w x", "tcpdump -C: invalid file size 0"),
            ("-C 5z -w x", "tcpdump -C: invalid file size 5z"),
            ("-G -1 -w x", "tcpdump -G: invalid number of seconds -1"),
            ("-W 0 -w x", "tcpdump -W: invalid number of output files 0"),
            ("-C 5", "tcpdump -C and -G make no sense without -w"),
            ("-B 0", "tcpdump -B: invalid packet buffer size 0"),
            ("-Q sideways", "tcpdump -Q: unknown capture direction sideways"),
            ("-tttttt", "tcpdump has only -t, -tt, -ttt, -tttt and -ttttt"),
            ("--time-stamp-precision=pico", "tcpdump has no time stamp precision pico"),
            ("-E none:x", "tcpdump -E is not supported: no ESP packet is decrypted"),
            ("-Z nobody", "tcpdump -Z is not supported: it runs as who you are"),
            ("-V list", "tcpdump -V is not supported"),
            ("--cuont", "tcpdump has no option --cuont; the nearest is --count"),
            ("-r", "tcpdump -r needs a value"),
            ("--interface=", "tcpdump -i: the interface's name is empty"),
            ("-d bad filter", 'filter "bad filter"'),
            ("-d port x", 'filter "port x"'),
        ],
    )
    def test_one_line_each(self, arguments: str, said: str) -> None:
        with pytest.raises(errors.NetshellError) as caught:
            tcpdump.run(arguments.split(), io.StringIO(), io.StringIO())
        assert str(caught.value).startswith(said)

    def test_every_refused_option_has_its_reason(self) -> None:
        for option in tcpdump.OPTIONS:
            if option.refused:
                given = [option.names[0], *(["x"] if option.value else [])]
                with pytest.raises(errors.BadArgument, match="not supported"):
                    tcpdump.run(given, io.StringIO(), io.StringIO())

    def test_help_and_version(self) -> None:
        for option in ("-h", "--help"):
            text = run(option).out
            assert text.startswith("usage: tcpdump [OPTION ...] [EXPRESSION]\n")
            assert all(one.names[-1] in text for one in tcpdump.OPTIONS)
        assert run("--version").out.startswith("tcpdump of netshell ")

    def test_the_table_is_the_real_one_s(self, pair: Pair) -> None:
        """Each of its letters is in ours, supported or refused."""
        usage = pair.theirs("--help").out
        letters = usage.partition("[-")[2].partition("]")[0]
        ours = {name for option in tcpdump.OPTIONS for name in option.names}
        assert {f"-{letter}" for letter in letters} - {"-a"} <= ours


class TestPrograms:
    @pytest.mark.parametrize("options", ["-d", "-dd", "-ddd", "-dO"])
    def test_the_filter_s_program(self, options: str, pair: Pair, file: str) -> None:
        for expression in ("tcp port 80", "", "vlan 5 and udp", "len < 100", "not arp"):
            pair.hold(options, *expression.split())
            pair.hold(options, "-r", file, *expression.split())

    def test_words_of_the_machine(self, pair: Pair) -> None:
        for expression in (
            "tcp[13] & 2 != 0", "ip[2:2] - ((ip[0]&0xf)<<2) > 100", "net 10.0.0.0/8", "inbound",
            "ip protochain 6", "ip[ip[0]] * 3 / 2 % 7 = 5", "ether[0] & 1 = 0", "-ip[0] = 1",
        ):  # fmt: skip
            pair.hold("-d", "--", expression)
            pair.hold("-dO", "--", expression)


class TestLists:
    def test_interfaces(self, pair: Pair) -> None:
        ours = lines(run("-D"))
        theirs = lines(pair.theirs("-D"))
        # libraries are built with other pseudo-devices behind the interfaces
        common = [line for line in theirs if "Pseudo" in line or "Up" in line]
        assert common
        assert [line for line in ours if "Pseudo" in line or "Up" in line] == common

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's names")
    def test_link_types(self, pair: Pair) -> None:
        if os.geteuid() != 0:
            pytest.skip("tcpdump -L opens the interface: not without root")
        for name in ("lo", "any"):
            assert run("-L", "-i", name) == pair.theirs("-L", "-i", name)


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("TZ", raising=False)
    yield


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_reading_of_a_pipe(number: int, file: str) -> None:
    octets = Path(file).read_bytes()
    with python("-nn", "-r", "-", stdin=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(octets)
        running.stdin.flush()
        count = len(lines(run("-nn", "-r", file)))
        shown = [running.stdout.readline() for _ in range(count)]
        running.send_signal(number)
        assert running.stdout.read() == b"\n"
        assert running.wait(60) == 0
    assert b"".join(shown).decode("latin-1") == run("-nn", "-r", file).out
