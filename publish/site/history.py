"""What each check said in the releases that are kept."""

from functools import cache
from pathlib import Path

from core.settings import Settings
from publish import places, releases
from publish.site.overview import rows
from publish.verify import UnverifiedError, opened


def of_checks(settings: Settings) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return, for each kept release from the oldest on, its run and the status of every check by name."""
    told = []
    for run_id in releases.kept(settings):
        try:
            told.append((run_id, _statuses(places.kept(settings, run_id))))
        except UnverifiedError:
            continue
    return tuple(told)


@cache
def _statuses(release: Path) -> dict[str, str]:
    """Return the status of every check by name; a kept release never changes."""
    with opened(release) as file:
        return dict(rows(file, "select name, status from health.checks"))
