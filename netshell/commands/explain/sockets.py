"""Sockets explained by their own numbers: who holds them, what waits, what the kernel measures."""

from __future__ import annotations

from netshell.catalogue import counted, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.segments import state
from netshell.flow.state import State
from netshell.host.sockets import Socket
from netshell.host.tcp_info import TcpInfo


def socket(socket: Socket) -> Explanation:
    its = socket.state
    lines = [_holder(socket)]
    lines += _queues(socket)
    if socket.tcp_info is not None:
        lines += _measured(socket.tcp_info)
    if socket.timer:
        lines.append(text("socket.timer", timer=socket.timer))
    if socket.proto == "udp" or not its:
        lines.append(text("socket.udp"))
        return Explanation("socket", str(socket), tuple(lines), source("socket.udp"))
    return Explanation("socket", str(socket), tuple(lines), parts=(state(State(its)),))


def _holder(socket: Socket) -> str:
    if socket.pid is not None:
        process, more = socket.process or text("socket.process"), len(socket.shared_with)
        key = ("both" if more else "user") if socket.user else ("shared" if more else "alone")
        values = {"user": socket.user} if socket.user else {}
        values |= {"count": str(more)} if more else {}
        return text(f"socket.held.{key}", process=process, pid=socket.pid, **values)
    if socket.state in (State.TIME_WAIT, State.SYN_RECEIVED):
        return text("socket.kernel")
    return text("socket.invisible") if socket.inode else text("socket.nobody")


def _queues(socket: Socket) -> list[str]:
    lines = []
    received, sent = socket.recv_q, socket.send_q
    if socket.state == State.LISTEN:
        if received is not None and sent is not None:
            key = "full" if received > sent else "listener"
            lines.append(counted(f"socket.{key}", received, backlog=sent))
        return lines
    if received:
        lines.append(text("socket.received", bytes=received))
    if sent and socket.proto == "tcp":
        lines.append(text("socket.sent", bytes=sent))
    if received == sent == 0 and socket.tcp_info is not None:
        lines.append(text("socket.nothing"))
    return lines


def _measured(info: TcpInfo) -> list[str]:
    """What the kernel measures of a connection."""
    lines = [_trip(info), _again(info)]
    if info.cwnd and info.mss:
        most = info.cwnd * info.mss
        lines.append(text("socket.window", cwnd=info.cwnd, mss=info.mss, most=most))
    return lines


def _trip(info: TcpInfo) -> str:
    rto = f"{info.rto_ms:g}"
    if info.rtt_ms is None:
        return text("socket.trip.none", rto=rto)
    rtt, varies = f"{info.rtt_ms:.3g}", f"{info.rttvar_ms:.3g}"
    if info.min_rtt_ms is None:
        return text("socket.trip.plain", rtt=rtt, varies=varies, rto=rto)
    return text(
        "socket.trip.least", rtt=rtt, varies=varies, rto=rto, least=f"{info.min_rtt_ms:.3g}"
    )


def _again(info: TcpInfo) -> str:
    now, total = info.retransmits, info.total_retrans
    if now and total:
        return counted("socket.again.both", total, now=now)
    if now:
        return text("socket.again.now", now=now)
    return counted("socket.again.total", total) if total else text("socket.again.none")
