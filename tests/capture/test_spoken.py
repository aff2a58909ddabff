"""A capture's messages, read in steps."""

from __future__ import annotations

import signal

import pytest
from frames import chunk_of, segment

from netshell.capture.capture import Capture
from netshell.capture.store import Part, Store
from netshell.protocols.readings import Readings

STEPS = 3


def asked(count: int) -> list[bytes]:
    """Connections of a SYN and a request each."""
    frames = []
    for number in range(count):
        port = 10000 + number
        request = b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number
        frames.append(segment(sport=port, flags=2, seq=9))
        frames.append(segment(sport=port, seq=10, flags=0x18, payload=request))
    return frames


def test_ctrl_c_keeps_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is heard behind a step, and the next look goes on there."""
    cap = Capture(Store.of([Part(chunk_of(asked(500)), 0)]))
    monkeypatch.setattr(cap.spoken, "_step", 64)
    began: list[int] = []
    read = Readings._read

    def reading(self: Readings, *given: object) -> None:
        began.append(self.total)
        if len(began) == STEPS:
            signal.raise_signal(signal.SIGINT)
        read(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Readings, "_read", reading)
    with pytest.raises(KeyboardInterrupt):
        _ = cap.messages
    done = cap.spoken.readings.total
    assert len(began) == STEPS and began[-1] < done < 1000
    assert len(cap.messages) == 500 and began[STEPS] == done
    assert began == sorted(set(began))


def test_what_is_over_is_read_to_its_end_in_small_steps() -> None:
    """Whoever looks gets all of what is over, with what was never answered."""
    cap = Capture(Store.of([Part(chunk_of(asked(300)), 0)]))
    cap.spoken._step = 16
    assert len(cap.messages) == 300 and cap.spoken.readings.is_final
    assert {message.lacking for message in cap.messages} == {"no answer"}
