"""Answers of ``dig`` explained."""

from __future__ import annotations

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentence
from netshell.lookup.answer import Answer


def answer(answer: Answer) -> Explanation:
    lines = list(answer.in_words())
    kind = f"rdtype.{answer.question.rdtype}.what"
    if answer.status == "NOERROR" and answer.answers and has(kind):
        lines.insert(0, text(kind))
    if answer.answers:
        least = min(record.ttl for record in answer.answers)
        lines.insert(1, text("answer.ttl", ttl=least))
    return Explanation(
        "dns", str(answer.question), tuple(map(sentence, lines)), source("answer.all")
    )
