"""Seconds as tcpdump writes them: ``1y2w3d4h5m6s``, without the parts that are nothing."""

from __future__ import annotations

_UNITS = (("y", 31536000), ("w", 604800), ("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def duration(seconds: int) -> str:
    """A number of seconds >= 0 in the units that it has.

    >>> duration(301), duration(0), duration(31536000)
    ('5m1s', '0s', '1y')
    """
    text = ""
    for unit, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            text += f"{count}{unit}"
    return text or "0s"
