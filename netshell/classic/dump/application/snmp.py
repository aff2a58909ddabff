"""SNMP: messages of version 1 (RFC 1157), 2c (RFC 1901, 3416) and 3 (RFC 3412, 3414).

Each function writes a part and returns where the next begins; one that finds something else than
it should says so and raises ``Stop``, which ends the part that encloses it.
"""

from __future__ import annotations

from contextlib import suppress

from netshell.classic.dump.application import asn1
from netshell.classic.dump.application.asn1 import Stop, Value
from netshell.classic.dump.settings import Settings
from netshell.classic.dump.state import State
from netshell.classic.dump.text import Scope

_VERSIONS = {0: "SNMPv1", 1: "SNMPv2c", 3: "SNMPv3"}
_V1, _V2C, _V3 = 0, 1, 3
_GET, _GET_NEXT, _RESPONSE, _SET, _TRAP, _GET_BULK, _INFORM, _V2_TRAP, _REPORT = range(9)
_QUESTIONS = (_GET, _GET_NEXT, _GET_BULK)
_WITHOUT_ERRORS = (_GET, _GET_NEXT, _SET, _INFORM, _V2_TRAP, _REPORT)
_NOT_IN_V1 = (_GET_BULK, _INFORM, _V2_TRAP, _REPORT)
_ENTERPRISE_SPECIFIC = 6
_USER_BASED = 3

_ERRORS = (
    *("noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess"),
    *("wrongType", "wrongLength", "wrongEncoding", "wrongValue", "noCreation"),
    *("inconsistentValue", "resourceUnavailable", "commitFailed", "undoFailed"),
    *("authorizationError", "notWritable", "inconsistentName"),
)
_TRAPS = (
    *("coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure"),
    *("egpNeighborLoss", "enterpriseSpecific"),
)


def show(scope: Scope, settings: Settings, state: State) -> None:
    """A message."""
    scope.enter("snmp").write(" ")
    try:
        whole = _expect(scope, settings, 0, scope.length, asn1.SEQUENCE, "!init SEQ")
        if whole.behind < scope.length:
            scope.write(f"[{scope.length - whole.behind} extra after iSEQ]")
        version = _expect(scope, settings, whole.at, whole.behind, asn1.INTEGER, "version!=INT")
    except Stop:
        return
    if version.number not in _VERSIONS:
        scope.write(f"SNMP [version = {version.number}]")
        return
    if settings.verbose:
        scope.write(f"{{ {_VERSIONS[version.number]} ")
    with suppress(Stop):  # what stopped it is written
        if version.number == _V3:
            _version_3(scope, settings, version.behind, whole.behind)
        else:
            _community(scope, settings, version.behind, whole.behind, version.number)
    _close(scope, settings)


def _close(scope: Scope, settings: Settings) -> None:
    if settings.verbose:
        scope.write("} ")


def _expect(scope: Scope, settings: Settings, at: int, stop: int, kind: str, remark: str) -> Value:
    """The value at `at` if it is of a kind; else the remark, the value, and Stop."""
    value = asn1.read(scope, at, stop)
    if value.kind != kind:
        scope.write(f"[{remark}]")
        asn1.show(scope, settings, value)
        raise Stop
    return value


def _community(scope: Scope, settings: Settings, at: int, stop: int, version: int) -> None:
    name = _expect(scope, settings, at, stop, asn1.STRING, "comm!=STR")
    octets = scope.octets(name.at, name.size)
    if octets != b"public":
        scope.write(f"C={asn1.text(octets)} ")
    _pdu(scope, settings, name.behind, stop, version)


def _pdu(scope: Scope, settings: Settings, at: int, stop: int, version: int) -> None:
    """A request, a response or a notification."""
    pdu = asn1.read(scope, at, stop)
    if pdu.kind != asn1.PDU:
        scope.write("[no PDU]")
        raise Stop
    if pdu.behind < stop:
        scope.write(f"[{stop - pdu.behind} extra after PDU]")
    if settings.verbose:
        scope.write("{ ")
    asn1.show(scope, settings, pdu)
    scope.write(" ")
    if version == _V1 and pdu.code in _NOT_IN_V1:
        scope.write("[v2 PDU in v1 message]")
        return
    if version == _V2C and pdu.code == _TRAP:
        scope.write("[v1 PDU in v2 message]")
        return
    with suppress(Stop):  # what stopped it is written
        if pdu.code == _TRAP:
            _trap(scope, settings, pdu.at, pdu.behind)
        else:
            _request(scope, settings, pdu.code, pdu.at, pdu.behind)
    if settings.verbose:
        scope.write(" } ")


def _request(scope: Scope, settings: Settings, code: int, at: int, stop: int) -> None:
    """All but version 1's trap: a number, an error or GetBulk's two counts, and the variables."""
    write = scope.write
    request = _expect(scope, settings, at, stop, asn1.INTEGER, "reqId!=INT")
    if settings.verbose:
        write(f"R={request.number} ")
    status = _expect(scope, settings, request.behind, stop, asn1.INTEGER, "errorStatus!=INT")
    failed = False
    if code in _WITHOUT_ERRORS and status.number:
        write(f"[errorStatus({_error(status.number)})!=0]")
    elif code == _GET_BULK:
        write(f" N={status.number}")
    elif status.number:
        write(f" {_error(status.number)}")
        failed = True
    index = _expect(scope, settings, status.behind, stop, asn1.INTEGER, "errorIndex!=INT")
    if code in _WITHOUT_ERRORS and index.number:
        write(f"[errorIndex({index.number})!=0]")
    elif code == _GET_BULK:
        write(f" M={index.number}")
    elif index.number:
        write(f"@{index.number}" if failed else f"[errorIndex({index.number}) w/o errorStatus]")
    elif failed:
        write("[errorIndex==0]")
    _variables(scope, settings, code, index.behind, stop)


def _trap(scope: Scope, settings: Settings, at: int, stop: int) -> None:
    """Version 1's trap: who, where, what, when, and the variables."""
    write = scope.write
    write(" ")
    enterprise = _expect(scope, settings, at, stop, asn1.IDENTIFIER, "enterprise!=OID")
    asn1.show(scope, settings, enterprise)
    write(" ")
    agent = _expect(scope, settings, enterprise.behind, stop, asn1.ADDRESS, "agent-addr!=INETADDR")
    asn1.show(scope, settings, agent)
    generic = _expect(scope, settings, agent.behind, stop, asn1.INTEGER, "generic-trap!=INT")
    known = 0 <= generic.number < len(_TRAPS)
    write(f" {_TRAPS[generic.number] if known else f'gt={generic.number}'}")
    specific = _expect(scope, settings, generic.behind, stop, asn1.INTEGER, "specific-trap!=INT")
    if generic.number == _ENTERPRISE_SPECIFIC:
        write(f" s={specific.number}")
    elif specific.number:
        write(f"[specific-trap({specific.number})!=0]")
    write(" ")
    when = _expect(scope, settings, specific.behind, stop, asn1.UNSIGNED, "time-stamp!=TIMETICKS")
    asn1.show(scope, settings, when)
    _variables(scope, settings, _TRAP, when.behind, stop)


def _error(code: int) -> str:
    return _ERRORS[code] if 0 <= code < len(_ERRORS) else f"err={code & 0xFFFFFFFF}"


def _variables(scope: Scope, settings: Settings, code: int, at: int, stop: int) -> None:
    """Names, and in all but questions their values."""
    write = scope.write
    bindings = _expect(scope, settings, at, stop, asn1.SEQUENCE, "!SEQ of varbind")
    if bindings.behind < stop:
        write(f"[{stop - bindings.behind} extra after SEQ of varbind]")
    at, stop = bindings.at, bindings.behind
    while at < stop:
        write(" ")
        binding = _expect(scope, settings, at, stop, asn1.SEQUENCE, "!varbind")
        name = _expect(scope, settings, binding.at, binding.behind, asn1.IDENTIFIER, "objName!=OID")
        asn1.show(scope, settings, name)
        if code not in _QUESTIONS:
            write("=")
        value = asn1.read(scope, name.behind, binding.behind)
        if value.kind != asn1.NULL:
            if code in _QUESTIONS:
                write("[objVal!=NULL]")
            asn1.show(scope, settings, value)
        at = binding.behind


# Version 3


def _version_3(scope: Scope, settings: Settings, at: int, stop: int) -> None:
    """The header, the user, and the rest, which tcpdump reads if it is not encrypted."""
    write = scope.write
    header = _expect(scope, settings, at, stop, asn1.SEQUENCE, "!message")
    if settings.verbose:
        write("{ ")
    at, end = header.at, header.behind
    number = _expect(scope, settings, at, end, asn1.INTEGER, "msgID!=INT")
    largest = _expect(scope, settings, number.behind, end, asn1.INTEGER, "msgMaxSize!=INT")
    flags = _expect(scope, settings, largest.behind, end, asn1.STRING, "msgFlags!=STR")
    if flags.size != 1:
        write(f"[msgFlags size {flags.size}]")
        raise Stop
    bits = scope.u8(flags.at)
    if bits > 7 or bits & 3 == 2:
        write(f"[msgFlags=0x{bits:02X}]")
        raise Stop
    letters = "".join(letter for bit, letter in enumerate("apr") if bits & 1 << bit)
    write(f"F={letters} ")
    model = _expect(scope, settings, flags.behind, end, asn1.INTEGER, "msgSecurityModel!=INT")
    # tcpdump compares with the size of the value before: so does this.
    if model.behind - flags.behind < end - model.behind:
        write(f"[{end - model.behind - (model.behind - flags.behind)} extra after message SEQ]")
    _close(scope, settings)
    if model.number != _USER_BASED:
        write(f"[security model {model.number}]")
        raise Stop
    if settings.verbose:
        write("{ USM ")
    secret = _expect(scope, settings, model.behind, stop, asn1.STRING, "msgSecurityParameters!=STR")
    with suppress(Stop):  # what stopped it is written
        _user(scope, settings, secret.at, secret.behind)
    _close(scope, settings)
    if settings.verbose:
        write("{ ScopedPDU ")
    with suppress(Stop):  # what stopped it is written
        _scoped(scope, settings, secret.behind, stop)
    _close(scope, settings)


def _user(scope: Scope, settings: Settings, at: int, stop: int) -> None:
    """The user-based security model's parameters."""
    write = scope.write
    whole = _expect(scope, settings, at, stop, asn1.SEQUENCE, "!usm")
    at, stop = whole.at, whole.behind
    engine = _expect(scope, settings, at, stop, asn1.STRING, "msgAuthoritativeEngineID!=STR")
    boots = _expect(
        scope, settings, engine.behind, stop, asn1.INTEGER, "msgAuthoritativeEngineBoots!=INT"
    )
    if settings.verbose:
        write(f"B={boots.number} ")
    since = _expect(
        scope, settings, boots.behind, stop, asn1.INTEGER, "msgAuthoritativeEngineTime!=INT"
    )
    if settings.verbose:
        write(f"T={since.number} ")
    user = _expect(scope, settings, since.behind, stop, asn1.STRING, "msgUserName!=STR")
    write(f"U={asn1.text(scope.octets(user.at, user.size))} ")
    proof = _expect(
        scope, settings, user.behind, stop, asn1.STRING, "msgAuthenticationParameters!=STR"
    )
    private = _expect(scope, settings, proof.behind, stop, asn1.STRING, "msgPrivacyParameters!=STR")
    if private.behind - proof.behind < stop - private.behind:
        write(f"[{stop - private.behind - (private.behind - proof.behind)} extra after usm SEQ]")


def _scoped(scope: Scope, settings: Settings, at: int, stop: int) -> None:
    """The engine and the context that are meant, and the request."""
    whole = _expect(scope, settings, at, stop, asn1.SEQUENCE, "!scoped PDU")
    at, stop = whole.at, whole.behind
    engine = _expect(scope, settings, at, stop, asn1.STRING, "contextEngineID!=STR")
    scope.write(f"E={asn1.underlined(scope.octets(engine.at, engine.size))} ")
    context = _expect(scope, settings, engine.behind, stop, asn1.STRING, "contextName!=STR")
    scope.write(f"C={asn1.text(scope.octets(context.at, context.size))} ")
    _pdu(scope, settings, context.behind, stop, _V3)
