"""``python -m wholeday``: the pipeline, and the steps that belong to no single room."""

import argparse
import sys

from wholeday.cli import main
from wholeday.settings import Settings


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; imports wait until the command is known, since they take seconds."""
    parser = argparse.ArgumentParser(prog="python -m wholeday", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole pipeline")
    commands.add_parser("collect", help="collect into the ledger")
    build = commands.add_parser("build", help="build the candidate")
    build.add_argument("--as-of", help="as it would have been at this instant, from what was known then")
    build.add_argument("--wait", action="store_true", help="parse, then wait for a line on standard input")
    backfill = commands.add_parser("backfill", help="collect days of a client again, then build and publish")
    backfill.add_argument("--client", required=True)
    backfill.add_argument("--from", dest="from_date", required=True, metavar="DATE")
    backfill.add_argument("--to", dest="to_date", required=True, metavar="DATE")
    backfill.add_argument("--platform", choices=["meta", "google"])
    commands.add_parser("health", help="judge the published release against the clock")
    return parser.parse_args(arguments)


def command() -> int:
    """Run the command that was asked for; returns its exit status."""
    asked = parse(sys.argv[1:])
    settings = Settings.from_env()
    match asked.command:
        case "run":
            from wholeday.run import run

            return run(settings)
        case "collect":
            from wholeday.run import collect_only

            return collect_only(settings)
        case "backfill":
            from ingest.backfill import backfill_request

            from wholeday.run import run

            return run(
                settings, backfill_request(asked.client, asked.from_date, asked.to_date, asked.platform)
            )
        case "build":
            from wholeday.build import build, serve_builds

            return serve_builds(settings) if asked.wait else build(settings, asked.as_of)
        case _:
            from wholeday.health import health

            return health(settings)


if __name__ == "__main__":
    main(command)
