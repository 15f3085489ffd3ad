"""Ctrl-C and SIGTERM while a collection is under way: the first asks to stop, the second ends at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Interruption:
    """Whether the run was asked to stop, and with which signal (None: it was not)."""

    number: int | None = None


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[Interruption]:
    """Call ``stop`` at the first signal, from the signal's handler; from then on signals act as before."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption  # only the main thread can be told
        return
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        restore()
        interruption.number = number
        stop()

    for number in SIGNALS:
        signal.signal(number, handle)
    try:
        yield interruption
    finally:
        restore()
