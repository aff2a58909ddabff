"""The kernel's sockets: one dump a protocol and family, kept as bytes, made into records on sight.

Source: sock_diag(7), ``linux/inet_diag.h``. Twenty thousand sockets are a few buffers and a list
of offsets; a :class:`Socket` is made when a row is looked at, and the processes are looked up
(one walk over /proc) when the first row is.

TIME_WAIT and half-open (SYN_RECEIVED) sockets come with shorter messages than the others, so
only the header's length says where the next message is.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from socket import ntohs
from typing import Any, Final, Literal, overload

from netshell.errors import NetshellError, NotPermitted, Unavailable
from netshell.flow.key import Endpoint
from netshell.flow.state import State
from netshell.host import netlink
from netshell.host.carrier import Carriers
from netshell.host.draft import CONGESTION, INFO, Draft, finished
from netshell.host.processes import Owners, Standing, read_owners, user_name
from netshell.host.sockets import NOWHERE, Network, Socket, SocketRows, Timer, Wanted

_BY_FAMILY: Final = 20  # SOCK_DIAG_BY_FAMILY
_PROTOCOLS: Final[dict[Literal["tcp", "udp"], int]] = {"tcp": 6, "udp": 17}

_MEMORY, _V6ONLY = 7, 11
_EXTENSIONS: Final = 1 << (INFO - 1) | 1 << (CONGESTION - 1) | 1 << (_MEMORY - 1)

# struct inet_diag_req_v2, with an empty inet_diag_sockid
_QUESTION: Final = struct.Struct("=BBBxI48x")
# struct inet_diag_msg: family, state, timer, retrans; ports; addresses; interface, cookie;
# expires, recv queue, send queue, uid, inode
_ANSWER: Final = struct.Struct("=BBBBHH16s16sIQIIIII")
_MESSAGE: Final = struct.Struct("=I12x" + _ANSWER.format[1:])  # the same with its header
_ENDS: Final = struct.Struct(">HH16s16s")  # ports and addresses only, at offset 4
_OWNER: Final = struct.Struct("=II")  # uid and inode, at offset 64

_STATES: Final[dict[int, State]] = {
    1: State.ESTABLISHED,
    2: State.SYN_SENT,
    3: State.SYN_RECEIVED,
    4: State.FIN_WAIT_1,
    5: State.FIN_WAIT_2,
    6: State.TIME_WAIT,
    7: State.CLOSED,
    8: State.CLOSE_WAIT,
    9: State.LAST_ACK,
    10: State.LISTEN,
    11: State.CLOSING,
    12: State.SYN_RECEIVED,  # TCP_NEW_SYN_RECV: a request that has no socket yet
    13: State.CLOSED,  # TCP_BOUND_INACTIVE: bound, neither listening nor connected
}
_ALL_STATES: Final = 0x1FFF  # all but bound ones, as `ss -a`
_TIMERS: Final = {1: "on", 2: "keepalive", 3: "timewait", 4: "probe"}

_AF_INET: Final = int(socket.AF_INET)
_LISTEN, _CLOSE, _BOUND = 10, 7, 13
_CLOSED: Final = State.CLOSED

_LEAST: Final = netlink.HEADER.size + _ANSWER.size  # a message without attributes
_SOCKET: Final = _BY_FAMILY.to_bytes(2, netlink.ORDER)
_MAPPED: Final = bytes(10) + b"\xff\xff"
_ANY6: Final = bytes(16)

_tuple: Final = tuple.__new__  # what Endpoint(...) comes to, at half the time


def dump(wanted: Wanted, carrier: Carriers) -> DiagRows:
    """The sockets that are wanted, from this thread's network namespace.

    Raises Unavailable where the kernel has no sock_diag, NotPermitted where it is closed off.
    """
    buffers: list[bytes] = []
    udp_from, interrupted = 0, False
    for proto in sorted(wanted.protos):
        if proto == "udp":
            udp_from = sum(map(len, buffers))
        mask = _state_mask(wanted, proto)
        for family in (socket.AF_INET, socket.AF_INET6) if mask else ():
            reply = _ask(proto, family, mask)
            buffers += reply.buffers
            interrupted = interrupted or reply.interrupted
    if "udp" not in wanted.protos:
        udp_from = sum(map(len, buffers))
    rows = DiagRows(b"".join(buffers), starts(buffers), udp_from, carrier)
    rows.interrupted = interrupted
    return rows.narrowed(wanted)


def _ask(proto: Literal["tcp", "udp"], family: int, mask: int) -> netlink.Reply:
    question = _QUESTION.pack(family, _PROTOCOLS[proto], _EXTENSIONS, mask)
    with netlink.Netlink(netlink.SOCK_DIAG) as kernel:
        try:
            return kernel.dump(_BY_FAMILY, question)
        except OSError as error:
            if error.errno == errno.ENOENT and family == socket.AF_INET6:
                return netlink.Reply([], False)  # a kernel without IPv6
            if error.errno == errno.ENOENT:
                raise Unavailable(
                    f"cannot list {proto} sockets",
                    why="the kernel's sock_diag is not there",
                    next_step=f"load it as root: modprobe {proto}_diag",
                ) from None
            raise netlink.refused(f"cannot list {proto} sockets", error) from None


def _state_mask(wanted: Wanted, proto: str) -> int:
    """The kernel's own filter: a bit a state."""
    mask = _ALL_STATES
    if wanted.states:
        mask = 0
        for number, state in _STATES.items():
            # What is CLOSED to the kernel is, of UDP, a socket without a peer.
            name = "" if proto == "udp" and state == State.CLOSED else state
            if name in wanted.states:
                mask |= 1 << number
    if wanted.listening is not None:
        waiting = 1 << (7 if proto == "udp" else 10)
        mask &= waiting if wanted.listening else ~waiting
    return mask


def starts(buffers: Sequence[bytes]) -> array[int]:
    """Where each socket's message starts in the joined buffers.

    Most buffers hold messages of one length; that is proven by strides, 50 times faster than
    walking them, and the rest is walked. Raises NetshellError where a length does not fit.
    """
    found = array("Q")
    base = 0
    for part in buffers:
        length = int.from_bytes(part[:4], netlink.ORDER)
        count, rest = divmod(len(part), length) if length >= _LEAST and not length & 3 else (0, 1)
        # Message 0 is as long as it says, so message 1's header is at `length`, and so on.
        if not rest and all(part[i::length] == part[i : i + 1] * count for i in range(6)):
            if part[4:6] == _SOCKET:
                found.extend(range(base, base + len(part), length))
        else:
            for message in netlink.walk(part):
                if message.type != _BY_FAMILY:
                    continue
                if message.end - message.start < _ANSWER.size:
                    raise NetshellError(
                        "cannot read the kernel's answer",
                        why=f"a socket of {message.end - message.start} bytes",
                        next_step="try again",
                    )
                found.append(base + message.start - netlink.HEADER.size)
        base += len(part)
    return found


class DiagRows(SocketRows):
    """Sockets as the kernel's bytes; a record is made of a row each time it is looked at."""

    def __init__(
        self, buffer: bytes, starts: Sequence[int], udp_from: int, carrier: Carriers
    ) -> None:
        self._buffer = buffer
        self._starts = starts
        self._udp_from = udp_from  # the offset from which messages are UDP's
        self._carrier = carrier
        self._owners: Owners | None = None
        self._unseen: int | None = None
        self._addresses: tuple[dict[bytes, str], dict[bytes, str]] = ({}, {})  # IPv4's, IPv6's

    def narrowed(self, wanted: Wanted) -> DiagRows:
        """The rows whose addresses, ports and processes are wanted (states are the kernel's)."""
        rows = self
        if wanted.ports:
            rows = rows._kept(self._with_port(wanted.ports))
        if wanted.networks:
            rows = rows._kept(rows._in_networks(wanted.networks))
        if wanted.pids or wanted.process:
            rows._owners = owners = read_owners(wanted.pids)
            if owners.denied and owners.denied == len(wanted.pids):
                numbers = ", ".join(map(str, sorted(wanted.pids)))
                why, step = Standing.towards(min(wanted.pids)).refusal()
                raise NotPermitted(
                    f"cannot see the sockets of process {numbers}", why=why, next_step=step
                )
            unseen = 0 if wanted.pids else rows.unseen()
            held = {
                inode
                for inode, pids in owners.by_inode.items()
                if not wanted.process or wanted.process in map(owners.names.get, pids)
            }
            rows = rows._kept(start for start in rows._starts if rows._owner(start)[1] in held)
            rows._owners, rows._unseen = owners, unseen
        return rows

    def unseen(self) -> int:
        if self._unseen is None:
            owners = self._all_owners()
            own = os.geteuid() if owners.partial() else None
            count = 0
            for uid, inode in map(self._owner, self._starts):
                count += inode != 0 and uid != own and inode not in owners.by_inode
            self._unseen = count
        return self._unseen

    def denied(self) -> bool:
        return self._all_owners().partial()

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Socket]:
        return map(self._maker(), self._starts)

    @overload
    def __getitem__(self, index: int) -> Socket: ...
    @overload
    def __getitem__(self, index: slice) -> DiagRows: ...
    def __getitem__(self, index: int | slice) -> Socket | DiagRows:
        if isinstance(index, slice):
            rows = self._kept(self._starts[index])
            rows._owners = self._owners
            return rows
        return self._maker()(self._starts[index])

    def _kept(self, starts: Iterable[int]) -> DiagRows:
        rows = DiagRows(self._buffer, array("Q", starts), self._udp_from, self._carrier)
        rows.interrupted = self.interrupted
        return rows

    def _with_port(self, wanted: Sequence[range]) -> Iterator[int]:
        for start in self._starts:
            local, remote, _source, _destination = _ENDS.unpack_from(self._buffer, start + 20)
            if any(local in ports or remote in ports for ports in wanted):
                yield start

    def _in_networks(self, wanted: Sequence[Network]) -> Iterator[int]:
        for start in self._starts:
            _local, port, source, destination = _ENDS.unpack_from(self._buffer, start + 20)
            v4 = self._buffer[start + 16] == socket.AF_INET
            ends = (source, destination) if port else (source,)
            numbers = [
                int.from_bytes(end[:4], "big") | 0xFFFF << 32 if v4 else int.from_bytes(end, "big")
                for end in ends
            ]
            if any(network.holds(number) for network in wanted for number in numbers):
                yield start

    def _owner(self, start: int) -> tuple[int, int]:
        uid, inode = _OWNER.unpack_from(self._buffer, start + 80)
        return uid, inode

    def _all_owners(self) -> Owners:
        if self._owners is None:
            self._owners = read_owners()
        return self._owners

    def _maker(self) -> Callable[[int], Socket]:
        """What makes the record of the message at an offset.

        Making records is the greater part of looking at many sockets: names are bound once here,
        and what repeats (addresses, users, interfaces) is looked up before it is worked out.
        """
        buffer, udp_from = self._buffer, self._udp_from
        owners = self._all_owners()
        holders, names = owners.by_inode.get, owners.names
        four, six = self._addresses
        carrier, carried = self._carrier, self._carrier.known.get
        unpack = _MESSAGE.unpack_from

        def make(start: int) -> Socket:
            # fmt: off
            (
                length, family, number, timer, retries, near_port, far_port, near, far, bound,
                _cookie, expires, recv_q, send_q, uid, inode,
            ) = unpack(buffer, start)
            # fmt: on
            texts = four if family == _AF_INET else six
            local = texts.get(near) or _address(texts, family, near)
            udp = start >= udp_from
            details: Any = None
            drops = None
            if udp or number in (_LISTEN, _BOUND):
                extra = netlink.attributes(buffer, start + _LEAST, start + length)
                drops = netlink.number(extra.get(_MEMORY, b"")[32:36])
                if near == _ANY6 and extra.get(_V6ONLY) == b"\0":
                    local = "*"
            else:
                details = buffer[start + _LEAST : start + length] or None
            remote, far_end = "*", NOWHERE
            if far_port:
                remote = texts.get(far) or _address(texts, family, far)
                far_end = _tuple(Endpoint, (remote, ntohs(far_port)))
            iface = carrier(local, remote, bound) if bound else carried((local, remote))
            pids: tuple[int, ...] = holders(inode, ()) if inode else ()
            pid = pids[0] if pids else None
            draft = Draft(
                "udp" if udp else "tcp",
                _tuple(Endpoint, (local, ntohs(near_port))),
                far_end,
                "" if udp and number == _CLOSE else _STATES.get(number, _CLOSED),
                pid,
                "" if pid is None else names.get(pid, ""),
                user_name(uid) if inode else "",
                recv_q,
                send_q,
                Timer(_TIMERS.get(timer, str(timer)), expires, retries) if timer else None,
                carrier(local, remote) if iface is None else iface,
                details,
                inode,
                pids[1:],
                drops,
                uid,
                "IPv4" if family == _AF_INET else "IPv6",
            )
            return finished(draft)

        return make


def _address(texts: dict[bytes, str], family: int, raw: bytes) -> str:
    """The text of an address of 16 bytes, remembered."""
    if family == _AF_INET:
        text = socket.inet_ntop(socket.AF_INET, raw[:4])
    elif raw[:12] == _MAPPED:
        text = socket.inet_ntop(socket.AF_INET, raw[12:])  # an IPv4 peer of an IPv6 socket
    else:
        text = socket.inet_ntop(socket.AF_INET6, raw)
    texts[raw] = text
    return text
