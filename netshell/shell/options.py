"""A verb's options, read from its source: Tab knows them without loading the verb."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec

from netshell.commands import Verb


def parameters(verb: Verb) -> dict[str, str]:
    """A verb's options, each with its default as written, without loading the verb."""
    arguments = _arguments(verb)
    named = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(named) - len(arguments.defaults))
    defaults += [*arguments.defaults, *arguments.kw_defaults]
    return {
        argument.arg: f"default {ast.unparse(default)}" if default else "needed"
        for argument, default in zip([*named, *arguments.kwonlyargs], defaults, strict=True)
    }


def positional(verb: Verb) -> list[str]:
    """The options that need no name, in order."""
    arguments = _arguments(verb)
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]


def required(verb: Verb) -> list[str]:
    """The options without a default."""
    return [name for name, about in parameters(verb).items() if about == "needed"]


@cache
def _arguments(verb: Verb) -> ast.arguments:
    spec = find_spec(f"netshell.commands.{verb.module}")
    source = getattr(spec.loader, "get_source", None) if spec else None
    found: ast.arguments | None = None
    if spec is not None and source is not None:
        for node in ast.parse(source(spec.name) or "").body:
            if isinstance(node, ast.FunctionDef) and node.name == verb.name:
                found = node.args  # the last one: before it stand its overloads
    return found or ast.arguments([], [], None, [], [], None, [])
