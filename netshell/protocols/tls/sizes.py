"""What of TLS 1.3's encrypted records can be told by their size alone.

Each is its message, one byte for its kind and the cipher's tag (RFC 8446, 5.2), as long as nobody
pads: the usual libraries do not.
"""

from __future__ import annotations

from typing import NamedTuple


class Sizes(NamedTuple):
    """Bytes of records that are a message by themselves."""

    finished: int
    early_end: int  # EndOfEarlyData
    alert: int


def sizes(cipher: str) -> Sizes:
    """Those with a cipher suite.

    >>> sizes("TLS_AES_128_GCM_SHA256")
    Sizes(finished=53, early_end=21, alert=19)
    """
    tag = 8 if "_CCM_8" in cipher else 16
    digest = {"SHA384": 48, "SHA512": 64}.get(cipher.rpartition("_")[2], 32)
    return Sizes(4 + digest + 1 + tag, 4 + 1 + tag, 2 + 1 + tag)
