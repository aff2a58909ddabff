"""profile(): what is in force, and where each value is from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import MappingProxyType

import pytest

from netshell.commands.profile import Settings, profile
from netshell.settings import KEYS, Profile, Startup, use
from netshell.view import draw


@pytest.fixture(autouse=True)
def none_in_force(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm")
    yield
    use(None)


def origin(key: str) -> str:
    (found,) = [each.origin for each in profile() if each.key == key]
    return found


def value(key: str) -> object:
    (found,) = [each.value for each in profile() if each.key == key]
    return found


def test_each_setting_has_a_row() -> None:
    assert [each.key for each in profile()] == ["profile", *(key.name for key in KEYS)]
    assert all(each.about for each in profile())


def test_in_a_program_all_is_built_in() -> None:
    assert {each.origin for each in profile() if each.key != "lang"} == {"built-in"}
    assert draw(profile().view()).splitlines()[-1].endswith("this program only imports netshell")


def test_what_was_chosen_is_told_with_its_origin() -> None:
    use(
        Profile(
            name="sql",
            filter="tcp port 5432",
            columns=MappingProxyType({"flows": ("#", "ended")}),
            startup=Startup("/home/ann/startup.py", b""),
            origins={
                "profile": "--profile",
                "capture.filter": "profiles/sql/profile.toml, line 7",
                "columns.flows": "~/x.toml, line 2",
            },
            remarks=("a startup.py is not run",),
        )
    )
    assert (value("profile"), origin("profile")) == ("sql", "--profile")
    assert origin("capture.filter") == "profiles/sql/profile.toml, line 7"
    assert value("columns.flows") == ("#", "ended") and value("columns.conns") == ()
    shown = draw(profile().view())
    assert "columns.flows" in shown and "#, ended" in shown and "those that say something" in shown
    assert "/home/ann/startup.py runs before the first prompt" in shown
    assert "a startup.py is not run" in shown and "only imports" not in shown


def test_the_environment_has_its_say(monkeypatch: pytest.MonkeyPatch) -> None:
    use(Profile(colors="light", origins={"screen.colors": "x.toml, line 1"}))
    assert (value("screen.colors"), origin("screen.colors")) == ("light", "x.toml, line 1")
    monkeypatch.setenv("TERM", "dumb")
    assert (value("screen.colors"), origin("screen.colors")) == ("none", "TERM in the environment")
    monkeypatch.setenv("NO_COLOR", "1")
    assert origin("screen.colors") == "NO_COLOR in the environment"
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    assert (value("lang"), origin("lang")) == ("ko", "LC_ALL in the environment")
    monkeypatch.delenv("LC_ALL")
    monkeypatch.delenv("LANG")
    assert (value("lang"), origin("lang")) == ("en", "built-in")


def test_it_fits_a_screen_and_is_data() -> None:
    use(Profile(tips=("x" * 200,)))
    assert max(map(len, draw(profile().view(), 80).splitlines())) <= 80
    assert isinstance(profile()[:3], Settings) and len(profile()[:3]) == 3
    (first, *_) = json.loads(profile().json())
    assert first == {"key": "profile", "value": "default", "origin": "built-in",
                     "about": "its name"}  # fmt: skip


def test_hostile_text_is_harmless() -> None:
    use(Profile(title="\x1b]0;x\x07\n", origins={"title": "/tmp/\x1b[2J"}))
    shown = draw(profile().view())
    assert "\x1b" not in shown and "\x07" not in shown
