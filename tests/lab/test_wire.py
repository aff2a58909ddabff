"""The wire between two hosts: real namespaces, real TCP stacks, nothing left behind."""

from __future__ import annotations

import os

from netshell.lab.wire import Wire


def test_each_host_is_a_process_of_its_own(wire: Wire) -> None:
    assert wire.client.call(os.getpid) == wire.client.pid
    assert wire.server.call(os.getpid) == wire.server.pid != wire.client.pid
