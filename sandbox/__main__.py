"""``python -m sandbox``: start the sandbox and print where it listens."""

import argparse
import os
import signal
import sys
from pathlib import Path

from sandbox.clock import Clock, instant
from sandbox.server import serve
from sandbox.state import opened


def main(arguments: list[str] | None = None) -> int:
    """Run the sandbox; returns 2 for an argument that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; control calls need loopback"
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=20251124, help="another seed is another world")
    parser.add_argument("--agency", type=Path, help="folder whose accounts.csv names more accounts to serve")
    parser.add_argument("--scenario", type=Path, help="file of fault rules, JSON or TOML")
    parser.add_argument("--now", help="ISO 8601 instant with offset at which the clock stands still")
    parser.add_argument("--any-version", action="store_true", help="serve retired API versions too")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    options = parser.parse_args(arguments)
    now = options.now or os.environ.get("WHOLEDAY_NOW")
    try:
        sandbox = opened(
            options.seed, options.agency, Clock(instant(now) if now else None), options.any_version
        )
        if options.scenario:
            sandbox.faults.load(options.scenario)
    except (ValueError, OSError, KeyError) as problem:
        print(f"sandbox: {problem}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(sandbox, options.host, options.port, options.with_parent)
    except KeyboardInterrupt:
        return 0
    except OSError as problem:
        print(f"sandbox: cannot listen on {options.host}:{options.port}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
