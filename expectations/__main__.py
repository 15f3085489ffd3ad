"""``python -m expectations``: judge what arrived and what is about to be shown.

``validate`` does it now. ``--wait`` is the worker of ``make run``: it imports everything (the slow part),
judges what arrived when it is told whose run it is, and the candidate when that is built, which it answers
with the content of validation.json; the data docs come last, since no publishing waits for them. It ends with
its caller, even in the middle of a validation, which replaces nothing before it is complete.
"""

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import redirect_stdout
from datetime import datetime

from expectations.identity import candidates_run
from expectations.outcome import Run
from wholeday import cli, log
from wholeday.settings import Settings
from wholeday.worker import Message, serve


def command() -> int:
    """Run the command line; return 0 when the validation was done, whatever it found."""
    parser = argparse.ArgumentParser(
        prog="python -m expectations", description="Great Expectations over landing.duckdb and the candidate."
    )
    parser.add_argument("step", nargs="?", choices=["validate"], help="validate now")
    parser.add_argument(
        "--wait", action="store_true", help="import, wait for a line of JSON on standard input, then validate"
    )
    arguments = parser.parse_args()
    if arguments.wait == (arguments.step is not None):
        parser.error("give either 'validate' or --wait")
    settings = Settings.from_env()
    log.configure(settings, step="validate")
    if arguments.wait:
        serve(lambda: _wait(settings))
    run = candidates_run(settings)  # the import takes seconds: say first what is missing
    with redirect_stdout(sys.stderr):
        from expectations import report, suites, validate

        found = report.content(validate.validate(settings, run, suites.load()))
    print(_summary(found, settings))
    return 0


def _wait(settings: Settings) -> Callable[[Message], Message]:
    """Import; then a message tells the run, the next that its candidate is built, the last to go on."""
    from expectations import report, suites
    from expectations.validate import Validation

    loaded = suites.load()

    def steps() -> Generator[Message, Message, None]:
        message = yield {}
        run = Run(message["run_id"], datetime.fromisoformat(message["as_of"]), message["api"])
        validation = Validation(settings, run, loaded)
        validation.judge_landing()
        yield {}
        outcome = validation.judge_candidate()
        yield report.content(outcome)
        validation.build_docs(outcome)
        yield {}

    work = steps()
    next(work)
    return work.send


def _summary(found: Message, settings: Settings) -> str:
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
