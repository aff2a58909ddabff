"""captures: what runs is listed and can be stopped, whatever became of its name."""

from __future__ import annotations

from inlab import python

from netshell.lab.wire import Wire


def test_a_capture_without_a_name_is_listed_and_stopped(wire: Wire) -> None:
    code = (
        "from netshell import captures\n"
        "sniff('udp port 9', 'lo')\n"
        "c = sniff('', 'eth0'); c.stop()\n"
        "print(captures())\n"
        "print(captures()[0].filter_text, captures()[1] is c, captures().json().count('number'))\n"
        "captures()[0].stop(); print(captures()[0].running if len(captures()) > 1 else 'gone')\n"
    )
    assert python(wire, code).splitlines() == [
        "number  interface  filter        packets  dropped  state",
        "     0  lo         udp port 9          0        0  running",
        "     1  eth0       every packet        0        0  stopped",
        "udp port 9 True 2",
        "gone",
    ]


def test_all_that_run_are_stopped_at_once(wire: Wire) -> None:
    code = (
        "from netshell import captures\n"
        "caps = [sniff('udp', 'lo'), sniff_host('10.77.0.2', 80)]\n"
        "print([c.running for c in caps]); captures().stop(); print([c.running for c in caps])\n"
        "del caps; print(captures())\n"
    )
    assert python(wire, code) == "[True, True]\n[False, False]\nno captures\n"
