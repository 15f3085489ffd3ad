"""The whole pipeline in one go: collect, build, validate, publish, report, under one lock and one run."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest import agency
from ingest.collect import BackfillRequest, collect
from publish.publish import publish
from publish.report import report
from publish.swap import reconcile
from sandbox.process import SandboxProcess

from ingest.registry import PLATFORMS
from ingest.sources import api_mode, configured
from wholeday import clock, log
from wholeday.candidate import versions
from wholeday.lock import warehouse_lock
from wholeday.runs import Run
from wholeday.settings import Settings
from wholeday.worker import Worker


def run(settings: Settings, request: BackfillRequest | None = None) -> int:
    """Run every step; the exit status is 0 only if a release was published and no critical check failed."""
    command = "backfill" if request else "run"
    agency.load(settings)
    with warehouse_lock(settings, command):
        _say(reconcile(settings))
        with Worker("wholeday", "build", "--wait", log=_worker_log(settings)) as builder:
            begun = _collect(settings, command, request)
            builder.go({"as_of": clock.now().isoformat()})
            with Worker("expectations", "--wait", log=_worker_log(settings)) as judge:
                built = builder.result()
                if not built.get("failed", True):
                    judge.go("go")
                    judge.result()
        outcome = report(settings, begun, publish(settings, begun))
    if outcome.sentence:
        _say([outcome.sentence])
    return outcome.exit_status


def collect_only(settings: Settings) -> int:
    """``make collect``: the first step of a run that ``make build`` continues."""
    agency.load(settings)
    with warehouse_lock(settings, "collect"):
        _collect(settings, "collect", None)
    return 0


def _collect(settings: Settings, command: str, request: BackfillRequest | None) -> Run:
    api = api_mode()
    with _platforms(settings, api):
        begun = Run.begin(settings, command, api, versions())
        log.configure(settings, run_id=begun.run_id)
        collect(settings, begun, request=request, progress=sys.stderr.isatty())
    return begun


@contextmanager
def _platforms(settings: Settings, api: str) -> Iterator[None]:
    """Start the sandbox for the time of a collection if it is wanted and nobody named another server."""
    if api == "live" or any(map(configured, PLATFORMS.values())):
        yield
        return
    with SandboxProcess(agency=settings.agency) as sandbox:
        os.environ |= sandbox.env
        yield


def _worker_log(settings: Settings) -> Path:
    return settings.log.with_name("workers.log")


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        print(f"wholeday: {sentence}", file=sys.stderr)
