"""Where each connection's numbers start, so that packets can show relative ones.

Per packet: the sequence number that counts as 0 in its direction, the same for its
acknowledgment, and the scale of its window. The conventions are Wireshark's, so numbers can be
compared with it:

- a SYN's own number is 0, the first byte of data is 1;
- of a connection that was under way, the first segment seen has relative number 1, and so has the
  first acknowledgment seen of a side that did not send before;
- a SYN with another number than the last one in its direction starts anew (a port used again);
  the same SYN again does not;
- window scaling (RFC 7323) applies once both SYNs were seen: with the option in both, each side's
  own shift; with one of them without it, none. Until then the shift is unknown, except for SYN
  segments, whose own window is never scaled.

:class:`Baselines` is fed chunk by chunk in capture order; the result does not depend on where the
chunks were cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from netshell.packet.seq import MODULUS
from netshell.packet.table import Columns

UNKNOWN = -1
NO_OPTION = -2  # as in the column window_scale
MAX_SHIFT = 14  # RFC 7323 section 2.3

_TCP = 6
_SYN, _ACK = 0x02, 0x10

Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Baseline:
    """One value per packet, -1 where it is unknown or the packet is no TCP segment."""

    seq_base: NDArray[np.int64]
    ack_base: NDArray[np.int64]
    window_shift: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.seq_base)

    def row(self, index: int) -> tuple[int, int, int]:
        """One packet's values, as :class:`netshell.packet.packet.Packet` takes them."""
        return (
            int(self.seq_base[index]),
            int(self.ack_base[index]),
            int(self.window_shift[index]),
        )


class Baselines:
    """What is known of every connection so far: some 200 bytes each, kept until forgotten.

    >>> baselines = Baselines()
    >>> baselines.extend(decode(chunk)).seq_base
    """

    def __init__(self) -> None:
        self._flows: dict[bytes, int] = {}
        # Per flow and side (0: the endpoint that sorts first). All UNKNOWN at first.
        self._base = np.full((64, 2), UNKNOWN, np.int64)
        self._guess = np.full((64, 2), UNKNOWN, np.int64)  # from the first evidence without a SYN
        self._syn = np.full((64, 2), UNKNOWN, np.int64)  # the last SYN's number
        self._shift = np.full((64, 2), UNKNOWN, np.int64)  # what it offered

    def __len__(self) -> int:
        """How many connections are known."""
        return len(self._flows)

    def extend(self, columns: Columns) -> Baseline:
        """The baselines of the next N packets; raises nothing."""
        count = len(columns)
        result = Baseline(
            np.full(count, UNKNOWN, np.int64),
            np.full(count, UNKNOWN, np.int64),
            np.full(count, UNKNOWN, np.int8),
        )
        columns.load()  # both groups are needed: they are decoded in one go
        usable = (columns.proto == _TCP) & (columns.tcp_flags >= 0) & (columns.sport >= 0)
        rows = np.flatnonzero(usable)  # flags known: so are seq and ack, which stand before them
        if not len(rows):
            return result
        group, side, keys = _conversations(columns, rows)
        order = np.argsort(group, kind="stable")
        rows, group, side = rows[order], group[order], side[order]
        flows = self._known(keys)
        seq_base, ack_base, shift = self._work(columns, rows, group, side, flows)
        result.seq_base[rows] = seq_base
        result.ack_base[rows] = ack_base
        result.window_shift[rows] = shift
        return result

    def _known(self, keys: list[bytes]) -> NDArray[np.intp]:
        """The flows' rows in the state, new ones appended."""
        flows = self._flows
        numbers = [flows.setdefault(key, len(flows)) for key in keys]
        short = len(flows) - len(self._base)
        if short > 0:
            more = max(short, len(self._base))
            for name in ("_base", "_guess", "_syn", "_shift"):
                grown = np.full((more, 2), UNKNOWN, np.int64)
                setattr(self, name, np.concatenate([getattr(self, name), grown]))
        return np.array(numbers, np.intp)

    def _work(
        self,
        columns: Columns,
        rows: NDArray[np.intp],
        group: NDArray[np.intp],
        side: NDArray[np.intp],
        flows: NDArray[np.intp],
    ) -> tuple[Ints, Ints, Ints]:
        """Bases and shift of segments sorted by conversation, each in capture order."""
        stretch = _Stretch(
            group=group,
            side=side,
            flow=flows[group],
            seq=columns.seq[rows],
            ack=columns.ack[rows],
            flags=columns.tcp_flags[rows],
            offer=columns.window_scale[rows],
        )
        anew = self._anew(stretch)
        bases, shifts = [], []
        for which in (0, 1):
            base, shift = self._one_side(stretch, which, anew)
            bases.append(base)
            shifts.append(shift)
        ends = np.flatnonzero(np.diff(group, append=-1))
        for which in (0, 1):
            self._base[stretch.flow[ends], which] = bases[which][ends]
            self._shift[stretch.flow[ends], which] = shifts[which][ends]
        first = side == 0
        own, other = np.where(first, bases[0], bases[1]), np.where(first, bases[1], bases[0])
        acknowledges = (stretch.flags & _ACK) > 0
        offered = np.where(first, shifts[0], shifts[1])
        peer = np.where(first, shifts[1], shifts[0])
        shift = np.where((offered >= 0) & (peer >= 0), np.minimum(offered, MAX_SHIFT), UNKNOWN)
        shift[(offered == NO_OPTION) | (peer == NO_OPTION)] = 0
        shift[stretch.syn] = 0
        return own, np.where(acknowledges, other, UNKNOWN), shift

    def _anew(self, stretch: _Stretch) -> NDArray[np.bool_]:
        """Which segments are SYNs that start a new connection on a known pair of endpoints."""
        anew = np.zeros(len(stretch.seq), np.bool_)
        bare = stretch.syn & ((stretch.flags & _ACK) == 0)
        ends = np.flatnonzero(np.diff(stretch.group, append=-1))
        for which in (0, 1):
            carried_syn = self._syn[stretch.flow, which]
            carried_guess = self._guess[stretch.flow, which]
            guess = _filled_first(stretch, *stretch.evidence(which), carried_guess)
            syn = _filled_last(stretch, stretch.syn & (stretch.side == which), carried_syn)
            before_syn, before_guess = (
                _before(stretch, syn, carried_syn),
                _before(stretch, guess, carried_guess),
            )
            known = np.where(before_syn >= 0, before_syn, before_guess)
            mine = bare & (stretch.side == which)
            anew |= mine & (known >= 0) & (known != stretch.seq)
            self._syn[stretch.flow[ends], which] = syn[ends]
            self._guess[stretch.flow[ends], which] = guess[ends]
        return anew

    def _one_side(
        self, stretch: _Stretch, which: int, anew: NDArray[np.bool_]
    ) -> tuple[Ints, Ints]:
        """The base and the offered shift of one side, in effect at every segment."""
        # When the other side starts anew, what was known of this one is void from there on.
        void = anew & (stretch.side != which)
        index = np.arange(len(stretch.seq))
        since = np.maximum.accumulate(np.where(void | stretch.starts, index, 0))
        carried = ~void[since]  # still the part that what is known from before applies to
        own_syn = stretch.syn & (stretch.side == which)
        last = np.maximum.accumulate(np.where(own_syn, index, -1))
        has_syn = last >= since
        evident, value = stretch.evidence(which)
        first = _first_since(evident, since)
        base = np.where((first >= 0) & (first <= index), value[first], UNKNOWN)
        old = np.where(carried, self._base[stretch.flow, which], UNKNOWN)
        base = np.where(old >= 0, old, base)
        base = np.where(has_syn, stretch.seq[last], base)
        old = np.where(carried, self._shift[stretch.flow, which], UNKNOWN)
        shift = np.where(has_syn, stretch.offer[last], old)
        return base, shift.astype(np.int64)


@dataclass(slots=True, eq=False)
class _Stretch:
    """TCP segments sorted by conversation, those of one conversation in capture order."""

    group: NDArray[np.intp]
    side: NDArray[np.intp]
    flow: NDArray[np.intp]
    seq: NDArray[np.int64]
    ack: NDArray[np.int64]
    flags: NDArray[np.int16]
    offer: NDArray[np.int8]

    @property
    def syn(self) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = (self.flags & _SYN) > 0
        return mask

    @property
    def starts(self) -> NDArray[np.bool_]:
        """The first segment of each conversation."""
        mask: NDArray[np.bool_] = np.diff(self.group, prepend=-1) != 0
        return mask

    def evidence(self, which: int) -> tuple[NDArray[np.bool_], Ints]:
        """Where something other than its SYN shows a side's numbers, and the base it suggests."""
        own = self.side == which
        shown = np.where(own, (self.flags & _SYN) == 0, (self.flags & _ACK) > 0)
        return shown, (np.where(own, self.seq, self.ack) - 1) % MODULUS


def _filled_first(stretch: _Stretch, mask: NDArray[np.bool_], values: Ints, carried: Ints) -> Ints:
    """At every segment: what was carried in, else the conversation's first value so far."""
    index = np.arange(len(mask))
    start = np.maximum.accumulate(np.where(stretch.starts, index, 0))
    first = _first_since(mask, start)
    found = np.where((first >= 0) & (first <= index), values[first], UNKNOWN)
    return np.where(carried >= 0, carried, found)


def _filled_last(stretch: _Stretch, mask: NDArray[np.bool_], carried: Ints) -> Ints:
    """At every segment: the last SYN's number so far, else what was carried in."""
    index = np.arange(len(mask))
    start = np.maximum.accumulate(np.where(stretch.starts, index, 0))
    last = np.maximum.accumulate(np.where(mask, index, -1))
    return np.where(last >= start, stretch.seq[last], carried)


def _before(stretch: _Stretch, values: Ints, carried: Ints) -> Ints:
    """The values in effect before each segment."""
    previous = np.concatenate([carried[:1], values[:-1]])
    return np.where(stretch.starts, carried, previous)


def _first_since(mask: NDArray[np.bool_], since: NDArray[np.intp]) -> NDArray[np.intp]:
    """The first marked place at or behind each ``since``; -1 where none follows."""
    places = np.append(np.flatnonzero(mask), -1)
    return places[np.searchsorted(places[:-1], since)]


# --- conversations --------------------------------------------------------------------------

_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


def _conversations(
    columns: Columns, rows: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp], list[bytes]]:
    """Which conversation each packet belongs to (a number), its side in it, and their keys.

    Endpoints are compared by a 64-bit hash first; that no two conversations share one is then
    checked against the endpoints themselves, and if they do, they are sorted out exactly.
    """
    source = _packed(columns.src[rows], columns.sport[rows])
    target = _packed(columns.dst[rows], columns.dport[rows])
    swapped = _greater(source, target)
    low = np.where(swapped[:, None], target, source)
    high = np.where(swapped[:, None], source, target)
    both = np.concatenate([low, high], axis=1)
    mixed = np.zeros(len(rows), np.uint64)
    for i in range(both.shape[1]):
        mixed = (mixed ^ both[:, i]) * np.uint64(_MIX[i % 3])
        mixed ^= mixed >> np.uint64(29)
    _, first, group = np.unique(mixed, return_index=True, return_inverse=True)
    if not (both == both[first][group]).all():
        whole = np.ascontiguousarray(both).view(f"V{both.shape[1] * 8}").ravel()
        _, first, group = np.unique(whole, return_index=True, return_inverse=True)
    keys: list[bytes] = (
        np.ascontiguousarray(both[first]).view(f"V{both.shape[1] * 8}").ravel().tolist()
    )
    return group, swapped.astype(np.intp), keys


def _packed(address: NDArray[np.uint8], port: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Endpoints as three numbers each."""
    packed = np.empty((len(port), 3), np.uint64)
    packed[:, :2] = np.ascontiguousarray(address).view(np.uint64)
    packed[:, 2] = port
    return packed


def _greater(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which rows of ``a`` sort behind those of ``b``: any total order does."""
    last, middle, first = (np.greater(a[:, i], b[:, i]) for i in (2, 1, 0))
    same = np.equal(a, b)
    greater: NDArray[np.bool_] = first | (same[:, 0] & (middle | (same[:, 1] & last)))
    return greater
