"""``make bench``: every figure is a ratio against a floor that is measured in the same run."""

import argparse

from benchmarks import accounts, judging, landing, overview, serve, startups
from benchmarks.peers import bench as peers

BENCHES = {
    "run": startups.bench,
    "landing": landing.bench,
    "accounts": accounts.bench,
    "peers": peers.bench,
    "overview": overview.bench,
    "judging": judging.bench,
    "serve": serve.bench,
}


def main() -> None:
    """Run the benchmarks that were asked for, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("bench", nargs="*", choices=[[], *BENCHES], help="which to run (default: all)")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.bench or BENCHES:
        BENCHES[name](asked.repeats)


if __name__ == "__main__":
    main()
