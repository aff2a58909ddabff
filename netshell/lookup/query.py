"""Ask name servers: dnspython behind one door.

dnspython builds and reads the messages; the bytes travel by ``transport``. Its exceptions end
here: what comes out is an :class:`~netshell.lookup.answer.Answer`, or a NetshellError that names
the server, the time waited and the next step. Importing this module costs some 50 ms: import it
where a question is asked, not at start-up.
"""

from __future__ import annotations

import errno
import re
import struct
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

from netshell.errors import BadArgument, LookupFailed
from netshell.lookup import transport
from netshell.lookup.answer import SECOND, Answer, Edns, Question, Record
from netshell.lookup.names import brief, check_question, to_ascii
from netshell.lookup.rdtypes import NOT_ASKED, RDTYPES
from netshell.lookup.servers import Server
from netshell.lookup.system import literal_address

UDP_SIZE = 1232
"""The largest UDP reply asked for: what fits one IPv6 packet anywhere (DNS flag day 2020)."""


_QUOTED = re.compile(r'(?<= )(mandatory|port|ipv4hint|ipv6hint|ech)="([^"\\\s]*)"(?= |$)')


@dataclass(frozen=True, slots=True)
class Manner:
    """How to ask. ``timeout_s`` bounds one try at one server; ``tries`` counts rounds."""

    tcp: bool = False
    timeout_s: float = 3.0
    tries: int = 2
    recurse: bool = True
    dnssec: bool = False
    cd: bool = False


def question(name: str, rdtype: str, rdclass: str = "IN") -> Question:
    """The question meant: names checked and in ASCII, addresses turned into their reverse name.

    An address asked for A (the default) or AAAA is asked for PTR. Raises BadArgument.
    """
    kind = _rdtype(rdtype, name)
    literal = literal_address(name.strip())
    if literal is not None:
        owner = dns.reversename.from_address(literal.partition("%")[0])
        if kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
            kind = dns.rdatatype.PTR
    else:
        owner = _owner(name.strip())
    return Question(owner.to_text(), dns.rdatatype.to_text(kind), _rdclass(rdclass))


def ask(asked: Question, servers: Sequence[Server], manner: Manner) -> Answer:
    """The first answer that a server gives: each in turn, then all again, ``tries`` times.

    Any response code is an answer. Over UDP a truncated reply is asked for again over TCP.
    Raises LookupFailed when no server gave a usable reply.
    """
    message = dns.message.make_query(
        dns.name.from_text(asked.name),
        asked.rdtype,
        asked.rdclass,
        use_edns=0,
        payload=UDP_SIZE,
        want_dnssec=manner.dnssec,
    )
    # As dig does: AD in a question asks to be told whether the answer was validated (RFC 6840 5.7).
    message.flags = dns.flags.Flag(
        (dns.flags.RD if manner.recurse else 0) | dns.flags.AD | (dns.flags.CD if manner.cd else 0)
    )
    failures: list[_Failure] = []
    out: set[Server] = set()
    for _ in range(manner.tries):
        for server in servers:
            if server in out:
                continue
            try:
                answer = _ask_one(message, asked, server, manner)
            except _Failure as failure:
                failures.append(failure)
                if failure.final:
                    out.add(server)
                continue
            return replace(answer, remarks=(*_remarks(failures, manner), *answer.remarks))
    raise _no_answer(asked, failures, manner)


def read_reply(
    reply: bytes, server: Server, time_ms: float, received_ns: int, protocol: str = "udp"
) -> Answer:
    """The answer in a reply that was captured, not asked for here.

    ``time_ms`` is the time since its question, ``received_ns`` when it was captured. Raises
    LookupFailed for bytes that are no reply.
    """
    try:
        read = dns.message.from_wire(
            reply, one_rr_per_rrset=True, ignore_trailing=True, continue_on_error=True
        )
        first = read.question[0]
    except (dns.exception.DNSException, ValueError, struct.error, IndexError) as error:
        raise LookupFailed("no DNS reply", where=f"from {server}", why=_said(error)) from error
    asked = Question(
        first.name.to_text(),
        dns.rdatatype.to_text(first.rdtype),
        dns.rdataclass.to_text(first.rdclass),
    )
    return _answer(read, asked, server, protocol, time_ms, len(reply), received_ns)


# --- one server -----------------------------------------------------------------------------


class _Failure(Exception):
    """Why one try at one server gave nothing; ``final`` if trying again is of no use."""

    def __init__(self, server: Server, why: str, final: bool, step: str, late: bool = False):
        super().__init__(why)
        self.server, self.why, self.final, self.step, self.late = server, why, final, step, late


def _ask_one(
    message: dns.message.QueryMessage, asked: Question, server: Server, manner: Manner
) -> Answer:
    tcp = manner.tcp or asked.rdtype == "ANY"  # ANY as dig does: its answers are large
    answer = _exchange(message, asked, server, manner, tcp)
    if answer.status in ("FORMERR", "BADVERS", "NOTIMP") and answer.edns is None:
        # RFC 6891 section 7: a server that knows no EDNS may refuse the question for it.
        plain = dns.message.make_query(message.question[0].name, asked.rdtype, asked.rdclass)
        plain.use_edns(False)
        plain.flags = message.flags
        answer = _exchange(plain, asked, server, manner, tcp)
        answer = _with_remark(answer, f"{server} refused EDNS and was asked again without it.")
    if "tc" in answer.flags and not tcp:
        try:
            whole = _exchange(message, asked, server, manner, tcp=True)
        except _Failure as failure:
            return _with_remark(
                answer, f"The answer is cut: it did not fit UDP, and over TCP {failure}."
            )
        return _with_remark(whole, "The reply over UDP was truncated; asked again over TCP.")
    return answer


def _exchange(
    message: dns.message.QueryMessage, asked: Question, server: Server, manner: Manner, tcp: bool
) -> Answer:
    strays = 0

    def fits(reply: bytes) -> bool:
        nonlocal strays
        # Another id is an answer to somebody else, or a guess at ours: wait on, as resolvers do.
        mine = len(reply) >= 2 and int.from_bytes(reply[:2], "big") == message.id
        strays += not mine
        return mine

    wire = message.to_wire()
    started = time.perf_counter_ns()
    try:
        if tcp:
            reply = transport.over_tcp(wire, server.endpoint, manner.timeout_s)
        else:
            reply = transport.over_udp(wire, server.endpoint, manner.timeout_s, fits)
    except TimeoutError as error:
        guesses = f"; {strays} replies with another id were ignored" if strays else ""
        raise _Failure(
            server,
            f"no reply{guesses}",
            False,
            "check the server's address and the way to it "
            f'(iface_for("{server.endpoint.address}")), or ask another with server=',
            late=True,
        ) from error
    except transport.Closed as error:
        why = f"it closed the connection {error}"
        raise _Failure(server, why, False, "ask another server with server=") from error
    except OSError as error:
        raise _failure_of(error, server, tcp) from error
    took_ms = (time.perf_counter_ns() - started) / 1e6
    received_ns = time.time_ns()
    read = _read(reply, message, server)
    answer = _answer(read, asked, server, "tcp" if tcp else "udp", took_ms, len(reply), received_ns)
    if strays:
        answer = _with_remark(
            answer, f"{strays} replies with another id were ignored: a late reply, or a forgery."
        )
    return answer


def _failure_of(error: OSError, server: Server, tcp: bool) -> _Failure:
    port = f"{'TCP' if tcp else 'UDP'} port {server.endpoint.port}"
    if error.errno in (errno.ECONNREFUSED, errno.ECONNRESET):
        return _Failure(
            server,
            f"nothing answers on {port} (connection refused)"
            if error.errno == errno.ECONNREFUSED
            else f"it reset the connection on {port}",
            error.errno == errno.ECONNREFUSED,
            "check the port and that the server runs, or ask another with server=",
        )
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL):
        return _Failure(
            server,
            f"no way to it ({error.strerror})",
            True,
            f'see iface_for("{server.endpoint.address}")',
        )
    if error.errno in (errno.EPERM, errno.EACCES):
        return _Failure(
            server,
            f"this machine refuses to send to it ({error.strerror})",
            True,
            "look for a firewall rule; a broadcast address cannot be asked",
        )
    address = server.endpoint.address
    if error.errno == errno.ENODEV:
        return _Failure(server, error.strerror or str(error), True, "see ifaces()")
    if error.errno == errno.EINVAL and address.lower().startswith("fe80:") and "%" not in address:
        why, step = "a link-local address needs its interface", f'write "{address}%eth0"'
        return _Failure(server, why, True, step)
    return _Failure(server, error.strerror or str(error), True, "ask another with server=")


def _read(reply: bytes, message: dns.message.QueryMessage, server: Server) -> dns.message.Message:
    """The reply, with what can be read of it; a _Failure if it is none to our question."""
    step = "ask another server with server=, or tcp=True"
    if len(reply) < 12:
        why = f"its reply is malformed: {len(reply)} bytes, a header has 12"
        raise _Failure(server, why, False, step)
    id_, bits = struct.unpack_from("!HH", reply)
    if id_ != message.id:
        raise _Failure(server, "its reply has another id than the question", False, step)
    if not bits & dns.flags.QR:
        why = "it sent the question back instead of a reply"
        raise _Failure(server, why, False, step)
    if bits >> 11 & 0xF:
        raise _Failure(
            server, "its reply is of another kind (opcode) than the question", False, step
        )
    try:
        read = dns.message.from_wire(
            reply, one_rr_per_rrset=True, ignore_trailing=True, continue_on_error=True
        )
    except (dns.exception.DNSException, ValueError, struct.error) as error:
        raise _Failure(server, f"its reply is malformed ({_said(error)})", False, step) from error
    if not message.is_response(read):
        why = "its reply is malformed or to another question"
        raise _Failure(server, why, False, step)
    return read


# --- dnspython's message to an Answer ---------------------------------------------------------


def _answer(
    read: dns.message.Message,
    asked: Question,
    server: Server,
    protocol: str,
    time_ms: float,
    size: int,
    received_ns: int,
) -> Answer:
    remarks = []
    errors = [_said(fault.exception) for fault in read.errors]
    if errors and not read.flags & dns.flags.TC:
        remarks.append(f"Part of the reply is malformed and left out: {errors[0]}.")
    return Answer(
        status=dns.rcode.to_text(read.rcode()),
        flags=tuple(dns.flags.to_text(read.flags).lower().split()),
        question=asked,
        answers=_records(read.answer, received_ns),
        authority=_records(read.authority, received_ns),
        additional=_records(read.additional, received_ns),
        server=server.endpoint,
        protocol=protocol,
        time_ms=time_ms,
        size=size,
        id=read.id,
        received_ns=received_ns,
        edns=_edns(read),
        server_name=server.name,
        remarks=tuple(remarks),
        whole=not errors and not read.flags & dns.flags.TC,
    )


def _records(section: Iterable[dns.rrset.RRset], received_ns: int) -> tuple[Record, ...]:
    return tuple(
        Record(
            name=rrset.name.to_text(),
            ttl=rrset.ttl,
            rdclass=dns.rdataclass.to_text(rrset.rdclass),
            rdtype=dns.rdatatype.to_text(rrset.rdtype),
            data=_data(rdata),
            expires_ns=received_ns + rrset.ttl * SECOND,
        )
        for rrset in section
        for rdata in rrset
    )


def _data(rdata: dns.rdata.Rdata) -> str:
    text = rdata.to_text()
    if rdata.rdtype in (dns.rdatatype.SVCB, dns.rdatatype.HTTPS):
        # dnspython quotes every value; dig, and RFC 9460's own examples, only where it is needed.
        return _QUOTED.sub(r"\1=\2", text)
    return text


def _edns(read: dns.message.Message) -> Edns | None:
    if read.edns < 0:
        return None
    return Edns(
        version=read.edns,
        flags=("do",) if read.ednsflags & dns.flags.DO else (),
        udp_size=int(read.payload),
        options=tuple(option.to_text() for option in read.options),
    )


def _with_remark(answer: Answer, remark: str) -> Answer:
    return replace(answer, remarks=(*answer.remarks, remark))


# --- what went wrong, in words ----------------------------------------------------------------


def _by_server(failures: list[_Failure], manner: Manner) -> list[str]:
    """One clause a server: why it gave nothing, and what that took."""
    clauses = []
    for server in dict.fromkeys(failure.server for failure in failures):
        mine = [failure for failure in failures if failure.server == server]
        clause = f"{server}: {mine[-1].why}"
        if any(failure.late for failure in mine):
            tries = "1 try" if len(mine) == 1 else f"{len(mine)} tries"
            clause += f" ({tries} of {manner.timeout_s:g} s)"
        clauses.append(clause)
    return clauses


def _remarks(failures: list[_Failure], manner: Manner) -> list[str]:
    return [f"Passed over {clause}." for clause in _by_server(failures, manner)]


def _no_answer(asked: Question, failures: list[_Failure], manner: Manner) -> LookupFailed:
    return LookupFailed(
        "no answer to",
        where=str(asked),
        why=", ".join(_by_server(failures, manner)),
        next_step=failures[-1].step,
    )


def _said(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


# --- names and types --------------------------------------------------------------------------


def _owner(name: str) -> dns.name.Name:
    check_question(name)
    try:
        return dns.name.from_text(to_ascii(name))
    except (dns.exception.DNSException, UnicodeError, ValueError) as error:
        raise BadArgument("not a domain name", where=brief(name), why=_said(error)) from error


def _rdtype(text: str, name: str) -> dns.rdatatype.RdataType:
    bare = text.strip().upper() if isinstance(text, str) else ""
    if bare in NOT_ASKED:
        raise BadArgument("cannot ask for", where=bare, why=NOT_ASKED[bare])
    try:
        kind = dns.rdatatype.from_text(bare)
    except (dns.exception.DNSException, ValueError) as error:
        raise BadArgument(
            "unknown record type", where=repr(text), next_step=_type_hint(bare, name)
        ) from error
    if dns.rdatatype.to_text(kind) in NOT_ASKED:
        why = NOT_ASKED[dns.rdatatype.to_text(kind)]
        raise BadArgument("cannot ask for", where=repr(text), why=why)
    return kind


def _type_hint(text: str, name: str) -> str:
    words = text.replace(",", " ").split()
    if len(words) > 1:
        return f"give several types as a tuple: ({', '.join(map(repr, words[:4]))})"
    if isinstance(name, str) and name.strip().upper() in RDTYPES:
        return f"the name comes first: dig({text.lower()!r}, {name.strip().upper()!r})"
    near = get_close_matches(text, RDTYPES, 1, 0.5)
    usual = ", ".join(list(RDTYPES)[:9])
    return f"did you mean {near[0]}?" if near else f"common ones are {usual}"


def _rdclass(text: str) -> str:
    try:
        kind = dns.rdataclass.from_text(text.strip().upper() if isinstance(text, str) else "")
    except (dns.exception.DNSException, ValueError) as error:
        raise BadArgument(
            "unknown record class", where=repr(text), next_step="use IN, CH or HS"
        ) from error
    return dns.rdataclass.to_text(kind)
