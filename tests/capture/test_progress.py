"""The bar: on a terminal only, late, and gone at the end."""

from __future__ import annotations

import io
import sys

import pytest

from netshell.capture import progress
from netshell.capture.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(screen: io.StringIO, monkeypatch: pytest.MonkeyPatch, patience_s: float) -> str:
    monkeypatch.setattr(progress, "PATIENCE_S", patience_s)
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress("reading x[bold].pcap", 1000) as bar:
        bar.at(250, "7 packets")
        bar.at(1000, "9 packets")
    return screen.getvalue()


def test_it_says_what_and_how_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    text = shown(Terminal(), monkeypatch, 0)
    assert "reading x[bold].pcap" in text
    assert "9 packets" in text


def test_what_is_quick_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(Terminal(), monkeypatch, 60) == ""


def test_no_terminal_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(io.StringIO(), monkeypatch, 0) == ""


def test_an_end_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with pytest.raises(KeyboardInterrupt), Progress("reading a pipe", None) as bar:
        bar.at(250)
        raise KeyboardInterrupt
    assert "reading a pipe" in screen.getvalue()
