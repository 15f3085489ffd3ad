"""The step ``collect``: begin a run, make the platforms reachable, collect."""

import sys

from ingest import agency, backfill
from ingest.collect import BackfillRequest, CollectionSummary, collect
from ingest.source_spec import load_settings
from ingest.sources import api_mode
from wholeday import clock, log
from wholeday.candidate import versions
from wholeday.origin import keep_apart
from wholeday.platforms import platforms
from wholeday.runs import Run, record_policy
from wholeday.settings import Settings


def begin_and_collect(
    settings: Settings, command: str, request: BackfillRequest | None = None
) -> tuple[Run, CollectionSummary]:
    """Collect what a new run needs, or the days of ``request``; needs the warehouse lock.

    Raises ``UserError`` before the run begins when ``request`` asks for nothing that there is, and where
    invented figures would come over real ones.
    """
    if request is not None:
        backfill.check(request, agency.load(settings), clock.now())
    api = api_mode()
    if told := keep_apart(settings, api):
        print(f"wholeday: {told}", file=sys.stderr)
    with platforms(settings, api):
        run = Run.begin(settings, command, api, versions())
        log.configure(settings, run_id=run.run_id)
        for name, source in load_settings(api).items():
            record_policy(settings, run.run_id, name, source.lookback_days, source.settling_hours)
        return run, collect(settings, run, request=request, progress=sys.stderr.isatty())
