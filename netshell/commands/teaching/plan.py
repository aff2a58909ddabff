"""What a lesson is: scenarios of the lab, and questions before their steps.

Pure description, as the scenarios are: which step a question stands before, how it is answered, and
which function tells the truth from what was then captured. Texts are keys of the catalogue:
``lesson.<lesson>.title``, ``.why`` and, for each question, ``.<question>.ask``,
``.hint``, ``.right``, ``.wrong``, and ``.said_<answer>`` for a wrong answer that teaches something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from netshell.commands.teaching.answers import Choice, FlagsForm, Form, NumberForm, StateForm

if TYPE_CHECKING:
    from netshell.commands.playing import Play

Truth = Callable[["Play"], str]
"""From a play whose last step is the question's, the right answer in its one form."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to predict: before which step, in which form, and what tells the truth.

    ``form`` is "flags", "number" or "state", or the names of the options to choose from.
    """

    name: str
    step: str
    form: str | tuple[str, ...]
    truth: Truth


@dataclass(frozen=True, slots=True)
class Part:
    """A scenario, and its questions in the order of its steps."""

    scenario: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in its place: of which lesson, in which of its parts, the how manieth of all."""

    lesson: str
    part: int
    scenario: str
    number: int
    question: Question

    @property
    def key(self) -> str:
        """What its texts' keys begin with."""
        return f"lesson.{self.lesson}.{self.question.name}"

    @property
    def form(self) -> Form:
        """How its answers are read."""
        if isinstance(self.question.form, tuple):
            return Choice(self.key, self.question.form)
        return _FORMS[self.question.form]

    def told_of(self, answer: str) -> str:
        """The key of what is said about a wrong answer; there need be none."""
        return f"{self.key}.said_{slug(answer)}"


_FORMS: dict[str, Form] = {"flags": FlagsForm(), "number": NumberForm(), "state": StateForm()}


@dataclass(frozen=True, slots=True)
class Plan:
    """A lesson: its name, and what is played and asked."""

    name: str
    parts: tuple[Part, ...]

    @property
    def asked(self) -> tuple[Asked, ...]:
        """All its questions, numbered from 0."""
        return tuple(self._asked())

    def _asked(self) -> Iterator[Asked]:
        number = 0
        for at, part in enumerate(self.parts):
            for question in part.questions:
                yield Asked(self.name, at, part.scenario, number, question)
                number += 1


def slug(answer: str) -> str:
    """An answer as a part of a key.

    >>> slug("SYN,ACK"), slug("TIME_WAIT")
    ('syn_ack', 'time_wait')
    """
    return re.sub(r"\W+", "_", answer.lower())
