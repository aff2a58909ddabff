"""Columns: a capture's fields as arrays, kept narrow, decoded in groups when asked for.

What :mod:`netshell.packet.schema` calls "frame" is the source's own, shared with the raw chunk.
"flow" (who talks to whom, how much) and "detail" (the rest of the headers) are decoded the first
time one of their columns is asked for. Kept are the narrowest types that hold a header's field;
"missing" is a bit beside them, IPv6 addresses stand in a table of their own, and a column with
one value throughout is kept as that value. The arrays that attributes give are made from these,
with the schema's types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netshell.packet.draft import DST_KNOWN, SRC_KNOWN
from netshell.packet.schema import COLUMNS

Group = dict[str, NDArray[Any]]

NARROW = {
    "src": "uint32",
    "dst": "uint32",
    "sport": "uint16",
    "dport": "uint16",
    "ip_id": "uint32",
    "seq": "uint32",
    "ack": "uint32",
    "window": "uint16",
    "tunnel_id": "uint32",
    "outer_src": "uint32",
    "outer_dst": "uint32",
}
"""Columns that are kept in another type than the schema's."""

BITS = {
    "sport": 4,
    "dport": 8,
    "seq": 16,
    "ack": 32,
    "ip_id": 1,
    "window": 2,
    "tunnel_id": 4,
}
"""Bits in a group's ``mask`` that say "not missing"; the others of "flow" are Draft.known's."""

_FIELDS = {field.name: field for field in COLUMNS}
_TABLES = ("addresses", "outers")  # not one entry per packet
_NUMBERS = {"src": "addresses", "dst": "addresses", "outer_src": "outers", "outer_dst": "outers"}
_MAPPED_START = b"\0" * 10 + b"\xff\xff"
_MAPPED = np.frombuffer(_MAPPED_START, np.uint8)

GROUPS = ("frame", "flow", "detail")


def names_of(group: str) -> tuple[str, ...]:
    """The columns of a group, in the schema's order."""
    return tuple(field.name for field in COLUMNS if field.group == group)


class Columns:
    """N packets as arrays; :mod:`netshell.packet.schema` says what each holds.

    >>> columns = decode(chunk)                                        # doctest: +SKIP
    >>> columns[columns.dport == 80].src                               # doctest: +SKIP
    """

    __slots__ = ("_groups", "_load")

    time_ns: NDArray[np.int64]
    captured_len: NDArray[np.uint32]
    wire_len: NDArray[np.uint32]
    iface: NDArray[np.uint16]
    direction: NDArray[np.uint8]
    link: NDArray[np.uint16]
    vlan: NDArray[np.int16]
    inner_vlan: NDArray[np.int16]
    ethertype: NDArray[np.uint16]
    tunnel: NDArray[np.uint8]
    tunnel_id: NDArray[np.int64]
    outer_src: NDArray[np.uint8]
    outer_dst: NDArray[np.uint8]
    ip_version: NDArray[np.uint8]
    proto: NDArray[np.int16]
    src: NDArray[np.uint8]
    dst: NDArray[np.uint8]
    sport: NDArray[np.int32]
    dport: NDArray[np.int32]
    ttl: NDArray[np.int16]
    ip_id: NDArray[np.int64]
    ip_len: NDArray[np.uint16]
    fragment_offset: NDArray[np.uint16]
    more_fragments: NDArray[np.bool_]
    tcp_flags: NDArray[np.int16]
    seq: NDArray[np.int64]
    ack: NDArray[np.int64]
    window: NDArray[np.int32]
    window_scale: NDArray[np.int8]
    data_offset: NDArray[np.uint8]
    payload_offset: NDArray[np.int32]
    payload_len: NDArray[np.int32]

    def __init__(self, groups: dict[str, Group], load: Callable[[str], dict[str, Group]]) -> None:
        """``groups`` has "frame" at least; ``load`` gives what is missing, with the one named."""
        self._groups = groups
        self._load = load

    def __len__(self) -> int:
        return len(self._groups["frame"]["time_ns"])

    def __getattr__(self, name: str) -> NDArray[Any]:
        field = _FIELDS.get(name)
        if field is None:
            raise AttributeError(f"no column {name!r}; there are {', '.join(_FIELDS)}")
        group = self.group(field.group)
        kept = group[name]
        if name in _NUMBERS:
            return self._addresses(name, kept)
        if name in BITS:
            known = group["mask"] & BITS[name] > 0
            return np.where(known, kept, np.asarray(-1, field.dtype))
        # A value repeated in place looks like an array, but not to everything that takes one.
        return kept.copy() if _repeated(kept) else kept

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_FIELDS]

    def group(self, name: str) -> Group:
        """A group as it is kept, decoded now if it was not."""
        found = self._groups.get(name)
        if found is None:
            # Two threads may both decode; both get the same values.
            self._groups = {**self._load(name), **self._groups}
            found = self._groups[name]
        return found

    def load(self) -> Columns:
        """Decodes everything in one go, where columns of both groups will be needed."""
        self.group("detail")
        self.group("flow")
        return self

    def at(self, name: str, row: int) -> int:
        """One value, without making the column; not for addresses."""
        of, bit = _PLACES[name]
        group = self._groups.get(of) or self.group(of)
        if bit and not group["mask"].item(row) & bit:
            return -1
        value: int = group[name].item(row)
        return value

    def address(self, name: str, row: int) -> bytes:
        """One address as 16 bytes: ``src``, ``dst``, ``outer_src`` or ``outer_dst``."""
        group = self.group(_GROUP_OF[name])
        table = group[_NUMBERS[name]]
        if name not in ("src", "dst"):
            number = group[name].item(row)
            return table[number - 1].tobytes() if number else bytes(16)
        version = group["ip_version"].item(row)
        if version == 4:
            known = group["mask"].item(row) & (SRC_KNOWN if name == "src" else DST_KNOWN)
            return _MAPPED_START + group[name][row].tobytes() if known else bytes(16)
        return table[group[name].item(row)].tobytes() if version else bytes(16)

    def _addresses(self, name: str, numbers: NDArray[np.uint32]) -> NDArray[np.uint8]:
        group = self.group(_GROUP_OF[name])
        table = group[_NUMBERS[name]]
        made = np.zeros((len(self), 16), np.uint8)
        if name not in ("src", "dst"):
            rows = np.flatnonzero(numbers)
            made[rows] = table[numbers[rows].astype(np.intp) - 1]
            return made
        words = made.view(np.uint32)
        mapped = group["mask"] & (SRC_KNOWN if name == "src" else DST_KNOWN) > 0
        if mapped.all():
            words[:, 2], words[:, 3] = _MAPPED[8:12].view(np.uint32)[0], numbers
            return made
        words[:, 2] = np.where(mapped, _MAPPED[8:12].view(np.uint32)[0], 0)
        words[:, 3] = np.where(mapped, numbers, 0)
        six = np.flatnonzero(group["ip_version"] == 6)
        if len(six):
            items = made.view("V16")[:, 0]
            items[six] = table.view("V16")[:, 0][numbers[six]]
        return made

    def __getitem__(self, which: Any) -> Columns:
        """The packets a slice, mask or index array selects; a slice shares the arrays."""
        groups = {name: taken(group, which) for name, group in self._groups.items()}

        def load(name: str) -> dict[str, Group]:
            return {name: taken(self.group(name), which)}

        return Columns(groups, load)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, or copied: everything decoded, with the addresses of these packets alone."""
        self.load()
        return _restored, ({name: _alone(name, self._groups[name]) for name in GROUPS},)

    @classmethod
    def concat(cls, parts: Sequence[Columns]) -> Columns:
        """Several stretches of packets as one; none at all gives zero packets."""
        if len(parts) == 1:
            return parts[0]

        def load(name: str) -> dict[str, Group]:
            return {name: joined([part.group(name) for part in parts])}

        if not parts:
            return cls({name: _nothing(name) for name in GROUPS}, load)
        return cls(load("frame"), load)

    def row(self, index: int) -> dict[str, Any]:
        """One packet's values by name, addresses as 16 bytes."""
        values: dict[str, Any] = {}
        for field in COLUMNS:
            if field.width > 1:
                values[field.name] = self.address(field.name, index)
            else:
                value = self.at(field.name, index)
                values[field.name] = bool(value) if field.dtype == "bool" else value
        return values

    @property
    def held(self) -> dict[str, Group]:
        """The groups decoded up to now, as they are kept."""
        return dict(self._groups)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the groups decoded up to now take, without the chunk's arrays."""
        return sum(
            array.itemsize if _repeated(array) else array.nbytes
            for name in ("flow", "detail")
            for array in self._groups.get(name, {}).values()
        )


def _restored(groups: dict[str, Group]) -> Columns:
    """Columns out of their pickle."""
    for group in groups.values():
        group.update({name: collapsed(kept) for name, kept in group.items() if kept.ndim == 1})
    return Columns(groups, _no_more)


def _no_more(name: str) -> dict[str, Group]:
    raise KeyError(name)  # every group is there


def _alone(name: str, group: Group) -> Group:
    """A group whose table holds what its packets refer to, and no more."""
    if name == "frame":
        return group
    if name == "flow":
        table, names, first = "addresses", ("src", "dst"), 0
        refers = group["ip_version"] == 6
    else:
        table, names, first = "outers", ("outer_src", "outer_dst"), 1
        refers = np.ones(len(group["mask"]), np.bool_)
    made = dict(group)
    used: list[NDArray[Any]] = []
    base = 0
    for column in names:
        rows = np.flatnonzero(refers & (group[column] >= first))
        numbers, places = np.unique(group[column][rows], return_inverse=True)
        made[column] = group[column].copy()
        made[column][rows] = places.astype(np.uint32) + np.uint32(base + first)
        used.append(group[table][numbers.astype(np.intp) - first])
        base += len(numbers)
    made[table] = np.concatenate(used)
    return made


_GROUP_OF = {field.name: field.group for field in COLUMNS}
_PLACES = {field.name: (field.group, BITS.get(field.name, 0)) for field in COLUMNS}


def collapsed(array: NDArray[Any]) -> NDArray[Any]:
    """The array, or one value repeated in place if it holds no other."""
    if len(array) < _FEW or array[0] != array[-1] or array[0] != array[len(array) // 2]:
        return array
    if not (array == array[0]).all():
        return array
    return _repeat(array, len(array))


_FEW = 32  # packets for which it is not worth it


def _repeat(array: NDArray[Any], count: int) -> NDArray[Any]:
    """The array's first value, ``count`` times in the memory of one."""
    return np.ndarray(count, array.dtype, array[:1].copy(), 0, (0,))


def _repeated(array: NDArray[Any]) -> bool:
    return array.ndim == 1 and len(array) > 1 and array.strides[0] == 0


def taken(group: Group, which: Any) -> Group:
    """Some packets of a group; the tables they refer to are shared."""
    made: Group = {}
    rest = [(name, array) for name, array in group.items() if name not in _TABLES]
    count = -1
    for name, array in rest:
        if _repeated(array) and count >= 0:
            made[name] = _repeat(array, count)
        else:
            made[name] = array[which]
            count = len(made[name])
    for name in _TABLES:
        if name in group:
            made[name] = group[name]
    return made


def joined(groups: Sequence[Group]) -> Group:
    """Groups of one kind end to end."""
    made: Group = {}
    for name in groups[0]:
        pieces = [group[name] for group in groups]
        if name in _NUMBERS:
            base, moved = 0, []
            for group, numbers in zip(groups, pieces, strict=True):
                if base:
                    refers = numbers > 0 if name.startswith("outer") else group["ip_version"] == 6
                    numbers = numbers + np.where(refers, np.uint32(base), np.uint32(0))
                moved.append(numbers)
                base += len(group[_NUMBERS[name]])
            pieces = moved
        if all(_repeated(piece) for piece in pieces) and all(
            piece[0] == pieces[0][0] for piece in pieces
        ):
            count = sum(map(len, pieces))
            made[name] = _repeat(pieces[0], count)
        else:
            made[name] = np.concatenate(pieces)
    return made


def _nothing(group: str) -> Group:
    made: Group = {
        name: np.empty(0, NARROW.get(name, _FIELDS[name].dtype)) for name in names_of(group)
    }
    if group == "flow":
        made |= {"mask": np.empty(0, np.uint8), "addresses": np.empty((0, 16), np.uint8)}
    if group == "detail":
        made |= {"mask": np.empty(0, np.uint8), "outers": np.empty((0, 16), np.uint8)}
    return made
