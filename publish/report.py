"""The step ``report``: the site, the summary a person reads, and the exit status of the run."""

from dataclasses import dataclass
from pathlib import Path

from core import clock, judging
from core.runs import Run
from core.settings import Settings
from publish import health, places, reading, summary
from publish.gate import Verdict
from publish.health import Described
from publish.picture import Check, Picture
from publish.site import environment, history
from publish.site.render import render
from publish.verify import UnverifiedError
from publish.words import counted, spans


@dataclass(frozen=True)
class Outcome:
    """How a run ends: 0 only if it is published and no critical check failed; else one sentence says why."""

    exit_status: int
    sentence: str


def report(settings: Settings, run: Run, verdict: Verdict) -> Outcome:
    """Render the site, print the summary to standard output, and return the exit status with its sentence.

    After a refusal it all describes the refused candidate. The caller prints the sentence to standard
    error.
    """
    file = _described_file(settings, verdict)
    picture = _read(file)
    described = health.of_run(settings, run.started_at, verdict)
    if described.published and picture.run is None:
        described = health.without_release(settings)
    elif described.published and picture.run and picture.run.run_id != run.run_id:
        # The run was published, and a rollback gave readers another release since.
        described = health.of_release(settings, picture.run.run_id, picture.run.started_at)
    checks = health.all_checks(settings, picture, described)
    try:
        _measure(settings)
        render(settings, picture, described, checks, clock.now(), file)
    except OSError as problem:
        where = problem.filename2 or problem.filename or settings.site
        unwritten = (
            f"the site shows an earlier run in its overview and health.json, because {where} could not be"
            f" written ({problem.strerror})"
        )
        return Outcome(1, f"{verdict.reason}; {unwritten}: make report")
    summary.show(settings, picture, described, checks, verdict.notes)
    return outcome(picture, described, checks)


def prepare(settings: Settings) -> None:
    """Do what reporting will need and what does not depend on the run that is under way."""
    environment.compile_templates()
    history.of_checks(settings)


def refresh(settings: Settings) -> None:
    """Render the site for the published release, after a rollback or unpin changed what that is."""
    try:
        picture = reading.read(settings.release)
    except UnverifiedError:
        return
    if picture.run is None:
        return
    described = health.of_release(settings, picture.run.run_id, picture.run.started_at)
    verdict = judging.read(settings)
    if verdict is None or verdict["run_id"] != described.run_id:
        # The last verdict is of another run. If this fails too, the check names the command.
        judging.again(settings, "release")
    checks = health.all_checks(settings, picture, described)
    _measure(settings)
    render(settings, picture, described, checks, clock.now(), settings.release)


def _measure(settings: Settings) -> None:
    # Its library is slow to import, and only this step needs it.
    from core import metrics

    settings.site.mkdir(parents=True, exist_ok=True)
    metrics.write(settings)


def outcome(picture: Picture, described: Described, checks: tuple[Check, ...]) -> Outcome:
    """Judge the run: its exit status, and the sentence that says what to do."""
    if not described.published:
        return Outcome(1, described.reason)
    critical = [check for check in checks if check.is_critical]
    if not critical:
        return Outcome(0, "")
    return Outcome(1, f"run {described.run_id} is published, but {_worst(picture, critical)}")


def _worst(picture: Picture, critical: list[Check]) -> str:
    """Name the newest trouble of a client; where no day is in trouble, the check speaks for itself."""
    if not picture.troubles:
        return f"{critical[0].message}: {critical[0].runbook}"
    worst = max(picture.troubles, key=lambda gap: (gap.last, gap.days))
    more = len(picture.troubles) - 1
    remedy = f"{worst.before or 'heal it with'} `{worst.command}`"
    others = f"; {counted(more, 'more gap')} on the page" if more else ""
    return (
        f"{worst.client_name} ({worst.client_id}) on {worst.platform} is not whole for {spans(worst.spans)}"
        f" ({worst.reason}) and left out of every figure of that time; {remedy}{others}"
    )


def _described_file(settings: Settings, verdict: Verdict) -> Path:
    if verdict.verdict == "published":
        return settings.release
    refused = places.refused(settings)
    return refused if verdict.verdict == "refused" and refused.is_file() else settings.candidate


def _read(path: Path) -> Picture:
    try:
        return reading.read(path)
    except UnverifiedError:
        return reading.NOTHING
