"""Ctrl-C in the midst of what is not to be left half done."""

from __future__ import annotations

import signal
import threading

import pytest

from netshell.capture.postponed import postponed


def test_ctrl_c_is_heard_behind_it() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), postponed():
        signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1] and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_within_another_waits_for_the_outer_one() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), postponed():
        with postponed():
            signal.raise_signal(signal.SIGINT)
        done.append(1)
    assert done == [1]


def test_whoever_hears_it_otherwise_hears_it_so() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with postponed():
            signal.raise_signal(signal.SIGINT)
            assert not heard
        assert heard == [signal.SIGINT]
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with postponed():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_other_threads_are_not_interrupted_anyway() -> None:
    seen: list[object] = []

    def run() -> None:
        with postponed():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]
