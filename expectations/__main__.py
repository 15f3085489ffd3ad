"""``python -m expectations``: judge what arrived and what is about to be shown.

``validate`` does it now. ``--wait`` is the worker of ``make run``: it imports everything (the slow part),
waits for the line ``go`` on stdin, validates, and prints one line of JSON. It ends with its parent: at the
end of stdin it exits at once, even during a validation, which replaces nothing before it is complete.
"""

import argparse
import json
import os
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

from expectations.identity import candidates_run
from wholeday import cli, log
from wholeday.errors import UserError
from wholeday.settings import Settings

PARENT_GONE = 3


def command() -> int:
    """Run the command line; return 0 when the validation was done, whatever it found."""
    parser = argparse.ArgumentParser(
        prog="python -m expectations", description="Great Expectations over landing.duckdb and the candidate."
    )
    parser.add_argument("step", nargs="?", choices=["validate"], help="validate now")
    parser.add_argument(
        "--wait", action="store_true", help="import, wait for the line 'go' on stdin, then validate"
    )
    arguments = parser.parse_args()
    if arguments.wait == (arguments.step is not None):
        parser.error("give either 'validate' or --wait")
    settings = Settings.from_env()
    log.configure(settings, step="validate")
    # The result is all that goes to stdout: what a library prints goes to stderr.
    result = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if arguments.wait:
        words: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=_listen, args=(words,), daemon=True).start()
    else:
        candidates_run(settings)  # the import takes seconds: say first what is missing

    from expectations import report, suites, validate

    loaded = suites.load()
    if arguments.wait and (word := words.get()) != "go":
        raise UserError(f"nothing was validated: {word!r} is not a word the validation knows; write 'go'")
    started = time.monotonic()
    found = report.content(validate.validate(settings, candidates_run(settings), loaded))
    seconds = {"seconds": round(time.monotonic() - started, 3)}
    print(
        json.dumps(found | seconds) if arguments.wait else _summary(found, settings), file=result, flush=True
    )
    return 0


def _listen(words: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        words.put(line.strip())
    os._exit(PARENT_GONE)


def _summary(found: dict[str, Any], settings: Settings) -> str:
    evaluated, failed = found["statistics"]["evaluated"], found["statistics"]["failed"]
    lines = [
        f"{evaluated - failed} of {evaluated} expectations hold for run {found['run_id']};"
        f" the data docs are {settings.data_docs / 'index.html'}"
    ]
    lines += [
        f"  {failure['severity']}: {failure['title']}: {failure['description']} ({failure['observed']})"
        for failure in found["failures"]
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    cli.main(command)
