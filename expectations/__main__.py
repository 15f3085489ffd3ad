"""``python -m expectations``: judge what arrived and what is about to be shown.

``validate`` does it now, of the file that is shown: the candidate, or after a rollback the release.

``--wait`` is the worker of ``make run``. It imports everything (the slow part) and judges what arrived when
it is told whose run it is. It judges the candidate when that is built, and answers with the content of
validation.json. The data docs come last, since no publishing waits for them. It ends with its caller, even
in the middle of a validation, which replaces nothing before it is complete.
"""

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import redirect_stdout
from datetime import datetime

from core import cli, log
from core.judging import File
from core.settings import Settings
from core.worker import Message, serve
from expectations import identity
from expectations.outcome import Run


def command() -> int:
    """Run the command line; return 0 when the validation was done, whatever it found."""
    parser = argparse.ArgumentParser(
        prog="python -m expectations", description="Great Expectations over landing.duckdb and the candidate."
    )
    parser.add_argument("step", nargs="?", choices=["validate"], help="validate now")
    parser.add_argument(
        "--wait", action="store_true", help="import, wait for a line of JSON on standard input, then validate"
    )
    parser.add_argument(
        "--file",
        choices=["candidate", "release"],
        help="what to judge; default: the candidate, or after a rollback the release",
    )
    arguments = parser.parse_args()
    if arguments.wait == (arguments.step is not None):
        parser.error("give either 'validate' or --wait")
    settings = Settings.from_env()
    log.configure(settings, step="validate")
    if arguments.wait:
        serve(lambda: _wait(settings))
    name = arguments.file or identity.shown(settings)
    run = identity.run_of(settings, name)  # the import takes seconds: say first what is missing
    with redirect_stdout(sys.stderr):
        from expectations import report, suites, validate

        found = report.content(validate.validate(settings, run, suites.load(), identity.path(settings, name)))
    print(_summary(found, settings))
    return 0


def _wait(settings: Settings) -> Callable[[Message], Message]:
    """Import; then a message tells the run or the file, the next that it is there, the last to go on."""
    from expectations import report, suites
    from expectations.validate import Validation

    loaded = suites.load()

    def steps() -> Generator[Message, Message, None]:
        message = yield {}
        name: File = message.get("file", "candidate")
        run = (
            identity.run_of(settings, name)
            if "file" in message
            else Run(message["run_id"], datetime.fromisoformat(message["as_of"]), message["api"])
        )
        validation = Validation(settings, run, loaded, identity.path(settings, name))
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
