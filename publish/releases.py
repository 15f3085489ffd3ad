"""The releases that are kept: which there are, which one readers have, and which may go."""

from core.settings import Settings
from publish import pin, places, verify

KEPT = 10


def number(run_id: str) -> int:
    """Return the number a run id ends in: it grows from run to run, whatever the clock says."""
    digits = run_id.rpartition("-")[2]
    return int(digits) if digits.isdigit() else -1


def kept(settings: Settings) -> list[str]:
    """List the run ids of the kept releases, oldest first."""
    return sorted(
        (path.stem for path in settings.releases.glob("[!.]*.duckdb")), key=lambda run: (number(run), run)
    )


def published(settings: Settings) -> verify.Identity | None:
    """Return the run of the published release; None if there is none, or none that can be read."""
    try:
        return verify.identity(settings.release)
    except verify.UnverifiedError:
        return None


def prune(settings: Settings, published_run: str) -> list[str]:
    """Delete all but the newest ten releases, never the published or pinned one; tell what could not go."""
    pinned = pin.read(settings)
    spared = {published_run, pinned.run_id if pinned else ""}
    problems = []
    for run_id in kept(settings)[:-KEPT]:
        if run_id in spared:
            continue
        try:
            places.kept(settings, run_id).unlink()
        except OSError as problem:
            problems.append(f"the old release {run_id} could not be deleted ({problem.strerror})")
    return problems
