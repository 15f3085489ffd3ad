"""What the gate and the site read: ``validation.json``."""

import json
from typing import Any

from expectations.outcome import Outcome
from wholeday.settings import Settings


def content(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as plain JSON types; ``failures`` come table by table, the most severe first."""
    failures = [
        {
            "suite": table.suite,
            "table": table.suite,
            "title": table.title,
            "expectation": broken.kind,
            "description": broken.description,
            "severity": broken.severity,
            "observed": broken.observed,
            "unexpected_count": broken.found,
            "rows": broken.rows[:5],
            "page": table.page,
        }
        for table in outcome.broken
        for broken in table.broken
    ]
    return {
        "run_id": outcome.run.run_id,
        "as_of": outcome.run.as_of.isoformat(),
        "success": not failures,
        "statistics": {"evaluated": outcome.evaluated, "failed": outcome.failed},
        "failures": failures,
    }


def write(settings: Settings, outcome: Outcome) -> None:
    """Write ``settings.validation`` in one step: a reader sees the old one or the new one."""
    building = settings.validation.with_suffix(".tmp")
    building.write_text(json.dumps(content(outcome), indent=2, ensure_ascii=False), encoding="utf-8")
    building.replace(settings.validation)
