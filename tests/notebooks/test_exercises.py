"""The exercises: right answers are right, others are told where to look, on shipped captures."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from running import CAPTURES, FOLDER, NOTEBOOKS

from netshell.commands.read import read

ANSWERS = {
    "00.1": ("00-tour.pcap.gz", "client"),
    "00.2": ("00-tour.pcap.gz", 2),
    "01.1": ("01-sockets-and-interfaces.pcap.gz", 2),
    "01.3": ("01-sockets-and-interfaces.pcap.gz", 0),
    "02.1": ("02-names-and-ttls.pcap.gz", 60),
    "02.2": ("02-names-and-ttls.pcap.gz", "nxdomain"),
    "02.3": ("02-names-and-ttls.pcap.gz", "large.lab"),
    "03.1": ("handshake.pcap", 1),
    "03.2": ("handshake.pcap", "client"),
    "03.3": ("handshake.pcap", 1460),
    "04.1": ("active_close.pcap", "client"),
    "04.2": ("active_close.pcap", 4),
    "04.3": ("active_close.pcap", "CLOSE-WAIT"),
    "05.1": ("close_wait.pcap", "server"),
    "05.2": ("close_wait.pcap", 3),
    "05.3": ("close_wait.pcap", "RST"),
    "06.2": ("06-loss-and-retransmission.pcap.gz", "server"),
    "06.3": ("06-loss-and-retransmission.pcap.gz", 0),
    "07.1": ("07-http-on-the-wire.pcap.gz", 2),
    "07.2": ("07-http-on-the-wire.pcap.gz", 3),
    "07.3": ("07-http-on-the-wire.pcap.gz", "/bytes/20000"),
    "08.1": ("08-sql-on-the-wire.pcap", 12),
    "08.3": ("08-sql-on-the-wire.pcap", "42703"),
    "09.2": ("09-capture-as-data-frame.pcap.gz", 80),
}
COUNTED = {
    "01.2": ("01-sockets-and-interfaces.pcap.gz", lambda cap: cap[0].sport),
    "06.1": (
        "06-loss-and-retransmission.pcap.gz",
        lambda cap: len(cap.findings.where(kind="retransmission"))
        + len(cap.findings.where(kind="out_of_order")),
    ),
    "08.2": (
        "08-sql-on-the-wire.pcap",
        lambda cap: round(sum(each.idle_s for each in cap.queries().transactions()) * 1000),
    ),
    "09.1": ("09-capture-as-data-frame.pcap.gz", lambda cap: len(cap.filter("tcp[13] & 2 != 0"))),
    "09.3": (
        "09-capture-as-data-frame.pcap.gz",
        lambda cap: cap.findings.where(kind="retransmission")[0].flow,
    ),
}  # fmt: skip


@pytest.fixture
def exercises(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("exercises")
    sys.modules.pop("exercises")


def capture_of(name: str) -> Any:
    filter = "tcp port 80" if name.startswith(("00", "01", "06", "07")) else ""
    return read(CAPTURES / name, "port 53" if name.startswith("02") else filter)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer(exercises: ModuleType, name: str) -> None:
    file, answer = ANSWERS[name]
    verdict = exercises.check(name, answer, capture_of(file))
    assert verdict.is_right is True, str(verdict)
    assert str(verdict).startswith("Right: ") and str(verdict).endswith(".")


@pytest.mark.parametrize("name", COUNTED)
def test_a_right_answer_that_was_counted(exercises: ModuleType, name: str) -> None:
    file, count = COUNTED[name]
    capture = capture_of(file)
    assert exercises.check(name, count(capture), capture).is_right is True


@pytest.mark.parametrize("name", [*ANSWERS, *COUNTED])
def test_a_wrong_answer_and_none(exercises: ModuleType, name: str) -> None:
    capture = capture_of((ANSWERS | COUNTED)[name][0])
    wrong = exercises.check(name, "none of these", capture)
    assert wrong.is_right is False and str(wrong).startswith("Not none of these. ")
    assert exercises.check(name, ..., capture).is_right is None


def test_every_exercise_is_in_a_notebook_and_tested(exercises: ModuleType) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    assert set(ANSWERS) | set(COUNTED) == set(exercises.EXERCISES)
    assert all(f'check(\\"{name}\\"' in source for name in exercises.EXERCISES)
