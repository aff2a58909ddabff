"""What was answered so far, kept in the user's state folder: one JSON file, written whole.

Nothing here stops a lesson. A file that cannot be read, or not be written, is said once in a line;
then the lessons begin anew, or are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from netshell import saving
from netshell.catalogue import text
from netshell.errors import NetshellError
from netshell.folders import state_folder

FILE = "lessons.json"
_FORMAT = 1
_MOST = 1 << 20  # bytes: a file of ours is some kilobytes


@dataclass(frozen=True, slots=True)
class Marks:
    """What is kept of a lesson: the present round's answers, and the best round."""

    right: Mapping[str, bool] = field(default_factory=dict)
    """Whether each question that was answered was answered rightly, by its name."""
    best: int = 0
    rounds: int = 0
    """How often it was taken to its end."""

    def done(self, names: Sequence[str]) -> int:
        """How many of a lesson's questions, from the first on, were answered in this round."""
        return next((at for at, name in enumerate(names) if name not in self.right), len(names))

    def score(self, names: Sequence[str]) -> int:
        """How many of them were answered rightly."""
        return sum(self.right.get(name, False) for name in names[: self.done(names)])


class Progress:
    """The marks of all lessons, in a file; read each time, as another shell may write it, too."""

    def __init__(self, place: Path | None = None) -> None:
        self.place = state_folder() / FILE if place is None else place
        self.remarks: list[str] = []
        """What is to be said about the file: each line once."""

    def of(self, lesson: str) -> Marks:
        """What is kept of a lesson."""
        return self._read().get(lesson, Marks())

    def answered(self, lesson: str, question: str, *, right: bool) -> None:
        """Keep that a question was answered."""
        marks = self.of(lesson)
        self._write(lesson, replace(marks, right={**marks.right, question: right}))

    def finished(self, lesson: str, score: int) -> None:
        """Keep that all questions were answered, so many of them rightly: the round counts."""
        marks = self.of(lesson)
        best = max(marks.best, score)
        self._write(lesson, replace(marks, best=best, rounds=marks.rounds + 1))

    def begun(self, lesson: str) -> None:
        """Begin a round: what was answered in the last one is forgotten, the best one kept."""
        self._write(lesson, replace(self.of(lesson), right={}))

    def _read(self) -> dict[str, Marks]:
        try:
            with self.place.open("rb") as file:
                kept = file.read(_MOST + 1)
            return _marks(kept)
        except FileNotFoundError:
            return {}
        except NotADirectoryError:
            return {}  # writing says why
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self._say(text("lesson.damaged", path=str(self.place), why=why or "?"))
            return {}

    def _write(self, lesson: str, marks: Marks) -> None:
        kept = {name: _written(each) for name, each in (self._read() | {lesson: marks}).items()}
        written = json.dumps({"format": _FORMAT, "lessons": kept}, indent=1)
        try:
            self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with saving.whole(self.place) as file:
                file.write(f"{written}\n".encode())
        except (OSError, NetshellError) as error:
            why = (error.strerror or "").lower() if isinstance(error, OSError) else str(error)
            self._say(text("lesson.not_kept", path=str(self.place), why=why))

    def _say(self, remark: str) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)


def _written(marks: Marks) -> dict[str, Any]:
    return {"right": dict(marks.right), "best": marks.best, "rounds": marks.rounds}


def _marks(kept: bytes) -> dict[str, Marks]:
    """What a file holds. Raises ValueError for what this did not write."""
    if len(kept) > _MOST:
        raise ValueError(f"more than {_MOST:,} bytes")
    try:
        held = json.loads(kept)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    lessons = held.get("lessons") if isinstance(held, dict) else None
    if not isinstance(lessons, dict) or held.get("format") != _FORMAT:
        raise ValueError("no lessons in it")
    return {name: _one(each) for name, each in lessons.items()}


def _one(held: Any) -> Marks:
    match held:
        case {"right": dict(right), "best": int(best), "rounds": int(rounds)} if all(
            isinstance(each, bool) for each in right.values()
        ):
            return Marks(right, best, rounds)
    raise ValueError("a lesson's marks are none")
