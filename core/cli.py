"""How every command ends: a sentence and an exit status, never a traceback.

What takes long to import is imported by the command itself, or when it is needed: an interruption is answered
from the first moment on.
"""

import gc
import os
import signal
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from types import FrameType
from typing import NoReturn

from core.errors import Interrupted, UserError
from core.visible import guarded

_LONGEST = 300
INTERRUPTED = "interrupted; what was whole is kept, run the command again to go on"


def main(command: Callable[[], int]) -> NoReturn:
    """Run ``command`` and exit with its status: 2 for a ``UserError``, 70 a defect, 130 for Ctrl-C.

    A full disk or a folder that cannot be written is no defect. SIGTERM is answered as Ctrl-C is, with the
    status 143: at once, unless a collection answers it.
    """
    if sys.stdout and sys.stderr:
        sys.stdout, sys.stderr = guarded(sys.stdout), guarded(sys.stderr)
    for number in (signal.SIGTERM, signal.SIGINT):
        # A shell lets what it starts in the background ignore Ctrl-C.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        status = command()
    except UserError as problem:
        _say(str(problem))
        status = 2
    except Interrupted as stopped:
        _say(str(stopped))
        status = 128 + stopped.number
    except KeyboardInterrupt:
        _say(INTERRUPTED)
        status = 128 + signal.SIGINT
    except Exception as defect:
        with suppress(OSError, UserError):  # where nothing can be written, the sentence is all there is
            _record()
        if (told := _of_the_machine(defect)) is not None:
            _say(told)
            status = 2
        else:
            # Libraries put pages of traceback into their messages.
            first = next(iter(str(defect).splitlines()), type(defect).__name__)
            _say(f"stopped by a defect of its own ({first[:_LONGEST]}); the log has the details")
            status = 70
    # Else the interpreter looks once more through all that was imported, for a third of a second, as it ends.
    gc.freeze()
    sys.exit(status)


def day(text: str) -> date:
    """Read a date of the command line; the parser says what is wrong with another text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-11-01") from None


def _of_the_machine(defect: Exception) -> str | None:
    from core.machine import sentence
    from core.settings import Settings

    with suppress(UserError):
        settings = Settings.from_env()
        return sentence(defect, settings.warehouse, settings.agency)
    return sentence(defect)


def _record() -> None:
    import structlog

    from core.log import configure
    from core.settings import Settings

    if not structlog.is_configured():
        configure(Settings.from_env())
    structlog.get_logger().exception("defect")


def _say(sentence: str) -> None:
    from core.log import scrub

    print(f"wholeday: {scrub(sentence)}", file=sys.stderr)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """End at once, as by a kill, which every step is made for.

    An exception from here would be lost in a callback, or leave the lock of an import held, and the command
    would wait for it for ever.
    """
    del frame
    with suppress(Exception):  # a thread may be in the middle of a line
        sys.stdout.flush()
    os.write(2, f"wholeday: {INTERRUPTED}\n".encode())
    os._exit(128 + number)
