"""netshell's terminal shell: IPython's, with a prompt that lives and a quiet Ctrl-C."""

from __future__ import annotations

import sys
from typing import Any

from IPython.terminal.interactiveshell import TerminalInteractiveShell
from prompt_toolkit.formatted_text import PygmentsTokens


class Shell(TerminalInteractiveShell):
    """The shell that ``netshell`` opens; made by ``start.run`` through IPython's application."""

    def _extra_prompt_options(self) -> dict[str, Any]:
        # IPython makes the prompt once for each input; ours counts packets while one types.
        options: dict[str, Any] = super()._extra_prompt_options()  # type: ignore[no-untyped-call]
        prompts: Any = self.prompts
        options["message"] = lambda: PygmentsTokens(prompts.in_prompt_tokens())
        return options

    def showtraceback(self, exc_tuple: Any = None, *arguments: Any, **keywords: Any) -> None:
        """Show what a cell raised; Ctrl-C is an answer to the user, not an error."""
        kind = (exc_tuple or sys.exc_info())[0]
        if isinstance(kind, type) and issubclass(kind, KeyboardInterrupt):
            sys.stdout.write("interrupted\n")
            return
        super().showtraceback(exc_tuple, *arguments, **keywords)
