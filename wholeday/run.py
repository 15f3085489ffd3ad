"""The whole pipeline in one go: collect, build, validate, publish, report, under one lock and one run."""

import gc
import sys
from typing import TYPE_CHECKING

from alerts import step as alert
from core import clock, judging
from core.lock import warehouse_lock
from core.settings import Settings
from core.worker import Worker
from ingest.agency import registrations as agency
from publish.publish import publish
from publish.report import prepare, report
from publish.swap import reconcile
from publish.wal import clear_stray

if TYPE_CHECKING:
    from ingest.collect.planner import BackfillRequest


def run(settings: Settings, request: "BackfillRequest | None" = None) -> int:
    """Run every step; the exit status is 0 only if a release was published and no critical check failed.

    The agency's files are read before anything else, so that a mistake in them costs nothing.
    """
    gc.disable()  # until the collection, which decides for itself: importing dlt is faster without
    command = "backfill" if request else "run"
    agency.check(settings)
    worker_log = settings.log.with_name("workers.log")
    with warehouse_lock(settings, command):
        with Worker("wholeday", "build", "--wait", log=worker_log) as builder:
            _say(*reconcile(settings))
            # dlt takes a second to import, in which dbt can do so too.
            from ingest.collect.step import begin_and_collect

            begun, collected = begin_and_collect(settings, command, request)
            _say(*collected.told)
            as_of = clock.now().isoformat()
            builder.ask("build", as_of=as_of)
            with Worker("expectations", "--wait", log=worker_log) as judge:
                # What arrived is judged while dbt builds what will be shown of it.
                judge.ask("arrival", run_id=begun.run_id, as_of=as_of, api=begun.api)
                prepare(settings)
                built = builder.result()
                _say(*clear_stray(settings))
                sound, patience = not built.get("failed", True), judging.deadline(settings)
                if sound:
                    # A judge that stops here is missed by the gate, which asks for the verdict.
                    judge.result(patience)
                    judge.ask("candidate")
                    builder.ask("describe")
                    judge.result(patience)
                    judge.ask("docs")
                verdict = publish(settings, begun)
                if sound:
                    # The site takes these pages over.
                    judge.result(patience)
                    builder.result()
        if judging.docs_run(settings) != begun.run_id and judging.problem(settings, begun.run_id) is None:
            # The judge died between its verdict and its pages.
            judging.again(settings, "candidate")
        outcome = report(settings, begun, verdict)
    if outcome.sentence:
        _say(outcome.sentence)
    alert.after_run(settings)
    return outcome.exit_status


def _say(*sentences: str) -> None:
    for sentence in sentences:
        print(f"wholeday: {sentence}", file=sys.stderr)
