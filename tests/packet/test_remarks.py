"""What a pcapng file says beside its packets: read in either byte order, and written again."""

from __future__ import annotations

import pickle
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from frames import segment

from netshell import read, scan
from netshell.packet import remarks
from netshell.packet.options import COMMENT, inserted, texts
from netshell.packet.packing import Statistics
from netshell.packet.remarks import About, Remarks
from netshell.packet.telling import names_blocks

Peer = Callable[[str], str]

FRAMES = [segment(sport=1000 + i) for i in range(5)]


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(order: str, kind: int, body: bytes) -> bytes:
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def number(order: str, code: int, value: int) -> bytes:
    return option(order, code, struct.pack(order + "Q", value))


def moment(order: str, code: int, ticks: int) -> bytes:
    return option(order, code, struct.pack(order + "II", ticks >> 32, ticks & 0xFFFFFFFF))


def counts(order: str, interface: int, received: int, dropped: int) -> bytes:
    """Statistics of an interface that counts in milliseconds."""
    body = struct.pack(order + "III", interface, 0, 0)
    body += moment(order, 2, 1_000) + moment(order, 3, 2**33 + received)
    return block(order, 5, body + number(order, 4, received) + number(order, 5, dropped) + bytes(4))


def annotated(order: str) -> bytes:
    """A file with every remark there is."""
    end = bytes(4)
    head = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    head += option(order, 1, b"made for a test") + option(order, 2, b"a box")
    head += option(order, 3, b"an os") + option(order, 4, b"a program")
    out = block(order, 0x0A0D0D0A, head + end)
    interface = struct.pack(order + "HHI", 1, 0, 1500) + option(order, 2, b"eth0")
    interface += option(order, 9, b"\x03") + option(order, 1, b"mirror")
    interface += option(order, 3, b"to the lab") + option(order, 6, bytes([2, 0, 0, 0, 0, 1]))
    interface += number(order, 8, 10**9) + option(order, 11, b"\0tcp port 80")
    interface += option(order, 12, b"its os") + option(order, 15, b"a card")
    out += block(order, 1, interface + end)
    keys = b"CLIENT_RANDOM 00 11\n"
    secret = struct.pack(order + "II", 0x544C534B, len(keys)) + keys + bytes(-len(keys) % 4)
    out += block(order, 10, secret)
    four = option(order, 1, bytes([10, 0, 0, 1]) + b"one.lab\0uno.lab\0")
    six = option(order, 2, bytes.fromhex("20010db8" + "00" * 11 + "01") + b"six.lab\0")
    out += block(order, 4, four + six + end)
    for i, frame in enumerate(FRAMES):
        body = struct.pack(order + "IIIII", 0, 0, i, len(frame), len(frame))
        body += frame + bytes(-len(frame) % 4)
        if i == 2:
            body += option(order, 2, struct.pack(order + "I", 1))
            body += option(order, 1, b"look here") + option(order, 1, b"or\nthere") + end
        out += block(order, 6, body)
        if i == 3:
            out += counts(order, 0, 6, 1)
    return out + counts(order, 0, 9, 4)


@pytest.fixture(params=["<", ">"], ids=["little", "big"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    made = tmp_path / "x.pcapng"
    made.write_bytes(annotated(request.param))
    return made


SAID = {2: ("look here", "or\nthere")}


def test_reading(path: Path) -> None:
    found = read(path)
    assert [packet.raw for packet in found] == FRAMES
    said = found.remarks
    assert said.comments == ["made for a test"]
    assert said.of_packets == SAID
    assert said.hosts == {"10.0.0.1": ["one.lab", "uno.lab"], "2001:db8::1": ["six.lab"]}
    assert said.machine == {2: "a box", 3: "an os", 4: "a program"}
    assert said.secrets == [(0x544C534B, b"CLIENT_RANDOM 00 11\n")]
    (about,) = said.interfaces.values()
    assert (about.snaplen, about.comments, about.description) == (1500, ["mirror"], "to the lab")
    assert (about.filter, about.os, about.hardware) == ("tcp port 80", "its os", "a card")
    assert (8, struct.pack("<Q", 10**9)) in about.options
    # The last block has all that the one before it had.
    assert about.statistics == Statistics(9, 4, 10**9, (2**33 + 9) * 10**6)
    assert said.dropped == found.stats.dropped == found.dropped == 4
    assert found[2].direction == "in"


def test_what_is_selected_keeps_its_comments(path: Path) -> None:
    found = read(path)
    assert found[2].comment == "look here\nor\nthere"
    assert [packet.comment for packet in found if packet.index != 2] == [""] * 4
    for chosen in (read(path, "port 1002 or port 1003"), found.filter(lambda p: p.index > 1)):
        assert chosen.remarks.of_packets == {0: SAID[2]}
        assert chosen[0].comment == found[2].comment
        assert chosen.stats.dropped == 0  # of these packets, nobody knows
        assert chosen.remarks.interfaces[0].description == "to the lab"
    assert found[::-1].remarks.of_packets == {2: SAID[2]}
    assert found[3:].remarks.of_packets == {}


def test_shown(path: Path) -> None:
    found = read(path)
    lines = str(found.show("none")).splitlines()
    at = lines.index("    # look here")
    assert lines[at + 1 : at + 3] == ["    # or", "    # there"]
    assert ".000002 " in lines[at - 1] or "1002" in lines[at - 1]
    assert sum("#" in line for line in lines) == 3
    assert [line.split() for line in str(found[2]).splitlines() if "comment" in line] == [
        ["comment", "look", "here"], ["comment", "or"], ["comment", "there"],
    ]  # fmt: skip
    assert found[2].line().count("\n") == 0
    assert found[2].records().comment == found[2].comment


def test_hostile_comments_do_not_steer_a_terminal(tmp_path: Path) -> None:
    found = read(_with_comment(tmp_path, b"\x1b[31m\xff\r\n\x9b2J"))
    assert found[0].comment == "\\x1b[31m\\xff\n\\x9b2J"
    assert found.remarks.of_packets[0][0].startswith("\x1b")  # as it is, to be saved again


def _with_comment(tmp_path: Path, text: bytes) -> Path:
    out = block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block("<", 1, struct.pack("<HHI", 1, 0, 0))
    body = struct.pack("<IIIII", 0, 0, 0, 60, 60) + bytes(60) + option("<", 1, text)
    made = tmp_path / "hostile.pcapng"
    made.write_bytes(out + block("<", 6, body + bytes(4)))
    return made


def told(program: str, path: Path) -> set[str]:
    """What tshark finds beside the packets in a file."""
    argv = [program, "-n", "-r", path, "-X", "read_format:MIME Files Format", "-V"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    lines = [line.strip() for line in said.splitlines()]
    kinds = ("Option: ", "Record: ", "Name: ", "Secrets Data: ", "Snap Length: ")
    return {line for line in lines if line.startswith(kinds)}


@pytest.mark.parametrize("how", ["read", "scan"])
def test_written_again(path: Path, peer: Peer, how: str) -> None:
    found = read(path)
    written = {"read": read, "scan": scan}[how](path).save(path.with_name("y.pcapng"))
    again = read(written)
    assert [packet.raw for packet in again] == FRAMES
    assert [packet.direction for packet in again] == [packet.direction for packet in found]
    assert again.remarks == found.remarks
    argv = [peer("tshark"), "-n", "-r", written, "-T", "fields", "-e", "frame.comment"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["", "", "look here,or\\nthere", "", ""]
    before, after = told(peer("tshark"), path), told(peer("tshark"), written)
    assert before - after == {
        "Option: Timestamp Resolution = 10^-3 (milliseconds)",
        "Option: Number of Received Packets = 6",  # and then 9
        "Option: Number of Dropped Packets = 1",
    }
    assert after - before == {"Option: Timestamp Resolution = 10^-9 (nanoseconds)"}
    assert len(after) > 15


def test_names_are_used_by_tshark(path: Path, peer: Peer) -> None:
    written = read(path).save(path.with_name("y.pcapng"))
    argv = [peer("tshark"), "-Nn", "-r", written, "-q", "-z", "hosts"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "2001:db8::1\tsix.lab" in said


def test_several_files_keep_what_is_said(path: Path) -> None:
    other = path.with_name("other.pcapng")
    data = path.read_bytes().replace(b"look here", b"also this").replace(b"made for", b"also for")
    other.write_bytes(data.replace(b"one.lab", b"ein.lab"))
    both = read([path, other])
    texts = [packet.comment.partition("\n")[0] for packet in both]
    assert texts == ["", "", "", "", "look here", "also this", "", "", "", ""]
    said = both.remarks
    assert said.comments == ["made for a test", "also for a test"]
    assert said.hosts["10.0.0.1"] == ["one.lab", "uno.lab", "ein.lab"]
    (about,) = said.interfaces.values()
    assert about.comments == ["mirror"]
    assert about.statistics == Statistics(18, 8, 10**9, (2**33 + 9) * 10**6)
    written = scan([path, other]).save(path.with_name("y.pcapng"))
    assert read(written).remarks == said
    lazily = scan([path, other]).filter("port 1002")
    assert [packet.comment.partition("\n")[0] for packet in lazily] == ["look here", "also this"]


def test_a_scan_s_filter_keeps_comments(path: Path) -> None:
    for which in ("port 1002 or port 1003", lambda packet: packet.sport in (1002, 1003)):
        lazily = scan(path).filter(which)
        assert [packet.comment for packet in lazily] == ["look here\nor\nthere", ""]
        again = read(lazily.save(path.with_name("y.pcapng")))
        assert again.remarks.of_packets == {0: SAID[2]}
        assert again.stats.dropped == 0
        assert again.remarks.interfaces[0].hardware == "a card"
    assert [packet.comment for packet in scan(path).head(3)] == ["", "", "look here\nor\nthere"]


def test_comments_of_later_windows(tmp_path: Path) -> None:
    """Of packets behind the first stretch that a scan looks at, in a file read twice at once."""
    head = block("<", 0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    head += block("<", 1, struct.pack("<HHI", 1, 0, 0) + option("<", 2, b"lo") + bytes(4))
    path = tmp_path / "x.pcapng"
    with path.open("wb") as file:
        file.write(head)
        for i in range(70_000):
            body = struct.pack("<IIIII", 0, 0, i, 4, 4) + struct.pack("<I", i)
            if i % 10_000 == 9_999:
                body += option("<", 1, b"%d" % i)
            file.write(block("<", 6, body))
    expected = {n: (str(n),) for n in range(9_999, 70_000, 10_000)}
    assert read(scan(path).save(tmp_path / "y.pcapng")).remarks.of_packets == expected
    both = read([path, path])
    assert both.remarks.of_packets == {
        2 * n + i: texts for n, texts in expected.items() for i in range(2)
    }
    assert both[139_998].comment == both[139_999].comment == "69999"


def test_frames_have_comments(path: Path) -> None:
    for source in (read(path), scan(path)):
        (stretch,) = source.data()
        column = stretch["comment"]
        texts = column.texts or ()
        said = [texts[code] for code in column.values[~column.missing]]
        assert (said, column.missing.tolist()) == (
            ["look here\nor\nthere"],
            [True, True, False, True, True],
        )


def test_damaged_remarks_end_nothing() -> None:
    found = Remarks()
    found.take(0x0A0D0D0A, bytes(16) + b"\1\0\xff\xffabc", "<")
    found.take(1, b"short", "<")
    found.take(4, b"\1\0\2\0ab\0\0", "<")
    found.take(5, b"short", "<")
    found.take(5, struct.pack("<III", 7, 0, 0) + number("<", 5, 3), "<")  # of no interface
    found.take(10, b"TLSK\xff\xff\xff\xff", "<")
    found.take(10, b"", "<")
    found.packet(0, b"\1\0", "<")
    assert not found


def test_remarks_do_not_fill_the_memory() -> None:
    found = Remarks(_left=10)
    found.packet(0, option("<", 1, b"12345678"), "<")
    assert found.notes == []
    for i in (1, 2):
        found.packet(i, option("<", 1, b"12345678"), "<")
    found.packet(3, option("<", 1, b"9"), "<")  # one that fits is kept all the same
    assert found.of_packets == {0: ("12345678",), 3: ("9",)}
    (note,) = found.notes
    assert note.startswith("2 remarks of the file are left out: more than 128 MiB of them")


def test_more_remarks_than_are_kept_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remarks, "MOST", 2)
    found = Remarks()
    head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    found.take(0x0A0D0D0A, head + option("<", 1, b"one") * 3, "<")
    for i in range(3):
        found.packet(i, option("<", 1, b"about it"), "<")
        found.take(4, option("<", 1, bytes([10, 0, 0, i]) + b"name\0"), "<")
        found.take(10, struct.pack("<II", i, 4) + b"keys", "<")
    sizes = [len(kept) for kept in (found.comments, found.of_packets, found.hosts, found.secrets)]
    assert sizes == [2, 2, 2, 2]
    assert found.notes[0].startswith("4 remarks")


def beside(order: str, count: int) -> bytes:
    """Packets that say what is not kept, and blocks of other kinds."""
    out = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(order, 1, struct.pack(order + "HHI", 1, 0, 0))
    end = bytes(4)
    flags = option(order, 2, struct.pack(order + "I", 1))
    said = [
        flags + option(order, 1, b"kept") + end,
        option(order, 6, struct.pack(order + "I", 3)) + end,  # a queue
        option(order, 2, struct.pack(order + "I", 0x205)) + end,  # a direction, and more
        option(order, 4, bytes(8)) + option(order, 7, b"\0verdict") + end,
        b"",
    ]
    for options in said * count:
        body = struct.pack(order + "IIIII", 0, 0, 1, len(FRAMES[0]), len(FRAMES[0]))
        body += FRAMES[0] + bytes(-len(FRAMES[0]) % 4)
        out += block(order, 6, body + options)
    return out + block(order, 0xBAD, struct.pack(order + "I", 32473) + b"own!") * 2


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("count", [1, 40])  # one by one, and together
def test_what_is_not_kept_is_told_once(tmp_path: Path, order: str, count: int) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(beside(order, count))
    found = read(path)
    assert [packet.direction for packet in found[:3]] == ["in", "", "in"]
    told = [
        "2 blocks of the file are of kinds that are not read, and not saved",
        f"{3 * count:,} packets have options that are not read, and not saved "
        "(such as queue, hash or drops)",
    ]
    assert list(found.notes) == told
    assert [str(found).count(note) for note in told] == [1, 1]
    assert list(read(path, "tcp").notes) == told
    walked = scan(path)
    assert walked.count() == 5 * count
    assert all(note in str(walked) for note in told)
    assert list(read(found.save(tmp_path / "again.pcapng")).notes) == []


def test_options_of_descriptions_that_are_not_kept_are_told() -> None:
    found = Remarks()
    head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    found.take(0x0A0D0D0A, head + option("<", 4, b"a program") + option("<", 2988, b"own!x"), "<")
    known = option("<", 2, b"eth0") + option("<", 9, b"\6") + option("<", 14, bytes(8))
    found.take(1, struct.pack("<HHI", 1, 0, 0) + known, "<")
    assert found.notes == [
        "1 option of an interface or section is of a kind that is not read, and not saved"
    ]
    program = option(">", 11, b"\1" + bytes(8))  # its numbers are the other way round
    found.take(1, struct.pack(">HHI", 1, 0, 0) + program + option(">", 2988, b"own!x"), ">")
    assert found.notes[0].startswith("3 options of interfaces and sections")


def test_of_several_files_what_is_not_kept_adds_up(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.pcapng").write_bytes(beside("<", 1))
    assert read(tmp_path / "*.pcapng").notes[0].startswith("4 blocks ")


def test_texts_that_are_no_utf_8_are_written_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    odd = b"\xff\xfe\x80 and \xe9t\xe9"
    head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    out = block("<", 0x0A0D0D0A, head + option("<", 1, odd + b"1") + option("<", 4, odd + b"2"))
    out += block("<", 1, struct.pack("<HHI", 1, 0, 0) + option("<", 2, odd + b"3"))
    out += block("<", 4, option("<", 1, bytes([10, 0, 0, 1]) + odd + b"4\0"))
    frame = FRAMES[0]
    body = struct.pack("<IIIII", 0, 0, 1, len(frame), len(frame)) + frame + bytes(-len(frame) % 4)
    out += block("<", 6, body + option("<", 1, odd + b"5"))
    path.write_bytes(out)
    found = read(path)
    assert found[0].comment == "\\xff\\xfe\\x80 and \\xe9t\\xe95"
    for capture in (found, pickle.loads(pickle.dumps(found))):
        again = capture.save(tmp_path / "again.pcapng").read_bytes()
        assert all(odd + b"%d" % i in again for i in range(1, 6))


def test_names_too_long_for_an_option_are_left_out_whole() -> None:
    names = [f"{'x' * 250}{i}" for i in range(300)]
    (made,) = names_blocks({"10.0.0.1": names})
    again = Remarks()
    again.take(4, made[8:-4], "<")
    kept = again.hosts["10.0.0.1"]
    assert 0 < len(kept) < 300
    assert kept == names[: len(kept)]


def test_many_names_are_several_blocks() -> None:
    hosts = {f"10.{i >> 8}.{i & 255}.1": ["n" * 200] for i in range(6_000)}
    made = list(names_blocks(hosts))
    assert len(made) == 2
    again = Remarks()
    for each in made:
        again.take(4, each[8:-4], "<")
    assert again.hosts == hosts


def test_a_comment_without_other_options() -> None:
    made = inserted(block("<", 6, bytes(20)), 28, texts(COMMENT, ["hi"]))
    assert made[4:8] == made[-4:] == struct.pack("<I", len(made))


def test_a_comment_too_long_for_an_option_ends_with_a_whole_character() -> None:
    ((_, value),) = texts(COMMENT, ["é" * 40_000])
    assert value.decode() == "é" * 32_767


def test_they_show_what_they_say() -> None:
    assert repr(Remarks()).endswith("none: the file says nothing beside its packets")
    said = Remarks(
        comments=["a \x1b[2J walk"],
        of_packets=dict.fromkeys(range(30), ("odd",)),
        hosts={"192.0.2.1": ["www.example.org", "www"]},
        interfaces={0: About(96)},
        secrets=[(1, b"key")],
    )
    shown = repr(said)
    assert "\x1b" not in shown and " walk" in shown
    assert "192.0.2.1 www.example.org, www" in shown
    assert "interface 0  at most 96 bytes of a packet" in shown
    assert "packet 19" in shown and "packet 20" not in shown and "10 in .comments" in shown
    assert "1 block of TLS or other keys" in shown and "key'" not in shown
