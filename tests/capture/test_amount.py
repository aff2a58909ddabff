"""keep= and rotate= as people write them; everything else is one line with examples."""

from __future__ import annotations

import sys

import pytest

from netshell.capture import live
from netshell.capture.amount import Keep, Rotate, parse_keep, parse_rotate
from netshell.errors import BadArgument, BadFile, NetshellError, NotFound

HUGE = 10**5000  # of more digits than Python writes


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        (0, Keep(packets=0)),
        (100_000, Keep(packets=100_000)),
        ("100_000 packets", Keep(packets=100_000)),
        ("200 MB", Keep(bytes=200_000_000)),
        (" 1.5gb ", Keep(bytes=1_500_000_000)),
        ("64MiB", Keep(bytes=64 << 20)),
        ("0 B", Keep(bytes=0)),
    ],
)
def test_keep(given: object, expected: Keep | None) -> None:
    assert parse_keep(given) == expected


@pytest.mark.parametrize(
    "given",
    [-1, True, 1.5, "", "MB", "200", "200 XB", "-1 MB", "1.5 packets", "nan MB", b"1 MB", [1],
     "1" * 30 + "0" * 300 + " MB", "200 MB please"],
)  # fmt: skip
def test_bad_keep(given: object) -> None:
    with pytest.raises(BadArgument) as caught:
        parse_keep(given)
    line = str(caught.value)
    assert line.startswith("bad keep ")
    assert line.endswith('keep=100_000, keep="200 MB", or keep=0 to write only')
    assert "\n" not in line


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ("100 MB", Rotate(bytes=100_000_000)),
        ("60 s", Rotate(seconds=60.0)),
        ("1.5 min", Rotate(seconds=90.0)),
        ("2 hours", Rotate(seconds=7200.0)),
    ],
)
def test_rotate(given: object, expected: Rotate | None) -> None:
    assert parse_rotate(given) == expected


@pytest.mark.parametrize("given", [0, 60, True, "", "0 s", "0 MB", "5 B", "1 fortnight", "60"])
def test_bad_rotate(given: object) -> None:
    with pytest.raises(BadArgument) as caught:
        parse_rotate(given)
    assert str(caught.value) == (
        f'bad rotate {given!r}; use a size or a time: rotate="100 MB", rotate="60 s", rotate="1 h"'
    )


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"keep": 0}, 'keep=0 keeps nothing without write; add write="x.pcapng"'),
        ({"rotate": "1 MB"}, 'rotate makes no sense without write; add write="x.pcapng"'),
        ({"files": 3}, 'files makes no sense without write; add write="x.pcapng"'),
        ({"write": 7}, 'bad write 7; use a path: write="x.pcapng" or "x.pcap"'),
        ({"write": "x.pcap", "files": 3},
         'files makes no sense without rotate; use a size or a time: rotate="100 MB", '
         'rotate="60 s", rotate="1 h"'),
        ({"write": "x.pcap", "rotate": "1 h", "files": 0},
         "bad files 0; use a number from 1: files=10"),
        ({"write": "x.txt"},
         "cannot write to x.txt: the formats are .pcapng, .pcap, .cap; use x.pcapng"),
        ({"write": "/tmp"},
         "cannot write to /tmp: the formats are .pcapng, .pcap, .cap; use /tmp/x.pcapng"),
        ({"write": f"{'a' * 300}.txt"},
         f"cannot write to {'a' * 300}.txt: the formats are .pcapng, .pcap, .cap; "
         f"use {'a' * 300}.pcapng"),
        ({"write": ""}, 'cannot write: the path is empty; use a path, "x.pcapng"'),
        ({"write": "/"}, 'cannot write to /: it is a directory; use a path, "x.pcapng"'),
        ({"write": "."}, 'cannot write to .: it is a directory; use a path, "x.pcapng"'),
        ({"write": "a\0.pcap"},
         "cannot write to 'a\\x00.pcap': no file can have such a name; use a path, \"x.pcapng\""),
        ({"write": "a\ud800.pcap"},
         "cannot write to 'a\\ud800.pcap': no file can have such a name; use a path, \"x.pcapng\""),
        ({"write": "~nosuchuser/x.pcap"},
         "cannot write to ~nosuchuser/x.pcap: there is no user nosuchuser; "
         "./~nosuchuser/x.pcap is a file of this name"),
        ({"keep": -HUGE},
         'bad keep a huge number; use packets or memory: keep=100_000, keep="200 MB", '
         "or keep=0 to write only"),
        ({"write": HUGE}, 'bad write a huge number; use a path: write="x.pcapng" or "x.pcap"'),
        ({"write": "x.pcap", "rotate": HUGE},
         'bad rotate a huge number; use a size or a time: rotate="100 MB", rotate="60 s", '
         'rotate="1 h"'),
        ({"write": "x.pcap", "rotate": "1 h", "files": -HUGE},
         "bad files a huge number; use a number from 1: files=10"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense(options: dict[str, object], line: str) -> None:
    """Said before anything is opened: no permission is needed, no file is touched."""
    with pytest.raises(NetshellError) as caught:
        live.start("", ["lo"], **options)  # type: ignore[arg-type]
    assert isinstance(caught.value, BadArgument | BadFile | NotFound)
    assert str(caught.value) == line


def test_amounts_beyond_all_memory_and_disks() -> None:
    assert str(parse_keep(HUGE)) == f"{sys.maxsize:,} packets"
    assert parse_keep("9" * 30 + " packets") == Keep(packets=sys.maxsize)
    assert parse_keep("9" * 30 + " TB") == Keep(bytes=sys.maxsize)
    assert parse_rotate("9" * 30 + " TB") == Rotate(bytes=sys.maxsize)
    assert parse_rotate("9" * 30 + " h") == Rotate(seconds=1e9)
