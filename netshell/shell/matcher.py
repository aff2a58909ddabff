"""IPython's side of Tab: hands the text before the cursor over, loads the rest at the first Tab."""

from __future__ import annotations

from typing import Any

IDENTIFIER = "netshell"
OPTIONS_MATCHER = "IPCompleter.python_func_kw_matcher"


def install(shell: Any) -> None:
    """Put netshell's completion before IPython's own."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    uninstall(shell)
    completer = shell.Completer

    def matcher(context: Any) -> Any:
        from netshell.shell.completion import complete
        from netshell.shell.typed import locate

        # IPython asks this one first, and looks whom not to ask before it asks each of the others.
        completer.disable_matchers = _without(completer.disable_matchers, silenced)
        silenced.clear()
        lines = context.full_text.split("\n")
        text = "\n".join([*lines[: context.cursor_line], context.text_until_cursor])
        found = complete(text, shell.user_ns)
        _set_menu(shell, len(found.candidates) if found.explained else 0)
        if found.only and not found.candidates:
            # It takes a recommendation to be silent only from one who has something to say.
            silenced.extend(_others(completer))
            completer.disable_matchers = [*completer.disable_matchers, *silenced]
        if not found.candidates and not found.only and locate(text).string is None:
            return completer.python_func_kw_matcher(context)
        return {
            "completions": [
                SimpleCompletion(each.text, type=each.about) for each in found.candidates
            ],
            "matched_fragment": found.fragment,
            "suppress": found.only,
            "ordered": True,
        }

    silenced: list[str] = []
    mark = context_matcher(identifier=IDENTIFIER, priority=200)
    completer.custom_matchers.append(mark(matcher))
    # IPython offers options inside of quotes too, where none can stand; ours asks it elsewhere.
    completer.disable_matchers = [*completer.disable_matchers, OPTIONS_MATCHER]


def uninstall(shell: Any) -> None:
    """Take it away again."""
    completer = shell.Completer
    matchers = completer.custom_matchers
    matchers[:] = [each for each in matchers if _identifier(each) != IDENTIFIER]
    completer.disable_matchers = [
        each for each in completer.disable_matchers if each != OPTIONS_MATCHER
    ]


def _set_menu(shell: Any, explained: int) -> None:
    """Show so many completions one a line, each with what it does; as IPython does for none.

    IPython sets both again before each prompt.
    """
    session = getattr(shell, "pt_app", None)  # a notebook has none
    if session is None or shell.display_completions != "multicolumn":
        return
    from prompt_toolkit.shortcuts import CompleteStyle

    style = CompleteStyle.COLUMN if explained else CompleteStyle.MULTI_COLUMN
    session.complete_style = style
    session.reserve_space_for_menu = max(shell.space_for_menu, min(explained, _MENU_LINES) + 1)


_MENU_LINES = 16  # prompt_toolkit's most


def _others(completer: Any) -> list[str]:
    off = {IDENTIFIER, *completer.disable_matchers}
    names = (_identifier(each) for each in completer.matchers)
    return [name for name in names if name not in off]


def _without(names: list[str], gone: list[str]) -> list[str]:
    return [name for name in names if name not in gone]


def _identifier(matcher: Any) -> str:
    return str(getattr(matcher, "matcher_identifier", matcher.__qualname__))
