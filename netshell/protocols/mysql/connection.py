"""One MySQL or MariaDB connection, from its greeting or its midst, over gaps, to messages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from copy import copy

from netshell.flow.sides import Side
from netshell.protocols.api import Message, Part
from netshell.protocols.mysql import commands
from netshell.protocols.mysql.compressed import CompressedPackets
from netshell.protocols.mysql.dialogue import COMMANDS, Dialogue
from netshell.protocols.mysql.exchange import NO_ANSWER, Exchange
from netshell.protocols.mysql.framing import Packet, Packets
from netshell.protocols.mysql.resync import TURNS, Turn
from netshell.protocols.mysql.wire import Malformed

_UNKNOWN = "unknown"


class Connection(Dialogue):
    """Reads one connection; :class:`~netshell.protocols.mysql.decoder.MySqlDecoder` says what each
    part of it is for."""

    # --- fed ---

    def feed(self, side: Side, data: bytes, time_ns: int) -> Sequence[Message]:
        """What is complete with further bytes of one side."""
        self._at[side] += len(data)
        if self.why_stopped or self.follows is not None:
            return ()
        if self._turn is None or self._lost(side, data, time_ns):
            self._packets[side].add(data, time_ns)
            self._read(side, time_ns)
        return self._given()

    def _given(self) -> Sequence[Message]:
        made, self._made = self._made, []
        return made

    # --- what lacks ---

    def gap(self, side: Side, size: int, time_ns: int) -> Sequence[Message]:
        """The same where bytes lack."""
        if self.why_stopped or self.follows is not None:
            return ()
        if self._turn is not None:
            box = self._turn.box
            if side == "client":
                self._begin_turn()
                if len(box) and self._tells:
                    part = box.part(len(box))
                    self._unknown(part).touch(*part)
                box.skip(len(box))
            if self._tells:
                self._unknown(self._here(side, time_ns)).lack(size)
        elif self._packets[side].gap(size):
            self._read(side, time_ns)
        else:
            half = self._packets["client"].begun() if self._phase == COMMANDS else None
            self._lose(side, self._at["client"])
            if half is not None and not self.why_stopped:
                self._waiting.append(self._half(half))
            if not self.why_stopped:
                self._unknown(self._here(side, time_ns)).lack(size)
        return self._given()

    def _misread(self, side: Side, packet: Packet | None, time_ns: int) -> None:
        """A packet is not what it was taken for: where it began was wrong, or bytes of it lack."""
        packets = self._packets[side]
        if packet is not None and (side == "client" or self._waiting) and self._tells:
            exchange = self._unknown(packet.part)
            exchange.touch(*packet.part)
            if packet.lacking and side == "client":
                exchange.lack(packet.lacking)
        left = packets.rest()
        self._lose(side, self._at["client"] - (len(left) if side == "client" else 0))
        if left and self.why_stopped:
            self._left[side] = left
        elif left:
            self._lost(side, left, time_ns)

    def _lose(self, side: Side, at: int) -> None:
        """It is not known any more where packets begin; the client's next byte has that place."""
        started = self._packets["server"].begun()
        if started is not None and self._waiting and side == "client":
            self._waiting[0].extend(started)
        self._turn = Turn(at)
        self._phase = COMMANDS
        self._unsure, self._heard = True, side == "server"
        self._fail()

    def _fail(self) -> None:
        self._failed += 1
        if self._failed > TURNS:
            self._stop("where its packets begin is not to be found")

    def _here(self, side: Side, time_ns: int) -> Part:
        return Part(side, self._at[side], self._at[side], time_ns, time_ns)

    def _unknown(self, part: Part) -> Exchange:
        """What bytes that lack, or are not to be read, belong to: what is asked; or else what that
        was is not known."""
        waiting = self._waiting
        if not waiting or (part.side == "client" and self._heard):
            packet = Packet(part.side, 0, b"", 0, part.begin, part.end, part.time_ns, part.end_ns)
            waiting.append(Exchange(_UNKNOWN, self._session, packet))
        return waiting[0 if part.side == "server" else -1]

    def _lost(self, side: Side, data: bytes, time_ns: int) -> bool:
        """Where packets begin is not known. True once it is: these bytes are the answer."""
        if side == "client":
            self._begin_turn()
            assert self._turn is not None
            self._turn.add(data, time_ns)
            return False
        while self._turn is not None and len(self._turn.box) and not self.why_stopped:
            self._find(self._turn, self._at[side] - len(data), time_ns)
        if self.why_stopped:
            self._left[side] = data
            return False
        if self._turn is None:
            return True
        self._heard = True
        if self._waiting:
            end = self._at[side]
            self._waiting[0].touch(side, end - len(data), end, time_ns, time_ns)
        return False

    def _begin_turn(self) -> None:
        """The client speaks. If the server has before, what was asked has had its answer."""
        if self._heard:
            self._flush()
            self._heard = False

    def _find(self, turn: Turn, server_at: int, time_ns: int) -> None:
        """Look for the client's packets in a turn that is over, and read them; what the server
        answers begins at a place."""
        box = turn.box
        found = turn.find(self._compressed)
        if found is None:
            if self._tells:
                part = box.part(len(box))
                unknown = self._unknown(part)
                unknown.touch(*part)
                if not unknown.lacks:
                    unknown.lacks.append("where its packets begin is not to be found")
            box.skip(len(box))
            self._fail()
            return
        at, self._compressed = found
        self._flush()
        box.skip(at)
        kind = CompressedPackets if self._compressed else Packets
        self._packets["client"] = kind("client", box=box)
        self._packets["server"] = kind("server", server_at)
        self._turn = None
        self._read("client", time_ns)

    def close(self, side: Side, time_ns: int) -> Sequence[Message]:
        """The same where a side sends no more."""
        if side == "server" and not self.why_stopped and self.follows is None:
            while self._turn is not None and len(self._turn.box) and not self.why_stopped:
                self._find(self._turn, self._at["server"], time_ns)
            self._flush()
        return self._given()

    # --- what is there ---

    def waiting(self) -> Sequence[Message]:
        """What is not complete; changes nothing."""
        if self.why_stopped or self.follows is not None:
            return ()
        made = [exchange.message(exchange.unanswered) for exchange in self._waiting]
        talks = bool(self._waiting) and self._waiting[0].talks
        if self._turn is None and self._phase == COMMANDS and not talks:
            half = self._packets["client"].begun()
            if half is not None:
                made.append(self._half(half).message())
        elif self._turn is not None and len(self._turn.box):
            made += self._turned(self._turn)
        return made

    def _turned(self, turn: Turn) -> Iterator[Message]:
        """The commands of a turn that the server has not answered yet."""
        found = turn.find(self._compressed)
        if found is not None and not found[1]:
            for packet in turn.packets(found[0]):
                exchange = self._half(packet)
                kind = commands.COMMANDS.get(packet.data[0])
                yield exchange.message("" if kind and kind.answer is None else NO_ANSWER)
        elif self._tells:
            part = turn.box.part(len(turn.box))
            packet = Packet("client", 0, b"", 0, part.begin, part.end, part.time_ns, part.end_ns)
            yield Exchange(_UNKNOWN, self._session, packet).message(NO_ANSWER)

    def _half(self, packet: Packet) -> Exchange:
        """A command, or what is there of it. Changes nothing."""
        kind = commands.COMMANDS.get(packet.data[0]) if packet.data else None
        exchange = Exchange(kind.name if kind else _UNKNOWN, self._session, packet)
        exchange.whole = not self._compressed
        if kind is not None and kind.name in ("COM_QUERY", "COM_STMT_PREPARE"):
            with contextlib.suppress(Malformed):
                exchange, _ = commands.asked(copy(self._session), packet, exchange.whole)
        if packet.lacking and not exchange.lacks:
            exchange.lack(packet.lacking)
        return exchange

    def rest(self, side: Side) -> bytes:
        """What of a side is not read."""
        return self._left[side] if self._turn is not None else self._packets[side].rest()
