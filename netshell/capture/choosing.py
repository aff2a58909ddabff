"""Some of a capture's packets as a capture of their own: what a filter takes, or a slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netshell.capture import arguments, hints, showing
from netshell.capture.store import Part, Store, start_of
from netshell.errors import BadArgument

if TYPE_CHECKING:
    from netshell.capture.capture import Capture


def filtered(capture: Capture, which: Any) -> Capture:
    """Those that a filter takes: BPF, a function of a packet, or an array of bools.

    Raises BadArgument.
    """
    parts = capture._store.parts()
    chosen, hint = _matching(capture, which, parts)
    text = which if isinstance(which, str) else None
    made = selected(capture, start_of(parts) + np.flatnonzero(chosen), parts, text)
    made._hint = hint
    return made


def _matching(capture: Capture, which: Any, parts: Sequence[Part]) -> tuple[NDArray[np.bool_], str]:
    """Which packets these are, one bool each, and what to know of the filter."""
    start = start_of(parts)
    held = parts[-1].end - start if parts else 0
    hint = ""
    if isinstance(which, str):
        from netshell.capture import bpf

        masks = [bpf.matches(which, part.chunk) for part in parts]
        chosen = np.concatenate(masks) if masks else np.zeros(0, bool)
        hint = hints.left_out(which, parts, chosen)
    elif callable(which):
        capture._baselines.reach(start + held, parts)
        packets = (capture._packet(part, row) for part in parts for row in range(len(part)))
        chosen = np.fromiter((bool(which(packet)) for packet in packets), bool, held)
    else:
        chosen = arguments.selection(which, held)
        if capture.running and capture._store.keep is not None:
            raise BadArgument(
                "cannot filter by an array",
                why="packets are let go while the capture runs",
                next_step="filter a slice, which stays as it is: held = cap[:]",
            )
    return chosen, hint


def selected(
    capture: Capture, numbers: NDArray[np.int64], parts: Sequence[Part], text: str | None = None
) -> Capture:
    """A capture of its own with some of these packets; their bytes are shared.

    ``text`` is the filter that chose them.
    """
    total = parts[-1].end if parts else 0
    capture._baselines.reach(int(numbers.max()) + 1 if len(numbers) else 0, parts)
    backwards = len(numbers) > 1 and numbers[0] > numbers[-1]
    made: list[Part] = []
    for part in reversed(parts) if backwards else parts:
        rows = numbers[(numbers >= part.start) & (numbers < part.end)] - part.start
        if len(rows):
            made.append(part.selected(rows, made[-1].end if made else 0))
    new = type(capture)(
        Store.of(made),
        names=capture.names,
        ifaces=capture.ifaces,
        filter_text=capture.filter_text if text is None else text,
        origin=f"{len(numbers):,} of {total:,} packets{showing.source(capture, text)}",
        baselines=capture._baselines.selected(numbers),
        remarks=capture.remarks.selected(numbers.tolist()) if capture.remarks else None,
    )
    new.owners = capture.owners
    return new
