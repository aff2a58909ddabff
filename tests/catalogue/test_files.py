"""The files of texts: equal keys and placeholders in every language, each used and none lacking."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import netshell
from netshell.catalogue import LANGUAGES, entries, has, source, text
from netshell.catalogue.files import _flat
from netshell.catalogue.particles import PAIRS

SOURCE = Path(netshell.__file__).parent
FOLDER = SOURCE / "catalogue"
FILES = sorted(path.stem for path in (FOLDER / "en").glob("*.toml"))
ELSEWHERE = (
    "scenario",
    "lesson",
    "tour",
    "netstat",
    "ifconfig",
    "dig",
    "tcpdump",
    "nslookup",
    "table",
)
"""Files whose keys are data of others: their own tests hold them."""


def keys(file: str, lang: str = "en") -> list[str]:
    return [f"{file}.{key}" for key in entries(file, lang)]


def test_every_language_has_the_same_files() -> None:
    for lang in LANGUAGES:
        assert sorted(path.stem for path in (FOLDER / lang).glob("*.toml")) == FILES
    assert {path.stem for path in (FOLDER / "sources").glob("*.toml")} <= set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_every_language_has_the_same_keys(file: str) -> None:
    for lang in LANGUAGES[1:]:
        assert set(keys(file, lang)) ^ set(keys(file)) == set()


def placeholders(template: str) -> dict[str, str]:
    """Names and how their value is written, without the particles, which are one language's own."""
    found = {}
    for _, name, spec, conversion in Formatter().parse(template):
        if name is not None:
            assert re.fullmatch("[a-z_]+", name), template
            assert not conversion
            found[name] = "" if spec in PAIRS else (spec or "")
    return found


@pytest.mark.parametrize("file", FILES)
def test_every_language_has_the_same_placeholders(file: str) -> None:
    for key, english in entries(file, "en").items():
        for lang in LANGUAGES[1:]:
            assert placeholders(entries(file, lang)[key]) == placeholders(english), key


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", FILES)
def test_texts_are_clean(file: str, lang: str) -> None:
    for key, said in entries(file, lang).items():
        assert said == said.strip() and said, key
        assert "  " not in said, key
        assert all(line.isprintable() for line in said.split("\n")), key


@pytest.mark.parametrize("file", FILES)
def test_korean_is_korean(file: str) -> None:
    """A text with English sentences in it was forgotten, unless it names things only."""
    for key, said in entries(file, "ko").items():
        english = entries(file, "en")[key]
        if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", re.sub(r"\S*[(\"_=.]\S*", "", english)):
            assert re.search("[가-힣]", said), key


@pytest.mark.parametrize("file", FILES)
def test_no_particle_stands_behind_a_placeholder(file: str) -> None:
    """What fits "3" does not fit "4": there the pair is to be chosen by the value's sound."""
    for key, said in entries(file, "ko").items():
        assert not re.search(r"\}(이|가|은|는|을|를|과|와|로|으로)(?![가-힣])", said), key


# --- what the code asks for -----------------------------------------------------------------

ASKED = re.compile(r"[a-z_]+(\.[^.\s]+)+|[a-z_]+\.")


@cache
def written() -> list[str]:
    """All strings in the code, as patterns: what is put into one stands for one part of a key."""
    return sorted(
        {
            pattern
            for path in SOURCE.rglob("*.py")
            for pattern in _patterns(ast.parse(path.read_text("utf-8")))
        }
    )


def _patterns(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if ASKED.fullmatch(node.value):
                yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(part.value) if isinstance(part, ast.Constant) else r"[^.]+"
                for part in node.values
            ]
            if isinstance(node.values[0], ast.Constant):
                yield "".join(parts)


PARTS = r"(\.(what|why|act|side|ends|misleads|one|many))?"


@pytest.mark.parametrize("file", [file for file in FILES if file not in ELSEWHERE])
def test_no_text_is_unused(file: str) -> None:
    asked = [re.compile(each + PARTS) for each in written() if each.startswith(f"{file}\\.")]
    unused = [key for key in keys(file) if not any(each.fullmatch(key) for each in asked)]
    assert not unused


def _calls() -> Iterator[tuple[str, str, str]]:
    """Name of the function and the first argument, where that is a text written out."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield path.name, node.func.id, first.value


def test_no_text_is_missing() -> None:
    asked = [each for each in _calls() if each[1] in ("text", "counted") and "." in each[2]]
    for file, function, key in asked:
        if key.partition(".")[0] in ELSEWHERE or not re.fullmatch(r"[a-z_0-9]+\..+", key):
            continue
        ends = (".one", ".many") if function == "counted" else ("",)
        assert all(has(key + end) for end in ends), (file, key)
    assert asked


# --- how a text is found ----------------------------------------------------------------------


def test_a_text_is_found_and_filled_in() -> None:
    assert text("explain.act", "en", text="wait {x}") == "To do: wait {x}"
    assert text("explain.act", "ko", text="기다리십시오.") == "할 일: 기다리십시오."
    assert source("state.CLOSE_WAIT") == "RFC 9293 3.6"
    assert has("state.CLOSE_WAIT.what")


@pytest.mark.parametrize("key", ["state.OPEN.what", "state", "state.", "state.CLOSE_WAIT"])
def test_a_text_that_is_missing_is_a_bug(key: str) -> None:
    with pytest.raises(KeyError):
        text(key)
    assert not has(key)


def test_a_file_that_is_missing_is_a_bug() -> None:
    with pytest.raises(FileNotFoundError):
        text("nothing.at.all")
    assert not has("nothing.at.all")
    with pytest.raises(KeyError):
        text("explain.act", "en")  # without the value of its placeholder
    with pytest.raises(TypeError, match=r"a\.b is no text"):
        list(_flat({"a": {"b": 1}}, ""))


def test_a_file_is_read_once() -> None:
    assert entries("state", "en") is entries("state", "en")
