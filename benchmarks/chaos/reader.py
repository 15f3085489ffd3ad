"""A reader that reconnects to the published file over and over, and looks whether it is one whole release.

Reads until its standard input ends, then prints one line of JSON: ``reads``, ``releases``, ``problems``.
"""

import argparse
import json
import sys
import threading
import time
from pathlib import Path

import duckdb

# A look costs some 10 ms of CPU: it is taken every half second, and at once when the file is another one.
PAUSE_SECONDS, LOOK_SECONDS = 0.02, 0.5

_OWN_RUN = """
select own.run_id, newest.run_id, newest.verdict, newest.published_at is not null
from staging.stg_run as own
cross join (from health.runs order by run_id desc limit 1) as newest
"""
_SUMS = """
select currency, sum(total_spend), sum(total_impressions), sum(total_clicks), sum(email_contacts),
    sum(reservations)
from marts.{mart}
group by all
having sum(total_impressions) > 0
"""
MARTS = ("weekly_kpi", "monthly_kpi", "campaign_daily_kpi")


def look(release: Path) -> tuple[str, str | None]:
    """Return the run that ``release`` shows, and what is wrong with it, if anything.

    All marts must be of one run: the daily figures add up to every other grain, and the newest run that the
    file knows is the one that built and published it. Raises ``duckdb.Error`` for a file that is none.
    """
    with duckdb.connect(str(release), read_only=True) as file:
        rows = file.execute(_OWN_RUN).fetchall()
        if len(rows) != 1 or rows[0][0] != rows[0][1] or rows[0][2:] != ("published", True):
            return "", f"it does not say that one run built and published it: {rows}"
        daily = _SUMS.format(mart="daily_kpi")
        for mart in MARTS:
            other = _SUMS.format(mart=mart)
            query = f"({daily} except {other}) union all ({other} except {daily})"
            if found := file.execute(query).fetchall():
                return rows[0][0], f"daily_kpi and {mart} are of two releases: {found[:2]}"
    return rows[0][0], None


def main() -> None:
    """Look, pause, look again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", type=Path)
    release: Path = parser.parse_args().release
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    reads, releases, problems = 0, list[str](), list[str]()
    seen, looked = 0, -LOOK_SECONDS
    while True:
        last = ended.wait(PAUSE_SECONDS)
        inode, now = _inode(release), time.monotonic()
        # Until there is a first release, there is nothing to read; afterwards it may never be gone.
        if (inode or releases) and (last or inode != seen or now - looked > LOOK_SECONDS):
            seen, looked = inode, now
            try:
                run_id, problem = look(release)
            except duckdb.Error as unreadable:
                run_id, problem = "", str(unreadable)
            reads += 1
            if problem:
                problems.append(problem)
            elif run_id not in releases:
                releases.append(run_id)
        if last:
            break
    print(json.dumps({"reads": reads, "releases": releases, "problems": problems}), flush=True)


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


if __name__ == "__main__":
    main()
