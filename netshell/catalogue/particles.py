"""Korean particles chosen by the last sound of the word before them.

After a consonant the first of a pair is used, after a vowel the second; (으)로 also counts ㄹ as a
vowel (National Institute of Korean Language, Standard Korean orthography, section 18 and the
entries of the particles). Digits and Latin letters are judged by how they are read aloud.
"""

from __future__ import annotations

PAIRS = ("이/가", "은/는", "을/를", "과/와", "으로/로", "이라/라", "이며/며", "이고/고")
"""What may stand behind a placeholder's colon."""

_DIGITS = "영일이삼사오육칠팔구"
_LETTERS = {"l": "엘", "m": "엠", "n": "엔", "r": "알"}
_UPPER = {"L": "엘", "M": "엠", "N": "엔", "R": "알"}
_SIGNS = {"%": "퍼센트"}
_RIEUL = 8
"""The number of ㄹ among the final consonants, in Unicode's order of syllables."""


def particle(word: str, pair: str) -> str:
    """The one of a pair, such as "이/가", that goes behind a word.

    >>> particle("서버", "이/가"), particle("SYN", "이/가"), particle("포트 80", "으로/로")
    ('가', '이', '으로')
    """
    consonant, vowel = pair.split("/")
    final = _final(word)
    if final == 0 or (final == _RIEUL and consonant.startswith("으")):
        return vowel
    return consonant


def _final(word: str) -> int:
    """The number of the final consonant that a word ends with; 0 for a vowel."""
    for char in reversed(word):
        if char in _SIGNS:
            char = _SIGNS[char][-1]
        elif char.isascii() and char.isdigit():
            char = _DIGITS[int(char)]
        elif char in _UPPER:
            char = _UPPER[char]
        elif char in "lmn":  # of a word, which is read as such: 클라이언트, but mail, frame, open
            char = _LETTERS[char]
        if "가" <= char <= "힣":
            return (ord(char) - ord("가")) % 28
        if char.isalpha():
            return 0
    return 0
