"""The step ``collect``: begin a run, make the platforms reachable, collect."""

import sys

from core import clock, log
from core.origin import keep_apart
from core.runs import Run, record_policy
from core.settings import Settings
from core.versions import versions
from ingest.agency import registrations as agency
from ingest.client.reachable import platforms
from ingest.client.source_spec import load_settings
from ingest.client.sources import api_mode
from ingest.collect import backfill
from ingest.collect.collection import BackfillRequest, CollectionSummary, collect
from ingest.ledger import past as ledger


def begin_and_collect(
    settings: Settings, command: str, request: BackfillRequest | None = None
) -> tuple[Run, CollectionSummary]:
    """Collect what a new run needs, or the days of ``request``; needs the warehouse lock.

    Raises ``UserError`` before the run begins when ``request`` asks for nothing that there is, and where
    invented figures would come over real ones.
    """
    agency.adopt(settings)
    if request is not None:
        kept = ledger.kept_since(settings, clock.now())
        if left_out := backfill.check(request, agency.load(settings), clock.now(), kept):
            print(f"wholeday: {left_out}", file=sys.stderr)
    api = api_mode()
    told = keep_apart(settings, api)
    registered = agency.load(settings, written=True)
    for sentence in (*filter(None, [told]), *registered.remarks):
        print(f"wholeday: {sentence}", file=sys.stderr)
    with platforms(settings, api, settings.agency_read):
        run = Run.begin(settings, command, api, versions())
        log.configure(settings, run_id=run.run_id)
        for name, source in load_settings(api).items():
            record_policy(settings, run.run_id, name, source.lookback_days, source.settling_hours)
        return run, collect(
            settings, run, registered=registered, request=request, progress=sys.stderr.isatty()
        )
