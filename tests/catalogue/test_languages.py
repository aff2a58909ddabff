"""Which language is spoken, and the particles of Korean."""

from __future__ import annotations

import io
import sys

import pytest

from netshell.catalogue import language, speak, text
from netshell.catalogue.languages import of_environment
from netshell.catalogue.particles import particle


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("netshell.catalogue.languages._chosen", [])


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "KO_KR"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": ""}, "ko"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "\x1b[31m"}, "en"),
    ],
)
def test_the_environment_decides(environ: dict[str, str], lang: str) -> None:
    assert of_environment(environ) == lang


def test_what_was_chosen_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert language() == "ko"
    speak("en")
    assert language() == "en"
    speak(None)
    assert language() == "ko"
    with pytest.raises(ValueError, match="there are en, ko"):
        speak("de")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc-kr"])
def test_korean_only_where_it_can_be_shown(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    speak("ko")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding))
    assert language() == "en"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    assert language() == "ko"
    monkeypatch.setattr(sys, "stdout", None)  # as under pythonw
    assert language() == "ko"


@pytest.mark.parametrize(
    ("word", "pair", "chosen"),
    [
        ("서버", "이/가", "가"),
        ("쪽", "이/가", "이"),
        ("3", "은/는", "은"),
        ("4", "은/는", "는"),
        ("1,000", "을/를", "을"),
        ("1", "으로/로", "로"),
        ("3", "으로/로", "으로"),
        ("포트", "으로/로", "로"),
        ("SYN", "이/가", "이"),
        ("RST", "과/와", "와"),
        ("URL", "으로/로", "로"),
        ("192.0.2.1:80", "을/를", "을"),
        ('"eth0"', "은/는", "은"),
        ("12 %", "이/가", "가"),
        ("mail", "으로/로", "로"),
        ("", "이/가", "가"),
        ("...", "이/가", "가"),
    ],
)
def test_particles_fit_the_last_sound(word: str, pair: str, chosen: str) -> None:
    assert particle(word, pair) == chosen


def test_a_text_with_a_particle(monkeypatch: pytest.MonkeyPatch) -> None:
    templates = {"said": "{who:이/가} {count:,}번 보냈습니다."}
    monkeypatch.setattr("netshell.catalogue.files.entries", lambda file, lang: templates)
    assert text("x.said", who="클라이언트", count=1234) == "클라이언트가 1,234번 보냈습니다."
    assert text("x.said", who="서버 {0} 쪽", count=1) == "서버 {0} 쪽이 1번 보냈습니다."
