"""``python -m expectations``: judge what arrived and what is about to be shown.

``validate`` does it now, of the file that is shown: the candidate, or after a rollback the release.

``--wait`` is the worker of ``make run``. It imports everything (the slow part) and judges what arrived when
it is told whose run it is. It judges the candidate when that is built, and answers with the content of
validation.json. The data docs come last, since no publishing waits for them. It ends with its caller, even
in the middle of a validation, which replaces nothing before it is complete.
"""

import argparse
import sys
from contextlib import redirect_stdout

from core import cli, log
from core.settings import Settings
from core.worker import Message, Steps, serve
from expectations import identity


def command() -> int:
    """Run the command line; return 0 when the validation was done, whatever it found."""
    parser = argparse.ArgumentParser(
        prog="python -m expectations", description="Great Expectations over landing.duckdb and the candidate."
    )
    parser.add_argument("step", nargs="?", choices=["validate"], help="validate now")
    parser.add_argument(
        "--wait",
        action="store_true",
        help="import, then do the steps that standard input names",
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


def _wait(settings: Settings) -> Steps:
    """Import; then judge what arrived, judge the candidate or ``file``, and draw the data docs."""
    from expectations.judge import Judge

    judge = Judge(settings)
    return {"arrival": judge.arrival, "candidate": judge.candidate, "docs": judge.docs}


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
