"""Captures at the end of their process: exit with threads and Ctrl-C, fork, no more threads."""

from __future__ import annotations

import signal
import subprocess
import sys

import onhost
from inlab import python

from netshell.lab.interpreter import module_environment
from netshell.lab.wire import Wire

START = 'from netshell.capture import live\ncap = live.start("udp port 9999", ["lo"])\n'
SEND = 'onhost.receive_nothing("127.0.0.1"); onhost.send_datagrams("127.0.0.1", [b"x"] * 3)\n'
CLOSE = "\nfor sink in onhost.sinks: sink.close()\n"


def test_a_thread_that_iterates_does_not_keep_the_interpreter(wire: Wire) -> None:
    code = (
        "import threading\n"
        + START
        + SEND
        + "cap.wait(count=3)\n"
        + "def follow():\n    print(sum(1 for _ in cap))\n"
        + "threading.Thread(target=follow).start()"
        + CLOSE
    )
    assert python(wire, code) == "3\n"


def test_a_forked_child_has_what_came_and_waits_for_no_more(wire: Wire) -> None:
    code = (
        "import os, sys, warnings\n"
        "warnings.simplefilter('ignore', DeprecationWarning)\n"  # fork with threads, 3.12
        + START
        + SEND
        + "cap.wait(count=3)\n"
        + "child = os.fork()\n"
        "if not child:\n"
        "    cap.wait(count=9)\n"
        "    print(cap.running, len(list(cap)), cap.stats.received, flush=True)\n"
        "    del cap\n"
        "    for sink in onhost.sinks: sink.close()\n"
        "    sys.exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        'onhost.send_datagrams("127.0.0.1", [b"x"])\n'
        "cap.wait(count=4, seconds=60)\n"
        "print(cap.running, len(cap)); cap.stop()" + CLOSE
    )
    assert python(wire, code) == "False 3 3\nTrue 4\n"


def test_ctrl_c_twice_is_quiet(wire: Wire) -> None:
    code = "print('ready', flush=True)\nfor packet in sniff('udp', iface='lo'): pass"
    for _ in range(3):
        process = wire.client.popen(
            [sys.executable, "-m", "netshell", "-c", code],
            env=module_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert onhost.eventually(lambda pid=process.pid: onhost.is_capturing(pid))  # type: ignore[misc]
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
        assert complaints == ""
        assert process.returncode in (130, -signal.SIGINT)


def test_no_more_threads_is_one_line(wire: Wire) -> None:
    code = (
        "import threading\n"
        + START
        + "cap.stop()\n"
        + 'def refused(self):\n    raise RuntimeError("can\'t start new thread")\n'
        "threading.Thread.start = refused\n"
        "before = onhost.open_files()\n"
        "try: live.start('udp', ['lo', 'eth0'])\n"
        "except NetshellError as error: print(error)\n"
        "print(onhost.open_files() - before)\n"
    )
    assert python(wire, code) == (
        "cannot capture: can't start new thread; "
        "end some programs or threads, or raise ulimit -u\n0\n"
    )
