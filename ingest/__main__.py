"""``python -m ingest``: collect, check the agency's files, collect days again."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from importlib.metadata import version

from ingest import agency
from ingest.planner import BackfillRequest
from ingest.registry import PLATFORMS
from ingest.sources import api_mode, configured
from wholeday.cli import main
from wholeday.lock import warehouse_lock
from wholeday.log import configure
from wholeday.runs import Run
from wholeday.settings import Settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("collect", help="collect what is needed and land it in the ledger")
    commands.add_parser("check", help="check the agency's files and the settings; asks no platform")
    backfill = commands.add_parser("backfill", help="collect a client's days again; safe to repeat")
    backfill.add_argument("--client", required=True, help="the client's id in clients.csv")
    backfill.add_argument("--from", dest="from_date", required=True, type=date.fromisoformat, metavar="DATE")
    backfill.add_argument("--to", dest="to_date", required=True, type=date.fromisoformat, metavar="DATE")
    backfill.add_argument("--platform", choices=sorted(PLATFORMS), help="one platform only")
    return parser


def _command() -> int:
    arguments = _parser().parse_args()
    settings = Settings.from_env()
    if arguments.command == "check":
        return _check(settings)
    request = None
    if arguments.command == "backfill":
        request = BackfillRequest(
            arguments.client, arguments.from_date, arguments.to_date, arguments.platform
        )
    return _collect(settings, arguments.command, request)


def _check(settings: Settings) -> int:
    from ingest.source_spec import load_settings

    api = api_mode()
    sources = load_settings(api)
    registered, problems = agency.examine(settings)
    for problem in problems:
        print(problem)
    for name, source in sources.items():
        if api == "live" and source.missing and registered.accounts(name):
            print(f"{source.platform.title} is not configured: set {', '.join(source.missing)}")
    print(
        f"{len(registered.clients)} clients, {len(registered.registrations)} accounts, {len(problems)} problems in"
        f" {settings.agency}"
    )
    return 1 if problems else 0


def _collect(settings: Settings, command: str, request: BackfillRequest | None) -> int:
    api = api_mode()
    with warehouse_lock(settings, f"python -m ingest {command}"), ExitStack() as stack:
        versions = {name: version(name) for name in ("dlt", "duckdb")}
        run = Run.begin(settings, command, api, versions)
        configure(settings, run_id=run.run_id)
        if api == "sandbox" and not any(map(configured, PLATFORMS.values())):
            stack.enter_context(_sandbox(settings))
        from ingest.collect import collect

        summary = collect(settings, run, request=request, progress=True)
    print(
        f"collected {summary.accounts_asked} accounts with {summary.requests} requests: {summary.days_stored}"
        f" account-days stored, {summary.days_sighted} seen unchanged, {summary.days_failed} failed"
    )
    for problem in summary.problems:
        print(problem, file=sys.stderr)
    return 1 if summary.problems else 0


@contextmanager
def _sandbox(settings: Settings) -> Iterator[None]:
    """Run the embedded sandbox, and point the sources at it."""
    from sandbox.process import SandboxProcess

    with SandboxProcess(agency=settings.agency) as sandbox:
        os.environ.update(sandbox.env)
        yield


if __name__ == "__main__":
    main(_command)
