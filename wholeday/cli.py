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


def main(command: Callable[[], int]) -> NoReturn:
    """Run ``command`` and exit with its status: 2 for a ``UserError``, 70 a defect, 130 for Ctrl-C.

    SIGTERM is answered as Ctrl-C is, with the status 143.
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        status = command()
    except UserError as problem:
        _say(str(problem))
        status = 2
    except KeyboardInterrupt as stopped:
        _say(str(stopped) or INTERRUPTED)
        status = 128 + (stopped.number if isinstance(stopped, Interrupted) else signal.SIGINT)
    except Exception as defect:
        import structlog

        structlog.get_logger().exception("defect")
        _say(f"stopped by a defect of its own ({defect}); the log has the details")
        status = 70
    sys.exit(status)


def _say(sentence: str) -> None:
    from wholeday.log import scrub

    print(f"wholeday: {scrub(sentence)}", file=sys.stderr)


def _terminated(number: int, frame: FrameType | None) -> None:
    del frame
    raise Interrupted(number, INTERRUPTED)
