"""Damaged and random conversations by the hundred thousand, given to each decoder.

    python tests/fuzz/fuzz_decoders.py [CASES] [DECODER ...] [--seed 1] [--first 0]

A case is a conversation of a recorded capture (tests/protocols/*/recorded) with bytes flipped,
lengths made extreme, pieces cut out, doubled, exchanged or of another conversation, or random
bytes; in pieces of any size, with gaps and ends. The decoder may raise nothing, take time linear
in the bytes and keep no more than its bound; what it makes must show itself; and the same bytes in
other pieces must give the same. A case is told by its number: --first 4711 with CASES 1 repeats it.
"""

from __future__ import annotations

import argparse
import gc
import json
import pickle
import random
import signal
import sys
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import FrameType
from typing import NamedTuple

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "protocols")]

from netshell.capture.file import read
from netshell.flow.delivery import Delivery
from netshell.flow.sides import SIDES, Side
from netshell.protocols import decoders
from netshell.protocols.api import Decoder, Message, Part, other
from netshell.protocols.secret import revealed
from netshell.protocols.tabled import plain

RECORDED = Path(__file__).parents[1] / "protocols"
HANGS_S = 60
ENOUGH_S = 5  # of the same piece, over and over
SLOW_S, SLOW_PER_BYTE_S = 2.0, 100e-6  # generous: the machine may have other work
LINES = 200  # that a message may say
DECODERS = tuple(each.decoder() for each in decoders.DECODERS)
ROOM = 3 << 20  # bytes beside what a decoder's bound allows: tables, the last messages
CUT_EVERY, KEPT_EVERY, PICKLED_EVERY = 4, 5000, 50

INTERESTING = (
    b"\0", b"\xff", b"\r\n", b"\n", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
    b"\x80\0\0\0", b"\0\0\0\4", b"\xfb", b"\xfc\xff\xff", b"\xfe", b"$-1", b"*99999999",
    b"9" * 30, b"-1", b": ", b";", b"'", b'"', b"--", b"/*", b"%00", b"\xc0\x0c",
)  # fmt: skip


class Hangs(BaseException):
    """A case takes too long; no handler for exceptions stops this one."""


class Step(NamedTuple):
    """What a decoder is told: bytes; that some lack (``gap``); that a side ended (neither)."""

    side: Side
    data: bytes = b""
    gap: int = 0
    time_ns: int = 0


Script = list[Step]


@cache
def recorded(transport: str) -> tuple[tuple[str, Script], ...]:
    """The conversations of all recorded captures, with the folder each is from."""
    found = []
    for path in sorted(RECORDED.glob("*/recorded/*.pcap*")):
        capture = read(path)
        for flow in capture.flows.where(proto=transport):
            if transport == "tcp":
                heard = Delivery().feed(flow.segments, final=True)
                script = [Step(each.side, each.data) for each in heard if each.data]
            else:
                script = [
                    Step("client" if packet.sport == flow.client.port else "server", packet.payload)
                    for packet in (capture[int(number)] for number in flow.numbers)
                    if packet.payload
                ]
            if script:
                found.append((path.parts[-3], script))
    return tuple(found)


def seeds(decoder: type[Decoder]) -> Sequence[Script]:
    """The conversations for a decoder: those of its own folder, and a few of the others."""
    folder = decoder.__module__.split(".")[2]
    found = recorded(decoder.transport)
    own = [script for name, script in found if name == folder]
    others = [script for name, script in found if name != folder]
    return [*own * 4, *others] if own else others


# --- cases --------------------------------------------------------------------------------------


def case(decoder: type[Decoder], number: int, seed: int) -> tuple[Script, bool]:
    """A conversation, and whether it is told to be from its beginning; the same for a number."""
    chance = random.Random(f"{decoder.name} {decoder.transport} {seed} {number}")
    known = seeds(decoder)
    if not known or chance.random() < 0.1:
        script = [
            Step(chance.choice(SIDES), chance.randbytes(chance.choice((1, 4, 20, 200, 2000))))
            for _ in range(chance.randrange(1, 8))
        ]
    else:
        script = list(chance.choice(known))
        if len(script) > 60:
            first = chance.randrange(len(script) - 40) if chance.random() < 0.5 else 0
            script = script[first : first + 60]
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        script = damaged(script, chance, known)
    if decoder.transport == "tcp":
        script = list(cut(script, chance))
    script = [each for each in script if each.data or each.gap] or [Step("client", b"?")]
    if chance.random() < 0.3:
        script.append(Step(chance.choice(SIDES)))
    if chance.random() < 0.3:
        script.append(Step(chance.choice(SIDES)))
    timed = [Step(each.side, each.data, each.gap, 1000 * at) for at, each in enumerate(script)]
    return timed, chance.random() < 0.8


def damaged(script: Script, chance: random.Random, known: Sequence[Script]) -> Script:
    """The conversation with one kind of damage."""
    at = chance.randrange(len(script)) if script else 0
    if not script:
        return [Step("client", b"x")]
    step, kind = script[at], chance.randrange(11)
    data = bytearray(step.data)
    place = chance.randrange(len(data) + 1)
    if kind == 0:
        for _ in range(chance.choice((1, 2, 8, 30))):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        word = chance.choice(INTERESTING)
        data[place : place + len(word)] = word
    elif kind == 2:
        data[place:place] = chance.choice(INTERESTING) * chance.choice((1, 1, 3, 100))
    elif kind == 3:
        del data[place : place + chance.choice((1, 2, 4, 40, 1 << 20))]
    elif kind == 4:
        data[place:place] = data[place : place + chance.randrange(1, 300)] * chance.choice((1, 20))
    elif kind == 5:
        data[place:place] = chance.randbytes(chance.choice((1, 4, 100, 5000)))
    elif kind == 6:
        return [*script[:at], *script[at + 1 :]]
    elif kind == 7:
        return [*script[:at], step._replace(side=other(step.side)), *script[at + 1 :]]
    elif kind == 8:
        return [*script[:at], Step(step.side, gap=chance.choice((1, 5, 1448, 1 << 31))),
                *script[at + chance.randrange(2) :]]  # fmt: skip
    elif kind == 9 and known:
        elsewhere = chance.choice(known)
        first = chance.randrange(len(elsewhere))
        return [*script[:at], *elsewhere[first : first + 5], *script[at:]]
    else:
        target = chance.randrange(len(script))
        moved = [*script[:at], *script[at + 1 :]]
        return [*moved[:target], step, *moved[target:]]
    step = step._replace(data=bytes(data), gap=0 if data else step.gap)
    return [*script[:at], step, *script[at + 1 :]]


def cut(script: Script, chance: random.Random) -> Iterator[Step]:
    """The same bytes in other pieces: a piece in three, and one case in ten byte by byte."""
    way = chance.randrange(10)
    for step in script:
        size = len(step.data)
        if way == 0 and 0 < size <= 1000:
            places = list(range(1, size))
        elif way > 2 and size and chance.random() < 0.3:
            places = sorted(chance.randrange(size + 1) for _ in range(chance.choice((1, 3, 9))))
        else:
            yield step
            continue
        for begin, end in zip([0, *places], [*places, size], strict=True):
            if end > begin:
                yield Step(step.side, step.data[begin:end], step.gap, step.time_ns)


# --- what a decoder does with it ----------------------------------------------------------------


class Outcome(NamedTuple):
    """What a decoder made of a conversation."""

    messages: list[Message]
    waiting: list[Message]
    why_stopped: str
    follows: str | None
    rest: tuple[bytes, ...]  # with what it was not given any more


def fed(made: Decoder, script: Script, is_kept: bool = True) -> Outcome:
    """A decoder's messages, as long as it reads."""
    messages: list[Message] = []
    closed: set[Side] = set()
    left: list[Step] = []
    for at, step in enumerate(script):
        if step.side in closed:
            continue
        if step.gap:
            found = made.gap(step.side, step.gap, step.time_ns)
        elif step.data:
            found = made.feed(step.side, step.data, step.time_ns)
        else:
            closed.add(step.side)
            found = made.close(step.side, step.time_ns)
        if is_kept:
            messages += found
        if made.why_stopped or made.follows is not None:
            left = script[at + 1 :]
            break
    waiting = list(made.waiting())
    is_over = bool(made.why_stopped) or made.follows is not None
    rest = [
        made.rest(side) + b"".join(each.data for each in left if each.side == side)
        for side in SIDES
        if is_over
    ]
    return Outcome(messages, waiting, made.why_stopped, made.follows, tuple(rest))


def look(message: Message, sizes: dict[Side, int], at: int = 0, is_pickled: bool = False) -> None:
    """All that is asked of a message wherever it is shown; streams of ``sizes`` begin ``at``."""
    assert message.parts, "a message without parts"
    for part in message.parts:
        assert isinstance(part, Part) and part.side in SIDES
        assert at <= part.begin <= part.end <= at + sizes[part.side], part
    for side, begin, end in message.secrets:
        assert at <= begin <= end <= at + sizes[side], (side, begin, end)
    for text in (message.asked, message.answered, message.problem, message.lacking, str(message)):
        assert isinstance(text, str)
        assert "\n" not in text, "more than a line"
    for side in SIDES:
        assert len(message.said(side)) <= LINES, "too many lines"
    _ = (
        message.time_ns,
        message.end_ns,
        message.answer_ns,
        message.duration_s,
        list(message.facts()),
    )
    json.dumps(plain(message.records()))
    json.dumps(plain(revealed(message).records()))
    if is_pickled:
        assert pickle.loads(pickle.dumps(message)) == message


def check(decoder: type[Decoder], number: int, seed: int) -> int:
    """One case; how many messages it gave. Raises what should not be."""
    script, begun = case(decoder, number, seed)
    sizes: dict[Side, int] = {
        side: sum(len(each.data) for each in script if each.side == side) for side in SIDES
    }
    total = sum(sizes.values())
    begin = time.thread_time()
    said = [b"".join(each.data for each in script if each.side == side) for side in SIDES]
    decoder.looks_like(said[0][:4096], said[1][:4096], begun)
    for step in script[:50]:
        for on_port in (True, False):
            peek = decoder.peek(step.data, on_port) if step.data else None
            for first, last in () if peek is None else peek.secrets:
                assert 0 <= first <= last <= len(step.data), peek
    at = number % 3 * 1000  # behind a gap, or another protocol, streams begin later
    outcome = fed(decoder(begun, at, at), script)
    for message in (*outcome.messages, *outcome.waiting):
        look(message, sizes, at, number % PICKLED_EVERY == 0)
    took = time.thread_time() - begin
    assert took < SLOW_S + SLOW_PER_BYTE_S * total, f"{took:.1f} s for {total:,} bytes"
    if number % CUT_EVERY == 0 and decoder.transport == "tcp":
        chance = random.Random(number)
        again = fed(decoder(begun, at, at), list(cut(script, chance)))
        assert again == outcome, "other pieces give another result"
    if number % KEPT_EVERY == 0:
        kept(decoder, script, begun)
    return len(outcome.messages)


def kept(decoder: type[Decoder], script: Script, begun: bool) -> None:
    """That a decoder keeps no more than it says, however much of the same is said to it."""
    longest = max(
        (each for each in script if each.data), key=lambda each: len(each.data), default=None
    )
    if longest is None:
        return
    piece = longest.data[:65536]
    many = min((3 * decoder.most + ROOM) // len(piece) + 1, 20_000)
    made = decoder(begun, 0, 0)
    fed(made, script[: script.index(longest) + 1], is_kept=False)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        enough = time.thread_time() + ENOUGH_S
        for _ in range(many):
            if made.why_stopped or made.follows is not None or time.thread_time() > enough:
                break
            made.feed(longest.side, piece, longest.time_ns)
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    bound = 4 * decoder.most + ROOM  # bytes, and what stands for each of a few
    assert held <= bound, f"{held:,} bytes kept, {decoder.most:,} are its bound"


# --- many of them -------------------------------------------------------------------------------


def chosen(names: Sequence[str]) -> list[type[Decoder]]:
    """The decoders with these names, all without any. Raises SystemExit for one there is not."""
    known = {each.name for each in DECODERS}
    if unknown := set(names) - known:
        raise SystemExit(f"no decoder {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [each for each in DECODERS if not names or each.name in names]


def run(decoder: type[Decoder], first: int, count: int, seed: int, every: int = 0) -> int:
    """Goes through the cases and returns how many messages they gave; raises what should not be."""

    def late(signum: int, frame: FrameType | None) -> None:
        raise Hangs(f"more than {HANGS_S} s")

    before = signal.signal(signal.SIGALRM, late)
    messages, start = 0, time.monotonic()
    try:
        for number in range(first, first + count):
            signal.alarm(HANGS_S)
            try:
                messages += check(decoder, number, seed)
            except BaseException as error:
                named = f"{decoder.name} ({decoder.transport})"
                error.add_note(f"case {number} of seed {seed}, {named}: repeat it with")
                error.add_note(f"fuzz_decoders.py 1 {decoder.name} --seed {seed} --first {number}")
                raise
            finally:
                signal.alarm(0)
            if every and (number + 1) % every == 0:
                rate = (number + 1 - first) / (time.monotonic() - start)
                print(f"{number + 1 - first:,} cases, {rate:,.0f} a second", flush=True)
    finally:
        signal.signal(signal.SIGALRM, before)
    return messages


def main() -> int:
    parser = argparse.ArgumentParser(description="Give damaged conversations to decoders.")
    parser.add_argument("cases", type=int, nargs="?", default=100_000)
    parser.add_argument("decoders", nargs="*", help="names; all without any")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    for decoder in chosen(options.decoders):
        start = time.monotonic()
        print(f"{decoder.name} ({decoder.transport}): {len(seeds(decoder))} conversations to begin")
        messages = run(decoder, options.first, options.cases, options.seed, every=10_000)
        took = time.monotonic() - start
        print(
            f"  {options.cases:,} cases, {messages:,} messages in them, {took:.0f} s: nothing was"
        )
        print("  raised, nothing hung, nothing grew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
