"""A bar for a person who watches; nothing at all for a log file."""

import sys
from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from core.platforms import platforms
from ingest.collect.jobs import WindowResult
from ingest.collect.planner import Window


class Progress:
    """One bar per platform, counting account-days; drawn only where ``shown`` and on a terminal."""

    def __init__(self, windows: Sequence[Window], *, shown: bool) -> None:
        self._bar = None
        if shown and sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            from core.screen import Screen

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("account-days"),
                TimeRemainingColumn(),
                console=Screen(stderr=True),
            )
            days: Counter[str] = Counter()
            for window in windows:
                days[window.registration.platform] += window.days
            self._tasks = {
                name: self._bar.add_task(platforms()[name].title, total=total)
                for name, total in sorted(days.items())
            }

    def __enter__(self) -> "Progress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, result: WindowResult) -> None:
        """Count a window as done, however it ended."""
        if self._bar is not None:
            self._bar.advance(self._tasks[result.window.registration.platform], result.window.days)
