"""``lesson``: what TCP does, predicted, done and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netshell.catalogue import text
from netshell.commands.lessons import LESSONS, load
from netshell.commands.teaching import asking
from netshell.commands.teaching.progress import Progress
from netshell.commands.teaching.taking import Lesson
from netshell.results import Records
from netshell.view import Block, Cell, Column, Note, Span


@dataclass(frozen=True, slots=True)
class Listed:
    """A lesson, and how far it was taken."""

    name: str
    title: str
    done: int
    """Questions that are answered in this round."""
    questions: int
    best: int
    """Right answers in the best round that was finished."""
    rounds: int
    """How often it was finished."""


class Lessons(Records[Listed]):
    """The lessons, and how far each was taken."""

    heads = (
        Column("lesson"),
        Column("what it is about", shrink=True, least=20, wrap=True),
        Column("done", align="right"),
        Column("best", align="right"),
    )
    called = "lessons"

    def __init__(self, rows: Sequence[Listed] = (), remarks: Sequence[str] = ()) -> None:
        super().__init__(rows)
        self.remarks = tuple(remarks)

    def row(self, record: Listed) -> Sequence[Cell]:
        done = f"{record.done}/{record.questions}" if record.done else ""
        best = f"{record.best}/{record.questions}" if record.rounds else ""
        all_right = record.best == record.questions
        return (
            Span(record.name, "key"),
            record.title,
            done,
            Span(best, "good" if all_right else ""),
        )

    def notes(self) -> Sequence[Block]:
        return (*(Note(remark, "warn") for remark in self.remarks), Note(text("lesson.begin")))

    def with_rows(self, rows: Sequence[Listed]) -> Lessons:
        return Lessons(rows, self.remarks)


def lesson(name: str | None = None, *, anew: bool = False) -> Lessons | Lesson:
    """Lessons: predict, do, compare. Without a name, what there is.

    >>> lesson()
    >>> lesson("handshake")

    Each question comes before the packets: they are then sent by two real
    kernels, and the answer is compared with what was captured. ``?`` shows a
    hint, ``q`` ends the lesson; it goes on from there the next time, or from
    its beginning with ``anew``. Afterwards both hosts stay up, for you to look
    around: ``lab.hosts["server"].conns()``.

    Where nobody can be asked (a notebook, a script) the lesson shows its
    question, and ``.answer("SYN,ACK")`` goes on.

    Raises NotFound for no such lesson (naming the nearest), Unavailable where
    the kernel allows no namespaces.
    """
    if name is None:
        return listed()
    taken = Lesson(load(name), Progress(), anew)
    if asking.can_ask():
        asking.ask(taken)
    else:
        taken.begin()
    return taken


def listed() -> Lessons:
    """All lessons, with the marks that are kept."""
    progress = Progress()
    rows = []
    for name in LESSONS:
        names = [each.question.name for each in load(name).asked]
        marks = progress.of(name)
        rows.append(
            Listed(
                name,
                text(f"lesson.{name}.title"),
                marks.done(names),
                len(names),
                marks.best,
                marks.rounds,
            )
        )
    return Lessons(rows, progress.remarks)
