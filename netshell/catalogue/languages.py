"""Which language netshell speaks.

The one that was chosen (a profile's ``lang``), else that of the environment: LC_ALL, LC_MESSAGES,
LANG, the first that is set (POSIX, XBD 8.2), else English. Korean only where the terminal's
encoding has it, and the characters of tables and pictures: all is drawn in ASCII without those.
"""

from __future__ import annotations

import os
import sys

from netshell.catalogue.files import ENGLISH

KOREAN = "ko"
LANGUAGES = (ENGLISH, KOREAN)

_chosen: list[str] = []


def speak(lang: str | None) -> None:
    """Choose the language from now on; None: as the environment says.

    Raises ValueError for one that there is not.
    """
    if lang is not None and lang not in LANGUAGES:
        raise ValueError(f"no such language: {lang!r}; there are {', '.join(LANGUAGES)}")
    _chosen[:] = [] if lang is None else [lang]


def language() -> str:
    """The language to speak: one of LANGUAGES."""
    wanted = _chosen[0] if _chosen else of_environment(os.environ)
    return wanted if wanted == ENGLISH or _can_show("한글│┊─►◄═⋮…") else ENGLISH


def of_environment(environ: dict[str, str] | os._Environ[str]) -> str:
    """The language of a locale such as "ko_KR.UTF-8"; English for all that there is not.

    >>> of_environment({"LANG": "ko_KR.UTF-8"}), of_environment({"LC_ALL": "C", "LANG": "ko_KR"})
    ('ko', 'en')
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environ.get(name):
            spoken = locale.partition(".")[0].partition("_")[0].lower()
            return spoken if spoken in LANGUAGES else ENGLISH
    return ENGLISH


def _can_show(text: str) -> bool:
    """Whether the standard output's encoding has these characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
