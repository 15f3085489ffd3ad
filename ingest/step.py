"""The step ``collect``: begin a run, make the platforms reachable, collect."""

import sys

from ingest.collect import BackfillRequest, CollectionSummary, collect
from ingest.sources import api_mode
from wholeday import log
from wholeday.candidate import versions
from wholeday.platforms import platforms
from wholeday.runs import Run
from wholeday.settings import Settings


def begin_and_collect(
    settings: Settings, command: str, request: BackfillRequest | None = None
) -> tuple[Run, CollectionSummary]:
    """Collect what a new run needs, or the days of ``request``; needs the warehouse lock."""
    api = api_mode()
    with platforms(settings, api):
        run = Run.begin(settings, command, api, versions())
        log.configure(settings, run_id=run.run_id)
        return run, collect(settings, run, request=request, progress=sys.stderr.isatty())
