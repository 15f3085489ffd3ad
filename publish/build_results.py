"""What dbt says about the build of a run, read from its artifacts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.settings import Settings

_GOOD = frozenset({"success", "pass", "warn", "no-op"})
_KINDS = {"model": "model", "test": "test", "unit_test": "unit test", "seed": "seed", "snapshot": "snapshot"}


def problem(settings: Settings) -> str | None:
    """Return why the current run's build cannot be trusted (half a sentence, after "because"), or None."""
    results = _read(settings.dbt_target / "run_results.json")
    if results is None:
        return (
            f"its build never finished ({settings.dbt_target / 'run_results.json'} is missing or cut short)"
        )
    if _is_older(settings, results):
        return "the last build that finished is older than this run"
    outcomes = results["results"]
    if bad := _first_bad(outcomes):
        return bad
    if not any(str(outcome["unique_id"]).startswith("test.") for outcome in outcomes):
        return "its build ran no test, so nothing proves that the totals are conserved"
    if missing := _unfinished(settings, results):
        return (
            f"its build was interrupted: {len(missing)} models and tests never ran, among them {missing[0]}"
        )
    return None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
        return found if isinstance(found["results"], list) and isinstance(found["metadata"], dict) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_older(settings: Settings, results: dict[str, Any]) -> bool:
    """Whether the results were written before the current run began, so that they are another run's.

    It began when ``run.json`` was written: ``started_at`` can be WHOLEDAY_NOW, and dbt knows only the real
    clock.
    """
    try:
        finished = datetime.fromisoformat(str(results["metadata"]["generated_at"]).replace("Z", "+00:00"))
        begun = datetime.fromtimestamp((settings.warehouse / "run.json").stat().st_mtime, UTC)
    except (KeyError, ValueError, OSError):
        return True
    return finished.replace(tzinfo=UTC) < begun


def _first_bad(outcomes: list[dict[str, Any]]) -> str | None:
    """Name what failed first; what was skipped because of it is only counted."""
    bad = [outcome for outcome in outcomes if outcome["status"] not in _GOOD]
    if not bad:
        return None
    first = next((outcome for outcome in bad if outcome["status"] != "skipped"), bad[0])
    what = f"{name(first['unique_id'])} {_how(first)}"
    others = [outcome for outcome in bad if outcome is not first]
    skipped = sum(outcome["status"] == "skipped" for outcome in others)
    more = [
        f"{len(others) - skipped} more failed" if len(others) > skipped else "",
        f"{skipped} nodes after it were skipped" if skipped else "",
    ]
    told = ", ".join(part for part in more if part)
    return f"{what} ({told})" if told else what


def _how(outcome: dict[str, Any]) -> str:
    if outcome["status"] == "fail" and outcome.get("failures"):
        return f"failed with {outcome['failures']} rows"
    lines = [line.strip() for line in str(outcome.get("message") or "").splitlines() if line.strip()]
    verb = {"error": "could not be built", "skipped": "was skipped"}.get(outcome["status"], "failed")
    return f"{verb}: {' '.join(lines[:3])[:300]}" if lines else verb


def name(unique_id: str) -> str:
    """Say ``test.wholeday.conserved_days.1a2b3c`` as a person would: ``test conserved_days``."""
    parts = unique_id.split(".")
    return f"{_KINDS.get(parts[0], parts[0])} {parts[2] if len(parts) > 2 else unique_id}"


def _unfinished(settings: Settings, results: dict[str, Any]) -> list[str]:
    """List the models and data tests that the project has and an interrupted build did not come to.

    When interrupted, dbt writes the results it has and leaves the others out. A build that was narrowed on
    purpose says so in its arguments; then only the tables that a release needs tell whether enough was
    built.
    """
    arguments = results.get("args") or {}
    if any(arguments.get(narrowed) for narrowed in ("select", "exclude", "selector")):
        return []
    try:
        nodes = json.loads((settings.dbt_target / "manifest.json").read_bytes())["nodes"]
        wanted = [
            unique_id
            for unique_id, node in nodes.items()
            if node["resource_type"] in ("model", "test")
            and node["config"].get("enabled", True)
            and node["config"].get("materialized") != "ephemeral"
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    done = {outcome["unique_id"] for outcome in results["results"]}
    return sorted(name(unique_id) for unique_id in wanted if unique_id not in done)
