"""How every command ends: a sentence and an exit status, never a traceback.

What takes long to import is imported by the command itself, or when it is needed: an interruption is answered
from the first moment on.
"""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from wholeday.errors import Interrupted, UserError

INTERRUPTED = "interrupted; what was whole is kept, run the command again to go on"

_stopped_by: list[int] = []


def main(command: Callable[[], int]) -> NoReturn:
    """Run ``command`` and exit with its status: 2 for a ``UserError``, 70 a defect, 130 for Ctrl-C.

    SIGTERM is answered as Ctrl-C is, with the status 143.
    """
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
        if _stopped_by:
            # A library that was stopped while it loaded comes out with an error of its own.
            _say(INTERRUPTED)
            status = 128 + _stopped_by[0]
        else:
            _record()
            _say(f"stopped by a defect of its own ({defect}); the log has the details")
            status = 70
    sys.exit(status)


def _record() -> None:
    import structlog

    from wholeday.log import configure
    from wholeday.settings import Settings

    if not structlog.is_configured():
        configure(Settings.from_env())
    structlog.get_logger().exception("defect")


def _say(sentence: str) -> None:
    from wholeday.log import scrub

    print(f"wholeday: {scrub(sentence)}", file=sys.stderr)


def _stop(number: int, frame: FrameType | None) -> None:
    del frame
    _stopped_by.append(number)
    raise Interrupted(number, INTERRUPTED)
