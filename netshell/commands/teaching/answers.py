"""What an answer means: forgiving in its form, strict in its substance.

An answer is read into one word ("SYN,ACK", "3", "TIME_WAIT", an option's name), and so is what was
captured: the two are compared as they are. A form knows nothing of the question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from netshell.catalogue import LANGUAGES, has, text
from netshell.errors import BadArgument, brief
from netshell.flow import flags
from netshell.flow.state import State

LONGEST = 200
"""Characters of an answer; none needs as many."""

HINT = ("?", "hint", "help", "힌트", "도움말")
QUIT = ("q", "quit", "exit", "ㅂ", "끝", "그만")
"""What is no answer; ㅂ is what the key q types where Korean is on."""

_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "yes": ("y", "true", "예", "네", "넵", "응", "ㅇㅇ", "맞다", "맞음", "그렇다", "ㅛ"),
    "no": ("n", "false", "아니오", "아니요", "아니", "아뇨", "ㄴㄴ", "아니다", "틀림", "ㅜ"),
    "client": ("c", "the client", "클라", "클라이언트"),
    "server": ("s", "the server", "서버"),
    "both": ("b", "both sides", "둘", "둘다", "둘 다", "양쪽", "모두"),
    "NOTHING": ("none", "no", "silence", "없음", "아무것도", "침묵"),
    "nobody": ("none", "neither", "no one", "없음", "아무도"),
}
"""Other words for the options that many questions share."""

_NUMBERS = (
    ("zero", "none", "no", "nothing", "영", "없음", "없다"),
    ("one", "a", "an", "single", "하나", "한"),
    ("two", "둘", "두"),
    ("three", "셋", "세"),
    ("four", "넷", "네"),
    ("five", "다섯"),
    ("six", "여섯"),
    ("seven", "일곱"),
    ("eight", "여덟"),
    ("nine", "아홉"),
    ("ten", "열"),
)
_UNIT = r"(?:packets?|segments?|sockets?|connections?|times?|bytes?|b|개|건|번|회|바이트|패킷)?"
_GROUPED = re.compile(rf"(\d{{1,3}}(?:[,_ ]\d{{3}})+|\d+) ?{_UNIT}\Z")


def plain(said: object) -> str:
    """What was said, in the simplest form: one width of letters, small ones, single spaces.

    Raises BadArgument for what no answer can be: no text, nothing, or far too much.
    """
    if isinstance(said, int) and not isinstance(said, bool):
        said = brief(said, LONGEST)
    if not isinstance(said, str):
        raise BadArgument(
            "no answer", why=f"a {type(said).__name__} is no text", next_step='answer("...")'
        )
    if len(said) > LONGEST:
        raise BadArgument("no answer", why=text("lesson.too_long", longest=LONGEST))
    simple = " ".join(unicodedata.normalize("NFKC", said).casefold().split())
    simple = simple.strip("\"'`") or simple
    if not simple:
        raise BadArgument("no answer", why=text("lesson.empty"))
    return simple


def _bare(said: object) -> str:
    """The same without what ends a sentence."""
    simple = plain(said)
    return simple.rstrip(".!") or simple


class Form(Protocol):
    """A kind of answer: how it is read, what may be said, how it is shown."""

    def read(self, said: object) -> str:
        """The answer in its one form. Raises BadArgument for what cannot be understood."""

    def shown(self, answer: str) -> str:
        """An answer in the user's language."""

    def offers(self) -> Sequence[str]:
        """The options to choose from; none where an answer is free."""

    def about(self) -> str:
        """How an answer looks, in a few words."""


_LONG = {"push": "psh", "reset": "rst", "finish": "fin", "urgent": "urg", "acknowledge": "ack"}


@dataclass(frozen=True, slots=True)
class FlagsForm:
    """A segment's flags: ``syn ack``, ``SYN-ACK``, ``SA`` and ``[S.]`` are SYN,ACK.

    >>> FlagsForm().read("syn + ack")
    'SYN,ACK'
    """

    def read(self, said: object) -> str:
        words = re.split(r"[\s,+/|&_-]+|(?<=[a-z])와|(?<=[a-z])과", plain(said))
        joined = ",".join(_LONG.get(word, word) for word in words if word and word != "and")
        for form in (joined, joined.upper(), joined.replace(",", "").upper()):
            try:
                return str(flags.parse(form))
            except BadArgument:
                continue
        raise _unclear(said, text("lesson.form.flags"))

    def shown(self, answer: str) -> str:
        return answer

    def offers(self) -> Sequence[str]:
        return ()

    def about(self) -> str:
        return text("lesson.form.flags")


@dataclass(frozen=True, slots=True)
class NumberForm:
    """A whole number: ``3``, ``30,000``, ``3 packets``, ``three``, ``세 개``.

    >>> NumberForm().read("30,000 bytes")
    '30000'
    """

    def read(self, said: object) -> str:
        simple = _bare(said)
        if match := _GROUPED.match(simple):
            return str(int(re.sub("[,_ ]", "", match[1])[:LONGEST]))
        word = re.sub(rf" ?{_UNIT}\Z", "", simple)
        for number, words in enumerate(_NUMBERS):
            if word in words:
                return str(number)
        raise _unclear(said, text("lesson.form.number"))

    def shown(self, answer: str) -> str:
        return f"{int(answer):,}"

    def offers(self) -> Sequence[str]:
        return ()

    def about(self) -> str:
        return text("lesson.form.number")


@dataclass(frozen=True, slots=True)
class StateForm:
    """A TCP state, by any of its spellings: ``time-wait``, ``fin_wait2``, ``ESTAB``.

    >>> StateForm().read("close wait")
    'CLOSE_WAIT'
    """

    def read(self, said: object) -> str:
        simple = _bare(said)
        try:
            return str(State.parse(simple))
        except BadArgument:
            raise _unclear(said, ", ".join(State)) from None

    def shown(self, answer: str) -> str:
        return answer

    def offers(self) -> Sequence[str]:
        return ()

    def about(self) -> str:
        return text("lesson.form.state")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some options, by its number, its words, or as many of them as no other one has.

    What an option is called is in the catalogue, ``<key>.is_<option>`` or ``lesson.say.<option>``;
    one without (ECONNREFUSED) is called as it is.
    """

    key: str
    options: tuple[str, ...]

    def read(self, said: object) -> str:
        simple = _bare(said)
        if re.fullmatch(r"\d{1,18}", number := simple.removesuffix("번").strip("().# ")):
            at = int(number)
            if 1 <= at <= len(self.options):
                return self.options[at - 1]
            raise _unclear(said, text("lesson.form.choice", most=len(self.options)))
        names = {option: self._names(option) for option in self.options}
        found = [option for option in self.options if simple in names[option]]
        if not found and len(simple) > 1:
            found = [o for o in self.options if any(n.startswith(simple) for n in names[o])]
        if not found and len(simple) > 1 + simple.isascii():
            found = [o for o in self.options if any(simple in name for name in names[o])]
        if len(found) == 1:
            return found[0]
        raise _unclear(said, text("lesson.form.choice", most=len(self.options)))

    def _names(self, option: str) -> tuple[str, ...]:
        """What an option is called, in every language, as :func:`plain` writes it."""
        called = [option, option.replace("_", " "), *_SYNONYMS.get(option, ())]
        called += [self._label(option, lang) for lang in LANGUAGES]
        return tuple(dict.fromkeys(map(_bare, called)))

    def _label(self, option: str, lang: str | None = None) -> str:
        for key in (f"{self.key}.is_{option}", f"lesson.say.{option}"):
            if has(key):
                return text(key, lang)
        return option

    def shown(self, answer: str) -> str:
        return self._label(answer) if answer in self.options else answer

    def offers(self) -> Sequence[str]:
        return tuple(map(self._label, self.options))

    def about(self) -> str:
        return text("lesson.form.choice", most=len(self.options))


def _unclear(said: object, form: str) -> BadArgument:
    return BadArgument(text("lesson.unclear", said=brief(said)), next_step=form)
