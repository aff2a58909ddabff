"""netshell's terminal shell: IPython's, with a prompt that lives, packets above it, and a quiet
Ctrl-C."""

from __future__ import annotations

import gc
import shutil
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from IPython.terminal.interactiveshell import TerminalInteractiveShell
from IPython.terminal.prompts import RichPromptDisplayHook
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import PygmentsTokens
from traitlets import Type

from netshell.settings import in_force
from netshell.shell import here
from netshell.shell.prompt import toolbar

if TYPE_CHECKING:
    from netshell.shell.figures import Figures
    from netshell.shell.printer import Printer


class DisplayHook(RichPromptDisplayHook):
    """IPython's, of which "Out[1]: " and the result are not torn apart by the printer's thread."""

    def __call__(self, result: Any = None) -> None:
        from netshell.shell.printer import SCREEN

        with SCREEN:
            super().__call__(result)  # type: ignore[no-untyped-call]


class Shell(TerminalInteractiveShell):
    """The shell that ``netshell`` opens; made by ``start.run`` through IPython's application."""

    given: ClassVar[dict[str, Any]] = {}
    """Names that are there beside the verbs."""

    displayhook_class = Type(DisplayHook)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        self._interface = ""
        super().__init__(*arguments, **keywords)
        self.push(self.given)  # type: ignore[no-untyped-call]

    def init_prompt_toolkit_cli(self) -> None:
        """IPython's prompt; Ctrl-C on an empty line ends the ladders that grow."""
        super().init_prompt_toolkit_cli()  # type: ignore[no-untyped-call]
        if self.pt_app is not None:
            bindings: Any = self.pt_app.key_bindings
            bindings.add("c-c", filter=Condition(self._is_growing))(self._stop_ladders)

    def _is_growing(self) -> bool:
        grows = "printer" in self.__dict__ and bool(self.printer.ladders)
        return grows and self.pt_app is not None and not self.pt_app.default_buffer.text

    def _stop_ladders(self, event: Any) -> None:
        for ladder in self.printer.ladders:
            ladder.stop()

    @cached_property
    def printer(self) -> Printer:
        """Prints the packets of captures; made when the first verb that captures is loaded."""
        from netshell.shell.packets import drawing
        from netshell.shell.printer import Printer

        setup = in_force()
        return Printer(drawing(setup), setup.lines_per_s, self.repaint, paint=_paint)

    def close(self) -> None:
        """Stop the captures that still run and print their last lines."""
        if "printer" in self.__dict__:
            self.printer.close()

    # --- the prompt -------------------------------------------------------------------------

    @property
    def interface(self) -> str:
        """The interface that leads out of this machine, as of the last prompt."""
        return self._interface

    @property
    def figures(self) -> list[Figures]:
        """The captures that run."""
        return self.printer.figures if "printer" in self.__dict__ else []

    def _extra_prompt_options(self) -> dict[str, Any]:
        # Called by IPython once before each input: the time to look at the machine again.
        gc.enable()  # see start.py
        self._interface = here.interface()
        if "printer" in self.__dict__:
            self.printer.measure()
        self._show_toolbar()
        options: dict[str, Any] = super()._extra_prompt_options()  # type: ignore[no-untyped-call]
        prompts: Any = self.prompts
        # IPython makes the prompt once for each input; ours counts packets while one types.
        options["message"] = lambda: PygmentsTokens(prompts.in_prompt_tokens())
        return options

    def repaint(self) -> None:
        """Draw the prompt again, with the figures of now; called from the printer's thread."""
        self._show_toolbar()
        if self.pt_app is not None and self.pt_app.app.is_running:
            self.pt_app.app.invalidate()

    def _show_toolbar(self) -> None:
        # None takes the line away: an idle shell draws and wakes for nothing.
        if self.pt_app is not None:
            self.pt_app.bottom_toolbar = self._toolbar if self.figures else None

    def _toolbar(self) -> str:
        return toolbar(self.figures, shutil.get_terminal_size().columns)

    # --- errors -----------------------------------------------------------------------------

    def showtraceback(self, exc_tuple: Any = None, *arguments: Any, **keywords: Any) -> None:
        """Show what a cell raised; Ctrl-C is the user's own doing, not an error."""
        kind, error, trace = exc_tuple or sys.exc_info()
        if isinstance(kind, type) and issubclass(kind, KeyboardInterrupt):
            sys.stdout.write("interrupted\n")
            return
        if isinstance(error, TypeError):
            from netshell.shell.wrong_calls import told

            if line := told(error, trace):
                exc_tuple = type(line), line, trace
        super().showtraceback(exc_tuple, *arguments, **keywords)


def _paint(text: str, style: Any) -> str:
    from netshell.render import terminal

    return terminal.paint(text, style) if terminal.coloured() else text
