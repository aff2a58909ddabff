"""What TLS's numbers are called.

Names are those of IANA's registries "TLS Parameters" and "TLS ExtensionType Values", alerts those
of RFC 8446 B.2 and RFC 5246 7.2; what is not registered (Chrome's, drafts') is marked. A number
without a name is itself, "0x1234"; GREASE (RFC 8701) is said as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

VERSIONS = {
    0x0002: "SSL 2.0",
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
}

MESSAGES = {
    0: "HelloRequest",
    1: "ClientHello",
    2: "ServerHello",
    4: "NewSessionTicket",
    5: "EndOfEarlyData",
    8: "EncryptedExtensions",
    11: "Certificate",
    12: "ServerKeyExchange",
    13: "CertificateRequest",
    14: "ServerHelloDone",
    15: "CertificateVerify",
    16: "ClientKeyExchange",
    20: "Finished",
    21: "CertificateURL",
    22: "CertificateStatus",
    23: "SupplementalData",
    24: "KeyUpdate",
    25: "CompressedCertificate",
    67: "NextProtocol",
}

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    52: "too_many_cids_requested",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
    121: "ech_required",
}

# What each alert that people meet says, for those who do not know its name.
MEANINGS = {
    "handshake_failure": "no cipher, group or signature algorithm that both take",
    "bad_certificate": "the peer's certificate is broken or its signature wrong",
    "unsupported_certificate": "the peer's certificate is of a kind that is not taken",
    "certificate_revoked": "the peer's certificate was revoked",
    "certificate_expired": "the peer's certificate has expired, or is not valid yet",
    "certificate_unknown": "the peer's certificate was refused, for a reason not told",
    "unknown_ca": "whoever signed the peer's certificate is not trusted",
    "protocol_version": "no TLS version that both take",
    "insufficient_security": "what the client offers is too weak for the server",
    "inappropriate_fallback": "the client retried with an older version than it needed to",
    "no_renegotiation": "a second handshake was asked for and refused",
    "unrecognized_name": "the server has no such name",
    "certificate_required": "the server wants a client certificate and got none",
    "no_application_protocol": "no ALPN protocol that both take",
    "decrypt_error": "a signature or a Finished is wrong",
    "bad_record_mac": "a record could not be decrypted: other keys, or changed on the way",
    "unknown_psk_identity": "the server does not know the pre-shared key",
}

EXTENSIONS = {
    0: "server_name",
    1: "max_fragment_length",
    2: "client_certificate_url",
    3: "trusted_ca_keys",
    4: "truncated_hmac",
    5: "status_request",
    6: "user_mapping",
    7: "client_authz",
    8: "server_authz",
    9: "cert_type",
    10: "supported_groups",
    11: "ec_point_formats",
    12: "srp",
    13: "signature_algorithms",
    14: "use_srtp",
    15: "heartbeat",
    16: "application_layer_protocol_negotiation",
    17: "status_request_v2",
    18: "signed_certificate_timestamp",
    19: "client_certificate_type",
    20: "server_certificate_type",
    21: "padding",
    22: "encrypt_then_mac",
    23: "extended_main_secret",
    24: "token_binding",
    25: "cached_info",
    26: "tls_lts",
    27: "compress_certificate",
    28: "record_size_limit",
    29: "pwd_protect",
    30: "pwd_clear",
    31: "password_salt",
    32: "ticket_pinning",
    33: "tls_cert_with_extern_psk",
    34: "delegated_credential",
    35: "session_ticket",
    36: "TLMSP",
    37: "TLMSP_proxying",
    38: "TLMSP_delegate",
    39: "supported_ekt_ciphers",
    41: "pre_shared_key",
    42: "early_data",
    43: "supported_versions",
    44: "cookie",
    45: "psk_key_exchange_modes",
    47: "certificate_authorities",
    48: "oid_filters",
    49: "post_handshake_auth",
    50: "signature_algorithms_cert",
    51: "key_share",
    52: "transparency_info",
    54: "connection_id",
    55: "external_id_hash",
    56: "external_session_id",
    57: "quic_transport_parameters",
    58: "ticket_request",
    59: "dnssec_chain",
    13172: "next_protocol_negotiation",  # draft-agl-tls-nextprotoneg
    17513: "application_settings",  # draft-vvv-tls-alps
    17613: "application_settings",  # the same with its second number
    30031: "channel_id_old",  # draft-balfanz-tls-channelid
    30032: "channel_id",
    64768: "ech_outer_extensions",
    65037: "encrypted_client_hello",
    65281: "renegotiation_info",
    65486: "encrypted_server_name",  # draft-ietf-tls-esni, before it became ECH
}

GROUPS = {
    1: "sect163k1",
    2: "sect163r1",
    3: "sect163r2",
    4: "sect193r1",
    5: "sect193r2",
    6: "sect233k1",
    7: "sect233r1",
    8: "sect239k1",
    9: "sect283k1",
    10: "sect283r1",
    11: "sect409k1",
    12: "sect409r1",
    13: "sect571k1",
    14: "sect571r1",
    15: "secp160k1",
    16: "secp160r1",
    17: "secp160r2",
    18: "secp192k1",
    19: "secp192r1",
    20: "secp224k1",
    21: "secp224r1",
    22: "secp256k1",
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "x25519",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    34: "GC256A",
    35: "GC256B",
    36: "GC256C",
    37: "GC256D",
    38: "GC512A",
    39: "GC512B",
    40: "GC512C",
    41: "curveSM2",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    512: "MLKEM512",
    513: "MLKEM768",
    514: "MLKEM1024",
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
    4590: "curveSM2MLKEM768",
    25497: "X25519Kyber768Draft00",
    25498: "SecP256r1Kyber768Draft00",
    65281: "arbitrary_explicit_prime_curves",
    65282: "arbitrary_explicit_char2_curves",
}

SIGNATURES = {
    0x0201: "rsa_pkcs1_sha1",
    0x0202: "dsa_sha1",
    0x0203: "ecdsa_sha1",
    0x0301: "rsa_pkcs1_sha224",
    0x0302: "dsa_sha224",
    0x0303: "ecdsa_sha224",
    0x0401: "rsa_pkcs1_sha256",
    0x0402: "dsa_sha256",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0420: "rsa_pkcs1_sha256_legacy",
    0x0501: "rsa_pkcs1_sha384",
    0x0502: "dsa_sha384",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0520: "rsa_pkcs1_sha384_legacy",
    0x0601: "rsa_pkcs1_sha512",
    0x0602: "dsa_sha512",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0620: "rsa_pkcs1_sha512_legacy",
    0x0708: "sm2sig_sm3",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0904: "mldsa44",
    0x0905: "mldsa65",
    0x0906: "mldsa87",
}

# Cipher suites: four hexadecimal digits, and the name without its "TLS_".
_CIPHERS = """
0000=NULL_WITH_NULL_NULL 0001=RSA_WITH_NULL_MD5 0002=RSA_WITH_NULL_SHA
0003=RSA_EXPORT_WITH_RC4_40_MD5 0004=RSA_WITH_RC4_128_MD5 0005=RSA_WITH_RC4_128_SHA
0006=RSA_EXPORT_WITH_RC2_CBC_40_MD5 0007=RSA_WITH_IDEA_CBC_SHA 0008=RSA_EXPORT_WITH_DES40_CBC_SHA
0009=RSA_WITH_DES_CBC_SHA 000a=RSA_WITH_3DES_EDE_CBC_SHA 000b=DH_DSS_EXPORT_WITH_DES40_CBC_SHA
000c=DH_DSS_WITH_DES_CBC_SHA 000d=DH_DSS_WITH_3DES_EDE_CBC_SHA 000e=DH_RSA_EXPORT_WITH_DES40_CBC_SHA
000f=DH_RSA_WITH_DES_CBC_SHA 0010=DH_RSA_WITH_3DES_EDE_CBC_SHA
0011=DHE_DSS_EXPORT_WITH_DES40_CBC_SHA 0012=DHE_DSS_WITH_DES_CBC_SHA
0013=DHE_DSS_WITH_3DES_EDE_CBC_SHA 0014=DHE_RSA_EXPORT_WITH_DES40_CBC_SHA
0015=DHE_RSA_WITH_DES_CBC_SHA 0016=DHE_RSA_WITH_3DES_EDE_CBC_SHA 0017=DH_anon_EXPORT_WITH_RC4_40_MD5
0018=DH_anon_WITH_RC4_128_MD5 0019=DH_anon_EXPORT_WITH_DES40_CBC_SHA 001a=DH_anon_WITH_DES_CBC_SHA
001b=DH_anon_WITH_3DES_EDE_CBC_SHA 001e=KRB5_WITH_DES_CBC_SHA 001f=KRB5_WITH_3DES_EDE_CBC_SHA
0020=KRB5_WITH_RC4_128_SHA 0021=KRB5_WITH_IDEA_CBC_SHA 0022=KRB5_WITH_DES_CBC_MD5
0023=KRB5_WITH_3DES_EDE_CBC_MD5 0024=KRB5_WITH_RC4_128_MD5 0025=KRB5_WITH_IDEA_CBC_MD5
0026=KRB5_EXPORT_WITH_DES_CBC_40_SHA 0027=KRB5_EXPORT_WITH_RC2_CBC_40_SHA
0028=KRB5_EXPORT_WITH_RC4_40_SHA 0029=KRB5_EXPORT_WITH_DES_CBC_40_MD5
002a=KRB5_EXPORT_WITH_RC2_CBC_40_MD5 002b=KRB5_EXPORT_WITH_RC4_40_MD5 002c=PSK_WITH_NULL_SHA
002d=DHE_PSK_WITH_NULL_SHA 002e=RSA_PSK_WITH_NULL_SHA 002f=RSA_WITH_AES_128_CBC_SHA
0030=DH_DSS_WITH_AES_128_CBC_SHA 0031=DH_RSA_WITH_AES_128_CBC_SHA 0032=DHE_DSS_WITH_AES_128_CBC_SHA
0033=DHE_RSA_WITH_AES_128_CBC_SHA 0034=DH_anon_WITH_AES_128_CBC_SHA 0035=RSA_WITH_AES_256_CBC_SHA
0036=DH_DSS_WITH_AES_256_CBC_SHA 0037=DH_RSA_WITH_AES_256_CBC_SHA 0038=DHE_DSS_WITH_AES_256_CBC_SHA
0039=DHE_RSA_WITH_AES_256_CBC_SHA 003a=DH_anon_WITH_AES_256_CBC_SHA 003b=RSA_WITH_NULL_SHA256
003c=RSA_WITH_AES_128_CBC_SHA256 003d=RSA_WITH_AES_256_CBC_SHA256
003e=DH_DSS_WITH_AES_128_CBC_SHA256 003f=DH_RSA_WITH_AES_128_CBC_SHA256
0040=DHE_DSS_WITH_AES_128_CBC_SHA256 0041=RSA_WITH_CAMELLIA_128_CBC_SHA
0042=DH_DSS_WITH_CAMELLIA_128_CBC_SHA 0043=DH_RSA_WITH_CAMELLIA_128_CBC_SHA
0044=DHE_DSS_WITH_CAMELLIA_128_CBC_SHA 0045=DHE_RSA_WITH_CAMELLIA_128_CBC_SHA
0046=DH_anon_WITH_CAMELLIA_128_CBC_SHA 0060=RSA_EXPORT1024_WITH_RC4_56_MD5
0061=RSA_EXPORT1024_WITH_RC2_CBC_56_MD5 0062=RSA_EXPORT1024_WITH_DES_CBC_SHA
0063=DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA 0064=RSA_EXPORT1024_WITH_RC4_56_SHA
0065=DHE_DSS_EXPORT1024_WITH_RC4_56_SHA 0066=DHE_DSS_WITH_RC4_128_SHA
0067=DHE_RSA_WITH_AES_128_CBC_SHA256 0068=DH_DSS_WITH_AES_256_CBC_SHA256
0069=DH_RSA_WITH_AES_256_CBC_SHA256 006a=DHE_DSS_WITH_AES_256_CBC_SHA256
006b=DHE_RSA_WITH_AES_256_CBC_SHA256 006c=DH_anon_WITH_AES_128_CBC_SHA256
006d=DH_anon_WITH_AES_256_CBC_SHA256 0080=GOSTR341094_WITH_28147_CNT_IMIT
0081=GOSTR341001_WITH_28147_CNT_IMIT 0082=GOSTR341094_WITH_NULL_GOSTR3411
0083=GOSTR341001_WITH_NULL_GOSTR3411 0084=RSA_WITH_CAMELLIA_256_CBC_SHA
0085=DH_DSS_WITH_CAMELLIA_256_CBC_SHA 0086=DH_RSA_WITH_CAMELLIA_256_CBC_SHA
0087=DHE_DSS_WITH_CAMELLIA_256_CBC_SHA 0088=DHE_RSA_WITH_CAMELLIA_256_CBC_SHA
0089=DH_anon_WITH_CAMELLIA_256_CBC_SHA 008a=PSK_WITH_RC4_128_SHA 008b=PSK_WITH_3DES_EDE_CBC_SHA
008c=PSK_WITH_AES_128_CBC_SHA 008d=PSK_WITH_AES_256_CBC_SHA 008e=DHE_PSK_WITH_RC4_128_SHA
008f=DHE_PSK_WITH_3DES_EDE_CBC_SHA 0090=DHE_PSK_WITH_AES_128_CBC_SHA
0091=DHE_PSK_WITH_AES_256_CBC_SHA 0092=RSA_PSK_WITH_RC4_128_SHA 0093=RSA_PSK_WITH_3DES_EDE_CBC_SHA
0094=RSA_PSK_WITH_AES_128_CBC_SHA 0095=RSA_PSK_WITH_AES_256_CBC_SHA 0096=RSA_WITH_SEED_CBC_SHA
0097=DH_DSS_WITH_SEED_CBC_SHA 0098=DH_RSA_WITH_SEED_CBC_SHA 0099=DHE_DSS_WITH_SEED_CBC_SHA
009a=DHE_RSA_WITH_SEED_CBC_SHA 009b=DH_anon_WITH_SEED_CBC_SHA 009c=RSA_WITH_AES_128_GCM_SHA256
009d=RSA_WITH_AES_256_GCM_SHA384 009e=DHE_RSA_WITH_AES_128_GCM_SHA256
009f=DHE_RSA_WITH_AES_256_GCM_SHA384 00a0=DH_RSA_WITH_AES_128_GCM_SHA256
00a1=DH_RSA_WITH_AES_256_GCM_SHA384 00a2=DHE_DSS_WITH_AES_128_GCM_SHA256
00a3=DHE_DSS_WITH_AES_256_GCM_SHA384 00a4=DH_DSS_WITH_AES_128_GCM_SHA256
00a5=DH_DSS_WITH_AES_256_GCM_SHA384 00a6=DH_anon_WITH_AES_128_GCM_SHA256
00a7=DH_anon_WITH_AES_256_GCM_SHA384 00a8=PSK_WITH_AES_128_GCM_SHA256
00a9=PSK_WITH_AES_256_GCM_SHA384 00aa=DHE_PSK_WITH_AES_128_GCM_SHA256
00ab=DHE_PSK_WITH_AES_256_GCM_SHA384 00ac=RSA_PSK_WITH_AES_128_GCM_SHA256
00ad=RSA_PSK_WITH_AES_256_GCM_SHA384 00ae=PSK_WITH_AES_128_CBC_SHA256
00af=PSK_WITH_AES_256_CBC_SHA384 00b0=PSK_WITH_NULL_SHA256 00b1=PSK_WITH_NULL_SHA384
00b2=DHE_PSK_WITH_AES_128_CBC_SHA256 00b3=DHE_PSK_WITH_AES_256_CBC_SHA384
00b4=DHE_PSK_WITH_NULL_SHA256 00b5=DHE_PSK_WITH_NULL_SHA384 00b6=RSA_PSK_WITH_AES_128_CBC_SHA256
00b7=RSA_PSK_WITH_AES_256_CBC_SHA384 00b8=RSA_PSK_WITH_NULL_SHA256 00b9=RSA_PSK_WITH_NULL_SHA384
00ba=RSA_WITH_CAMELLIA_128_CBC_SHA256 00bb=DH_DSS_WITH_CAMELLIA_128_CBC_SHA256
00bc=DH_RSA_WITH_CAMELLIA_128_CBC_SHA256 00bd=DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256
00be=DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256 00bf=DH_anon_WITH_CAMELLIA_128_CBC_SHA256
00c0=RSA_WITH_CAMELLIA_256_CBC_SHA256 00c1=DH_DSS_WITH_CAMELLIA_256_CBC_SHA256
00c2=DH_RSA_WITH_CAMELLIA_256_CBC_SHA256 00c3=DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256
00c4=DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256 00c5=DH_anon_WITH_CAMELLIA_256_CBC_SHA256 00c6=SM4_GCM_SM3
00c7=SM4_CCM_SM3 00ff=EMPTY_RENEGOTIATION_INFO_SCSV 1301=AES_128_GCM_SHA256 1302=AES_256_GCM_SHA384
1303=CHACHA20_POLY1305_SHA256 1304=AES_128_CCM_SHA256 1305=AES_128_CCM_8_SHA256
1306=AEGIS_256_SHA512 1307=AEGIS_128L_SHA256 5600=FALLBACK_SCSV c001=ECDH_ECDSA_WITH_NULL_SHA
c002=ECDH_ECDSA_WITH_RC4_128_SHA c003=ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA
c004=ECDH_ECDSA_WITH_AES_128_CBC_SHA c005=ECDH_ECDSA_WITH_AES_256_CBC_SHA
c006=ECDHE_ECDSA_WITH_NULL_SHA c007=ECDHE_ECDSA_WITH_RC4_128_SHA
c008=ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA c009=ECDHE_ECDSA_WITH_AES_128_CBC_SHA
c00a=ECDHE_ECDSA_WITH_AES_256_CBC_SHA c00b=ECDH_RSA_WITH_NULL_SHA c00c=ECDH_RSA_WITH_RC4_128_SHA
c00d=ECDH_RSA_WITH_3DES_EDE_CBC_SHA c00e=ECDH_RSA_WITH_AES_128_CBC_SHA
c00f=ECDH_RSA_WITH_AES_256_CBC_SHA c010=ECDHE_RSA_WITH_NULL_SHA c011=ECDHE_RSA_WITH_RC4_128_SHA
c012=ECDHE_RSA_WITH_3DES_EDE_CBC_SHA c013=ECDHE_RSA_WITH_AES_128_CBC_SHA
c014=ECDHE_RSA_WITH_AES_256_CBC_SHA c015=ECDH_anon_WITH_NULL_SHA c016=ECDH_anon_WITH_RC4_128_SHA
c017=ECDH_anon_WITH_3DES_EDE_CBC_SHA c018=ECDH_anon_WITH_AES_128_CBC_SHA
c019=ECDH_anon_WITH_AES_256_CBC_SHA c01a=SRP_SHA_WITH_3DES_EDE_CBC_SHA
c01b=SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA c01c=SRP_SHA_DSS_WITH_3DES_EDE_CBC_SHA
c01d=SRP_SHA_WITH_AES_128_CBC_SHA c01e=SRP_SHA_RSA_WITH_AES_128_CBC_SHA
c01f=SRP_SHA_DSS_WITH_AES_128_CBC_SHA c020=SRP_SHA_WITH_AES_256_CBC_SHA
c021=SRP_SHA_RSA_WITH_AES_256_CBC_SHA c022=SRP_SHA_DSS_WITH_AES_256_CBC_SHA
c023=ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 c024=ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
c025=ECDH_ECDSA_WITH_AES_128_CBC_SHA256 c026=ECDH_ECDSA_WITH_AES_256_CBC_SHA384
c027=ECDHE_RSA_WITH_AES_128_CBC_SHA256 c028=ECDHE_RSA_WITH_AES_256_CBC_SHA384
c029=ECDH_RSA_WITH_AES_128_CBC_SHA256 c02a=ECDH_RSA_WITH_AES_256_CBC_SHA384
c02b=ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 c02c=ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
c02d=ECDH_ECDSA_WITH_AES_128_GCM_SHA256 c02e=ECDH_ECDSA_WITH_AES_256_GCM_SHA384
c02f=ECDHE_RSA_WITH_AES_128_GCM_SHA256 c030=ECDHE_RSA_WITH_AES_256_GCM_SHA384
c031=ECDH_RSA_WITH_AES_128_GCM_SHA256 c032=ECDH_RSA_WITH_AES_256_GCM_SHA384
c033=ECDHE_PSK_WITH_RC4_128_SHA c034=ECDHE_PSK_WITH_3DES_EDE_CBC_SHA
c035=ECDHE_PSK_WITH_AES_128_CBC_SHA c036=ECDHE_PSK_WITH_AES_256_CBC_SHA
c037=ECDHE_PSK_WITH_AES_128_CBC_SHA256 c038=ECDHE_PSK_WITH_AES_256_CBC_SHA384
c039=ECDHE_PSK_WITH_NULL_SHA c03a=ECDHE_PSK_WITH_NULL_SHA256 c03b=ECDHE_PSK_WITH_NULL_SHA384
c03c=RSA_WITH_ARIA_128_CBC_SHA256 c03d=RSA_WITH_ARIA_256_CBC_SHA384
c03e=DH_DSS_WITH_ARIA_128_CBC_SHA256 c03f=DH_DSS_WITH_ARIA_256_CBC_SHA384
c040=DH_RSA_WITH_ARIA_128_CBC_SHA256 c041=DH_RSA_WITH_ARIA_256_CBC_SHA384
c042=DHE_DSS_WITH_ARIA_128_CBC_SHA256 c043=DHE_DSS_WITH_ARIA_256_CBC_SHA384
c044=DHE_RSA_WITH_ARIA_128_CBC_SHA256 c045=DHE_RSA_WITH_ARIA_256_CBC_SHA384
c046=DH_anon_WITH_ARIA_128_CBC_SHA256 c047=DH_anon_WITH_ARIA_256_CBC_SHA384
c048=ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256 c049=ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384
c04a=ECDH_ECDSA_WITH_ARIA_128_CBC_SHA256 c04b=ECDH_ECDSA_WITH_ARIA_256_CBC_SHA384
c04c=ECDHE_RSA_WITH_ARIA_128_CBC_SHA256 c04d=ECDHE_RSA_WITH_ARIA_256_CBC_SHA384
c04e=ECDH_RSA_WITH_ARIA_128_CBC_SHA256 c04f=ECDH_RSA_WITH_ARIA_256_CBC_SHA384
c050=RSA_WITH_ARIA_128_GCM_SHA256 c051=RSA_WITH_ARIA_256_GCM_SHA384
c052=DHE_RSA_WITH_ARIA_128_GCM_SHA256 c053=DHE_RSA_WITH_ARIA_256_GCM_SHA384
c054=DH_RSA_WITH_ARIA_128_GCM_SHA256 c055=DH_RSA_WITH_ARIA_256_GCM_SHA384
c056=DHE_DSS_WITH_ARIA_128_GCM_SHA256 c057=DHE_DSS_WITH_ARIA_256_GCM_SHA384
c058=DH_DSS_WITH_ARIA_128_GCM_SHA256 c059=DH_DSS_WITH_ARIA_256_GCM_SHA384
c05a=DH_anon_WITH_ARIA_128_GCM_SHA256 c05b=DH_anon_WITH_ARIA_256_GCM_SHA384
c05c=ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256 c05d=ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384
c05e=ECDH_ECDSA_WITH_ARIA_128_GCM_SHA256 c05f=ECDH_ECDSA_WITH_ARIA_256_GCM_SHA384
c060=ECDHE_RSA_WITH_ARIA_128_GCM_SHA256 c061=ECDHE_RSA_WITH_ARIA_256_GCM_SHA384
c062=ECDH_RSA_WITH_ARIA_128_GCM_SHA256 c063=ECDH_RSA_WITH_ARIA_256_GCM_SHA384
c064=PSK_WITH_ARIA_128_CBC_SHA256 c065=PSK_WITH_ARIA_256_CBC_SHA384
c066=DHE_PSK_WITH_ARIA_128_CBC_SHA256 c067=DHE_PSK_WITH_ARIA_256_CBC_SHA384
c068=RSA_PSK_WITH_ARIA_128_CBC_SHA256 c069=RSA_PSK_WITH_ARIA_256_CBC_SHA384
c06a=PSK_WITH_ARIA_128_GCM_SHA256 c06b=PSK_WITH_ARIA_256_GCM_SHA384
c06c=DHE_PSK_WITH_ARIA_128_GCM_SHA256 c06d=DHE_PSK_WITH_ARIA_256_GCM_SHA384
c06e=RSA_PSK_WITH_ARIA_128_GCM_SHA256 c06f=RSA_PSK_WITH_ARIA_256_GCM_SHA384
c070=ECDHE_PSK_WITH_ARIA_128_CBC_SHA256 c071=ECDHE_PSK_WITH_ARIA_256_CBC_SHA384
c072=ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256 c073=ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
c074=ECDH_ECDSA_WITH_CAMELLIA_128_CBC_SHA256 c075=ECDH_ECDSA_WITH_CAMELLIA_256_CBC_SHA384
c076=ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256 c077=ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384
c078=ECDH_RSA_WITH_CAMELLIA_128_CBC_SHA256 c079=ECDH_RSA_WITH_CAMELLIA_256_CBC_SHA384
c07a=RSA_WITH_CAMELLIA_128_GCM_SHA256 c07b=RSA_WITH_CAMELLIA_256_GCM_SHA384
c07c=DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256 c07d=DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384
c07e=DH_RSA_WITH_CAMELLIA_128_GCM_SHA256 c07f=DH_RSA_WITH_CAMELLIA_256_GCM_SHA384
c080=DHE_DSS_WITH_CAMELLIA_128_GCM_SHA256 c081=DHE_DSS_WITH_CAMELLIA_256_GCM_SHA384
c082=DH_DSS_WITH_CAMELLIA_128_GCM_SHA256 c083=DH_DSS_WITH_CAMELLIA_256_GCM_SHA384
c084=DH_anon_WITH_CAMELLIA_128_GCM_SHA256 c085=DH_anon_WITH_CAMELLIA_256_GCM_SHA384
c086=ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256 c087=ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384
c088=ECDH_ECDSA_WITH_CAMELLIA_128_GCM_SHA256 c089=ECDH_ECDSA_WITH_CAMELLIA_256_GCM_SHA384
c08a=ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256 c08b=ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384
c08c=ECDH_RSA_WITH_CAMELLIA_128_GCM_SHA256 c08d=ECDH_RSA_WITH_CAMELLIA_256_GCM_SHA384
c08e=PSK_WITH_CAMELLIA_128_GCM_SHA256 c08f=PSK_WITH_CAMELLIA_256_GCM_SHA384
c090=DHE_PSK_WITH_CAMELLIA_128_GCM_SHA256 c091=DHE_PSK_WITH_CAMELLIA_256_GCM_SHA384
c092=RSA_PSK_WITH_CAMELLIA_128_GCM_SHA256 c093=RSA_PSK_WITH_CAMELLIA_256_GCM_SHA384
c094=PSK_WITH_CAMELLIA_128_CBC_SHA256 c095=PSK_WITH_CAMELLIA_256_CBC_SHA384
c096=DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256 c097=DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
c098=RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256 c099=RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384
c09a=ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256 c09b=ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384
c09c=RSA_WITH_AES_128_CCM c09d=RSA_WITH_AES_256_CCM c09e=DHE_RSA_WITH_AES_128_CCM
c09f=DHE_RSA_WITH_AES_256_CCM c0a0=RSA_WITH_AES_128_CCM_8 c0a1=RSA_WITH_AES_256_CCM_8
c0a2=DHE_RSA_WITH_AES_128_CCM_8 c0a3=DHE_RSA_WITH_AES_256_CCM_8 c0a4=PSK_WITH_AES_128_CCM
c0a5=PSK_WITH_AES_256_CCM c0a6=DHE_PSK_WITH_AES_128_CCM c0a7=DHE_PSK_WITH_AES_256_CCM
c0a8=PSK_WITH_AES_128_CCM_8 c0a9=PSK_WITH_AES_256_CCM_8 c0aa=PSK_DHE_WITH_AES_128_CCM_8
c0ab=PSK_DHE_WITH_AES_256_CCM_8 c0ac=ECDHE_ECDSA_WITH_AES_128_CCM c0ad=ECDHE_ECDSA_WITH_AES_256_CCM
c0ae=ECDHE_ECDSA_WITH_AES_128_CCM_8 c0af=ECDHE_ECDSA_WITH_AES_256_CCM_8
c0b0=ECCPWD_WITH_AES_128_GCM_SHA256 c0b1=ECCPWD_WITH_AES_256_GCM_SHA384
c0b2=ECCPWD_WITH_AES_128_CCM_SHA256 c0b3=ECCPWD_WITH_AES_256_CCM_SHA384 c0b4=SHA256_SHA256
c0b5=SHA384_SHA384 c0ff=ECJPAKE_WITH_AES_128_CCM_8 c100=GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC
c101=GOSTR341112_256_WITH_MAGMA_CTR_OMAC c102=GOSTR341112_256_WITH_28147_CNT_IMIT
c103=GOSTR341112_256_WITH_KUZNYECHIK_MGM_L c104=GOSTR341112_256_WITH_MAGMA_MGM_L
c105=GOSTR341112_256_WITH_KUZNYECHIK_MGM_S c106=GOSTR341112_256_WITH_MAGMA_MGM_S
cca8=ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 cca9=ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
ccaa=DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 ccab=PSK_WITH_CHACHA20_POLY1305_SHA256
ccac=ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 ccad=DHE_PSK_WITH_CHACHA20_POLY1305_SHA256
ccae=RSA_PSK_WITH_CHACHA20_POLY1305_SHA256 d001=ECDHE_PSK_WITH_AES_128_GCM_SHA256
d002=ECDHE_PSK_WITH_AES_256_GCM_SHA384 d003=ECDHE_PSK_WITH_AES_128_CCM_8_SHA256
d005=ECDHE_PSK_WITH_AES_128_CCM_SHA256
"""


@cache
def _ciphers() -> dict[int, str]:
    pairs = (each.split("=") for each in _CIPHERS.split())
    return {int(number, 16): f"TLS_{name}" for number, name in pairs}


def is_grease(number: int) -> bool:
    """Whether a number of two bytes is one that stands for nothing, RFC 8701."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def called(names: dict[int, str], number: int) -> str:
    """The name of a number of two bytes in one of the tables here.

    >>> called(GROUPS, 29), called(GROUPS, 0x2A2A), called(GROUPS, 0x6000)
    ('x25519', 'GREASE', '0x6000')
    """
    name = names.get(number)
    if name is not None:
        return name
    return "GREASE" if is_grease(number) else f"0x{number:04x}"


def all_called(names: dict[int, str], numbers: Iterable[int]) -> tuple[str, ...]:
    """The same of several."""
    return tuple([called(names, number) for number in numbers])


def cipher(number: int) -> str:
    """A cipher suite's name: "TLS_AES_128_GCM_SHA256"."""
    return called(_ciphers(), number)


def short(cipher: str) -> str:
    """A cipher suite's name without what all have: "AES_128_GCM_SHA256"."""
    return cipher.removeprefix("TLS_")


def ciphers(numbers: Iterable[int]) -> tuple[str, ...]:
    """The same of several."""
    return all_called(_ciphers(), numbers)


def alert(number: int) -> str:
    """An alert's name: "handshake_failure"."""
    return ALERTS.get(number, f"alert {number}")
