"""``health.json``: what the pipeline knows about itself, in the shape that scripts rely on."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import judging
from core.settings import Settings
from publish import files, ledger, pin, releases
from publish.gate import Verdict
from publish.picture import Check, Picture
from publish.words import counted

# This room does not know the schedule: a day after the last run, the next one is due.
RUN_EVERY = timedelta(hours=24)


@dataclass(frozen=True)
class Described:
    """Which build is described, and what became of it; ``reason`` says why where readers do not have it."""

    run_id: str
    started_at: datetime | None
    published: bool
    reason: str
    release: Check


def of_run(settings: Settings, started_at: datetime, verdict: Verdict) -> Described:
    """Describe the build of a run that the gate has just decided on."""
    status = {"published": "pass", "held": "warn", "refused": "fail"}[verdict.verdict]
    check = _release_check(status, "critical", verdict.verdict, verdict.reason)
    published = verdict.verdict == "published"
    return Described(verdict.run_id, started_at, published, "" if published else verdict.reason, check)


def of_release(settings: Settings, run_id: str, started_at: datetime | None) -> Described:
    """Describe the published release: pinned, overtaken by a run that was refused, or simply the newest."""
    pinned = pin.read(settings)
    refused = [
        verdict
        for later, verdict in ledger.read(settings).verdicts.items()
        if verdict.verdict == "refused" and releases.number(later) > releases.number(run_id)
    ]
    if pinned is not None:
        message = f"release {run_id} stays published since a rollback pinned it: `make unpin`"
        check = _release_check("warn", "high", "pinned", message)
    elif refused:
        check = _release_check("fail", "high", "overtaken", refused[-1].reason)
    else:
        check = _release_check("pass", "critical", "published", f"run {run_id} is published")
    return Described(run_id, started_at, published=True, reason="", release=check)


def without_release(settings: Settings) -> Described:
    """Describe a warehouse in which nothing is published, or nothing that can be read."""
    reason = f"no release can be read at {settings.release}, so no figure can be seen: `make run`"
    return Described(
        "", None, published=False, reason=reason, release=_release_check("fail", "critical", "none", reason)
    )


def all_checks(settings: Settings, picture: Picture, described: Described) -> tuple[Check, ...]:
    """Return the checks of the build, and with them what Great Expectations and the gate say."""
    of_build = (check for check in picture.checks if check.name != described.release.name)
    judged = (*of_build, _expectations(settings, described), described.release)
    order = {"fail": 0, "warn": 1, "pass": 2}
    return tuple(sorted(judged, key=lambda check: (order.get(check.status, 0), bool(check.follows_from))))


def causes(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return the checks that do not pass for a cause of their own."""
    return tuple(check for check in checks if check.status != "pass" and not check.follows_from)


def following(checks: tuple[Check, ...], cause: Check) -> tuple[str, ...]:
    """Return the names of the checks that do not pass because of ``cause``."""
    return tuple(
        check.name for check in checks if check.status != "pass" and cause.name in check.follows_from
    )


def status(checks: tuple[Check, ...]) -> str:
    """Return ``critical`` if a critical check failed, ``warning`` if any did not pass, else ``healthy``."""
    if any(check.is_critical for check in checks):
        return "critical"
    return "healthy" if all(check.status == "pass" for check in checks) else "warning"


def document(
    picture: Picture, described: Described, checks: tuple[Check, ...], now: datetime
) -> dict[str, Any]:
    """Return health.json as a dictionary; its keys are always the same and in the same order."""
    started_at = described.started_at
    return {
        "status": status(checks),
        "score": round(picture.score.score, 1) if picture.score else None,
        "checks": {
            check.name: {
                **{"status": check.status, "severity": check.severity},
                "followsFrom": list(check.follows_from),
                **{key: value for key, value in check.details.items() if key not in ("status", "severity")},
                "message": check.message,
            }
            for check in sorted(checks, key=lambda check: check.name)
        },
        "causes": sorted(check.name for check in causes(checks)),
        "lastCheck": now.isoformat(),
        "lastRun": started_at.isoformat() if started_at else None,
        "nextRun": (started_at + RUN_EVERY).isoformat() if started_at else None,
        "runId": described.run_id,
        "published": described.published,
        "reason": described.reason or None,
        "api": picture.run.api if picture.run else None,
        "day": picture.day.isoformat() if picture.day else None,
    }


def write(settings: Settings, found: dict[str, Any]) -> None:
    """Put health.json into the site in one step."""
    files.write_text(settings.site / "health.json", text(found))


def text(found: dict[str, Any]) -> str:
    """Return the document as health.json has it."""
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _release_check(status: str, severity: str, state: str, message: str) -> Check:
    return Check(
        "release", status, severity, state, "published", message, "docs/runbooks/release.md", {"state": state}
    )


def _expectations(settings: Settings, described: Described) -> Check:
    """Turn validation.json into a check of what no other check and no rule says.

    It is never critical: Great Expectations knows no waivers, and what must stop a person is a check of the
    build already.
    """
    runbook = "docs/runbooks/great_expectations.md"
    found = judging.read(settings)
    if found is None or found["run_id"] != described.run_id:
        return _not_judged(described, runbook)
    evaluated, failures = int(found["statistics"]["evaluated"]), found["failures"]
    own = [failure for failure in failures if not failure.get("follows")]
    told = [
        {key: failure.get(key) for key in _TOLD} for failure in [*own, *(f for f in failures if f not in own)]
    ]
    status, severity = _LEVELS[min((_RANKS.get(failure.get("severity"), 0) for failure in own), default=3)]
    held, following = evaluated - len(failures), len(failures) - len(own)
    causes = sorted({cause for failure in failures for cause in failure.get("follows") or ()})
    message = f"{held} of {evaluated} expectations hold"
    if own:
        message += f"; the data docs show what breaks {counted(len(own), 'other')}"
    if following:
        message += (
            f"; what {counted(following, 'of them says', 'of them say')} follows from {', '.join(causes)}"
        )
    observed, expected = f"{held} hold", f"{evaluated} hold"
    details = {"evaluated": evaluated, "failed": len(own), "following": following, "failures": told[:20]}
    return Check("greatExpectations", status, severity, observed, expected, message, runbook, details)


_TOLD = ("table", "expectation", "description", "severity", "observed", "follows")
# Status and severity of the check, by the worst that has a cause of its own.
_RANKS = {"critical": 0, "warning": 1, "info": 2}
_LEVELS = (("fail", "high"), ("warn", "medium"), ("warn", "low"), ("pass", "high"))


def _not_judged(described: Described, runbook: str) -> Check:
    message = "there is nothing that Great Expectations could have judged"
    if described.run_id:
        file = "release" if described.published else "candidate"
        message = (
            f"Great Expectations' last verdict is not of run {described.run_id}:"
            f" `make validate FILE={file}`, then `make report`"
        )
    refused = described.release.name if described.release.status == "fail" else None
    return Check(
        *("greatExpectations", "warn", "high", "not judged", "all hold", message, runbook, {}),
        follows_from=(refused,) if refused else (),
    )
