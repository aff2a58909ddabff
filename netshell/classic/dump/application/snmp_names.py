"""The names of objects that tcpdump knows without -n: those of MIB-II's time (RFC 1213).

Besides them the enterprises that had a number by 1990 (RFC 1155's registry) and the modules of
SNMPv3 (RFC 3411, 3412, 3414). A name is that of the same number in the same place of the tree.
"""

from __future__ import annotations

_TREE = """
. iso
1 3=org
1.3 6=dod
1.3.6 internet
1.3.6.1 directory mgmt experimental private security snmpV2
1.3.6.1.2 mib
1.3.6.1.2.1 system interfaces at ip icmp tcp udp egp 10=transmission snmp
1.3.6.1.2.1.1 sysDescr sysObjectID sysUpTime sysContact sysName sysLocation sysServices
1.3.6.1.2.1.2 ifNumber ifTable
1.3.6.1.2.1.2.2 ifEntry
1.3.6.1.2.1.2.2.1 ifIndex ifDescr ifType ifMtu ifSpeed ifPhysAddress ifAdminStatus ifOperStatus
    ifLastChange ifInOctets ifInUcastPkts ifInNUcastPkts ifInDiscards ifInErrors
    ifInUnknownProtos ifOutOctets ifOutUcastPkts ifOutNUcastPkts ifOutDiscards ifOutErrors
    ifOutQLen ifSpecific
1.3.6.1.2.1.3 atTable
1.3.6.1.2.1.3.1 atEntry
1.3.6.1.2.1.3.1.1 atIfIndex atPhysAddress atNetAddress
1.3.6.1.2.1.4 ipForwarding ipDefaultTTL ipInReceives ipInHdrErrors ipInAddrErrors
    ipForwDatagrams ipInUnknownProtos ipInDiscards ipInDelivers ipOutRequests ipOutDiscards
    ipOutNoRoutes ipReasmTimeout ipReasmReqds ipReasmOKs ipReasmFails ipFragOKs ipFragFails
    ipFragCreates ipAddrTable ipRoutingTable ipNetToMediaTable
1.3.6.1.2.1.4.20 ipAddrEntry
1.3.6.1.2.1.4.20.1 ipAdEntAddr ipAdEntIfIndex ipAdEntNetMask ipAdEntBcastAddr
    ipAdEntReasmMaxSize
1.3.6.1.2.1.4.21 ipRouteEntry
1.3.6.1.2.1.4.21.1 ipRouteDest ipRouteIfIndex ipRouteMetric1 ipRouteMetric2 ipRouteMetric3
    ipRouteMetric4 ipRouteNextHop ipRouteType ipRouteProto ipRouteAge ipRouteMask
1.3.6.1.2.1.4.22 ipNetToMediaEntry
1.3.6.1.2.1.4.22.1 ipNetToMediaIfIndex ipNetToMediaPhysAddress ipNetToMediaNetAddress
    ipNetToMediaType
1.3.6.1.2.1.5 icmpInMsgs icmpInErrors icmpInDestUnreachs icmpInTimeExcds icmpInParmProbs
    icmpInSrcQuenchs icmpInRedirects icmpInEchos icmpInEchoReps icmpInTimestamps
    icmpInTimestampReps icmpInAddrMasks icmpInAddrMaskReps icmpOutMsgs icmpOutErrors
    icmpOutDestUnreachs icmpOutTimeExcds icmpOutParmProbs icmpOutSrcQuenchs icmpOutRedirects
    icmpOutEchos icmpOutEchoReps icmpOutTimestamps icmpOutTimestampReps icmpOutAddrMasks
    icmpOutAddrMaskReps
1.3.6.1.2.1.6 tcpRtoAlgorithm tcpRtoMin tcpRtoMax tcpMaxConn tcpActiveOpens tcpPassiveOpens
    tcpAttemptFails tcpEstabResets tcpCurrEstab tcpInSegs tcpOutSegs tcpRetransSegs tcpConnTable
    tcpInErrs tcpOutRsts
1.3.6.1.2.1.6.13 tcpConnEntry
1.3.6.1.2.1.6.13.1 tcpConnState tcpConnLocalAddress tcpConnLocalPort tcpConnRemAddress
    tcpConnRemPort
1.3.6.1.2.1.7 udpInDatagrams udpNoPorts udpInErrors udpOutDatagrams udpTable
1.3.6.1.2.1.7.5 udpEntry
1.3.6.1.2.1.7.5.1 udpLocalAddress udpLocalPort
1.3.6.1.2.1.8 egpInMsgs egpInErrors egpOutMsgs egpOutErrors egpNeighTable egpAs
1.3.6.1.2.1.8.5 egpNeighEntry
1.3.6.1.2.1.8.5.1 egpNeighState egpNeighAddr egpNeighAs egpNeighInMsgs egpNeighInErrs
    egpNeighOutMsgs egpNeighOutErrs egpNeighInErrMsgs egpNeighOutErrMsgs egpNeighStateUps
    egpNeighStateDowns egpNeighIntervalHello egpNeighIntervalPoll egpNeighMode
    egpNeighEventTrigger
1.3.6.1.2.1.11 snmpInPkts snmpOutPkts snmpInBadVersions snmpInBadCommunityNames
    snmpInBadCommunityUses snmpInASNParseErrs snmpInBadTypes snmpInTooBigs snmpInNoSuchNames
    snmpInBadValues snmpInReadOnlys snmpInGenErrs snmpInTotalReqVars snmpInTotalSetVars
    snmpInGetRequests snmpInGetNexts snmpInSetRequests snmpInGetResponses snmpInTraps
    snmpOutTooBigs snmpOutNoSuchNames snmpOutBadValues snmpOutReadOnlys snmpOutGenErrs
    snmpOutGetRequests snmpOutGetNexts snmpOutSetRequests snmpOutGetResponses snmpOutTraps
    snmpEnableAuthTraps
1.3.6.1.4 enterprises
1.3.6.1.4.1 proteon ibm cmu unix acc twg cayman nysernet cisco nsc hp epilogue utennessee bbn
    xylogics unisys canstar wellfleet trw mit eon spartacus excelan spider nsfnet sytek
    intergraph interlan vitalink ulana nswc santacruzoperation xyplex cray bellnorthernresearch
    dec touch networkresearchcorp baylor nmfeccllnl sri sun 3com cmc synoptics cheyenne prime
    mcnc chipcom opticaldatasystems gated cabletron apollo desktalksystems ssds castlerock mips
    tgv silicongraphics ubc merit fibercom apple gandalf dartmouth davidsystems reuter cornell
    tmac locus nasa retix boeing att ungermannbass digitalanalysis hplanman netlabs icl auspex
    lannet ncd raycom pirellifocom datability networkappltech link nyu rnd intercon learningtree
    webstercomputer frontier nokia allenbradley cern sigma emergingtech snmpresearch ohiostate
    ultra 136=ccur
1.3.6.1.6 3=snmpModules
1.3.6.1.6.3 10=snmpFrameworkMIB snmpMPDMIB 15=snmpUsmMIB
1.3.6.1.6.3.10 snmpFrameworkAdmin snmpFrameworkMIBObjects snmpFrameworkMIBConformance
1.3.6.1.6.3.10.2 snmpEngine
1.3.6.1.6.3.10.2.1 snmpEngineID snmpEngineBoots snmpEngineTime snmpEngineMaxMessageSize
1.3.6.1.6.3.11 snmpMPDAdmin snmpMPDMIBObjects snmpMPDMIBConformance
1.3.6.1.6.3.11.2 snmpMPDStats
1.3.6.1.6.3.11.2.1 snmpUnknownSecurityModels snmpInvalidMsgs snmpUnknownPDUHandlers
1.3.6.1.6.3.11.3 snmpMPDMIBCompliances snmpMPDMIBGroups
1.3.6.1.6.3.15 usmMIBObjects usmMIBConformance
1.3.6.1.6.3.15.1 usmStats usmUser
1.3.6.1.6.3.15.1.1 usmStatsUnsupportedSecLevels usmStatsNotInTimeWindows
    usmStatsUnknownUserNames usmStatsUnknownEngineIDs usmStatsWrongDigests
    usmStatsDecryptionErrors
1.3.6.1.6.3.15.1.2 usmUserSpinLock usmUserTable
1.3.6.1.6.3.15.1.2.2 usmUserEntry
1.3.6.1.6.3.15.1.2.2.1 usmUserEngineID usmUserName usmUserSecurityName usmUserCloneFrom
    usmUserAuthProtocol usmUserAuthKeyChange usmUserOwnAuthKeyChange usmUserPrivProtocol
    usmUserPrivKeyChange usmUserOwnPrivKeyChange usmUserPublic usmUserStorageType usmUserStatus
1.3.6.1.6.3.15.2 usmMIBCompliances usmMIBGroups
"""
"""A group's path and the names in it, which count up from 1 or from what is before a "="."""

MIB_2, ENTERPRISES, EXPERIMENTAL, MODULES = (
    (1, 3, 6, 1, 2, 1),
    (1, 3, 6, 1, 4, 1),
    (1, 3, 6, 1, 3),
    (1, 3, 6, 1, 6, 3),
)
ABBREVIATED: tuple[tuple[tuple[int, ...], str], ...] = (
    (MIB_2, ""),
    (ENTERPRISES, "E:"),
    (EXPERIMENTAL, "X:"),
    (MODULES, "S:"),
)
"""Where names begin, and the letter that says so; others are written from the root on."""


def _names(tree: str) -> dict[tuple[int, ...], str]:
    names: dict[tuple[int, ...], str] = {}
    path: tuple[int, ...] = ()
    number = 1
    for line in tree.splitlines():
        words = line.split()
        if words and not line.startswith(" "):
            head = words.pop(0)
            path = () if head == "." else tuple(map(int, head.split(".")))
            number = 1
        for word in words:
            given, _, name = word.rpartition("=")
            number = int(given) if given else number
            names[(*path, number)] = name
            number += 1
    return names


NAMES = _names(_TREE)
"""Path -> name."""
