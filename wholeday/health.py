"""``make health``: the published release against the clock, without collecting."""

import sys

from alerts.step import after_health
from core import clock
from core.settings import Settings
from publish import releases
from publish.commands import check_health


def health(settings: Settings) -> int:
    """Judge the release as of now, print the checks, write health.json; 1 when critical.

    Only what depends on the clock is built again, in a copy of the release and from its own staging tables:
    neither the ledger nor a run that is under way is touched.
    """
    if releases.published(settings) is None:
        return check_health(settings)
    from wholeday.build import judge_release

    built = judge_release(settings, clock.now())
    if built is None:
        print(
            "wholeday: an earlier wholeday built the release, so its checks are of its own time: make run",
            file=sys.stderr,
        )
        return max(check_health(settings), 1)
    for failure in built.failed:
        print(f"wholeday: the release does not agree with itself: {failure}", file=sys.stderr)
    status = check_health(settings, settings.health_check)
    after_health(settings)
    return max(status, int(bool(built.failed)))
