"""The notebooks' exercises: each is checked against the capture that the notebook made.

    check("07.1", answer, cap)

No answer is stored: what is right is counted in the packets, and a wrong answer is told where to
look. An exercise that nobody has answered (``...``) says what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from netshell.results import Result
from netshell.view import Block, Note


class Exercise(NamedTuple):
    """What is right, where to look, and what is to be said once it was found."""

    truth: Callable[[Any], Any]
    look: str
    why: str


class Verdict(Result):
    """What became of an answer: ``is_right`` is None for one that was not given."""

    def __init__(self, is_right: bool | None, text: str) -> None:
        self.is_right = is_right
        self._text = text

    def view(self) -> tuple[Block, ...]:
        style = "quiet" if self.is_right is None else "good" if self.is_right else "warn"
        return (Note(self._text, style),)  # type: ignore[arg-type]


def check(name: str, answer: Any, given: Any) -> Verdict:
    """Whether an answer is what ``given``, a capture, tells."""
    exercise = EXERCISES[name]
    if answer is ...:
        return Verdict(None, "Your turn: put your answer in place of the ... and run this cell.")
    truth = exercise.truth(given)
    if _plain(answer) == _plain(truth):
        return Verdict(True, f"Right: {truth}. {exercise.why}")
    return Verdict(False, f"Not {answer}. {exercise.look}")


def _plain(value: Any) -> Any:
    """Answers alike in everything but how they are written."""
    if isinstance(value, str):
        return " ".join(value.upper().replace("_", " ").replace("-", " ").split())
    return value


def _web(capture: Any) -> Any:
    """The capture's HTTP messages."""
    return capture.messages.where(protocol="http")


EXERCISES = {
    "00.1": Exercise(
        lambda cap: next(f for f in cap.flows if f.proto == "tcp").teardown.closed_first,
        "Find the first FIN in the ladder: whose arrow is it on?",
        "It closed first, so TIME_WAIT is on its side.",
    ),
    "00.2": Exercise(
        lambda cap: sum("SYN" in str(packet.flags) for packet in cap if packet.flags is not None),
        "Count the arrows with SYN in their flags, both ways.",
        "One SYN for each direction; the second one carries the ACK of the first.",
    ),
    "07.1": Exercise(
        lambda cap: sum(message.status >= 400 for message in _web(cap)),
        "Look at the statuses in cap.messages: 4xx and 5xx are errors.",
        "A 404 is an answer like any other: TCP delivered it without a fault.",
    ),
    "07.2": Exercise(
        lambda cap: max(len(flow.messages) for flow in cap.flows),
        "Count the messages of each flow: len(flow.messages).",
        "Keep-alive: they shared one handshake and one teardown.",
    ),
    "07.3": Exercise(
        lambda cap: max(_web(cap), key=lambda message: len(message.packets)).target,
        "Each message has .packets: which has the most?",
        "A large body is cut into segments of at most the MSS.",
    ),
}
