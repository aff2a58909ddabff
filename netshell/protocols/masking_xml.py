"""Where XML and HTML have secrets in them: in elements that are named so, by their own name or by
an attribute's value."""

from __future__ import annotations

import re

from netshell.packet.payload import Places
from netshell.protocols.secret_names import names_secret, says_nothing

_ELEMENT = re.compile(rb"<([\w.:-]{1,256}+)(?:\s[^<>]*+)?>([^<]*+)")


def in_xml(data: bytes) -> Places:
    """What is in secret elements of XML: ``<password>...</password>``."""
    return tuple(
        match.span(2)
        for match in _ELEMENT.finditer(data)
        if names_secret(match[1].rpartition(b":")[2]) and match[2].strip()
    )


_TAG = re.compile(rb"<(?:input|meta|param|property|add|button)\s([^<>]*+)", re.I)
_ATTRIBUTE = re.compile(
    rb"(?<![\w-])(name|id|key|(value|content))=(?:\"([^\"]*+)|'([^']*+)|([^\s\"'>]++))", re.I
)


def in_tags(data: bytes) -> Places:
    """Values of HTML's and XML's elements that are named in an attribute.

    >>> in_tags(b'<input name="csrf_token" value="abc">')
    ((32, 35),)
    """
    found: list[tuple[int, int]] = []
    for tag in _TAG.finditer(data):
        values, is_one = [], False
        for each in _ATTRIBUTE.finditer(data, *tag.span(1)):
            which = each.lastindex or 0
            if each[2] is None:
                is_one = is_one or names_secret(each[which])
            elif not says_nothing(each[which]):
                values.append(each.span(which))
        if is_one:
            found += values
    return tuple(found)
