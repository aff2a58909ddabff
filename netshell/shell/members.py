"""What can stand behind a dot: the fields and methods of records, known by their types.

Nothing is called or indexed for it: ``conns()[0].`` is answered from the annotation of what conns
returns, so Tab never looks anything up, and never asks the network.
"""

from __future__ import annotations

import ast
import dis
import inspect
import re
import types
import typing
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from netshell.results import Records
from netshell.shell.verbs import LazyVerb, is_verb


class _Function(NamedTuple):
    """Something that can be called, and the type whose method it is."""

    function: Any
    owner: Any = None


def members(text: str, names: Mapping[str, Any]) -> dict[str, str] | None:
    """The public members of what ``text`` ends with, fields first; None where Python knows better.

    >>> next(iter(members('iface_for("example.org")', {"iface_for": iface_for})))
    'destination'
    """
    node = _last_expression(text)
    if node is None:
        return None
    found: Any = None
    if isinstance(node, ast.Name):
        value = names.get(node.id)
        found = type(value)
        if not found.__module__.startswith("netshell.") or isinstance(value, LazyVerb):
            return None
    else:
        found = _type(node, names)
    return _listed(found) if isinstance(found, type) else None


def method(text: str, names: Mapping[str, Any]) -> types.FunctionType | None:
    """The method of a result that ``text`` ends with; None for everything else.

    >>> method("cap.flows.where", {"cap": cap}).__qualname__
    'Flows.where'
    """
    node = _last_expression(text)
    found = _type(node, names) if isinstance(node, ast.Attribute) else None
    function = found.function if isinstance(found, _Function) else None
    if isinstance(function, types.FunctionType) and function.__module__.startswith("netshell."):
        return function
    return None


def _last_expression(text: str) -> ast.expr | None:
    """The expression that the text ends with, as far as it can stand before a dot."""
    for start in reversed([match.start() for match in re.finditer(r"(?<![\w.])[^\W\d]\w*", text)]):
        try:
            node = ast.parse(text[start:], mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            continue
        good = isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
        return node if good else None
    return None


# --- types ----------------------------------------------------------------------------------


def _type(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The type of an expression, a _Function, or None where it cannot be known."""
    if isinstance(node, ast.Name):
        value = names.get(node.id)
        if isinstance(value, LazyVerb):
            return _Function(value.verb.load())
        if isinstance(value, types.FunctionType) and is_verb(value):
            return _Function(value)
        return None if value is None else type(value)
    if isinstance(node, ast.Attribute):
        return _attribute(_type(node.value, names), node.attr)
    if isinstance(node, ast.Subscript):
        return _item(_type(node.value, names), isinstance(node.slice, ast.Slice))
    if isinstance(node, ast.Call):
        called = _type(node.func, names)
        if isinstance(called, _Function):
            return _meant(hints(called.function).get("return"), called.owner)
    return None


def _attribute(owner: Any, name: str) -> Any:
    kind = typing.get_origin(owner) or owner
    if not isinstance(kind, type):
        return None
    found = inspect.getattr_static(kind, name, None)
    if isinstance(found, property):
        return _meant(hints(found.fget).get("return"), owner)
    if isinstance(found, types.FunctionType):
        return _Function(found, owner)
    return _meant(hints(kind).get(name), owner)


def _item(owner: Any, is_slice: bool) -> Any:
    kind = typing.get_origin(owner) or owner
    if not isinstance(kind, type):
        return None
    arguments = typing.get_args(owner)
    if arguments:  # tuple[X, ...], list[X], Sequence[X]; of a mapping the values
        return (
            owner if is_slice else _meant(arguments[1 if issubclass(kind, Mapping) else 0], owner)
        )
    getter = getattr(kind, "__getitem__", None)
    for each in typing.get_overloads(getter) if isinstance(getter, types.FunctionType) else ():
        known = hints(each)
        if (known.get("index") is slice) == is_slice:
            return _meant(known.get("return"), owner)
    return None


def _meant(hint: Any, owner: Any) -> Any:
    """What an annotation stands for: of several types the first, of a variable its value."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next((each for each in typing.get_args(hint) if each is not type(None)), None)
    if hint is typing.Self:
        return owner
    if isinstance(hint, typing.TypeVar):
        return _parameter(owner)
    if typing.get_origin(hint) is typing.Literal:
        return type(typing.get_args(hint)[0])
    if isinstance(hint, type) or typing.get_origin(hint) is None:
        return hint
    if any(isinstance(each, typing.TypeVar) for each in typing.get_args(hint)):
        return owner  # Records[R] of Sockets is Sockets
    return hint


def _parameter(owner: Any) -> Any:
    """What a generic class was given: Socket of ``class Sockets(Records[Socket])``."""
    for base in getattr(owner, "__mro__", ()):
        for each in vars(base).get("__orig_bases__", ()):
            for argument in typing.get_args(each):
                if isinstance(argument, type):
                    return argument
    return None


def hints(of: Any) -> dict[str, Any]:
    """Annotations as types; names that are imported for type checkers only are looked up too."""
    known: dict[str, Any] = {}
    while True:
        try:
            return typing.get_type_hints(of, localns=known)
        except NameError as error:
            found = _imported_for_checking(of, error.name or "")
            if found is None or error.name in known:
                return {}
            known[str(error.name)] = found
        except (TypeError, AttributeError, ImportError):
            return {}


def _imported_for_checking(of: Any, name: str) -> Any:
    module = inspect.getmodule(of)
    try:
        source = inspect.getsource(module) if module is not None else ""
    except OSError:  # a module without its source
        return None
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return getattr(import_module(node.module), alias.name, None)
    return None


# --- what is offered ------------------------------------------------------------------------


def _listed(kind: type) -> dict[str, str]:
    """Fields as they are declared, then properties, then methods; nothing with an underscore."""
    fields: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("netshell."):
            fields |= dict.fromkeys(vars(base).get("__annotations__", ()), "field")
            fields |= dict.fromkeys(_set_at_start(base), "field")
    properties, methods = {}, {}
    for name in dir(kind):
        value = inspect.getattr_static(kind, name, None)
        if callable(value) or isinstance(value, classmethod | staticmethod):
            methods[name] = "method"
        elif isinstance(value, property):
            properties[name] = "property"
        else:
            fields.setdefault(name, "field")
    found = fields | properties | methods
    inner = _TABLE if issubclass(kind, Records) else ()
    return {
        name: about
        for name, about in found.items()
        if not name.startswith("_") and name not in inner
    }


_TABLE = {"heads", "empty", "called", "is_brief", "table_name", "row", "notes", "with_rows"}
"""What a class says of its table for drawing: nobody types it."""


def _set_at_start(kind: type) -> list[str]:
    """The attributes that ``__init__`` sets."""
    init = vars(kind).get("__init__")
    if not isinstance(init, types.FunctionType):
        return []
    code = dis.get_instructions(init)
    return [str(each.argval) for each in code if each.opname == "STORE_ATTR"]
