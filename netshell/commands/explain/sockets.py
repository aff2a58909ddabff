"""Sockets explained by their own numbers: who holds them, what waits, what the kernel measures."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.segments import state
from netshell.flow.state import State
from netshell.host.sockets import Socket


def socket(socket: Socket) -> Explanation:
    its = socket.state
    lines = [_holder(socket)]
    lines += _queues(socket)
    lines += _measured(socket)
    if socket.timer:
        lines.append(f"Timer: {socket.timer}.")
    if socket.proto == "udp" or not its:
        lines.append("UDP has no states: connected only means that one peer's datagrams are taken.")
        return Explanation("socket", str(socket), tuple(lines), "RFC 768, udp(7)")
    return Explanation("socket", str(socket), tuple(lines), parts=(state(State(its)),))


def _holder(socket: Socket) -> str:
    if socket.pid is not None:
        user = f" of user {socket.user}" if socket.user else ""
        shared = f" and {len(socket.shared_with)} more" if socket.shared_with else ""
        return f"Held by {socket.process or 'a process'}, pid {socket.pid}{shared}{user}."
    if socket.state in (State.TIME_WAIT, State.SYN_RECEIVED):
        return "No process holds it: the kernel does what is left."
    if socket.inode:
        return "Its process is not visible to this user: look again as root."
    return "No process holds it, or none that this user may see."


def _queues(socket: Socket) -> list[str]:
    lines = []
    received, sent = socket.recv_q, socket.send_q
    if socket.state == State.LISTEN:
        if received is not None and sent is not None:
            full = ": full, new connections are dropped" if received > sent else ""
            waits = "1 connection waits" if received == 1 else f"{received} connections wait"
            lines.append(
                f"Waiting {received}, backlog {sent}: {waits} for accept(), {sent} may{full}."
            )
        return lines
    if received:
        lines.append(f"recv-q {received}: so many bytes arrived that the program has not read.")
    if sent and socket.proto == "tcp":
        lines.append(f"send-q {sent}: so many bytes are not acknowledged by the peer, or not sent.")
    if received == sent == 0 and socket.tcp_info is not None:
        lines.append("recv-q 0, send-q 0: all that arrived is read, all that was sent has arrived.")
    return lines


def _measured(socket: Socket) -> list[str]:
    """What the kernel measures of a connection, where it does."""
    info = socket.tcp_info
    if info is None:
        return []
    told = dict(info.important())
    lines = [
        f"Round trip: {told['rtt']}; an acknowledgement is waited for {info.rto_ms:g} ms.",
        f"Sent again: {told['retransmits']}.",
    ]
    if info.cwnd and info.mss:
        most = info.cwnd * info.mss
        lines.append(
            f"Congestion window: {info.cwnd} segments of {info.mss} bytes, so at most {most} bytes "
            "on the way at once."
        )
    return lines
