"""What is secret in the words that a server answers with: it repeats what it was asked.

An error of syntax repeats the SQL from where it was not understood, up to 80 characters; a column
without a name is called what was written for it.
"""

from __future__ import annotations

import re

from netshell.packet.payload import Places
from netshell.protocols.masking import hide_in_value, mask
from netshell.protocols.mysql.exchange import Exchange
from netshell.protocols.mysql.framing import Packet
from netshell.protocols.mysql.rows import secrets_in_row
from netshell.protocols.mysql.session import Kinds
from netshell.protocols.mysql.wire import readable
from netshell.protocols.secret import hide_values
from netshell.protocols.secret_names import names_secret

_NEAR = re.compile(rb" near '(.*)' at line \d+\Z", re.S)
_KEY = re.compile(rb"\ADuplicate entry '(.*)' for key '?([^']*?)'?\Z", re.S)
_LITERAL = re.compile(rb"'((?:[^'\\]|\\.)++)|\"((?:[^\"\\]|\\.)++)", re.S)

_MOST_SECRETS = 4096  # of one command whose places are known each


def near(words: bytes) -> Places:
    """The literals in the SQL that an error repeats: any may be a secret, where it is not known
    what was asked.

    >>> near(b"You have an error near 'BY 'hunter2'' at line 1")
    ((28, 35),)
    """
    found = _NEAR.search(words)
    if found is None:
        return ()
    return tuple(
        (begin, min(end, found.end(1)))
        for begin, end in (
            each.span(each.lastindex or 0) for each in _LITERAL.finditer(words, *found.span(1))
        )
        if begin < found.end(1)
    )


def of_key(words: bytes) -> Places:
    """The value that is there already, of a key that is named as a secret is (1062).

    >>> of_key(b"Duplicate entry 'hunter2' for key 'users.api_token'")
    ((17, 24),)
    """
    found = _KEY.match(words)
    if found is None or not found[1] or not any(map(names_secret, found[2].split(b"."))):
        return ()
    return (found.span(1),)


def shown(words: bytes, values: tuple[str, ...], encoding: str, is_known: bool) -> str:
    """An error's words with the secret values of what was asked masked; with all literals, where
    that is not known."""
    if not is_known and (places := near(words)):
        return mask(words, places)
    if places := of_key(words):
        return mask(words, places)
    text = hide_in_value(readable(words, encoding))
    return hide_values(text, values) if values else text


def hide_in_row(exchange: Exchange, packet: Packet, kinds: Kinds, secret: frozenset[int]) -> None:
    """Where a row's secrets are; of very many rows, each is one as a whole."""
    if len(exchange.secrets) > _MOST_SECRETS:
        exchange.hide_all(packet)
        return
    exchange.conceal(packet)
    is_binary = exchange.prepared is not None
    for begin, end in secrets_in_row(packet.data, kinds, is_binary, secret):
        exchange.hide(packet, begin, end)
