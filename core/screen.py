"""The terminal with colours and tables: rich's console, which may send it commands, while names may not."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from core.visible import VisibleStream, visible


class Screen(Console):
    """A console that takes no text for markup, and whose reader may leave early, as ``head`` does."""

    def __init__(self, *, stderr: bool = False, width: int | None = None, **named: Any) -> None:
        """Write to standard output or error; ``width`` is that of a file or a pipe, which has none."""
        stream: Any = sys.stderr if stderr else sys.stdout
        # rich writes its own colours; what it is given is made visible before.
        file = stream.stream if isinstance(stream, VisibleStream) else stream
        super().__init__(file=file, highlight=False, markup=False, emoji=False, **named)
        if width is not None and not self.is_terminal:
            self.width = width

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Show invisible characters of every text, in tables and panels too."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))

    def on_broken_pipe(self) -> None:
        """Write nothing more, and go on: what follows is done all the same."""
        with suppress(SystemExit):
            super().on_broken_pipe()
