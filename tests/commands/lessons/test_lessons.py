"""Every lesson at a terminal, with right answers and with wrong ones; its texts; what is asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lesson_answers import RIGHT, WRONG
from pty_shell import CTRL_C, CTRL_D, ENTER, Shell

from netshell.catalogue import LANGUAGES, entries, has
from netshell.commands.lessons import LESSONS, load
from netshell.commands.teaching.answers import Choice
from netshell.commands.teaching.plan import slug
from netshell.errors import NotFound
from netshell.lab.scenarios import load as load_scenario
from netshell.lab.wire import Wire

FIXED = {
    "begin", "damaged", "empty", "form", "how", "left", "not_kept", "noted", "now", "question",
    "replayed", "right", "say", "score", "stopped", "too_long", "unclear", "wrong",
}  # fmt: skip
"""Texts that are not a lesson's."""


def answer(shell: Shell, number: int, of: int, said: str) -> None:
    """Answer a question, from 0, when it is asked."""
    asked = f"Question {number + 1} of {of}"
    shell.until(lambda: shell.cursor_line == ">" and asked in shell.text, asked)
    shell.type(said + ENTER)


@pytest.mark.parametrize("name", LESSONS)
def test_right_answers_are_right_and_wrong_ones_are_explained(
    wire: Wire, tmp_path: Path, name: str
) -> None:
    of = len(RIGHT[name])
    homes = tmp_path / "knows", tmp_path / "guesses"
    for home in homes:
        home.mkdir()
    with Shell(homes[0], "lesson", name) as knows, Shell(homes[1], "lesson", name) as guesses:
        for number in range(of):  # both at once: most of the time, kernels wait for their timers
            answer(knows, number, of, RIGHT[name][number])
            answer(guesses, number, of, WRONG[name][number])
        knows.shows(f"{of} of {of} answers were right.")
        guesses.shows(f"0 of {of} answers were right.")
        assert knows.end() == guesses.end() == 0
        for shell, said, other in (
            (knows, "Right: ", "You said "),
            (guesses, "You said ", "Right: "),
        ):
            assert len(re.findall(rf"^(?:\d\. )?{said}", shell.text, re.MULTILINE)) == of
            assert not re.search(rf"^(?:\d\. )?{other}", shell.text, re.MULTILINE)
            assert "Traceback" not in shell.text


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D, "q" + ENTER])
def test_it_ends_cleanly_and_goes_on_from_there(wire: Wire, tmp_path: Path, key: str) -> None:
    with Shell(tmp_path, "lesson", "handshake") as shell:
        answer(shell, 0, 5, "0")
        shell.until(lambda: shell.cursor_line == ">" and "Question 2 of 5" in shell.text, "2")
        shell.type("?" + ENTER)
        shell.shows("two things at once")
        shell.until(lambda: shell.cursor_line == ">", "the question again")
        hosts = agents_of(shell.process.pid)
        assert len(hosts) >= 2
        shell.type(key)
        shell.shows("Stopped at question 2 of 5")
        assert shell.end() == (130 if key == CTRL_C else 0)
        assert "Traceback" not in shell.text
        shell.until(lambda: not any(map(alive, hosts)), "the end of both hosts")
    if key != CTRL_C:  # what is kept is the same
        return
    with Shell(tmp_path, "lesson", "handshake") as shell:
        shell.until(lambda: shell.cursor_line == ">" and "Question 2 of 5" in shell.text, "2")
        assert "Question 1 of 5" not in shell.text
        assert "LISTEN" in shell.text  # where it was left
        shell.type(CTRL_D)
        assert shell.end() == 0


def agents_of(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += map(int, (task / "children").read_text("ascii").split())
    return [*children, *(each for child in children for each in agents_of(child))]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.parametrize("name", LESSONS)
def test_it_has_a_text_for_everything(name: str) -> None:
    plan = load(name)
    assert plan.name == name
    wanted = {"title", "why"}
    said = set()
    for asked in plan.asked:
        question = asked.question.name
        wanted |= {f"{question}.{word}" for word in ("ask", "hint", "right", "wrong")}
        form = asked.form
        assert f"{question}.right" not in said
        for key in entries("lesson", "en"):
            found = re.fullmatch(rf"{name}\.{question}\.(said|is)_(.+)", key)
            if found is None:
                continue
            said.add(f"{question}.{found[1]}_{found[2]}")
            if found[1] == "said":  # it can be said: somebody's answer is read as this
                assert slug(form.read(found[2])) == found[2], key
            else:
                assert isinstance(form, Choice) and found[2] in form.options, key
        if isinstance(form, Choice):
            assert all(form.shown(option) for option in form.options)
    written = {k.partition(".")[2] for k in entries("lesson", "en") if k.startswith(f"{name}.")}
    assert written == wanted | said
    assert [each.question.name for each in plan.asked] == list(
        dict.fromkeys(each.question.name for each in plan.asked)
    )


@pytest.mark.parametrize("name", LESSONS)
def test_questions_stand_in_the_order_of_their_steps(name: str) -> None:
    for part in load(name).parts:
        steps = [step.name for step in load_scenario(part.scenario).steps]
        places = [steps.index(question.step) for question in part.questions]
        assert places == sorted(places)


def test_no_text_is_of_no_lesson() -> None:
    for lang in LANGUAGES:
        assert {key.partition(".")[0] for key in entries("lesson", lang)} == {*LESSONS, *FIXED}


@pytest.mark.parametrize("name", LESSONS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_a_few_lines_and_no_option_is_twice(name: str, lang: str) -> None:
    for key, said in entries("lesson", lang).items():
        if key.startswith(f"{name}.") and not key.endswith(".title") and ".is_" not in key:
            assert len(said) <= (340 if lang == "en" else 260), key
            assert re.search(r"[.?)]$", said), key
    for asked in load(name).asked:
        if isinstance(asked.form, Choice):
            labels = [asked.form._label(option, lang) for option in asked.form.options]
            assert len(set(labels)) == len(labels)
            for at, label in enumerate(labels):  # each is read as itself, whatever language is on
                assert asked.form.read(label) == asked.form.options[at]


def test_every_lesson_has_answers_to_try() -> None:
    for name in LESSONS:
        asked = load(name).asked
        assert len(RIGHT[name]) == len(WRONG[name]) == len(asked)
        for each, right, wrong in zip(asked, RIGHT[name], WRONG[name], strict=True):
            assert each.form.read(right) != each.form.read(wrong)
    assert set(RIGHT) == set(WRONG) == set(LESSONS)


@pytest.mark.parametrize("name", ["hand-shake", "handshak", "", "x" * 10**6, "\x1b[31m", "연결", 7])
def test_a_name_there_is_not_is_one_clear_line(name: object) -> None:
    if name == "hand-shake":
        name = "hand shake me"
    with pytest.raises(NotFound) as raised:
        load(name)
    line = str(raised.value)
    assert len(line) < 120 and "\n" not in line and line.isprintable()
    assert "handshake" in line or "lesson() lists them" in line


def test_names_are_forgiving() -> None:
    assert load(" Handshake ").name == "handshake"
    assert has("lesson.handshake.title")
