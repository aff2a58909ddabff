"""Steps as the rungs of a ladder: how one packet, or a run of them, is told in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from netshell.flow.state import State
from netshell.flow.steps import PAUSE_NS, Step, Steps
from netshell.view import Cell, Column, Mark, Rung, Span, Style
from netshell.view.blocks import text_of

if TYPE_CHECKING:
    from netshell.flow.findings import Finding

COLUMNS = (
    Column(""),
    Column("seq", "right", keep=2),
    Column("ack", "right", keep=3),
    Column("len", "right", keep=1),
    Column("win", "right", keep=4),
)

INFERRED = "in parentheses: inferred, nothing in the capture proves it"

STATE_STYLES: dict[State, Style] = {
    State.ESTABLISHED: "good",
    State.CLOSE_WAIT: "warn",
    State.TIME_WAIT: "quiet",
    State.CLOSED: "quiet",
    State.LISTEN: "quiet",
}
_SEVERITY: dict[str, Style] = {"chat": "quiet", "note": "warn", "warn": "bad", "error": "bad"}


class Drawn:
    """Steps as rungs, one after the other: states are told where they change."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self._states: tuple[Span | None, Span | None] = (None, None)
        self.has_inferred = False

    def skip(self, step: Step) -> None:
        """Go on behind a step that is not drawn."""
        self._states = _states(step)

    def rung(self, step: Step) -> Rung:
        """The rung of a step."""
        before, self._states = self._states, _states(step)
        left, right = (
            "" if state is None or state == old else state
            for state, old in zip(self._states, before, strict=True)
        )
        self.has_inferred |= any(text_of(state).startswith("(") for state in (left, right))
        gap = step.gap_ns
        is_run = step.packets > 1
        return Rung(
            way=_WAYS[step.sender],
            label=_pieces(step) if is_run else _label(step),
            number=f"{step.packet}-{step.last_packet}" if is_run else str(step.packet),
            time=_seconds(step.time_ns - self._start_ns),
            gap="" if gap is None else ("-" if gap < 0 else "+") + duration(abs(gap)),
            left=left,
            right=right,
            marks=(*_marks(step.findings), *_remark(step.remark)),
            pause=duration(gap) if gap is not None and gap >= PAUSE_NS else "",
            is_fold=is_run,
        )


def _states(step: Step) -> tuple[Span | None, Span | None]:
    """Both ends' states as they are written: in parentheses where they are inferred."""
    return (
        _state(step.client_state, step.client_shown),
        _state(step.server_state, step.server_shown),
    )


def _state(state: State | None, shown: bool) -> Span | None:
    if state is None:
        return None
    return Span(state if shown else f"({state})", STATE_STYLES.get(state, ""))


_WAYS: dict[str, Any] = {"client": "right", "server": "left", "both": "both"}


def _label(step: Step) -> Sequence[Cell]:
    if step.flags is None:
        return ("", "", "", f"{step.bytes}", "")
    style: Style = "bad" if "RST" in step.flags else ""
    if "SYN" in step.flags or "FIN" in step.flags:
        style = style or "key"
    return (
        Span(step.flags, style) if style else step.flags,
        str(step.seq),
        "" if step.ack is None else str(step.ack),
        str(step.bytes) if step.bytes else "",
        "" if step.window is None else str(step.window),
    )


def _pieces(step: Step) -> Sequence[Cell]:
    """What a run was, the most important first."""
    what = "segments" if step.client_state is not None else "packets"
    sides = sorted(
        (
            (step.client_bytes, step.client_packets, "►"),
            (step.server_bytes, step.server_packets, "◄"),
        ),
        reverse=True,
    )
    pieces: list[Cell] = [f"{_size(size)} {head}" for size, _, head in sides if size]
    more: list[Cell] = [f"{step.packets:,} {what}"]
    if step.flags:  # what is special comes early, but not first
        said = Span(f"{step.flags} among them", "bad" if "RST" in step.flags else "key")
        more.insert(0 if pieces else 1, said)
    pieces += more
    pieces.append(f"in {duration(step.duration_ns)}")
    pieces += [
        f"{count:,} without data {head}" for size, count, head in sides if count and not size
    ]
    return pieces


def _size(size: int) -> str:
    """A number of bytes as it is said in a line that has little room."""
    if size < 1_000:
        return f"{size} bytes"
    unit, name = (1e3, "kB") if size < 999_500 else (1e6, "MB") if size < 999.5e6 else (1e9, "GB")
    return f"{_three(size / unit)} {name}"


def _marks(findings: Sequence[Finding]) -> Iterator[Mark]:
    """One mark for each kind, with how often it was found."""
    for first, times in _kinds(findings):
        style = _SEVERITY.get(str(first.severity), "warn")
        count = f"{times:,} x " if times > 1 else ""
        yield Mark(f"{count}{first.kind}", first.text, style)


def _kinds(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """The first finding of each kind, and how many there are."""
    from netshell.flow.findings.finding import FindingRows

    if isinstance(findings, FindingRows):  # many: no record of each
        _, at, counts = np.unique(findings.rule, return_index=True, return_counts=True)
        order = np.argsort(at)
        pairs = zip(at[order].tolist(), counts[order].tolist(), strict=True)
        return [(findings[first], count) for first, count in pairs]
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.kind, []).append(finding)
    return [(found[0], len(found)) for found in kinds.values()]


def _remark(text: str) -> tuple[Mark, ...]:
    return (Mark(text, "", "quiet"),) if text else ()


def left_out(steps: Sequence[Step]) -> Rung:
    """The place of rungs that are not shown."""
    if isinstance(steps, Steps):
        found = steps.rows.count_findings(steps[0].packet, steps[-1].last_packet)
    else:
        found = sum(len(step.findings) for step in steps)
    pieces = [f"{len(steps):,} rungs left out", *([f"{found:,} findings"] if found else [])]
    return Rung("both", [Span(piece, "quiet") for piece in pieces], is_fold=True)


def duration(time_ns: int) -> str:
    """A time in two or three digits, in the unit that it is read best in.

    >>> [duration(ns) for ns in (420, 12_000, 800_000, 12_345_678, 1_500_000_000, 754 * 10**9)]
    ['0.4 µs', '12 µs', '800 µs', '12 ms', '1.5 s', '12 min 34 s']
    """
    if time_ns < 999_500:
        return f"{_short(time_ns / 1e3)} µs"
    if time_ns < 999_500_000:
        return f"{_short(time_ns / 1e6)} ms"
    if time_ns < 119_500_000_000:
        return f"{_three(time_ns / 1e9)} s"
    minutes, seconds = divmod(round(time_ns / 1e9), 60)
    if minutes < 120:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"


def _three(value: float) -> str:
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.0f}"


def _seconds(time_ns: int) -> str:
    sign, whole = ("-", -time_ns) if time_ns < 0 else ("", time_ns)
    return f"{sign}{whole // 10**9}.{whole % 10**9 // 1000:06}"
