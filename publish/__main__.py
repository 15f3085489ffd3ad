"""``python -m publish``: the gate and the swap, the site, and going back to an earlier release."""

import argparse
import sys
from pathlib import Path

from core import log
from core.cli import main
from core.errors import UserError
from core.lock import warehouse_lock
from core.runs import Run
from core.settings import Settings
from publish.commands import check_health, publish_candidate, report_again
from publish.report import refresh
from publish.rollback import rollback, unpin


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m publish", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    step = commands.add_parser("publish", help="judge the candidate; swap it in, or say why not")
    step.add_argument(
        "--accept-loss",
        action="store_true",
        help="publish although more than a fifth of the whole days is lost",
    )
    commands.add_parser("report", help="render the site and print the summary of the current run")
    back = commands.add_parser("rollback", help="publish an earlier release again and keep it published")
    back.add_argument("--to", metavar="RUN_ID", help="the run whose release it is; default: the one before")
    commands.add_parser("unpin", help="let later runs publish again after a rollback")
    judged = commands.add_parser(
        "health", help="write health.json and print the checks; exits 1 when critical"
    )
    judged.add_argument("--file", type=Path, help="judge this file instead of the published release")
    return parser.parse_args(arguments)


def command() -> int:
    """Run the command that was asked for under the warehouse's lock; return its exit status."""
    asked = parse(sys.argv[1:])
    settings = Settings.from_env()
    with warehouse_lock(settings, asked.command):
        log.configure(settings, command=asked.command)
        match asked.command:
            case "publish":
                return publish_candidate(settings, _current(settings), accept_loss=asked.accept_loss)
            case "report":
                return report_again(settings, _current(settings))
            case "rollback" | "unpin":
                done = rollback(settings, asked.to) if asked.command == "rollback" else unpin(settings)
                refresh(settings)
                print(f"wholeday: {done}")
                return 0
            case _:
                return check_health(settings, asked.file)


def _current(settings: Settings) -> Run:
    run = Run.current(settings)
    if run is None:
        raise UserError(f"nothing was collected into {settings.warehouse} yet: make run")
    return run


if __name__ == "__main__":
    main(command)
