"""The build step: from the ledger and the agency's files to the candidate."""

import sys
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from core import clock
from core.errors import UserError
from core.lock import warehouse_lock
from core.runs import Run, open_ledger
from core.settings import Settings
from core.versions import fingerprint, versions
from core.worker import Message, Steps, serve
from ingest.agency import registrations as agency
from wholeday.candidate import copy_release, prepare
from wholeday.dbt import Built, Dbt


def build(settings: Settings, as_of: str | None) -> int:
    """``make build``: build the current run's candidate, or look at an earlier instant.

    A candidate of an earlier instant carries a run id of its own, so that the gate never publishes it.
    """
    if not as_of:
        agency.check(settings)
    with warehouse_lock(settings, "build"):
        run = Run.current(settings)
        if run is None or not settings.landing.exists():
            raise UserError(f"nothing is collected in {settings.warehouse} yet: make collect")
        open_ledger(settings)
        agency.adopt(settings)
        if not as_of:
            agency.keep(settings, run.run_id)
        instant = clock.instant(as_of, "AS_OF") if as_of else clock.now()
        if as_of:
            run = replace(run, run_id=f"as-of-{instant:%Y%m%dT%H%M%SZ}")
        if told := agency.prepare(settings, instant):
            print(f"wholeday: {told}", file=sys.stderr)
        dbt = Dbt(settings, "candidate", settings.dbt_target)
        built = _build_candidate(settings, dbt, run, instant, full=bool(as_of))
        dbt.describe(settings.dbt_docs)
    if built.failed:
        raise UserError(f"the candidate is not sound: {'; '.join(built.failed)}")
    print(f"built {settings.candidate} as of {instant.isoformat()}: {built.nodes} models and tests")
    return 0


def serve_builds(settings: Settings) -> NoReturn:
    """A worker for ``make run``: parse at once, build when the collection is done, then describe.

    ``build`` says as of when to build; ``describe`` says that there is time for what no step waits for.
    """

    def prepare() -> Steps:
        versions()  # once in a process, before anything waits for it
        dbt = Dbt(settings, "candidate", settings.dbt_target)

        def build(as_of: str) -> Message:
            run = Run.current(settings)
            assert run is not None, "the caller has begun a run"
            instant = datetime.fromisoformat(as_of)
            agency.prepare(settings, instant)
            built = _build_candidate(settings, dbt, run, instant)
            return {"failed": built.failed, "nodes": built.nodes}

        def describe() -> Message:
            dbt.describe(settings.dbt_docs)
            return {}

        return {"build": build, "describe": describe}

    serve(prepare)


def judge_release(settings: Settings, instant: datetime) -> Built | None:
    """Build what depends on the clock anew, in a copy of the published release, true for ``instant``.

    Returns None for a release of an earlier wholeday, whose staging lacks what these models read.
    """
    is_own = copy_release(settings, settings.health_check)
    run, built_with = Run.of_release(settings.health_check)
    dbt = Dbt(settings, "clock", settings.health_check.parent / "target")
    built = dbt.build(run, instant, built_with, "--exclude", "tag:ledger")
    return None if built.failed and not is_own else built


def _build_candidate(settings: Settings, dbt: Dbt, run: Run, as_of: datetime, *, full: bool = False) -> Built:
    prepare(settings, as_of, dbt.appended_tables, full=full)
    return dbt.build(run, as_of, fingerprint(settings))
