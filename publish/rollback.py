"""Going back to an earlier release, and staying there until someone says otherwise."""

from core import clock
from core.errors import UserError
from core.settings import Settings
from publish import ledger, pin, places, releases, verify, wal
from publish.pin import Pin
from publish.shown import ledger as shown
from publish.shown.release import Publication
from publish.swap import SwapError, reconcile, swap


def rollback(settings: Settings, to: str | None) -> str:
    """Publish the kept release ``to`` (default: the one before the published), pin it, and say so.

    Needs the warehouse lock. Raises ``UserError`` for a release that is not kept or does not verify;
    readers then keep theirs.
    """
    reconcile(settings)
    current = releases.published(settings)
    target = _target(settings, current.run_id if current else None, to)
    source = places.kept(settings, target)
    wal.clear_stray(settings)
    try:
        verify.scan(source)
    except verify.UnverifiedError as problem:
        raise UserError(
            f"release {target} cannot be published again, because {problem}; readers keep what they have"
        ) from None
    before = pin.read(settings)
    at = clock.now()
    new = Pin(target, current.run_id if current else "no release", at)
    # The pin comes first: after a crash in between, the next command brings the published file in line with
    # it.
    pin.write(settings, new)
    try:
        is_known = not shown.keep(settings)
        swap(settings, source, target, Publication(target, at, "rollback") if is_known else None)
    except SwapError as problem:
        pin.write(settings, before) if before else pin.remove(settings)
        raise UserError(
            f"release {target} was not published again, because {problem}; readers keep what they have"
        ) from None
    untold = shown.keep(settings)
    unrecorded = ledger.record(settings, target, "published", at, f"{new.reason}: rolled back by hand")
    told = f"{new.reason}: later runs collect and build, and publish again after `make unpin`"
    return "; ".join([told, *untold, *([unrecorded] if unrecorded else [])])


def unpin(settings: Settings) -> str:
    """Let later runs publish again; return what happened. Needs the warehouse lock."""
    reconcile(settings)
    pinned = pin.read(settings)
    if pinned is None:
        return "nothing was pinned: runs publish as usual"
    pin.remove(settings)
    return f"release {pinned.run_id} is no longer pinned: readers keep it until the next `make run` publishes"


def _target(settings: Settings, current: str | None, to: str | None) -> str:
    kept = releases.kept(settings)
    known = f"kept are {', '.join(kept)}" if kept else "no release is kept yet: `make run` makes one"
    if to is not None:
        if to not in kept:
            raise UserError(f"there is no kept release of run {to!r}; {known}")
        return to
    earlier = [
        run_id for run_id in kept if current is None or releases.number(run_id) < releases.number(current)
    ]
    if not earlier:
        raise UserError(f"there is no release before {current or 'the first'} to go back to; {known}")
    return earlier[-1]
