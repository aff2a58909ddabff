"""Answers of ``dig`` explained."""

from __future__ import annotations

from netshell.commands.explain.explanation import Explanation
from netshell.commands.words import sentence, word
from netshell.lookup.answer import Answer


def answer(answer: Answer) -> Explanation:
    lines = list(answer.in_words())
    if answer.status == "NOERROR" and answer.answers and (meant := word(answer.question.rdtype)):
        lines.insert(0, meant.lines[0])
    if answer.answers:
        least = min(record.ttl for record in answer.answers)
        lines.insert(1, f"A cache may keep it for {least} s (the TTL), counted from its arrival.")
    return Explanation(
        "dns", str(answer.question), tuple(map(sentence, lines)), "RFC 1035, RFC 2308"
    )
