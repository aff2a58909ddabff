"""A connection as long as it is known where packets begin: greeting, login, commands, answers.

Source: the MySQL Source Code Documentation, "Client/Server Protocol"; the MariaDB reference,
"Client/Server Protocol". What is compressed with zstd, and streams of replication, are not read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from netshell.flow.sides import SIDES, Side
from netshell.protocols.api import Message
from netshell.protocols.mysql import capabilities as can
from netshell.protocols.mysql import commands, login
from netshell.protocols.mysql.answers import ERR, IN_TRANSACTION, first_byte, is_eof, read_error
from netshell.protocols.mysql.compressed import CompressedPackets
from netshell.protocols.mysql.exchange import Exchange
from netshell.protocols.mysql.framing import Packet, Packets
from netshell.protocols.mysql.greeting import read_greeting
from netshell.protocols.mysql.messages import Greeting
from netshell.protocols.mysql.resync import Turn
from netshell.protocols.mysql.session import Session
from netshell.protocols.mysql.wire import Malformed

_GREETING, _LOGIN, COMMANDS = range(3)
_X_PROTOCOL = (b"\x0b\x08", b"\x01")  # what its server, its client, say first
_X_READ = "MySQL's X protocol, which is not read"
_WAITING = 4096  # commands that are not answered
_WAITING_BYTES = 8 << 20


class Dialogue(ABC):
    """Reads packets; what follows a lost place is :class:`Connection`'s."""

    def __init__(self, begun: bool, client_at: int, server_at: int) -> None:
        self.why_stopped = ""
        self.follows: str | None = None
        self._at = {"client": client_at, "server": server_at}  # of what comes next
        self._packets: dict[Side, Packets] = {
            "client": Packets("client", client_at), "server": Packets("server", server_at),
        }  # fmt: skip
        self._session = Session()
        self._phase = _GREETING if begun else COMMANDS
        self._compressed: bool | None = False if begun else None  # None: not known
        self._waiting: deque[Exchange] = deque()
        self._size = 0  # bytes that are kept of them
        self._made: list[Message] = []
        # Where it is not known where packets begin: what the client says there.
        self._turn: Turn | None = None if begun else Turn(client_at)
        self._switched = False  # whether compression begins with the next packet
        self._unsure = not begun  # that was not known, and no answer has fitted since
        self._tells = begun  # whether what is not to be read then is told
        self._left: dict[Side, bytes] = {"client": b"", "server": b""}  # where that was given up
        self._failed = 0  # turns that were not to be read since the last answer that was
        self._heard = False  # whether the server has spoken in the one that is on

    def _read(self, side: Side, time_ns: int) -> None:
        """Read what is there of a side, as long as it is known where packets begin."""
        waiting = self._waiting
        packet = None
        count = 0
        packets = self._packets[side]
        try:
            while True:
                count, packet = 0, None
                packets = self._packets[side]
                if side == "server" and waiting and waiting[0].in_rows:
                    self._pass_rows(packets, waiting[0])
                found = packets.look()
                if not found:
                    return
                for packet in found:
                    count += 1
                    if side == "server" and waiting:
                        head = waiting[0]
                        if self._go_on(head, packet) or head.in_rows:
                            break
                    elif self._take(packet):
                        break
                packets.drop(count)
                if self._is_over:
                    return
                if self._switched:
                    self._switch(time_ns)
        except Malformed as error:
            is_lost = self._unsure or (packet is not None and packet.lacking > 0)
            packets.drop(count if is_lost else max(count - 1, 0))
            if is_lost:
                self._misread(side, packet, time_ns)
            else:
                self._stop(str(error))

    @property
    def _is_over(self) -> bool:
        return self.why_stopped != "" or self.follows is not None

    def _pass_rows(self, packets: Packets, exchange: Exchange) -> None:
        count, end, end_ns = packets.rows(exchange.next)
        if count:
            assert exchange.rows is not None
            exchange.rows += count
            exchange.end, exchange.end_ns = end, end_ns
            exchange.next = exchange.next + count & 0xFF

    def _take(self, packet: Packet) -> bool:
        """A packet that begins something. True if what follows it is to be read otherwise."""
        waiting = self._waiting
        if packet.side == "server":
            if self._phase == _GREETING:
                self._greet(packet)
            else:
                self._unasked(packet)
        elif waiting and waiting[0].talks:
            self._go_on(waiting[0], packet)
        elif self._phase == COMMANDS:
            self._command(packet)
        elif self._phase == _LOGIN:
            self._log_in(packet)
        elif packet.data[:1] == _X_PROTOCOL[1]:
            raise Malformed(_X_READ)
        else:
            raise Malformed("the client speaks before the greeting")
        return self._is_over

    def _go_on(self, head: Exchange, packet: Packet) -> bool:
        """A packet of the first command's answer. True if what follows is to be read otherwise."""
        if packet.number != head.next:
            raise Malformed(f"packet number {packet.number} where {head.next} is due")
        if head.bind is not None:
            head.settle()
        if packet.lacking:
            head.lack(packet.lacking)
        answer = head.answer
        assert answer is not None
        head.next = packet.last + 1 & 0xFF
        try:
            answer.send(packet)
            head.extend(packet)
        except StopIteration:
            head.extend(packet)
            self._waiting.popleft()
            self._size -= head.size
            self._unsure, self._tells, self._failed = False, True, 0
            self._made.append(head.message())
            if head.login is not None:
                self._logged_in(head)
                return self._is_over or self._switched
        return False

    # --- the login ---

    def _greet(self, packet: Packet) -> None:
        if packet.data[:2] == _X_PROTOCOL[0]:
            raise Malformed(_X_READ)
        if packet.number:
            raise Malformed(f"a greeting numbered {packet.number}")
        if first_byte(packet) == ERR:
            self._unasked(packet)
            return
        said = read_greeting(packet.data)
        session = self._session
        session.server, session.server_charset = said.capabilities, said.charset
        lacking = f"{packet.lacking:,} bytes lack" if packet.lacking else ""
        self._made.append(
            Greeting(
                kind="greeting", parts=(packet.part,), version=said.version, lacking=lacking,
                connection_id=said.connection_id, plugin=said.plugin,
                charset=can.charset(said.charset), capabilities=can.names(said.capabilities),
                transaction="in transaction" if said.status & IN_TRANSACTION else "idle",
            )
        )  # fmt: skip
        self._phase = _LOGIN

    def _log_in(self, packet: Packet) -> None:
        exchange, response = login.handshake(self._session, packet)
        if response.wants_tls:
            self._made.append(exchange.message())
            self.follows = "tls"
        elif response.is_old:
            self._made.append(exchange.message())
            self.why_stopped = "the protocol from before MySQL 4.1, which is not read"
        else:
            self._phase = COMMANDS
            self._ask(exchange)

    def _logged_in(self, exchange: Exchange) -> None:
        assert exchange.login is not None
        compression = exchange.login.get("compression", "")
        if compression == "zstd":
            self.why_stopped = "compressed with zstd from here on, which is not read"
        elif compression:
            self._compressed = self._switched = True

    def _switch(self, time_ns: int) -> None:
        """From here on, packets are in compressed ones."""
        self._switched = False
        for side in SIDES:
            before = self._packets[side]
            made = CompressedPackets(side, before.at)
            left = before.rest()
            if left:
                made.add(left, time_ns)
            self._packets[side] = made

    # --- commands ---

    def _ask(self, exchange: Exchange) -> None:
        if len(self._waiting) == _WAITING or self._size > _WAITING_BYTES:
            raise Malformed("too much is asked that is not answered")
        self._waiting.append(exchange)
        self._size += exchange.size

    def _command(self, packet: Packet) -> None:
        if packet.number:
            raise Malformed(f"a command numbered {packet.number}")
        whole = not self._compressed
        if first_byte(packet) == commands.CHANGE_USER:
            self._ask(login.change(self._session, packet, whole))
            return
        exchange, kind = commands.asked(self._session, packet, whole)
        if kind.answer is not None:
            self._ask(exchange)
            return
        self._made.append(exchange.message())
        if kind.streams:
            self.why_stopped = kind.streams

    def _unasked(self, packet: Packet) -> None:
        """The server says something that nobody asked for: an error before it hangs up."""
        if is_eof(packet) and self._session.has_eof is None:
            self._session.has_eof = True  # it ends the placeholders of what was prepared last
            return
        if first_byte(packet) != ERR:
            raise Malformed("the server answers what was not asked")
        exchange = Exchange("error", self._session, packet)
        exchange.assumed = ""
        read_error(exchange, packet)
        self._made.append(exchange.message())

    # --- the end of what is known ---

    @abstractmethod
    def _misread(self, side: Side, packet: Packet | None, time_ns: int) -> None:
        """A packet is not what it was taken for: where it began was wrong, or bytes of it lack."""

    def _flush(self) -> None:
        """What is asked is not answered any more."""
        for exchange in self._waiting:
            exchange.settle()
            self._made.append(exchange.message(exchange.unanswered))
        self._waiting.clear()
        self._size = 0

    def _stop(self, reason: str) -> None:
        self.why_stopped = reason
        for exchange in self._waiting:
            exchange.settle()
            self._made.append(exchange.message(f"not read: {reason}"))
        self._waiting.clear()
