"""How every command ends: a sentence and an exit status, never a traceback."""

import sys
from collections.abc import Callable
from typing import NoReturn

import structlog

from wholeday.errors import UserError
from wholeday.log import scrub


def main(command: Callable[[], int]) -> NoReturn:
    """Run ``command`` and exit with its status: 2 for a ``UserError``, 130 interrupted, 70 a defect."""
    try:
        status = command()
    except UserError as problem:
        print(f"wholeday: {scrub(str(problem))}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print(
            "wholeday: interrupted; what was whole is kept, run the command again to go on", file=sys.stderr
        )
        status = 130
    except Exception as defect:
        structlog.get_logger().exception("defect")
        print(
            f"wholeday: stopped by a defect of its own ({scrub(str(defect))}); the log has the details",
            file=sys.stderr,
        )
        status = 70
    sys.exit(status)
