"""A lesson as notebooks and scripts hold it: it shows its question, and answer() goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import missing
from lesson_answers import RIGHT, WRONG

from netshell.catalogue import speak
from netshell.commands import lesson as lesson_verb
from netshell.commands.lab import lab
from netshell.commands.lesson import lesson, listed
from netshell.commands.lessons import LESSONS, load
from netshell.commands.teaching import asking
from netshell.commands.teaching.progress import Progress
from netshell.commands.teaching.taking import STALE_S, Lesson
from netshell.errors import BadArgument, NetshellError, NotFound, Unavailable


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def taken(tmp_path: Path, clock: Clock) -> Iterator[Lesson]:
    with Lesson(load("handshake"), Progress(tmp_path / "lessons.json"), clock=clock) as one:
        try:
            one.begin()
        except Unavailable as error:
            missing(str(error))
        yield one


def test_answers_are_compared_with_what_was_captured(taken: Lesson) -> None:
    assert "Question 1 of 5" in str(taken) and taken.question in str(taken).replace("\n", " ")
    turn = taken.answer("0")
    assert turn.right and "Right: 0." in str(turn) and "Question 2 of 5" in str(turn)
    noted = taken.answer("syn")
    assert noted.verdicts == () and "Noted: SYN." in str(noted)
    turn = taken.answer("established")
    assert [(each.given, each.truth, each.right) for each in turn.verdicts] == [
        ("SYN", "SYN,ACK", False),
        ("ESTABLISHED", "ESTABLISHED", True),
    ]
    assert str(taken.capture[1].flags) == "SYN,ACK"  # the truth is this, and nothing that is stored
    assert "A SYN without ACK" in str(turn)
    assert turn.records()[0] == {"question": "reply", "answer": "SYN", "truth": "SYN,ACK"}
    taken.answer("0")
    end = taken.answer("3")
    assert taken.over and "4 of 5 answers were right." in str(end)
    assert taken.score == (4, 5)
    # The hosts stay, to look around.
    assert [str(each.state) for each in lab.hosts["client"].conns()] == ["ESTABLISHED"]
    assert len(taken.hosts) == 2
    with pytest.raises(NetshellError, match="is over"):
        taken.answer("1")
    taken.stop()
    with pytest.raises(NetshellError, match="nothing"):
        lab.hosts["client"].conns()
    assert "4 of 5" in str(taken)


def test_what_cannot_be_understood_can_be_answered_again(taken: Lesson) -> None:
    for said in ("x" * 10**6, "", "\x1b[2J", "perhaps"):
        with pytest.raises(BadArgument):
            taken.answer(said)
    assert "Whom would" in taken.hint().text
    assert taken.answer("0").right


def test_hosts_that_were_touched_or_left_alone_for_long_begin_again(
    taken: Lesson, clock: Clock
) -> None:
    taken.answer("0")
    clock.now_s += STALE_S + 1
    taken.answer("SYN,ACK")
    turn = taken.answer("ESTABLISHED")
    assert turn.right and "played once more" in str(turn)
    first = taken.play
    assert taken.answer("0").right and taken.play is first  # nothing has moved: it goes on
    lab.run("refused")  # somebody uses the lab for something else
    turn = taken.answer("3")
    assert turn.right and "played once more" in str(turn)


def test_it_is_taken_up_again_and_begun_anew(tmp_path: Path, taken: Lesson) -> None:
    taken.answer("1")
    taken.stop()
    assert 'lesson("handshake") goes on' in str(taken)
    with pytest.raises(NetshellError, match="stopped"):
        taken.answer("0")
    progress = Progress(tmp_path / "lessons.json")
    with Lesson(load("handshake"), progress) as again:
        assert again.begun_at == 1 and "Question 2 of 5" in str(again)
        assert "LISTEN" in str(again.begin())
    with Lesson(load("handshake"), progress, anew=True) as anew:
        assert anew.begun_at == 0
    assert progress.of("handshake").right == {}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_asked_can_be_shown_in_both_languages(tmp_path: Path, lang: str) -> None:
    speak(lang)
    try:
        for name in LESSONS:
            one = Lesson(load(name), Progress(tmp_path / "none.json"))
            for _ in one.names:
                assert one.question and str(one) and one.hint().text
                one._at += 1
            assert str(one)
        assert [row.name for row in listed()] == list(LESSONS)
    finally:
        speak(None)


def test_the_list_says_how_far_each_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = Progress(tmp_path / "lessons.json")
    monkeypatch.setattr(lesson_verb, "Progress", lambda: progress)
    progress.answered("handshake", "waiting", right=True)
    names = [each.question.name for each in load("dns").asked]
    for name in names:
        progress.answered("dns", name, right=name != "ttl")
    progress.finished("dns", 6)
    rows = {row.name: row for row in lesson()}
    assert (rows["handshake"].done, rows["handshake"].rounds) == (1, 0)
    assert (rows["dns"].done, rows["dns"].best, rows["dns"].rounds) == (7, 6, 1)
    shown = str(lesson())
    assert "1/5" in shown and "6/7" in shown and shown.count("/7") == 2
    progress.place.write_text("{")
    assert "cannot be read" in str(lesson())


def test_where_nobody_can_be_asked_it_is_an_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "can_ask", lambda: False)
    monkeypatch.setattr(lesson_verb, "Progress", lambda: Progress(tmp_path / "lessons.json"))
    try:
        one = lesson("nagle")
    except Unavailable as error:
        missing(str(error))
    assert isinstance(one, Lesson)
    one._progress.place = tmp_path / "lessons.json" / "nowhere"  # it cannot be kept from now on
    one._progress.place.parent.write_text("{}")
    with one:
        html = one._repr_html_()
        assert html is not None and "Question 1 of 4" in html
        for said in WRONG["nagle"][:3]:
            turn = one.answer(said)
        assert not any(each.right for each in turn.verdicts) and len(turn.verdicts) == 3
        assert "not kept" in str(turn)
        end = one.answer(RIGHT["nagle"][3])
        assert end.right and one.score == (1, 4) and "1 of 4 answers were right." in str(end)


@pytest.mark.parametrize("name", ["handshak", "x" * 10**5, "\x1b]0;x\x07", "핸드셰이크", ""])
def test_no_such_lesson_is_one_line(name: str) -> None:
    with pytest.raises(NotFound) as raised:
        lesson(name)
    assert str(raised.value).isprintable() and len(str(raised.value)) < 150
