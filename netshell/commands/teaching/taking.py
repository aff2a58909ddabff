"""A lesson that is taken: predict, do, compare.

Each question is asked before its step is played in the lab; then the step happens, between two real
kernels, and the answer is compared with what was captured. The same object serves a terminal, where
a loop asks (``asking``), a notebook and a script, where ``answer()`` goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from netshell.catalogue import has, text
from netshell.commands.lab import lab
from netshell.commands.teaching.answers import plain
from netshell.commands.teaching.plan import Asked, Plan
from netshell.commands.teaching.progress import Progress
from netshell.errors import NetshellError
from netshell.results import Result
from netshell.view import Block, Line, Lines, Note, Span

if TYPE_CHECKING:
    from netshell.commands.playing import LabHost, Play, Scene

STALE_S = 50.0
"""How long a play may wait for an answer: TIME_WAIT lasts 60 s, a kernel's retries some more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, and what was really so."""

    question: str
    given: str
    truth: str
    said: Sequence[Block]

    @property
    def right(self) -> bool:
        """Whether they are the same."""
        return self.given == self.truth


@dataclass(frozen=True, slots=True, repr=False)
class Turn(Result):
    """What an answer brought: the steps that were played, the verdicts, and what is asked next."""

    scenes: tuple[Scene, ...]
    """Those that were asked about."""
    verdicts: tuple[Verdict, ...]
    further: tuple[Scene, ...]
    """What was played to come to the next question, or to the end."""
    remarks: tuple[str, ...]
    noted: str
    """How an answer was understood whose step is still to come."""
    lesson: Lesson

    @property
    def right(self) -> bool:
        """Whether every answer of this turn was right."""
        return all(verdict.right for verdict in self.verdicts)

    def happened(self) -> Sequence[Block]:
        """All of it but the next question."""
        blocks: list[Block] = [Note(remark, "warn") for remark in self.remarks]
        if self.noted:
            blocks += [Note(self.noted), _GAP]
        for scene in self.scenes:
            blocks += [*scene.view(), _GAP]
        for verdict in self.verdicts:
            blocks += [*verdict.said, _GAP]
        for scene in self.further:
            blocks += [*scene.view(), _GAP]
        return blocks

    def view(self) -> Sequence[Block]:
        return (*self.happened(), *self.lesson.asks())

    def records(self) -> Any:
        return [
            {"question": each.question, "answer": each.given, "truth": each.truth}
            for each in self.verdicts
        ]


_GAP = Lines([""])


class Lesson(Result):
    """A lesson: it shows its question, and ``answer("...")`` goes on.

    ``hint()`` helps, ``stop()`` ends it; what was answered is kept, and ``lesson(name)`` goes on
    from there. When it is over, both hosts stay up: ``lab.hosts["server"].conns()``.

    Raises Unavailable where this kernel allows no namespaces, NetshellError when a step did not
    happen.
    """

    def __init__(
        self,
        plan: Plan,
        progress: Progress,
        anew: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan, self.name, self._progress, self._clock = plan, plan.name, progress, clock
        self._asked = plan.asked
        self.names = tuple(each.question.name for each in self._asked)
        marks = progress.of(plan.name)
        done = marks.done(self.names)
        if anew or done == len(self.names):
            done = 0
            if marks.right:
                progress.begun(plan.name)
        self._at = self.begun_at = done
        # Of its own, as the file may be unwritable, or another shell's by now.
        self._right = {name: marks.right[name] for name in self.names[:done]}
        self.play: Play | None = None
        self.stopped = False
        self._given: list[str] = []
        self._looked_s = 0.0
        self.verdicts: list[Verdict] = []

    # --- where it stands ------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        """Whether every question has been answered."""
        return self._at == len(self._asked)

    @property
    def question(self) -> str:
        """What is asked now; "" when it is over."""
        return "" if self.over else text(f"{self._now.key}.ask")

    @property
    def options(self) -> Sequence[str]:
        """What there is to choose from; nothing where an answer is free."""
        return () if self.over else self._now.form.offers()

    @property
    def score(self) -> tuple[int, int]:
        """How many questions of this round were answered rightly, and how many there are."""
        return sum(self._right.values()), len(self.names)

    @property
    def hosts(self) -> Mapping[str, LabHost]:
        """Both hosts, to look around: ``hosts["server"].conns()``. Raises NetshellError before the
        first step and after stop()."""
        return self._running().hosts

    @property
    def capture(self) -> Any:
        """What was captured on the client's eth0."""
        return self._running().capture

    # --- going on -------------------------------------------------------------------------------

    def begin(self) -> Turn:
        """Open the lab and play up to the question. Called by :meth:`answer` if nobody did."""
        if self.play is not None or self.over:
            return self._turn()
        return self._turn(further=self._advance())

    def answer(self, said: str) -> Turn:
        """Answer the question; what really happened, and the next one.

        Raises BadArgument for what cannot be understood (it may be answered again), NetshellError
        when the lesson is over or stopped, or a step did not happen.
        """
        if self.over or self.stopped:
            raise NetshellError(
                f"the lesson {self.name} is {'over' if self.over else 'stopped'}",
                next_step=f'lesson("{self.name}") takes it up again',
            )
        given = self._now.form.read(said)
        self.begin()
        if self._goes_on():
            noted = text("lesson.noted", given=self._now.form.shown(given))
            self._given.append(given)
            self._at += 1
            return self._turn(noted=noted)
        remarks, scene = self._play_question()
        first = self._at - len(self._given)
        answers, self._given = [*self._given, given], []
        pairs = zip(self._asked[first : self._at + 1], answers, strict=True)
        several = bool(first < self._at)
        verdicts = tuple(self._judge(asked, answer, several) for asked, answer in pairs)
        self.verdicts += verdicts
        for verdict in verdicts:
            self._right[verdict.question] = verdict.right
            self._progress.answered(self.name, verdict.question, right=verdict.right)
        self._at += 1
        if self._at == len(self._asked):
            self._progress.finished(self.name, self.score[0])
        return self._turn((scene,), verdicts, self._advance(), remarks)

    def hint(self) -> Note:
        """A hint for the question."""
        return Note("" if self.over else text(f"{self._now.key}.hint"), "key")

    def stop(self) -> Lesson:
        """End both hosts; what was answered is kept. May be repeated."""
        self.stopped = True
        if self.play is not None and not self.play.stopped:
            self.play.stop()
        return self

    def __enter__(self) -> Lesson:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # --- the play behind it ---------------------------------------------------------------------

    @property
    def _now(self) -> Asked:
        return self._asked[self._at]

    def _running(self) -> Play:
        if self.play is None or self.play.stopped:
            raise NetshellError(
                f"nothing runs for the lesson {self.name}", next_step=f'lesson("{self.name}")'
            )
        return self.play

    def _goes_on(self) -> bool:
        """Whether the next question is about the same step."""
        if self._at + 1 >= len(self._asked):
            return False
        now, then = self._now, self._asked[self._at + 1]
        return (now.part, now.question.step) == (then.part, then.question.step)

    def _play_question(self) -> tuple[tuple[str, ...], Scene]:
        """Play the step that was asked about, on hosts that are as they were shown."""
        remarks: tuple[str, ...] = ()
        if self._has_moved():
            remarks = (text("lesson.replayed"),)
            self._replay()
        try:
            return remarks, self._step()
        except NetshellError:
            # A machine that was too slow, or a state that has expired while somebody thought.
            self._replay()
            return (text("lesson.replayed"),), self._step()

    def _step(self) -> Scene:
        scene = self._running().step()
        self._looked_s = self._clock()
        return scene

    def _has_moved(self) -> bool:
        """Whether the hosts are no longer as the last step showed them."""
        play = self.play
        if play is None or play.stopped or play.scenario.name != self._now.scenario:
            return True
        if self._clock() - self._looked_s > STALE_S:
            return True
        if not play.scenes:
            return False
        shown = play.scenes[-1]
        pairs = ("client", shown.client), ("server", shown.server)
        return any(_ends(play.hosts[side].conns()) != _ends(rows) for side, rows in pairs)

    def _replay(self) -> None:
        """Begin the scenario again, and play up to the question."""
        self._open(self._now.scenario)
        self._play_up_to(self._now.question.step)

    def _open(self, scenario: str) -> None:
        self.play = lab.run(scenario)
        self._looked_s = self._clock()

    def _play_up_to(self, step: str) -> list[Scene]:
        play = self._running()
        scenes = []
        while not play.over and play.next_step.name != step:
            scenes.append(self._step())
        return scenes

    def _advance(self) -> tuple[Scene, ...]:
        """Play what stands before the next question; at the end, what is left."""
        scenes: list[Scene] = []
        if self.play is not None and (self.over or self.play.scenario.name != self._now.scenario):
            scenes += self.play.rest()
        if self.over:
            return tuple(scenes)
        begins = self.play is None
        if self.play is None or self.play.scenario.name != self._now.scenario:
            self._open(self._now.scenario)
        stage = self._play_up_to(self._now.question.step)
        # Taken up again, the last step is shown as it was; else what sets the stage is a sentence.
        shown = len(stage) - 1 if begins and self._at else len(stage)
        return (*scenes, *(replace(scene, drawn=at >= shown) for at, scene in enumerate(stage)))

    # --- what is said ---------------------------------------------------------------------------

    def _judge(self, asked: Asked, given: str, several: bool) -> Verdict:
        truth = asked.question.truth(self._running())
        form = asked.form
        values = {"truth": form.shown(truth), "given": form.shown(given)}
        said: list[Block] = []
        number = [Span(f"{asked.number + 1}. ", "quiet")] if several else []
        if given == truth:
            said.append(Lines([[*number, Span(text("lesson.right", **values), "good")]]))
            said.append(Note(text(f"{asked.key}.right", **values), ""))
        else:
            said.append(Lines([[*number, Span(text("lesson.wrong", **values), "bad")]]))
            if has(asked.told_of(given)):
                said.append(Note(text(asked.told_of(given), **values), ""))
            said.append(Note(text(f"{asked.key}.wrong", **values), ""))
        return Verdict(asked.question.name, given, truth, tuple(said))

    def _turn(
        self,
        scenes: tuple[Scene, ...] = (),
        verdicts: tuple[Verdict, ...] = (),
        further: tuple[Scene, ...] = (),
        remarks: tuple[str, ...] = (),
        noted: str = "",
    ) -> Turn:
        said, self._progress.remarks = tuple(self._progress.remarks), []
        return Turn(scenes, verdicts, further, (*remarks, *said), noted, self)

    def heads(self) -> Sequence[Block]:
        """What the lesson is about."""
        return (
            Lines([Span(text(f"lesson.{self.name}.title"), "head")]),
            Note(text(f"lesson.{self.name}.why"), ""),
        )

    def asks(self, at_prompt: bool = True) -> Sequence[Block]:
        """The question, or how it ended, and how one goes on at a prompt."""
        if self.over:
            return self._ends()[: 2 if at_prompt else 1]
        number, of = self._at + 1, len(self._asked)
        if self.stopped:
            goes_on = "lesson.stopped" if at_prompt else "lesson.left"
            return (Note(text(goes_on, number=number, of=of, name=self.name)),)
        head = text("lesson.question", number=number, of=of)
        options = self._now.form.offers()
        lines: list[Line] = [
            [Span(f"  {at}  ", "key"), option] for at, option in enumerate(options, 1)
        ]
        return (
            Lines([Span(head, "head")]),
            Note(self.question, ""),
            *([Lines(lines)] if lines else []),
            Note(text("lesson.how", form=self._now.form.about())),
        )

    def _ends(self) -> Sequence[Block]:
        right, of = self.score
        said = text("lesson.score", right=right, of=of)
        return (
            Lines([Span(said, "good" if right == of else "head")]),
            Note(text("lesson.now"), ""),
        )

    def view(self) -> Sequence[Block]:
        if self.over or self.stopped:
            return self.asks()
        return (*self.heads(), _GAP, *self.asks())

    def records(self) -> Any:
        return {
            "lesson": self.name,
            "question": self.question,
            "answers": [
                {"question": each.question, "answer": each.given, "truth": each.truth}
                for each in self.verdicts
            ],
        }


def _ends(rows: Any) -> list[tuple[str, str, str]]:
    """The connections among some sockets, in any order."""
    return sorted((str(row.state), str(row.local), str(row.remote)) for row in rows)


def is_word(said: str, words: Sequence[str]) -> bool:
    """Whether an answer is one of these words rather than an answer."""
    stripped = said.strip()
    return bool(stripped) and len(stripped) < 20 and plain(stripped) in map(plain, words)
