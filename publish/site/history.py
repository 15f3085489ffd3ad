"""What each check said in the releases that are kept."""

from publish import places, releases
from publish.site.overview import rows
from publish.verify import UnverifiedError, opened
from wholeday.settings import Settings


def of_checks(settings: Settings) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return, for each kept release from the oldest on, its run and the status of every check by name."""
    told = []
    for run_id in releases.kept(settings):
        try:
            with opened(places.kept(settings, run_id)) as release:
                told.append((run_id, dict(rows(release, "select name, status from health.checks"))))
        except UnverifiedError:
            continue
    return tuple(told)
