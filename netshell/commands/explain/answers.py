"""Answers of ``dig`` explained: what the status means here, for how long it holds, who said so."""

from __future__ import annotations

from collections.abc import Iterator

from netshell.catalogue import has, source, text
from netshell.commands.explain.explanation import Explanation
from netshell.commands.explain.said import sentences
from netshell.lookup.answer import REVERSE, Answer

_TELLING = ("aa", "tc", "ra", "ad", "cd")
"""The flags that change what an answer is worth."""


def answer(answer: Answer) -> Explanation:
    lines = []
    kind = f"rdtype.{answer.question.rdtype}.what"
    if answer.status == "NOERROR" and answer.answers and has(kind):
        lines.append(text(kind))
    if answer.answers:
        lines.append(text("answer.ttl", ttl=min(record.ttl for record in answer.answers)))
    lines += [*_problem(answer), *_beside(answer), _how(answer)]
    return Explanation("dns", str(answer.question), tuple(lines), source("answer.all"))


def _problem(answer: Answer) -> Iterator[str]:
    """Why there is nothing, or not what was asked for."""
    asked, last = answer.question, answer.aliases[-1]
    if answer.status != "NOERROR":
        yield from _status(answer, last)
    elif not answer.whole and not any(each.rdtype == asked.rdtype for each in answer.answers):
        yield text("answer.cut", name=asked.name, type=asked.rdtype)
    elif answer.no_data:
        yield text("answer.nodata", name=last, type=asked.rdtype)
    elif answer.open_alias:
        yield text("answer.circle") if answer.circle else text("answer.open", name=last)
    elif answer.referral:
        yield text("answer.referral")
    for option in answer.edns.options if answer.edns else ():
        if option.startswith("EDE"):
            yield text("answer.adds", option=option)
    if answer.negative_ttl is not None:
        yield text("answer.negative", ttl=answer.negative_ttl)


def _status(answer: Answer, last: str) -> Iterator[str]:
    status = answer.status
    if status == "NXDOMAIN":  # it is about the end of the chain (RFC 6604)
        if last.endswith(REVERSE):
            yield text("answer.reverse")
            return
        yield text("answer.nxdomain", name=last)
        yield text("answer.full_name" if last.count(".") < 2 else "answer.spelling")
    elif has(f"rcode.{status}.what"):
        yield text("answer.status", status=status, text=text(f"rcode.{status}.what"))
        if "cd" not in answer.flags:
            yield from sentences(f"rcode.{status}", "act")
    else:
        yield text("answer.other", status=status)


def _beside(answer: Answer) -> Iterator[str]:
    if len(answer.aliases) > 1:
        yield text("answer.alias", names=" -> ".join(answer.aliases))
    meanings = [text(f"answer.flag.{flag}") for flag in answer.flags if flag in _TELLING]
    if "rd" in answer.flags and "ra" not in answer.flags:
        meanings.append(text("answer.no_ra"))
    if meanings:
        yield text("answer.flags", flags=" ".join(answer.flags), meanings="; ".join(meanings))
    yield from answer.remarks


def _how(answer: Answer) -> str:
    who = str(answer.server)
    if answer.server_name:
        who = f"{answer.server_name} ({answer.server})"
    return text(
        "answer.how",
        status=answer.status,
        who=who,
        protocol=answer.protocol.upper(),
        ms=f"{answer.time_ms:.1f}",
        bytes=answer.size,
    )
